"""plan, the part about money: what is not there yet is not made while its team's budget blocks."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from tarmac.catalog.index import Catalog
from tarmac.catalog.requests import Request, requests
from tarmac.cost.budget import budget_of, status
from tarmac.cost.estimate import Estimator
from tarmac.cost.rates import rates
from tarmac.model.expressions import Expressions
from tarmac.model.facts import BudgetStatus
from tarmac.model.frozen import replace
from tarmac.model.ledger import RequestState
from tarmac.model.plan import Desired, Inventory, whole_of
from tarmac.model.refs import Ref
from tarmac.model.values import Money
from tarmac.planning.expired import expired


def within_budget(
    catalog: Catalog,
    wishes: Sequence[Desired],
    states: Collection[RequestState],
    inventories: Iterable[Inventory],
    platform: str,
    expressions: Expressions,
    now: datetime,
) -> tuple[Desired, ...]:
    """The wishes, held where a budget blocks what is not there yet.

    What lives is never asked about, and what has had its time costs nothing. Of what is new, in order of reference,
    each is made whose cost keeps the team's budget below every threshold that blocks.
    """
    new = _not_there(wishes, states, inventories, platform)
    held = _over_budget(catalog, new, expired(wishes, states, platform, now), expressions, now) if new else {}
    return tuple(
        replace(want, hold=held[whole]) if want.hold is None and (whole := whole_of(want.request)) in held else want
        for want in wishes
    )


def _over_budget(
    catalog: Catalog, new: Container[str], over: Container[str], expressions: Expressions, now: datetime
) -> Mapping[str, str]:
    """Why requests of `new` are not made, by full reference."""
    coming: dict[Ref, list[Request]] = {}
    living: dict[Ref, list[Request]] = {}
    for request in requests(catalog):
        name = str(request.ref)
        if request.owner is not None and name not in over:
            (coming if name in new else living).setdefault(request.owner, []).append(request)
    estimator = Estimator(rates(catalog), expressions)
    held: dict[str, str] = {}
    for team, asked in coming.items():
        budget = budget_of(catalog, team)
        if budget is None:
            continue
        counted = [estimator.estimate(request, now) for request in living.get(team, ())]
        for request in sorted(asked, key=lambda one: one.ref):
            counted.append(estimator.estimate(request, now))
            judged = status(budget, team, counted, now)
            if judged.reached("block") and counted[-1].monthly.amount > 0:
                held[str(request.ref)] = _why(team, judged)
                counted.pop()
    return held


def _not_there(
    wishes: Iterable[Desired], states: Iterable[RequestState], inventories: Iterable[Inventory], platform: str
) -> frozenset[str]:
    """The requests of which nothing lives, under no name that they had."""
    there = {whole_of(state.subject.request) for state in states if not state.phase.ended}
    there |= {
        whole_of(one.tags.reference)
        for inventory in inventories
        for one in inventory.instances
        if one.tags is not None and one.tags.platform == platform
    }
    found: set[str] = set()
    known: set[str] = set()
    for want in wishes:
        names = {whole_of(name) for name in (want.request, *want.previously)}
        (found if names.isdisjoint(there) else known).add(whole_of(want.request))
    return frozenset(found - known)


def _why(team: Ref, judged: BudgetStatus) -> str:
    at = judged.reached("block")[0].at
    amounts = f"{Money(judged.committed, judged.currency)} of {Money(judged.limit or Decimal(0), judged.currency)}"
    known = "" if judged.complete else "at least "
    return (
        f"the budget of {team} would come to {known}{amounts} a {judged.period}, and blocks at {at}: "
        "ask for a larger one, or let something go"
    )
