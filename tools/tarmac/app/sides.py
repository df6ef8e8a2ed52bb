"""What a review asks of its trees: what leads from one to another, and what is found in each.

Two answer: `app/whole_sides.py` by reading every file, `app/kept_sides.py` by what is kept of a tree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from tarmac.app.check import CheckResult
    from tarmac.catalog.changes import CatalogChange
    from tarmac.catalog.view import ReviewView
    from tarmac.insights.scorecard import Move
    from tarmac.model.documents import Entity
    from tarmac.model.findings import Finding


# From a tree to another one, with these files renamed.
Way: TypeAlias = tuple[str, str, tuple[tuple[str, str], ...]]


class Side(Protocol):
    """One tree as it was read: `findings` are about the form of documents, sorted, `files` how many were parsed."""

    @property
    def revision(self) -> str: ...

    @property
    def catalog(self) -> ReviewView: ...

    @property
    def findings(self) -> tuple[Finding, ...]: ...

    @property
    def files(self) -> int: ...

    def compiles(self, entity: Entity) -> bool:
        """Whether it is known already that the expressions of a document of the tree compile."""
        ...


class Trees(Protocol):
    """The trees of one review; all leave out the files that the base leaves out, so a change cannot hide what it adds.

    Whatever is judged is judged by the documents of the base; `commits` are those whose history tells how old files
    are. `narrow` says that requests which a change does not concern are better left alone: looking at each would be
    more work than all the rest. Every verb may raise CacheFault where it answers by what is kept.
    """

    @property
    def narrow(self) -> bool: ...

    def at(self, tree: str) -> Side:
        """A tree by its id."""
        ...

    def change(self, before: Side, after: Side, renamed: Mapping[str, str]) -> CatalogChange:
        """What leads from one tree to the other; `renamed` maps old paths to new ones, as git found them."""
        ...

    def judged(self, side: Side, commits: Sequence[str], by: Side | None = None) -> CheckResult:
        """What is found in a tree, by the documents of the base unless others are to judge."""
        ...

    def stale(self, side: Side) -> tuple[Finding, ...]:
        """What is to say of a tree's CODEOWNERS file, where that or the base's is there."""
        ...

    def moves(self, before: tuple[Side, Sequence[str]], after: tuple[Side, Sequence[str]]) -> tuple[Move, ...]:
        """Whom the scorecards of the base see on another level; each tree with its commits."""
        ...
