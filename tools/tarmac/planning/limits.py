"""The guard on removals: how many one run may make before a person has to say so.

Counted for the whole run, and for each resource type, team and provider: at most the platform's share (rounded down)
of the live instances there, and at most its count. All parts of a composed request count as one instance, as they are
asked for and end together. What stays only because it is protected counts too: who takes so many files away has most
likely lost them. Three are always allowed unless the share or the count is 0. What a dated DeletionApproval names does
not count. Removing everything because nothing is asked for any more is never allowed without one.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction

from tarmac.catalog.view import CatalogView
from tarmac.model.globs import matches
from tarmac.model.plan import Action, Approval, Breach, Inventory, Limits, Plan, whole_of
from tarmac.model.values import BadValue, end_of_day, parse_day, parse_percent

ALWAYS_ALLOWED = 3
DEFAULT = Limits(Fraction(1, 5), 10)


def limits(catalog: CatalogView) -> Limits:
    """The platform's deletionLimits; what it does not say, or says wrongly, is 20% and 10."""
    platform = catalog.platform()
    if platform is None:
        return DEFAULT
    share, count = platform.text("spec", "deletionLimits", "share"), platform.get("spec", "deletionLimits", "count")
    try:
        fraction = DEFAULT.share if share is None else parse_percent(share)
    except BadValue:
        fraction = DEFAULT.share
    whole = count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else DEFAULT.count
    return Limits(fraction, whole)


def approvals(catalog: CatalogView, faulty: Container[str] = ()) -> tuple[Approval, ...]:
    """Every DeletionApproval whose day can be read and whose reference is not among the faulty ones."""
    found = []
    for entity in catalog.of_kind("deletionapproval"):
        try:
            day = end_of_day(parse_day(entity.text("spec", "expires") or ""))
        except BadValue:
            continue
        if str(entity.ref) in faulty:
            continue
        found.append(Approval(entity.name, entity.texts("spec", "requests"), day))
    return tuple(found)


def approved(path: str, given: Sequence[Approval], now: datetime) -> bool:
    """Whether an approval that still holds names the request's file."""
    return any(
        (approval.expires is None or now < approval.expires) and any(matches(glob, path) for glob in approval.globs)
        for approval in given
    )


def breaches(
    plan: Plan,
    inventories: Mapping[str, Inventory],
    *,
    platform: str,
    limits: Limits,
    approvals: Sequence[Approval],
    now: datetime,
    wanted: int,
) -> tuple[Breach, ...]:
    """The limits that the plan breaks; empty: it may be applied. `wanted` is how many requests git holds."""
    live = _live(inventories, platform)
    counted = [
        action
        for action in plan.actions
        if action.lets_go and action.live and not approved(action.path, approvals, now)
    ]
    if counted and not wanted:
        return (
            Breach("an empty repository: no request is left", live[""].get("", 0), _count(counted), 0, _names(counted)),
        )
    return tuple(_broken(live, counted, limits))


def allowance(live: int, limits: Limits) -> int:
    """How many of so many live instances may go in one run."""
    if limits.share == 0 or limits.count == 0:
        return 0
    return max(ALWAYS_ALLOWED, min(int(live * limits.share), limits.count))


def _broken(live: Mapping[str, Mapping[str, int]], counted: Sequence[Action], limits: Limits) -> Iterator[Breach]:
    for scope, counts in live.items():
        groups: dict[str, list[Action]] = {}
        for action in counted:
            groups.setdefault(_key(scope, action), []).append(action)
        for key, actions in sorted(groups.items()):
            there = counts.get(key, 0)
            allowed = allowance(there, limits)
            if _count(actions) > allowed:
                where = f"{scope} {key}" if scope else "the whole run"
                yield Breach(where, there, _count(actions), allowed, _names(actions))


def _key(scope: str, action: Action) -> str:
    match scope:
        case "type":
            return action.type.partition("@")[0]
        case "team":
            return action.owner
        case "provider":
            return action.provider
    return ""


def _live(inventories: Mapping[str, Inventory], platform: str) -> Mapping[str, Mapping[str, int]]:
    found: dict[str, dict[str, set[str]]] = {"": {}, "type": {}, "team": {}, "provider": {}}
    for inventory in inventories.values():
        for there in inventory.instances:
            if there.tags is None or there.tags.platform != platform:
                continue
            keys = {
                "": "",
                "type": there.tags.type.partition("@")[0],
                "team": there.tags.owner,
                "provider": inventory.provider,
            }
            for scope, key in keys.items():
                found[scope].setdefault(key, set()).add(_unit(there.tags.reference, there.uid))
    return {scope: {key: len(units) for key, units in counts.items()} for scope, counts in found.items()}


def _count(actions: Sequence[Action]) -> int:
    return len({_unit(action.request or "", action.uid or "") for action in actions})


def _unit(request: str, uid: str) -> str:
    """What counts as one: an instance, or all parts of one request."""
    whole = whole_of(request)
    return uid if whole == request else whole


def _names(actions: Sequence[Action]) -> tuple[str, ...]:
    return tuple(action.request or action.uid or "" for action in actions)
