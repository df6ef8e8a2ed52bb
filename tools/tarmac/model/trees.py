"""Trees of files, and what git says of them: values that adapters make and use cases read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol, runtime_checkable

from tarmac.model.frozen import Frozen

WORKING_TREE = "working tree"

# Modes as git writes them.
SYMLINK = "120000"
SUBMODULE = "160000"
SPECIAL = "000000"


class TreeEntry(Frozen, gc=False):
    """One file: its path with `/`, git's mode as octal text (SPECIAL: no file at all), its blob id ("" outside git)."""

    path: str
    mode: str
    blob: str


class FileChange(Frozen):
    """One file that differs between two trees: None on the side where it is not."""

    before: TreeEntry | None
    after: TreeEntry | None


class ChangeEnds(Frozen):
    """Names of trees (Git.tree_name): the tip of a change's base, where it left the base's line, and its head; and of
    the last two the commits."""

    base: str
    fork: str
    head: str
    fork_commit: str
    head_commit: str


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
