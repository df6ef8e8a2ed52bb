"""The small protocols that use cases work through: the only values with effects.

`wire` builds the real ones; tests hand in their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One file of a tree: its path with `/`, its git mode as octal text, its blob id ("" where not in git)."""

    path: str
    mode: str
    blob: str


@dataclass(frozen=True, slots=True)
class MergedTree:
    """What a merge would give: the tree id, and the paths in conflict (none: it is clean)."""

    tree: str
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: id, its tree, its parents, when it was committed (UTC), author e-mail, first line of the message."""

    id: str
    tree: str
    parents: tuple[str, ...]
    committed_at: datetime
    author_email: str
    subject: str


class Source(Protocol):
    """A tree of files at one revision: the working tree or a git tree. Both are read by the same code."""

    @property
    def revision(self) -> str:
        """What it is called in reports: a commit or tree id, or `working tree`."""
        ...

    def entries(self) -> Iterable[TreeEntry]:
        """Every file below the root, symbolic links and submodules included (mode tells), sorted by path."""
        ...

    def read(self, entries: Iterable[TreeEntry], limit: int) -> Iterator[tuple[TreeEntry, bytes | str]]:
        """The bytes of each, in the order asked for; a text instead of bytes says why it could not be read.

        At most `limit` + 1 bytes of each are returned, so that a reader can tell "too large" without holding it.
        """
        ...


class Git(Protocol):
    """git of one repository, read as objects: nothing is checked out, no hook or filter is run.

    Every verb raises GitError when git fails, and UsageError for a revision that does not exist.
    """

    def commit(self, revision: str) -> Commit: ...

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor's commit id, or None when the histories are not related."""
        ...

    def merge_tree(self, ours: str, theirs: str) -> MergedTree: ...

    def changed_paths(self, before: str, after: str) -> tuple[ChangedPath, ...]:
        """What differs between two trees or commits, renames found, sorted by path."""
        ...

    def tree(self, revision: str) -> Source:
        """The files of a commit or tree."""
        ...


@dataclass(frozen=True, slots=True)
class ChangedPath:
    """One path that differs: status is A, M, D or R (with `old_path`)."""

    status: str
    path: str
    old_path: str | None = None


class Clock(Protocol):
    """The time, asked for once a run."""

    def now(self) -> datetime: ...
