"""What belongs to a request, and why nothing may be done about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tarmac.model.frozen import replace
from tarmac.model.ledger import Phase, RequestState
from tarmac.model.plan import Desired, Inventory, Observation, Presence, Verb
from tarmac.planning.identity import uid_of
from tarmac.planning.world import Found, World
from tests.planning.worlds import DAY, NOW, OURS, THEIRS, Model, instance, only, subject_of, verbs, wish

DB = wish("db")
UID = uid_of(OURS, DB.request, 1)
UNREADABLE = Observation(UID, "embedded", Presence.BROKEN, None)


def state(want: Desired = DB, phase: Phase = Phase.READY, life: int = 1) -> RequestState:
    """It has been ready since NOW."""
    uid = uid_of(OURS, want.request, life)
    return RequestState(subject_of(want, uid, life), phase, NOW, ready_at=NOW)


def world(
    wishes: Iterable[Desired] = (DB,), states: Iterable[RequestState] = (), *there: Observation, **faults: str
) -> World:
    """With the embedded provider and `faults`, providers that cannot list."""
    inventories: Mapping[str, Inventory] = {
        "embedded": Inventory("embedded", there),
        **{name: Inventory(name, failure=why) for name, why in faults.items()},
    }
    return World.of(wishes, states, inventories, OURS, NOW)


def test_what_is_known_of_a_request_comes_from_the_ledger_first_and_then_from_the_instance() -> None:
    old = instance("by-hand", replace(DB, provider="other"), NOW - DAY)
    both = Found(state(life=3), old)
    assert (both.uid, both.life(OURS), both.ready_at, both.provider) == (uid_of(OURS, DB.request, 3), 3, NOW, "other")
    begun = Found(replace(state(), ready_at=None), old)
    assert begun.ready_at == NOW - DAY
    alone = Found(None, instance(uid_of(OURS, DB.request, 2), DB, NOW - DAY))
    assert (alone.uid, alone.life(OURS), alone.ready_at) == (uid_of(OURS, DB.request, 2), 2, NOW - DAY)
    lost = Found(state())
    assert (lost.uid, lost.life(OURS), lost.ready_at, lost.provider) == (UID, 1, NOW, None)


def test_of_what_is_not_there_or_cannot_be_read_nothing_is_known() -> None:
    assert (Found().uid, Found().life(OURS), Found().ready_at, Found().provider) == (None, 0, None, None)
    unread = Found(None, UNREADABLE)
    assert (unread.uid, unread.life(OURS), unread.ready_at, unread.provider) == (UID, 0, None, "embedded")


def test_why_nothing_can_be_decided_at_a_provider_is_said() -> None:
    found = world(busy="no route")
    assert found.provider_fault("embedded") is None
    assert found.provider_fault("busy") == "provider busy could not list its instances: no route"
    assert found.provider_fault("gone") == "there is no provider gone"


def test_why_an_instance_must_not_be_touched_is_said() -> None:
    assert world((DB,), (), instance(UID, DB)).foreign_fault("embedded", UID) is None
    assert world().foreign_fault("embedded", UID) is None
    theirs = world((DB,), (), instance(UID, DB, platform=THEIRS))
    assert theirs.foreign_fault("embedded", UID) == "what stands under its uid belongs to another platform"
    for fault, why in (("no JSON", "no JSON"), (None, "no reason given")):
        unread = world((DB,), (), replace(UNREADABLE, fault=fault))
        assert unread.foreign_fault("embedded", UID) == f"the tags of its instance cannot be read: {why}"


def test_nothing_is_done_for_a_request_while_the_provider_that_has_its_instance_cannot_list() -> None:
    moved = replace(state(), subject=replace(state().subject, provider="busy"))
    found = world((DB,), (moved,), busy="no route")
    assert found.blocked(DB, found.found(DB)) == "provider busy could not list its instances: no route"
    here = world((DB,), (state(),), instance(UID, DB), busy="no route")
    assert here.blocked(DB, here.found(DB)) is None


def test_a_request_that_takes_over_what_is_still_wanted_is_held_and_names_no_instance() -> None:
    thief = wish("a-thief", previously=(DB.request,))
    model = Model()
    model.apply(model.plan([DB]), [DB])
    first, _ = model.plan([thief, DB]).actions
    assert (first.request, first.verb, first.uid, first.live) == (thief.request, Verb.HOLD, None, False)
    assert first.reason == f"previously names {DB.request}, which still exists: a request takes over only what is gone"


def test_a_request_of_its_own_keeps_its_instance_and_what_it_names_goes() -> None:
    new = wish("new", type="redis")
    model = Model()
    model.apply(model.plan([DB, new]), [DB, new])
    late = replace(new, previously=(DB.request,))
    made = model.plan([late])
    assert verbs(made) == {"db": "delete", "new": "none"}


def test_what_has_had_its_time_takes_nothing_over_and_what_was_renewed_does() -> None:
    new = wish("new", ttl=DAY, type="redis", immutable=())
    model = Model()
    model.apply(model.plan([DB, new]), [DB, new])
    model.apply(model.plan([DB, new], NOW + DAY), [DB, new], NOW + DAY)
    late = replace(new, previously=(DB.request,))
    assert verbs(model.plan([late], NOW + DAY)) == {"db": "delete", "new": "none"}
    renewed = replace(late, ttl=9 * DAY, type="postgres")
    action = only(model.plan([renewed], NOW + DAY))
    assert (action.verb, action.uid) == (Verb.UPDATE, UID)
