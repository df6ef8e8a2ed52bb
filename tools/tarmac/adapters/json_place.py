"""Where in a JSON text a value stands: Python's reader tells that of what it cannot read, and of nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from json import JSONDecoder
from typing import TypeAlias

# Keys of objects and places in lists, from the outside in.
Steps: TypeAlias = Sequence[str | int]

_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = JSONDecoder()


def line_and_column(text: str, steps: Steps) -> tuple[int, int]:
    """Line and column, both from 1 on, of the first character of the value that the steps lead to.

    `text` is JSON that was read already, each of its keys once, and holds such a value.
    """
    at = _past(text, 0)
    for step in steps:
        at = _inside(text, at, step)
    before = text[:at]
    return before.count("\n") + 1, at - before.rfind("\n")


def _inside(text: str, at: int, step: str | int) -> int:
    """Where a member of the object or list that begins at `at` begins."""
    index, at = 0, _past(text, at + 1)
    while True:
        name: str | int = index
        if isinstance(step, str):
            name, end = _DECODER.raw_decode(text, at)
            at = _past(text, _past(text, end) + 1)
        if name == step:
            return at
        _, end = _DECODER.raw_decode(text, at)
        index, at = index + 1, _past(text, _past(text, end) + 1)


def _past(text: str, at: int) -> int:
    """Behind the blanks that stand there."""
    found = _BLANK.match(text, at)
    return at if found is None else found.end()
