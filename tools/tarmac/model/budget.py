"""Budget: what a team may spend, and what happens on the way there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tarmac.model.base import AmountText, Count, Currency, DayText, Many, Model, PercentText, RefTo, Some, Text
from tarmac.model.entity_meta import TarmacKind

Recipient = Annotated[str, RefTo("group", ("group", "user"), words=("owner", "lead", "on-call"))]
Approver = Annotated[str, RefTo("group", ("group", "user"))]
Figure = Literal["actual", "forecast", "projected"]


class Amount(Model):
    """How much, from a day on."""

    from_: Annotated[DayText, Field(alias="from")]
    """The first day on which it holds."""
    limit: AmountText
    """The limit of one period, in quotes."""


class _Threshold(Model):
    at: PercentText
    """The share of the limit; reached at equality."""
    of: Figure
    """What is held against it: actual, forecast, or projected (forecast, what is approved, and this change)."""


class NotifyThreshold(_Threshold):
    """People are told."""

    do: Literal["notify"]
    """notify tells, require-approval asks, block refuses."""
    to: Some[Recipient]
    """Whom to tell: owner, lead, on-call, groups, users."""


class ApprovalThreshold(_Threshold):
    """People are asked."""

    do: Literal["require-approval"]
    """notify tells, require-approval asks, block refuses."""
    from_: Annotated[Some[Approver], Field(alias="from")]
    """Whose approval it takes."""


class BlockThreshold(_Threshold):
    """Changes that cost more are refused."""

    do: Literal["block"]
    """notify tells, require-approval asks, block refuses."""


class BudgetException(Model):
    """More, for a while."""

    from_: Annotated[DayText | None, Field(alias="from")] = None
    """The first day; at once if left out."""
    until: DayText
    """The last day."""
    extra: AmountText
    """How much more a period, in quotes."""
    reason: Text
    """Why."""


class Quota(Model):
    """How many, beside how much."""

    requests: Count
    """How many resource requests the team may have."""


class BudgetSpec(Model):
    """What the team may spend."""

    team: Annotated[str, RefTo("group", ("group",))]
    """Whose budget it is."""
    currency: Currency
    """The currency of its amounts."""
    period: Literal["month", "quarter", "year"]
    """What a limit is for; UTC."""
    basis: Literal["effective", "billed"] | None = None
    """FOCUS EffectiveCost (the default) or BilledCost."""
    amounts: Some[Amount]
    """The limits, each from a day on."""
    thresholds: Many[NotifyThreshold | ApprovalThreshold | BlockThreshold] | None = None
    """What happens on the way to the limit and beyond it."""
    exceptions: Many[BudgetException] | None = None
    """More, for a while."""
    quota: Quota | None = None
    """How many, beside how much."""


class Budget(TarmacKind):
    """What a team may spend, and what happens on the way there."""

    api_version: Literal["tarmac/v1"]
    kind: Literal["Budget"]
    spec: BudgetSpec
    """What the team may spend."""
