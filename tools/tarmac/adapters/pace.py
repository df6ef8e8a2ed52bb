"""Rests between two tries: real time, and real chance."""

from __future__ import annotations

import random
import time
from collections.abc import Callable


def sleep(seconds: float) -> None:
    """Wait so long."""
    time.sleep(seconds)


def chance() -> Callable[[], float]:
    """Draws from [0, 1), differently in every run."""
    return random.SystemRandom().random
