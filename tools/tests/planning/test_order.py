"""Requests that depend on others: made after them, removed before them, held while they are not there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tarmac.model.frozen import replace
from tarmac.model.plan import Approval, Desired, Held, Plan, Presence, Verb
from tarmac.planning.desired import lifted
from tarmac.planning.identity import uid_of
from tarmac.planning.order import before, in_order
from tests.planning.worlds import DAY, NOW, OURS, Model, only, verbs, wish


def ref(name: str) -> str:
    return f"resourcerequest:default/{name}"


def names(made: Plan, world: Model, *wishes: Desired) -> list[str]:
    """The effects' names in the order in which they may happen."""
    wanted = {want.request: want for want in wishes}
    after = before(made.effects, wanted, world.states)
    return [(made.effects[place].request or "").rpartition("/")[2] for place in in_order(after)]


def test_what_is_needed_is_made_first_and_removed_last() -> None:
    world = Model()
    wishes = wish("a-app", needs=(ref("m-db"),)), wish("m-db", needs=(ref("z-net"),)), wish("z-net"), wish("b-other")
    made = world.plan(wishes)
    assert names(made, world, *wishes) == ["z-net", "m-db", "a-app", "b-other"]
    world.apply(made, wishes)
    kept = wish("b-other")
    gone = world.plan([kept])
    assert names(gone, world, kept) == ["a-app", "m-db", "z-net"]


def test_that_order_does_not_come_from_the_names() -> None:
    world = Model()
    wishes = wish("z-app", needs=(ref("m-db"),)), wish("m-db", needs=(ref("a-net"),)), wish("a-net")
    world.apply(world.plan(wishes), wishes)
    gone = world.plan([])
    assert names(gone, world) == ["z-app", "m-db", "a-net"]
    # What the ledger does not know needs nothing, by its word.
    world.states = {uid: state for uid, state in world.states.items() if state.subject.request != ref("z-app")}
    assert names(gone, world) == ["m-db", "a-net", "z-app"]


def test_what_is_replaced_waits_for_what_it_needs_and_holds_no_removal_up() -> None:
    world = Model()
    wishes = wish("app", needs=(ref("net"),)), wish("net"), wish("old")
    world.apply(world.plan(wishes), wishes)
    anew = {"config": {"size": "small", "encrypted": False}}
    later = wish("app", needs=(ref("net"),), **anew), wish("net", **anew)
    made = world.plan(later)
    assert verbs(made) == {"app": "replace", "net": "replace", "old": "delete"}
    assert before(made.effects, {want.request: want for want in later}, world.states) == {0: (1,), 1: (), 2: ()}


def test_what_depends_on_something_that_is_held_is_held() -> None:
    wishes = wish("app", needs=(ref("db"),)), wish("db", hold="an error"), wish("top", needs=(ref("app"),))
    made = Model().plan(wishes)
    assert verbs(made) == {"app": "hold", "db": "hold", "top": "hold"}
    reasons = {action.request: action.reason for action in made.actions}
    assert reasons[ref("app")] == "it depends on db, which is held"
    assert reasons[ref("top")] == "it depends on app, which is held"


def test_what_depends_on_what_nobody_asks_for_or_what_has_ended_is_held() -> None:
    made = Model().plan([wish("app", needs=(ref("nobody"),))])
    assert only(made).reason == "it depends on nobody, which nobody asks for"
    ended = Model().plan([wish("app", needs=(ref("db"),)), wish("db", expires=NOW)])
    assert verbs(ended) == {"app": "hold", "db": "none"}
    assert ended.actions[0].reason == "it depends on db, which has had its time"


def test_it_waits_for_what_is_still_being_made() -> None:
    world = Model()
    db = wish("db")
    world.apply(world.plan([db]), [db])
    (uid,) = world.instances
    there = world.instances[uid]
    world.instances[uid] = type(there)(uid, there.provider, Presence.PENDING, there.tags, there.config)
    app = wish("app", needs=(ref("db"),))
    assert world.plan([app, db]).actions[0].reason == "it depends on db, which is not ready"
    world.instances[uid] = there
    assert verbs(world.plan([app, db])) == {"app": "create", "db": "none"}


def test_what_exists_stays_when_its_need_is_held_later() -> None:
    world = Model()
    wishes = wish("app", needs=(ref("db"),)), wish("db")
    world.apply(world.plan(wishes), wishes)
    later = wishes[0], wish("db", hold="an error")
    assert verbs(world.plan(later)) == {"app": "none", "db": "hold"}


