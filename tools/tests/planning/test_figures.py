"""How the ledger's lines, and a run, add up to the platform's own figures."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tarmac.model.figures import BOUNDS, Gauges
from tarmac.model.frozen import replace
from tarmac.model.ledger import Event, LedgerEntry
from tarmac.model.plan import Drift, Outcome, Result, Verb
from tarmac.planning.figures import added, gauges
from tests.planning.worlds import NOW, Model, entry, instance, subject_of, wish


def outcome(result: Result, waited: timedelta | None = None, tries: int = 1, kind: str = "postgres") -> LedgerEntry:
    merged = None if waited is None else NOW - waited
    subject = subject_of(wish("db", type=kind), "uid")
    line = entry(subject, Verb.CREATE, Event.OUTCOME, result=result)
    return replace(line, tries=tries, merged_at=merged)


def test_outcomes_are_counted_by_type_and_intents_are_not() -> None:
    intent = entry(subject_of(wish("db"), "uid"), Verb.CREATE, Event.INTENT)
    lines = [intent, outcome(Result.DONE), outcome(Result.FAILED, tries=3), outcome(Result.DONE, tries=2, kind="redis")]
    found = added({}, lines)
    assert {name: dict(one.steps) for name, one in found.items()} == {
        "postgres": {"done": 1, "failed": 1},
        "redis": {"done": 1},
    }
    assert {name: one.retries for name, one in found.items()} == {"postgres": 2, "redis": 1}
    assert added(found, []) == found
    more = added(found, [outcome(Result.DONE, tries=4)])
    assert (dict(more["postgres"].steps), more["postgres"].retries) == ({"done": 2, "failed": 1}, 5)
    # What was given is as it was.
    assert dict(found["postgres"].steps) == {"done": 1, "failed": 1}


def test_waits_add_up() -> None:
    lines = [
        outcome(Result.DONE, timedelta(seconds=5)),
        outcome(Result.DONE, timedelta(seconds=7)),
        outcome(Result.DONE),
    ]
    (found,) = added({}, lines).values()
    assert (found.waits[0], sum(found.waits), found.waited) == (2, 2, 12)


def test_a_line_of_an_outcome_that_says_nothing_is_not_counted() -> None:
    assert added({}, [replace(outcome(Result.DONE), result=None)]) == {}


@pytest.mark.parametrize(
    ("waited", "place", "seconds"),
    [
        (timedelta(0), 0, 0),
        (timedelta(seconds=10), 0, 10),
        (timedelta(seconds=10, microseconds=1), 1, 10),
        (timedelta(days=7), len(BOUNDS) - 1, 604800),
        (timedelta(days=8), len(BOUNDS), 691200),
        (timedelta(seconds=-5), 0, 0),
    ],
)
def test_waits_fall_into_the_class_whose_bound_they_do_not_exceed(waited: timedelta, place: int, seconds: int) -> None:
    (found,) = added({}, [outcome(Result.DONE, waited)]).values()
    assert [number for number, count in enumerate(found.waits) if count] == [place]
    assert found.waited == seconds


def test_what_failed_made_nobody_wait_to_its_end() -> None:
    (found,) = added({}, [outcome(Result.FAILED, timedelta(hours=1))]).values()
    assert (sum(found.waits), found.waited) == (0, 0)


def test_how_things_stand_is_what_is_left_to_do_and_what_asks_for_somebody() -> None:
    fine, odd, told = wish("fine"), wish("odd"), wish("told", drift=Drift.REPORT)
    world = Model()
    world.apply(world.plan([fine, odd, told]), [fine, odd, told])
    for uid, there in world.instances.items():
        if there.tags is not None and there.tags.reference != fine.request:
            world.instances[uid] = replace(there, config={"size": "odd", "encrypted": True})
    world.instances["lonely"] = instance("lonely", wish("lonely"))
    world.instances["lost"] = instance("lost", wish("lost"))
    made = world.plan([fine, odd, told, wish("new", type="redis"), wish("bad", hold="an error")])
    assert dict(made.summary) == {"create": 1, "hold": 1, "none": 2, "orphan": 2, "update": 1}
    assert gauges(made, None) == Gauges(queue=2, held=1, drifted=2, orphaned=2)
    update = next(action for action in made.effects if action.verb is Verb.UPDATE)
    for result, queue, drifted in ((Result.DONE, 1, 1), (Result.FAILED, 2, 2), (Result.SKIPPED, 2, 2)):
        assert gauges(made, [Outcome(update, result)]) == Gauges(queue=queue, held=1, drifted=drifted, orphaned=2)
    all_done = [Outcome(action, Result.DONE) for action in made.effects]
    assert gauges(made, all_done) == Gauges(queue=0, held=1, drifted=1, orphaned=2)
