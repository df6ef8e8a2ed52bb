"""AlertCondition: what must be true for an alert, as OpenSLO writes it."""

from __future__ import annotations

from typing import Literal

from tarmac.model.openslo import ConditionSpec, OpenSloKind


class AlertCondition(OpenSloKind):
    """What must be true for an alert."""

    kind: Literal["AlertCondition"]
    spec: ConditionSpec
    """When to alert."""
