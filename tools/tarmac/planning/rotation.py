"""When an instance's credential has had its time."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from tarmac.model.frozen import replace
from tarmac.model.plan import Action, Desired, Verb
from tarmac.model.values import show_duration, show_instant


def rotation_is_due(desired: Desired, since: datetime | None, now: datetime) -> bool:
    """Due when now is at or after `since` (when the credential was made; None: there is none, or nobody knows) plus
    the type's rotation. An age that leads out of the calendar is never reached."""
    if desired.rotation is None or since is None:
        return False
    try:
        return now >= since + desired.rotation
    except OverflowError:
        return False


def why_rotated(desired: Desired, since: datetime | None) -> str:
    """In words."""
    if not desired.rotation or since is None:
        return "somebody asked for another credential"
    return f"its credential is of {show_instant(since)}, and is replaced every {show_duration(desired.rotation)}"


def not_replaced(wishes: Iterable[Desired], actions: Iterable[Action]) -> Iterator[Action]:
    """Of the requests whose credential is to be replaced whatever its age: the steps that leave them theirs."""
    asked = {wish.request for wish in wishes if wish.rotation == timedelta(0)}
    for action in actions:
        if action.request in asked and action.verb not in (Verb.ROTATE, Verb.CREATE, Verb.REPLACE):
            yield action


def at_once(wishes: Iterable[Desired], names: Collection[str]) -> Iterator[Desired]:
    """The wishes, those of the names (`orders-db`, or a full reference) with a credential that is due whatever its
    age."""
    for wish in wishes:
        named = wish.request in names or wish.request.rpartition("/")[2] in names
        yield replace(wish, rotation=timedelta(0)) if named else wish
