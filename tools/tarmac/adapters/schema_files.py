"""The generated schema files of a source tree on disk."""

from __future__ import annotations

from pathlib import Path

from tarmac.adapters.files import write_text
from tarmac.errors import OutsideError
from tarmac.model.frozen import Frozen


class SchemaFolder(Frozen):
    """The files below `root`, which a person named; paths are our own and relative to it."""

    root: Path

    def read(self, path: str) -> bytes | None:
        """The bytes of a file; None if there is none.

        Raises:
            OutsideError: it is there and cannot be read.
        """
        try:
            return (self.root / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None
        except OSError as fault:
            raise OutsideError(f"{path} cannot be read: {fault.strerror or fault}") from None

    def names(self, folder: str) -> tuple[str, ...]:
        """Paths of the files right below a folder, sorted."""
        try:
            return tuple(sorted(f"{folder}/{entry.name}" for entry in (self.root / folder).iterdir()))
        except (FileNotFoundError, NotADirectoryError):
            return ()

    def write(self, path: str, content: bytes) -> None:
        """Write a file whole or not at all.

        Raises:
            OutsideError: the disk or its permissions refuse.
        """
        write_text(self.root / path, content.decode("utf-8"))

    def remove(self, path: str) -> None:
        """Remove a file; that it is gone already is no fault."""
        (self.root / path).unlink(missing_ok=True)
