"""What is asked of a provider for each step, what is never touched, and when it is asked again."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

import pytest

from tarmac.app.attempts import Ended, Workers
from tarmac.app.deps import Pace
from tarmac.app.steps import Job, Step, steps_of
from tarmac.errors import ProviderError
from tarmac.model.frozen import replace
from tarmac.model.ledger import Head, Phase
from tarmac.model.plan import Desired, Inventory, Observation, Outcome, Presence, Result, Verb
from tarmac.planning.identity import uid_of
from tarmac.planning.life import fold
from tarmac.planning.planner import plan
from tarmac.providers.base import Capabilities, Capability, Health, Provider
from tests.planning.worlds import DAY, NOW, OURS, THEIRS, Model, instance, wish

DB = wish("db")
UID = uid_of(OURS, DB.request, 1)
LARGE = wish("db", config={"size": "large", "encrypted": True})
ALL = frozenset(Capability)


@dataclass
class Scripted:
    """A provider in memory that notes what it is asked, and fails as it is told to: a fault for each effect, None for
    none."""

    there: dict[str, Observation] = field(default_factory=dict)
    faults: list[ProviderError | None] = field(default_factory=list)
    verbs: frozenset[Capability] = ALL
    refuses: tuple[str, ...] = ()
    asked: list[tuple[object, ...]] = field(default_factory=list)
    name: str = "embedded"
    parallel: int = 1

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(frozenset({"database"}), self.verbs, parallel=self.parallel)

    def list_instances(self) -> tuple[Observation, ...]:
        return tuple(self.there.values())

    def observe(self, uid: str) -> Observation | None:
        return self.there.get(uid)

    def validate(self, desired: Desired) -> tuple[str, ...]:
        return self.refuses

    def create(self, uid: str, desired: Desired, ready_at: datetime) -> Observation:
        self._note("create", uid, ready_at)
        self.there[uid] = instance(uid, desired, ready_at)
        return self.there[uid]

    def update(self, uid: str, desired: Desired) -> Observation:
        self._note("update", uid, desired.config["size"])
        return self.there[uid]

    def delete(self, uid: str) -> None:
        self._note("delete", uid)
        self.there.pop(uid, None)

    def rotate(self, uid: str, now: datetime) -> str:
        self._note("rotate", uid, now)
        self.there[uid] = replace(self.there[uid], secret="vault:new", credential_since=now)
        return "vault:new"

    def health(self, uid: str) -> Health:
        return Health(True)

    def _note(self, *what: object) -> None:
        self.asked.append(what)
        fault = self.faults.pop(0) if self.faults else None
        if fault is not None:
            raise fault


def never() -> bool:
    return False


def job_of(world: Model, *wishes: Desired, now: datetime = NOW) -> Job:
    wanted = {want.request: want for want in wishes}
    return Job(world.plan(wishes, now), wanted, world.states, Head(None, 0, ""), OURS, now)


def done(
    job: Job, provider: Scripted, pace: Pace | None = None, stop: Callable[[], bool] = never, steps: Sequence[Step] = ()
) -> Ended:
    """How the plan's one effect ended, or the steps."""
    given = tuple(steps) or tuple(steps_of(job, job.plan.effects[0]))
    with Workers(job, {"embedded": provider}, stop, pace or Pace()) as workers:
        return workers.begin(given).result(5)


def ready(*wishes: Desired) -> Model:
    world = Model()
    world.apply(world.plan(wishes), wishes)
    return world


def busy(times: int = 1) -> list[ProviderError | None]:
    return [ProviderError("busy", transient=True) for _ in range(times)]


def seen(world: Model, **changes: object) -> Model:
    ((uid, there),) = world.instances.items()
    return Model({uid: replace(there, **changes)}, world.states)


def test_what_is_new_is_made_and_ready_now() -> None:
    job, provider = job_of(Model(), DB), Scripted()
    ended = done(job, provider)
    assert provider.asked == [("create", UID, NOW)]
    assert ended.outcome == Outcome(job.plan.effects[0], Result.DONE)
    (line,) = ended.entries
    assert (line.result, line.ready_at, line.tries) == ("done", NOW, 1)


