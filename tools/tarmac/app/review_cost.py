"""review, the part about money: what the touched requests cost, and what the teams' budgets say."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from tarmac.catalog.changes import CatalogChange
from tarmac.catalog.differing import same
from tarmac.catalog.facts import ahead_of_owners
from tarmac.catalog.requests import Request, is_composed, resolve, type_of
from tarmac.catalog.tags import effective, normalizations
from tarmac.catalog.view import ReviewView
from tarmac.cost.budget import budget_of, status, verdict
from tarmac.cost.estimate import Estimator
from tarmac.cost.rates import rates
from tarmac.model.documents import Entity
from tarmac.model.expressions import Expressions
from tarmac.model.facts import BudgetStatus, Estimate, LineItem, total
from tarmac.model.findings import Finding
from tarmac.model.frozen import Frozen, field, replace
from tarmac.model.refs import Ref
from tarmac.model.shown import visible
from tarmac.model.values import EXACT, Money
from tarmac.reports.review import UNREADABLE, RequestReview, TeamReview


class Pricer(Frozen):
    """Estimates by the base's types and prices, or by the merged tree's where those are higher or the base has none:
    a change can neither make itself cheaper nor hide behind a type that it brings along.

    `ended` are the references of requests that have had their time, in the base and in the merged tree: they cost
    nothing. `unread` are the paths of files of the merged tree that cannot be read for sure.
    """

    base: ReviewView
    merged: ReviewView
    by_base: Estimator
    by_merged: Estimator
    now: datetime
    ended: tuple[Container[str], Container[str]] = ((), ())
    unread: Container[str] = ()
    # What was told, by the identity of an entity, which is kept beside it, so that nothing else can get its id.
    _told: dict[int, tuple[Entity, Estimate]] = field(default_factory=dict)
    # By the type that requests name: whether both trees have the same one.
    _alike: dict[str, bool] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        base: ReviewView,
        merged: ReviewView,
        expressions: Expressions,
        now: datetime,
        ended: tuple[Container[str], Container[str]] = ((), ()),
        unread: Container[str] = (),
    ) -> Pricer:
        before, after = rates(base), rates(merged)
        by_base = Estimator(before, expressions)
        # At the same prices both say the same of a request whose type is the same.
        by_merged = by_base if before == after else Estimator(after, expressions)
        return cls(base, merged, by_base, by_merged, now, ended, unread)

    def before(self, entity: Entity) -> Estimate:
        """What the base's request costs a month."""
        return self._unless(self.ended[0], entity)

    def after(self, entity: Entity) -> Estimate:
        """What the merged tree's request will cost a month."""
        return self._unless(self.ended[1], entity)

    def estimate(self, entity: Entity) -> Estimate:
        """What the request costs a month."""
        known = self._told.get(id(entity))
        if known is None:
            known = self._told[id(entity)] = (entity, self._estimate(entity))
        return known[1]

    def _estimate(self, entity: Entity) -> Estimate:
        first = self._by(self.by_base, self.base, entity)
        if first.unpriced is None and (self.base is self.merged or self._same_for(entity)):
            return first
        second = self._by(self.by_merged, self.merged, entity)
        if second.currency != first.currency:
            # There is no dated rate between the two, so what the base says stays, unknown or not.
            return first
        if first.unpriced is not None:
            return second
        higher = second.monthly.amount > first.monthly.amount
        return second if higher or (first.complete and not second.complete) else first

    def request(self, entity: Entity) -> Request:
        """The request with its type as the base has it, or the merged tree where it is new."""
        found = resolve(self.base, entity)
        return found if found.version is not None else resolve(self.merged, entity)

    def _same_for(self, entity: Entity) -> bool:
        """Whether the merged tree has the same prices and the same type for a request as the base."""
        if self.by_base is not self.by_merged:
            return False
        name = (entity.text("spec", "type") or "").partition("@")[0]
        if name not in self._alike:
            self._alike[name] = _alike(type_of(self.base, entity), type_of(self.merged, entity))
        return self._alike[name]

    def _unless(self, ended: Container[str], entity: Entity) -> Estimate:
        return Estimate(entity.ref, self.by_base.currency, ()) if str(entity.ref) in ended else self.estimate(entity)

    def _by(self, estimator: Estimator, catalog: ReviewView, entity: Entity) -> Estimate:
        return estimator.estimate(resolve(catalog, entity), self.now)


def _alike(one: Entity | None, other: Entity | None) -> bool:
    """Whether two types are the same, and none of others that may have changed."""
    if one is None or other is None or is_composed(one):
        return False
    return one.data is other.data or same(one.data, other.data)


def unread_in(findings: Iterable[Finding]) -> frozenset[str]:
    """The paths of files that cannot be read for sure, as what is said of documents' form has it."""
    return frozenset(found.place.path for found in findings if found.entity is None)


def touched(change: CatalogChange, merged: ReviewView, pricer: Pricer) -> tuple[RequestReview, ...]:
    """Every request that the change touches, in order of reference."""
    found = [
        *(_one("add", entity, None, entity, pricer) for entity in change.added if _is_request(entity)),
        *(_gone(entity, merged, pricer) for entity in change.removed if _is_request(entity)),
    ]
    for operation, pairs in (("change", change.changed), ("rename", change.renamed)):
        for pair in pairs:
            if _is_request(pair.new):
                new = merged.get(pair.new.ref) or pair.new
                found.append(_one(operation, new, pair.old, new, pricer))
    return tuple(sorted(found, key=lambda review: (review.entity.ref, review.operation)))


