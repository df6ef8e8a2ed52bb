"""The CEL engine, loaded when an expression needs it: most runs on a change are told what they ask without."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from tarmac.adapters.cel_plain import sure_of
from tarmac.adapters.cel_values import finder
from tarmac.model.expressions import NO_FUNCTIONS, Expression, Functions, Sure

if TYPE_CHECKING:
    from tarmac.adapters.cel import Cel


class LateCel:
    """What `Cel` is; see model/expressions.py."""

    def __init__(self) -> None:
        self._engine: Cel | None = None
        self._patterns = lru_cache(maxsize=512)(finder)

    def compile(self, source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> Expression:
        if self._engine is None:
            from tarmac.adapters.cel import Cel

            self._engine = Cel()
        return self._engine.compile(source, variables, functions)

    def sure(self, source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> Sure | None:
        return sure_of(source, variables, functions, self._patterns)
