"""The CEL engine, loaded when an expression needs it: most runs on a change are told what they ask without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from tarmac.adapters.cel_messages import OPTIONAL as ENDS_IN_AN_OPTIONAL
from tarmac.adapters.cel_messages import missing_key
from tarmac.adapters.cel_plain import Told, told_of, type_of
from tarmac.adapters.cel_plain_types import DYN, MIXED, OPTIONAL, TIMESTAMP, Type
from tarmac.adapters.cel_plain_values import fact_of_plain, first_missing
from tarmac.adapters.cel_values import finder
from tarmac.errors import ExpressionError
from tarmac.model.expressions import NO_CALLS, NO_FUNCTIONS, Calls, Expression, Fact, Functions, Sure, Unsure
from tarmac.model.patterns import lazily

if TYPE_CHECKING:
    from tarmac.adapters.cel import Cel

_Names = tuple[tuple[str, ...], tuple[tuple[str, int], ...]]
# So many signs make no expression that is too long, or nested too deeply, for the engine.
_SHORT = 1_000
_PATH = lazily(r"\s*[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+\s*")


class LateCel:
    """What `Cel` is; see model/expressions.py."""

    def __init__(self) -> None:
        self._engine: Cel | None = None
        self._patterns = lru_cache(maxsize=512)(finder)
        self._told = lru_cache(maxsize=2048)(self._tell)
        self._known = lru_cache(maxsize=2048)(self._know)

    def compile(self, source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> Expression:
        names = tuple(variables), tuple(sorted(functions.items()))
        return self._known(source, names) or self.by_engine(source, names)

    def sure(self, source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> Sure | None:
        told = self._told(source, (tuple(variables), tuple(sorted(functions.items()))))
        return None if told is None else told.sure()

    def by_engine(self, source: str, names: _Names) -> Expression:
        """The same, by the engine itself."""
        if self._engine is None:
            from tarmac.adapters.cel import Cel

            self._engine = Cel()
        return self._engine.compile(source, names[0], dict(names[1]))

    def told(self, source: str, names: _Names) -> Told:
        """What tells the value of an expression of the plain part. Raises Unsure where it is none."""
        told = self._told(source, names)
        if told is None:
            raise Unsure
        return told

    def _tell(self, source: str, names: _Names) -> Told | None:
        return told_of(source, names[0], dict(names[1]), self._patterns)

    def _know(self, source: str, names: _Names) -> Expression | None:
        """What compiles without any doubt; None where the engine is to say."""
        if len(source) > _SHORT:
            return None
        types = {name: TIMESTAMP if name == "now" else DYN for name in names[0]}
        found = type_of(source, types, dict(names[1]))
        if found is OPTIONAL:
            raise ExpressionError(ENDS_IN_AN_OPTIONAL)
        return None if found is None else _Plain(source, names, found, self)


class _Plain:
    """An expression of the plain part, of which it is certain that it compiles."""

    __slots__ = ("_engine", "_names", "_source", "_told", "_type")

    def __init__(self, source: str, names: _Names, found: Type, engine: LateCel) -> None:
        self._source, self._names, self._type, self._engine = source, names, found, engine
        self._told: Told | None = None

    @property
    def source(self) -> str:
        return self._source

    @property
    def gives(self) -> str:
        return self._type.name if self._type is not MIXED else self._by_engine().gives

    def evaluate(self, facts: Mapping[str, Fact], calls: Calls = NO_CALLS) -> Fact:
        try:
            if self._told is None:
                # Made when first asked for: many expressions are only read.
                self._told = self._engine.told(self._source, self._names)
            return fact_of_plain(self._told.value({**facts, **calls}))
        except Unsure:
            key = first_missing(facts, self._source) if _PATH.fullmatch(self._source) else None
        if key is not None:
            raise missing_key(f'"{key}"')
        return self._by_engine().evaluate(facts, calls)

    def _by_engine(self) -> Expression:
        return self._engine.by_engine(self._source, self._names)
