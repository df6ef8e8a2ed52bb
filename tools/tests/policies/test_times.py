"""How long the word of a policy that reads the time holds, told without asking it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarmac.adapters.cel import Cel
from tarmac.model.expressions import (
    NO_CALLS,
    NO_FUNCTIONS,
    POLICY_FACTS,
    POLICY_FUNCTIONS,
    Calls,
    Fact,
    Functions,
)
from tarmac.rules.policy_times import Times, turns_in
from tests.examples import examples

DAY = datetime(2026, 12, 1, tzinfo=UTC)
ENGINE = Cel()


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("object.spec.type == 'now'", 0),
        ("now - timestamp(git.changed) <= days(90)", 1),
        ("(now-timestamp(git.changed)<days( 9 )) || has(object.a) && now - timestamp(object.b) > days(1) ? 1 : 2", 2),
        ("!(now - timestamp(object.a + 'T00:00:00Z)') >= days(1)) // now", 1),
        ("now - timestamp(string((object.a))) <= days(9)", 1),
    ],
)
def test_comparisons_with_an_age_change_once(source: str, expected: int) -> None:
    found = turns_in(source)
    assert found is not None
    assert len(found) == expected


@pytest.mark.parametrize(
    "source",
    [
        "now > timestamp(object.a)",
        "now.getDayOfWeek() == 1",
        "now - timestamp(object.a) <= duration(object.b)",
        "days(1) + now - timestamp(object.a) <= days(9)",
        "now - timestamp(object.a) <= days(9) + days(1)",
        "now - timestamp(object.a) <= days(object.b)",
        "now - timestamp(string(now)) <= days(9)",
        "now - timestamp(object.a) == days(9)",
        "[now].all(one, one - timestamp(object.a) <= days(9))",
        "object.now - timestamp(object.a) <= days(9)",
        "timestamp(object.a) - now <= days(9)",
        "now - timestamp(object.a",
        "X now - timestamp(object.a) <= days(9)",
        "now - timestamp(object.a) <= days(9) X",
    ],
)
def test_of_anything_else_nobody_knows(source: str) -> None:
    assert turns_in(source) is None


def told(source: str, now: datetime, **facts: Fact) -> tuple[datetime, datetime]:
    """From when until when the expression holds."""
    since, until = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

    def holds(start: datetime | None, end: datetime | None) -> None:
        nonlocal since, until
        since, until = max(since, start or since), min(until, end or until)

    Times(ENGINE, now).tell([source], {"now": now, **facts}, {}, holds)
    return since, until


@settings(max_examples=examples(200), deadline=None)
@given(
    st.sampled_from(["<=", "<", ">=", ">"]),
    st.sampled_from(["&&", "||"]),
    st.integers(-4, 4),
    st.integers(0, 4),
    st.integers(-5 * 24, 9 * 24),
    st.sampled_from([-1, 0, 1]),
)
def test_while_it_holds_the_engine_says_the_same(
    sign: str, joint: str, first: int, second: int, hours: int, off: int
) -> None:
    source = f"now - timestamp(object.a) {sign} days(2) {joint} now - timestamp(object.b) < days(3)"
    facts: dict[str, Fact] = {
        "object": {
            "a": (DAY + timedelta(days=first)).isoformat().replace("+00:00", "Z"),
            "b": (DAY + timedelta(days=second)).isoformat().replace("+00:00", "Z"),
        }
    }
    now = DAY + timedelta(hours=hours, microseconds=off)
    expression = ENGINE.compile(source, POLICY_FACTS, POLICY_FUNCTIONS)
    here = expression.evaluate({**facts, "now": now})
    since, until = told(source, now, **facts)
    assert since <= now < until
    tick = timedelta(microseconds=1)
    for other in (since, since + tick, until - tick, until - timedelta(hours=1)):
        if since <= other < until and other.year in range(2000, 2100):
            assert expression.evaluate({**facts, "now": other}) == here


@pytest.mark.parametrize("sign", ["<=", "<", ">=", ">"])
def test_it_may_change_at_the_instant_and_right_behind_it(sign: str) -> None:
    source, born = f"now - timestamp(object.a) {sign} days(2)", "2026-11-29T00:00:00Z"
    tick = timedelta(microseconds=1)
    ever = (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))
    assert told(source, DAY - tick, object={"a": born}) == (ever[0], DAY)
    assert told(source, DAY, object={"a": born}) == (DAY, DAY + tick)
    assert told(source, DAY + tick, object={"a": born}) == (DAY + tick, ever[1])


class Odd:
    """An engine that gives a text for an instant."""

    source = gives = ""

    def compile(self, source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> Odd:
        return self

    def sure(self, source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> None:
        return None

    def evaluate(self, facts: Mapping[str, Fact], calls: Calls = NO_CALLS) -> Fact:
        return "soon"


def test_what_is_no_instant_holds_at_this_instant_only() -> None:
    heard: list[tuple[datetime | None, datetime | None]] = []
    sources = ["now - timestamp(object.a) <= days(9)"]
    Times(Odd(), DAY).tell(sources, {}, {}, lambda start, end: heard.append((start, end)))
    assert heard == [(DAY, DAY)]


def test_what_cannot_be_told_holds_at_this_instant_only() -> None:
    assert told("now > timestamp('2026-01-01T00:00:00Z')", DAY) == (DAY, DAY)
    assert told("[1].exists(one, now - timestamp(string(one)) <= days(9))", DAY) == (DAY, DAY)


def test_what_is_an_error_is_one_at_every_instant() -> None:
    since, until = told("now - timestamp(object.a) <= days(9)", DAY, object={"a": "never"})
    assert (since.year, until.year) == (1, 9999)
