"""The part of CEL that most policies are written in, evaluated in Python where its meaning is beyond doubt.

A call between the engine and Python costs several times what comparing two texts does, and a policy asks the catalog
with each. So what is written in the plain part is read here (recursive descent; the grammar is that of the CEL
specification) and becomes functions. Whatever is not, and whatever meets a value of which more could be meant (a number
with a fraction, null, a text with a NUL, a key that is not there), is *unsure*: then the engine is asked, and its word
alone counts. So nothing passes here that the engine would fail. What an expression means is one thing for both, which
tests hold on generated expressions and facts; the engine's bounds on the size of facts are its own, and here at most
ROUNDS rounds of loops are made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeVar

from tarmac.adapters.cel_plain_steps import TEXT_TESTS, Finder, Steps
from tarmac.adapters.cel_plain_types import OPTIONAL, Type, Types, Uncertain
from tarmac.adapters.cel_plain_values import is_true
from tarmac.model.expressions import Functions, Sure
from tarmac.model.patterns import lazily

# Rounds of all loops of one evaluation together, and how many things all calls of functions may give: the engine has
# budgets of its own, and would refuse what goes far beyond these.
ROUNDS, RESULTS = 200, 2_000
# What is longer or nested deeper is left to the engine: each sign may be a call within a call.
_MOST_TOKENS = 200
_DEEPEST = 24

_TOKEN = lazily(
    r"""\s*(?:([A-Za-z_][A-Za-z0-9_]*)|("[^"\\\n]*"|'[^'\\\n]*')|([0-9]{1,18})(?![0-9A-Za-z_.])"""
    r"""|(\.\?|\[\?|==|!=|<=|>=|&&|\|\||[.,()\[\]!<>?:+*]))"""
)
_RESERVED = frozenset(
    re.findall(
        r"\w+",
        "as break const continue else false for function if import in let loop namespace null package return true var "
        "void while",
    )
)
_SIGNS = frozenset({".", ".?", "[", "[?", "+", "*", "!", "?", "==", "!=", "<", "<=", ">", ">=", "in"})
_OPENING, _CLOSING = frozenset({"(", "[", "[?"}), frozenset({")", "]"})
# The engine reads 32 levels; as many `&&` as there may be take six of them.
_CERTAINLY_READ = 24
_COMPARISONS = frozenset({"<", "<=", ">", ">="})
_OF_ONE = frozenset({"size", "timestamp", "days", "string", "money"})
_LOOPS = frozenset({"all", "exists", "filter"})
_CONSTANTS = {"true": True, "false": False, "null": None}
_NO_FIELDS = frozenset({*_CONSTANTS, "in"})


V = TypeVar("V")


class _Other(ValueError):
    """It is not written in the plain part."""


class Told:
    """What tells the value of an expression that compiles. `left` begins with how many rounds and results `value` may
    still have; it says Unsure where the engine is to tell. `certain` is whether the value is true or false, if there is
    one, and takes no rounds."""

    def __init__(self, value: Callable[[dict[str, Any]], Any], left: list[int], *, certain: bool) -> None:
        self._value, self._left, self._certain = value, left, certain

    def value(self, facts: dict[str, Any]) -> Any:
        """Raises Unsure."""
        self._left[:] = ROUNDS, RESULTS
        return self._value(facts)

    def sure(self) -> Sure:
        """What tells whether it is true or false."""
        value, left = self._value, self._left
        if self._certain:
            return value

        def sure(facts: dict[str, Any]) -> bool:
            left[:] = ROUNDS, RESULTS
            return is_true(value(facts))

        return sure


def sure_of(source: str, variables: Sequence[str], functions: Functions, finder: Finder) -> Sure | None:
    """What tells whether an expression that compiles is true or false.

    `finder` makes of a pattern what tells whether a text holds it. None where the expression is not of the plain part.
    """
    told = told_of(source, variables, functions, finder)
    return None if told is None else told.sure()


def told_of(source: str, variables: Sequence[str], functions: Functions, finder: Finder) -> Told | None:
    """What tells the value of an expression that compiles. None where it is not of the plain part."""
    steps = Steps(finder)
    try:
        value = _Reader(source, variables, functions, steps).whole()
    except _Other:
        return None
    return None if isinstance(value, _Optional) else Told(value, steps.left, certain=steps.certain(value))


