"""Requests of composed types: made in order, ended together, and no part is lost by a change of the whole."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from fractions import Fraction

from hypothesis import given as for_all
from hypothesis import strategies as st

from tarmac.model.frozen import replace
from tarmac.model.ledger import Phase, RequestState
from tarmac.model.plan import Approval, Desired, Held, Inventory, Limits, Observation, Presence, part_of, whole_of
from tarmac.planning.composed import together, wholes
from tarmac.planning.identity import uid_of
from tarmac.planning.limits import breaches
from tests.planning.worlds import DAY, NOW, OURS, THEIRS, Model, instance, subject_of, verbs, wish

WHOLE = "resourcerequest:default/env"


def part(name: str, whole: str = WHOLE, **changes: object) -> Desired:
    """One part of an environment that lives for a week."""
    short = whole.rpartition("/")[2]
    usual = wish(short, request=part_of(whole, name), ttl=7 * DAY)
    return replace(usual, **changes)  # the fields are named by the tests


def environment(*names: str) -> tuple[Desired, ...]:
    return tuple(part(name) for name in names)


def test_a_part_is_named_after_its_whole() -> None:
    assert part_of(WHOLE, "db") == "resourcerequest:default/env#db"
    assert whole_of(part_of(WHOLE, "db")) == whole_of(WHOLE) == WHOLE


def test_every_part_is_made_and_planning_again_is_empty() -> None:
    world, wishes = Model(), environment("db", "cache")
    made = world.plan(wishes)
    assert verbs(made) == {"env#db": "create", "env#cache": "create"}
    world.apply(made, wishes)
    assert not world.plan(wishes).effects


def test_all_parts_end_when_the_first_that_was_ready_has_had_its_time() -> None:
    world, both = Model(), environment("db", "cache")
    world.apply(world.plan(both[:1]), both[:1])
    later = NOW + 3 * DAY
    world.apply(world.plan(both, later), both, later)
    end = NOW + 7 * DAY
    assert not world.plan(both, end - timedelta(seconds=1)).effects
    over = world.plan(both, end)
    assert verbs(over) == {"env#db": "expire", "env#cache": "expire"}
    world.apply(over, both, end)
    assert not world.instances
    assert not world.plan(both, end).effects


def state_of(want: Desired, phase: Phase, ready_at: datetime | None, life: int = 1) -> RequestState:
    return RequestState(subject_of(want, uid_of(OURS, want.request, life), life), phase, NOW, ready_at=ready_at)


def ends(wishes: Iterable[Desired], states: Iterable[RequestState], *there: Observation) -> list[datetime | None]:
    """When each of the wishes ends by what the whole was; None where that is not known."""
    return [one.expires for one in together(wishes, states, {"embedded": Inventory("embedded", there)}, OURS)]


def test_before_the_first_part_is_ready_no_end_is_known_and_the_wishes_stay_as_they_are() -> None:
    both = environment("db", "cache")
    assert tuple(together(both, [], {}, OURS)) == both
    begun = [state_of(both[0], Phase.PROVISIONING, None)]
    assert tuple(together(both, begun, {}, OURS)) == both


def test_the_end_is_told_by_the_ledger_or_by_what_is_there_whichever_is_earlier() -> None:
    db, cache = both = environment("db", "cache")
    early, late = NOW - 2 * DAY, NOW - DAY
    end = [early + 7 * DAY] * 2
    assert ends(both, [state_of(db, Phase.READY, early)]) == end
    assert ends(both, [state_of(db, Phase.READY, early), state_of(cache, Phase.READY, late)]) == end
    assert ends(both, [], instance("a", db, late), instance("b", cache, early)) == end
    assert ends(both, [state_of(db, Phase.READY, late)], instance("b", cache, early)) == end
    assert ends(both, [state_of(db, Phase.READY, early)], instance("b", cache, late)) == end


def test_instances_that_are_not_ours_or_not_ready_say_nothing_of_the_end() -> None:
    db, cache = both = environment("db", "cache")
    unread = Observation("c", "embedded", Presence.BROKEN, None, fault="no JSON")
    there = instance("a", db, NOW, platform=THEIRS), instance("b", cache, None), unread
    assert ends(both, [], *there) == [None, None]
    assert ends(both, [], *there, instance("d", db, NOW)) == [NOW + 7 * DAY] * 2


def test_what_a_request_was_before_it_was_composed_does_not_shorten_the_life_of_its_parts() -> None:
    plain, both = wish("env", ttl=7 * DAY), environment("db", "cache")
    old = NOW - 6 * DAY
    assert ends(both, [state_of(plain, Phase.READY, old)]) == [None, None]
    assert ends(both, [], instance("a", plain, old)) == [None, None]


def test_an_end_of_an_earlier_life_does_not_count_while_a_later_one_is_begun() -> None:
    db, cache = both = environment("db", "cache")
    over = [state_of(one, Phase.EXPIRED, NOW - 30 * DAY) for one in both]
    assert ends(both, over) == [NOW - 23 * DAY] * 2
    assert ends(both, [*over, state_of(db, Phase.FAILED, None, 2)]) == [None, None]
    assert ends(both, [state_of(cache, Phase.FAILED, None, 2), *over]) == [None, None]
    assert ends(both, [*over, state_of(db, Phase.READY, NOW, 2)]) == [NOW + 7 * DAY] * 2


def test_a_stated_end_stays_as_it_is_stated() -> None:
    want = part("db", ttl=None, expires=NOW + 3 * DAY)
    assert ends([want], [state_of(want, Phase.READY, NOW)]) == [NOW + 3 * DAY]


def test_a_composed_request_is_told_by_its_first_part_and_one_that_is_held_before_others() -> None:
    fine, other = environment("cache", "db")
    held, worse = replace(fine, hold="one"), replace(other, hold="another")
    assert wholes([fine, other]) == {WHOLE: fine}
    assert wholes([fine, worse]) == {WHOLE: worse}
    assert wholes([held, worse]) == {WHOLE: held}
    assert wholes([held, other]) == {WHOLE: held}


def test_a_part_that_is_new_to_an_environment_that_is_over_is_not_made() -> None:
    world, one = Model(), environment("db")
    world.apply(world.plan(one), one)
    end = NOW + 8 * DAY
    world.apply(world.plan(one, end), one, end)
    assert not world.plan(environment("db", "cache"), end).effects


def test_what_was_removed_and_is_asked_for_again_begins_anew() -> None:
    world, both = Model(), environment("db", "cache")
    world.apply(world.plan(both), both)
    world.apply(world.plan(()), ())
    assert not world.instances
    later = NOW + 30 * DAY
    again = world.plan(both, later)
    assert verbs(again) == {"env#db": "create", "env#cache": "create"}
    world.apply(again, both, later)
    assert not world.plan(both, later + 6 * DAY).effects


def test_a_longer_life_brings_all_of_it_back() -> None:
    world, both = Model(), environment("db", "cache")
    world.apply(world.plan(both), both)
    end = NOW + 7 * DAY
    world.apply(world.plan(both, end), both, end)
    longer = tuple(replace(want, ttl=14 * DAY) for want in both)
    again = world.plan(longer, end)
    assert verbs(again) == {"env#db": "create", "env#cache": "create"}
    world.apply(again, longer, end)
    assert not world.plan(longer, end + 13 * DAY).effects
    assert len(world.plan(longer, end + 14 * DAY).effects) == 2


def test_a_part_that_the_type_drops_goes_where_it_would_end_anyway() -> None:
    world, both = Model(), environment("db", "cache")
    world.apply(world.plan(both), both)
    assert verbs(world.plan(both[:1])) == {"env#db": "none", "env#cache": "delete"}


def test_a_part_that_lasts_waits_for_an_approval_before_it_is_dropped() -> None:
    lasting = tuple(replace(want, temporary=(), ttl=None) for want in environment("db", "cache"))
    world = Model()
    world.apply(world.plan(lasting), lasting)
    made = world.plan(lasting[:1])
    (held,) = (action for action in made.actions if action.request == part_of(WHOLE, "cache"))
    assert (held.verb, held.held) == ("hold", Held.REPLACEMENT)
    assert "DeletionApproval that names requests/payments/staging/env.yaml" in held.reason
    approved = world.plan(lasting[:1], approvals=(Approval("go", ("requests/**",), None),))
    assert verbs(approved) == {"env#db": "none", "env#cache": "delete"}


def test_nothing_of_a_request_that_is_held_goes() -> None:
    world, both = Model(), environment("db", "cache")
    world.apply(world.plan(both), both)
    whole = wish("env", hold="there is no resource type env@2.0.0")
    made = world.plan((whole,))
    assert not made.effects
    assert {action.reason for action in made.actions} == {"there is no resource type env@2.0.0"}


def test_a_request_whose_type_becomes_composed_keeps_what_it_has_until_that_is_approved() -> None:
    plain = wish("env", temporary=())
    world = Model()
    world.apply(world.plan((plain,)), (plain,))
    parts = tuple(replace(want, temporary=(), ttl=None) for want in environment("db", "cache"))
    found = verbs(world.plan(parts))
    assert found["env"] == "hold"
    back = Model()
    back.apply(back.plan(parts), parts)
    assert {verb for name, verb in verbs(back.plan((plain,))).items() if name != "env"} == {"hold"}


def test_a_new_name_takes_all_parts_along_and_without_it_is_held() -> None:
    world, both = Model(), environment("db", "cache")
    world.apply(world.plan(both), both)
    new = "resourcerequest:default/renamed"
    moved = tuple(part(name, new, previously=(part_of(WHOLE, name),)) for name in ("db", "cache"))
    assert verbs(world.plan(moved)) == {"renamed#db": "update", "renamed#cache": "update"}
    silent = world.plan(tuple(part(name, new) for name in ("db", "cache")))
    assert not silent.effects
    assert all("previously: [env]" in action.reason for action in silent.actions)


def test_what_others_depend_on_stays_with_all_its_parts() -> None:
    world, both = Model(), environment("db", "cache")
    user = wish("user", needs=(part_of(WHOLE, "cache"), part_of(WHOLE, "db")))
    world.apply(world.plan((*both, user)), (*both, user))
    dangling = replace(user, needs=(WHOLE,))
    assert not [action for action in world.plan((dangling,)).effects if "env#" in (action.request or "")]


def test_the_guard_counts_an_environment_once() -> None:
    names = tuple(f"p{number}" for number in range(9))
    wishes = (*environment(*names), wish("other"))
    world = Model()
    world.apply(world.plan(wishes), wishes)
    made = world.plan((wish("other"),))
    assert len(made.effects) == 9
    inventory = {"embedded": Inventory("embedded", tuple(world.instances.values()))}

    def broken(limits: Limits) -> tuple[int, ...]:
        found = breaches(made, inventory, platform=OURS, limits=limits, approvals=(), now=NOW, wanted=1)
        return tuple(breach.removals for breach in found)

    assert broken(Limits(Fraction(1, 5), 10)) == ()
    assert set(broken(Limits(Fraction(1, 5), 0))) == {1}


@for_all(
    st.lists(st.sets(st.sampled_from(["db", "cache", "queue"])), min_size=1, max_size=5),
    st.lists(st.integers(0, 9), min_size=5, max_size=5),
)
def test_applied_and_planned_again_is_empty_and_parts_never_outlive_each_other(
    steps: list[set[str]], days: list[int]
) -> None:
    world, now = Model(), NOW
    for names, later in zip(steps, days, strict=False):
        now += later * DAY
        wishes = environment(*sorted(names))
        world.apply(world.plan(wishes, now), wishes, now)
        assert not world.plan(wishes, now).effects
        there = {one.tags.reference for one in world.instances.values() if one.tags is not None}
        assert there in (set(), {want.request for want in wishes})
        assert all(one.presence is Presence.READY for one in world.instances.values())
