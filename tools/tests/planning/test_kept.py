"""Which plans are kept, and when a kept one is the one that would be made."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.model.plan import Action, Approval, Breach, Desired, Plan, Verb
from tarmac.planning.kept import Ground, KeptPlan, is_idle, why_passing, why_unmarked, why_unsettled
from tarmac.planning.until import NotedInstant, Until
from tests.planning.test_convergence import strangers, wishes
from tests.planning.worlds import DAY, NOW, only, wish

TICK = timedelta(microseconds=1)


def kept(until: datetime | None) -> KeptPlan:
    return KeptPlan(Ground("c0ffee", "", None, {}), "uid", NOW, until, Plan("c0ffee", ()), (), "{}")


@pytest.mark.parametrize(
    ("until", "now", "in_time"),
    [
        (NOW + DAY, NOW, True),
        (NOW + DAY, NOW - TICK, False),
        (NOW + DAY, NOW + DAY - TICK, True),
        (NOW + DAY, NOW + DAY, False),
        (NOW + DAY, NOW + 2 * DAY, False),
        (None, NOW + 900 * DAY, True),
        (None, NOW, True),
        (None, NOW - TICK, False),
    ],
)
def test_it_stands_from_when_it_was_made_until_its_end(until: datetime | None, now: datetime, in_time: bool) -> None:
    assert kept(until).in_time(now) is in_time


@pytest.mark.parametrize("verb", list(Verb))
def test_only_a_plan_of_nothing_is_idle(verb: Verb) -> None:
    def step(verb: Verb) -> Action:
        return Action(verb, "resourcerequest:default/one", "1", "postgres@1.0.0", "embedded", "a reason")

    assert is_idle(Plan("c0ffee", (step(Verb.NONE), step(verb))), ()) is (verb is Verb.NONE)
    breach = Breach("the whole run", 3, 2, 1, ())
    assert not is_idle(Plan("c0ffee", (step(Verb.NONE),)), (breach,))
    assert is_idle(Plan("c0ffee", ()), ())


def test_a_plan_of_one_instant_is_not_kept() -> None:
    until = Until(NOW)
    assert why_passing(until) is None
    until.holds(None, NOW + TICK)
    assert why_passing(until) is None
    until.only_now()
    assert why_passing(until) == (
        "it is of 2026-12-01T06:00:00Z and of no other instant, as a rule or policy reads the time itself"
    )


def test_what_changed_within_a_tick_of_the_clock_vouches_for_nothing() -> None:
    early, late = NOW - timedelta(seconds=2), NOW - timedelta(seconds=2) + TICK
    assert why_unsettled({}, NOW) is None
    assert why_unsettled({"aws": early, "embedded": early - DAY}, NOW) is None
    word = "instances of provider {} changed within the last 2 seconds: write it again"
    assert why_unsettled({"embedded": late, "aws": early}, NOW) == word.format("embedded")
    assert why_unsettled({"embedded": NOW + DAY, "aws": late}, NOW) == word.format("aws")


def test_a_provider_that_has_to_list_is_named() -> None:
    assert why_unmarked((), ()) is None
    assert why_unmarked(("embedded",), {"embedded": "1", "aws": "2"}) is None
    word = "whether instances of provider aws changed is only told by listing them"
    assert why_unmarked(("postgresql", "embedded", "aws"), ("embedded",)) == word


_TIMES = st.sampled_from([timedelta(), timedelta(hours=1), DAY, 2 * DAY, 3 * DAY, 7 * DAY, 8 * DAY, 30 * DAY])


@given(
    st.lists(st.tuples(wishes(), _TIMES), min_size=1, max_size=4),
    st.sampled_from([(), (Approval("all", ("**",), None),), (Approval("all", ("**",), NOW + 2 * DAY),)]),
    st.booleans(),
    st.lists(st.tuples(_TIMES, st.sampled_from([-TICK, timedelta(), TICK])), max_size=8),
)
def test_until_its_end_an_idle_plan_is_the_one_that_would_be_made(
    history: list[tuple[tuple[Desired, ...], timedelta]],
    given: tuple[Approval, ...],
    applied: bool,
    later: list[tuple[timedelta, timedelta]],
) -> None:
    world, now, wanted = strangers(1), NOW, history[0][0]
    for wanted, passed in history:
        now += passed
        if applied:
            world.apply(world.plan(wanted, now, approvals=given), wanted, now)
    until = Until(now)
    made = world.plan(wanted, NotedInstant.of(until), approvals=given)
    assert made == world.plan(wanted, now, approvals=given)
    ends = [] if until.end is None else [until.end - TICK, now + (until.end - now) / 2]
    for instant in (*ends, *(now + passed + more for passed, more in later)):
        if now <= instant and (until.end is None or instant < until.end):
            assert world.plan(wanted, instant, approvals=given) == made


ENDS = {
    "an end": (wish("one", expires=NOW + 3 * DAY), 0, NOW + 3 * DAY),
    "a time to live": (wish("one", ttl=7 * DAY), 1, NOW + 7 * DAY),
    "what is removed after its grace": (wish("one", ttl=7 * DAY, grace=2 * DAY), 8, NOW + 9 * DAY),
    "nothing": (wish("one"), 5, None),
    "what has gone": (wish("one", expires=NOW - DAY), 5, None),
}


@pytest.mark.parametrize("case", ENDS)
def test_a_plan_ends_where_the_next_step_begins(case: str) -> None:
    want, days, end = ENDS[case]
    world = strangers(0)
    world.apply(world.plan([want], NOW), [want], NOW)
    until = Until(NOW + days * DAY)
    made = world.plan([want], NotedInstant.of(until))
    assert (only(made).verb, until.end) == (Verb.NONE, end)
    if end is not None:
        assert world.plan([want], end) != made
