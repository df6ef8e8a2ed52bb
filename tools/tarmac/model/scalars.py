"""Where a character of a text stands in the file that the text was written in."""

from __future__ import annotations

_ESCAPE_LENGTHS = {"x": 4, "u": 6, "U": 10}
_BLANK = " \t\r\n"


def offset_of(text: str, line: int, column: int) -> int:
    """The offset (code points from 0) of a line and column (from 1) within a text, at most its length."""
    start = 0
    for _ in range(line - 1):
        end = text.find("\n", start)
        if end < 0:
            break
        start = end + 1
    return min(start + column - 1, len(text))


def position(raw: str | None, text: str, offset: int) -> tuple[int, int]:
    """(lines below the scalar's first line, column) of the character at `offset` of `text`.

    `raw` is how the scalar is written: None for a plain one on one line, a quote for a quoted one on one line without
    escapes, otherwise its source, quotes or block header and all. The column counts from 0: from the scalar's first
    character in its first line, from the line's start in every other.
    """
    if raw is None:
        return 0, offset
    if raw in ("'", '"'):
        return 0, offset + 1
    quote = raw[0] if raw[0] in "'\"" else ""
    at = len(quote) if quote or raw[0] not in "|>" else raw.find("\n") + 1
    for char in text[:offset]:
        at = _past(raw, at, char, quote)
    if offset < len(text) and text[offset] not in _BLANK:
        at = _past_continuation(raw, _past_blanks(raw, at)) if quote == '"' else _past_blanks(raw, at)
    at = min(at, len(raw))
    line_start = raw.rfind("\n", 0, at) + 1
    return raw.count("\n", 0, at), at - line_start


def _past(raw: str, at: int, char: str, quote: str) -> int:
    """Where the source goes on after what `char` of the text was written as."""
    if at >= len(raw):
        return at
    if quote == '"' and raw[at] == "\\":
        at = _past_continuation(raw, at)
    if char in _BLANK and raw[at : at + 1] in ("\n", "\r"):
        return _past_blanks(raw, at)
    if char in _BLANK and raw[at : at + 1] not in ("\\", *_BLANK):
        return at
    if char not in _BLANK:
        at = _past_blanks(raw, at)
    if quote == '"' and raw[at : at + 1] == "\\":
        return at + _ESCAPE_LENGTHS.get(raw[at + 1 : at + 2], 2)
    return at + 2 if quote == "'" == char else at + 1


def _past_blanks(raw: str, at: int) -> int:
    while at < len(raw) and raw[at] in _BLANK:
        at += 1
    return at


def _past_continuation(raw: str, at: int) -> int:
    """A backslash at a line's end, and the next line's indentation, stand for nothing."""
    while raw[at : at + 1] == "\\" and raw[at + 1 : at + 2] in ("\n", "\r"):
        at = _past_blanks(raw, at + 1)
    return at
