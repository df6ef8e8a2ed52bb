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
from typing import Any

from tarmac.adapters.cel_plain_steps import (
    LOOPS,
    TEXT_TESTS,
    Constant,
    Finder,
    Value,
    both,
    called,
    chosen,
    either,
    ended,
    found_in,
    negated,
    of_one,
    of_two,
    related,
    selection,
)
from tarmac.adapters.cel_plain_values import Unsure, added, days, element, has_key, instant, length, written
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
    r"""|(\.\?|\[\?|==|!=|<=|>=|&&|\|\||[.,()\[\]!<>?:+]))"""
)
_RESERVED = frozenset(
    re.findall(
        r"\w+",
        "as break const continue else false for function if import in let loop namespace null package return true var "
        "void while",
    )
)
_COMPARISONS = frozenset({"<", "<=", ">", ">="})
_OF_ONE: Mapping[str, Callable[[Any], Any]] = {"size": length, "timestamp": instant, "days": days, "string": written}
_CONSTANTS = {"true": True, "false": False}


class _Other(ValueError):
    """It is not written in the plain part."""


def sure_of(source: str, variables: Sequence[str], functions: Functions, finder: Finder) -> Sure | None:
    """What tells whether an expression that compiles is true, false, or (None) for the engine to say.

    `finder` makes of a pattern what tells whether a text holds it. None where the expression is not of the plain part.
    """
    reader = _Reader(source, variables, functions, finder)
    try:
        value = reader.whole()
    except _Other:
        return None
    left = reader.left

    def sure(facts: dict[str, Any]) -> bool | None:
        left[:] = ROUNDS, RESULTS
        try:
            found = value(facts)
        except Unsure:
            return None
        return found if found is True or found is False else None

    return sure


class _Optional:
    """A path that may end nowhere: what it begins with, and its keys."""

    def __init__(self, base: Value, keys: tuple[Value | str, ...]) -> None:
        self.base, self.keys = base, keys


