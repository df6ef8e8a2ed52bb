"""AlertPolicy: when to alert whom, as OpenSLO writes it."""

from __future__ import annotations

from typing import Literal

from tarmac.model.openslo import OpenSloKind, PolicySpec


class AlertPolicy(OpenSloKind):
    """When to alert whom."""

    kind: Literal["AlertPolicy"]
    spec: PolicySpec
    """When to alert whom."""
