"""The line of a file that a finding is about, as it may be shown on a terminal, and where the caret goes."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from tarmac.model.frozen import Frozen
from tarmac.model.shown import visible

# Cells of a terminal; a longer line is cut around the place.
_WIDE = 100
_AFTER = 40
_TAB = "    "
# Marks that take no cell of their own could pile up without end.
_MOST_CHARACTERS = 4 * _WIDE
_CUT = "..."


class Excerpt(Frozen):
    """`text` is one line with nothing invisible in it, `indent` the cells before the place."""

    text: str
    indent: int


def excerpt(line: str, column: int) -> Excerpt:
    """The part of `line` around `column` (code points from 1; one past the end is allowed).

    Tabs become four blanks, what cannot be seen becomes an escape, and wide characters count as two cells (Unicode
    Standard Annex #11).
    """
    line = line.rstrip("\r\n")
    at = max(0, min(column - 1, len(line)))
    before, after = line[max(0, at - _MOST_CHARACTERS) : at], line[at : at + _MOST_CHARACTERS]
    some_right = _cells(_pieces(after, _AFTER))
    left = _pieces(reversed(before), _WIDE - some_right)
    right = _pieces(after, _WIDE - _cells(left))
    head = "".join(reversed(left))
    if len(left) < at:
        head = _CUT + head
    tail = "".join(right) if len(right) == len(line) - at else "".join(right) + _CUT
    return Excerpt((head + tail).rstrip(), _cells(head))


def _pieces(chars: Iterable[str], room: int) -> list[str]:
    found: list[str] = []
    for char in chars:
        piece = _TAB if char == "\t" else visible(char)
        room -= _cells(piece)
        if room < 0:
            break
        found.append(piece)
    return found


def _cells(texts: Iterable[str]) -> int:
    return sum(_width(char) for text in texts for char in text)


def _width(char: str) -> int:
    if char.isascii():
        return 1
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1
