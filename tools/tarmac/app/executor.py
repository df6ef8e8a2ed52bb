"""The only place that applies a plan: intents to the ledger, the effects, outcomes to the ledger, wave by wave.

A wave holds what waits for nothing that is still to come. Killed anywhere, the next run finds intents without outcomes
and looks their uids up. A failure stops only what depends on it. Asked to stop, the run finishes the steps at hand and
records the rest of the wave as not begun. While it acts, the ledger says so: its lease goes with each thing written.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, wait
from datetime import timedelta

from tarmac.app.attempts import Ended, Workers
from tarmac.app.deps import Ledger, Pace
from tarmac.app.steps import Job, entry_of, steps_of
from tarmac.errors import LedgerConflict
from tarmac.model.frozen import Frozen
from tarmac.model.ledger import Event, Head, Lease, LedgerEntry
from tarmac.model.plan import Outcome, Result
from tarmac.planning.order import before, in_order
from tarmac.providers.base import Provider

_WAVE = 50
_TRIES = 5
# A dead run keeps the others out for so long; one that lives says so three times as often.
LEASE = timedelta(minutes=15)


class Executed(Frozen):
    """How the actions ended, in the order of the plan's effects, and where the ledger stands. `stopped`: some were
    not begun, because somebody asked for the end."""

    outcomes: tuple[Outcome, ...]
    head: Head
    stopped: bool


def execute(
    job: Job,
    providers: Mapping[str, Provider],
    ledger: Ledger,
    stop: Callable[[], bool],
    tell: Callable[[Outcome], None],
    pace: Pace | None = None,
) -> Executed:
    """Apply every action that has an effect.

    `stop` is asked before each step, `tell` hears each outcome when it is known. What fails for now is tried again as
    `pace` says (left out: not before the next run).

    Raises:
        LedgerConflict: another run wrote to the ledger. What was done so far is recorded; nothing else was begun.
    """
    run = _Run(job, ledger, stop, tell, job.head)
    with Workers(job, providers, stop, pace or Pace()) as workers:
        for wave in run.waves():
            run.apply(wave, workers)
    outcomes = tuple(run.outcomes[place] for place in sorted(run.outcomes))
    return Executed(outcomes, run.head, run.was_stopped)


@dataclasses.dataclass
class _Run:
    """How far a run is. Places count the plan's effects."""

    job: Job
    ledger: Ledger
    stop: Callable[[], bool]
    tell: Callable[[Outcome], None]
    head: Head
    batch: int = 0
    was_stopped: bool = False
    outcomes: dict[int, Outcome] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        self.actions = self.job.plan.effects
        self.after = before(self.actions, self.job.desired, self.job.states)
        self.left = list(in_order(self.after))

    def waves(self) -> Iterator[tuple[int, ...]]:
        """What can be done next, until nothing is left or somebody asks for the end."""
        while self.left:
            if self.stop():
                self.was_stopped = True
                return
            for place in [one for one in self.left if self._failed_before(one) is not None]:
                self._skip(place, f"{self._failed_before(place)}, which comes first, did not end well")
            ready = [one for one in self.left if all(earlier in self.outcomes for earlier in self.after[one])]
            wave = tuple(ready[:_WAVE])
            self.left = [one for one in self.left if one not in set(wave)]
            if wave:
                yield wave

    def apply(self, wave: Sequence[int], workers: Workers) -> None:
        """Intents, effects, outcomes of one wave."""
        steps = {place: tuple(steps_of(self.job, self.actions[place])) for place in wave}
        intents = [entry_of(self.job, step, Event.INTENT) for place in wave for step in steps[place]]
        self.head = self.ledger.append(self.head, self.job.run, self.batch + 1, intents, self._lease())
        done: list[LedgerEntry] = []
        futures: dict[int, Future[Ended]] = {}
        ended_well = False
        try:
            for place in wave:
                futures[place] = workers.begin(steps[place])
            for place in wave:
                self._hear(place, futures[place], done)
            ended_well = True
        finally:
            if not ended_well:
                _salvage(futures, done)
            last = not ended_well or not self.left or self.stop()
            self._record(done, last)
        self.batch += 2

    def _hear(self, place: int, future: Future[Ended], done: list[LedgerEntry]) -> None:
        while not wait([future], timeout=LEASE.total_seconds() / 3).done:
            self.head = self.ledger.renew(self.head, self._lease())
        ended = future.result()
        done.extend(ended.entries)
        self.outcomes[place] = ended.outcome
        self.was_stopped = self.was_stopped or ended.outcome.result is Result.SKIPPED
        self.tell(ended.outcome)

    def _record(self, entries: Sequence[LedgerEntry], last: bool) -> None:
        """Write outcomes, whatever else was written meanwhile: they are facts. The plan is stale then, so it ends."""
        run, batch = self.job.run, self.batch + 2
        lease = None if last else self._lease()
        try:
            self.head = self.ledger.append(self.head, run, batch, entries, lease, free=last)
        except LedgerConflict as conflict:
            for _ in range(_TRIES):
                try:
                    # Whoever has the lease now keeps it.
                    self.ledger.append(self.ledger.head(), run, batch, entries)
                except LedgerConflict:
                    continue
                raise conflict
            raise

    def _lease(self) -> Lease:
        instant = self.job.real_instant()
        return Lease(self.job.run, self.job.holder, instant, instant + LEASE)

    def _failed_before(self, place: int) -> str | None:
        """What had to come first and did not end well, by its name."""
        for earlier in self.after[place]:
            outcome = self.outcomes.get(earlier)
            if outcome is not None and outcome.result is not Result.DONE:
                return (outcome.action.request or "").rpartition("/")[2]
        return None

    def _skip(self, place: int, why: str) -> None:
        self.left.remove(place)
        self.outcomes[place] = Outcome(self.actions[place], Result.SKIPPED, why)
        self.tell(self.outcomes[place])


def _salvage(futures: Mapping[int, Future[Ended]], done: list[LedgerEntry]) -> None:
    """Something broke that no provider should let through: what the other steps did is recorded all the same."""
    wait(futures.values())
    written = {entry.subject.uid for entry in done}
    for future in futures.values():
        if future.exception() is None:
            done.extend(entry for entry in future.result().entries if entry.subject.uid not in written)
