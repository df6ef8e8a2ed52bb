"""Files of the working tree that get new bytes: whole, and only where nobody else changed them meanwhile."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tarmac.errors import OutsideError
from tarmac.model.frozen import Frozen


class MendedFolder(Frozen):
    """The files below `root`."""

    root: Path

    def replace(self, path: str, before: bytes, after: bytes) -> None:
        """Put `after` in the place of `before`, with the file's own permissions; no link is followed on the way.

        Raises:
            OutsideError: the file holds something else by now, or the disk refuses.
        """
        beside: Path | None = None
        try:
            folder = self.root
            for step in path.split("/")[:-1]:
                folder = folder / step
                if not stat.S_ISDIR(os.lstat(folder).st_mode):
                    raise OutsideError(f"{path} cannot be written: nothing is written through a link")
            target = folder / path.rpartition("/")[2]
            mode = self._unchanged(target, path, before)
            beside = target.with_name(f".{target.name}.tarmac-new")
            beside.unlink(missing_ok=True)
            handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
            with os.fdopen(handle, "wb") as file:
                file.write(after)
            os.chmod(beside, mode)
            beside.replace(target)
        except OSError as fault:
            raise OutsideError(f"{path} cannot be written: {fault.strerror or fault}") from None
        finally:
            if beside is not None:
                beside.unlink(missing_ok=True)

    def _unchanged(self, target: Path, path: str, before: bytes) -> int:
        """The file's permissions, if it still is what was read."""
        handle = os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(handle, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode) or file.read(len(before) + 1) != before:
                raise OutsideError(f"{path} was changed while it was being mended: nothing is written to it; run again")
        return stat.S_IMODE(mode)