def type_of(source: str, variables: Mapping[str, Type], functions: Functions) -> Type | None:
    """The type that the engine's compiler finds: it has nothing against the expression. None where that is not certain.
    `variables` are their types.

    Raises:
        ExpressionError: a loop does what no loop may.
    """
    types = Types(variables)
    reader = _Reader(source, tuple(variables), functions, types)
    try:
        found = reader.whole()
    except (_Other, Uncertain):
        return None
    if reader.depth() > _CERTAINLY_READ:
        return None
    if types.loops:
        from tarmac.adapters.cel_growth import bounds_of

        bounds_of(source)
    return OPTIONAL if isinstance(found, _Optional) else found


class _Optional(Generic[V]):
    """A path that may end nowhere: what it begins with, and its keys."""

    def __init__(self, base: V, keys: tuple[V | str, ...]) -> None:
        self.base, self.keys = base, keys


class _Maker(Protocol[V]):
    """What is made of each part of an expression: a function that evaluates it, or its type."""

    def constant(self, value: bool | int | str | None) -> V: ...
    def variable(self, name: str) -> V: ...
    def listed(self, items: Sequence[V]) -> V: ...
    def field(self, base: V, name: str) -> V: ...
    def ended(self, base: V, keys: Sequence[V | str], instead: V | None) -> V: ...
    def one(self, name: str, value: V) -> V: ...
    def two(self, name: str, left: V, right: V) -> V: ...
    def related(self, sign: str, left: V, right: V) -> V: ...
    def chosen(self, condition: V, yes: V, no: V) -> V: ...
    def either(self, left: V, right: V) -> V: ...
    def both(self, left: V, right: V) -> V: ...
    def matches(self, base: V, pattern: V) -> V: ...
    def loop(self, name: str, base: V, variable: str, body: V) -> V: ...
    def called(self, name: str, arguments: Sequence[V]) -> V: ...
    def has(self, base: V, name: str) -> V: ...


