"""Which requests have had their time for good, so that their files ask for nothing any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from tarmac.model.ledger import RequestState
from tarmac.model.plan import Desired, whole_of
from tarmac.planning.ttl import expiry, is_over
from tarmac.planning.world import World


def expired(
    desired: Iterable[Desired], states: Iterable[RequestState], platform: str, now: datetime
) -> Mapping[str, datetime | None]:
    """The references of requests of which nothing lives and nothing comes back, with the instant that was their end;
    of a composed one every part has to be over. What is held may be read wrongly, and counts as living."""
    wishes = tuple(desired)
    world = World.of(wishes, states, {}, platform, now)
    ends: dict[str, datetime | None] = {}
    living: set[str] = set()
    for want in wishes:
        state, whole = world.found(want).state, whole_of(want.request)
        if want.hold is not None or not _is_over(want, state, now):
            living.add(whole)
            continue
        end = expiry(want, None if state is None else state.ready_at)
        known = ends.get(whole)
        ends[whole] = end if known is None or end is None else max(known, end)
    return {whole: end for whole, end in sorted(ends.items()) if whole not in living}


def _is_over(want: Desired, state: RequestState | None, now: datetime) -> bool:
    """Whether its life ended, or it never began one and its stated end is past."""
    if state is not None:
        return is_over(want, state, now)
    return want.expires is not None and now >= want.expires
