"""Plain scalars to values, as YAML 1.2's core schema has them (yaml.org/spec/1.2.2, section 10.3.2)."""

from __future__ import annotations

import re

from tarmac.model.json_value import JsonValue
from tarmac.model.patterns import lazily

CONSTANTS: dict[str, JsonValue] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
# What a number can begin with: anything else is a text without looking further.
NUMERIC_START = frozenset("-+.0123456789")
LONGEST_NUMBER = 32

_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z")
_OCTAL_OR_HEX = lazily(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_NOT_FINITE = lazily(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
_INT64 = 2**63
_INFINITE = (float("inf"), float("-inf"))
# Digits that are an integer of 64 bits whatever they are.
_SHORT = 18


class Inexact(ValueError):
    """A number that no 64-bit integer and no finite float can hold."""


def plain(value: str) -> JsonValue:
    """The value of a plain scalar.

    Raises:
        Inexact: it is a number that cannot be held.
    """
    if value in CONSTANTS:
        return CONSTANTS[value]
    if len(value) <= _SHORT and value.isascii() and value.isdigit():
        return int(value)
    decimal = _DECIMAL.match(value)
    if decimal is None and not _OCTAL_OR_HEX.match(value):
        if _NOT_FINITE.match(value):
            raise Inexact
        return value
    if len(value) > LONGEST_NUMBER:
        raise Inexact
    if decimal is None:
        return _integer(int(value, 0))
    return _finite(float(value)) if "." in value or decimal[1] else _integer(int(value))


def _integer(number: int) -> int:
    if -_INT64 <= number < _INT64:
        return number
    raise Inexact


def _finite(number: float) -> float:
    if number in _INFINITE:
        raise Inexact
    return number
