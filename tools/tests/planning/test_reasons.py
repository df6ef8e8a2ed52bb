"""Each step of a plan says why it is there, in words that tell what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tarmac.model.frozen import replace
from tarmac.model.ledger import Event, LedgerEntry
from tarmac.model.plan import (
    Action,
    Approval,
    Desired,
    Drift,
    Held,
    Inventory,
    Observation,
    Plan,
    Presence,
    Result,
    Tags,
    Verb,
    part_of,
)
from tarmac.planning.identity import uid_of
from tarmac.planning.life import fold
from tarmac.planning.planner import plan
from tests.planning.worlds import DAY, NOW, OURS, THEIRS, Model, entry, instance, only, subject_of, wish

FILE = "requests/payments/staging/db.yaml"
DB = wish("db")
UID = uid_of(OURS, DB.request, 1)
SHORT = wish("db", ttl=7 * DAY)
LASTS = wish("db", temporary=())
LARGE: Mapping[str, object] = {"size": "large", "encrypted": True}
PLAIN: Mapping[str, object] = {"size": "small", "encrypted": False}
BUSY: dict[str, Any] = {"message": "busy", "transient": True}


def ready(*wishes: Desired) -> Model:
    """A world in which the wishes have been made."""
    world = Model()
    world.apply(world.plan(wishes), wishes)
    return world


def later(world: Model, *lines: LedgerEntry) -> Model:
    """The world after more lines of the ledger."""
    return Model(dict(world.instances), fold(world.states, lines))


def intent(verb: Verb) -> LedgerEntry:
    return entry(subject_of(DB, UID), verb, Event.INTENT)


def outcome(verb: Verb, result: Result, **more: Any) -> LedgerEntry:
    return entry(subject_of(DB, UID), verb, Event.OUTCOME, result=result, **more)


def said(made: Plan) -> tuple[Verb, str]:
    action = only(made)
    return action.verb, action.reason


def lost(world: Model) -> Model:
    """The world without its instances."""
    return Model({}, world.states)


def seen(world: Model, **changes: object) -> Model:
    """The world, its one instance seen so."""
    ((uid, there),) = world.instances.items()
    return Model({uid: replace(there, **changes)}, world.states)  # named by the tests


def over(want: Desired = SHORT, days: int = 8) -> Model:
    """A world in which it lived and expired."""
    world, late = ready(want), NOW + days * DAY
    world.apply(world.plan([want], late), [want], late)
    return world


FAILED = later(Model(), intent(Verb.CREATE), outcome(Verb.CREATE, Result.FAILED, **BUSY))
REFUSED = later(
    Model(), intent(Verb.CREATE), outcome(Verb.CREATE, Result.FAILED, message="too large", digest=DB.digest)
)
PENDING = later(Model(), intent(Verb.CREATE), outcome(Verb.CREATE, Result.PENDING))
HALF = {UID: instance(UID, DB)}


@pytest.mark.parametrize(
    ("world", "want", "days", "verb", "reason"),
    [
        (Model(), DB, 0, Verb.CREATE, f"asked for in {FILE}, for good"),
        (
            Model(),
            wish("db", expires=NOW),
            0,
            Verb.NONE,
            f"expired on 2026-12-01T06:00:00Z: remove {FILE}, or move its end",
        ),
        (over(), SHORT, 9, Verb.NONE, f"expired on 2026-12-08T06:00:00Z: remove {FILE}, or move its end"),
        (
            over(),
            SHORT,
            2,
            Verb.NONE,
            "removed on 2026-12-09T06:00:00Z, as its end was 2026-12-08T06:00:00Z; that it is 2026-12-03T06:00:00Z "
            "now brings nothing back",
        ),
        (over(), DB, 9, Verb.CREATE, "it had expired, and it is permanent now"),
        (
            over(),
            wish("db", ttl=30 * DAY),
            9,
            Verb.CREATE,
            "it had expired, and its end was moved to 2026-12-31T06:00:00Z",
        ),
        (
            lost(ready(SHORT)),
            SHORT,
            7,
            Verb.EXPIRE,
            "its TTL of 7d, ready since 2026-12-01T06:00:00Z, ended on 2026-12-08T06:00:00Z; "
            "the provider has nothing left",
        ),
        (REFUSED, DB, 0, Verb.HOLD, "the provider refused it: too large; change the request"),
        (
            later(Model(), intent(Verb.CREATE)),
            DB,
            0,
            Verb.RETRY,
            "an earlier run stopped during create: the outcome is looked up by uid",
        ),
        (lost(ready(DB)), DB, 0, Verb.CREATE, "it was ready, and the provider has it no longer: it is made again"),
        (FAILED, DB, 0, Verb.RETRY, "attempt 2, after: busy"),
        (PENDING, DB, 0, Verb.RETRY, "it was still being made"),
    ],
)
def test_what_is_not_there(world: Model, want: Desired, days: int, verb: Verb, reason: str) -> None:
    assert said(world.plan([want], NOW + days * DAY)) == (verb, reason)


def test_what_was_removed_is_made_anew_when_it_is_asked_for_again() -> None:
    world = ready(DB)
    world.apply(world.plan([]), [])
    action = only(world.plan([DB]))
    assert (action.verb, action.reason) == (Verb.CREATE, "it is asked for again")
    assert (action.uid, action.life, action.live) == (uid_of(OURS, DB.request, 2), 2, False)


@pytest.mark.parametrize(
    ("world", "want", "days", "verb", "reason"),
    [
        (ready(DB), DB, 0, Verb.NONE, "as it should be"),
        (
            ready(SHORT),
            SHORT,
            7,
            Verb.EXPIRE,
            "its TTL of 7d, ready since 2026-12-01T06:00:00Z, ended on 2026-12-08T06:00:00Z",
        ),
        (
            ready(SHORT),
            wish("db", ttl=7 * DAY, grace=DAY),
            7,
            Verb.NONE,
            "its TTL of 7d, ready since 2026-12-01T06:00:00Z, ended on 2026-12-08T06:00:00Z; it is removed on "
            "2026-12-09T06:00:00Z unless it is renewed",
        ),
        (Model(HALF, REFUSED.states), DB, 0, Verb.HOLD, "the provider refused it: too large; change the request"),
        (
            ready(DB),
            wish("db", config=PLAIN),
            0,
            Verb.REPLACE,
            "config.encrypted cannot change in place: its data is lost",
        ),
        (
            ready(DB),
            wish("db", config=PLAIN, type="redis"),
            0,
            Verb.REPLACE,
            "config.encrypted and type cannot change in place: its data is lost",
        ),
        (
            ready(LASTS),
            wish("db", temporary=(), config=PLAIN, type="redis"),
            0,
            Verb.HOLD,
            "config.encrypted and type cannot change in place: it would be replaced and its data lost, so it waits for "
            f"a DeletionApproval that names {FILE}",
        ),
        (Model(HALF), DB, 0, Verb.ADOPT, "the inventory has it, the ledger does not"),
        (
            later(ready(DB), intent(Verb.UPDATE)),
            DB,
            0,
            Verb.RETRY,
            "an earlier run stopped during update: the outcome is looked up by uid",
        ),
        (Model(HALF, PENDING.states), DB, 0, Verb.RETRY, "it was still being made"),
        (Model(HALF, FAILED.states), DB, 0, Verb.RETRY, "attempt 2, after: busy"),
        (
            seen(Model(HALF, PENDING.states), presence=Presence.PENDING),
            DB,
            1,
            Verb.NONE,
            "still being made since 2026-12-01T06:00:00Z",
        ),
        (
            seen(ready(DB), presence=Presence.BROKEN),
            DB,
            0,
            Verb.RETRY,
            "only half of it is there: it is taken up again",
        ),
        (
            Model(HALF, over().states),
            wish("db", ttl=30 * DAY),
            9,
            Verb.RETRY,
            "it was expired, and the provider has it again",
        ),
        (ready(DB), wish("db", config=LARGE, version="2.0.0"), 0, Verb.UPDATE, "config.size, type changed"),
        (
            later(ready(DB), intent(Verb.UPDATE), outcome(Verb.UPDATE, Result.FAILED, **BUSY)),
            wish("db", config=LARGE),
            0,
            Verb.UPDATE,
            "config.size changed; attempt 2, after: busy",
        ),
        (seen(ready(DB), config=LARGE), DB, 0, Verb.UPDATE, "config.size drifted: made right again"),
        (
            seen(ready(DB), config={"size": "odd", "encrypted": True, "more": 1}),
            DB,
            0,
            Verb.UPDATE,
            "config.more, config.size drifted: made right again",
        ),
        (
            seen(ready(DB), config={"size": "odd", "encrypted": True, "more": 1}),
            wish("db", drift=Drift.REPORT),
            0,
            Verb.NONE,
            "config.more, config.size drifted: its type has that reported, not made right",
        ),
        (seen(ready(DB), config=LARGE), wish("db", drift=Drift.IGNORE), 0, Verb.NONE, "as it should be"),
        (
            seen(ready(DB), config=LARGE),
            wish("db", version="2.0.0"),
            0,
            Verb.UPDATE,
            "config.size, type changed",
        ),
    ],
)
def test_what_is_there(world: Model, want: Desired, days: int, verb: Verb, reason: str) -> None:
    assert said(world.plan([want], NOW + days * DAY)) == (verb, reason)


@pytest.mark.parametrize(
    ("world", "verb", "reason"),
    [
        (ready(DB), Verb.DELETE, f"{FILE} no longer asks for it"),
        (lost(ready(DB)), Verb.DELETE, f"{FILE} no longer asks for it; the provider has nothing left"),
        (
            later(ready(DB), intent(Verb.DELETE), outcome(Verb.DELETE, Result.FAILED, **BUSY)),
            Verb.DELETE,
            f"{FILE} no longer asks for it; attempt 2: busy",
        ),
        (
            Model(HALF, over().states),
            Verb.DELETE,
            f"{FILE} no longer asks for it; it was expired, and the provider has it again",
        ),
        (
            Model({UID: instance(UID, DB, platform=THEIRS)}, ready(DB).states),
            Verb.HOLD,
            "what stands under its uid belongs to another platform",
        ),
    ],
)
def test_what_nobody_asks_for_any_more(world: Model, verb: Verb, reason: str) -> None:
    assert said(world.plan([])) == (verb, reason)


def test_what_keeps_a_thing_that_nobody_asks_for_any_more() -> None:
    world = ready(DB)
    hold = Verb.HOLD
    assert said(world.plan([], withheld={UID: "not approved"})) == (hold, "not approved")
    assert said(world.plan([], unreadable=["a.yaml"])) == (hold, "nothing is deleted while a.yaml cannot be read")
    assert said(world.plan([], unreadable=["a.yaml", "b.yaml", "c.yaml"])) == (
        hold,
        "nothing is deleted while a.yaml and 2 more files cannot be read",
    )
    assert said(world.plan([], silent=[FILE])) == (
        hold,
        f"{FILE} is there and asks for nothing: remove the file to let it go",
    )
    kept = ready(wish("db", protected=True))
    action = only(kept.plan([]))
    assert (action.verb, action.held) == (hold, Held.PROTECTION)
    assert action.reason == (
        f"it is protected in staging: put {FILE} back, merge deletionProtection: false (or a DeletionApproval that "
        "names it) and let that be reconciled, then remove the file"
    )
    user = wish("app", needs=(DB.request,), type="redis")
    world = ready(DB, user)
    found = {action.request: (action.verb, action.reason) for action in world.plan([user]).actions}
    assert found[DB.request] == (hold, "app still depends on it")


def test_an_earlier_instance_of_a_request_goes_whatever_is_unreadable() -> None:
    world = ready(DB)
    old = uid_of(OURS, DB.request, 7)
    world.instances[old] = instance(old, DB)
    states = {**world.states, old: replace(world.states[UID], subject=subject_of(DB, old, 7))}
    made = Model(world.instances, states).plan([DB], unreadable=["a.yaml"], silent=[FILE])
    # The later life is the one that counts.
    assert {action.uid: (action.verb, action.reason) for action in made.actions} == {
        old: (Verb.NONE, "as it should be"),
        UID: (Verb.DELETE, "an earlier instance of this request"),
    }


def test_what_is_nobodys_is_told_with_all_that_is_known_of_it() -> None:
    lonely = wish("lonely", owner="group:default/other", type="redis")
    made = Model({"lonely": instance("lonely", lonely)}).plan([])
    assert only(made) == Action(
        verb=Verb.ORPHAN,
        request=lonely.request,
        uid="lonely",
        type="redis@1.1.0",
        provider="embedded",
        reason="made by this platform, but neither git nor the ledger knows it: it is left alone",
        owner="group:default/other",
        live=True,
    )


def test_what_may_be_a_rename_is_told_on_both_sides_with_the_way_out() -> None:
    old, other, new = wish("db"), wish("another"), wish("new")
    world = ready(old, other)
    found = {(action.request or "").rpartition("/")[2]: action for action in world.plan([new]).actions}
    assert {name: (action.verb, action.held) for name, action in found.items()} == dict.fromkeys(
        ("db", "another", "new"), (Verb.HOLD, Held.RENAME)
    )
    first = "requests/payments/staging/another.yaml"
    assert found["new"].reason == (
        "it may be another under a new name: write previously: [another] to keep that instance, or let "
        f"{first} go first, by a DeletionApproval"
    )
    for name in ("db", "another"):
        assert found[name].reason == (
            f"it may have been renamed to new: write previously: [{name}] there, or approve the removal by a "
            "DeletionApproval"
        )


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "redis"},
        {"environment": "production"},
        {"owner": "group:default/other"},
        {"service": "component:default/shop"},
    ],
)
def test_what_differs_in_what_it_is_for_is_no_rename(changes: Mapping[str, object]) -> None:
    world, new = ready(DB), wish("new", **changes)
    assert {action.verb for action in world.plan([new]).actions} == {Verb.DELETE, Verb.CREATE}
    same, other = wish("db", **changes), wish("new", **changes)
    assert {action.verb for action in ready(same).plan([other]).actions} == {Verb.HOLD}


def test_what_has_ended_is_gone_and_comes_back_under_no_new_name() -> None:
    gone = Model(HALF, over().states)
    new = wish("new")
    found = {action.request: action.verb for action in gone.plan([new]).actions}
    assert found == {DB.request: Verb.DELETE, new.request: Verb.CREATE}


def test_what_was_there_before_is_nothings_new_name_and_what_comes_back_may_be() -> None:
    other = wish("other", ttl=7 * DAY)
    world = ready(DB, other)
    assert {action.request: action.verb for action in world.plan([other]).actions} == {
        DB.request: Verb.DELETE,
        other.request: Verb.NONE,
    }
    late = NOW + 8 * DAY
    world.apply(world.plan([DB, other], late), [DB, other], late)
    renewed = wish("other", ttl=30 * DAY)
    found = {action.request: (action.verb, action.held) for action in world.plan([renewed], late).actions}
    assert found == dict.fromkeys((DB.request, other.request), (Verb.HOLD, Held.RENAME))


def test_a_part_is_no_new_name_of_another_part() -> None:
    whole = "resourcerequest:default/env"
    cache, db = (wish("env", request=part_of(whole, name)) for name in ("cache", "db"))
    moved = wish("moved", request=part_of("resourcerequest:default/moved", "db"))
    found = {action.request: action.verb for action in ready(cache, db).plan([moved]).actions}
    assert found == {cache.request: Verb.DELETE, db.request: Verb.HOLD, moved.request: Verb.HOLD}


def test_an_action_says_whose_it_is_where_it_is_asked_for_and_how_long_it_lives() -> None:
    want = wish("db", owner="group:default/other", version="2.0.0")
    assert only(Model().plan([want])) == Action(
        verb=Verb.CREATE,
        request=want.request,
        uid=UID,
        type="postgres@2.0.0",
        provider="embedded",
        reason=f"asked for in {FILE}, for good",
        owner="group:default/other",
        path=FILE,
        life=1,
    )
    assert only(ready(want).plan([], NOW + DAY)) == Action(
        verb=Verb.DELETE,
        request=want.request,
        uid=UID,
        type="postgres@2.0.0",
        provider="embedded",
        reason=f"{FILE} no longer asks for it",
        owner="group:default/other",
        path=FILE,
        live=True,
        life=1,
        ready_at=NOW,
    )


def test_what_stands_at_another_provider_than_is_wanted_is_named_there() -> None:
    want = wish("db", provider="other")
    tags = Tags(UID, DB.request, OURS, DB.owner, DB.environment, DB.cost_centre, DB.type_text, NOW)
    there = Observation(UID, "embedded", Presence.READY, tags, DB.config)
    inventories = {"embedded": Inventory("embedded", (there,)), "other": Inventory("other")}
    made = plan([want], (), inventories, platform=OURS, base="c0ffee", now=NOW)
    assert (only(made).provider, only(made).uid) == ("embedded", UID)


def test_an_approval_lets_a_replacement_through_and_lifts_no_other_hold() -> None:
    given = Approval("go", (FILE,), NOW + DAY)
    want = wish("db", temporary=(), config=PLAIN)
    assert said(ready(LASTS).plan([want], approvals=[given])) == (
        Verb.REPLACE,
        "config.encrypted cannot change in place: its data is lost",
    )
    held = replace(want, hold="an error")
    assert said(ready(LASTS).plan([held], approvals=[given])) == (Verb.HOLD, "an error")


@pytest.mark.parametrize(("known", "tagged"), [("production", "staging"), ("staging", "production")])
def test_where_ledger_or_tags_say_that_it_is_there_for_good_a_replacement_waits(known: str, tagged: str) -> None:
    there = instance(UID, wish("db", environment=tagged))
    states = ready(wish("db", environment=known)).states
    action = only(Model({UID: there}, states).plan([wish("db", config=PLAIN)]))
    assert (action.verb, action.held) == (Verb.HOLD, Held.REPLACEMENT)
    adopted = only(Model({UID: there}).plan([wish("db", config=PLAIN)]))
    assert (adopted.verb is Verb.REPLACE) == (tagged == "staging")


def test_what_cannot_be_read_back_is_as_the_ledger_has_it_and_else_as_it_is_wanted() -> None:
    want = wish("db", config=LARGE)
    blind = seen(ready(DB), config=None)
    assert said(blind.plan([want])) == (Verb.UPDATE, "config.size changed")
    assert said(blind.plan([DB])) == (Verb.NONE, "as it should be")
    adopted = only(Model(blind.instances).plan([want]))
    assert (adopted.verb, adopted.changes) == (Verb.ADOPT, ())


def test_a_part_that_its_type_has_no_more_goes_for_that_reason() -> None:
    cache, db = (wish("env", request=part_of("resourcerequest:default/env", name)) for name in ("cache", "db"))
    found = {action.request: (action.verb, action.reason) for action in ready(cache, db).plan([db]).actions}
    assert found == {
        cache.request: (Verb.DELETE, "its request is no longer made of it"),
        db.request: (Verb.NONE, "as it should be"),
    }
