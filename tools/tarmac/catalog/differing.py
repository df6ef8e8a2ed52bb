"""Where two values of documents differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import NoneType
from typing import Any, TypeGuard

from tarmac.model.json_value import JsonValue, Path

# What most values are: no abstract class need be asked about these.
PLAIN = (str, int, float, NoneType)


def same(one: JsonValue, other: JsonValue) -> bool:
    """Equal in value and in type: true is not 1, and 1 is not 1.0."""
    if not isinstance(one, PLAIN):
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
        if is_list(one) and is_list(other):
            return len(one) == len(other) and all(same(a, b) for a, b in zip(one, other, strict=True))
    return type(one) is type(other) and one == other


def is_list(value: JsonValue) -> TypeGuard[Sequence[JsonValue]]:
    """Whether the value is a list: a text is none."""
    return isinstance(value, Sequence) and not isinstance(value, str)


def differing(before: JsonValue, after: JsonValue, path: Path = ()) -> Iterator[Path]:
    """Where two values differ: a mapping whose keys stand in another order, and a list of another length, do so as a
    whole."""
    if type(before) is dict and type(after) is dict:
        if list(before) != list(after) and _reordered(before, after):
            yield path
            return
        yield from ((*path, key) for key in after if key not in before)
        for key, value in before.items():
            other = after.get(key, _NOWHERE)
            # Most values are texts that are as they were.
            if value is not other and not (type(value) is str and type(other) is str and value == other):
                yield from differing(value, other, (*path, key))
    elif type(before) is list and type(after) is list and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differing(one, other, (*path, index))
    elif after is _NOWHERE or not same(before, after):
        yield path


# What no document holds.
_NOWHERE: Any = object()


def _reordered(before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]) -> bool:
    return [key for key in before if key in after] != [key for key in after if key in before]
