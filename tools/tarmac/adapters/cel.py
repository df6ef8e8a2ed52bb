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
from datetime import datetime
from functools import lru_cache
from typing import TypeAlias

from cel_expr_python import cel
from cel_expr_python.ext import ext_optional

from tarmac.adapters.cel_growth import NO_BOUNDS, STRING_OR_COMMENT, Bounds, bounds_of, refuse_expansion
from tarmac.adapters.cel_messages import OPTIONAL, OWN_MATCHES, compile_error, evaluation_error
from tarmac.adapters.cel_plain import sure_of
from tarmac.adapters.cel_values import (
    INSTEAD,
    UnreadableText,
    days,
    decimal,
    finder,
    from_cel,
    has_decimal,
    lower,
    money,
    plus,
    sizes,
    times,
    to_cel,
)
from tarmac.adapters.cel_work import Work, too_many
from tarmac.errors import Defect, ExpressionError
from tarmac.model.expressions import NO_CALLS, NO_FUNCTIONS, Calls, Fact, Functions, Sure
from tarmac.model.values import parse_duration

MAX_BYTES = 4096

_Names: TypeAlias = tuple[tuple[str, ...], tuple[tuple[str, int], ...]]

_T = cel.Type
# Facts that are declared with their type; the others are dynamic. A timestamp can only be a fact of its own: the
# library has no place for one inside a map, so there it is its text, which timestamp() reads.
_TYPES = {"now": _T.TIMESTAMP}
_RESULTS = ("bool", "int", "string", "decimal", "null", "timestamp", "duration", "list", "map", "dyn")
# Decimals are bytes to the library; there, `+` would put two of them together as texts.
_CONFIG = """
stdlib:
  exclude_functions:
  - name: "_+_"
    overloads:
    - id: add_bytes
"""
_ADDED = "a number with a fraction is among the facts, and + does not add such: write a.plus(b)"

# A call of `matches`, and what must not be taken for one. The library's own cannot be replaced, so calls get another
# name of the same length: columns stay.
_TOKENS = re.compile(STRING_OR_COMMENT + r"|(?<![A-Za-z0-9_])matches(?=\s*\()", re.DOTALL)


