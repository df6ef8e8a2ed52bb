"""Requests that may be others under a new name, without saying so: held on both sides until a person has said it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tarmac.model.ledger import RequestState
from tarmac.model.plan import Approval, Desired, whole_of
from tarmac.planning.limits import approved
from tarmac.planning.ttl import has_expired, is_over
from tarmac.planning.waiting import short_name
from tarmac.planning.world import Found, World


def possible_renames(world: World, approvals: Sequence[Approval], now: datetime) -> dict[str, str]:
    """References to hold, with the reason: something of the same type, environment, owner and purpose goes while
    another comes, which is what a rename without `previously` looks like. What was there before, and what has had its
    time, does not come."""
    going: dict[tuple[str, ...], list[RequestState]] = {}
    for state in world.leftovers:
        gone = not state.phase.ended and whole_of(state.subject.request) not in world.wholes
        if gone and not approved(state.subject.path, approvals, now):
            going.setdefault(_shape_of_state(state), []).append(state)
    held: dict[str, str] = {}
    for want in world.desired:
        found = world.found(want)
        old = going.get(_shape(want), [])
        if not old or not _comes(want, found, now):
            continue
        first = min((state.subject for state in old), key=lambda subject: subject.request)
        name = short_name(whole_of(first.request))
        held[want.request] = (
            f"it may be {name} under a new name: write previously: [{name}] to keep that instance, or let "
            f"{first.path} go first, by a DeletionApproval"
        )
        for state in old:
            held[state.subject.request] = (
                f"it may have been renamed to {short_name(whole_of(want.request))}: write previously: "
                f"[{short_name(whole_of(state.subject.request))}] there, or approve the removal by a DeletionApproval"
            )
    return held


def _comes(want: Desired, found: Found, now: datetime) -> bool:
    """Whether the request is new, or back after its end."""
    if found.observation is not None:
        return False
    if found.state is None:
        return not has_expired(want, None, now)
    return found.state.phase.ended and not is_over(want, found.state, now)


def _shape(want: Desired) -> tuple[str, ...]:
    return (want.type, want.environment, want.owner, want.service or "", _part(want.request))


def _shape_of_state(state: RequestState) -> tuple[str, ...]:
    subject = state.subject
    kind = subject.type.partition("@")[0]
    return (kind, subject.environment, subject.owner, subject.service or "", _part(subject.request))


def _part(request: str) -> str:
    return request.removeprefix(whole_of(request))
