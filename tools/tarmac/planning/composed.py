"""Composed requests in planning: their parts live and end together, and a part is only dropped as data is only lost."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from tarmac.model.frozen import replace
from tarmac.model.ledger import Phase, RequestState
from tarmac.model.plan import Approval, Desired, Inventory, whole_of
from tarmac.planning.limits import approved
from tarmac.planning.ttl import expiry


def together(
    wishes: Iterable[Desired],
    states: Iterable[RequestState],
    inventories: Mapping[str, Inventory],
    platform: str,
) -> Iterator[Desired]:
    """The wishes, all parts of one request with the same end: its TTL runs from when the first of them was ready.

    So a part that comes later, or is made anew, does not prolong the others, and none stays behind.
    """
    every = tuple(wishes)
    if all(whole_of(want.request) == want.request for want in every):
        yield from every
        return
    ready = _ready({want.request for want in every}, states, inventories, platform)
    for want in every:
        whole = whole_of(want.request)
        end = expiry(want, ready.get(whole)) if whole != want.request else None
        yield want if end is None or want.ttl is None else replace(want, expires=end, ttl=None)


def _ready(
    wanted: Container[str], states: Iterable[RequestState], inventories: Mapping[str, Inventory], platform: str
) -> Mapping[str, datetime]:
    """Since when the first part of each composed request is ready: by what is there, else by what has expired, parts
    that it still has before others. What it was before it was composed is none of its parts."""
    there: dict[str, datetime] = {}
    over: dict[str, datetime] = {}
    dropped: dict[str, datetime] = {}
    living: set[str] = set()
    for state in states:
        name = whole_of(state.subject.request)
        if name == state.subject.request:
            continue
        if not state.phase.ended:
            living.add(name)
        if state.ready_at is None or state.phase is Phase.DEPROVISIONED:
            continue
        if not state.phase.ended:
            there[name] = min(there.get(name, state.ready_at), state.ready_at)
        elif state.subject.request in wanted:
            over[name] = min(over.get(name, state.ready_at), state.ready_at)
        else:
            dropped[name] = max(dropped.get(name, state.ready_at), state.ready_at)
    for inventory in inventories.values():
        for one in inventory.instances:
            tags = one.tags
            if tags is None or tags.platform != platform or tags.ready_at is None:
                continue
            name = whole_of(tags.reference)
            if name != tags.reference:
                there[name] = min(there.get(name, tags.ready_at), tags.ready_at)
    ended = {name: at for name, at in {**dropped, **over}.items() if name not in living}
    return {**ended, **there}


def wholes(wishes: Iterable[Desired]) -> Mapping[str, Desired]:
    """For each request that is wanted, whole or in parts: the first of its wishes, one that is held before others."""
    found: dict[str, Desired] = {}
    for want in wishes:
        name = whole_of(want.request)
        if name not in found or (found[name].hold is None and want.hold is not None):
            found[name] = want
    return found


def why_part_stays(want: Desired, environment: str, approvals: Sequence[Approval], now: datetime) -> str | None:
    """Why an instance stays whose request is still there and is made of something else now; None: it goes."""
    if want.hold is not None:
        return want.hold
    if {environment, want.environment} <= set(want.temporary) or approved(want.path, approvals, now):
        return None
    return (
        "its request is no longer made of it: it would be removed and its data lost, so it waits for a "
        f"DeletionApproval that names {want.path}"
    )