class Cel:
    """The engine. Environments are kept by the names that they declare, activations for the facts seen last."""

    def __init__(self) -> None:
        self._environments: dict[_Names, cel.Env] = {}
        self._patterns = lru_cache(maxsize=512)(finder)
        self._compiled = lru_cache(maxsize=2048)(self._compile)
        self._facts: Mapping[str, Fact] = {}
        self._calls: Calls = NO_CALLS
        self._activations: dict[_Names, cel.Activation] = {}
        self._bound: dict[_Names, list[cel.Function]] = {}
        self._converted: dict[int, tuple[Fact, object]] = {}
        # A fact is kept beside what is known of it, so that nothing else can get its id.
        self._known_sizes: dict[int, tuple[Fact, tuple[int, int]]] = {}
        self._decimals: dict[int, tuple[Fact, bool]] = {}
        self.work = Work()

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
        refuse_expansion(source)
        try:
            compiled = environment.compile(_TOKENS.sub(_renamed, source))
        except (RuntimeError, TypeError, ValueError) as error:
            raise compile_error(str(error), source, (*variables, *(name for name, _ in functions))) from None
        gives = compiled.return_type().name().lower().partition("<")[0]
        gives = "null" if gives.startswith("null") else "decimal" if gives == "bytes" else gives
        if gives.startswith("optional"):
            raise ExpressionError(OPTIONAL)
        if gives not in _RESULTS:
            raise ExpressionError(f"the result is of type {gives}, and no fact can be: {INSTEAD}")
        return CelExpression(source, gives, self, names, compiled, bounds_of(source))

    def sure(self, source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> Sure | None:
        """What is told in Python where the expression is plain; see cel_plain.py."""
        return sure_of(source, variables, functions, self._patterns)

    def activation(self, names: _Names, facts: Mapping[str, Fact], calls: Calls) -> cel.Activation:
        """What an expression reads. Facts are frozen, so many expressions over the same ones share it, and with the
        same calls the parts that several facts have in common are converted once."""
        if calls is not self._calls or (facts is not self._facts and not calls):
            self._calls, self._bound, self._activations = calls, {}, {}
            self._converted, self._known_sizes, self._decimals = {}, {}, {}
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

    def sizes(self, names: _Names, facts: Mapping[str, Fact]) -> tuple[int, int]:
        """The most elements, and the length of the longest text, of any of the facts that are read.

        Raises:
            ValueError: more than any expression works on.
        """
        read = [self._sizes(facts[name]) for name in names[0] if name in facts]
        return max((count for count, _ in read), default=0), max((length for _, length in read), default=0)

    def _sizes(self, fact: Fact) -> tuple[int, int]:
        known = self._known_sizes.get(id(fact))
        if known is None:
            known = self._known_sizes[id(fact)] = (fact, sizes(fact))
        return known[1]

    def fractions(self, names: _Names, facts: Mapping[str, Fact]) -> bool:
        """Whether a decimal is among the facts that are read."""
        return any(self._has_decimal(facts[name]) for name in names[0] if name in facts)

    def _has_decimal(self, fact: Fact) -> bool:
        known = self._decimals.get(id(fact))
        if known is None:
            plain = self._plain(fact) if not isinstance(fact, datetime) else None
            # What the library takes as it is holds none.
            known = self._decimals[id(fact)] = (fact, plain is not fact and has_decimal(plain))
        return known[1]

    def _plain(self, fact: Fact, typed: bool = False) -> object:
        if not isinstance(fact, Mapping):
            self._sizes(fact)
            return to_cel(fact, typed)
        known = self._converted.get(id(fact))
        if known is None:
            self._sizes(fact)
            known = self._converted[id(fact)] = (fact, to_cel(fact))
        return known[1]

    def _binding(self, name: str, count: int, body: Callable[..., Fact]) -> cel.Function:
        work = self.work

        def called(*texts: str) -> object:
            work.look()
            fact = body(*texts)
            if fact is True or fact is False:
                return fact
            if type(fact) is list and _are_texts(fact):
                work.found_texts(len(fact))
                return fact
            if type(fact) is not dict:
                work.found(fact)
                work.fractions = work.fractions or self._has_decimal(fact)
                return self._plain(fact)
            given = self._plain(fact)
            work.found_elements(self._sizes(fact)[0])
            work.fractions = work.fractions or self._has_decimal(fact)
            return given

        return cel.Function(name, [_T.STRING] * count, False, called, _T.DYN)

    def _environment(self, names: _Names) -> cel.Env:
        found = self._environments.get(names)
        if found is None:
            variables, functions = names
            own = cel.CelExtension("tarmac", [*self._own_functions(), *(_declared(*each) for each in functions)])
            try:
                found = cel.NewEnv(
                    config=cel.NewEnvConfigFromYaml(_CONFIG),
                    variables={name: _TYPES.get(name, _T.DYN) for name in variables},
                    extensions=[ext_optional.ExtOptional(), own],
                )
            except (RuntimeError, TypeError, ValueError) as error:
                raise Defect(f"the expression environment cannot be made: {error}") from error
            self._environments[names] = found
        return found

    def _own_functions(self) -> list[cel.FunctionDecl]:
        text, number, exact, span = _T.STRING, _T.INT, _T.BYTES, _T.DURATION
        return [
            _function(OWN_MATCHES, _T.BOOL, self._matches, [[text, text]], member=True),
            _function("money", number, money, [[text]]),
            _function("decimal", exact, decimal, [[text], [number], [exact]]),
            _function("_*_", exact, times, [[exact, exact], [exact, number], [number, exact]]),
            _function("plus", exact, plus, [[exact, exact], [exact, number], [number, exact]], member=True),
            _function("days", span, days, [[number]]),
            _function("span", span, parse_duration, [[text]]),
            _function("lowerAscii", text, self._lower, [[text]], member=True),
        ]

    def _matches(self, text: str, pattern: str) -> bool:
        self.work.on_text(len(text) + len(pattern))
        return self._patterns(pattern)(text)

    def _lower(self, text: str) -> str:
        self.work.on_text(len(text))
        return lower(text)


class CelExpression:
    """One compiled expression."""

    __slots__ = ("_compiled", "_engine", "_gives", "_source", "bounds", "names")

    def __init__(
        self, source: str, gives: str, engine: Cel, names: _Names, compiled: cel.Expression, bounds: Bounds
    ) -> None:
        self._source = source
        self._gives = gives
        self._engine = engine
        self.names = names
        self._compiled = compiled
        self.bounds = bounds

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
        engine, bounds = self._engine, self.bounds
        engine.work.begin(bounds.elements)
        try:
            if bounds is not NO_BOUNDS:
                self._check(facts)
            value = self._compiled.eval(engine.activation(self.names, facts, calls))
            plain = value.plain_value()
            # Most expressions are of this kind, and no error is; asking for the type takes a while.
            if (plain is True or plain is False) and not bounds.sums:
                return plain
            kind = value.type().name()
        except UnreadableText as error:
            raise ExpressionError(str(error), unreadable=True) from None
        except (RuntimeError, TypeError, ValueError, OverflowError, MemoryError) as error:
            raise evaluation_error(str(error)) from None
        if kind == "ERROR":
            raise evaluation_error(str(plain))
        if bounds.sums and (engine.work.fractions or engine.fractions(self.names, facts)):
            raise ExpressionError(_ADDED)
        return from_cel(plain)

    def _check(self, facts: Mapping[str, Fact]) -> None:
        texts, elements = self.bounds.texts, self.bounds.elements
        count, longest = self._engine.sizes(self.names, facts)
        if texts is not None and longest > texts:
            raise ExpressionError(f"a text among the facts is longer than {texts:,} characters")
        if elements is not None and count > elements:
            raise ExpressionError(too_many(elements))


def _are_texts(fact: list[Fact]) -> bool:
    """Whether the library can take a list as it is, because it holds texts without a NUL."""
    try:
        return "\0" not in "".join(fact)  # type: ignore[arg-type]
    except TypeError:
        return False


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
