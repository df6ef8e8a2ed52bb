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
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import TypeAlias

import re2
from cel_expr_python import cel
from cel_expr_python.ext import ext_optional

from tarmac.errors import Defect, ExpressionError
from tarmac.model.expressions import NO_CALLS, NO_FUNCTIONS, Calls, Fact, Functions
from tarmac.model.values import BadValue, parse_amount, parse_duration

MAX_BYTES = 4096
MILLIONTHS = 1_000_000

_Names: TypeAlias = tuple[tuple[str, ...], tuple[tuple[str, int], ...]]

_MAX_PATTERN = 1000
_PATTERN_MEMORY = 1 << 20
_MAX_DAYS = 3_650_000
_T = cel.Type
# Facts that are declared with their type; the others are dynamic. A timestamp can only be a fact of its own: the
# library has no place for one inside a map, so there it is its text, which timestamp() reads.
_TYPES = {"now": _T.TIMESTAMP}
_RESULTS = ("bool", "int", "string", "null", "timestamp", "duration", "list", "map", "dyn")
_INSTEAD = 'write a whole number, money("1.50"), or decimal("1.5") for a number with a fraction'
_OPTIONAL = "the result is an optional: end it by .orValue(...)"
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}

# A call of `matches`, and what must not be taken for one: a string, a comment.
_TOKENS = re.compile(
    r"""[rRbB]{0,2}(?:\'\'\'(?:\\.|[^\\])*?\'\'\'|"{3}(?:\\.|[^\\])*?"{3}"""
    r"""|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")"""
    r"""|//[^\n]*|(?<![A-Za-z0-9_])matches(?=\s*\()""",
    re.DOTALL,
)
# The library's own `matches` cannot be replaced, so calls get another name of the same length: columns stay.
_OWN_MATCHES = "re2find"

_COMPILE_ERROR = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_OVERLOAD = re.compile(r"found no matching overload for '([^']*)' applied to '(.*)'")
_NO_OVERLOAD = re.compile(r"No matching overloads found : (\S+?)\((.*)\)")
_STATUS = re.compile(r"[A-Z_]+: ")
_KEY_MISSING = re.compile(r"NOT_FOUND: Key not found in map : (.*)", re.DOTALL)

# Decimals travel as texts whose order is that of the numbers; a fact that begins so is refused, so none is forged.
_DECIMAL_MARK = "\1"
_WHOLE, _FRACTION = 20, 18
_LIMIT = Decimal(10) ** (_WHOLE + _FRACTION)
_WRITTEN = re.compile(rf"{_DECIMAL_MARK}([-0])([0-9]{{{_WHOLE + _FRACTION}}})")
_COMPLEMENT = str.maketrans("0123456789", "9876543210")
_EXACT = Context(prec=200, traps=[InvalidOperation])


class BadDecimal(BadValue):
    """A text that was used as a number."""


class Cel:
    """The engine. Environments are kept by the names that they declare, activations for the facts seen last."""

    def __init__(self) -> None:
        self._environments: dict[_Names, cel.Env] = {}
        self._patterns = lru_cache(maxsize=512)(_compile_pattern)
        self._facts: Mapping[str, Fact] = {}
        self._calls: Calls = NO_CALLS
        self._activations: dict[_Names, cel.Activation] = {}
        self._bound: dict[_Names, list[cel.Function]] = {}
        self._converted: dict[int, tuple[Fact, object]] = {}

    def compile(self, source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> CelExpression:
        """Compile and type-check; see model/expressions.py.

        Raises:
            ExpressionError: with line and column within `source`; a text over 4 KiB is refused unread.
        """
        size = len(source.encode("utf-8", "surrogatepass"))
        if size > MAX_BYTES:
            raise ExpressionError(f"the expression has {size} bytes, and at most {MAX_BYTES} are read")
        names = (tuple(variables), tuple(sorted(functions.items())))
        environment = self._environment(names)
        try:
            compiled = environment.compile(_TOKENS.sub(_renamed, source))
        except (RuntimeError, TypeError, ValueError) as error:
            raise _compile_error(str(error), source, (*variables, *functions)) from None
        gives = compiled.return_type().name().lower().partition("<")[0]
        gives = "null" if gives.startswith("null") else gives
        if gives.startswith("optional"):
            raise ExpressionError(_OPTIONAL)
        if gives not in _RESULTS:
            raise ExpressionError(f"the result is of type {gives}, and no fact can be: {_INSTEAD}")
        return CelExpression(source, gives, self, names, compiled)

    def activation(self, names: _Names, facts: Mapping[str, Fact], calls: Calls) -> cel.Activation:
        """What an expression reads. Facts are frozen, so many expressions over the same ones share it, and with the
        same calls the parts that several facts have in common are converted once."""
        if calls is not self._calls or (facts is not self._facts and not calls):
            self._calls, self._bound, self._converted, self._activations = calls, {}, {}, {}
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

    def _plain(self, fact: Fact, typed: bool = False) -> object:
        if not isinstance(fact, Mapping):
            return _to_cel(fact, typed)
        known = self._converted.get(id(fact))
        if known is None:
            # The fact is kept beside its conversion, so that nothing else can get its id.
            known = self._converted[id(fact)] = (fact, _to_cel(fact))
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
            _function(_OWN_MATCHES, _T.BOOL, self._matches, [[text, text]], member=True),
            _function("money", number, _money, [[text]]),
            _function("decimal", text, _decimal, [[text], [number]]),
            _function("_*_", text, _times, [[text, text], [text, number], [number, text]]),
            _function("plus", text, _plus, [[text, text], [text, number]], member=True),
            _function("days", span, _days, [[number]]),
            _function("span", span, parse_duration, [[text]]),
            _function("lowerAscii", text, _lower, [[text]], member=True),
        ]

    def _matches(self, text: str, pattern: str) -> bool:
        if len(pattern) > _MAX_PATTERN:
            raise ValueError(f"a pattern has at most {_MAX_PATTERN} characters")
        return self._patterns(pattern).search(text) is not None


