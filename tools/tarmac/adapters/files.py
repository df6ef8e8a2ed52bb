"""The working tree as a source: what git would call tracked or new, read without following a link out of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tarmac.adapters.git import run_git
from tarmac.errors import GitError, OutsideError, UsageError
from tarmac.model.trees import SPECIAL, SUBMODULE, SYMLINK, WORKING_TREE, TreeEntry

_REGULAR = "100644"


@dataclass(frozen=True, slots=True)
class WorkingTree:
    """The files below a folder as they are now."""

    root: Path

    @classmethod
    def at(cls, root: Path) -> WorkingTree:
        """Raises UsageError when `root` is no folder."""
        if not root.is_dir():
            raise UsageError(f"{root} is no folder: name the root of a repository")
        return cls(root)

    @property
    def revision(self) -> str:
        return WORKING_TREE

    def entries(self) -> tuple[TreeEntry, ...]:
        """Every file that git does not ignore; outside git, every file below the root."""
        try:
            said = run_git(self.root, ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--", "."])
        except GitError:
            paths = set(self._walk())
        else:
            paths = {path.decode("utf-8", "surrogateescape") for path in said.split(b"\x00") if path}
            if not paths and self._ignored():
                paths = set(self._walk())
        found = (self._entry(path) for path in sorted(paths))
        return tuple(entry for entry in found if entry is not None)

    def _ignored(self) -> bool:
        """Whether git ignores the root itself: then its rules say nothing about what is below."""
        try:
            run_git(self.root, ["check-ignore", "-q", "."])
        except GitError:
            return False
        return True

    def _entry(self, path: str) -> TreeEntry | None:
        try:
            mode = os.lstat(self.root / path.rstrip("/")).st_mode
        except (OSError, ValueError):
            return None
        if stat.S_ISLNK(mode):
            return TreeEntry(path, SYMLINK, "")
        if stat.S_ISREG(mode):
            return TreeEntry(path, _REGULAR, "")
        if stat.S_ISDIR(mode):
            return TreeEntry(path.rstrip("/"), SUBMODULE, "")
        return TreeEntry(path, SPECIAL, "")

    def _walk(self) -> Iterator[str]:
        for folder, folders, files in os.walk(self.root, followlinks=False):
            folders[:] = [name for name in folders if name != ".git"]
            links = [name for name in folders if (Path(folder) / name).is_symlink()]
            for name in (*files, *links):
                yield os.path.relpath(os.path.join(folder, name), self.root).replace(os.sep, "/")

    def read(self, entries: Iterable[TreeEntry], limit: int) -> Iterator[tuple[TreeEntry, bytes | str]]:
        """The bytes of each; a file that is no regular file by the time it is opened is not read."""
        for entry in entries:
            try:
                # Not blocking: a FIFO that took a file's place would hold the run for ever.
                handle = os.open(self.root / entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            except (OSError, ValueError) as fault:
                yield entry, fault.strerror if isinstance(fault, OSError) and fault.strerror else "cannot be opened"
                continue
            with os.fdopen(handle, "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    yield entry, "is no regular file"
                    continue
                try:
                    yield entry, file.read(limit + 1)
                except OSError as fault:
                    yield entry, fault.strerror or "cannot be read"


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all: a sibling is written first and takes its place.

    Raises:
        OutsideError: the disk or its permissions refuse.
    """
    beside = path.with_name(f".{path.name}.tarmac-new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Made anew: a link of that name, left by somebody else, would be followed.
        beside.unlink(missing_ok=True)
        with open(beside, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        beside.replace(path)
    except OSError as fault:
        raise OutsideError(f"{path} cannot be written: {fault.strerror or fault}") from None
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
