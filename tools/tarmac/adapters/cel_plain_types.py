"""The types of the plain part of CEL, as the engine's compiler finds them: whoever is certain of all of them knows,
without asking, that it has nothing against the expression.

What is read from documents is dynamic, and goes with everything. So what may be refused is what is written out, and
what follows from that: wherever two types meet of which more than one thing could be said, this is *uncertain*.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType


class Uncertain(Exception):  # no error: somebody else is asked
    """What the compiler says is for it to say."""


class Type:
    """A type, by the compiler's own name for it."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name


DYN, BOOL, INT, TEXT, LIST, NULL = map(Type, ("dyn", "bool", "int", "string", "list", "null"))
TIMESTAMP, DURATION, OPTIONAL, MIXED = map(Type, ("timestamp", "duration", "optional", "mixed"))

# A list whose elements are dynamic.
FILTERED = Type("list")
_LISTS = (LIST, FILTERED)

# What each takes beside what is dynamic, and gives.
_OF_ONE: Mapping[str, tuple[tuple[Type, ...], Type]] = MappingProxyType(
    {
        "!": ((BOOL,), BOOL),
        "size": ((TEXT, *_LISTS), INT),
        "timestamp": ((TEXT,), TIMESTAMP),
        "days": ((INT,), DURATION),
        "string": ((TEXT, INT, BOOL, TIMESTAMP), TEXT),
        "money": ((TEXT,), INT),
    }
)
_ORDERED = (INT, TEXT, TIMESTAMP)


class Types:
    """Makes of what is read its type. `variables` are those of the variables; what a loop goes over is dynamic. `loops`
    says whether there is one."""

    def __init__(self, variables: Mapping[str, Type]) -> None:
        self._variables = variables
        self.loops = False

    def constant(self, value: bool | int | str | None) -> Type:
        return {bool: BOOL, int: INT, str: TEXT}.get(type(value), NULL)

    def variable(self, name: str) -> Type:
        return self._variables.get(name, DYN)

    def listed(self, items: Sequence[Type]) -> Type:
        for item in items:
            _is(item, TEXT)
        return LIST

    def field(self, base: Type, name: str) -> Type:
        return _is(base)

    def ended(self, base: Type, keys: Sequence[Type | str], instead: Type | None) -> Type:
        for key in keys:
            if isinstance(key, Type):
                _is(key, TEXT)
        _is(base)
        if instead is None:
            return BOOL
        _is(instead, BOOL, INT, TEXT, *_LISTS, NULL)
        # To the compiler a field is dynamic, and an element of the type of what stands in for it.
        return instead if isinstance(keys[-1], Type) else DYN

    def one(self, name: str, value: Type) -> Type:
        if name == "!!":
            return _is(value, BOOL)
        taken, given = _OF_ONE[name]
        _is(value, *taken)
        return given

    def two(self, name: str, left: Type, right: Type) -> Type:
        if name == "[]":
            _is(right, INT, *(() if left is FILTERED else (TEXT,)))
            return DYN if left is FILTERED else _is(left)
        if name == "+":
            return _sum(left, right)
        if name == "*":
            if left is not right or left not in (DYN, INT):
                raise Uncertain
            return left
        _is(left, TEXT)
        _is(right, TEXT)
        return BOOL

    def related(self, sign: str, left: Type, right: Type) -> Type:
        if sign == "in":
            _is(left, TEXT)
            _is(right, *_LISTS)
        elif sign in ("==", "!="):
            _alike(left, right, (BOOL, INT, TEXT, *_LISTS, TIMESTAMP))
        else:
            _alike(left, right, _ORDERED)
        return BOOL

    def chosen(self, condition: Type, yes: Type, no: Type) -> Type:
        _is(condition, BOOL)
        _is(yes, BOOL, INT, TEXT, *_LISTS)
        _is(no, BOOL, INT, TEXT, *_LISTS)
        if yes is no:
            return yes
        if yes in _LISTS and no in _LISTS:
            return FILTERED
        if DYN not in (yes, no):
            raise Uncertain
        return MIXED

    def either(self, left: Type, right: Type) -> Type:
        _is(left, BOOL)
        return _is(right, BOOL, given=BOOL)

    def both(self, left: Type, right: Type) -> Type:
        return self.either(left, right)

    def matches(self, base: Type, pattern: Type) -> Type:
        return self.two("matches", base, pattern)

    def loop(self, name: str, base: Type, variable: str, body: Type) -> Type:
        self.loops = True
        _is(base)
        _is(body, BOOL)
        return FILTERED if name == "filter" else BOOL

    def called(self, name: str, arguments: Sequence[Type]) -> Type:
        for argument in arguments:
            _is(argument, TEXT)
        return DYN

    def has(self, base: Type, name: str) -> Type:
        _is(base)
        return BOOL


def _sum(left: Type, right: Type) -> Type:
    if (left, right) == (TIMESTAMP, DURATION):
        return TIMESTAMP
    if left is right and left in (DYN, INT, LIST):
        return left
    if left in _LISTS and right in _LISTS:
        return FILTERED
    # With a text goes nothing but another.
    if TEXT in (left, right) and {left, right} <= {TEXT, DYN}:
        return TEXT
    raise Uncertain


def _is(found: Type, *taken: Type, given: Type | None = None) -> Type:
    """The type itself (or `given`), where it is dynamic or one of those that are taken."""
    if found is not DYN and found not in taken:
        raise Uncertain
    return found if given is None else given


def _alike(left: Type, right: Type, taken: Sequence[Type]) -> None:
    """Two that can be compared: one of them is dynamic, or both are the same."""
    _is(left, *taken)
    _is(right, *taken)
    if left is not right and DYN not in (left, right) and not (left in _LISTS and right in _LISTS):
        raise Uncertain
