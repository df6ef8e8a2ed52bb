"""The data of a document, and how to walk it without trusting its shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

JsonValue: TypeAlias = "None | bool | int | float | str | Sequence[JsonValue] | Mapping[str, JsonValue]"
Step: TypeAlias = str | int
Path: TypeAlias = tuple[Step, ...]

_EMPTY: Mapping[str, JsonValue] = {}

# What the reader makes stands first: asking an abstract class takes several times as long, and every rule asks.
_MAPPING = (dict, Mapping)
_LIST = (list, tuple, Sequence)


def dig(data: JsonValue, *path: Step) -> JsonValue:
    """The value at `path`, or None where the path leaves the data."""
    here = data
    for step in path:
        if type(here) is dict:
            # Steps that are no texts are no keys either.
            here = here.get(step)
        elif here is None:
            return None
        elif isinstance(here, _MAPPING) and isinstance(step, str):
            here = here.get(step)
        elif isinstance(here, _LIST) and not isinstance(here, str) and isinstance(step, int):
            here = here[step] if -len(here) <= step < len(here) else None
        else:
            return None
    return here


def text(data: JsonValue, *path: Step) -> str | None:
    """The string at `path`, or None when it is absent or no string."""
    found = data
    for step in path:
        if type(found) is not dict:
            found = dig(data, *path)
            break
        found = found.get(step)
    return found if isinstance(found, str) else None


def mapping(data: JsonValue, *path: Step) -> Mapping[str, JsonValue]:
    """The mapping at `path`, or an empty one."""
    found = data
    # As in text: nearly all are dictionaries, and a call takes longer.
    for step in path:
        if type(found) is not dict:
            found = dig(data, *path)
            break
        found = found.get(step)
    return found if type(found) is dict or isinstance(found, _MAPPING) else _EMPTY


def items(data: JsonValue, *path: Step) -> Sequence[JsonValue]:
    """The list at `path`, or an empty one."""
    found = dig(data, *path)
    if found is None:
        return ()
    return found if isinstance(found, _LIST) and not isinstance(found, str) else ()


def texts(data: JsonValue, *path: Step) -> tuple[str, ...]:
    """The strings of the list at `path`; anything else in it is left out."""
    return tuple(item for item in items(data, *path) if isinstance(item, str))
