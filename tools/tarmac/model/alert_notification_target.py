"""AlertNotificationTarget: where alerts go, as OpenSLO writes it."""

from __future__ import annotations

from typing import Literal

from tarmac.model.openslo import OpenSloKind, TargetSpec


class AlertNotificationTarget(OpenSloKind):
    """Where alerts go."""

    kind: Literal["AlertNotificationTarget"]
    spec: TargetSpec
    """Where an alert goes."""
