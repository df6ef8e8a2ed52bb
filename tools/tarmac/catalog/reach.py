"""Who is hit when something breaks, and how bad that is: walks along the edges of dependence (graph.py), against them.

Things are numbers here, so that a walk through thousands makes no name, and ways are told only of those that are asked
for.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import StrEnum
from functools import cached_property
from itertools import accumulate, chain
from typing import overload

from tarmac.catalog.needs import Numbers
from tarmac.catalog.strength import Strength
from tarmac.catalog.view import CatalogView, ReviewView
from tarmac.catalog.web import Walk, Web
from tarmac.model.frozen import Frozen
from tarmac.model.refs import Ref

# Where the platform sets no thresholds of its own.
_CRITICAL, _HIGH = 10, 5


class Risk(StrEnum):
    """How far a failure or a removal reaches."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Dependent(Frozen):
    """One that is hit: `path` runs from it to the thing itself, `distance` counts its steps without APIs.

    `strength` is hard where some way to the thing is hard all along.
    """

    ref: Ref
    distance: int
    path: tuple[Ref, ...]
    strength: Strength


class Impact(Frozen):
    """What a failure or removal of `ref` reaches: `reached` holds the nearest first, then by reference.

    `owners` are the owners of all dependents, `asked` of those that need it hard; `tiers` how many dependents there are
    of each tier (`untiered` where none is given). `reason` says in a sentence why the risk is what it is.
    """

    ref: Ref
    reached: Sequence[Dependent]
    owners: tuple[Ref, ...]
    asked: tuple[Ref, ...]
    tiers: tuple[tuple[str, int], ...]
    risk: Risk
    reason: str

    @property
    def direct(self) -> Sequence[Dependent]:
        """Those that are one step away."""
        return self.reached[: self._near]

    @property
    def transitive(self) -> Sequence[Dependent]:
        """The others."""
        return self.reached[self._near :]

    @property
    def _near(self) -> int:
        return bisect_right(self.reached, 1, key=lambda one: one.distance)


class Dependents(Sequence[Dependent]):
    """Who depends on a thing, each made when it is asked for. `things` are their numbers in the same order, `hard` has
    those of whoever needs it hard, and perhaps others; without `soft` all do."""

    def __init__(self, numbers: Numbers, walk: Walk, hard: Collection[int]) -> None:
        self.numbers, self.things = numbers, tuple(chain.from_iterable(walk.steps))
        self._ends = list(accumulate(map(len, walk.steps)))
        self._toward, self.hard, self.soft = walk.toward, hard, walk.soft
        self._ways: dict[int, tuple[Ref, ...]] = {walk.root: (numbers.ref(walk.root),)}

    def refs(self) -> list[Ref]:
        """Who they are."""
        return list(map(self.numbers.ref, self.things))

    def __len__(self) -> int:
        return len(self.things)

    @overload
    def __getitem__(self, index: int) -> Dependent: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Dependent, ...]: ...
    def __getitem__(self, index: int | slice) -> Dependent | tuple[Dependent, ...]:
        places = range(len(self.things))[index]
        return self._at(places) if isinstance(places, int) else tuple(map(self._at, places))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def _at(self, place: int) -> Dependent:
        number = self.things[place]
        way = self._way(number)
        strength = Strength.HARD if number in self.hard else Strength.SOFT
        return Dependent(way[0], bisect_right(self._ends, place) + 1, way, strength)

    def _way(self, number: int) -> tuple[Ref, ...]:
        steps = []
        while number not in self._ways:
            steps.append(number)
            number = self._toward[number]
        way = self._ways[number]
        for step in reversed(steps):
            way = self._ways[step] = (self.numbers.ref(step), *way)
        return way


class Everyone(Collection[Ref]):
    """Things by their numbers, each once."""

    def __init__(self, numbers: Numbers, things: Collection[int]) -> None:
        self._numbers, self._things = numbers, things

    def __len__(self) -> int:
        return len(self._things)

    def __iter__(self) -> Iterator[Ref]:
        return map(self._numbers.ref, self._things)

    def __contains__(self, ref: object) -> bool:
        return isinstance(ref, Ref) and self._numbers.known(ref) in self._things


