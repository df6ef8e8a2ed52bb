"""When a request's instance has had its time."""

from __future__ import annotations

from datetime import datetime

from tarmac.model.ledger import Phase, RequestState
from tarmac.model.plan import Desired
from tarmac.model.values import show_duration, show_instant


def expiry(desired: Desired, ready_at: datetime | None) -> datetime | None:
    """The instant at which it expires: the stated one, or the TTL from the ready instant. None: never, or not yet
    known. A TTL that leads out of the calendar never ends."""
    if desired.expires is not None:
        return desired.expires
    if desired.ttl is None or ready_at is None:
        return None
    try:
        return ready_at + desired.ttl
    except OverflowError:
        return None


def removal(desired: Desired, ready_at: datetime | None) -> datetime | None:
    """The instant at which its instance is removed: its end, and the grace after it. None as for `expiry`."""
    end = expiry(desired, ready_at)
    try:
        return None if end is None else end + desired.grace
    except OverflowError:
        return None


def in_grace(desired: Desired, ready_at: datetime | None, last: datetime | None) -> str:
    """In words: it has had its time, and is still there."""
    when = "never removed" if last is None else f"removed on {show_instant(last)} unless it is renewed"
    return f"{why_expired(desired, ready_at)}; it is {when}"


def has_expired(desired: Desired, ready_at: datetime | None, now: datetime) -> bool:
    """Expired when now is at or after the instant."""
    end = expiry(desired, ready_at)
    return end is not None and now >= end


def is_over(desired: Desired, state: RequestState, now: datetime) -> bool:
    """Whether the life that the state tells of has ended, and the wish still means that end.

    An instance that expired was removed at an instant that is recorded: an end that had come by then is the same end,
    whatever a clock that went back says now.
    """
    if state.phase is Phase.EXPIRED:
        return has_expired(desired, state.ready_at, max(now, state.since))
    return state.phase.ended and has_expired(desired, None, now)


def why_expired(desired: Desired, ready_at: datetime | None) -> str:
    """In words."""
    end = expiry(desired, ready_at)
    when = "" if end is None else f" on {show_instant(end)}"
    if desired.expires is None and desired.ttl is not None and ready_at is not None:
        return f"its TTL of {show_duration(desired.ttl)}, ready since {show_instant(ready_at)}, ended{when}"
    return f"it expired{when}"


def life_span(desired: Desired) -> str:
    """How long it will live, in words."""
    if desired.expires is not None:
        return f"until {show_instant(desired.expires)}"
    if desired.ttl is not None:
        return f"for {show_duration(desired.ttl)} from being ready"
    return "for good"
