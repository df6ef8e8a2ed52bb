"""SLO: what a service is held to, as OpenSLO writes it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from tarmac.model.base import Many, Model, RefTo, Shape, Some, Text, exactly_one
from tarmac.model.openslo import (
    Description,
    DisplayName,
    InlineIndicator,
    OpenSloKind,
    Operator,
    PolicySpec,
    SloMeta,
    WindowText,
)

TimeZone = Annotated[
    str,
    Shape(
        "a time zone",
        "its IANA name, such as Europe/Berlin",
        pattern="^[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}$",
        max_length=64,
        examples=("Europe/Berlin",),
    ),
]
_EITHER_INDICATOR = exactly_one("indicator", "indicatorRef")


class Calendar(Model):
    """Where a calendar window begins."""

    start_time: Annotated[
        str,
        Shape(
            "a start time",
            'date and time in quotes: "2026-01-01 00:00:00"',
            pattern="^[12][0-9]{3}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}$",
        ),
    ]
    """Date and time of the first window, in the time zone below."""
    time_zone: TimeZone
    """The IANA name of the time zone."""


class RollingWindow(Model):
    """The time up to now."""

    duration: WindowText
    """How long it is."""
    is_rolling: Literal[True]
    """It moves with the time."""


class CalendarWindow(Model):
    """A stretch of the calendar."""

    duration: WindowText
    """How long it is."""
    is_rolling: Literal[False]
    """It begins and ends by the calendar."""
    calendar: Calendar
    """Where it begins."""


class Objective(Model):
    """One promise over the indicator."""

    model_config = ConfigDict(json_schema_extra=exactly_one("target", "targetPercent"))

    display_name: DisplayName | None = None
    """What it says, in a few words."""
    op: Operator | None = None
    """For a threshold metric: how the value is held against the limit."""
    value: float | None = None
    """For a threshold metric: the limit."""
    target: Annotated[float | None, Field(ge=0, lt=1)] = None
    """The share that must be good: 0.995."""
    target_percent: Annotated[float | None, Field(ge=0, lt=100)] = None
    """The same in percent: 99.5."""
    time_slice_target: Annotated[float | None, Field(gt=0, le=1)] = None
    """With Timeslices: the share of good events that makes a slice good."""
    time_slice_window: WindowText | None = None
    """With Timeslices: how long a slice is."""
    indicator: InlineIndicator | None = None
    """In a composite SLO: what this objective measures."""
    indicator_ref: Annotated[str, RefTo("sli", ("sli",))] | None = None
    """In a composite SLO: the SLI that this objective uses."""
    composite_weight: Annotated[float | None, Field(gt=0)] = None
    """In a composite SLO: how much this objective counts."""


class AlertPolicyByName(Model):
    """An alert policy with a document of its own."""

    alert_policy_ref: Annotated[str, RefTo("alertpolicy", ("alertpolicy",))]
    """Its name."""


class InlineAlertPolicy(Model):
    """An alert policy that is used here only."""

    kind: Literal["AlertPolicy"]
    """Says that the policy stands here."""
    metadata: SloMeta
    """Who it is."""
    spec: PolicySpec
    """When to alert whom."""


class SloSpec(Model):
    """What is promised."""

    # The indicator stands once for all objectives or, in a composite SLO, once with each.
    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                *_EITHER_INDICATOR["oneOf"],
                {
                    "properties": {"objectives": {"items": _EITHER_INDICATOR}},
                    "not": {"anyOf": _EITHER_INDICATOR["oneOf"]},
                },
            ]
        }
    )

    description: Description | None = None
    """Why this number, in a sentence or two."""
    service: Text
    """The service that is measured: the name of a component."""
    indicator: InlineIndicator | None = None
    """What is measured."""
    indicator_ref: Annotated[str, RefTo("sli", ("sli",))] | None = None
    """The SLI that is used."""
    time_window: Annotated[tuple[RollingWindow | CalendarWindow, ...], Field(min_length=1, max_length=1, strict=False)]
    """Over which time it holds: exactly one window."""
    budgeting_method: Literal["Occurrences", "Timeslices", "RatioTimeslices"]
    """Whether events are counted, or slices of time."""
    objectives: Some[Objective]
    """What is promised."""
    alert_policies: (
        Many[Annotated[str, RefTo("alertpolicy", ("alertpolicy",))] | AlertPolicyByName | InlineAlertPolicy] | None
    ) = None
    """Who is told when."""


class Slo(OpenSloKind):
    """A service level objective: what share of events must be good, over which time."""

    kind: Literal["SLO"]
    spec: SloSpec
    """What is promised."""