def test_what_is_made_again_keeps_the_instant_since_which_it_was_ready() -> None:
    lost = Model({}, ready(DB).states)
    provider = Scripted()
    done(job_of(lost, DB, now=NOW + DAY), provider)
    assert provider.asked == [("create", UID, NOW)]
    half = seen(ready(DB), presence=Presence.BROKEN)
    provider = Scripted(dict(half.instances))
    done(job_of(half, DB, now=NOW + DAY), provider)
    assert provider.asked == [("create", UID, NOW)]


def test_what_is_there_and_as_it_should_be_is_not_touched() -> None:
    found = Model({UID: instance(UID, DB)})
    job, provider = job_of(found, DB), Scripted(dict(found.instances))
    assert job.plan.effects[0].verb is Verb.ADOPT
    ended = done(job, provider)
    assert (provider.asked, ended.outcome.result) == ([], Result.DONE)


def test_what_is_still_being_made_is_looked_at_and_left_to_it() -> None:
    found = Model({UID: instance(UID, LARGE)})
    provider = Scripted({UID: replace(instance(UID, DB), presence=Presence.PENDING)})
    job = job_of(Model({UID: instance(UID, DB)}), LARGE)
    assert job.plan.effects[0].changes
    ended = done(job, provider)
    assert (provider.asked, ended.outcome.result, found.states) == ([], Result.PENDING, {})


def test_what_does_not_work_does_not_become_ready_and_is_not_tried_at_once_again() -> None:
    """Nothing here can mend it, so it waits for the next run, which looks again whatever is wanted."""
    broken = replace(instance(UID, DB), failure=f"no quota{'!' * 500}")
    fresh = Model({UID: broken})
    making = ready(DB)
    making.states = {UID: replace(making.states[UID], phase=Phase.PROVISIONING)}
    for world in (fresh, Model({UID: broken}, making.states)):
        provider = Scripted({UID: broken})
        job = job_of(world, DB)
        ended = done(job, provider, Pace(tries=3))
        assert (provider.asked, ended.outcome.result, ended.outcome.transient) == ([], Result.FAILED, True)
        assert ended.outcome.message == f"no quota{'!' * 492}"
        (line,) = ended.entries
        assert (line.result, line.tries) == ("failed", 1)
        state = fold(job.states, ended.entries)[UID]
        assert (state.phase, state.attempts, state.refused) == (Phase.FAILED, 1, None)
        assert [(one.type, one.status) for one in state.conditions] == [("Ready", False), ("Synced", False)]
        assert state.conditions[1].message == ended.outcome.message
        # The next run looks again, and once the engine is content it is ready.
        assert Model({UID: broken}, {UID: state}).plan([DB]).effects[0].verb is Verb.RETRY
        mended = Model({UID: instance(UID, DB)}, {UID: state})
        assert done(job_of(mended, DB), Scripted(dict(mended.instances))).outcome.result is Result.DONE


def test_what_was_ready_stays_so_whatever_is_said_of_it() -> None:
    """That it is not well is asked, and told, apart from its steps."""
    world = seen(ready(DB), failure="no quota")
    moved = wish("db", path="requests/payments/staging/other.yaml")
    assert done(job_of(world, moved), Scripted(dict(world.instances))).outcome.result is Result.DONE


def test_a_change_that_a_provider_sees_is_made_and_one_of_the_ledger_alone_is_not() -> None:
    world = ready(DB)
    provider = Scripted(dict(world.instances))
    assert done(job_of(world, LARGE), provider).outcome.result is Result.DONE
    assert provider.asked == [("update", UID, "large")]
    moved = wish("db", path="requests/payments/staging/other.yaml", protected=True)
    provider = Scripted(dict(world.instances))
    job = job_of(world, moved)
    assert {change.path for change in job.plan.effects[0].changes} == {"file", "deletionProtection"}
    assert done(job, provider).outcome.result is Result.DONE
    assert provider.asked == []


