"""Whatever is wanted, there and recorded: applying the plan and planning again is empty, and strangers are safe."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

from hypothesis import given as for_all
from hypothesis import strategies as st

from tarmac.model.frozen import replace
from tarmac.model.plan import Approval, Desired, Drift, Plan, Presence
from tarmac.planning.identity import uid_of
from tests.planning.worlds import DAY, NOW, OURS, THEIRS, Model, instance, wish

NAMES = ("alpha", "beta", "gamma", "delta")
SPANS = st.sampled_from([None, timedelta(hours=1), DAY, 7 * DAY])


@st.composite
def wishes(draw: st.DrawFn) -> tuple[Desired, ...]:
    """Up to four requests, each like any other or quite different."""
    found = []
    for name in draw(st.sets(st.sampled_from(NAMES))):
        expires = draw(st.sampled_from([None, None, NOW + DAY, NOW + 3 * DAY]))
        ttl = None if expires else draw(SPANS)
        found.append(
            wish(
                name,
                type=draw(st.sampled_from(["postgres", "redis"])),
                environment=draw(st.sampled_from(["staging", "production"])),
                config={"size": draw(st.sampled_from(["small", "large"])), "encrypted": draw(st.booleans())},
                ttl=ttl,
                expires=expires,
                previously=tuple(
                    f"resourcerequest:default/{old}"
                    for old in draw(st.lists(st.sampled_from(NAMES), max_size=2))
                    if old != name
                ),
                grace=draw(st.sampled_from([timedelta(), DAY])),
                drift=draw(st.sampled_from(list(Drift))),
                needs=tuple(
                    f"resourcerequest:default/{other}"
                    for other in draw(st.lists(st.sampled_from(NAMES), max_size=1))
                    if other > name
                ),
                protected=draw(st.booleans()),
                hold=draw(st.sampled_from([None, None, None, "an error"])),
            )
        )
    return tuple(found)


def strangers(count: int) -> Model:
    """A world that holds instances of another platform, one of them under a uid that we would choose."""
    world = Model()
    for number in range(count):
        want = wish(NAMES[number])
        uid = uid_of(OURS if number == 0 else THEIRS, want.request, 1)
        world.instances[uid] = instance(uid, want, platform=THEIRS)
    return world


@for_all(
    st.lists(
        st.tuples(wishes(), SPANS, st.sampled_from(["none", "ledger", "inventory", "changed", "half", "open"])),
        max_size=5,
    ),
    st.integers(0, 3),
    st.sampled_from([(), (Approval("all", ("**",), None),)]),
)
def test_applied_and_planned_again_is_empty_and_only_ours_is_named(
    history: list[tuple[tuple[Desired, ...], timedelta | None, str]], foreign: int, given: tuple[Approval, ...]
) -> None:
    world = strangers(foreign)
    theirs = dict(world.instances)
    now = NOW
    for wanted, passed, lost in history:
        now += passed or timedelta()
        if lost == "ledger":
            world.states = {}
        if lost == "inventory":
            world.instances = dict(theirs)
        if lost == "changed":
            for uid, there in world.instances.items():
                if there.tags is not None and there.tags.platform == OURS:
                    world.instances[uid] = replace(there, config={"size": "odd", "encrypted": True})
        if lost == "half":
            for uid, there in world.instances.items():
                if there.tags is not None and there.tags.platform == OURS:
                    world.instances[uid] = replace(there, presence=Presence.BROKEN)
        if lost == "open":
            world.states = {
                uid: state if state.phase.ended else replace(state, open="update")
                for uid, state in world.states.items()
            }
        made = world.plan(wanted, now, approvals=given)
        _names_only_ours(made, world)
        world.apply(made, wanted, now)
        again = world.plan(wanted, now, approvals=given)
        assert again.effects == (), again
        assert {uid: world.instances.get(uid) for uid in theirs} == theirs
        _each_request_has_one_instance_at_most(world)


def _names_only_ours(made: Plan, world: Model) -> None:
    for action in made.actions:
        there = world.instances.get(action.uid or "")
        assert there is None or (there.tags is not None and there.tags.platform == OURS)


def _each_request_has_one_instance_at_most(world: Model) -> None:
    ours = [there.tags.reference for there in world.instances.values() if there.tags and there.tags.platform == OURS]
    assert len(ours) == len(set(ours))


@for_all(wishes(), wishes())
def test_planning_does_not_depend_on_the_order_of_what_it_is_given(
    before: tuple[Desired, ...], after: tuple[Desired, ...]
) -> None:
    world = Model()
    world.apply(world.plan(before), before)
    backwards = dataclasses.replace(world)
    backwards.instances = dict(reversed(world.instances.items()))
    backwards.states = dict(reversed(list(world.states.items())))
    assert world.plan(after).to_json() == backwards.plan(reversed(after)).to_json()