class Impacts(Web):
    """What breaks with things of a catalog, and how bad that is.

    The risk, of the dependents that need it hard (Platform `spec.blastRadius`; 10 and 5 where that is silent):
    critical from `critical` of them on; high from `high` of them on, or where one of them has the tier critical;
    medium where there is any dependent at all, or where the thing itself has the tier critical; low otherwise.
    """

    def __init__(self, catalog: ReviewView, numbers: Numbers | None = None) -> None:
        super().__init__(catalog, numbers)
        self._review = catalog
        self._altered = self._known(self._needs.altered)
        self._standings: dict[int, tuple[str, int | None]] = {}

    def of(self, ref: Ref) -> Impact:
        """What breaks with `ref`."""
        reached = _dependents(self, ref)
        stands = self._stands(reached.things)
        hard, needing = reached.things, stands
        if reached.soft:
            hard = tuple(number for number in hard if number in reached.hard)
            needing = self._stands(hard)
        tiers = Counter(tier for tier, _ in stands)
        critical = None
        if "critical" in tiers:
            found = zip(hard, needing, strict=True)
            critical = next((number for number, (tier, _) in found if tier == "critical"), None)
        risk, reason = self._risk(ref, len(stands), len(hard), critical)
        owners = self._owners(stands)
        return Impact(
            ref=ref,
            reached=reached,
            owners=owners,
            asked=self._owners(needing) if reached.soft else owners,
            tiers=tuple(sorted(tiers.items())),
            risk=risk,
            reason=reason,
        )

    def _owners(self, stands: Iterable[tuple[str, int | None]]) -> tuple[Ref, ...]:
        found = {owner for _, owner in stands if owner is not None}
        return tuple(map(self.numbers.ref, self.numbers.in_order(found)))

    def _stands(self, numbers: Iterable[int]) -> list[tuple[str, int | None]]:
        # Most have been met before.
        return [self._standings.get(number) or self._standing(number) for number in numbers]

    def _standing(self, number: int) -> tuple[str, int | None]:
        if number < self._size and number not in self._altered:
            tier, owner = self._kept.standing(number)
        else:
            tier, who = self._review.standing_of(self.numbers.ref(number))
            owner = None if who is None else self.numbers.of(who)
        found = self._standings[number] = tier or "untiered", owner
        return found

    def _risk(self, ref: Ref, reached: int, hard: int, critical: int | None) -> tuple[Risk, str]:
        at_critical, at_high = self._thresholds
        if hard >= at_critical:
            return Risk.CRITICAL, f"{hard} need it, and from {at_critical} on that is critical"
        if hard >= at_high:
            return Risk.HIGH, f"{hard} need it, and from {at_high} on that is high"
        if critical is not None:
            return Risk.HIGH, f"{self.numbers.ref(critical)} needs it and has the tier critical"
        if reached:
            return Risk.MEDIUM, f"{reached} depend on it" if reached > 1 else "one depends on it"
        if self._review.standing_of(ref)[0] == "critical":
            return Risk.MEDIUM, "nothing depends on it, but its own tier is critical"
        return Risk.LOW, "nothing depends on it"

    @cached_property
    def _thresholds(self) -> tuple[int, int]:
        platform = self._review.platform()
        if platform is None:
            return _CRITICAL, _HIGH
        critical, high = (platform.get("spec", "blastRadius", name) for name in ("critical", "high"))
        return _threshold(critical, _CRITICAL), _threshold(high, _HIGH)


def dependents(catalog: CatalogView, ref: Ref) -> Dependents:
    """Who depends on `ref`, directly or through others: nearest first, then by reference; each once, never itself."""
    return _dependents(Web(catalog), ref)


def impact(catalog: ReviewView, ref: Ref) -> Impact:
    """What breaks with `ref`, and how bad that is, as `Impacts` has it."""
    return Impacts(catalog).of(ref)


def everyone(impacts: Iterable[Impact]) -> Collection[Ref]:
    """Whom these reach, each once."""
    found = [one.reached for one in impacts]
    counted = [one for one in found if isinstance(one, Dependents)]
    if counted and len(counted) == len(found) and all(one.numbers is counted[0].numbers for one in counted):
        return Everyone(counted[0].numbers, set().union(*(one.things for one in counted)))
    return {one.ref for reached in found for one in reached}


def among(reached: Sequence[Dependent], refs: Collection[Ref], start: int = 0) -> Iterator[Dependent]:
    """Those of `refs`, from a place on."""
    if not isinstance(reached, Dependents):
        return (one for one in reached[start:] if one.ref in refs)
    things = {number for ref in refs if (number := reached.numbers.known(ref)) is not None}
    places = enumerate(reached.things[start:], start)
    return (reached[place] for place, number in places if number in things)


def _dependents(web: Web, ref: Ref) -> Dependents:
    walk = web.walk(web.numbers.of(ref))
    hard = web.walk(walk.root, hard=True).toward if walk.soft else walk.toward
    return Dependents(web.numbers, walk, hard)


def _threshold(stated: object, default: int) -> int:
    return stated if isinstance(stated, int) and not isinstance(stated, bool) and stated > 0 else default
