"""Trees of files, and what git says of them: values that adapters make and use cases read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

WORKING_TREE = "working tree"

# Modes as git writes them.
SYMLINK = "120000"
SUBMODULE = "160000"
SPECIAL = "000000"


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """One file: its path with `/`, git's mode as octal text (SPECIAL: no file at all), its blob id ("" outside git)."""

    path: str
    mode: str
    blob: str


@dataclass(frozen=True, slots=True)
class MergedTree:
    """What a merge would give: the tree's id, and the paths in conflict (none: it is clean)."""

    tree: str
    conflicts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit: id, its tree, its parents, when it was committed (UTC), author e-mail, the message's first line."""

    id: str
    tree: str
    parents: tuple[str, ...]
    committed_at: datetime
    author_email: str
    subject: str


@dataclass(frozen=True, slots=True)
class Position:
    """Where HEAD stands: on which branch (None: on none), which branch is the default (None: that cannot be told), and
    whether HEAD's commit is that one's tip, here or at origin."""

    branch: str | None
    default: str | None
    at_tip: bool


@dataclass(frozen=True, slots=True)
class Contribution:
    """Who says to have made one commit: e-mail addresses of author and committer, and the whole message, in which
    co-authors are named."""

    id: str
    tree: str
    parents: tuple[str, ...]
    author_email: str
    committer_email: str
    message: str


@dataclass(frozen=True, slots=True)
class History:
    """Commits, newest first. `complete` is false where the clone is too shallow to hold them all."""

    commits: tuple[Commit, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file that differs between two trees: None on the side where it is not."""

    before: TreeEntry | None
    after: TreeEntry | None


@dataclass(frozen=True, slots=True)
class ChangeEnds:
    """Names of trees (Git.tree_name): the tip of a change's base, where it left the base's line, and its head."""

    base: str
    fork: str
    head: str


@dataclass(frozen=True, slots=True)
class ChangedPath:
    """One path that differs: status is A, M, D, T (its mode) or R (a rename, with `old_path`)."""

    status: str
    path: str
    old_path: str | None = None


class Source(Protocol):
    """A tree of files at one revision: the working tree or a git tree. Both are read by the same code."""

    @property
    def revision(self) -> str:
        """What it is called in reports: a commit or tree id, or `working tree`."""
        ...

    def entries(self) -> tuple[TreeEntry, ...]:
        """Every file below the root, sorted by path; symbolic links and submodules included (the mode tells).

        What git ignores is left out, and so is all below `.git`.
        """
        ...

    def read(self, entries: Iterable[TreeEntry], limit: int) -> Iterator[tuple[TreeEntry, bytes | str]]:
        """The bytes of each, in the order asked for; a text instead of bytes says why it could not be read.

        At most `limit` + 1 bytes of each come back, so that "too large" is seen without holding it.
        """
        ...


@runtime_checkable
class Selectable(Source, Protocol):
    """A source that can be asked for a few of its files without listing them all."""

    def only(self, paths: Iterable[str]) -> Source:
        """The same tree as if it had no other files than these."""
        ...
