"""Of which states people are told: an end that comes near, what failed, is held, drifted, is unwell or nobody's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from tarmac.model.notice import Notice, Topic
from tarmac.model.plan import Action, Breach, Desired, Outcome, Plan, Result, Verb, whole_of
from tarmac.model.values import show_instant
from tarmac.planning.ttl import expiry, removal

# Days before an end at which its owner is told.
DAYS = (7, 3, 1)


def notices(
    plan: Plan,
    desired: Mapping[str, Desired],
    now: datetime,
    *,
    outcomes: Iterable[Outcome] = (),
    breaches: Iterable[Breach] = (),
    unhealthy: Mapping[str, str] | None = None,
) -> tuple[Notice, ...]:
    """All that lasts now, sorted by key. `unhealthy` says by uid what is wrong with an instance. The end of a composed
    request, and why it is held, is said once and not for each part."""
    found = [*_ends(plan, desired, now), *_plan(plan), *_failures(outcomes), *_unwell(plan, unhealthy or {})]
    scopes = sorted(breach.scope for breach in breaches)
    if scopes:
        text = f"a run would remove more than it may ({', '.join(scopes)}): nothing was done"
        found.append(Notice(f"refused:{_digest(*scopes)}", Topic.REFUSED, "", "", text))
    return tuple(sorted({notice.key: notice for notice in found}.values(), key=lambda notice: notice.key))


def _ends(plan: Plan, desired: Mapping[str, Desired], now: datetime) -> Iterator[Notice]:
    first = _first_ready(plan)
    for action in plan.actions:
        want = desired.get(action.request or "")
        if want is None or not action.live or action.verb.removes:
            continue
        ready_at = first.get(_whole(action))
        end = expiry(want, ready_at)
        if end is None:
            continue
        when = show_instant(end)
        if now < end:
            days = min((days for days in DAYS if end - now <= timedelta(days=days)), default=None)
            # Nobody needs to hear at once that what was asked for a week lives no longer than that.
            if days is not None and (ready_at is None or end - ready_at > timedelta(days=days)):
                text = f"its time ends on {when}, within {days} day{'s' * (days != 1)}: {_renew(action)}"
                yield _of_whole(f"expires:{_whole(action)}:{when}:{days}", Topic.EXPIRES, action, text)
        else:
            last = removal(want, ready_at)
            gone = "" if last is None else f" and it is removed on {show_instant(last)}"
            text = f"its time ended on {when}{gone}: {_renew(action)}"
            yield _of_whole(f"ended:{_whole(action)}:{when}", Topic.ENDED, action, text)


def _first_ready(plan: Plan) -> Mapping[str, datetime]:
    """Since when the first part of each request is ready, as the time to live of all its parts runs from there."""
    first: dict[str, datetime] = {}
    for action in plan.actions:
        if action.ready_at is not None:
            name = _whole(action)
            first[name] = min(first.get(name, action.ready_at), action.ready_at)
    return first


def _plan(plan: Plan) -> Iterator[Notice]:
    for action in plan.actions:
        if action.verb is Verb.HOLD:
            key = f"held:{_whole(action)}:{_digest(action.reason)}"
            yield _of_whole(key, Topic.HELD, action, f"it is held: {action.reason}")
        elif action.verb is Verb.ORPHAN:
            text = f"an instance at {action.provider} is nobody's: {action.uid}"
            yield _about(f"orphaned:{action.provider}:{action.uid}", Topic.ORPHANED, action, text)
        elif action.drifted and action.verb is Verb.NONE:
            key = f"drifted:{action.uid}:{_digest(*action.drifted)}"
            yield _about(key, Topic.DRIFTED, action, f"somebody changed {', '.join(action.drifted)}")


def _failures(outcomes: Iterable[Outcome]) -> Iterator[Notice]:
    for outcome in outcomes:
        if outcome.result is Result.FAILED:
            action = outcome.action
            text = f"it could not {action.verb}: {outcome.message}"
            yield _about(f"failed:{action.request or action.uid}", Topic.FAILED, action, text)


def _unwell(plan: Plan, unhealthy: Mapping[str, str]) -> Iterator[Notice]:
    for action in plan.actions:
        wrong = unhealthy.get(action.uid or "")
        if wrong is not None:
            yield _about(f"unhealthy:{action.uid}", Topic.UNHEALTHY, action, f"it is not well: {wrong}")


def _about(key: str, topic: Topic, action: Action, text: str) -> Notice:
    return Notice(key, topic, action.owner, action.request or "", text)


def _of_whole(key: str, topic: Topic, action: Action, text: str) -> Notice:
    return Notice(key, topic, action.owner, _whole(action), text)


def _whole(action: Action) -> str:
    return whole_of(action.request or "")


def _renew(action: Action) -> str:
    name = _whole(action).rpartition("/")[2]
    return f"tarmac request renew {name} --ttl 14d keeps it"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
