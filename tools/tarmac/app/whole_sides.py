"""The trees of a review, each read once and whole."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tarmac.app.ages import Histories, ages_at
from tarmac.app.check import CheckResult, judge
from tarmac.app.codeowners import has_codeowners, stale_codeowners
from tarmac.app.load import Known, Loaded, load
from tarmac.app.scorecard import changed, judges
from tarmac.catalog.changes import CatalogChange, changes
from tarmac.model.findings import Finding

if TYPE_CHECKING:
    from tarmac.app.deps import Git, Reading
    from tarmac.app.sides import Side, Way
    from tarmac.insights.scorecard import Move


class WholeTrees:
    """Trees, each read once and whole."""

    narrow = False

    def __init__(
        self, git: Git, reading: Reading, base: str, now: datetime, histories: Histories | None = None
    ) -> None:
        self._git, self._reading, self._now, self._histories = git, reading, now, histories
        # The trees share nearly all of their files, and what is parsed once is one object in all of them.
        self._known: Known = {}
        self._base = load(git.tree(base), reading, known=self._known)
        self._found = {base: self._base}
        self._changes: dict[Way, CatalogChange] = {}

    def at(self, tree: str) -> Loaded:
        """A tree by its id."""
        if tree not in self._found:
            self._found[tree] = load(self._git.tree(tree), self._reading, self._base.ignore, self._known)
        return self._found[tree]

    def change(self, before: Side, after: Side, renamed: Mapping[str, str]) -> CatalogChange:
        """What leads from one tree to the other."""
        key = (before.revision, after.revision, tuple(renamed.items()))
        if key not in self._changes:
            self._changes[key] = changes(self._loaded(before).catalog, self._loaded(after).catalog, renamed)
        return self._changes[key]

    def judged(self, side: Side, commits: Sequence[str], by: Side | None = None) -> CheckResult:
        """What is found in a tree."""
        base = (self._base if by is None else by).catalog
        ages = ages_at(base, self._histories, *commits)
        return judge(self._loaded(side), base, self._reading, self._now, ages)

    def stale(self, side: Side) -> tuple[Finding, ...]:
        """What is to say of a tree's CODEOWNERS file."""
        loaded = self._loaded(side)
        expected = has_codeowners(self._base.entries)
        return stale_codeowners(self._git.tree(side.revision), loaded.entries, loaded.catalog, expected)

    def moves(self, before: tuple[Side, Sequence[str]], after: tuple[Side, Sequence[str]]) -> tuple[Move, ...]:
        """Whom the scorecards of the base see on another level."""
        old, new = (
            (side.catalog, ages_at(self._base.catalog, self._histories, *commits)) for side, commits in (before, after)
        )
        return changed(old, new, judges(self._base.catalog, self._reading.expressions), self._now)

    def _loaded(self, side: Side) -> Loaded:
        return self.at(side.revision)
