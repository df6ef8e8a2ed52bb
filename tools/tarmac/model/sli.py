"""SLI: an indicator that several SLOs share, as OpenSLO writes it."""

from __future__ import annotations

from typing import Literal

from tarmac.model.openslo import IndicatorSpec, OpenSloKind


class Sli(OpenSloKind):
    """A service level indicator: what is measured, and where."""

    kind: Literal["SLI"]
    spec: IndicatorSpec
    """What is measured."""
