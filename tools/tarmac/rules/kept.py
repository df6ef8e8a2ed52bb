"""What is kept of a judged tree, so that of another tree only the difference needs to be judged."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime
from typing import Protocol, TypeAlias

from tarmac.catalog.stored import StoredCatalog
from tarmac.model.ages import Aged
from tarmac.model.findings import Finding
from tarmac.model.frozen import Frozen
from tarmac.model.places import PlaceNode
from tarmac.model.refs import Ref
from tarmac.model.trees import TreeEntry
from tarmac.rules.rule import Knot

# Finds the places of a document that is kept: by its path, its blob's id and its index in the file.
Locate: TypeAlias = Callable[[str, str, int], PlaceNode]


class KeptFile(Frozen):
    """A file of the tree: whether it was parsed, how many documents it adds, and what is said of their form."""

    entry: TreeEntry
    counted: bool
    documents: int
    findings: tuple[Finding, ...]


class Totals(Frozen):
    """Counts of the whole tree; `form` and `ruled` are findings, before exemptions, `knots` and whole rules apart."""

    files: int
    documents: int
    entities: int
    form: int
    ruled: int


class Kept(StoredCatalog, Protocol):
    """A judged tree. Every verb raises CacheFault when what is kept cannot be trusted."""

    @property
    def tree(self) -> str:
        """The id of the tree in git."""
        ...

    @property
    def ignore(self) -> tuple[str, ...]:
        """The globs of files that were taken for no documents."""
        ...

    @property
    def totals(self) -> Totals: ...

    @property
    def aged(self) -> Aged | None:
        """Whose history tells how old files are; None where nobody asked, or nobody could tell."""
        ...

    @property
    def stale(self) -> tuple[Finding, ...]:
        """What is to say of the tree's CODEOWNERS file, were one expected and GitHub the forge."""
        ...

    def age(self, path: str) -> datetime | None:
        """When a person last changed the file."""
        ...

    @property
    def facets(self) -> tuple[str, ...]:
        """Which facts of owners are read together: names joined by commas (catalog/keys.py, OWNER)."""
        ...

    def file(self, path: str) -> KeptFile | None: ...

    def ahead_files(self, paths: Iterable[str]) -> None:
        """What is kept of these files will be asked, but for `named_by`: it is read at once."""
        ...

    def entries(self) -> Iterator[TreeEntry]:
        """Every file of the tree, sorted by path."""
        ...

    def named_by(self, path: str) -> frozenset[str]:
        """The files whose placeholders name the path."""
        ...

    def names_of(self, path: str) -> frozenset[str]:
        """The paths that the file's placeholders name."""
        ...

    def readers(self, keys: Collection[int]) -> tuple[frozenset[Ref], frozenset[tuple[str, ...]]]:
        """Whose verdicts, and which topics of their own, rest on one of the keys."""
        ...

    def untimely(self, now: datetime) -> frozenset[Ref]:
        """Whose verdicts do not hold at this instant."""
        ...

    def ruled(self, ref: Ref) -> tuple[Finding, ...]:
        """What the rules that look at each entity say of one, before exemptions."""
        ...

    def all_ruled(self) -> Iterator[tuple[Ref, Finding]]:
        """What these rules say of all entities."""
        ...

    def all_form(self) -> Iterator[tuple[str, tuple[Finding, ...]]]:
        """Of each file about whose form something is said: its path, and that."""
        ...

    def by_rule(self, rule: str) -> tuple[tuple[Ref, Finding], ...]:
        """What one of these rules says of all entities."""
        ...

    def knots(self) -> tuple[Knot, ...]: ...
