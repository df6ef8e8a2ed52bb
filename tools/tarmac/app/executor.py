"""The only place that applies a plan: intents to the ledger, the effects, outcomes to the ledger, wave by wave.

Killed anywhere, the next run finds intents without outcomes and looks their uids up. A failure of one step stops no
other. Asked to stop, it finishes the step at hand and records the rest of the wave as not begun.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property

from tarmac.app.deps import Ledger
from tarmac.errors import LedgerConflict, ProviderError
from tarmac.model.ledger import Event, Head, LedgerEntry, RequestState, Subject
from tarmac.model.plan import Action, Desired, Observation, Outcome, Plan, Presence, Result, Verb
from tarmac.planning.differ import LEDGER_ONLY
from tarmac.planning.order import before, in_order
from tarmac.providers.base import Capability, Provider

_WAVE = 50
_TRIES = 5
_LONGEST_MESSAGE = 500


@dataclass(frozen=True)
class Job:
    """A plan, and what it was made from. `run` names the run in the ledger."""

    plan: Plan
    desired: Mapping[str, Desired]
    states: Mapping[str, RequestState]
    head: Head
    platform: str
    now: datetime

    @cached_property
    def ended(self) -> Mapping[str, tuple[str, ...]]:
        """The uids of lives that are over, by request."""
        found: dict[str, tuple[str, ...]] = {}
        for uid, state in self.states.items():
            if state.phase.ended:
                found[state.subject.request] = (*found.get(state.subject.request, ()), uid)
        return found

    @cached_property
    def run(self) -> str:
        """The instant, and a digest of what the run stands on: no two runs share both and the ledger's head."""
        seen = f"{self.now.isoformat()} {self.head.hash} {self.plan.hash}"
        return f"{self.now:%Y%m%dT%H%M%SZ}-{hashlib.sha256(seen.encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class Executed:
    """How the actions ended, in their order, and where the ledger stands. `stopped`: some were not begun."""

    outcomes: tuple[Outcome, ...]
    head: Head
    stopped: bool


@dataclass(frozen=True, slots=True)
class _Step:
    """One effect. A replacement has two: the second waits for the first."""

    action: Action
    verb: Verb
    provider: str
    subject: Subject
    wish: Desired | None
    reason: str
    supersedes: tuple[str, ...] = ()


def execute(
    job: Job,
    providers: Mapping[str, Provider],
    ledger: Ledger,
    stop: Callable[[], bool],
    tell: Callable[[Outcome], None],
) -> Executed:
    """Apply every action that has an effect.

    `stop` is asked before each step, `tell` hears each outcome when it is known.

    Raises:
        LedgerConflict: another run wrote to the ledger. What was done so far is recorded; nothing else was begun.
    """
    head, batch = job.head, 0
    outcomes: list[Outcome] = []
    order = in_order(before(job.plan.effects, job.desired, job.states))
    actions = tuple(job.plan.effects[place] for place in order)
    for start in range(0, len(actions), _WAVE):
        if stop():
            break
        wave = [tuple(_steps(job, action)) for action in actions[start : start + _WAVE]]
        intents = [_entry(job, step, Event.INTENT) for steps in wave for step in steps]
        head = ledger.append(head, job.run, batch + 1, intents)
        done: list[LedgerEntry] = []
        try:
            for steps in wave:
                outcomes.append(_act(job, steps, providers, done, stop()))
                tell(outcomes[-1])
        finally:
            head = _record(ledger, head, job.run, batch + 2, done)
        batch += 2
    stopped = len(outcomes) < len(actions) or any(outcome.result is Result.SKIPPED for outcome in outcomes)
    return Executed(tuple(outcomes), head, stopped)


def _record(ledger: Ledger, head: Head, run: str, batch: int, entries: Sequence[LedgerEntry]) -> Head:
    """Write outcomes, whatever else was written meanwhile: they are facts. The plan is stale then, so it ends here."""
    try:
        return ledger.append(head, run, batch, entries)
    except LedgerConflict as conflict:
        for _ in range(_TRIES):
            try:
                ledger.append(ledger.head(), run, batch, entries)
            except LedgerConflict:
                continue
            raise conflict
        raise


