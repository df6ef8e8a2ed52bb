"""The small protocols that use cases work through: the only values with effects.

`wire` builds the real ones; tests hand in their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from tarmac.model.documents import Document
from tarmac.model.expressions import Expressions
from tarmac.model.findings import Finding
from tarmac.model.kinds import KindInfo
from tarmac.model.schemas import Schemas
from tarmac.model.trees import ChangedPath, Commit, MergedTree, Source


class Git(Protocol):
    """git of one repository, read as objects: nothing is checked out, no hook or filter is run.

    Every verb raises GitError when git fails, and UsageError for a revision that does not exist.
    """

    def commit(self, revision: str) -> Commit: ...

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor's commit id, or None when the histories are not related."""
        ...

    def merge_tree(self, ours: str, theirs: str) -> MergedTree:
        """What merging `theirs` into `ours` would give, without touching any branch or file."""
        ...

    def changed_paths(self, before: str, after: str) -> tuple[ChangedPath, ...]:
        """What differs between two commits or trees, renames found, sorted by path."""
        ...

    def tree(self, revision: str) -> Source:
        """The files of a commit or a tree."""
        ...


class Reader(Protocol):
    """Bytes to documents. Whatever the bytes hold, the answer is documents and findings."""

    def __call__(self, path: str, content: bytes) -> tuple[tuple[Document, ...], tuple[Finding, ...]]: ...


class Gate(Protocol):
    """What the kinds say of a document's form."""

    @property
    def kinds(self) -> Mapping[tuple[str, str], KindInfo]: ...

    def problems(self, document: Document) -> tuple[Finding, ...]: ...


class Clock(Protocol):
    """The time, asked for once a run."""

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What every use case needs to turn a tree into a catalog and to judge it. Nothing here has an effect."""

    read: Reader
    gate: Gate
    expressions: Expressions
    schemas: Schemas
