"""What tests install beside the environment is there once, though several processes run tests at the same time."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Callable
from pathlib import Path


def once(folder: Path, fill: Callable[[Path], None]) -> Path:
    """The folder as `fill` leaves it; whoever asks meanwhile waits. What was cut off half-way is begun anew."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            fill(folder)
            (folder / "ready").touch()
    return folder
