"""What the plain part of CEL does, as Python functions that are put together: each makes of the functions of its parts
the function of the whole, which is given the variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeAlias

from tarmac.adapters.cel_plain_paths import Env, Place, Value, at, at_or, is_among, not_among
from tarmac.adapters.cel_plain_values import (
    ORDER,
    added,
    compared,
    days,
    element,
    equal,
    has_key,
    instant,
    int_of,
    is_text,
    is_true,
    length,
    micros,
    multiplied,
    selected,
    text_of,
    within,
    written,
)
from tarmac.model.expressions import LONGEST, Unsure

Finder: TypeAlias = Callable[[str], Callable[[str], bool]]


class Constant:
    """A value that is written out."""

    def __init__(self, value: object) -> None:
        self.value = value

    def __call__(self, env: Env) -> Any:
        return self.value


def ended(base: Value, keys: Sequence[Value | str], instead: Value | None) -> Value:
    """What stands at the end of a path of optional keys, or `instead`; without that, whether anything does."""

    def value(env: Env) -> Any:
        here = base(env)
        for key in keys:
            step = key if isinstance(key, str) else text_of(key(env))
            if not has_key(here, step):
                return instead is not None and instead(env)
            here = here[step]
        return instead is None or here

    return value


def _key_of(key: Value | str) -> Value | str:
    """The text of a key that is written out."""
    if isinstance(key, Constant) and isinstance(key.value, str) and is_text(key.value):
        return key.value
    return key


def selection(base: Value, name: str) -> Value:
    def value(env: Env) -> Any:
        here = base(env)
        # What most paths lead through, told here at once.
        return here[name] if type(here) is dict and name in here else selected(here, name)

    return value


def of_one(body: Callable[[Any], Any], one: Value) -> Value:
    if isinstance(one, Constant):
        # Told once, unless that is for the engine.
        with suppress(Unsure):
            return Constant(body(one.value))
    return lambda env: body(one(env))


def of_text(base: Value, body: Callable[[str], Any]) -> Value:
    kept = lru_cache(maxsize=_MOST_TEXTS)(body)
    return lambda env: kept(text_of(base(env)))


def of_two(body: Callable[[Any, Any], Any], left: Value, right: Value) -> Value:
    return lambda env: body(left(env), right(env))


def _texts_sought(sign: str, right: Value) -> frozenset[str] | None:
    """The texts that are written out behind a sign, of which the value is to be one, or (`!=`) none."""
    if not isinstance(right, Constant) or sign not in ("==", "!=", "in"):
        return None
    texts = right.value if sign == "in" else [right.value]
    return frozenset(texts) if type(texts) is list and all(map(is_text, texts)) else None


def related(sign: str, left: Value, right: Value) -> Value:
    if sign == "==":
        return of_two(equal, left, right)
    if sign == "!=":
        return lambda env: not equal(left(env), right(env))
    if sign == "in":
        return of_two(within, left, right)
    if isinstance(right, Constant):
        with suppress(Unsure):
            return compared_with(sign, left, int_of(right.value))
    return lambda env: compared(sign, left(env), right(env))


def compared_with(sign: str, left: Value, right: int) -> Value:
    body = ORDER[sign]
    return lambda env: body(int_of(left(env)), right)


def one_of_texts(left: Value, among: frozenset[str], *, wanted: bool) -> Value:
    other = not_among(among)
    return lambda env: ((here := left(env)) is not other and text_of(here) in among) is wanted


def chosen(condition: Value, yes: Value, no: Value) -> Value:
    return lambda env: yes(env) if is_true(condition(env)) else no(env)


def either(left: Value, right: Value) -> Value:
    return lambda env: True if (found := left(env)) is True else is_true(right(env) if found is False else found)


def both(left: Value, right: Value) -> Value:
    return lambda env: False if (found := left(env)) is False else is_true(right(env) if found is True else found)


def found_in(base: Value, finder: Finder, pattern: Value) -> Value:
    test: Callable[[str], bool] | None = None
    written_out = isinstance(pattern, Constant)

    def value(env: Env) -> bool:
        nonlocal test
        text = text_of(base(env))
        try:
            # One that is written out is found once.
            if test is None or not written_out:
                test = finder(text_of(pattern(env)))
            return test(text)
        except ValueError:
            raise Unsure from None

    return value


def called(name: str, arguments: Sequence[Value], variable: str | None, left: list[int]) -> Value:
    """A function, asked with its arguments, of which the first is that variable, if any."""
    first, *others = arguments
    # Most have one argument, or are asked with one and a name that is written out.
    known = [other.value for other in others if isinstance(other, Constant) and is_text(other.value)]
    written_out = len(known) == len(others)

    def value(env: Env) -> Any:
        text = first(env) if variable is None else env.get(variable)
        body = env.get(name)
        # As text_of has it: nearly all that is asked of the index begins here.
        if type(text) is not str or len(text) > LONGEST or "\0" in text or body is None:
            raise Unsure
        try:
            if written_out:
                found = body(text, *known) if known else body(text)
            else:
                found = body(text, *[text_of(other(env)) for other in others])
        except ValueError:
            raise Unsure from None
        if type(found) is list:
            left[1] -= len(found)
            if left[1] < 0:
                raise Unsure
        return found

    return value


def _rounds(base: Value, env: Env, left: list[int]) -> list[Any]:
    """What a loop goes over; `left` begins with how many rounds may still be made."""
    found = base(env)
    if type(found) is not list:
        raise Unsure
    left[0] -= len(found)
    if left[0] < 0:
        raise Unsure
    return found


def _all(base: Value, variable: str, body: Value, left: list[int]) -> Value:
    def value(env: Env) -> bool:
        inner = env.copy()
        for item in _rounds(base, env, left):
            inner[variable] = item
            if (found := body(inner)) is not True and not is_true(found):
                return False
        return True

    return value


def _exists(base: Value, variable: str, body: Value, left: list[int]) -> Value:
    def value(env: Env) -> bool:
        inner = env.copy()
        for item in _rounds(base, env, left):
            inner[variable] = item
            if (found := body(inner)) is not False and is_true(found):
                return True
        return False

    return value


def _filter(base: Value, variable: str, body: Value, left: list[int]) -> Value:
    def value(env: Env) -> list[Any]:
        inner = env.copy()
        taken = []
        for item in _rounds(base, env, left):
            inner[variable] = item
            if is_true(body(inner)):
                taken.append(item)
        return taken

    return value


_LOOPS: Mapping[str, Callable[[Value, str, Value, list[int]], Value]] = MappingProxyType(
    {"all": _all, "exists": _exists, "filter": _filter}
)
TEXT_TESTS: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "startsWith": lambda text, part: text_of(text).startswith(text_of(part)),
        "endsWith": lambda text, part: text_of(text).endswith(text_of(part)),
        "contains": lambda text, part: text_of(part) in text_of(text),
    }
)
_OF_ONE: Mapping[str, Callable[[Any], Any]] = MappingProxyType(
    {
        "size": length,
        "timestamp": instant,
        "days": days,
        "string": written,
        "money": micros,
        "!": lambda one: not is_true(one),
        "!!": is_true,
    }
)
_OF_TWO: Mapping[str, Callable[[Any, Any], Any]] = MappingProxyType(
    {"+": added, "*": multiplied, "[]": element, **TEXT_TESTS}
)
_TRUTHS = frozenset({"!", "!!", *TEXT_TESTS})
# So many texts are kept of which something was made.
_MOST_TEXTS = 1024


class Steps:
    """Makes of what is read the functions that evaluate it. `left` is how many rounds and results an evaluation may
    still have, `finder` makes of a pattern what tells whether a text holds it."""

    def __init__(self, finder: Finder) -> None:
        self.left = [0, 0]
        self._finder = finder
        # Where what some functions give stands, what they give where it does not, and what others choose between.
        self._places: dict[Value, Place] = {}
        self._instead: dict[Value, object] = {}
        self._choices: dict[Value, tuple[Value, Value, Value]] = {}
        # What gives true or false, if anything.
        self._truths: set[Value] = set()
        # Whether anything of `left` is ever used.
        self._counted = False
        # What is made of one text, whatever else there is, and of which.
        self._of_text: dict[Value, tuple[Value, Callable[[str], Any]]] = {}

    def certain(self, value: Value) -> bool:
        """Whether it gives true or false, if anything, and uses nothing of `left`."""
        return value in self._truths and not self._counted

    def _truth(self, value: Value) -> Value:
        self._truths.add(value)
        return value

    def constant(self, value: object) -> Value:
        return Constant(value)

    def variable(self, name: str) -> Value:
        def value(env: Env) -> Any:
            try:
                return env[name]
            except KeyError:
                raise Unsure from None

        self._places[value] = Place(None, name)
        return value

    def listed(self, items: Sequence[Value]) -> Value:
        written_out = [item.value for item in items if isinstance(item, Constant)]
        if len(written_out) == len(items):
            return Constant(written_out)
        return lambda env: [item(env) for item in items]

    def field(self, base: Value, name: str) -> Value:
        known = self._place(base)
        if known is None:
            return selection(base, name)
        place = known.field(name)
        value = at(place)
        self._places[value] = place
        return value

    def ended(self, base: Value, keys: Sequence[Value | str], instead: Value | None) -> Value:
        steps = [_key_of(key) for key in keys]
        written_out = [step for step in steps if isinstance(step, str)]
        if len(written_out) < len(steps):
            return ended(base, steps, instead)
        start = self._place(base) or Place(base, "")
        place = Place(start.base, start.variable, start.fields, tuple(written_out))
        if instead is None:
            return self._truth(at_or(place, None))
        known = (instead.value,) if isinstance(instead, Constant) else None
        value = at_or(place, instead, known)
        self._places[value] = place
        if known is not None:
            self._instead[value] = known[0]
        return value

    def _place(self, value: Value) -> Place | None:
        """Where it stands, if its last step is no key that need not be there."""
        found = self._places.get(value)
        return None if found is None or found.keys else found

    def one(self, name: str, value: Value) -> Value:
        body = _OF_ONE[name]
        if value in self._of_text or (name == "timestamp" and not isinstance(value, Constant)):
            return self._made_of_text(value, body)
        found = of_one(body, value)
        return self._truth(found) if name in _TRUTHS else found

    def two(self, name: str, left: Value, right: Value) -> Value:
        body = _OF_TWO[name]
        if left in self._of_text and isinstance(right, Constant):
            known = right.value
            return self._made_of_text(left, lambda found: body(found, known))
        value = of_two(body, left, right)
        return self._truth(value) if name in _TRUTHS else value

    def _made_of_text(self, value: Value, body: Callable[[Any], Any]) -> Value:
        """What `body` makes of a value that is a text, or made of one: kept, as one text stands in many documents."""
        base, before = self._of_text.get(value, (value, None))
        whole = body if before is None else lambda text: body(before(text))
        found = of_text(base, whole)
        self._of_text[found] = base, whole
        return found

    def related(self, sign: str, left: Value, right: Value) -> Value:
        return self._truth(self._related(sign, left, right))

    def _related(self, sign: str, left: Value, right: Value) -> Value:
        if sign == "in" and right in self._choices:
            condition, yes, no = self._choices[right]
            return chosen(condition, self._related(sign, left, yes), self._related(sign, left, no))
        among = _texts_sought(sign, right)
        if among is None:
            return related(sign, left, right)
        place, wanted, instead = self._places.get(left), sign != "!=", self._instead.get(left)
        if place is None or (place.keys and not is_text(instead)):
            return one_of_texts(left, among, wanted=wanted)
        return is_among(place, among, (instead in among) is wanted, wanted=wanted)

    def chosen(self, condition: Value, yes: Value, no: Value) -> Value:
        value = chosen(condition, yes, no)
        if isinstance(yes, Constant) and isinstance(no, Constant):
            self._choices[value] = condition, yes, no
        return value

    def either(self, left: Value, right: Value) -> Value:
        return self._truth(either(left, right))

    def both(self, left: Value, right: Value) -> Value:
        return self._truth(both(left, right))

    def matches(self, base: Value, pattern: Value) -> Value:
        return self._truth(found_in(base, self._finder, pattern))

    def loop(self, name: str, base: Value, variable: str, body: Value) -> Value:
        self._counted = True
        return _LOOPS[name](base, variable, body, self.left)

    def called(self, name: str, arguments: Sequence[Value]) -> Value:
        self._counted = True
        place = self._places.get(arguments[0])
        alone = place is not None and place.base is None and not place.fields and not place.keys
        return called(name, arguments, place.variable if place is not None and alone else None, self.left)

    def has(self, base: Value, name: str) -> Value:
        return self.ended(base, (name,), None)
