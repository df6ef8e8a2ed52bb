"""Of which states people are told, in which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tarmac.model.notice import Notice, Topic
from tarmac.model.plan import Breach, Desired, Drift, Outcome, Result
from tarmac.planning.notices import notices
from tests.planning.worlds import DAY, NOW, Model, instance, wish


def told(world: Model, wishes: list[Desired], days: timedelta = timedelta(0)) -> list[Notice]:
    now = NOW + days
    return list(notices(world.plan(wishes, now), {want.request: want for want in wishes}, now))


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (8 * DAY, None),
        (7 * DAY + timedelta(seconds=1), None),
        (7 * DAY, 7),
        (3 * DAY + timedelta(seconds=1), 7),
        (3 * DAY, 3),
        (DAY, 1),
        (timedelta(seconds=1), 1),
    ],
)
def test_owners_are_told_seven_three_and_one_day_before_an_end(left: timedelta, days: int | None) -> None:
    want = wish("db", ttl=30 * DAY)
    world = Model()
    world.apply(world.plan([want]), [want])
    found = told(world, [want], 30 * DAY - left)
    if days is None:
        assert found == []
        return
    (notice,) = found
    assert (notice.topic, notice.owner, notice.request) == (Topic.EXPIRES, want.owner, want.request)
    assert f"within {days} day{'s' if days > 1 else ''}: tarmac request renew db" in notice.text
    assert notice.key.endswith(f":2026-12-31T06:00:00Z:{days}")


def test_of_an_end_that_has_come_they_are_told_while_grace_lasts() -> None:
    want = wish("db", ttl=7 * DAY, grace=2 * DAY)
    world = Model()
    world.apply(world.plan([want]), [want])
    (notice,) = told(world, [want], 7 * DAY)
    assert notice.topic is Topic.ENDED
    assert "ended on 2026-12-08T06:00:00Z and it is removed on 2026-12-10T06:00:00Z" in notice.text
    assert told(world, [want], 9 * DAY) == []


def test_what_is_held_drifted_orphaned_failed_unwell_or_refused_is_told() -> None:
    world = Model()
    want = wish("db", drift=Drift.REPORT)
    world.apply(world.plan([want]), [want])
    ((uid, there),) = world.instances.items()
    world.instances[uid] = replace(there, config={"size": "odd", "encrypted": True})
    world.instances["lonely"] = instance("lonely", wish("lonely"))
    wishes = [want, wish("bad", hold="an error")]
    made = world.plan(wishes)
    failed = Outcome(next(action for action in made.actions if action.uid == uid), Result.FAILED, "busy", True)
    found = notices(
        made,
        {one.request: one for one in wishes},
        NOW,
        outcomes=[failed, replace(failed, result=Result.DONE)],
        breaches=[Breach("the whole run", 9, 4, 3, ())],
        unhealthy={uid: "no answer", "nobody": "x"},
    )
    assert {str(notice.topic): notice.text for notice in found} == {
        "held": "it is held: an error",
        "drifted": "somebody changed config.size",
        "orphaned": "an instance at embedded is nobody's: lonely",
        "failed": "it could not none: busy",
        "unhealthy": "it is not well: no answer",
        "refused": "a run would remove more than it may (the whole run): nothing was done",
    }
    assert len({notice.key for notice in found}) == len(found)


def test_of_a_composed_request_its_end_and_its_hold_are_told_once() -> None:
    parts = [wish(f"shop#{name}", ttl=30 * DAY) for name in ("cache", "db")]
    world = Model()
    world.apply(world.plan(parts), parts)
    (ends,) = told(world, parts, 29 * DAY)
    assert (ends.topic, ends.request) == (Topic.EXPIRES, "resourcerequest:default/shop")
    assert "tarmac request renew shop --ttl 14d" in ends.text
    held = told(world, [replace(part, hold="not approved") for part in parts])
    assert [(one.topic, one.request) for one in held] == [(Topic.HELD, "resourcerequest:default/shop")]
    two = [replace(parts[0], hold="not approved"), replace(parts[1], hold="no config")]
    assert len(told(world, two)) == 2
