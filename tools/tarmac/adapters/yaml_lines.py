"""What one line of plain YAML says, whatever stands around it; lines that were met before are remembered.

Most lines of a company's documents stand in many of them: `metadata:`, `kind: Component`. What a line says hangs on
nothing but the line, so it is taken apart once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from sys import intern
from typing import TypeAlias, TypeVar

from tarmac.adapters.yaml_scalars import CONSTANTS, NUMERIC_START, Inexact, plain
from tarmac.model.json_value import JsonValue
from tarmac.model.patterns import lazily

# A key, with a value or without; a dash, with a key or a value behind it; something in brackets, or how the text below
# is written, behind a key or a dash; an anchor, whose name something in brackets may follow, or an alias behind a key;
# lines that say nothing, and lines that are not plain.
KEY, DASH, BRACKETS, TEXT, ANCHOR, ALIAS, NOTHING, STRANGE = range(8)

# Column; one of the above; key; value, or what is written of it; column of the key behind a dash, or 0; the key again
# where its value may stand below. Columns count twice, and one more for a dash: a list may stand at the column of its
# key, and is deeper all the same.
Said: TypeAlias = "tuple[int, int, str | None, JsonValue, int, str | None]"
# Of those the ones that hang on what stands before ": ": column, KEY or DASH, key, column of the key behind a dash.
_Head: TypeAlias = tuple[int, int, str, int]
T = TypeVar("T")

# So many lines are remembered, and none that is longer: six megabytes at the very most, a quarter of it in most trees.
MOST_KNOWN = 4_096
LONGEST_KNOWN = 120

KEY_PATTERN = r"[A-Za-z_$][A-Za-z0-9_./-]{0,100}"
# A value without quotes does not begin with a sign that means something, and holds neither ": " nor " #".
_VALUE = r"(?:[A-Za-z0-9_./$(]|-(?=[0-9]))[^\n:#]*(?:(?::(?=[^ \n])|(?<=[^ ])\#)[^\n:#]*)*(?<!\ )"
# What every reader takes for a name, and for its end.
_NAME = r"[A-Za-z][A-Za-z0-9_-]{0,40}"
# Indentation, dash, key; a value: plain, in quotes, an anchor of something in brackets, in brackets, how the text below
# is written, an anchor of what stands below, or an alias; the end of the line.
_LINE = re.compile(
    rf"""
    (\ *) (-\ +)? (?: ({KEY_PATTERN}) : (?=[\ \n]) )?
    (?:
        \ * (?:
            ({_VALUE}) | ("(?:[^"\\\n]|\\[\\"])*"|'[^'\n]*')
            | (?: &({_NAME})\ + )? ([\[{{](?:[^\n#"]|"[^"\\\n]*")*[\]}}]) | ([|>]-?)(?=\n) | ([&*]{_NAME})
        )
    )?
    (?: \ +\#[^\n]* | \ * ) \n
    | \ *\#[^\n]*\n
    """,
    re.VERBOSE,
)
# Most lines that are new are a key that is not, and a value.
_HEAD = re.compile(rf"(\ *) (-\ +)? ({KEY_PATTERN})", re.VERBOSE)
_is_value = re.compile(_VALUE).fullmatch
_ESCAPED = lazily(r"\\(.)")
# What a value without quotes begins with that is no text: a number, or null, true and false.
_MEANING = NUMERIC_START | frozenset("~nNtTfF")

_NOTHING: Said = (-1, NOTHING, None, None, 0, None)
_STRANGE: Said = (-1, STRANGE, None, None, 0, None)


class Strange(ValueError):
    """What stands there is not of the plain sort."""


class _Remembered(dict[str, T]):
    """What is told of texts; of one that is asked for it is remembered from then on."""

    __slots__ = ("_tell",)

    def __init__(self, tell: Callable[[str], T]) -> None:
        self._tell = tell

    def __missing__(self, text: str) -> T:
        told = self._tell(text)
        if len(text) <= LONGEST_KNOWN:
            if len(self) >= MOST_KNOWN:
                self.clear()
            self[text] = told
        return told


def scalar(value: str) -> JsonValue:
    """The value of a text without quotes, which is not empty.

    Raises:
        Strange: it is a number that cannot be held.
    """
    if value[0] not in _MEANING:
        return value
    if value[0] not in NUMERIC_START:
        return CONSTANTS.get(value, value)
    try:
        return plain(value)
    except Inexact:
        raise Strange from None


def _head(before: str) -> _Head | None:
    """What stands before ": " in a line, where that is a plain key."""
    match = _HEAD.fullmatch(before)
    if match is None or match[3] in CONSTANTS:
        return None
    column, behind = _columns(match[1], match[2])
    # Documents have the same keys, of which one copy is enough.
    return column, DASH if behind else KEY, intern(match[3]), behind


def _said(line: str) -> Said:
    """The commonest lines, without the pattern that knows them all: a text behind a key, or behind a dash."""
    before, colon, value = line.partition(": ")
    if colon:
        if (head := HEADS[before]) is not None and _is_value(value) and value[0] not in _MEANING:
            column, sort, key, behind = head
            return column, sort, key, value, behind, None
    else:
        spaces, dash, value = line.partition("- ")
        if dash and not spaces.strip(" ") and _is_value(value) and value[0] not in _MEANING:
            return 2 * len(spaces) + 1, DASH, None, value, 0, None
    return _taken_apart(line)


def _taken_apart(line: str) -> Said:
    match = _LINE.fullmatch(line + "\n")
    if match is None:
        return _STRANGE
    spaces, dash, key, value, quoted, anchor, brackets, style, name = match.groups()
    if not key and not dash:
        return _STRANGE if value or quoted or brackets or style or name else _NOTHING
    if key in CONSTANTS:
        return _STRANGE
    column, behind = _columns(spaces, dash)
    if key:
        key = intern(key)
    else:
        behind = 0
    if anchor or name:
        return _named(column, key, behind, anchor, brackets or name) if key else _STRANGE
    if brackets or style:
        return column, BRACKETS if brackets else TEXT, key, brackets or style, behind, None
    sort = DASH if dash else KEY
    if value:
        try:
            return column, sort, key, scalar(value), behind, None
        except Strange:
            return _STRANGE
    if quoted:
        return column, sort, key, _unquoted(quoted), behind, None
    return (column, sort, key, None, behind, key) if key else _STRANGE


def _named(column: int, key: str, behind: int, anchor: str | None, what: str) -> Said:
    """A key with what an anchor names behind it, or with `what` alone: an anchor of what stands below, or an alias."""
    if anchor:
        return column, ANCHOR, key, f"{anchor} {what}", behind, None
    if what[0] == "&":
        return column, ANCHOR, key, what[1:], behind, key
    return column, ALIAS, key, what[1:], behind, None


def _unquoted(text: str) -> str:
    """What stands in quotes, in which nothing but quotes and backslashes is escaped."""
    inside = text[1:-1]
    return _ESCAPED.sub(r"\1", inside) if text[0] == '"' and "\\" in inside else inside


def _columns(spaces: str, dash: str | None) -> tuple[int, int]:
    """Where what a line says stands, and what stands behind its dash, or 0; both as `Said` has them."""
    at = len(spaces)
    return (2 * at + 1, 2 * (at + len(dash))) if dash else (2 * at, 0)


# What lines say, without their line feeds.
LINES: dict[str, Said] = _Remembered(_said)
HEADS: dict[str, _Head | None] = _Remembered(_head)
