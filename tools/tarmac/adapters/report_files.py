"""Files that a person names for a report."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tarmac.adapters.files import replace_text
from tarmac.errors import OutsideError


def folder_fault(path: Path) -> str | None:
    """Why a file cannot stand where `path` says, as far as its folder tells; None where it can. No folder is ever made
    for a report: a name with a slip in it would leave a tree behind."""
    whole = os.path.abspath(path)
    if os.path.isdir(whole):
        return "it is a folder"
    folder = os.path.dirname(whole)
    if os.path.isdir(folder):
        return None
    return f"{folder} is no folder" if os.path.lexists(folder) else f"there is no folder {folder}: make it first"


def write_report(path: Path, text: str) -> None:
    """Write a report whole; into a device or a pipe (`/dev/stdout`) directly, as these cannot be replaced.

    Raises:
        OutsideError: there is no such folder, or the disk or its permissions refuse.
    """
    if not _cannot_be_replaced(path):
        replace_text(path, text)
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
