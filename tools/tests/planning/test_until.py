"""An instant that tells until when what is asked of it is answered alike."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tarmac.planning.until import NotedInstant, Until
from tests.planning.worlds import DAY, NOW

HOUR, TICK = timedelta(hours=1), timedelta(microseconds=1)
Asked = Callable[[Any], Any]


def end_of(asked: Asked, now: datetime = NOW) -> datetime | None:
    """Until when it stands, by what it asks; it has to answer as it does for a plain instant."""
    until = Until(now)
    answer = asked(NotedInstant.of(until))
    assert answer == asked(now)
    return until.end


COMPARED: dict[str, tuple[Asked, datetime | None]] = {
    "before what comes": (lambda now: now < NOW + DAY, NOW + DAY),
    "before what comes, turned round": (lambda now: now < NOW + DAY, NOW + DAY),
    "at what is reached": (lambda now: now >= NOW, None),
    "at what comes": (lambda now: now >= NOW + DAY, NOW + DAY),
    "at what comes, turned round": (lambda now: now >= NOW + DAY, NOW + DAY),
    "up to what comes": (lambda now: now <= NOW + DAY, NOW + DAY),
    "up to now": (lambda now: now <= NOW, NOW),
    "up to now, turned round": (lambda now: now <= NOW, NOW),
    "behind now": (lambda now: now > NOW, NOW),
    "behind what comes": (lambda now: now > NOW + TICK, NOW + TICK),
    "before now": (lambda now: now < NOW, None),
    "behind what was": (lambda now: now > NOW - TICK, None),
    "up to what was": (lambda now: now <= NOW - DAY, None),
    "the nearer of two": (lambda now: (now < NOW + 2 * DAY, now < NOW + DAY), NOW + DAY),
    "the nearer of two, first": (lambda now: (now < NOW + DAY, now < NOW + 2 * DAY), NOW + DAY),
    "a day later": (lambda now: now + DAY < NOW + 3 * DAY, NOW + 2 * DAY),
    "a day later, turned round": (lambda now: DAY + now < NOW + 3 * DAY, NOW + 2 * DAY),
    "a day earlier": (lambda now: now - DAY < NOW + DAY, NOW + 2 * DAY),
    "twice later": (lambda now: now + DAY + HOUR <= NOW + DAY, None),
    "with itself": (lambda now: now < now + DAY, None),
    "with what no calendar reaches": (lambda now: now - DAY < datetime.max.replace(tzinfo=UTC), None),
    "the later one, which was": (lambda now: max(now, NOW - DAY) < NOW + DAY, NOW + DAY),
    "the later one, which comes": (lambda now: max(now, NOW + DAY), NOW + DAY),
    "sorted": (lambda now: sorted([NOW + 3 * DAY, now, NOW + 2 * DAY])[1], NOW + 2 * DAY),
    "what it is": (lambda now: isinstance(now, datetime) and not isinstance(now, str), None),
}


@pytest.mark.parametrize("case", COMPARED)
def test_a_comparison_stands_until_its_instant_is_reached(case: str) -> None:
    asked, end = COMPARED[case]
    assert end_of(asked) == end


READ: dict[str, Asked] = {
    "its year": lambda now: now.year,
    "its day": lambda now: now.date(),
    "its midnight": lambda now: now.replace(hour=0),
    "another zone": lambda now: now.astimezone(UTC),
    "seconds": lambda now: now.timestamp(),
    "its text": str,
    "as it is shown": lambda now: f"{now:%Y}",
    "as it stands in words": lambda now: f"{now}",
    "as it is written": lambda now: now.isoformat(),
    "since when": lambda now: now - NOW,
    "how long still": lambda now: NOW + DAY - now,
    "how long still, later": lambda now: NOW + DAY - (now + HOUR),
    "whether it is one": lambda now: now == NOW + DAY,
    "whether it is another": lambda now: now != NOW,
    "a key": hash,
    "a copy": lambda now: str(copy.copy(now)),
    "pickled": lambda now: len(pickle.dumps(now)) > 1,
    "looked at": lambda now: len(repr(now)) > 1,
}


@pytest.mark.parametrize("case", READ)
def test_whatever_else_is_read_of_it_stands_at_that_instant_only(case: str) -> None:
    assert end_of(READ[case]) == NOW


@pytest.mark.parametrize("name", sorted({*dir(datetime)} - {"__class__"}))
def test_each_attribute_of_an_instant_is_heard(name: str) -> None:
    until = Until(NOW)
    getattr(NotedInstant.of(until), name)
    assert until.end == NOW


def test_each_operator_of_an_instant_is_heard() -> None:
    # What Python looks for at the class: whatever stands there unchanged would be answered unheard.
    ours = {
        "__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__", "__hash__", "__add__", "__radd__", "__sub__",
        "__rsub__", "__repr__", "__getattribute__",
    }  # fmt: skip
    making = {"__new__", "__init__", "__doc__", "__class__", "__init_subclass__", "__subclasshook__"}
    # These ask the instance for what they tell, or are found through it; others tell nothing of the time.
    other = {"__str__", "__format__", "__reduce__", "__reduce_ex__", "__getstate__"}
    other |= {"__setattr__", "__delattr__", "__dir__", "__sizeof__"}
    assert {name for name in dir(datetime) if name.startswith("__")} == ours | making | other
    assert all(name in vars(NotedInstant) for name in ours)


def test_what_rules_say_counts_too_and_only_what_is_to_come() -> None:
    until = Until(NOW)
    assert until.stands
    until.holds(NOW - DAY, None)
    assert (until.end, until.stands) == (None, True)
    until.holds(None, NOW + 2 * DAY)
    until.holds(None, NOW + DAY)
    until.holds(None, NOW + 3 * DAY)
    assert (until.end, until.stands) == (NOW + DAY, True)
    until.holds(NOW, NOW)
    assert (until.end, until.stands) == (NOW, False)


def test_a_plain_instant_comes_of_what_is_made_of_it() -> None:
    noted = NotedInstant.of(Until(NOW))
    assert noted.__class__ is NotedInstant
    for made in (noted.replace(hour=0), noted.astimezone(UTC), max(noted, NOW + DAY)):
        assert type(made) is datetime
    with pytest.raises(OverflowError):
        noted + timedelta(days=3_000_000)
    with pytest.raises(TypeError):
        noted < 5  # noqa: B015


spans = st.timedeltas(-5 * DAY, 5 * DAY).map(lambda span: timedelta(seconds=span.total_seconds() // 3600 * 3600))
_SIGNS: tuple[Callable[[Any, Any], bool], ...] = (
    lambda now, other: now < other,
    lambda now, other: now <= other,
    lambda now, other: other < now,
    lambda now, other: other <= now,
    lambda now, other: max(now, other) <= other + HOUR,
    lambda now, other: now - other <= DAY,
)
questions = st.lists(st.tuples(st.sampled_from(_SIGNS), spans, spans), min_size=1, max_size=5)


@given(questions, st.integers(0, 60), st.sampled_from([timedelta(), TICK, -TICK]))
@example([(_SIGNS[1], timedelta(), timedelta())], 0, TICK)
def test_until_then_every_question_is_answered_alike(
    asked: list[tuple[Callable[[Any, Any], bool], timedelta, timedelta]], hours: int, more: timedelta
) -> None:
    def answers(now: datetime) -> list[bool]:
        return [question(now + ahead, NOW + apart) for question, ahead, apart in asked]

    until = Until(NOW)
    told = answers(NotedInstant.of(until))
    assert told == answers(NOW)
    later = NOW + hours * HOUR + more
    if later >= NOW and (until.end is None or later < until.end):
        assert answers(later) == told
