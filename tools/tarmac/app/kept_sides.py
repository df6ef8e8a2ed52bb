"""The trees of a review, answered by what is kept of a tree: only what differs from that is read and judged."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from tarmac.app.ages import Histories, Moved, ages_moved
from tarmac.app.check_change import Cache, ignores_the_same, locating
from tarmac.app.incremental import Compiling, all_form, count_files, judge_difference
from tarmac.app.load import Known
from tarmac.app.same_owners import is_asked, same_owners
from tarmac.app.tree_change import SAME, Difference, difference
from tarmac.approvals.owners import LOCATIONS
from tarmac.catalog.changes import CatalogChange, changes_among
from tarmac.catalog.layered import Layered
from tarmac.errors import CacheFault
from tarmac.model.findings import Finding, in_order
from tarmac.model.frozen import Frozen

if TYPE_CHECKING:
    from tarmac.app.check import CheckResult
    from tarmac.app.deps import Git, Reading
    from tarmac.app.sides import Side, Way
    from tarmac.insights.scorecard import Move
    from tarmac.model.documents import Entity
    from tarmac.rules.kept import Kept


class KeptSide(Frozen, dict=True):
    """One tree: `there` is how it differs from the one that is kept."""

    revision: str
    kept: Kept
    there: Difference
    catalog: Layered

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        return in_order(all_form(self.kept, self.there))

    @cached_property
    def files(self) -> int:
        return count_files(self.kept, self.there)

    def compiles(self, entity: Entity) -> bool:
        return self._compiling(entity)

    @cached_property
    def _compiling(self) -> Compiling:
        return Compiling(self.kept, self.there)


class KeptTrees:
    """The trees by what is kept. Every verb raises CacheFault where that cannot be trusted, or is of no use."""

    narrow = True

    def __init__(
        self, git: Git, reading: Reading, kept: Kept, base: str, now: datetime, histories: Histories | None
    ) -> None:
        self._git, self._reading, self._kept, self._now, self._histories = git, reading, kept, now, histories
        self._known: Known = {}
        self._sides: dict[str, KeptSide] = {}
        self._changes: dict[Way, CatalogChange] = {}
        self._base = self.at(base)
        name = git.tree_name(base)
        if not ignores_the_same(kept, git, name, git.tree_changes(kept.tree, name) or (), reading):
            raise CacheFault("what is kept leaves out other files than the base")

    def at(self, tree: str) -> KeptSide:
        """A tree by its id."""
        if tree not in self._sides:
            name = self._git.tree_name(tree)
            found = self._git.tree_changes(self._kept.tree, name)
            if found is None:
                raise CacheFault("what is kept is of another repository")
            source = self._git.tree_named(name)
            there = difference(self._kept, source, found, self._reading, self._known) if found else SAME
            catalog = Layered.over(self._kept, there.change, self._reading.gate.kinds)
            catalog.ahead_around(there.change.entities)
            self._sides[tree] = KeptSide(tree, self._kept, there, catalog)
        return self._sides[tree]

    def change(self, before: Side, after: Side, renamed: Mapping[str, str]) -> CatalogChange:
        """What leads from one tree to the other: it is among what differs from the kept one."""
        key = (before.revision, after.revision, tuple(renamed.items()))
        if key not in self._changes:
            old, new = self.at(before.revision), self.at(after.revision)
            refs = old.there.change.entities.keys() | new.there.change.entities.keys()
            standing = new.there.change.entities if old.there is SAME else {}
            self._changes[key] = changes_among(
                old.catalog,
                new.catalog,
                refs,
                renamed,
                lambda ref: standing[ref].differing if ref in standing else None,
            )
        return self._changes[key]

    def judged(self, side: Side, commits: Sequence[str], by: Side | None = None) -> CheckResult:
        """What is found in a tree."""
        base = self._base if by is None else self.at(by.revision)
        tree = self.at(side.revision)
        moved = self._ages(base, commits)
        state = judge_difference(self._kept, tree.there, base.there, self._reading, self._now, moved)
        return state.whole(side.revision)

    def stale(self, side: Side) -> tuple[Finding, ...]:
        """What is to say of a tree's CODEOWNERS file: whose all files are, so the tree is read whole where that may be
        other than it was."""
        if not is_asked(side.catalog, self._base.catalog):
            return ()
        there = self.at(side.revision).there
        if there.parts.keys().isdisjoint(LOCATIONS) and same_owners(there.change, self._reading.gate.kinds):
            return self._kept.stale
        # Loaded here: most changes leave all files with whom they had.
        from tarmac.app.codeowners import stale_codeowners
        from tarmac.app.load import load

        source = self._git.tree(side.revision)
        loaded = load(source, self._reading, self._kept.ignore, self._known)
        return stale_codeowners(source, loaded.entries, loaded.catalog, expected=True)

    def moves(self, before: tuple[Side, Sequence[str]], after: tuple[Side, Sequence[str]]) -> tuple[Move, ...]:
        """Whom the scorecards of the base see on another level."""
        if next(self._base.catalog.of_kind("scorecard"), None) is None:
            return ()
        from tarmac.app.scorecard import changed, judges

        old, new = ((side.catalog, self._ages(self._base, commits).ages) for side, commits in (before, after))
        return changed(old, new, judges(self._base.catalog, self._reading.expressions), self._now)

    def _ages(self, base: KeptSide, commits: Sequence[str]) -> Moved:
        found = ages_moved(self._kept, base.catalog, self._histories, (commits,))
        if found is None:
            raise CacheFault("what is kept does not tell how old files are")
        return found[0]


@contextmanager
def kept_trees(
    git: Git, reading: Reading, cache: Cache, base: str, now: datetime, histories: Histories | None
) -> Iterator[KeptTrees | None]:
    """The trees of a review by what is kept; None where nothing is.

    Raises:
        CacheFault: what is kept cannot be trusted, or is of no use.
    """
    with git.blobs() as read_blob, cache(locating(read_blob, reading)) as kept:
        yield None if kept is None else KeptTrees(git, reading, kept, base, now, histories)