class _Reader:
    """Reads one expression. Each method reads what its name says, from where the one before stopped."""

    def __init__(self, source: str, variables: Sequence[str], functions: Functions, finder: Finder) -> None:
        self._source = source
        self._tokens: list[str] = []
        self._at = 0
        self._names = frozenset(variables)
        self._functions = functions
        self._finder = finder
        self._depth = 0
        # How many rounds may still be made, and how many things functions may still give.
        self.left = [0, 0]

    def whole(self) -> Value:
        """Raises _Other where not all of it is of the plain part."""
        self._tokens = _tokens(self._source)
        value = self._value()
        if self._at != len(self._tokens):
            raise _Other
        return value

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

    def _value(self) -> Value:
        """A value that is there: an optional without an end is not of the plain part."""
        found = self._choice()
        if isinstance(found, _Optional):
            raise _Other
        return found

    def _choice(self) -> Value | _Optional:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Other
        condition = self._either()
        if self._takes("?"):
            yes = self._value()
            self._need(":")
            condition = chosen(_real(condition), yes, self._value())
        self._depth -= 1
        return condition

    def _either(self) -> Value | _Optional:
        found = self._both()
        while self._takes("||"):
            found = either(_real(found), _real(self._both()))
        return found

    def _both(self) -> Value | _Optional:
        found = self._relation()
        while self._takes("&&"):
            found = both(_real(found), _real(self._relation()))
        return found

    def _relation(self) -> Value | _Optional:
        found = self._sum()
        while (sign := self._peek()) in _COMPARISONS or sign in ("==", "!=", "in"):
            self._at += 1
            found = related(sign, _real(found), _real(self._sum()))
        return found

    def _sum(self) -> Value | _Optional:
        found = self._unary()
        while self._takes("+"):
            found = of_two(added, _real(found), _real(self._unary()))
        return found

    def _unary(self) -> Value | _Optional:
        if self._takes("!"):
            return negated(_real(self._unary()))
        return self._path()

    def _path(self) -> Value | _Optional:
        found: Value | _Optional = self._primary()
        while (sign := self._peek()) in (".", ".?", "[", "[?"):
            self._at += 1
            if sign == ".?":
                found = _optional(found, self._field())
            elif sign == "[?":
                key = self._value()
                self._need("]")
                found = _optional(found, key)
            elif sign == "[":
                found = of_two(element, _real(found), self._value())
                self._need("]")
            else:
                found = self._member(found)
        return found

    def _field(self) -> str:
        name = self._take()
        if not _is_name(name):
            raise _Other
        return name

    def _member(self, base: Value | _Optional) -> Value | _Optional:
        name = self._field()
        if not self._takes("("):
            return selection(_real(base), name)
        if name in ("orValue", "hasValue"):
            if not isinstance(base, _Optional):
                raise _Other
            found = ended(base.base, base.keys, None if name == "hasValue" else self._value())
        elif name in ("all", "exists", "filter"):
            found = self._loop(name, _real(base))
        elif name == "size":
            found = of_one(length, _real(base))
        elif name == "matches":
            found = found_in(_real(base), self._finder, self._value())
        elif name in ("startsWith", "endsWith", "contains"):
            found = of_two(TEXT_TESTS[name], _real(base), self._value())
        else:
            raise _Other
        self._need(")")
        return found

    def _loop(self, name: str, base: Value) -> Value:
        variable = self._field()
        self._need(",")
        hidden = self._names
        self._names |= {variable}
        body = self._value()
        self._names = hidden
        return LOOPS[name](base, variable, body, self.left)

    def _primary(self) -> Value:
        word = self._take()
        if word == "(":
            found = self._value()
            self._need(")")
            return found
        if word == "[":
            return self._list()
        if word in _CONSTANTS:
            return Constant(_CONSTANTS[word])
        if word[:1].isdigit():
            return Constant(int(word))
        if word[:1] in ("'", '"'):
            return Constant(word[1:-1])
        if not _is_name(word):
            raise _Other
        if self._peek() == "(":
            return self._call(word)
        if word not in self._names:
            raise _Other
        return lambda env: env[word]

    def _list(self) -> Value:
        """A list of texts that are written out."""
        texts: list[str] = []
        while not self._takes("]"):
            texts.append(_quoted(self._take()))
            if self._peek() != "]":
                self._need(",")
        return Constant(texts)

    def _call(self, name: str) -> Value:
        self._need("(")
        if name == "has":
            found = self._has()
        elif name in _OF_ONE and name not in self._names:
            found = of_one(_OF_ONE[name], self._value())
        elif name in self._functions and name not in self._names:
            arguments = [self._value()]
            while self._takes(","):
                arguments.append(self._value())
            if len(arguments) != self._functions[name]:
                raise _Other
            found = called(name, arguments, self.left)
        else:
            raise _Other
        self._need(")")
        return found

    def _has(self) -> Value:
        """`has(path.field)`: nothing but fields, the last of which is asked for."""
        name = self._take()
        if name not in self._names or not self._takes("."):
            raise _Other
        fields = [self._field()]
        while self._takes("."):
            fields.append(self._field())
        base: Value = lambda env: env[name]  # noqa: E731  # a value like the others
        for field in fields[:-1]:
            base = selection(base, field)
        last = fields[-1]
        return lambda env: has_key(base(env), last)


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


def _is_name(word: str) -> bool:
    return (word[:1].isalpha() or word[:1] == "_") and word not in _RESERVED


def _quoted(word: str) -> str:
    if word[:1] not in ("'", '"'):
        raise _Other
    return word[1:-1]


def _real(found: Value | _Optional) -> Value:
    if isinstance(found, _Optional):
        raise _Other
    return found


def _optional(found: Value | _Optional, key: Value | str) -> _Optional:
    if isinstance(found, _Optional):
        return _Optional(found.base, (*found.keys, key))
    return _Optional(found, (key,))