class CelExpression:
    """One compiled expression."""

    __slots__ = ("_compiled", "_engine", "_gives", "_names", "_source")

    def __init__(self, source: str, gives: str, engine: Cel, names: _Names, compiled: cel.Expression) -> None:
        self._source = source
        self._gives = gives
        self._engine = engine
        self._names = names
        self._compiled = compiled

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
        try:
            value = self._compiled.eval(self._engine.activation(self._names, facts, calls))
            kind = value.type().name()
            plain = value.plain_value()
        except (RuntimeError, TypeError, ValueError, OverflowError) as error:
            raise _evaluation_error(str(error)) from None
        if kind == "ERROR":
            raise _evaluation_error(str(plain))
        return _from_cel(plain)


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


# --- facts in, facts out -----------------------------------------------------------------------------


def _to_cel(value: Fact, typed: bool = False) -> object:
    """The value as the library takes it: lists and dictionaries of plain values."""
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, (dict, Mapping)):
        return {_text(key): _to_cel(inner) for key, inner in value.items()}
    if isinstance(value, Decimal):
        # A number of a document that is out of range spoils what compares it, not every expression over the document.
        return _written(value) if _in_range(value) else str(value)
    if isinstance(value, datetime):
        return value if typed else value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return f"{value // timedelta(seconds=1)}s"
    return [_to_cel(inner) for inner in value]


def _text(value: str) -> str:
    # The library reads a text up to its first NUL: "production\\0x" would pass for "production".
    if "\0" in value or value.startswith(_DECIMAL_MARK):
        raise ValueError("a text among the facts holds a control character that no expression can compare")
    return value


def _from_cel(value: object) -> Fact:
    """The library's plain value as a fact.

    Raises:
        ExpressionError: a double, bytes, a type, an optional without value.
    """
    if isinstance(value, str):
        if not value.startswith(_DECIMAL_MARK):
            return value
        try:
            return _read(value)
        except BadDecimal as error:
            raise ExpressionError(str(error)) from None
    if value is None or isinstance(value, (bool, int, timedelta)):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, list):
        return [_from_cel(inner) for inner in value]
    if isinstance(value, dict):
        return {str(key): _from_cel(inner) for key, inner in value.items()}
    kind = {"float": "double", "bytearray": "bytes"}.get(type(value).__name__, type(value).__name__.lower())
    raise ExpressionError(f"the result holds a {kind}, and no fact can be one: {_INSTEAD}")


# --- own functions: a ValueError becomes the expression's error ----------------------------------------


def _compile_pattern(pattern: str) -> re2.Pattern[str]:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = _PATTERN_MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0] if error.args else error
        words = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"{pattern!r} is no pattern: {words}") from None


def _money(text: str) -> int:
    millionths = parse_amount(text) * MILLIONTHS
    if millionths != int(millionths):
        raise BadValue(f"{text!r} has more than six decimals, and money in facts has millionths")
    return int(millionths)


def _decimal(given: str | int) -> str:
    if isinstance(given, str) and given.startswith(_DECIMAL_MARK):
        return given
    return _written(parse_amount(given) if isinstance(given, str) else Decimal(given))


def _times(left: str | int, right: str | int) -> str:
    return _written(_EXACT.multiply(_read(left), _read(right)))


