"""The text of a YAML file by the places that the reader names, and how pieces are cut into it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from tarmac.model.frozen import Frozen
from tarmac.model.places import PlaceNode

_REST = re.compile(r"[ \t]*(?:(?<=[ \t])#[^\n]*?)?(?=\r?\n|\Z)")


class Splice(Frozen, order=True):
    """From `start` up to `end` (code points from 0) stands `text` instead."""

    start: int
    end: int
    text: str


def spliced(text: str, splices: Iterable[Splice]) -> str | None:
    """The text with every splice cut in; None where two of them would touch the same stretch."""
    pieces: list[str] = []
    at = 0
    last: Splice | None = None
    for splice in sorted(splices):
        if splice.start < at or splice == last:
            return None
        pieces += [text[at : splice.start], splice.text]
        at, last = splice.end, splice
    return "".join([*pieces, text[at:]])


class YamlText:
    """A file's text without its byte order mark, found by line and column."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.line_end = "\r\n" if "\r\n" in text else "\n"
        self.starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self.lines = [text[start:end] for start, end in pairwise([*self.starts, len(text)]) if start < end]

    def offset(self, node: PlaceNode) -> int:
        """Where the value begins."""
        return self.at(node[0], node[1])

    def at(self, line: int, column: int) -> int:
        """The offset of a line and column, both from 1."""
        return self.starts[line - 1] + column - 1

    def scalar(self, node: PlaceNode, value: str) -> tuple[int, int] | None:
        """From where to where the text `value` is written, quotes aside; None where it is not written as it reads."""
        start, how = self.offset(node), node[2]
        quote = ""
        if how is not None:
            if how not in ("'", '"'):
                return None
            quote = str(how)
            start += 1
        end = start + len(value)
        written = self.text[start:end] == value and self.text[start - len(quote) : start] == quote
        return (start, end) if value and written and self.text.startswith(quote, end) else None

    def indent(self, line: int, column: int) -> str | None:
        """The blanks before a key, None where something else stands before it in its line."""
        before = self.text[self.starts[line - 1] : self.at(line, column)]
        return before if not before.strip(" ") else None

    def rest_of_line(self, offset: int) -> int | None:
        """Where the line ends, if nothing but a comment follows `offset` in it."""
        match = _REST.match(self.text, offset)
        return None if match is None else match.end()