def _act(
    job: Job, steps: Sequence[_Step], providers: Mapping[str, Provider], done: list[LedgerEntry], stopped: bool
) -> Outcome:
    outcome = Outcome(steps[0].action, Result.SKIPPED, "the run was stopped" if stopped else "")
    for step in steps:
        if stopped or (outcome.result is Result.FAILED):
            why = "the run was stopped" if stopped else "the instance before it is still there"
            done.append(_entry(job, step, Event.OUTCOME, Outcome(step.action, Result.SKIPPED, why)))
            continue
        there: Observation | None = None
        try:
            there = _perform(job, step, providers[step.provider])
        except ProviderError as fault:
            message = str(fault)[:_LONGEST_MESSAGE]
            outcome = Outcome(step.action, Result.FAILED, message, fault.transient)
        else:
            pending = there is not None and there.presence is Presence.PENDING
            outcome = Outcome(step.action, Result.PENDING if pending else Result.DONE)
        done.append(_entry(job, step, Event.OUTCOME, outcome, there))
    return outcome


def _perform(job: Job, step: _Step, provider: Provider) -> Observation | None:
    """The effect. Whatever is found under the uid is looked at first: what is not ours is never touched."""
    uid = step.subject.uid
    there = provider.observe(uid)
    if there is not None and (there.tags is None or there.tags.platform != job.platform):
        why = there.fault or "it belongs to another platform"
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
        return provider.create(uid, step.wish, (known.ready_at if known else None) or job.now)
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


def _steps(job: Job, action: Action) -> Iterator[_Step]:
    wish = job.desired.get(action.request or "")
    uid = action.uid or ""
    if action.verb is Verb.REPLACE and wish is not None and action.successor is not None:
        life, successor = action.successor
        why = f"replaced: {action.reason}"
        old = _old_subject(job, action, wish)
        yield _Step(action, Verb.DELETE, action.provider, old, None, why)
        new = _subject(job, wish, successor, life)
        yield _Step(action, Verb.CREATE, wish.provider, new, wish, why, _earlier(job, successor, action.request, uid))
    elif action.verb.removes:
        old = _old_subject(job, action, wish)
        earlier = _earlier(job, uid, action.request)
        yield _Step(action, action.verb, action.provider, old, None, action.reason, earlier)
    elif wish is not None:
        subject = _subject(job, wish, uid, action.life)
        earlier = _earlier(job, uid, action.request)
        yield _Step(action, action.verb, action.provider, subject, wish, action.reason, earlier)


def _earlier(job: Job, uid: str, request: str | None, *also: str) -> tuple[str, ...]:
    """Earlier lives of the request that are over, or will be by then."""
    over = {found for found in job.ended.get(request or "", ()) if found != uid}
    return tuple(sorted(over | set(also)))


def _old_subject(job: Job, action: Action, wish: Desired | None) -> Subject:
    uid = action.uid or ""
    known = job.states.get(uid)
    if known is not None:
        return replace(known.subject, request=action.request or known.subject.request)
    if wish is not None:
        return replace(_subject(job, wish, uid, action.life), provider=action.provider)
    return Subject(
        platform=job.platform,
        request=action.request or "",
        uid=uid,
        life=action.life,
        provider=action.provider,
        type=action.type,
        owner=action.owner,
        service=None,
        environment="",
        cost_centre="",
        path=action.path,
    )


def _subject(job: Job, wish: Desired, uid: str, life: int) -> Subject:
    return Subject(
        platform=job.platform,
        request=wish.request,
        uid=uid,
        life=life,
        provider=wish.provider,
        type=wish.type_text,
        owner=wish.owner,
        service=wish.service,
        environment=wish.environment,
        cost_centre=wish.cost_centre,
        path=wish.path,
        config=wish.config,
        needs=wish.needs,
        protected=wish.protected,
    )


def _entry(
    job: Job,
    step: _Step,
    event: Event,
    outcome: Outcome | None = None,
    there: Observation | None = None,
) -> LedgerEntry:
    ready_at = there.tags.ready_at if there is not None and there.tags is not None else None
    if step.verb is Verb.EXPIRE and event is Event.INTENT:
        ready_at = step.action.ready_at
    over = outcome is not None and outcome.result in (Result.DONE, Result.PENDING)
    return LedgerEntry(
        run=job.run,
        at=job.now,
        event=event,
        action=str(step.verb),
        subject=step.subject,
        reason=step.reason,
        base=job.plan.base,
        result=None if outcome is None else str(outcome.result),
        message="" if outcome is None else outcome.message,
        transient=outcome is not None and outcome.transient,
        digest="" if step.wish is None else step.wish.digest,
        ready_at=ready_at,
        supersedes=step.supersedes if over else (),
        secret="" if there is None else there.secret,
        credential_since=None if there is None else there.credential_since,
    )


def used_providers(actions: Iterable[Action], desired: Mapping[str, Desired]) -> frozenset[str]:
    """The names of the providers that the actions would ask for something."""
    names = set()
    for action in actions:
        names.add(action.provider)
        wish = desired.get(action.request or "")
        if wish is not None:
            names.add(wish.provider)
    return frozenset(names)
