"""Files of this source tree that are generated: which are stale, and how they are written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from tarmac.errors import UsageError

# What proves that a folder is Tarmac's own source tree.
_SOURCE = "tools/tarmac/model/__init__.py"


class Files(Protocol):
    """The files below one folder."""

    def read(self, path: str) -> bytes | None: ...

    def names(self, folder: str) -> Iterable[str]:
        """Paths of the files right below a folder."""
        ...

    def write(self, path: str, content: bytes) -> None: ...

    def remove(self, path: str) -> None: ...


def stale(wanted: Mapping[str, bytes], files: Files, folder: str, suffix: str) -> tuple[str, ...]:
    """The paths that are missing, hold something else, or are left over (`suffix` in `folder`), sorted.

    Raises:
        UsageError: the folder is not Tarmac's source tree.
    """
    if files.read(_SOURCE) is None:
        raise UsageError(
            "--write and --check are for Tarmac's own source tree, where tools/tarmac lies: name it with --root"
        )
    left = [path for path in files.names(folder) if path.endswith(suffix) and path not in wanted]
    return tuple(sorted([*left, *(path for path, content in wanted.items() if files.read(path) != content)]))


def write(wanted: Mapping[str, bytes], files: Files, folder: str, suffix: str) -> tuple[str, ...]:
    """Write what is stale, remove what is left over; the paths that were touched.

    Raises:
        UsageError: the folder is not Tarmac's source tree.
    """
    touched = stale(wanted, files, folder, suffix)
    for path in touched:
        if path in wanted:
            files.write(path, wanted[path])
        else:
            files.remove(path)
    return touched
