"""What the plain part of CEL does with values: exactly what the engine does, or else it is unsure.

Texts are compared with texts, truth values with truth values, ints of 64 bits with such. The engine compares more (an
int with a double), reads a text only up to its first NUL, and takes `1` and `true` for different where Python does not:
all of that is left to it.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any

from tarmac.adapters.cel_values import MAX_DAYS, money
from tarmac.model.expressions import LONGEST, Fact, Unsure
from tarmac.model.patterns import lazily
from tarmac.model.values import BadValue

_INT64 = 1 << 63
# So many elements are looked at.
_MOST = 200
# Years before are written in another way by one or the other.
_FOUR_DIGITS = 1000
_TO_THE_SECOND = len("2026-12-31T23:59:59")
_INSTANT = lazily(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")

# What the signs of comparisons mean.
ORDER: Mapping[str, Callable[[int, int], bool]] = MappingProxyType(
    {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
)


def fact_of_plain(value: object) -> Fact:
    """A value as the result of an expression."""
    if value is None or value is True or value is False:
        return value
    if type(value) is str:
        return text_of(value)
    return list(_texts_of(value)) if type(value) is list else int_of(value)


def first_missing(facts: Mapping[str, Any], path: str) -> str | None:
    """The first key of a path (`config.size`) that is not where it is looked for, in a mapping."""
    here: object = facts
    for key in path.strip().split("."):
        if type(here) is not dict and type(here) is not MappingProxyType:
            return None
        if key not in here:
            return None if here is facts else key
        here = here[key]
    return None


def is_true(value: object) -> bool:
    """A truth value as it is."""
    if value is True:
        return True
    if value is False:
        return False
    raise Unsure


def is_text(value: object) -> bool:
    """Whether it is a text that is compared here."""
    return type(value) is str and len(value) <= LONGEST and "\0" not in value


def text_of(value: object) -> str:
    """A text as it is."""
    # As in is_text: this is asked more often than anything else.
    if type(value) is str and len(value) <= LONGEST and "\0" not in value:
        return value
    raise Unsure


def int_of(value: object) -> int:
    """A whole number as it is."""
    if type(value) is int and -_INT64 <= value < _INT64:
        return value
    raise Unsure


def _texts_of(value: object) -> list[str]:
    if type(value) is list and len(value) <= _MOST:
        for item in value:
            # As in is_text: lists are gone over again and again.
            if type(item) is not str or len(item) > LONGEST or "\0" in item:
                raise Unsure
        return value
    raise Unsure


def has_key(value: Any, key: str) -> bool:
    """Whether a mapping has the key."""
    if type(value) is dict or type(value) is MappingProxyType:
        return key in value
    raise Unsure


def selected(value: Any, key: str) -> Any:
    """What a mapping holds under the key."""
    if has_key(value, key):
        return value[key]
    raise Unsure


def element(value: Any, key: Any) -> Any:
    """What a mapping holds under a key, or a list at an index."""
    if type(value) is not list:
        return selected(value, text_of(key))
    if 0 <= int_of(key) < len(value):
        return value[key]
    raise Unsure


def length(value: Any) -> int:
    """How many letters a text has, or elements a list or mapping."""
    if type(value) is list or type(value) is dict or type(value) is MappingProxyType:
        return len(value)
    return len(text_of(value))


def equal(left: object, right: object) -> bool:
    """Whether two values of a kind are the same."""
    kind = type(left)
    if kind is not type(right):
        raise Unsure
    if kind is str:
        return text_of(left) == text_of(right)
    if kind is bool:
        return left is right
    if kind is list:
        return _texts_of(left) == _texts_of(right)
    return int_of(left) == int_of(right)


def within(value: object, values: object) -> bool:
    """Whether a text is among the texts of a list."""
    return text_of(value) in _texts_of(values)


def compared(sign: str, left: object, right: object) -> bool:
    """Whether two ints are so ordered."""
    return ORDER[sign](int_of(left), int_of(right))


def instant(value: object) -> datetime:
    """The instant that a text names: to the second, and in UTC."""
    text = text_of(value)
    if _INSTANT.fullmatch(text) is None:
        raise Unsure
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        raise Unsure from None


def days(value: object) -> timedelta:
    """So many days."""
    count = int_of(value)
    if abs(count) > MAX_DAYS:
        raise Unsure
    return timedelta(days=count)


def micros(value: object) -> int:
    """An amount as facts hold it."""
    try:
        return int_of(money(text_of(value)))
    except BadValue:
        raise Unsure from None


def multiplied(left: object, right: object) -> int:
    """The product of two ints."""
    return int_of(int_of(left) * int_of(right))


def written(value: object) -> str:
    """An instant as a text."""
    if type(value) is not datetime:
        return text_of(value)
    if value.tzinfo is not UTC or value.microsecond or value.year < _FOUR_DIGITS:
        raise Unsure
    return value.isoformat()[:_TO_THE_SECOND] + "Z"


def added(left: object, right: object) -> Any:
    """The sum of two ints or of an instant and a duration, or two lists or texts put together."""
    kind = type(left)
    if kind is list and type(right) is list and len(left) + len(right) <= _MOST:  # type: ignore[arg-type]
        return [*left, *right]  # type: ignore[misc]
    if kind is str:
        return text_of(text_of(left) + text_of(right))
    if kind is datetime and type(right) is timedelta:
        # What is beyond the calendar is no int either.
        with suppress(OverflowError):
            return left + right  # type: ignore[operator]
    return int_of(int_of(left) + int_of(right))
