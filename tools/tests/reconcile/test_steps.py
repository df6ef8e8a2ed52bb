"""What an action comes down to, and what the ledger is told of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tarmac.app.steps import Job, Step, entry_of, steps_of, used_providers
from tarmac.model.frozen import replace
from tarmac.model.ledger import Event, Head, LedgerEntry, Phase, RequestState
from tarmac.model.plan import Desired, Outcome, Plan, Result, Verb
from tarmac.planning.identity import uid_of
from tests.planning.worlds import DAY, NOW, OURS, Model, instance, subject_of, wish

DB = wish("db", provider="embedded")
UID, SECOND = (uid_of(OURS, DB.request, life) for life in (1, 2))
ANEW = wish("db", config={"size": "small", "encrypted": False})
MOMENT = timedelta(seconds=1)


def ready(*wishes: Desired) -> Model:
    world = Model()
    world.apply(world.plan(wishes), wishes)
    return world


def job_of(world: Model, *wishes: Desired, **more: object) -> Job:
    usual = Job(
        world.plan(wishes), {want.request: want for want in wishes}, world.states, Head(None, 0, "abc"), OURS, NOW
    )
    return replace(usual, **more)


def steps(job: Job) -> tuple[Step, ...]:
    return tuple(steps_of(job, job.plan.effects[0]))


def over(uid: str, want: Desired = DB, phase: Phase = Phase.EXPIRED) -> dict[str, RequestState]:
    return {uid: RequestState(subject_of(want, uid), phase, NOW)}


def test_what_is_made_is_one_step_that_ends_the_memory_of_what_had_ended() -> None:
    job = job_of(Model({}, {**over("b"), **over("a", phase=Phase.DEPROVISIONED)}), DB)
    (action,) = job.plan.effects
    subject = subject_of(DB, SECOND, 2)
    assert steps(job) == (Step(action, Verb.CREATE, "embedded", subject, DB, action.reason, ("a", "b")),)
    # Another's past is its own affair.
    assert steps(job_of(Model({}, over("a", wish("other"))), DB))[0].supersedes == ()


def test_a_replacement_is_two_steps_and_the_second_ends_the_memory_of_the_first() -> None:
    world = ready(DB)
    world.states = {**world.states, **over("a")}
    job = job_of(world, replace(ANEW, provider="embedded"))
    (action,) = job.plan.effects
    why = f"replaced: {action.reason}"
    assert steps(job) == (
        Step(action, Verb.DELETE, "embedded", subject_of(DB, UID), None, why),
        Step(action, Verb.CREATE, "embedded", subject_of(ANEW, SECOND, 2), ANEW, why, tuple(sorted(("a", UID)))),
    )


def test_what_goes_is_told_as_the_ledger_knows_it_under_the_name_that_it_has_now() -> None:
    world = ready(DB)
    job = job_of(world)
    (action,) = job.plan.effects
    assert steps(job) == (Step(action, Verb.DELETE, "embedded", subject_of(DB, UID), None, action.reason),)
    renamed = replace(action, request="resourcerequest:default/new")
    (step,) = steps_of(job, renamed)
    assert step.subject == replace(subject_of(DB, UID), request="resourcerequest:default/new")
    (step,) = steps_of(job, replace(action, request=None))
    assert step.subject == subject_of(DB, UID)
    again = job_of(Model(world.instances, {**world.states, **over("a")}))
    assert steps(again)[0].supersedes == ("a",)
    # Its own uid is not the memory of an earlier life.
    ended = job_of(Model(world.instances, over(UID)))
    assert steps(ended)[0].supersedes == ()


def test_what_goes_and_the_ledger_does_not_know_is_told_by_the_wish_or_else_by_the_action() -> None:
    job = job_of(ready(DB))
    (action,) = job.plan.effects
    unknown = replace(job, states={}, desired={DB.request: replace(DB, provider="other")})
    (step,) = steps_of(unknown, action)
    assert step.subject == subject_of(DB, UID)
    (step,) = steps_of(replace(job, states={}), action)
    bare = replace(subject_of(DB, UID), service=None, environment="", cost_centre="", config={}, needs=())
    assert step.subject == bare
    (step,) = steps_of(replace(job, states={}), replace(action, request=None, uid=None))
    assert (step.subject.request, step.subject.uid) == ("", "")


def test_what_nobody_wishes_for_is_not_made() -> None:
    job = job_of(Model(), DB)
    (action,) = job.plan.effects
    assert tuple(steps_of(replace(job, desired={}), action)) == ()


def test_an_intent_says_what_is_to_be_done_and_an_outcome_how_it_ended() -> None:
    job = job_of(Model({}, over("a")), DB, merged={DB.path: NOW - DAY})
    (step,) = steps(job)
    intent = LedgerEntry(
        run=job.run,
        at=NOW,
        event=Event.INTENT,
        action="create",
        subject=subject_of(DB, SECOND, 2),
        reason=step.reason,
        base="c0ffee",
        digest=DB.digest,
    )
    assert entry_of(job, step, Event.INTENT) == intent
    there = replace(instance(UID, DB, NOW - MOMENT), secret="vault:a", credential_since=NOW - DAY)
    done = replace(
        intent,
        event=Event.OUTCOME,
        result="done",
        ready_at=NOW - MOMENT,
        supersedes=("a",),
        secret="vault:a",
        credential_since=NOW - DAY,
        tries=2,
        merged_at=NOW - DAY,
    )
    assert entry_of(job, step, Event.OUTCOME, Outcome(step.action, Result.DONE), there, 2) == done
    failed = Outcome(step.action, Result.FAILED, "busy", True)
    assert entry_of(job, step, Event.OUTCOME, failed) == replace(
        intent, event=Event.OUTCOME, result="failed", message="busy", transient=True
    )


@pytest.mark.parametrize(
    ("result", "supersedes"),
    [(Result.DONE, ("a",)), (Result.PENDING, ("a",)), (Result.FAILED, ()), (Result.SKIPPED, ())],
)
def test_only_what_is_made_or_being_made_ends_the_memory_of_what_was(
    result: Result, supersedes: tuple[str, ...]
) -> None:
    job = job_of(Model({}, over("a")), DB, merged={DB.path: NOW - DAY})
    (step,) = steps(job)
    line = entry_of(job, step, Event.OUTCOME, Outcome(step.action, result))
    assert line.supersedes == supersedes
    assert line.merged_at == (NOW - DAY if result is Result.DONE else None)


def test_of_an_expiry_the_intent_keeps_since_when_it_was_ready() -> None:
    short = wish("db", ttl=DAY)
    world = ready(short)
    job = replace(job_of(world, short), plan=world.plan([short], NOW + DAY))
    (step,) = steps(job)
    assert (step.verb, entry_of(job, step, Event.INTENT).ready_at) == (Verb.EXPIRE, NOW)
    assert entry_of(job, step, Event.OUTCOME, Outcome(step.action, Result.DONE)).ready_at is None
    removed = job_of(world)
    line = entry_of(removed, steps(removed)[0], Event.INTENT)
    assert (line.ready_at, line.digest) == (None, "")
    unread = replace(instance(UID, short), tags=None)
    assert entry_of(job, step, Event.OUTCOME, Outcome(step.action, Result.DONE), unread).ready_at is None


def test_people_waited_only_for_what_became_ready_for_the_first_time() -> None:
    def waited(world: Model, verb: Verb, *wishes: Desired) -> bool:
        job = job_of(world, *wishes, merged={DB.path: NOW - DAY})
        step = replace(steps(job)[0], verb=verb)
        return entry_of(job, step, Event.OUTCOME, Outcome(step.action, Result.DONE)).merged_at is not None

    begun = Model({}, {UID: RequestState(subject_of(DB, UID), Phase.PROVISIONING, NOW)})
    assert waited(begun, Verb.RETRY, DB)
    assert waited(begun, Verb.CREATE, DB)
    assert not waited(begun, Verb.ADOPT, DB)
    lost = Model({}, ready(DB).states)
    assert not waited(lost, Verb.CREATE, DB)


def test_a_run_is_called_by_its_instant_and_by_what_it_stands_on() -> None:
    job = job_of(Model(), DB)
    assert (job.holder, job.run[:17]) == ("", "20261201T060000Z-")
    assert len(job.run) == len("20261201T060000Z-01234567")
    others = (
        replace(job, now=NOW + timedelta(microseconds=1)),
        replace(job, head=Head(None, 0, "abd")),
        replace(job, plan=Plan("c0ffee", ())),
    )
    assert len({job.run, *(other.run for other in others)}) == 4


def test_a_step_ends_by_the_clock_unless_the_instant_is_made_up_and_never_before_its_run() -> None:
    job = job_of(Model(), DB)
    later, earlier = (lambda: NOW + DAY), (lambda: NOW - DAY)
    assert (job.instant(), job.real_instant()) == (NOW, NOW)
    assert (replace(job, made_up=False).instant(), replace(job, clock=later).instant()) == (NOW, NOW)
    real = replace(job, clock=later, made_up=False)
    assert (real.instant(), real.real_instant()) == (NOW + DAY, NOW + DAY)
    back = replace(job, clock=earlier, made_up=False)
    assert (back.instant(), back.real_instant()) == (NOW, NOW - DAY)
    (step,) = steps(real)
    assert entry_of(real, step, Event.INTENT).at == NOW
    assert entry_of(real, step, Event.OUTCOME, Outcome(step.action, Result.DONE)).at == NOW + DAY


def test_providers_are_used_where_something_is_and_where_it_is_to_be() -> None:
    job = job_of(ready(DB, wish("gone", type="redis")), DB)
    (gone,) = job.plan.effects
    assert used_providers(job.plan.effects, {}) == {"embedded"}
    moved = {DB.request: replace(DB, provider="other")}
    assert used_providers([replace(gone, request=DB.request)], moved) == {"embedded", "other"}
    assert used_providers([replace(gone, request=None)], moved) == {"embedded"}
    assert used_providers([], moved) == frozenset()
