"""Where a repository begins, for commands that are run somewhere inside it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

PLATFORM = Path("policies", "platform.yaml")
DATA = ("catalog", "teams", "requests", "policies", "templates")


def root_above(current: Callable[[], Path]) -> Path | None:
    """The nearest folder at or above the current one with policies/platform.yaml; else git's top, if it has data
    folders. None where that is the current folder, or there is no such folder.

    What lies above a repository's top is another's: it is never looked at.
    """
    try:
        here = current()
    except OSError:
        return None  # the current folder is gone, which reading it will say
    for folder in (here, *here.parents):
        # The functions of os.path answer no where a folder may not be looked into.
        if os.path.isfile(folder / PLATFORM):
            return None if folder == here else folder
        if os.path.lexists(folder / ".git"):
            holds = any(os.path.isdir(folder / name) for name in DATA)
            return folder if holds and folder != here else None
    return None