def test_what_goes_is_removed() -> None:
    world = ready(DB)
    provider = Scripted(dict(world.instances))
    ended = done(job_of(world), provider)
    assert (provider.asked, provider.there) == ([("delete", UID)], {})
    assert (ended.outcome.result, ended.entries[0].action) == (Result.DONE, "delete")
    short = wish("db", ttl=DAY)
    world = ready(short)
    provider = Scripted(dict(world.instances))
    ended = done(job_of(world, short, now=NOW + DAY), provider)
    assert (provider.asked, ended.entries[0].action) == ([("delete", UID)], "expire")


@pytest.mark.parametrize(
    ("there", "why"),
    [
        (instance(UID, DB, platform=THEIRS), "it belongs to another platform"),
        (Observation(UID, "embedded", Presence.BROKEN, None, fault="no JSON"), "its tags cannot be read: no JSON"),
        (Observation(UID, "embedded", Presence.BROKEN, None), "its tags cannot be read: no reason given"),
    ],
)
def test_what_came_to_stand_under_the_uid_and_is_not_ours_is_never_touched(there: Observation, why: str) -> None:
    world = ready(DB)
    for wishes in ((), (LARGE,)):
        provider = Scripted({UID: there})
        ended = done(job_of(world, *wishes), provider, Pace(tries=3))
        assert (provider.asked, provider.there) == ([], {UID: there})
        assert (ended.outcome.result, ended.outcome.transient) == (Result.FAILED, False)
        assert ended.outcome.message == f"what stands under {UID} is not touched: {why}"
        assert ended.entries[0].tries == 1


def test_what_a_provider_could_never_make_is_not_begun() -> None:
    provider = Scripted(refuses=("too large", "too old"))
    ended = done(job_of(Model(), DB), provider)
    assert provider.asked == []
    assert (ended.outcome.message, ended.outcome.transient) == ("too large; too old", False)


def test_what_a_provider_cannot_do_is_refused_before_it_is_asked() -> None:
    world = ready(DB)
    provider = Scripted(dict(world.instances), verbs=ALL - {Capability.UPDATE})
    ended = done(job_of(world, LARGE), provider)
    assert (provider.asked, ended.outcome.transient) == ([], False)
    assert ended.outcome.message == "provider embedded cannot change an instance"
    rotated = rotating(world)
    provider = Scripted(dict(world.instances), verbs=ALL - {Capability.ROTATE})
    ended = done(rotated, provider)
    assert (provider.asked, ended.outcome.transient) == ([], False)
    assert ended.outcome.message == "provider embedded cannot replace a credential"


def rotating(world: Model) -> Job:
    """The instance's credential was made when it was, and is replaced each day."""
    aged = seen(world, credential_since=NOW, secret="vault:old")
    job = job_of(aged, wish("db", rotation=DAY), now=NOW + DAY)
    assert job.plan.effects[0].verb is Verb.ROTATE
    return job


def test_a_credential_is_replaced_and_what_is_there_then_is_told() -> None:
    world = ready(DB)
    provider = Scripted(dict(world.instances))
    (line,) = done(rotating(world), provider).entries
    assert provider.asked == [("rotate", UID, NOW + DAY)]
    assert (line.secret, line.credential_since) == ("vault:new", NOW + DAY)


def test_a_credential_is_replaced_once_a_run_even_where_nobody_knows_that_it_was() -> None:
    world = ready(DB)
    provider = Scripted(dict(world.instances), busy())
    ended = done(rotating(world), provider, Pace(tries=3))
    assert (len(provider.asked), ended.outcome.result, ended.entries[0].tries) == (1, Result.FAILED, 1)


