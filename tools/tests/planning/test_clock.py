"""A clock that goes back: nothing that had its time comes again, and plans still come to rest."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tarmac.model.plan import Desired, Verb
from tests.planning.test_convergence import wishes
from tests.planning.worlds import DAY, NOW, Model, only, wish


def expired(want: Desired) -> Model:
    world = Model()
    for at in (NOW, NOW + 8 * DAY):
        world.apply(world.plan([want], at), [want], at)
    assert world.instances == {}
    return world


def test_a_clock_that_went_back_brings_nothing_back_and_is_named() -> None:
    for want in (wish("orders-db", ttl=7 * DAY), wish("orders-db", expires=NOW + 7 * DAY)):
        action = only(expired(want).plan([want], NOW + DAY))
        assert action.verb is Verb.NONE
        assert action.reason == (
            "removed on 2026-12-09T06:00:00Z, as its end was 2026-12-08T06:00:00Z; that it is 2026-12-02T06:00:00Z now "
            "brings nothing back"
        )


def test_an_end_that_was_moved_brings_it_back_whatever_the_clock_says() -> None:
    longer = wish("orders-db", ttl=30 * DAY)
    for now in (NOW + DAY, NOW + 9 * DAY):
        action = only(expired(wish("orders-db", ttl=7 * DAY)).plan([longer], now))
        assert action.verb is Verb.CREATE
        assert action.reason == "it had expired, and its end was moved to 2026-12-31T06:00:00Z"


def test_what_had_its_end_moved_only_up_to_its_removal_stays_gone() -> None:
    late = wish("orders-db", ttl=8 * DAY)
    assert only(expired(wish("orders-db", ttl=7 * DAY)).plan([late], NOW + DAY)).verb is Verb.NONE


@given(st.lists(st.tuples(wishes(), st.sampled_from([-3, -1, 0, 1, 7])), max_size=5))
def test_plans_come_to_rest_though_time_jumps(history: list[tuple[tuple[Desired, ...], int]]) -> None:
    world = Model()
    now = NOW
    for wanted, days in history:
        now += timedelta(days=days)
        world.apply(world.plan(wanted, now), wanted, now)
        again = world.plan(wanted, now)
        assert again.effects == (), again
