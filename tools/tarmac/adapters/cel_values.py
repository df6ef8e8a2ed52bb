"""Facts as the expression engine takes and gives them, and the functions of our own that make new ones.

A function that raises ValueError makes its expression an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, InvalidOperation
from typing import TYPE_CHECKING, TypeAlias

from tarmac.adapters.cel_patterns import plain_pattern
from tarmac.errors import ExpressionError
from tarmac.model.expressions import Fact
from tarmac.model.patterns import lazily
from tarmac.model.values import BadValue, parse_amount

if TYPE_CHECKING:
    import re2

MILLIONTHS = 1_000_000
# What is worked on at all. A document has at most 10,000 values and 64 levels, so only a list put together, such
# as the paths of a change, may come near. Measured: the library takes 25,000 elements in 5 to 30 ms.
MOST_ELEMENTS, DEEPEST = 25_000, 100
Bytes: TypeAlias = bytes | bytearray
INSTEAD = 'write a whole number, money("1.50"), or decimal("1.5") for a number with a fraction'

_PATTERN_MEMORY = 1 << 20
_MAX_PATTERN = 1000
MAX_DAYS = 3_650_000
_UPPER = lazily("[A-Z]+")
_SCALARS = frozenset({int, bool, type(None)})

# Decimals travel as bytes whose order is that of the numbers. No document holds bytes, so none is forged; comparing one
# with a text or an int is an error.
_WHOLE, _FRACTION = 20, 18
_LIMIT = Decimal(10) ** (_WHOLE + _FRACTION)
_WRITTEN = lazily(rb"([-0])([0-9]{%d})" % (_WHOLE + _FRACTION))
_COMPLEMENT = bytes.maketrans(b"0123456789", b"9876543210")
_EXACT = Context(prec=200, traps=[InvalidOperation])


class BadDecimal(BadValue):
    """Bytes that are no number."""


class UnreadableText(ValueError):
    """A text that no expression can compare."""


def to_cel(value: Fact, typed: bool = False) -> object:
    """The value as the library takes it: lists and dictionaries of plain values."""
    return value if isinstance(value, dict) and _is_plain(value) else _walked(value, typed)


def _walked(value: Fact, typed: bool = False) -> object:
    if isinstance(value, str):
        return _text(value)
    if type(value) is list:
        return [_walked(inner) for inner in value]
    if value is None or isinstance(value, int):
        return value
    if isinstance(value, (dict, Mapping)):
        return {_text(key): _walked(inner) for key, inner in value.items()}
    if isinstance(value, Decimal):
        # A number of a document that is out of range spoils what compares it, not every expression over the document.
        return _written(value) if _in_range(value) else str(value)
    if isinstance(value, datetime):
        return value if typed else value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return f"{value // timedelta(seconds=1)}s"
    return [_walked(inner) for inner in value]


def _is_plain(value: dict[str, Fact]) -> bool:
    """Whether the library can take the value as it is. Nearly every document is such, and writing it out tells so
    sooner than walking it: tuples, mappings, decimals and instants are written with a parenthesis, the control
    characters that `_text` refuses as escapes. A text that holds one of these signs only means a walk.
    """
    written = repr(value)
    return "(" not in written and "<" not in written and "\\x0" not in written


def _text(value: str) -> str:
    # The library reads a text up to its first NUL: "production\\0x" would pass for "production".
    if "\0" in value:
        raise UnreadableText(
            "a text holds the control character U+0000, and no expression can compare such: take it out"
        )
    return value


def has_decimal(converted: object) -> bool:
    """Whether a converted fact holds a decimal."""
    if isinstance(converted, dict):
        return any(map(has_decimal, converted.values()))
    if isinstance(converted, list):
        return any(map(has_decimal, converted))
    return isinstance(converted, bytes)


def sizes(value: Fact) -> tuple[int, int]:
    """How many elements the lists and mappings of a fact have together, and the length of its longest text.

    Told level by level, so that it ends early: what is shared by many counts for each.

    Raises:
        ValueError: it has more than MOST_ELEMENTS, or more than DEEPEST levels.
    """
    count = levels = text = 0
    level: list[Fact] = [value]
    while level:
        within: list[Fact] = []
        for each in level:
            if isinstance(each, str):
                text = max(text, len(each))
            elif type(each) in _SCALARS:
                continue
            elif isinstance(each, (dict, Mapping)):
                count += len(each)
                within.extend(each.values())
                text = max(text, max(map(len, each), default=0))
            elif isinstance(each, Sequence):
                count += len(each)
                within.extend(each)
            if count > MOST_ELEMENTS:
                raise ValueError(f"a fact has more than {MOST_ELEMENTS:,} elements, and no expression works on so many")
        level, levels = within, levels + 1
        if levels > DEEPEST:
            raise ValueError(f"a fact is nested deeper than {DEEPEST} levels, and no expression works on such")
    return count, text


def from_cel(value: object) -> Fact:
    """The library's plain value as a fact.

    Raises:
        ExpressionError: a double, bytes, a type, an optional without value.
    """
    if isinstance(value, (bytes, bytearray)):
        try:
            return _read(value)
        except BadDecimal as error:
            raise ExpressionError(str(error)) from None
    if value is None or isinstance(value, (bool, int, str, timedelta)):
        return value
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, list):
        return [from_cel(inner) for inner in value]
    if isinstance(value, dict):
        return {str(key): from_cel(inner) for key, inner in value.items()}
    kind = {"float": "double"}.get(type(value).__name__, type(value).__name__.lower())
    raise ExpressionError(f"the result holds a {kind}, and no fact can be one: {INSTEAD}")


def compile_pattern(pattern: str) -> re2.Pattern[str]:
    # Loaded here: few expressions look for a pattern, and fewer come to it.
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = _PATTERN_MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise ValueError(f"{pattern!r} is no pattern: {error.args[0].decode()}") from None


def finder(pattern: str) -> Callable[[str], bool]:
    """Whether a text holds what the pattern says.

    Raises:
        ValueError: it is no pattern, or a long one.
    """
    if len(pattern) > _MAX_PATTERN:
        raise ValueError(f"a pattern has at most {_MAX_PATTERN} characters")
    plain = plain_pattern(pattern)
    if plain is None:
        return _searching(pattern)
    search: Callable[[str], bool] | None = None

    def found(text: str) -> bool:
        nonlocal search
        if text.isascii():
            return plain(text)
        search = search or _searching(pattern)
        return search(text)

    return found


def _searching(pattern: str) -> Callable[[str], bool]:
    search = compile_pattern(pattern).search
    # Of a text the library works out where each group stands in it; of bytes it only looks.
    return lambda text: search(text.encode()) is not None


def money(text: str) -> int:
    millionths = parse_amount(text) * MILLIONTHS
    if millionths != int(millionths):
        raise BadValue(f"{text!r} has more than six decimals, and money in facts has millionths")
    return int(millionths)


def decimal(given: str | int | Bytes) -> bytes:
    if isinstance(given, (bytes, bytearray)):
        return _written(_read(given))
    return _written(parse_amount(given) if isinstance(given, str) else Decimal(given))


def times(left: Bytes | int, right: Bytes | int) -> bytes:
    return _written(_EXACT.multiply(_read(left), _read(right)))


def plus(left: Bytes | int, right: Bytes | int) -> bytes:
    return _written(_EXACT.add(_read(left), _read(right)))


def days(count: int) -> timedelta:
    if abs(count) > MAX_DAYS:
        raise BadValue(f"{count} days are more than a calendar holds")
    return timedelta(days=count)


def lower(text: str) -> str:
    return text.lower() if text.isascii() else _UPPER.sub(lambda found: found[0].lower(), text)


def _written(number: Decimal) -> bytes:
    """The number as bytes that sort as the number does: sign, then a fixed count of digits.

    A negative number's digits are taken from nine each, so that -2 stands before -1.
    """
    if not _in_range(number):
        raise BadValue(f"{number} has more than {_WHOLE} digits before the point or {_FRACTION} behind it")
    scaled = _EXACT.scaleb(number, _FRACTION)
    digits = str(abs(int(scaled))).zfill(_WHOLE + _FRACTION).encode()
    return b"-" + digits.translate(_COMPLEMENT) if scaled < 0 else b"0" + digits


def _in_range(number: Decimal) -> bool:
    if not number.is_finite() or abs(number.adjusted()) > _WHOLE + _FRACTION:
        return number == 0
    scaled = _EXACT.scaleb(number, _FRACTION)
    # Not abs(), which rounds to 28 digits.
    return scaled.copy_abs() < _LIMIT and scaled == scaled.to_integral_value()


def _read(written: Bytes | int) -> Decimal:
    """The number of a written decimal, or of an int.

    Raises:
        BadDecimal: bytes that are none.
    """
    if isinstance(written, int):
        return Decimal(written)
    match = _WRITTEN.fullmatch(written)
    if match is None:
        raise BadDecimal('bytes are no number: write decimal("1.5")')
    negative = match[1] == b"-"
    digits = match[2].translate(_COMPLEMENT) if negative else match[2]
    number = _EXACT.scaleb(Decimal(digits.decode()), -_FRACTION).normalize(_EXACT)
    return number.copy_negate() if negative else number
