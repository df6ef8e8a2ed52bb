"""What the pure layers know of the expression language: compile once, evaluate over frozen facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

from tarmac.model.json_value import JsonValue

Fact: TypeAlias = None | bool | int | str | Decimal | datetime | timedelta | Sequence["Fact"] | Mapping[str, "Fact"]

# Functions that a use case adds: declared by name with how many texts each takes, given a body for an evaluation.
Functions: TypeAlias = Mapping[str, int]
Calls: TypeAlias = Mapping[str, Callable[..., Fact]]
NO_FUNCTIONS: Functions = MappingProxyType({})
NO_CALLS: Calls = MappingProxyType({})

# What the expressions of each field may read.
POLICY_FACTS = ("object", "old", "ref", "owner", "platform", "git", "now")
POLICY_FUNCTIONS: Functions = MappingProxyType(
    {
        "entity": 1,
        "exists": 1,
        "targets": 2,
        "referring": 2,
        "dependents": 1,
        "needs": 1,
        "together": 1,
        "version": 1,
        "past": 1,
    }
)
APPROVAL_FACTS = ("object", "old", "change", "owner", "owners", "cost", "budget", "now")
PRICING_FACTS = ("config", "hours", "usage")


class Unsure(Exception):  # no error: somebody else is asked
    """What is meant is for the engine to say."""


# What tells at once, of variables (documents as they are read, not as facts) and bodies of functions by name, whether
# an expression is true or false there. Raises Unsure.
Sure: TypeAlias = Callable[[dict[str, Any]], bool]


def told_by(sure: Sure | None, variables: dict[str, Any]) -> bool | None:
    """What a short cut tells, if there is one; None where that is for the engine to say."""
    try:
        return None if sure is None else sure(variables)
    except Unsure:
        return None


class _LongText:
    def __repr__(self) -> str:
        return "long"


# Stands in a document for one of its texts, to spare the room: of `LONG` characters or more, at most `LONGEST`, none of
# them a NUL, and nothing else is known of it. Short cuts know what is shorter for another text; all else they are
# unsure of.
LONG_TEXT = _LongText()
LONG, LONGEST = 100, 2_000


_INT64 = 1 << 63


class Expression(Protocol):
    """A compiled expression."""

    @property
    def source(self) -> str: ...

    @property
    def gives(self) -> str:
        """The type that the compiler found, in CEL's own words: `bool`, `int`, `string`, `list`, `map`, `timestamp`,
        `duration`, `null`; `dyn` where only the evaluation can tell."""
        ...

    def evaluate(self, facts: Mapping[str, Fact], calls: Calls = NO_CALLS) -> Fact:
        """The value over `facts`; `calls` are the functions that were declared when it was compiled.

        Raises:
            ExpressionError: any error of evaluation, an exceeded budget included; `missing` is set when a key
                that is not there is the only fault. An error is never returned as a value.
        """
        ...


class Expressions(Protocol):
    """The engine. Variables that are declared may be read; anything else is a compile error."""

    def compile(self, source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> Expression:
        """Compile and type-check. `functions` are the names of own functions and how many texts each takes.

        Raises:
            ExpressionError: with line and column within `source`.
        """
        ...

    def sure(self, source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> Sure | None:
        """A short cut for an expression that compiles; None where it has none. It says nothing that `evaluate` would
        not say too, unless that refuses facts as a whole: for their size, or for a NUL in what is not compared."""
        ...


def fact_of(data: JsonValue) -> Fact:
    """A document's data as facts, which hold no binary fractions and no integers beyond 64 bits.

    A whole number is an int, whether it was written 20 or 20.0; any other number that YAML reads (a fraction, or a
    whole number that needs more than 64 bits) is the exact Decimal of its shortest text; what is no number at all
    (`.inf`, `.nan`) is that text, so that comparing it with a number is an error and never passes.
    """
    # The commonest first, by what the reader makes: every document that a policy looks at is walked. A type that is
    # compared narrows nothing for the type checker, and isinstance takes longer.
    kind = type(data)
    if kind is str or data is None or kind is bool:
        return data  # type: ignore[return-value]  # see above
    if kind is dict:
        return {key: fact_of(value) for key, value in data.items()}  # type: ignore[union-attr]  # see above
    if kind is list:
        return [fact_of(value) for value in data]  # type: ignore[union-attr]  # see above
    return _fact_of_other(data)


def _fact_of_other(data: JsonValue) -> Fact:
    if isinstance(data, (str, bool)) or data is None:
        return data
    if isinstance(data, float):
        return _fact_of_float(data)
    if isinstance(data, int):
        return data if -_INT64 <= data < _INT64 else Decimal(data)
    if isinstance(data, (dict, Mapping)):
        return {key: fact_of(value) for key, value in data.items()}
    return [fact_of(value) for value in data]


def _fact_of_float(number: float) -> Fact:
    if number != number:
        return ".nan"
    if number in (float("inf"), float("-inf")):
        return ".inf" if number > 0 else "-.inf"
    if number.is_integer() and -_INT64 <= number < _INT64:
        return int(number)
    return Decimal(repr(number))