def test_of_what_nothing_says_what_it_should_be_nothing_is_made() -> None:
    job = job_of(Model(), DB)
    (step,) = steps_of(job, job.plan.effects[0])
    provider = Scripted()
    ended = done(job, provider, steps=[replace(step, wish=None)])
    assert provider.asked == []
    assert (ended.outcome.message, ended.outcome.transient) == (f"nothing says what {UID} should be", False)


class Rests:
    """A pace of so many tries that rests in full, and what it rested."""

    def __init__(self, tries: int, first: float = 1.0) -> None:
        self.slept: list[float] = []
        self.pace = Pace(tries=tries, first=first, longest=60.0, sleep=self.slept.append, chance=lambda: 1.0)


def test_what_fails_for_now_is_asked_again_after_a_rest_in_naps() -> None:
    rests, provider = Rests(3, 0.6), Scripted(faults=busy(2))
    ended = done(job_of(Model(), DB), provider, rests.pace)
    assert (ended.outcome.result, ended.entries[0].tries, len(provider.asked)) == (Result.DONE, 3, 3)
    assert rests.slept == pytest.approx([0.25, 0.25, 0.1, 0.25, 0.25, 0.25, 0.25, 0.2])


def test_it_is_asked_no_more_than_so_often_and_does_not_rest_at_the_end() -> None:
    rests, provider = Rests(2, 0.25), Scripted(faults=busy(9))
    ended = done(job_of(Model(), DB), provider, rests.pace)
    assert (len(provider.asked), rests.slept, ended.entries[0].tries) == (2, [0.25], 2)
    assert ended.outcome == Outcome(ended.outcome.action, Result.FAILED, "busy", True)


def test_a_pace_of_no_tries_is_one_of_a_single_try() -> None:
    rests, provider = Rests(0), Scripted(faults=busy(9))
    done(job_of(Model(), DB), provider, rests.pace)
    assert (len(provider.asked), rests.slept) == (1, [])


def test_what_can_not_help_is_not_tried() -> None:
    rests, provider = Rests(3), Scripted(faults=[ProviderError("never", transient=False)])
    ended = done(job_of(Model(), DB), provider, rests.pace)
    assert (len(provider.asked), rests.slept) == (1, [])
    assert ended.outcome == Outcome(ended.outcome.action, Result.FAILED, "never", False)


def test_asked_to_stop_it_ends_its_rest_and_tries_no_more() -> None:
    rests, provider = Rests(3, 0.5), Scripted(faults=busy(9))
    ended = done(job_of(Model(), DB), provider, rests.pace, stop=lambda: len(rests.slept) == 1)
    assert (len(provider.asked), rests.slept, ended.entries[0].tries) == (1, [0.25], 1)
    # Stopped in the last nap of a rest, there is no further try either.
    rests, provider = Rests(3, 0.25), Scripted(faults=busy(9))
    done(job_of(Model(), DB), provider, rests.pace, stop=lambda: len(rests.slept) == 1)
    assert (len(provider.asked), rests.slept) == (1, [0.25])


def test_a_reason_as_long_as_a_book_is_cut() -> None:
    provider = Scripted(faults=[ProviderError("x" * 501, transient=False)])
    assert done(job_of(Model(), DB), provider).outcome.message == "x" * 500


def test_a_run_that_was_stopped_begins_nothing_and_says_so_of_each_step() -> None:
    world = ready(DB)
    provider = Scripted(dict(world.instances))
    job = job_of(world, wish("db", config={"size": "small", "encrypted": False}))
    ended = done(job, provider, stop=lambda: True)
    assert provider.asked == []
    assert ended.outcome == Outcome(job.plan.effects[0], Result.SKIPPED, "the run was stopped")
    assert [(line.action, line.result, line.message) for line in ended.entries] == [
        ("delete", "skipped", "the run was stopped"),
        ("create", "skipped", "the run was stopped"),
    ]


