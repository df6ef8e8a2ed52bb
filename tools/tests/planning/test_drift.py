"""What somebody changed behind our back is made right, reported or left, as the type says; a late renewal finds its
data while grace lasts."""

from __future__ import annotations

import pytest

from tarmac.model.frozen import replace
from tarmac.model.json_value import JsonValue
from tarmac.model.ledger import Event
from tarmac.model.plan import Desired, Drift, Verb
from tarmac.planning.life import fold
from tarmac.planning.ttl import removal
from tests.planning.worlds import DAY, NOW, Model, entry, only, subject_of, verbs, wish

BIG: dict[str, JsonValue] = {"size": "big", "encrypted": True}


def drifted(want: Desired, config: dict[str, JsonValue] | None = None, owner: str | None = None) -> Model:
    """The wish made, and then changed by somebody else."""
    world = Model()
    world.apply(world.plan([want]), [want])
    ((uid, there),) = world.instances.items()
    assert there.tags is not None
    tags = there.tags if owner is None else replace(there.tags, owner=owner)
    world.instances[uid] = replace(there, config=there.config if config is None else config, tags=tags)
    return world


def test_drift_is_made_right_as_a_rule_and_called_by_its_name() -> None:
    want = wish("db")
    world = drifted(want, BIG, owner="group:default/else")
    action = only(world.plan([want]))
    assert action.verb is Verb.UPDATE
    assert action.drifted == ("config.size", "owner")
    assert action.reason == "config.size, owner drifted: made right again"
    assert next((change.path, change.before, change.after) for change in action.changes) == (
        "config.size",
        "big",
        "small",
    )
    world.apply(world.plan([want]), [want])
    assert only(world.plan([want])).reason == "as it should be"


def test_drift_is_reported_and_left_where_the_type_says_so() -> None:
    want = wish("db", drift=Drift.REPORT)
    action = only(drifted(want, BIG).plan([want]))
    assert (action.verb, action.drifted) == (Verb.NONE, ("config.size",))
    assert action.reason == "config.size drifted: its type has that reported, not made right"
    assert [change.path for change in action.changes] == ["config.size"]


def test_drift_is_ignored_where_the_type_says_so() -> None:
    want = wish("db", drift=Drift.IGNORE)
    action = only(drifted(want, BIG).plan([want]))
    assert (action.verb, action.reason, action.changes, action.drifted) == (Verb.NONE, "as it should be", (), ())


@pytest.mark.parametrize("drift", list(Drift))
def test_what_is_asked_for_is_no_drift(drift: Drift) -> None:
    want = wish("db", drift=drift)
    world = drifted(want)
    action = only(world.plan([replace(want, config=BIG, cost_centre="CC-1002")]))
    assert (action.verb, action.drifted) == (Verb.UPDATE, ())
    assert action.reason == "config.size, costCentre changed"


def test_what_is_asked_for_is_done_beside_drift_that_is_only_reported() -> None:
    want = wish("db", drift=Drift.REPORT)
    action = only(drifted(want, BIG).plan([replace(want, cost_centre="CC-1002")]))
    assert action.verb is Verb.UPDATE
    assert [change.path for change in action.changes] == ["costCentre"]
    assert action.drifted == ("config.size",)


@pytest.mark.parametrize("drift", [Drift.REPORT, Drift.IGNORE])
def test_drift_that_is_left_never_has_anything_replaced(drift: Drift) -> None:
    want = wish("db", drift=drift)
    world = drifted(want, {"size": "small", "encrypted": False})
    assert only(world.plan([want])).verb is Verb.NONE
    mended = wish("db")
    assert only(drifted(mended, {"size": "small", "encrypted": False}).plan([mended])).verb is Verb.REPLACE


def test_what_a_cut_off_run_left_half_done_is_no_drift() -> None:
    want = wish("db", drift=Drift.IGNORE)
    world = drifted(want, BIG)
    (uid,) = world.instances
    intent = entry(subject_of(want, uid), Verb.UPDATE, Event.INTENT)
    world.states = fold(world.states, [intent])
    action = only(world.plan([want]))
    assert (action.verb, [change.path for change in action.changes]) == (Verb.RETRY, ["config.size"])


def test_it_stays_while_grace_lasts_and_goes_exactly_at_its_end() -> None:
    want = wish("db", ttl=7 * DAY, grace=2 * DAY)
    world = Model()
    world.apply(world.plan([want]), [want])
    inside = only(world.plan([want], NOW + 9 * DAY - DAY / 86400))
    assert inside.verb is Verb.NONE
    assert inside.reason.endswith("it is removed on 2026-12-10T06:00:00Z unless it is renewed")
    assert verbs(world.plan([want], NOW + 7 * DAY)) == {"db": "none"}
    assert verbs(world.plan([want], NOW + 9 * DAY)) == {"db": "expire"}
    renewed = replace(want, ttl=None, expires=NOW + 20 * DAY)
    assert only(world.plan([renewed], NOW + 8 * DAY)).reason == "as it should be"


def test_what_is_lost_while_grace_lasts_is_not_made_again() -> None:
    want = wish("db", ttl=7 * DAY, grace=2 * DAY)
    world = Model()
    world.apply(world.plan([want]), [want])
    world.instances.clear()
    assert verbs(world.plan([want], NOW + 8 * DAY)) == {"db": "expire"}


def test_grace_that_leads_out_of_the_calendar_never_ends() -> None:
    want = wish("db", ttl=7 * DAY, grace=3_000_000 * DAY)
    assert removal(want, NOW) is None
    world = Model()
    world.apply(world.plan([want]), [want])
    action = only(world.plan([want], NOW + 8 * DAY))
    assert (action.verb, action.reason.endswith("; it is never removed")) == (Verb.NONE, True)
