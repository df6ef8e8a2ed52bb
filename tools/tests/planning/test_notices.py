"""Of which states people are told, in which words."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tarmac.model.frozen import replace
from tarmac.model.notice import Notice, Topic
from tarmac.model.plan import Breach, Desired, Drift, Outcome, Plan, Result, Verb
from tarmac.planning.notices import notices
from tests.planning.worlds import DAY, NOW, Model, instance, only, wish


def ready(*wishes: Desired) -> Model:
    """A world in which the wishes have been made."""
    world = Model()
    world.apply(world.plan(wishes), wishes)
    return world


def told(world: Model, wishes: list[Desired], days: timedelta = timedelta(0)) -> list[Notice]:
    now = NOW + days
    return list(notices(world.plan(wishes, now), {want.request: want for want in wishes}, now))


@pytest.mark.parametrize(
    ("left", "days", "span"),
    [
        (8 * DAY, None, ""),
        (7 * DAY + timedelta(seconds=1), None, ""),
        (7 * DAY, 7, "7 days"),
        (3 * DAY + timedelta(seconds=1), 7, "7 days"),
        (3 * DAY, 3, "3 days"),
        (DAY, 1, "1 day"),
        (timedelta(seconds=1), 1, "1 day"),
    ],
)
def test_owners_are_told_seven_three_and_one_day_before_an_end(left: timedelta, days: int | None, span: str) -> None:
    want = wish("db", ttl=30 * DAY)
    found = told(ready(want), [want], 30 * DAY - left)
    end = "2026-12-31T06:00:00Z"
    # The key tells what was said already: another one would have everybody told again.
    expected = Notice(
        f"expires:{want.request}:{end}:{days}",
        Topic.EXPIRES,
        want.owner,
        want.request,
        f"its time ends on {end}, within {span}: tarmac request renew db --ttl 14d keeps it",
    )
    assert found == ([] if days is None else [expected])


def test_that_a_short_life_is_short_is_no_news() -> None:
    week, longer = wish("db", ttl=7 * DAY), wish("db", ttl=7 * DAY + timedelta(seconds=1))
    assert told(ready(week), [week]) == []
    assert told(ready(week), [week], 4 * DAY - timedelta(seconds=1)) == []
    assert len(told(ready(week), [week], 4 * DAY)) == 1
    assert len(told(ready(longer), [longer], timedelta(seconds=1))) == 1


def test_an_end_is_told_where_it_is_not_known_how_long_it_lived() -> None:
    want = wish("db", expires=NOW + DAY)
    made = Plan("c0ffee", (replace(only(ready(want).plan([want])), ready_at=None),))
    (notice,) = notices(made, {want.request: want}, NOW)
    assert notice.topic is Topic.EXPIRES


def test_of_an_end_that_has_come_they_are_told_while_grace_lasts() -> None:
    want = wish("db", ttl=7 * DAY, grace=2 * DAY)
    world, end = ready(want), "2026-12-08T06:00:00Z"
    text = f"its time ended on {end} and it is removed on 2026-12-10T06:00:00Z: "
    renew = "tarmac request renew db --ttl 14d keeps it"
    assert told(world, [want], 7 * DAY) == [
        Notice(f"ended:{want.request}:{end}", Topic.ENDED, want.owner, want.request, text + renew)
    ]
    assert told(world, [want], 9 * DAY) == []
    endless = replace(want, grace=timedelta.max)
    (notice,) = told(world, [endless], 7 * DAY)
    assert notice.text == f"its time ended on {end}: {renew}"


def test_of_what_is_not_there_or_goes_no_end_is_told() -> None:
    want = wish("db", ttl=30 * DAY)
    world = ready(want)
    assert told(Model(), [replace(want, ttl=None, expires=NOW + DAY)]) == []
    anew = replace(want, config={"size": "small", "encrypted": False})
    made = world.plan([anew], NOW + 29 * DAY)
    assert only(made).verb is Verb.REPLACE
    assert notices(made, {want.request: anew}, NOW + 29 * DAY) == ()


def test_what_is_held_drifted_orphaned_failed_unwell_or_refused_is_told() -> None:
    want, bad = wish("db", drift=Drift.REPORT), wish("bad", hold="an error")
    world = ready(want)
    ((uid, there),) = world.instances.items()
    world.instances[uid] = replace(there, config={"size": "odd", "encrypted": False})
    world.instances["lonely"] = instance("lonely", wish("lonely", owner="group:default/other"))
    made = world.plan([want, bad])
    failed = Outcome(next(action for action in made.actions if action.uid == uid), Result.FAILED, "busy", True)
    found = notices(
        made,
        {one.request: one for one in (want, bad)},
        NOW,
        outcomes=[failed, *(replace(failed, result=one, message="x") for one in Result if one is not Result.FAILED)],
        breaches=[Breach("the whole run", 9, 4, 3, ()), Breach("team one", 9, 4, 3, ())],
        unhealthy={uid: "no answer", "nobody": "x"},
    )
    about = (want.owner, want.request)
    drifted = "somebody changed config.encrypted, config.size"
    orphan = "an instance at embedded is nobody's: lonely"
    refused = "a run would remove more than it may (team one, the whole run): nothing was done"
    lonely = "resourcerequest:default/lonely"
    assert found == (
        Notice(f"drifted:{uid}:92c7feae35be", Topic.DRIFTED, *about, drifted),
        Notice(f"failed:{want.request}", Topic.FAILED, *about, "it could not none: busy"),
        Notice(f"held:{bad.request}:6cf57a1614d5", Topic.HELD, bad.owner, bad.request, "it is held: an error"),
        Notice("orphaned:embedded:lonely", Topic.ORPHANED, "group:default/other", lonely, orphan),
        Notice("refused:db5211a93e60", Topic.REFUSED, "", "", refused),
        Notice(f"unhealthy:{uid}", Topic.UNHEALTHY, *about, "it is not well: no answer"),
    )


def test_what_is_made_right_again_or_has_not_drifted_is_not_told() -> None:
    want = wish("db")
    world = ready(want)
    ((uid, there),) = world.instances.items()
    world.instances[uid] = replace(there, config={"size": "odd", "encrypted": True})
    assert only(world.plan([want])).drifted
    assert told(world, [want]) == []


def test_what_has_no_request_is_told_by_its_uid() -> None:
    bare = replace(only(Model().plan([wish("db", hold="an error")])), request=None, uid="u-1", verb=Verb.NONE)
    made = Plan("c0ffee", (bare,))
    found = notices(made, {}, NOW, outcomes=[Outcome(bare, Result.FAILED, "busy")], unhealthy={"u-1": "no answer"})
    assert [(one.key, one.request) for one in found] == [("failed:u-1", ""), ("unhealthy:u-1", "")]


def test_of_a_composed_request_its_end_and_its_hold_are_told_once() -> None:
    parts = [wish(f"shop#{name}", ttl=30 * DAY) for name in ("cache", "db")]
    world, whole = ready(*parts), "resourcerequest:default/shop"
    (ends,) = told(world, parts, 29 * DAY)
    assert (ends.topic, ends.request, ends.key) == (Topic.EXPIRES, whole, f"expires:{whole}:2026-12-31T06:00:00Z:1")
    assert ends.text.endswith("within 1 day: tarmac request renew shop --ttl 14d keeps it")
    held = told(world, [replace(part, hold="not approved") for part in parts])
    assert [(one.topic, one.request) for one in held] == [(Topic.HELD, whole)]
    two = [replace(parts[0], hold="not approved"), replace(parts[1], hold="no config")]
    assert len(told(world, two)) == 2


def test_the_end_of_a_composed_request_is_that_of_its_first_part_however_late_another_was_ready() -> None:
    parts = [wish(f"shop#{name}", ttl=30 * DAY) for name in ("cache", "db")]
    world = ready(parts[1])
    world.apply(world.plan(parts, NOW + 5 * DAY), parts, NOW + 5 * DAY)
    (notice,) = told(world, parts, 29 * DAY)
    assert notice.text.startswith("its time ends on 2026-12-31T06:00:00Z, within 1 day")
