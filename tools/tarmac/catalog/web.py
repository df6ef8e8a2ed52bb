"""Walks along the edges of dependence (graph.py), against them: from what is needed to who needs it, near or far."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tarmac.catalog.graph import needed_by
from tarmac.catalog.needs import NOTHING_KEPT, Needs, Numbers
from tarmac.catalog.view import CatalogView
from tarmac.model.frozen import Frozen
from tarmac.model.refs import Ref


class Walk(Frozen):
    """What a walk from `root` meets: what is no API by its distance, from 1 on, each distance in order; and from each
    thing that is met the next one on the way to the root. `soft`: some step that ends at one of these is not hard."""

    root: int
    steps: Sequence[Sequence[int]]
    toward: Mapping[int, int]
    soft: bool


class Web:
    """Who needs whom in a catalog, by the `numbers` of things. What has been looked up is known for the next walk."""

    def __init__(self, catalog: CatalogView, numbers: Numbers | None = None) -> None:
        self._catalog = catalog
        needs = self._needs = catalog.needs() or Needs(NOTHING_KEPT)
        kept = needs.kept
        self.numbers = Numbers(kept) if numbers is None or numbers.kept is not kept else numbers
        self._kept, self._size = kept, len(kept)
        # Who needs these is to be told by references; and of what needs one of these.
        self._anew, self._rewired = self._known(needs.anew), self._known(needs.rewired)
        # Who needs a thing, those that nobody needs, and of whom that is not hard.
        self._sources: dict[int, Sequence[int]] = {}
        self._ends: set[int] = set()
        self._soft: dict[int, frozenset[int]] = {}

    def walk(self, root: int, *, hard: bool = False) -> Walk:
        """The shortest ways to `root`, a step over an API costing nothing; with `hard` only along what is hard."""
        apis, sources, softly, ends = self.numbers.apis, self._sources, self._soft, self._ends
        toward = {root: root}
        soft = False
        rim, steps = [root], []
        while rim:
            beyond: list[int] = []
            # What costs nothing is looked at before what costs a step: what is last here is next.
            waiting = rim[::-1]
            while waiting:
                here = waiting.pop()
                found = sources.get(here)
                if found is None:
                    found = self._look_up(here)
                if softly and here in softly:
                    soft = True
                    if hard:
                        found = [one for one in found if one not in softly[here]]
                for before in found:
                    if before not in toward:
                        toward[before] = here
                        if before not in apis:
                            beyond.append(before)
                        elif before not in ends:
                            waiting.append(before)
            if beyond:
                steps.append(self.numbers.in_order(beyond))
            rim = [one for one in beyond if one not in ends]
        return Walk(root, steps, toward, soft)

    def _known(self, refs: Iterable[Ref]) -> set[int]:
        """What of this is kept."""
        return {number for ref in refs if (number := self._kept.number(ref)) is not None}

    def _look_up(self, number: int) -> Sequence[int]:
        found: Sequence[int] = ()
        told = number >= self._size or number in self._anew
        if not told:
            found, soft = self._kept.of(number), self._kept.softly(number)
            told = not self._rewired.isdisjoint(found)
        if told:
            by = needed_by(self._catalog, self.numbers.ref(number))
            found = list(map(self.numbers.of, sorted(by)))
            soft = [self.numbers.of(ref) for ref, hard in by.items() if not hard]
        if soft:
            self._soft[number] = frozenset(soft)
        if not found:
            self._ends.add(number)
        self._sources[number] = found
        return found
