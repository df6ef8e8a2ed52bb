"""Which requests have had their time for good, so that their files ask for nothing any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from tarmac.model.ledger import RequestState
from tarmac.model.plan import Desired, whole_of
from tarmac.planning.composed import together
from tarmac.planning.ttl import expiry, has_expired, is_over
from tarmac.planning.world import World


def expired(
    desired: Iterable[Desired], states: Iterable[RequestState], platform: str, now: datetime
) -> Mapping[str, datetime]:
    """The references of requests of which nothing lives and nothing comes back, with the instant that was their end;
    of a composed one every part has to be over, and the last end counts. What is held may be read wrongly, and counts
    as living."""
    known = tuple(states)
    wishes = tuple(together(desired, known, {}, platform))
    world = World.of(wishes, known, {}, platform, now)
    ends: dict[str, datetime] = {}
    living: set[str] = set()
    for want in wishes:
        whole = whole_of(want.request)
        end = None if want.hold is not None else _end(want, world.found(want).state, now)
        if end is None:
            living.add(whole)
        else:
            ends[whole] = max(ends.get(whole, end), end)
    return {whole: end for whole, end in sorted(ends.items()) if whole not in living}


def _end(want: Desired, state: RequestState | None, now: datetime) -> datetime | None:
    """The end of its life, or (it never began one) the stated end that is past. None: it is not over."""
    if state is None:
        return want.expires if has_expired(want, None, now) else None
    return expiry(want, state.ready_at) if is_over(want, state, now) else None
