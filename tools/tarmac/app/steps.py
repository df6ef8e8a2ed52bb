"""What a plan's actions come down to: the steps, one effect each, and the ledger's lines about them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property

from tarmac.model.frozen import Frozen, field, replace
from tarmac.model.ledger import Event, Head, LedgerEntry, RequestState, Subject
from tarmac.model.plan import Action, Desired, Observation, Outcome, Plan, Result, Verb
from tarmac.planning.desired import subject_of


class Job(Frozen, dict=True):
    """A plan, and what it was made from. `run` names the run in the ledger, `holder` the clone that it happens in.

    `clock` tells when a step ended and until when a lease lasts; without one all happens at `now`. `made_up` says
    that `now` is not the clock's, so that only leases go by the clock. `merged` says of a file when it came to the
    branch as it is.
    """

    plan: Plan
    desired: Mapping[str, Desired]
    states: Mapping[str, RequestState]
    head: Head
    platform: str
    now: datetime
    holder: str = ""
    clock: Callable[[], datetime] | None = None
    made_up: bool = True
    merged: Mapping[str, datetime] = field(default_factory=dict)

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

    def instant(self) -> datetime:
        """When something ends that ends now."""
        return self.now if self.made_up or self.clock is None else max(self.now, self.clock())

    def real_instant(self) -> datetime:
        """What the clock says, also where `now` is made up."""
        return self.now if self.clock is None else self.clock()


class Step(Frozen):
    """One effect. A replacement has two: the second waits for the first."""

    action: Action
    verb: Verb
    provider: str
    subject: Subject
    wish: Desired | None
    reason: str
    supersedes: tuple[str, ...] = ()


def steps_of(job: Job, action: Action) -> Iterator[Step]:
    """The steps of one action, in their order."""
    wish = job.desired.get(action.request or "")
    uid = action.uid or ""
    if action.verb is Verb.REPLACE and wish is not None and action.successor is not None:
        life, successor = action.successor
        why = f"replaced: {action.reason}"
        old = _old_subject(job, action, wish)
        yield Step(action, Verb.DELETE, action.provider, old, None, why)
        new = subject_of(job.platform, wish, successor, life)
        yield Step(action, Verb.CREATE, wish.provider, new, wish, why, _earlier(job, successor, action.request, uid))
    elif action.verb.removes:
        old = _old_subject(job, action, wish)
        earlier = _earlier(job, uid, action.request)
        yield Step(action, action.verb, action.provider, old, None, action.reason, earlier)
    elif wish is not None:
        subject = subject_of(job.platform, wish, uid, action.life)
        earlier = _earlier(job, uid, action.request)
        yield Step(action, action.verb, action.provider, subject, wish, action.reason, earlier)


def entry_of(
    job: Job,
    step: Step,
    event: Event,
    outcome: Outcome | None = None,
    there: Observation | None = None,
    tries: int = 1,
) -> LedgerEntry:
    """The line about a step: its intent, or with `outcome` how it ended, after so many tries."""
    ready_at = there.tags.ready_at if there is not None and there.tags is not None else None
    if step.verb is Verb.EXPIRE and event is Event.INTENT:
        ready_at = step.action.ready_at
    over = outcome is not None and outcome.result in (Result.DONE, Result.PENDING)
    return LedgerEntry(
        run=job.run,
        at=job.now if outcome is None else job.instant(),
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
        tries=tries,
        merged_at=_merged(job, step) if outcome is not None and outcome.result is Result.DONE else None,
    )


def _merged(job: Job, step: Step) -> datetime | None:
    """When what the step made ready for the first time was merged."""
    known = job.states.get(step.subject.uid)
    new = known is None or known.ready_at is None
    return job.merged.get(step.subject.path) if new and step.verb in (Verb.CREATE, Verb.RETRY) else None


def used_providers(actions: Iterable[Action], desired: Mapping[str, Desired]) -> frozenset[str]:
    """The names of the providers that the actions would ask for something."""
    names = set()
    for action in actions:
        names.add(action.provider)
        wish = desired.get(action.request or "")
        if wish is not None:
            names.add(wish.provider)
    return frozenset(names)


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
        return replace(subject_of(job.platform, wish, uid, action.life), provider=action.provider)
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
