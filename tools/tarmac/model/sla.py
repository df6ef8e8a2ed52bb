"""SLA: a promise over SLOs, with what follows when it is missed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tarmac.model.base import DurationText, Many, Model, PercentText, RefTo, Shape, Some, Text
from tarmac.model.entity_meta import TarmacKind
from tarmac.model.slo import TimeZone

Availability = Annotated[
    str,
    Shape(
        "a promised percentage",
        'a number from 0 to 100 in quotes: "99.9"',
        pattern=r"^(?:(?:0|[1-9][0-9]?)(?:\.[0-9]{1,6})?|100(?:\.0{1,6})?)$",
        examples=("99.9",),
    ),
]
Change = Literal["feature", "resource-request", "security", "reliability", "rollback"]


class CalendarSpan(Model):
    """A stretch of the calendar."""

    calendar: Literal["hour", "day", "week", "month", "quarter"]
    """How long it is."""
    time_zone: TimeZone | None = None
    """Whose calendar; UTC if left out."""


class RollingSpan(Model):
    """The time up to now."""

    rolling: DurationText
    """How long it is."""


class Credit(Model):
    """What is given back."""

    below: Availability
    """When less than this was reached."""
    percent: Annotated[float, Field(gt=0, le=100)]
    """So many percent of the price."""


class Commitment(Model):
    """One promise."""

    slo: Annotated[str, RefTo("slo", ("slo",))]
    """The SLO that it is measured by."""
    target: Availability
    """What is promised, in percent and in quotes."""
    credits: Many[Credit] | None = None
    """What is given back when it is missed."""


class BudgetBelow(Model):
    """What happens when little error budget is left."""

    remaining: PercentText
    """When this much or less is left."""
    action: Literal["warn", "needs-approval", "block"]
    """What happens to changes of the service."""
    changes: Many[Change] | None = None
    """To which changes; all if left out."""
    allow: Many[Change] | None = None
    """Which changes go on."""


class Consequence(Model):
    """What follows."""

    text: Text
    """In words."""
    budget_below: Many[BudgetBelow] | None = None
    """What happens when little error budget is left."""
    no_data: Literal["allow", "warn", "needs-approval", "block"] | None = None
    """What happens when nothing is known."""


class SlaSpec(Model):
    """Who promises what to whom."""

    service: Annotated[str, RefTo("component", ("component", "system"))]
    """The service that the promise is about."""
    customer: Annotated[str, RefTo("group", ("group", "user"))]
    """Who was promised."""
    window: CalendarSpan | RollingSpan
    """Over which time."""
    commitments: Some[Commitment]
    """The promises."""
    consequence: Consequence | None = None
    """What follows when they are missed."""


class Sla(TarmacKind):
    """A promise over SLOs, with what follows when it is missed."""

    api_version: Literal["tarmac/v1"]
    kind: Literal["SLA"]
    spec: SlaSpec
    """Who promises what to whom."""
