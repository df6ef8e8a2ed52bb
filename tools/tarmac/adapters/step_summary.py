"""The summary of a job at GitHub: a file that the runner names, to which every step appends."""

from __future__ import annotations

from pathlib import Path

from tarmac.errors import OutsideError


def append_summary(path: Path, text: str) -> None:
    """Write behind what is there.

    Raises:
        OutsideError: the disk or its permissions refuse.
    """
    try:
        with path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as fault:
        raise OutsideError(f"the summary {path} cannot be written: {fault.strerror or fault}") from None
