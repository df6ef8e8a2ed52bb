"""The effects of a run: each action's steps tried in a thread, no more of them at once than their provider bears."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self

from tarmac.app.deps import Pace
from tarmac.app.steps import Job, Step, entry_of
from tarmac.errors import ProviderError
from tarmac.model.frozen import Frozen
from tarmac.model.ledger import Event, LedgerEntry, Phase
from tarmac.model.plan import Observation, Outcome, Presence, Result, Verb
from tarmac.planning.differ import LEDGER_ONLY
from tarmac.providers.base import Capability, Provider

_LONGEST_MESSAGE = 500
# Whoever asks for the end waits no longer than this for a rest between two tries.
_NAP = 0.25


class Ended(Frozen):
    """How an action ended, and the ledger's lines about it."""

    outcome: Outcome
    entries: tuple[LedgerEntry, ...]


class Workers:
    """A pool of threads for each provider that is used, as many as it can be asked at the same time."""

    def __init__(self, job: Job, providers: Mapping[str, Provider], stop: Callable[[], bool], pace: Pace) -> None:
        self._job, self._providers, self._stop, self._pace = job, providers, stop, pace
        self._pools: dict[str, ThreadPoolExecutor] = {}
        # A replacement may use two providers: the second is asked from the first one's thread.
        self._gates = {
            name: threading.BoundedSemaphore(max(1, provider.capabilities.parallel))
            for name, provider in providers.items()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in self._pools.values():
            pool.shutdown(wait=True, cancel_futures=True)

    def begin(self, steps: Sequence[Step]) -> Future[Ended]:
        """Have an action's steps done, one after the other."""
        name = steps[0].provider
        if name not in self._pools:
            width = max(1, self._providers[name].capabilities.parallel)
            self._pools[name] = ThreadPoolExecutor(width, thread_name_prefix=f"tarmac-{name}")
        return self._pools[name].submit(self._act, steps)

    def _act(self, steps: Sequence[Step]) -> Ended:
        stopped = self._stop()
        outcome = Outcome(steps[0].action, Result.SKIPPED, "the run was stopped" if stopped else "")
        entries: list[LedgerEntry] = []
        for step in steps:
            if stopped or (outcome.result is Result.FAILED):
                why = "the run was stopped" if stopped else "the instance before it is still there"
                skipped = Outcome(step.action, Result.SKIPPED, why)
                entries.append(entry_of(self._job, step, Event.OUTCOME, skipped))
                continue
            outcome, there, tries = self._try(step)
            entries.append(entry_of(self._job, step, Event.OUTCOME, outcome, there, tries))
        return Ended(outcome, tuple(entries))

    def _try(self, step: Step) -> tuple[Outcome, Observation | None, int]:
        """One step, again after a rest where that can help: (how it ended, what is there then, how many tries)."""
        # A second rotation at once would end a credential that is still in use.
        most = 1 if step.verb is Verb.ROTATE else self._pace.tries
        tries = 0
        while True:
            tries += 1
            try:
                with self._gates[step.provider]:
                    there = _perform(self._job, step, self._providers[step.provider])
            except ProviderError as fault:
                outcome = Outcome(step.action, Result.FAILED, str(fault)[:_LONGEST_MESSAGE], fault.transient)
                if not fault.transient or tries >= most or not self._rested(self._pace.pause(tries)):
                    return outcome, None, tries
            else:
                failure = self._not_ready(step, there)
                if failure:
                    return Outcome(step.action, Result.FAILED, failure[:_LONGEST_MESSAGE], transient=True), None, tries
                pending = there is not None and there.presence is Presence.PENDING
                return Outcome(step.action, Result.PENDING if pending else Result.DONE), there, tries

    def _not_ready(self, step: Step, there: Observation | None) -> str:
        """Why what is there does not become ready by this step; "" where it does, or is so already."""
        known = self._job.states.get(step.subject.uid)
        is_ready = known is not None and known.phase is Phase.READY
        return "" if there is None or is_ready else there.failure

    def _rested(self, seconds: float) -> bool:
        """Rest, unless somebody asks for the end: then there is no further try."""
        while seconds > 0 and not self._stop():
            self._pace.sleep(min(_NAP, seconds))
            seconds -= _NAP
        return not self._stop()


def _perform(job: Job, step: Step, provider: Provider) -> Observation | None:
    """The effect. Whatever is found under the uid is looked at first: what is not ours is never touched."""
    uid = step.subject.uid
    there = provider.observe(uid)
    if there is not None and (there.tags is None or there.tags.platform != job.platform):
        unread = f"its tags cannot be read: {there.fault or 'no reason given'}"
        why = unread if there.tags is None else "it belongs to another platform"
        raise ProviderError(f"what stands under {uid} is not touched: {why}", transient=False)
    if step.verb in (Verb.DELETE, Verb.EXPIRE):
        provider.delete(uid)
        return None
    if step.wish is None:
        raise ProviderError(f"nothing says what {uid} should be", transient=False)
    if there is None or there.presence is Presence.BROKEN:
        faults = provider.validate(step.wish)
        if faults:
            raise ProviderError("; ".join(faults), transient=False)
        known = job.states.get(uid)
        return provider.create(uid, step.wish, (known.ready_at if known else None) or job.instant())
    if step.verb is Verb.ROTATE:
        if Capability.ROTATE not in provider.capabilities.verbs:
            raise ProviderError(f"provider {provider.name} cannot replace a credential", transient=False)
        provider.rotate(uid, job.now)
        return provider.observe(uid)
    if there.presence is Presence.READY and any(change.path not in LEDGER_ONLY for change in step.action.changes):
        if Capability.UPDATE not in provider.capabilities.verbs:
            raise ProviderError(f"provider {provider.name} cannot change an instance", transient=False)
        return provider.update(uid, step.wish)
    return there