class _Reader(Generic[V]):
    """Reads one expression. Each method reads what its name says, from where the one before stopped."""

    def __init__(self, source: str, variables: Sequence[str], functions: Functions, make: _Maker[V]) -> None:
        self._source = source
        self._tokens: list[str] = []
        self._at = 0
        self._names = frozenset(variables)
        self._functions = functions
        self._make = make
        self._depth = 0

    def whole(self) -> V | _Optional[V]:
        """Raises _Other where not all of it is of the plain part."""
        self._tokens = _tokens(self._source)
        found = self._choice()
        if self._at != len(self._tokens):
            raise _Other
        return found

    def depth(self) -> int:
        """At most how deeply the engine nests what has been read: a sign takes what stands before it one level down,
        but for `&&` and `||`, of which it makes a balanced tree."""
        most: dict[int, int] = {}
        counts = [0]
        for word in self._tokens:
            counts[-1] += word in _SIGNS
            level = len(counts)
            most[level] = max(most.get(level, 0), counts[-1])
            if word in ("&&", "||", ","):
                counts[-1] = 0
            elif word in _OPENING:
                counts.append(0)
            elif word in _CLOSING:
                counts.pop()
        return sum(most.values()) + len(most)

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self) -> str:
        word = self._peek()
        self._at += 1
        return word

    def _takes(self, sign: str) -> bool:
        found = self._peek() == sign
        self._at += found
        return found

    def _need(self, sign: str) -> None:
        if not self._takes(sign):
            raise _Other

    def _value(self) -> V:
        """A value that is there: an optional without an end is not of the plain part."""
        return _real(self._choice())

    def _choice(self) -> V | _Optional[V]:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Other
        condition = self._either()
        if self._takes("?"):
            yes = self._value()
            self._need(":")
            condition = self._make.chosen(_real(condition), yes, self._value())
        self._depth -= 1
        return condition

    def _either(self) -> V | _Optional[V]:
        found = self._both()
        while self._takes("||"):
            found = self._make.either(_real(found), _real(self._both()))
        return found

    def _both(self) -> V | _Optional[V]:
        found = self._relation()
        while self._takes("&&"):
            found = self._make.both(_real(found), _real(self._relation()))
        return found

    def _relation(self) -> V | _Optional[V]:
        found = self._sum()
        while (sign := self._peek()) in _COMPARISONS or sign in ("==", "!=", "in"):
            self._at += 1
            found = self._make.related(sign, _real(found), _real(self._sum()))
        return found

    def _sum(self) -> V | _Optional[V]:
        found = self._product()
        while self._takes("+"):
            found = self._make.two("+", _real(found), _real(self._product()))
        return found

    def _product(self) -> V | _Optional[V]:
        found = self._unary()
        while self._takes("*"):
            found = self._make.two("*", _real(found), _real(self._unary()))
        return found

    def _unary(self) -> V | _Optional[V]:
        if self._takes("!"):
            # To the engine two of them are none at all.
            if self._takes("!"):
                return self._make.one("!!", _real(self._unary()))
            return self._make.one("!", _real(self._unary()))
        return self._path()

    def _path(self) -> V | _Optional[V]:
        found = self._primary()
        while (sign := self._peek()) in (".", ".?", "[", "[?"):
            self._at += 1
            if sign == ".?":
                found = _optional(found, self._field())
            elif sign == "[?":
                key = self._value()
                self._need("]")
                found = _optional(found, key)
            elif sign == "[":
                found = self._make.two("[]", _real(found), self._value())
                self._need("]")
            else:
                found = self._member(found)
        return found

    def _field(self) -> str:
        """A field may be called as no variable may: `object.spec.for`."""
        name = self._take()
        if not _is_word(name) or name in _NO_FIELDS:
            raise _Other
        return name

    def _member(self, base: V | _Optional[V]) -> V | _Optional[V]:
        name = self._field()
        if not self._takes("("):
            return self._make.field(_real(base), name)
        if name in ("orValue", "hasValue"):
            if not isinstance(base, _Optional):
                raise _Other
            found = self._make.ended(base.base, base.keys, None if name == "hasValue" else self._value())
        elif name in _LOOPS:
            found = self._loop(name, _real(base))
        elif name == "size":
            found = self._make.one(name, _real(base))
        elif name == "matches":
            found = self._make.matches(_real(base), self._value())
        elif name in TEXT_TESTS:
            found = self._make.two(name, _real(base), self._value())
        else:
            raise _Other
        self._need(")")
        return found

    def _loop(self, name: str, base: V) -> V:
        variable = self._take()
        if not _is_name(variable):
            raise _Other
        self._need(",")
        hidden = self._names
        self._names |= {variable}
        body = self._value()
        self._names = hidden
        return self._make.loop(name, base, variable, body)

    def _primary(self) -> V | _Optional[V]:
        word = self._take()
        if word == "(":
            found = self._choice()
            self._need(")")
            return found
        if word == "[":
            return self._list()
        if word in _CONSTANTS:
            return self._make.constant(_CONSTANTS[word])
        if word[:1].isdigit():
            return self._make.constant(int(word))
        if word[:1] in ("'", '"'):
            return self._make.constant(word[1:-1])
        if not _is_name(word):
            raise _Other
        if self._peek() == "(":
            return self._call(word)
        if word not in self._names:
            raise _Other
        return self._make.variable(word)

    def _list(self) -> V:
        items: list[V] = []
        while not self._takes("]"):
            items.append(self._value())
            if self._peek() != "]":
                self._need(",")
        return self._make.listed(items)

    def _call(self, name: str) -> V:
        self._need("(")
        if name == "has":
            found = self._has()
        elif name in _OF_ONE and name not in self._names:
            found = self._make.one(name, self._value())
        elif name in self._functions and name not in self._names:
            arguments = [self._value()]
            while self._takes(","):
                arguments.append(self._value())
            if len(arguments) != self._functions[name]:
                raise _Other
            found = self._make.called(name, arguments)
        else:
            raise _Other
        self._need(")")
        return found

    def _has(self) -> V:
        """`has(path.field)`: nothing but fields, the last of which is asked for."""
        name = self._take()
        if name not in self._names or not self._takes("."):
            raise _Other
        fields = [self._field()]
        while self._takes("."):
            fields.append(self._field())
        base = self._make.variable(name)
        for field in fields[:-1]:
            base = self._make.field(base, field)
        return self._make.has(base, fields[-1])


@lru_cache(maxsize=64)
def _tokens(source: str) -> list[str]:
    found: list[str] = []
    at, end = 0, len(source.rstrip())
    while at < end:
        match = _TOKEN.match(source, at)
        if match is None or len(found) == _MOST_TOKENS:
            raise _Other
        found.append(match[match.lastindex or 0])
        at = match.end()
    return found


def _is_word(word: str) -> bool:
    return word[:1].isalpha() or word[:1] == "_"


def _is_name(word: str) -> bool:
    return _is_word(word) and word not in _RESERVED


def _real(found: V | _Optional[V]) -> V:
    if isinstance(found, _Optional):
        raise _Other
    return found


def _optional(found: V | _Optional[V], key: V | str) -> _Optional[V]:
    if isinstance(found, _Optional):
        return _Optional(found.base, (*found.keys, key))
    return _Optional(found, (key,))
