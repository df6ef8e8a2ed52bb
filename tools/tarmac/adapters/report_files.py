"""Files that a person names for a report."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tarmac.adapters.files import write_text
from tarmac.errors import OutsideError


def write_report(path: Path, text: str) -> None:
    """Write a report whole; into a device or a pipe (`/dev/stdout`) directly, as these cannot be replaced.

    Raises:
        OutsideError: the disk or its permissions refuse.
    """
    if not _cannot_be_replaced(path):
        write_text(path, text)
        return
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as fault:
        raise OutsideError(f"{path} cannot be written: {fault.strerror or fault}") from None


def _cannot_be_replaced(path: Path) -> bool:
    # By the name as it is given: in a folder that somebody else filled, a link is replaced and never followed.
    if os.path.abspath(path).startswith(("/dev/", "/proc/")):
        return True
    try:
        mode = os.lstat(path).st_mode
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISLNK(mode) or stat.S_ISDIR(mode))
