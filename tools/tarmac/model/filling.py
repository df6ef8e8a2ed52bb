"""Templates of data: a structure whose texts may hold `{config.size}`. Values are put in as data, never as code.

A text that is nothing but one hole becomes the value itself, whatever its type; one that is not there is left out. In
a longer text a hole becomes text. A mapping `{$choose: "{config.size}", from: {small: ..., large: ...}}` becomes what
stands in `from` under that value. Keys are never filled in, and what a value holds is never looked at again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tarmac.errors import ExpressionError
from tarmac.model.json_value import JsonValue
from tarmac.model.patterns import lazily
from tarmac.model.shown import one_of, visible
from tarmac.model.templates import Hole, split

CHOOSE, FROM = "$choose", "from"

# What a filled text may hold, and all texts of a template together: values are others' words.
LONGEST, MOST = 64 * 1024, 512 * 1024

_PATH = lazily(r"\s*([A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_-]*)*)\s*\Z")


class _Absent:
    """What a hole gives whose value is not there."""


_ABSENT = _Absent()


def fill(template: JsonValue, facts: Mapping[str, JsonValue]) -> JsonValue:
    """The template with its holes filled from `facts`.

    Raises:
        ExpressionError: a hole that is no path of names, a text that lacks a value, a choice that is not offered, or
            more text than a template may become.
    """
    filled = _Filling(facts).value(template)
    return None if isinstance(filled, _Absent) else filled


def holes(template: JsonValue) -> Iterator[tuple[str, ...]]:
    """The paths of all holes, in the order written, as often as they stand.

    Raises:
        ExpressionError: a text that cannot be read.
    """
    if isinstance(template, str):
        for piece in split(template):
            if isinstance(piece, Hole):
                yield _path(piece)
    elif isinstance(template, Mapping):
        for value in template.values():
            yield from holes(value)
    elif isinstance(template, list | tuple):
        for value in template:
            yield from holes(value)


class _Filling:
    def __init__(self, facts: Mapping[str, JsonValue]) -> None:
        self._facts = facts
        self._written = 0

    def value(self, template: JsonValue) -> JsonValue | _Absent:
        if isinstance(template, str):
            return self._text(template)
        if isinstance(template, Mapping):
            if CHOOSE in template:
                return self._choice(template)
            filled = {name: self.value(below) for name, below in template.items()}
            return {name: below for name, below in filled.items() if not isinstance(below, _Absent)}
        if isinstance(template, list | tuple):
            every = [self.value(below) for below in template]
            return [below for below in every if not isinstance(below, _Absent)]
        return template

    def _text(self, template: str) -> JsonValue | _Absent:
        pieces = split(template)
        if len(pieces) == 1 and isinstance(pieces[0], Hole):
            found = self._found(_path(pieces[0]))
            if isinstance(found, str | list | tuple | Mapping):
                self._count(_size(found))
            return found
        texts = [piece if isinstance(piece, str) else self._as_text(piece) for piece in pieces]
        whole = "".join(texts)
        if len(whole) > LONGEST:
            raise ExpressionError(f"a text of more than {LONGEST} characters")
        self._count(len(whole))
        return whole

    def _as_text(self, hole: Hole) -> str:
        found = self._found(_path(hole))
        if isinstance(found, bool):
            return "true" if found else "false"
        if isinstance(found, str | int):
            return str(found)
        why = "is not there" if isinstance(found, _Absent) else "is no text and no whole number"
        raise ExpressionError(f"{hole.source.strip()} {why}")

    def _choice(self, template: Mapping[str, JsonValue]) -> JsonValue | _Absent:
        offered = template.get(FROM)
        if not isinstance(offered, Mapping) or set(template) != {CHOOSE, FROM}:
            raise ExpressionError(f"{CHOOSE} stands beside {FROM}, a mapping of what there is to choose, and no more")
        chosen = self.value(template[CHOOSE])
        if isinstance(chosen, bool):
            chosen = "true" if chosen else "false"
        if isinstance(chosen, str | int) and str(chosen) in offered:
            return self.value(offered[str(chosen)])
        shown = "nothing" if isinstance(chosen, _Absent) else visible(str(chosen))
        raise ExpressionError(f"{shown} is none of {one_of(tuple(offered))}")

    def _found(self, path: tuple[str, ...]) -> JsonValue | _Absent:
        here: JsonValue = self._facts
        for step in path:
            if not isinstance(here, Mapping) or step not in here:
                return _ABSENT
            here = here[step]
        return here

    def _count(self, written: int) -> None:
        self._written += written
        if self._written > MOST:
            raise ExpressionError(f"the values make more than {MOST} characters of it")


def _path(hole: Hole) -> tuple[str, ...]:
    found = _PATH.match(hole.source)
    if found is None:
        raise ExpressionError(f"{visible(hole.source.strip())} is no path of names such as config.size")
    return tuple(found[1].split("."))


def _size(value: JsonValue) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, Mapping):
        return sum(len(name) + _size(below) for name, below in value.items())
    if isinstance(value, list | tuple):
        return len(value) + sum(map(_size, value))
    return 1