def teams(
    reviews: Sequence[RequestReview],
    change: CatalogChange,
    pricer: Pricer,
    recent: Mapping[Ref, Decimal] | None,
) -> tuple[TeamReview, ...]:
    """Every team whose requests or budget the change touches. `recent` is None where the history is not known."""
    found: dict[Ref, None] = {}
    for review in reviews:
        for entity in (review.old, review.entity):
            owner = None if entity is None else resolve(pricer.base, entity).owner
            if owner is not None:
                found[owner] = None
    for budget in _budgets(change):
        for catalog in (pricer.base, pricer.merged):
            found.update(dict.fromkeys(_team(catalog, budget)))
    ahead_of_owners(pricer.base, found)
    asked = _by_owner(pricer.base, found), _by_owner(pricer.merged, found)
    return tuple(_team_review(team, reviews, pricer, recent, asked) for team in sorted(found))


def _team_review(
    team: Ref,
    reviews: Sequence[RequestReview],
    pricer: Pricer,
    recent: Mapping[Ref, Decimal] | None,
    asked: tuple[Mapping[Ref, Sequence[Entity]], Mapping[Ref, Sequence[Entity]]],
) -> TeamReview:
    before = [pricer.before(entity) for entity in asked[0][team]]
    after = [pricer.after(entity) for entity in asked[1][team]]
    after += [one.after for one in reviews if one.operation == UNREADABLE and one.owner == team and one.after]
    currency = pricer.by_base.currency
    increase = EXACT.subtract(_sum(after), _sum(before))
    complete = all(review.complete for review in reviews if review.owner == team)
    budget = budget_of(pricer.base, team)
    judged = None if budget is None else status(budget, team, after, pricer.now)
    # Most changes leave what a team pays as it is.
    was = judged if budget is None or before == after else status(budget, team, before, pricer.now)
    return TeamReview(
        team=team,
        before=was,
        after=judged,
        proposed=_proposed(team, budget, after, pricer),
        facts=verdict(judged, increase > 0, complete),
        increase=Money(increase, currency),
        recent=None if recent is None else Money(_with(recent, team, reviews, pricer), currency),
    )


def _proposed(team: Ref, budget: Entity | None, after: Sequence[Estimate], pricer: Pricer) -> BudgetStatus | None:
    coming = budget_of(pricer.merged, team)
    if coming is None or (budget is not None and (budget is coming or same(budget.data, coming.data))):
        return None
    return status(coming, team, after, pricer.now)


def _with(recent: Mapping[Ref, Decimal], team: Ref, reviews: Sequence[RequestReview], pricer: Pricer) -> Decimal:
    """The increases of 30 days and of this change; what comes from another team counts as a whole."""
    sums = [recent.get(team, Decimal(0))]
    for review in reviews:
        if review.owner == team and review.after is not None:
            came = review.old is not None and resolve(pricer.base, review.old).owner != team
            sums.append(review.after.monthly.amount if came else max(Decimal(0), review.increase.amount))
    return total(sums)


def _gone(entity: Entity, merged: ReviewView, pricer: Pricer) -> RequestReview:
    """A request that the merged tree has no longer. Where its file is still there and cannot be read, nobody knows
    what it asks for, and what it stands for lives on: that is not known to cost less."""
    found = _one("remove", entity, entity, None, pricer)
    if found.before is None or entity.path not in pricer.unread or merged.in_file(entity.path):
        return found
    after = replace(found.before, unpriced=f"{visible(entity.path)} holds no document that can be read")
    return replace(found, operation=UNREADABLE, after=after, increase=Money.zero(after.currency), complete=False)


def _one(operation: str, entity: Entity, old: Entity | None, new: Entity | None, pricer: Pricer) -> RequestReview:
    before = None if old is None else pricer.before(old)
    after = None if new is None else pricer.after(new)
    request = pricer.request(entity)
    zero = Money.zero(pricer.by_base.currency)
    costs = [zero if side is None else side.monthly for side in (before, after)]
    return RequestReview(
        entity=entity,
        old=old,
        operation=operation,
        owner=request.owner,
        before=before,
        after=after,
        increase=costs[1] - costs[0],
        complete=after is None or _known(before, after),
        ttl=None if new is None else request.ttl,
        expires=None if new is None else request.expires,
        tags={} if new is None else effective(pricer.merged, new, normalizations(pricer.base)),
    )


def _known(before: Estimate | None, after: Estimate) -> bool:
    """Whether what changes is known: what was unknown and stays exactly that is no news."""
    if after.complete or before is None:
        return after.complete
    return after.unpriced == before.unpriced and _unknown(after) <= _unknown(before)


def _unknown(estimate: Estimate) -> set[LineItem]:
    return {item for item in estimate.items if item.unknown is not None}


def _by_owner(catalog: ReviewView, teams: Iterable[Ref]) -> Mapping[Ref, Sequence[Entity]]:
    """The requests of each of the teams, in order."""
    refs = {team: catalog.sources_to(team, "resourcerequest", "owner") for team in teams}
    catalog.ahead(ref for found in refs.values() for ref in found)
    asked = {team: [entity for ref in found if (entity := catalog.get(ref))] for team, found in refs.items()}
    return {
        team: sorted(found, key=lambda entity: (entity.path, entity.document.index)) for team, found in asked.items()
    }


def _sum(estimates: Iterable[Estimate]) -> Decimal:
    return total(found.monthly.amount for found in estimates)


def _budgets(change: CatalogChange) -> Iterable[Entity]:
    for entity in (*change.added, *change.removed, *(pair.new for pair in (*change.changed, *change.renamed))):
        if entity.kind == "Budget":
            yield entity


def _team(catalog: ReviewView, budget: Entity) -> Iterable[Ref]:
    for reference in catalog.references_of(budget.ref):
        if reference.field.path == ("spec", "team") and reference.target is not None:
            yield reference.target


def _is_request(entity: Entity) -> bool:
    return entity.kind == "ResourceRequest"
