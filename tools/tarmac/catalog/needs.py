"""Who needs whom in a stored catalog, by numbers, so that a walk through thousands of things reads no name of them."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, groupby
from typing import TypeAlias

from tarmac.model.frozen import Frozen
from tarmac.model.refs import Ref

# A kind, a namespace, and the number of the first thing that is of both.
Group: TypeAlias = "tuple[str, str, int]"
# How a thing stands: its tier and its owner.
Standing: TypeAlias = "tuple[str | None, Ref | None]"


def _ascends(values: Sequence[int] | Sequence[tuple[str, str]]) -> bool:
    return list(values) == sorted(values)


class KeptNeeds:
    """What needs others or is needed, and the owners of that: numbered from 0 on, in the order of their references.

    `groups` and `names` tell which each is, `tiers` are the tiers that there are, sorted. `numbers` are five lists, one
    behind the other: where those who need each thing begin in the fourth list, and where the last ends; the tier of
    each thing (from 1 on among `tiers`, 0: it has none); its owner (from 1 on, 0: it has none); those who need it,
    sorted; and the places in the fourth list of those who do not need it hard, sorted.

    Raises:
        ValueError: these do not fit together. Whatever does is answered from, without another error.
    """

    def __init__(
        self, groups: Sequence[Group], names: Sequence[str], tiers: Sequence[str], numbers: array[int]
    ) -> None:
        self.groups, self.names, self.tiers, self.numbers = groups, names, tiers, numbers
        size = len(names)
        self._starts, self._tier = numbers[: size + 1], numbers[size + 1 : 2 * size + 1]
        self._owner, rest = numbers[2 * size + 1 : 3 * size + 1], numbers[3 * size + 1 :]
        end = self._starts[-1] if self._starts else 0
        self._sources, self._soft = rest[:end], rest[end:]
        self._firsts = [first for _, _, first in groups]
        if not (self._fits(size) and _ascends([(kind, namespace) for kind, namespace, _ in groups])):
            raise ValueError("what is kept of who needs whom does not fit together")
        ends = [*self._firsts[1:], size]
        self._spans = {
            (kind, namespace): (first, end) for (kind, namespace, first), end in zip(groups, ends, strict=False)
        }
        apis = [span for (kind, _), span in self._spans.items() if kind == "api"]
        # Whatever is of one kind stands together.
        self.apis = range(apis[0][0], apis[-1][1]) if apis else range(0)

    def _fits(self, size: int) -> bool:
        starts, sources = self._starts, self._sources
        return (
            len(self.numbers) > 3 * size
            and starts[0] == 0
            and starts[-1] == len(sources)
            and _ascends(starts)
            and max(self._tier, default=0) <= len(self.tiers)
            and max(self._owner, default=0) <= size
            and max(sources, default=0) < max(1, size)
            and max(self._soft, default=0) < max(1, len(sources))
            and _ascends([*self._firsts, size])
            and self._firsts[:1] == [0] * min(size, 1)
        )

    def __len__(self) -> int:
        return len(self.names)

    def ref(self, number: int) -> Ref:
        """The thing of a number."""
        kind, namespace, _ = self.groups[bisect_right(self._firsts, number) - 1]
        return Ref(kind, namespace, self.names[number])

    def number(self, ref: Ref) -> int | None:
        """The number of a thing, if it has one."""
        first, end = self._spans.get((ref.kind, ref.namespace), (0, 0))
        found = bisect_left(self.names, ref.name, first, end)
        return found if found < end and self.names[found] == ref.name else None

    def of(self, number: int) -> array[int]:
        """Who needs a thing."""
        return self._sources[self._starts[number] : self._starts[number + 1]]

    def softly(self, number: int) -> Collection[int]:
        """Who of these does not need it hard."""
        if not self._soft:
            return ()
        start, end = self._starts[number], self._starts[number + 1]
        soft = self._soft[bisect_left(self._soft, start) : bisect_left(self._soft, end)]
        return [self._sources[place] for place in soft]

    def standing(self, number: int) -> tuple[str | None, int | None]:
        """The tier of a thing, and the number of its owner."""
        tier, owner = self._tier[number], self._owner[number]
        return self.tiers[tier - 1] if tier else None, owner - 1 if owner else None


NOTHING_KEPT = KeptNeeds((), (), (), array("I", [0]))


class Needs(Frozen):
    """Who needs whom as it is kept, and what has changed since: who `rewired` needs is another, so of them, of the
    others in `anew` and of whatever one of them needed who needs it is to be told by references. `altered` stand
    otherwise, or may."""

    kept: KeptNeeds
    rewired: Collection[Ref] = ()
    anew: Collection[Ref] = ()
    altered: Collection[Ref] = ()


class Numbers:
    """The numbers of things: what is kept has its own, whatever else is met gets the next ones."""

    def __init__(self, kept: KeptNeeds = NOTHING_KEPT) -> None:
        self.kept = kept
        self.apis = set(kept.apis)
        self._first = len(kept)
        self._others: list[Ref] = []
        self._of_others: dict[Ref, int] = {}
        self._refs: dict[int, Ref] = {}

    def of(self, ref: Ref) -> int:
        """The number of a thing."""
        found = self.known(ref)
        if found is None:
            found = self._of_others[ref] = self._first + len(self._others)
            self._others.append(ref)
            if ref.kind == "api":
                self.apis.add(found)
        return found

    def known(self, ref: Ref) -> int | None:
        """The number of a thing that has been met."""
        found = self.kept.number(ref)
        return self._of_others.get(ref) if found is None else found

    def ref(self, number: int) -> Ref:
        """The thing of a number."""
        if number >= self._first:
            return self._others[number - self._first]
        found = self._refs.get(number)
        if found is None:
            found = self._refs[number] = self.kept.ref(number)
        return found

    def in_order(self, numbers: Collection[int]) -> list[int]:
        """These, in the order of the things."""
        if max(numbers, default=0) < self._first:
            return sorted(numbers)
        return sorted(numbers, key=self.ref)


def kept_needs(needed: Mapping[Ref, Mapping[Ref, bool]], standing_of: Callable[[Ref], Standing]) -> KeptNeeds:
    """The same of a catalog: of what is needed who needs it, and whether hard."""
    things = {*needed, *(source for sources in needed.values() for source in sources)}
    standings = {ref: standing_of(ref) for ref in things}
    refs = sorted(things | {owner for _, owner in standings.values() if owner is not None})
    numbers = {ref: number for number, ref in enumerate(refs)}
    tiers = sorted({tier for tier, _ in standings.values() if tier is not None})
    places = {tier: place for place, tier in enumerate(tiers, start=1)}
    sources = [sorted((numbers[by], hard) for by, hard in needed.get(ref, {}).items()) for ref in refs]
    stands = [standings.get(ref, (None, None)) for ref in refs]
    every = list(chain.from_iterable(sources))
    return KeptNeeds(
        groups=list(_groups(refs)),
        names=[ref.name for ref in refs],
        tiers=tiers,
        numbers=array(
            "I",
            [
                *accumulate(map(len, sources), initial=0),
                *(0 if tier is None else places[tier] for tier, _ in stands),
                *(0 if owner is None else numbers[owner] + 1 for _, owner in stands),
                *(by for by, _ in every),
                *(place for place, (_, hard) in enumerate(every) if not hard),
            ],
        ),
    )


def _groups(refs: Iterable[Ref]) -> Iterator[Group]:
    for (kind, namespace), found in groupby(enumerate(refs), lambda one: one[1][:2]):
        yield kind, namespace, next(found)[0]