def test_what_exists_goes_on_when_its_need_is_gone() -> None:
    world = Model()
    app, db = wish("app", needs=(ref("db"),), ttl=DAY), wish("db")
    world.apply(world.plan([app, db]), [app, db])
    app_uid, db_uid = (uid_of(OURS, want.request, 1) for want in (app, db))
    del world.instances[db_uid]
    lost = wish("db", hold="an error")
    assert verbs(world.plan([app, lost])) == {"app": "none", "db": "hold"}
    # Half of it is there: that half is not left lying about.
    world.instances[app_uid] = replace(world.instances[app_uid], presence=Presence.BROKEN)
    assert verbs(world.plan([app, lost])) == {"app": "retry", "db": "hold"}
    # Nothing of it is there, and its time is over.
    del world.instances[app_uid]
    assert verbs(world.plan([app, lost])) == {"app": "hold", "db": "hold"}
    assert verbs(world.plan([app, lost], NOW + DAY)) == {"app": "expire", "db": "hold"}


def test_a_hold_reaches_all_that_depends_on_it_whatever_their_names() -> None:
    wishes = wish("a", needs=(ref("b"),)), wish("b", needs=(ref("c"),)), wish("c", hold="an error")
    made = Model().plan(wishes)
    assert verbs(made) == {"a": "hold", "b": "hold", "c": "hold"}
    assert made.actions[0].reason == "it depends on b, which is held"


def test_what_another_request_depends_on_is_not_removed() -> None:
    world = Model()
    wishes = wish("app", needs=(ref("db"),)), wish("db"), wish("other", type="redis")
    world.apply(world.plan(wishes), wishes)
    made = world.plan([wishes[0], wishes[2]])
    held = next(action for action in made.actions if action.request == ref("db"))
    assert (held.verb, held.reason) == (Verb.HOLD, "app still depends on it")


def test_a_new_need_is_a_change_that_only_the_ledger_keeps() -> None:
    world = Model()
    wishes = wish("app"), wish("db")
    world.apply(world.plan(wishes), wishes)
    later = wish("app", needs=(ref("db"),)), wish("db")
    (action,) = world.plan(later).effects
    assert [change.path for change in action.changes] == ["dependsOn"]
    world.apply(world.plan(later), later)
    assert not world.plan(later).effects


def test_a_circle_ends_and_nobody_in_it_waits_for_ever() -> None:
    wishes = wish("a", needs=(ref("b"),)), wish("b", needs=(ref("a"),)), wish("c", needs=(ref("c"),))
    made = Model().plan(wishes)
    assert names(made, Model(), *wishes) == ["b", "a", "c"]
    after = before(made.effects, {want.request: want for want in wishes}, {})
    assert after == {0: (1,), 1: (), 2: ()}


def test_a_circle_that_others_wait_for_ends_too() -> None:
    assert in_order({0: (1,), 1: (2,), 2: (3,), 3: (1,)}) == (3, 2, 1, 0)


@given(st.dictionaries(st.integers(0, 8), st.sets(st.integers(0, 8)), max_size=9))
def test_each_place_comes_once_behind_what_it_waits_for_where_there_is_no_circle(raw: dict[int, set[int]]) -> None:
    after = {place: tuple(one for one in sorted(waits) if one in raw and one < place) for place, waits in raw.items()}
    order = in_order(after)
    assert sorted(order) == sorted(after)
    assert all(order.index(one) < order.index(place) for place, waits in after.items() for one in waits)


def test_a_protected_instance_goes_in_two_steps() -> None:
    world = Model()
    kept, other = wish("kept", protected=True), wish("other", type="redis")
    world.apply(world.plan([kept, other]), [kept, other])
    first = next(action for action in world.plan([other]).actions if action.request == ref("kept"))
    assert (first.verb, first.held) == (Verb.HOLD, Held.PROTECTION)
    assert "deletionProtection: false" in first.reason
    assert kept.path in first.reason
    # An approval that comes together with the removal is no second step.
    everything = Approval("all", ("**",), None)
    together = world.plan([other], approvals=[everything])
    assert verbs(together)["kept"] == "hold"
    lifted_ = wish("kept", protected=False)
    step = world.plan([lifted_, other])
    assert [change.path for change in step.effects[0].changes] == ["deletionProtection"]
    world.apply(step, [lifted_, other])
    assert verbs(world.plan([other]))["kept"] == "delete"


def test_protection_keeps_nothing_from_expiring_and_nothing_that_is_gone_anyway() -> None:
    world = Model()
    kept = wish("kept", protected=True, ttl=DAY)
    world.apply(world.plan([kept]), [kept])
    assert verbs(world.plan([kept], NOW + DAY)) == {"kept": "expire"}
    world.instances.clear()
    assert verbs(world.plan([wish("x", type="redis")]))["kept"] == "delete"


def test_a_deletion_approval_lifts_protection_while_the_file_is_there() -> None:
    kept = wish("kept", protected=True)
    given_until = Approval("go", (kept.path,), NOW + DAY)
    assert [want.protected for want in lifted([kept], [given_until], NOW)] == [False]
    assert [want.protected for want in lifted([kept], [given_until], NOW + DAY)] == [True]
    assert [want.protected for want in lifted([kept], [], NOW)] == [True]