def test_of_a_replacement_nothing_is_made_while_the_instance_before_is_there() -> None:
    world = ready(DB)
    anew = wish("db", config={"size": "small", "encrypted": False})
    provider = Scripted(dict(world.instances), busy())
    ended = done(job_of(world, anew), provider)
    assert provider.asked == [("delete", UID)]
    assert ended.outcome == Outcome(ended.outcome.action, Result.FAILED, "busy", True)
    assert [(line.result, line.message) for line in ended.entries] == [
        ("failed", "busy"),
        ("skipped", "the instance before it is still there"),
    ]
    provider = Scripted(dict(world.instances))
    ended = done(job_of(world, anew), provider)
    successor = uid_of(OURS, DB.request, 2)
    assert provider.asked == [("delete", UID), ("create", successor, NOW)]
    assert [line.result for line in ended.entries] == ["done", "done"]


class Crowded(Scripted):
    """One whose making waits a while for one more to be at it than it bears; and the most that were."""

    def __init__(self, parallel: int, patience: float) -> None:
        super().__init__(parallel=parallel)
        self.patience, self.meet = patience, threading.Barrier(max(1, parallel) + 1)
        self.lock, self.begun = threading.Lock(), threading.Event()
        self.now = self.most = 0

    def create(self, uid: str, desired: Desired, ready_at: datetime) -> Observation:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.begun.set()
        with suppress(threading.BrokenBarrierError):
            self.meet.wait(self.patience)
        with self.lock:
            self.now -= 1
        return super().create(uid, desired, ready_at)


def all_done(job: Job, providers: Mapping[str, Provider]) -> list[Result]:
    with Workers(job, providers, never, Pace()) as workers:
        futures = [workers.begin(tuple(steps_of(job, action))) for action in job.plan.effects]
        return [future.result(20).outcome.result for future in futures]


def test_whoever_leaves_waits_for_what_is_begun_and_the_rest_is_not_begun() -> None:
    job, provider = job_of(Model(), *(wish(name) for name in ("a", "b", "c"))), Crowded(1, 0.3)
    with Workers(job, {"embedded": provider}, never, Pace()) as workers:
        futures = [workers.begin(tuple(steps_of(job, action))) for action in job.plan.effects]
        assert provider.begun.wait(5)
    assert [future.cancelled() for future in futures] == [False, True, True]
    assert futures[0].result(0).outcome.result is Result.DONE
    assert len(provider.there) == 1


@pytest.mark.parametrize(("parallel", "wide"), [(0, 1), (1, 1), (2, 2)])
def test_as_many_at_once_are_made_as_the_provider_bears_and_no_more(parallel: int, wide: int) -> None:
    wishes = [wish(name) for name in ("a", "b", "c", "d")]
    provider = Crowded(parallel, 1)
    assert all_done(job_of(Model(), *wishes), {"embedded": provider}) == [Result.DONE] * 4
    assert provider.most == wide


def test_what_moves_to_another_provider_asks_no_more_of_it_than_that_one_bears() -> None:
    here = [wish(name) for name in ("a", "b")]
    there = [replace(want, provider="other", type="redis") for want in here]
    world = ready(*here)
    left, other = Scripted(dict(world.instances), parallel=2), Crowded(1, 0.5)
    inventories = {"embedded": Inventory("embedded", left.list_instances()), "other": Inventory("other")}
    made = plan(there, world.states.values(), inventories, platform=OURS, base="c0ffee", now=NOW)
    assert [action.verb for action in made.effects] == [Verb.REPLACE] * 2
    job = Job(made, {want.request: want for want in there}, world.states, Head(None, 0, ""), OURS, NOW)
    assert all_done(job, {"embedded": left, "other": other}) == [Result.DONE] * 2
    assert (left.there, len(other.there), other.most) == ({}, 2, 1)


def test_the_threads_of_a_provider_bear_its_name() -> None:
    names: list[str] = []

    class Named(Scripted):
        def create(self, uid: str, desired: Desired, ready_at: datetime) -> Observation:
            names.append(threading.current_thread().name)
            return super().create(uid, desired, ready_at)

    done(job_of(Model(), DB), Named())
    assert names == ["tarmac-embedded_0"]
