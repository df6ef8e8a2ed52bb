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


def at(place: Place) -> Value:
    """The value at the end of fields of a variable."""
    variable, fields = place.variable, place.fields

    def value(env: Env) -> Any:
        # Nothing holds a field where the variable is not there.
        here = env.get(variable)
        for key in fields:
            here = here[key] if type(here) is dict and key in here else selected(here, key)
        return here

    return value


def at_or(place: Place, instead: Value | None, known: tuple[Any] | None = None) -> Value:
    """The value, or `instead` where a key is not there; `known` is what that gives, where it is written out. Without
    `instead`, whether every key is there."""
    base, variable, fields, keys = place.base, place.variable, place.fields, place.keys

    def value(env: Env) -> Any:
        here: Any = env.get(variable) if base is None else base(env)
        for key in fields:
            here = here[key] if type(here) is dict and key in here else selected(here, key)
        for key in keys:
            if not (key in here if type(here) is dict else has_key(here, key)):
                return known[0] if known is not None else instead is not None and instead(env)
            here = here[key]
        return instead is None or here

    return value


def is_among(place: Place, texts: Collection[str], instead: bool, *, wanted: bool) -> Value:
    """Whether it is `wanted` that the value is one of the texts, and it is, or not and it is not; `instead` where a key
    is not there."""
    base, variable, fields, keys = place.base, place.variable, place.fields, place.keys
    among, other = frozenset(texts), not_among(texts)

    def value(env: Env) -> bool:
        here: Any = env.get(variable) if base is None else base(env)
        for key in fields:
            here = here[key] if type(here) is dict and key in here else selected(here, key)
        for key in keys:
            if not (key in here if type(here) is dict else has_key(here, key)):
                return instead
            here = here[key]
        if type(here) is str and here in among:
            return wanted
        # What is no text that is compared here is not told (text_of, without the call).
        if here is not other and (type(here) is not str or len(here) > LONGEST or "\0" in here):
            raise Unsure
        return not wanted

    return value


_NOTHING = object()


def not_among(texts: Collection[str]) -> object:
    """What stands in for a text that is none of these, if anything."""
    return LONG_TEXT if all(len(text) < LONG for text in texts) else _NOTHING
