"""What the pure layers know of the expression language: compile once, evaluate over frozen facts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

Fact: TypeAlias = "None | bool | int | str | datetime | timedelta | Sequence[Fact] | Mapping[str, Fact]"


class Expression(Protocol):
    """A compiled expression."""

    @property
    def source(self) -> str: ...

    def evaluate(self, facts: Mapping[str, Fact]) -> Fact:
        """The value over `facts`.

        Raises:
            ExpressionError: any error of evaluation, an exceeded budget included; `missing` is set when a key
                that is not there is the only fault. An error is never returned as a value.
        """
        ...


class Expressions(Protocol):
    """The engine. Variables that are declared may be read; anything else is a compile error."""

    def compile(self, source: str, variables: Sequence[str]) -> Expression:
        """Compile and type-check.

        Raises:
            ExpressionError: with line and column within `source`.
        """
        ...
