"""review, the part about the plan: what reconcile would do after the merge, were the world as the base asks for it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property

from tarmac.app.plan_reads import Silent, given_approvals
from tarmac.app.review_concerned import concerned
from tarmac.catalog.changes import CatalogChange
from tarmac.catalog.view import ReviewView
from tarmac.model.findings import Finding
from tarmac.model.frozen import Frozen
from tarmac.model.ledger import Phase, RequestState
from tarmac.model.plan import (
    Action,
    Breach,
    Desired,
    Held,
    Inventory,
    Observation,
    Plan,
    Presence,
    Tags,
    Verb,
    whole_of,
)
from tarmac.model.refs import Ref
from tarmac.planning.composed import together
from tarmac.planning.desired import desired, findings_to_holds, lifted, subject_of
from tarmac.planning.limits import breaches, limits
from tarmac.planning.planner import plan
from tarmac.planning.ttl import is_over
from tarmac.reports.review import Step

# What these categories hold cannot be made again.
_STATEFUL = frozenset({"database", "storage", "queue"})
# The kinds that a plan is made from.
_READ = frozenset({"resourcerequest", "resourcetype", "platform", "group", "deletionapproval"})
_PRODUCTION = "production"


class Recorded:
    """The ledger's word on the base's requests: the current state of each reference."""

    def __init__(self, catalog: ReviewView, states: Iterable[RequestState]) -> None:
        platform = catalog.platform()
        self.platform = (None if platform is None else platform.text("metadata", "uid")) or ""
        ours = [state for state in states if state.subject.platform == self.platform]
        ours.sort(key=lambda state: (state.phase.ended, -state.subject.life, state.subject.uid))
        self._current: dict[str, RequestState] = {}
        for state in ours:
            self._current.setdefault(state.subject.request, state)

    def of(self, wish: Desired) -> RequestState | None:
        """The state of the request, or of one that it says it has been."""
        names = (wish.request, *wish.previously)
        return next((self._current[name] for name in names if name in self._current), None)

    def ended(self, catalog: ReviewView, now: datetime) -> Container[str]:
        """References of requests that have had their time: they stand in git and cost nothing any more."""
        return _Ended(catalog, self._current, self.platform, now)


class _Ended(Frozen):
    """The references of requests that have had their time; each is looked at when it is asked for."""

    catalog: ReviewView
    current: Mapping[str, RequestState]
    platform: str
    now: datetime

    def __contains__(self, name: object) -> bool:
        entity = self.catalog.get(name) if isinstance(name, str) and self.current else None
        if entity is None or entity.ref.kind != "resourcerequest" or str(entity.ref) != name:
            return False
        wishes = together(desired(self.catalog, {}, (entity,)), self.current.values(), {}, self.platform)
        return all(self._is_over(wish) for wish in wishes)

    def _is_over(self, wish: Desired) -> bool:
        state = self.current.get(wish.request)
        return state is not None and is_over(wish, state, self.now)


def preview(
    base: tuple[ReviewView, Iterable[Finding]],
    merged: tuple[ReviewView, Iterable[Finding]],
    change: CatalogChange,
    recorded: Recorded,
    now: datetime,
    *,
    narrow: bool = False,
) -> tuple[tuple[Step, ...], tuple[Breach, ...]]:
    """Each step that the change leads to, and the limits that these steps break.

    Both trees come with their findings. What the base asks for is taken to be there, as it asks for it; the ledger
    adds since when, and what has ended. With `narrow` requests that the change cannot concern are not looked at, which
    changes nothing of the answer.
    """
    first, then = _Side(*base, now), _Side(*merged, now)
    if not _concerns(change) and first.holds == then.holds:
        return (), ()
    refs = concerned(change, (first, then)) if narrow else None
    if refs is not None:
        steps, _ = _preview(first.only(refs), then.only(refs), change, recorded, now)
        # How many may go depends on how many there are.
        if not any(step.action.verb.removes for step in steps):
            return steps, ()
    return _preview(first, then, change, recorded, now)


def _preview(
    first: _Side, then: _Side, change: CatalogChange, recorded: Recorded, now: datetime
) -> tuple[tuple[Step, ...], tuple[Breach, ...]]:
    world = _World(first, {wish.request for wish in then.wishes}, recorded, now)
    inventories = world.inventories({wish.provider for wish in (*first.wishes, *then.wishes)})
    before, after = (world.plan(side, inventories) for side in (first, then))
    usual = {action.request: (action.verb, action.reason, action.changes) for action in before.actions}
    touched = set(_touched(change))
    wishes = {wish.request: wish for wish in first.wishes}, {wish.request: wish for wish in then.wishes}
    steps = tuple(
        _step(action, *wishes)
        for action in after.actions
        if whole_of(action.request or "") in touched
        or (action.verb is not Verb.NONE and usual.get(action.request) != (action.verb, action.reason, action.changes))
    )
    broken = breaches(
        after,
        inventories,
        platform=recorded.platform,
        limits=limits(then.catalog),
        approvals=then.approvals,
        now=now,
        wanted=len(then.wishes),
    )
    return steps, broken if any(step.action.verb.removes for step in steps) else ()


class _Side:
    """One tree as planning sees it."""

    def __init__(
        self, catalog: ReviewView, findings: Iterable[Finding], now: datetime, among: Iterable[Ref] | None = None
    ) -> None:
        self._findings, self._now = tuple(findings), now
        self._among = among
        self.holds, self.unreadable = findings_to_holds(catalog, self._findings)
        self.catalog = catalog
        self.approvals = given_approvals(catalog, self._findings)
        self.silent = Silent(catalog)

    def only(self, refs: Iterable[Ref]) -> _Side:
        """The same as if there were no requests but these."""
        return _Side(self.catalog, self._findings, self._now, refs)

    @cached_property
    def wishes(self) -> tuple[Desired, ...]:
        """Every request, with what holds it."""
        found = None if self._among is None else [one for ref in self._among if (one := self.catalog.get(ref))]
        return tuple(lifted(desired(self.catalog, self.holds, found), self.approvals, self._now))


class _World:
    """What the base asks for, as if it had been made."""

    def __init__(self, base: _Side, still_wanted: set[str], recorded: Recorded, now: datetime) -> None:
        self._platform, self._now = recorded.platform, now
        self._states: list[RequestState] = []
        self._there: dict[str, list[Observation]] = {}
        for wish in base.wishes:
            known = recorded.of(wish)
            # What is wrong in the base has been held there; only if it goes may it have been made in better days.
            unmade = known is None and wish.hold is not None and wish.request in still_wanted
            if not unmade and not (known is None and wish.expires is not None and wish.expires <= now):
                self._add(wish, known)

    def inventories(self, names: Iterable[str]) -> Mapping[str, Inventory]:
        """An inventory for each provider, by name."""
        return {name: Inventory(name, tuple(self._there.get(name, ()))) for name in sorted(names) if name}

    def plan(self, side: _Side, inventories: Mapping[str, Inventory]) -> Plan:
        """What reconcile would do in this world for the wishes of one side."""
        return plan(
            side.wishes,
            self._states,
            inventories,
            platform=self._platform,
            base="",
            now=self._now,
            unreadable=side.unreadable,
            silent=side.silent,
            approvals=side.approvals,
        )

    def _add(self, wish: Desired, known: RequestState | None) -> None:
        # A preview shows no uid: any that nothing else has will do.
        uid = wish.request if known is None else known.subject.uid
        life = 1 if known is None else known.subject.life
        if known is not None and known.phase.ended:
            self._states.append(known)
            return
        ready_at = self._now if known is None or known.ready_at is None else known.ready_at
        subject = subject_of(self._platform, wish, uid, life)
        self._states.append(RequestState(subject, Phase.READY, ready_at, ready_at=ready_at))
        tags = Tags(
            uid, wish.request, self._platform, wish.owner, wish.environment, wish.cost_centre, wish.type_text, ready_at
        )
        self._there.setdefault(wish.provider, []).append(
            Observation(uid, wish.provider, Presence.READY, tags, wish.config)
        )


def _step(action: Action, before: Mapping[str, Desired], after: Mapping[str, Desired]) -> Step:
    name = action.request or ""
    sides = [side[name] for side in (before, after) if name in side]
    loses = (action.verb.removes and action.live) or action.held is Held.REPLACEMENT
    return Step(
        action=action,
        environment=sides[-1].environment if sides else "",
        category=sides[-1].category if sides else "",
        loses=loses,
        grave=loses and any(map(_matters, sides)),
    )


def _matters(wish: Desired) -> bool:
    lasts = wish.environment == _PRODUCTION or wish.environment not in wish.temporary
    return lasts or wish.category in _STATEFUL


def _concerns(change: CatalogChange) -> bool:
    """Whether planning reads any of what changes."""
    pairs = (*change.changed, *change.renamed)
    entities = (*change.added, *change.removed, *(end for pair in pairs for end in (pair.old, pair.new)))
    moved = (one.ref.kind for one in change.moved)
    return not _READ.isdisjoint({*(entity.ref.kind for entity in entities), *moved})


def _touched(change: CatalogChange) -> Iterator[str]:
    pairs = (*change.changed, *change.renamed)
    for entity in (*change.added, *change.removed, *(end for pair in pairs for end in (pair.old, pair.new))):
        if entity.kind == "ResourceRequest":
            yield str(entity.ref)
