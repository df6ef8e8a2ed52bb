"""CEL by cel-expr-python, behind the engine's protocol.

What the library does that a caller must never see: an error of evaluation comes back as a text (which is truthy), an
exceeded budget is raised, `duration("30d")` is refused, `matches` compiles its pattern each time, and facts that are
not plain values (a tuple, an integer beyond 64 bits) spoil every expression over them.

Beyond the language's own functions an expression has:

- `text.matches(pattern)`: RE2, linear in time, the compiled pattern kept;
- `money("500.00")`: an amount as an int of millionths, as the facts hold money;
- `decimal("1.5")`: an exact number. It can be compared, multiplied by `*` with decimals and ints, and added by
  `.plus()`; as a result it is a Decimal;
- `days(30)` and `span("30d")`: durations in our units;
- `text.lowerAscii()`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from cel_expr_python import cel
from cel_expr_python.ext import ext_optional

from tarmac.adapters.cel_growth import LONGEST_TEXT, STRING_OR_COMMENT, is_heavy
from tarmac.adapters.cel_messages import OPTIONAL, OWN_MATCHES, compile_error, evaluation_error
from tarmac.adapters.cel_values import (
    INSTEAD,
    compile_pattern,
    days,
    decimal,
    from_cel,
    longest,
    lower,
    money,
    plus,
    times,
    to_cel,
)
from tarmac.errors import Defect, ExpressionError
from tarmac.model.expressions import NO_CALLS, NO_FUNCTIONS, Calls, Fact, Functions
from tarmac.model.values import parse_duration

MAX_BYTES = 4096

_Names: TypeAlias = tuple[tuple[str, ...], tuple[tuple[str, int], ...]]

_MAX_PATTERN = 1000
_T = cel.Type
# Facts that are declared with their type; the others are dynamic. A timestamp can only be a fact of its own: the
# library has no place for one inside a map, so there it is its text, which timestamp() reads.
_TYPES = {"now": _T.TIMESTAMP}
_RESULTS = ("bool", "int", "string", "null", "timestamp", "duration", "list", "map", "dyn")

# A call of `matches`, and what must not be taken for one. The library's own cannot be replaced, so calls get another
# name of the same length: columns stay.
_TOKENS = re.compile(STRING_OR_COMMENT + r"|(?<![A-Za-z0-9_])matches(?=\s*\()", re.DOTALL)


class Cel:
    """The engine. Environments are kept by the names that they declare, activations for the facts seen last."""

    def __init__(self) -> None:
        self._environments: dict[_Names, cel.Env] = {}
        self._patterns = lru_cache(maxsize=512)(compile_pattern)
        self._compiled = lru_cache(maxsize=2048)(self._compile)
        self._facts: Mapping[str, Fact] = {}
        self._calls: Calls = NO_CALLS
        self._activations: dict[_Names, cel.Activation] = {}
        self._bound: dict[_Names, list[cel.Function]] = {}
        self._converted: dict[int, tuple[Fact, object]] = {}
        self._lengths: dict[int, tuple[Fact, int]] = {}

    def compile(self, source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> CelExpression:
        """Compile and type-check; see model/expressions.py.

        Raises:
            ExpressionError: with line and column within `source`; a text over 4 KiB is refused unread.
        """
        size = len(source.encode("utf-8", "surrogatepass"))
        if size > MAX_BYTES:
            raise ExpressionError(f"the expression has {size} bytes, and at most {MAX_BYTES} are read")
        return self._compiled(source, (tuple(variables), tuple(sorted(functions.items()))))

    def _compile(self, source: str, names: _Names) -> CelExpression:
        variables, functions = names
        environment = self._environment(names)
        try:
            compiled = environment.compile(_TOKENS.sub(_renamed, source))
        except (RuntimeError, TypeError, ValueError) as error:
            raise compile_error(str(error), source, (*variables, *(name for name, _ in functions))) from None
        gives = compiled.return_type().name().lower().partition("<")[0]
        gives = "null" if gives.startswith("null") else gives
        if gives.startswith("optional"):
            raise ExpressionError(OPTIONAL)
        if gives not in _RESULTS:
            raise ExpressionError(f"the result is of type {gives}, and no fact can be: {INSTEAD}")
        return CelExpression(source, gives, self, names, compiled, is_heavy(source))

    def activation(self, names: _Names, facts: Mapping[str, Fact], calls: Calls) -> cel.Activation:
        """What an expression reads. Facts are frozen, so many expressions over the same ones share it, and with the
        same calls the parts that several facts have in common are converted once."""
        if calls is not self._calls or (facts is not self._facts and not calls):
            self._calls, self._bound, self._converted, self._lengths, self._activations = calls, {}, {}, {}, {}
        elif facts is not self._facts:
            self._activations = {}
        self._facts = facts
        found = self._activations.get(names)
        if found is None:
            variables, functions = names
            if names not in self._bound:
                self._bound[names] = [self._binding(*each, calls[each[0]]) for each in functions if each[0] in calls]
            data = {name: self._plain(facts[name], name in _TYPES) for name in variables if name in facts}
            found = self._environment(names).Activation(data, self._bound[names])
            self._activations[names] = found
        return found

    def longest(self, names: _Names, facts: Mapping[str, Fact]) -> int:
        """The length of the longest text among the facts that are read, or a bound of it within `LONGEST_TEXT`."""
        return max((self._length(facts[name]) for name in names[0] if name in facts), default=0)

    def _length(self, fact: Fact) -> int:
        known = self._lengths.get(id(fact))
        if known is None:
            # No text is longer than all of them written out, which is told sooner than each.
            bound = len(repr(fact))
            known = self._lengths[id(fact)] = (fact, bound if bound <= LONGEST_TEXT else longest(fact))
        return known[1]

    def _plain(self, fact: Fact, typed: bool = False) -> object:
        if not isinstance(fact, Mapping):
            return to_cel(fact, typed)
        known = self._converted.get(id(fact))
        if known is None:
            # The fact is kept beside its conversion, so that nothing else can get its id.
            known = self._converted[id(fact)] = (fact, to_cel(fact))
        return known[1]

    def _binding(self, name: str, count: int, body: Callable[..., Fact]) -> cel.Function:
        return cel.Function(name, [_T.STRING] * count, False, lambda *texts: self._plain(body(*texts)), _T.DYN)

    def _environment(self, names: _Names) -> cel.Env:
        found = self._environments.get(names)
        if found is None:
            variables, functions = names
            own = cel.CelExtension("tarmac", [*self._own_functions(), *(_declared(*each) for each in functions)])
            try:
                found = cel.NewEnv(
                    variables={name: _TYPES.get(name, _T.DYN) for name in variables},
                    extensions=[ext_optional.ExtOptional(), own],
                )
            except (RuntimeError, TypeError, ValueError) as error:
                raise Defect(f"the expression environment cannot be made: {error}") from error
            self._environments[names] = found
        return found

    def _own_functions(self) -> list[cel.FunctionDecl]:
        text, number, span = _T.STRING, _T.INT, _T.DURATION
        return [
            _function(OWN_MATCHES, _T.BOOL, self._matches, [[text, text]], member=True),
            _function("money", number, money, [[text]]),
            _function("decimal", text, decimal, [[text], [number]]),
            _function("_*_", text, times, [[text, text], [text, number], [number, text]]),
            _function("plus", text, plus, [[text, text], [text, number]], member=True),
            _function("days", span, days, [[number]]),
            _function("span", span, parse_duration, [[text]]),
            _function("lowerAscii", text, lower, [[text]], member=True),
        ]

    def _matches(self, text: str, pattern: str) -> bool:
        if len(pattern) > _MAX_PATTERN:
            raise ValueError(f"a pattern has at most {_MAX_PATTERN} characters")
        return self._patterns(pattern).search(text) is not None


class CelExpression:
    """One compiled expression."""

    __slots__ = ("_compiled", "_engine", "_gives", "_heavy", "_names", "_source")

    def __init__(
        self, source: str, gives: str, engine: Cel, names: _Names, compiled: cel.Expression, heavy: bool
    ) -> None:
        self._source = source
        self._gives = gives
        self._engine = engine
        self._names = names
        self._compiled = compiled
        self._heavy = heavy

    @property
    def source(self) -> str:
        return self._source

    @property
    def gives(self) -> str:
        return self._gives

    def evaluate(self, facts: Mapping[str, Fact], calls: Calls = NO_CALLS) -> Fact:
        """The value over `facts`; see model/expressions.py.

        Raises:
            ExpressionError: every error, as said there.
        """
        if self._heavy and self._engine.longest(self._names, facts) > LONGEST_TEXT:
            raise ExpressionError(f"a text among the facts is longer than {LONGEST_TEXT:,} characters")
        try:
            value = self._compiled.eval(self._engine.activation(self._names, facts, calls))
            kind = value.type().name()
            plain = value.plain_value()
        except (RuntimeError, TypeError, ValueError, OverflowError, MemoryError) as error:
            raise evaluation_error(str(error)) from None
        if kind == "ERROR":
            raise evaluation_error(str(plain))
        return from_cel(plain)


def _declared(name: str, count: int) -> cel.FunctionDecl:
    """A function that gets its body with the facts. Its parameters are texts: the library binds no dynamic ones."""
    overload = cel.Overload(f"{name}_text{count}", return_type=_T.DYN, parameters=[_T.STRING] * count)
    return cel.FunctionDecl(name, [overload])


def _function(
    name: str,
    result: cel.Type,
    body: Callable[..., object],
    overloads: Sequence[Sequence[cel.Type]],
    *,
    member: bool = False,
) -> cel.FunctionDecl:
    return cel.FunctionDecl(
        name,
        [
            cel.Overload(
                f"tarmac_{name}_{index}",
                return_type=result,
                parameters=list(parameters),
                is_member=member,
                impl=body,
            )
            for index, parameters in enumerate(overloads)
        ],
    )


def _renamed(token: re.Match[str]) -> str:
    return OWN_MATCHES if token[0] == "matches" else token[0]
