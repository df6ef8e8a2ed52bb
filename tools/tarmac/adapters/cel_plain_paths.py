"""What the plain part of CEL reads at the end of a path whose keys are written out, and whether that is one of some
texts: what most conditions are, each told in one step.

The way along the path stands in each of them: a call within a call takes longer than what it does.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeAlias

from msgspec import Struct

from tarmac.adapters.cel_plain_values import has_key, selected
from tarmac.model.expressions import LONG, LONG_TEXT, LONGEST, Unsure

Env: TypeAlias = dict[str, Any]
Value: TypeAlias = Callable[[Env], Any]


class Place(Struct, frozen=True):
    """Where a value stands: below `base`, or a variable where that is None, at the end of fields that have to be there
    and of keys that need not be."""

    base: Value | None
    variable: str
    fields: tuple[str, ...] = ()
    keys: tuple[str, ...] = ()

    def field(self, name: str) -> Place:
        """A field of the value."""
        return Place(self.base, self.variable, (*self.fields, name))


_MISSING = object()
# What Python says where a step leads nowhere: nothing but a mapping takes one.
_ASTRAY = (KeyError, TypeError, AttributeError)


def _reached(place: Place, here: Any) -> Any:
    """What stands at the end of the way from a value, or _MISSING, where a step was not one into a dictionary."""
    for key in place.fields:
        here = selected(here, key)
    for key in place.keys:
        if not has_key(here, key):
            return _MISSING
        here = here[key]
    return here


def at(place: Place) -> Value:
    """The value at the end of fields of a variable."""
    variable, fields = place.variable, place.fields

    def value(env: Env) -> Any:
        # Nothing holds a field where the variable is not there.
        start: Any = env.get(variable)
        here = start
        try:
            for key in fields:
                here = here[key]
        except _ASTRAY:
            return _reached(place, start)
        return here

    return value


def at_or(place: Place, instead: Value | None, known: tuple[Any] | None = None) -> Value:
    """The value, or `instead` where a key is not there; `known` is what that gives, where it is written out. Without
    `instead`, whether every key is there."""
    base, variable, fields, keys = place.base, place.variable, place.fields, place.keys

    def value(env: Env) -> Any:
        start: Any = env.get(variable) if base is None else base(env)
        here = start
        try:
            for key in fields:
                here = here[key]
            for key in keys:
                here = here.get(key, _MISSING)
                if here is _MISSING:
                    break
        except _ASTRAY:
            here = _reached(place, start)
        if here is _MISSING:
            return known[0] if known is not None else instead is not None and instead(env)
        return instead is None or here

    return value


def is_among(place: Place, texts: Collection[str], instead: bool, *, wanted: bool) -> Value:
    """Whether it is `wanted` that the value is one of the texts, and it is, or not and it is not; `instead` where a key
    is not there."""
    base, variable, fields, keys = place.base, place.variable, place.fields, place.keys
    among, other = frozenset(texts), not_among(texts)

    def value(env: Env) -> bool:
        start: Any = env.get(variable) if base is None else base(env)
        here = start
        try:
            for key in fields:
                here = here[key]
            for key in keys:
                here = here.get(key, _MISSING)
                if here is _MISSING:
                    return instead
        except _ASTRAY:
            here = _reached(place, start)
            if here is _MISSING:
                return instead
        # What is no text that is compared here is not told (text_of, without the call).
        if type(here) is str:
            if here in among:
                return wanted
            if len(here) <= LONGEST and "\0" not in here:
                return not wanted
        if here is other:
            return not wanted
        raise Unsure

    return value


_NOTHING = object()


def not_among(texts: Collection[str]) -> object:
    """What stands in for a text that is none of these, if anything."""
    return LONG_TEXT if all(len(text) < LONG for text in texts) else _NOTHING