def _plus(left: str | int, right: str | int) -> str:
    return _written(_EXACT.add(_read(left), _read(right)))


def _days(count: int) -> timedelta:
    if abs(count) > _MAX_DAYS:
        raise BadValue(f"{count} days are more than a calendar holds")
    return timedelta(days=count)


def _lower(text: str) -> str:
    return text.translate(_LOWER)


def _written(number: Decimal) -> str:
    """The number as a text that sorts as the number does: sign, then a fixed count of digits.

    A negative number's digits are taken from nine each, so that -2 stands before -1.
    """
    if not _in_range(number):
        raise BadValue(f"{number} has more than {_WHOLE} digits before the point or {_FRACTION} behind it")
    scaled = _EXACT.scaleb(number, _FRACTION)
    digits = str(abs(int(scaled))).zfill(_WHOLE + _FRACTION)
    if scaled < 0:
        return f"{_DECIMAL_MARK}-{digits.translate(_COMPLEMENT)}"
    return f"{_DECIMAL_MARK}0{digits}"


def _in_range(number: Decimal) -> bool:
    if not number.is_finite() or abs(number.adjusted()) > _WHOLE + _FRACTION:
        return number == 0
    scaled = _EXACT.scaleb(number, _FRACTION)
    return abs(scaled) < _LIMIT and scaled == scaled.to_integral_value()


def _read(text: str | int) -> Decimal:
    """The number of a written decimal, or of an int.

    Raises:
        BadDecimal: a text that is none, as two decimals put together by `+` are.
    """
    if isinstance(text, int):
        return Decimal(text)
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise BadDecimal('a text was used as a number: write decimal("1.5"), and add decimals by .plus()')
    negative = match[1] == "-"
    digits = match[2].translate(_COMPLEMENT) if negative else match[2]
    number = _EXACT.scaleb(Decimal(digits), -_FRACTION).normalize(_EXACT)
    return -number if negative else number


# --- errors --------------------------------------------------------------------------------------------


def _renamed(token: re.Match[str]) -> str:
    return _OWN_MATCHES if token[0] == "matches" else token[0]


def _compile_error(text: str, source: str, names: Sequence[str]) -> ExpressionError:
    found = _COMPILE_ERROR.search(text)
    if found is None or int(found[1]) < 1:
        if "recursion" in text:
            return ExpressionError("the expression is nested too deeply: at most 32 levels are read")
        return ExpressionError("the expression is no text that can be read")
    message = found[3].strip().replace(_OWN_MATCHES, "matches").removesuffix(" [INVALID_ARGUMENT]")
    line, column = int(found[1]), max(1, int(found[2]))
    unknown = _UNDECLARED.match(message)
    if unknown is not None:
        # Of `a.b.c` the engine says all and points at a dot; it is `a` that nothing is called.
        name = unknown[1].partition(".")[0]
        lines = source.split("\n")
        start = lines[line - 1].rfind(name, 0, column) if "." in unknown[1] and line <= len(lines) else -1
        message = f"nothing is called {name!r} here; an expression of this field reads {', '.join(names)}"
        return ExpressionError(message, line=line, column=start + 1 if start >= 0 else column)
    return ExpressionError(_plain(message), line=line, column=column)


def _plain(message: str) -> str:
    overload = _OVERLOAD.match(message)
    if overload is not None:
        return _unusable(overload[1], overload[2].strip("()"))
    if message.startswith("Syntax error: "):
        fault = message.removeprefix("Syntax error: ").partition(" expecting ")[0].replace("'<EOF>'", "end")
        return f"syntax error: {fault}"
    return message


def _unusable(function: str, types: str) -> str:
    operation = function.strip("_").replace("_", " ").strip() or function
    return f"{operation!r} cannot be used on ({types})"


def _evaluation_error(text: str) -> ExpressionError:
    missing = _KEY_MISSING.match(text)
    if missing is not None:
        return ExpressionError(f"the key {missing[1]} is not there", missing=True)
    if "budget exceeded" in text:
        return ExpressionError("it takes too many steps: at most 10,000 rounds of all(), map() and the like are done")
    if "Unable to convert function return value" in text:
        return ExpressionError(_OPTIONAL)
    message = _STATUS.sub("", text, count=1).partition("\n")[0].replace(_OWN_MATCHES, "matches")
    message = message.removesuffix(" [INVALID_ARGUMENT]").replace("int64", "int")
    overload = _NO_OVERLOAD.match(message)
    if overload is not None:
        return ExpressionError(_unusable(overload[1], overload[2]))
    select = "Applying SELECT to non-message type"
    return ExpressionError(message.replace(select, "a field is read from a value that is no mapping"))
