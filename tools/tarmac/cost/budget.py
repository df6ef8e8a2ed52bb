"""What a team's budget says at an instant: the limit, what is committed against it, the thresholds reached.

Source of the rules: the formats page (Budget) and the semantics of the shared cost vectors (`projection`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.facts import BudgetFacts, BudgetStatus, Estimate, Threshold, total
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, text, texts
from tarmac.model.refs import Ref
from tarmac.model.values import EXACT, BadValue, end_of_day, parse_amount, parse_day, parse_percent

_MONTHS = {"quarter": 3, "year": 12}
_DAY = timedelta(days=1)


class Period(Frozen):
    """A calendar period in UTC, half open: `starts` is in it, `ends` is not. `months` is its length."""

    name: str
    starts: datetime
    ends: datetime
    months: int


class Billing(Frozen):
    """What billing data says of one team and period, in the budget's currency."""

    actual: Decimal
    forecast: Decimal


def period_at(name: str, at: datetime) -> Period:
    """The month, quarter or year (anything else counts as a month) that holds the instant."""
    months = _MONTHS.get(name, 1)
    at = at.astimezone(UTC)
    first = (at.month - 1) // months * months + 1
    starts = datetime(at.year, first, 1, tzinfo=UTC)
    year, month = divmod(starts.year * 12 + starts.month - 1 + months, 12)
    # The calendar ends with the year 9999: its last period ends with its last moment.
    ends = datetime(year, month + 1, 1, tzinfo=UTC) if year <= 9999 else datetime.max.replace(tzinfo=UTC)
    return Period(name if name in _MONTHS else "month", starts, ends, months)


def project(forecast: Decimal, added_monthly: Decimal, at: datetime, period: Period) -> Fraction:
    """What the period will have cost: forecast + added x remaining days / days in the period, exact.

    `added_monthly` is what a month costs of all that is approved and not yet live, and of what is asked for now; for
    a longer period it counts once a month. The day of `at` is a remaining one.
    """
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    days = (period.ends - period.starts) // _DAY
    remaining = max(0, min(days, (period.ends - day) // _DAY))
    return Fraction(forecast) + Fraction(added_monthly) * period.months * remaining / days


def limit_at(budget: Entity, at: datetime) -> tuple[Decimal | None, Decimal]:
    """(limit with exceptions, what the exceptions add) in force at the instant; the limit is None before the first
    amount begins. An exception holds from its first day, where it names one, until the end of its last."""
    amounts = []
    for entry in budget.items("spec", "amounts"):
        start, amount = _start(text(entry, "from")), _amount(text(entry, "limit"))
        if start is not None and amount is not None and start <= at:
            amounts.append((start, amount))
    extra = total(found for entry in budget.items("spec", "exceptions") if (found := _extra(entry, at)) is not None)
    if not amounts:
        return None, extra
    return EXACT.add(max(amounts, key=lambda entry: entry[0])[1], extra), extra


def reaches(share: Fraction, limit: Decimal, value: Fraction) -> bool:
    """Whether `value` is at or above `share` of the limit: equality reaches, and nothing is divided, so that a limit
    of 0 needs no special case."""
    return share * Fraction(limit) <= value


def budget_of(catalog: CatalogView, team: Ref) -> Entity | None:
    """The team's budget, the first by path where somebody wrote two."""
    found = (one.source for one in catalog.references_to(team, "budget") if one.field.path == ("spec", "team"))
    return next(found, None)


def status(
    budget: Entity,
    team: Ref,
    estimates: Iterable[Estimate],
    at: datetime,
    billing: Billing | None = None,
    added_monthly: Decimal = Decimal(0),
) -> BudgetStatus:
    """The budget at the instant, given the estimates of all the team's requests.

    With billing data, `projected` is `project` of the forecast and of `added_monthly`, what is approved or asked for
    and not yet live. Without, it is what the requests are estimated to cost over the whole period, and thresholds of
    `actual` and `forecast` are unknown. An estimate in another currency makes the sum incomplete.
    """
    currency = budget.text("spec", "currency") or ""
    period = period_at(budget.text("spec", "period") or "month", at)
    counted = tuple(estimates)
    same = [found for found in counted if found.currency == currency]
    monthly = total(found.monthly.amount for found in same)
    committed = EXACT.multiply(monthly, Decimal(period.months))
    complete = len(same) == len(counted) and all(found.complete for found in same)
    limit, extra = limit_at(budget, at)
    projected = Fraction(committed) if billing is None else project(billing.forecast, added_monthly, at, period)
    values = {
        "actual": None if billing is None else Fraction(billing.actual),
        "forecast": None if billing is None else Fraction(billing.forecast),
        "projected": projected,
    }
    return BudgetStatus(
        budget=budget.ref,
        team=team,
        currency=currency,
        period=period.name,
        starts=period.starts,
        ends=period.ends,
        limit=limit,
        extra=extra,
        committed=committed,
        complete=complete,
        actual=None if billing is None else billing.actual,
        forecast=None if billing is None else billing.forecast,
        projected=projected,
        estimated=billing is None,
        thresholds=tuple(_thresholds(budget, limit, values, complete)),
    )


def verdict(after: BudgetStatus | None, increases: bool, complete: bool) -> BudgetFacts:
    """What the budget says to a change that leads to `after`.

    It speaks only to a change that costs more (`increases`) or may (`complete` is False: some of the change's own
    cost is not known). What is not known is never below a threshold, so such a change meets every threshold that
    asks for approval; it is blocked only by what is known.
    """
    if after is None or after.limit is None:
        return BudgetFacts(exists=False)
    if not increases and complete:
        return BudgetFacts(exists=True)
    approvers: dict[str, None] = {}
    for threshold in after.thresholds:
        hidden = threshold.reached is None and threshold.of == "projected" and not complete
        if threshold.do == "require-approval" and (threshold.reached is True or hidden):
            approvers.update(dict.fromkeys(threshold.parties))
    return BudgetFacts(exists=True, blocked=bool(after.reached("block")), approvers=tuple(approvers))


def _thresholds(
    budget: Entity, limit: Decimal | None, values: dict[str, Fraction | None], complete: bool
) -> Iterable[Threshold]:
    for entry in budget.items("spec", "thresholds"):
        at, of, action = text(entry, "at") or "", text(entry, "of") or "", text(entry, "do") or ""
        try:
            share = parse_percent(at)
        except BadValue:
            continue
        value = values.get(of)
        reached: bool | None = None
        if limit is not None and value is not None:
            reached = reaches(share, limit, value)
            if not reached and of == "projected" and not complete:
                reached = None
        parties = texts(entry, "from") if action == "require-approval" else texts(entry, "to")
        yield Threshold(at, share, of, action, parties, reached)


def _extra(entry: JsonValue, at: datetime) -> Decimal | None:
    until, amount = text(entry, "until"), _amount(text(entry, "extra"))
    since = _start(text(entry, "from"))
    if until is None or amount is None or (since is not None and at < since):
        return None
    try:
        return amount if at < end_of_day(parse_day(until)) else None
    except BadValue:
        return None


def _start(stated: str | None) -> datetime | None:
    try:
        day = None if stated is None else parse_day(stated)
    except BadValue:
        return None
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=UTC)


def _amount(stated: str | None) -> Decimal | None:
    try:
        return None if stated is None else parse_amount(stated)
    except BadValue:
        return None
