"""What the planner does, case by case, and why it says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tarmac.model.frozen import replace
from tarmac.model.ledger import Event
from tarmac.model.plan import Approval, Change, Held, Inventory, Observation, Plan, Presence, Result, Verb
from tarmac.planning.identity import uid_of
from tarmac.planning.life import fold
from tarmac.planning.planner import plan
from tarmac.reports.plan_text import plan_text
from tests.planning.worlds import DAY, NOW, OURS, THEIRS, Model, entry, instance, only, subject_of, verbs, wish


def ready(*wishes: object, model: Model | None = None) -> Model:
    """A world in which the wishes have been made."""
    made = model or Model()
    made.apply(made.plan(wishes), wishes)  # type: ignore[arg-type]
    return made


def test_a_new_request_is_created_and_then_left_alone() -> None:
    world = Model()
    want = wish("orders-db", ttl=30 * DAY)
    first = only(world.plan([want]))
    assert (first.verb, first.uid) == (Verb.CREATE, uid_of(OURS, want.request, 1))
    assert first.reason == f"asked for in {want.path}, for 30d from being ready"
    world.apply(world.plan([want]), [want])
    again = world.plan([want])
    assert again.effects == ()
    assert only(again).verb is Verb.NONE


def test_a_changed_field_is_an_update_that_names_it_with_both_values() -> None:
    world = ready(wish("orders-db"))
    action = only(world.plan([wish("orders-db", config={"size": "large", "encrypted": True})]))
    assert action.verb is Verb.UPDATE
    assert action.changes == (Change("config.size", "small", "large"),)


def test_true_is_not_one() -> None:
    world = ready(wish("orders-db", immutable=(), config={"n": 1}))
    assert only(world.plan([wish("orders-db", immutable=(), config={"n": True})])).verb is Verb.UPDATE


def test_a_new_version_of_the_type_is_an_update() -> None:
    world = ready(wish("orders-db", version="1.0.0"))
    action = only(world.plan([wish("orders-db")]))
    assert (action.verb, action.changes) == (Verb.UPDATE, (Change("type", "postgres@1.0.0", "postgres@1.1.0"),))


def test_an_immutable_field_another_type_or_environment_is_a_replacement() -> None:
    for changed in (
        {"config": {"size": "small", "encrypted": False}},
        {"type": "redis", "immutable": ()},
        {"environment": "development", "temporary": ("development", "staging")},
    ):
        world = ready(wish("orders-db"))
        action = only(world.plan([wish("orders-db", **changed)]))
        assert action.verb is Verb.REPLACE, changed
        assert action.successor == (2, uid_of(OURS, action.request or "", 2))
        assert "cannot change in place" in action.reason


@pytest.mark.parametrize(
    ("there", "changed"),
    [
        ({"temporary": ()}, {"config": {"size": "small", "encrypted": False}}),
        ({"environment": "production"}, {"environment": "production", "type": "redis", "immutable": ()}),
        ({}, {"environment": "production"}),
        ({"environment": "production"}, {"environment": "staging"}),
    ],
)
def test_where_a_thing_is_there_for_good_a_replacement_waits_for_an_approval_that_names_it(
    there: dict[str, object], changed: dict[str, object]
) -> None:
    world = ready(wish("orders-db", **there))
    want = wish("orders-db", **{**there, **changed})
    held = only(world.plan([want]))
    assert (held.verb, held.held) == (Verb.HOLD, Held.REPLACEMENT)
    assert f"its data lost, so it waits for a DeletionApproval that names {want.path}" in held.reason
    assert held.changes
    given = Approval("new hardware", (want.path,), NOW + DAY)
    assert only(world.plan([want], approvals=[replace(given, expires=NOW)])).verb is Verb.HOLD
    made = world.plan([want], approvals=[given])
    assert only(made).verb is Verb.REPLACE
    world.apply(made, [want])
    assert world.plan([want]).effects == ()


def test_a_request_that_is_gone_is_deleted() -> None:
    world = ready(wish("orders-db"))
    action = only(world.plan([]))
    assert action.verb is Verb.DELETE
    assert action.reason == "requests/payments/staging/orders-db.yaml no longer asks for it"


def test_a_ttl_ends_at_the_instant_and_not_a_moment_earlier() -> None:
    want = wish("orders-db", ttl=7 * DAY)
    world = ready(want)
    assert world.plan([want], NOW + 7 * DAY - timedelta(microseconds=1)).effects == ()
    action = only(world.plan([want], NOW + 7 * DAY))
    assert action.verb is Verb.EXPIRE
    assert "TTL of 7d" in action.reason
    assert "2026-12-08T06:00:00Z" in action.reason


def expired() -> Model:
    want = wish("orders-db", ttl=7 * DAY)
    world = ready(want)
    late = NOW + 8 * DAY
    world.apply(world.plan([want], late), [want], late)
    assert world.instances == {}
    return world


def test_after_its_end_an_expired_request_stays_gone() -> None:
    action = only(expired().plan([wish("orders-db", ttl=7 * DAY)], NOW + 9 * DAY))
    assert action.verb is Verb.NONE
    assert action.reason.startswith("expired on 2026-12-08T06:00:00Z")


def test_the_file_of_an_expired_request_can_go_without_a_word() -> None:
    assert expired().plan([], NOW + 9 * DAY).actions == ()


def test_a_later_end_makes_an_expired_request_anew_under_another_uid() -> None:
    world = expired()
    for longer in (wish("orders-db", ttl=30 * DAY), wish("orders-db", expires=NOW + 30 * DAY), wish("orders-db")):
        action = only(world.plan([longer], NOW + 9 * DAY))
        assert (action.verb, action.uid) == (Verb.CREATE, uid_of(OURS, longer.request, 2))


def test_what_has_expired_before_it_was_made_is_not_made() -> None:
    action = only(Model().plan([wish("orders-db", expires=NOW)]))
    assert action.verb is Verb.NONE
    assert "expired on 2026-12-01T06:00:00Z" in action.reason


def test_without_a_ledger_the_inventory_is_adopted_with_its_ready_instant() -> None:
    want = wish("orders-db", ttl=7 * DAY)
    world = ready(want)
    world.states = {}
    made = world.plan([want], NOW + DAY)
    assert only(made).verb is Verb.ADOPT
    world.apply(made, [want], NOW + DAY)
    assert world.plan([want], NOW + DAY).effects == ()
    assert only(world.plan([want], NOW + 7 * DAY)).verb is Verb.EXPIRE


def test_without_a_ledger_what_nobody_asks_for_is_an_orphan_and_left_alone() -> None:
    world = ready(wish("orders-db"))
    world.states = {}
    made = world.plan([])
    assert only(made).verb is Verb.ORPHAN
    assert made.effects == ()


def test_another_platforms_instances_do_not_exist_for_us() -> None:
    world = Model()
    uid = uid_of(OURS, wish("orders-db").request, 1)
    world.instances[uid] = instance(uid, wish("orders-db"), platform=THEIRS)
    assert world.plan([]).actions == ()
    action = only(world.plan([wish("orders-db")]))
    assert (action.verb, action.uid) == (Verb.CREATE, uid_of(OURS, wish("orders-db").request, 2))


def test_a_uid_of_ours_under_which_another_platform_stands_is_held_and_not_named() -> None:
    world = ready(wish("orders-db"))
    uid = next(iter(world.instances))
    world.instances[uid] = instance(uid, wish("orders-db"), platform=THEIRS)
    for wishes in ([], [wish("orders-db")]):
        action = only(world.plan(wishes))
        assert (action.verb, action.uid) == (Verb.HOLD, None)
        assert "another platform" in action.reason


def test_an_instance_whose_tags_are_broken_is_held() -> None:
    world = ready(wish("orders-db"))
    uid = next(iter(world.instances))
    world.instances[uid] = Observation(uid, "embedded", Presence.BROKEN, None, fault="no JSON")
    for wishes in ([], [wish("orders-db")]):
        action = only(world.plan(wishes))
        assert action.verb is Verb.HOLD
        assert "no JSON" in action.reason


def test_a_rename_that_says_so_keeps_the_instance() -> None:
    world = ready(wish("orders-db"))
    new = wish("orders-main", previously=("resourcerequest:default/orders-db",))
    made = world.plan([new])
    action = only(made)
    assert (action.verb, action.uid) == (Verb.UPDATE, uid_of(OURS, wish("orders-db").request, 1))
    assert {change.path for change in action.changes} == {"file", "request"}
    world.apply(made, [new])
    assert world.plan([new]).effects == ()


def test_a_rename_that_does_not_say_so_is_held_on_both_sides() -> None:
    world = ready(wish("orders-db"))
    made = world.plan([wish("orders-main")])
    assert verbs(made) == {"orders-db": "hold", "orders-main": "hold"}
    assert all("previously: [orders-db]" in action.reason for action in made.actions)


def test_only_what_comes_now_can_be_what_went_under_a_new_name() -> None:
    beside, gone = wish("load-test-db", ttl=DAY), wish("orders-db")
    world = ready(beside, gone)
    late = NOW + 2 * DAY
    world.apply(world.plan([beside, gone], late), [beside, gone], late)
    # Its time is over and its file is still there: it does not come, so nothing can have become it.
    assert verbs(world.plan([beside], late)) == {"load-test-db": "none", "orders-db": "delete"}
    never = wish("never-made", expires=NOW)
    assert verbs(world.plan([beside, never], late))["orders-db"] == "delete"
    assert verbs(world.plan([beside, wish("orders-main")], late)) == {
        "load-test-db": "none",
        "orders-db": "hold",
        "orders-main": "hold",
    }


def test_an_approved_removal_is_no_rename() -> None:
    world = ready(wish("orders-db"))
    given = Approval("go", ("requests/payments/**",), NOW + DAY)
    assert verbs(world.plan([wish("orders-main")], approvals=[given])) == {
        "orders-db": "delete",
        "orders-main": "create",
    }
    over = replace(given, expires=NOW)
    assert verbs(world.plan([wish("orders-main")], approvals=[over]))["orders-db"] == "hold"


def test_something_else_that_comes_while_one_goes_is_no_rename() -> None:
    world = ready(wish("orders-db"))
    assert verbs(world.plan([wish("bucket", type="bucket")])) == {"orders-db": "delete", "bucket": "create"}


def test_previously_takes_nothing_from_a_request_that_still_exists() -> None:
    world = ready(wish("orders-db"))
    thief = wish("thief", previously=("resourcerequest:default/orders-db",))
    assert verbs(world.plan([wish("orders-db"), thief])) == {"orders-db": "none", "thief": "hold"}


@pytest.mark.parametrize("remembered", [True, False])
def test_previously_takes_nothing_that_was_another_teams(remembered: bool) -> None:
    world = ready(wish("orders-db"))
    if not remembered:
        world.states = {}
    thief = wish("thief", owner="group:default/ferries", previously=("resourcerequest:default/orders-db",))
    action = only(world.plan([thief]))
    assert (action.verb, action.reason) == (
        Verb.HOLD,
        "previously names resourcerequest:default/orders-db of group:default/payments: take it over as "
        "group:default/payments first, and change the owner after that",
    )
    renamed = replace(thief, owner="group:default/payments")
    made = world.plan([renamed])
    assert verbs(made) == {"thief": "update" if remembered else "adopt"}
    world.apply(made, [renamed])
    handed_on = world.plan([thief])
    assert verbs(handed_on) == {"thief": "update"}


def test_two_that_claim_one_earlier_name_get_it_once() -> None:
    world = ready(wish("orders-db"))
    both = [wish(name, previously=("resourcerequest:default/orders-db",)) for name in ("one", "two")]
    made = world.plan(both)
    assert verbs(made) == {"one": "update", "two": "create"}
    world.apply(made, both)
    assert world.plan(both).effects == ()


def test_a_held_request_is_held_with_its_reason_and_others_go_on() -> None:
    made = Model().plan([wish("bad", hold="requests/x.yaml:3:1: no"), wish("good")])
    assert verbs(made) == {"bad": "hold", "good": "create"}
    assert made.actions[0].reason == "requests/x.yaml:3:1: no"


def test_nothing_is_deleted_while_a_file_cannot_be_read() -> None:
    world = ready(wish("orders-db"))
    action = only(world.plan([], unreadable=("requests/payments/x.yaml", "b.yaml")))
    assert action.verb is Verb.HOLD
    assert "requests/payments/x.yaml and 1 more files" in action.reason


def test_a_file_that_is_there_and_says_nothing_keeps_its_instance() -> None:
    world = ready(wish("orders-db"))
    action = only(world.plan([], silent={"requests/payments/staging/orders-db.yaml"}))
    assert action.verb is Verb.HOLD
    assert "remove the file" in action.reason


def test_a_provider_that_cannot_list_decides_nothing() -> None:
    world = ready(wish("orders-db"), wish("other-db", owner="group:default/other"))
    failing = {"embedded": Inventory("embedded", failure="no route")}
    wishes = [wish("orders-db", config={}), wish("new-db")]
    made = plan(wishes, world.states.values(), failing, platform=OURS, base="c0ffee", now=NOW)
    assert set(verbs(made).values()) == {"hold"}
    assert all("no route" in action.reason for action in made.actions)


def test_an_open_intent_is_looked_up_and_not_made_again() -> None:
    want = wish("orders-db")
    uid = uid_of(OURS, want.request, 1)
    begun = fold({}, [entry(subject_of(want, uid), Verb.CREATE, Event.INTENT)])
    for instances in ({}, {uid: instance(uid, want)}):
        action = only(Model(instances, begun).plan([want]))
        assert (action.verb, action.uid) == (Verb.RETRY, uid)
        assert "looked up" in action.reason


def failed(*, transient: bool) -> Model:
    want = wish("orders-db")
    subject = subject_of(want, uid_of(OURS, want.request, 1))
    lines = [
        entry(subject, Verb.CREATE, Event.INTENT),
        entry(
            subject,
            Verb.CREATE,
            Event.OUTCOME,
            result=Result.FAILED,
            message="too busy",
            transient=transient,
            digest=want.digest,
        ),
    ]
    return Model({}, fold({}, lines))


def test_a_failure_that_may_pass_is_tried_again_and_counted() -> None:
    action = only(failed(transient=True).plan([wish("orders-db")]))
    assert action.verb is Verb.RETRY
    assert action.reason == "attempt 2, after: too busy"


def test_a_refusal_is_held_until_the_request_changes() -> None:
    world = failed(transient=False)
    action = only(world.plan([wish("orders-db")]))
    assert action.verb is Verb.HOLD
    assert "too busy" in action.reason
    assert only(world.plan([wish("orders-db", config={"size": "large"})])).verb is Verb.RETRY


def test_a_failed_create_whose_request_goes_is_cleared_away() -> None:
    assert only(failed(transient=False).plan([])).verb is Verb.DELETE


def test_an_instance_that_was_lost_is_made_again_and_keeps_its_end() -> None:
    want = wish("orders-db", ttl=7 * DAY)
    world = ready(want)
    world.instances.clear()
    made = world.plan([want], NOW + DAY)
    assert only(made).verb is Verb.CREATE
    world.apply(made, [want], NOW + DAY)
    assert only(world.plan([want], NOW + 7 * DAY)).verb is Verb.EXPIRE


def test_a_pending_instance_is_waited_for() -> None:
    want = wish("orders-db")
    uid = uid_of(OURS, want.request, 1)
    lines = [
        entry(subject_of(want, uid), Verb.CREATE, Event.INTENT),
        entry(subject_of(want, uid), Verb.CREATE, Event.OUTCOME, result=Result.PENDING),
    ]
    there = replace(instance(uid, want), presence=Presence.PENDING)
    world = Model({uid: there}, fold({}, lines))
    assert only(world.plan([want])).reason == "still being made since 2026-12-01T06:00:00Z"
    world.instances[uid] = instance(uid, want)
    assert only(world.plan([want])).verb is Verb.RETRY


def test_the_plan_is_the_same_twice_whatever_the_order() -> None:
    wishes = [wish(name) for name in ("b", "a", "c")]
    one, other = Model().plan(wishes), Model().plan(reversed(wishes))
    assert one.to_json() == other.to_json()
    assert [action.request for action in one.actions] == sorted(want.request for want in wishes)


def test_json_has_the_promised_fields_and_a_hash_that_follows_the_content() -> None:
    made = Model().plan([wish("orders-db")])
    data = made.to_json()
    assert sorted(data) == ["actions", "base", "hash", "summary", "version"]
    assert data["summary"] == {"create": 1}
    assert sorted(made.actions[0].to_json()) == [
        "action", "changes", "provider", "reason", "request", "type", "uid",
    ]  # fmt: skip
    assert made.hash != Model().plan([wish("orders-db2")]).hash


def test_what_is_held_is_not_called_nothing_to_do() -> None:
    def last(made: Plan) -> str:
        return plan_text(made, (), (), NOW).splitlines()[-1]

    held, other = wish("bad", hold="requests/x.yaml:3:1: no"), wish("good")
    assert last(Model().plan([held])) == "Nothing can be done: 1 held. 1 step stuck: mend what is said beside each."
    assert last(Model().plan([held, other])).endswith(
        "1 to create, 1 held. 1 step stuck: mend what is said beside each."
    )
    assert last(ready(other).plan([other])) == "Nothing to do: 1 unchanged."
