"""Requests that depend on others: nothing is made before what it depends on is there, or comes in the same run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tarmac.model.frozen import replace
from tarmac.model.plan import Action, Presence, Verb
from tarmac.planning.world import World


def waiting(world: World, actions: Sequence[Action]) -> Iterator[Action]:
    """The requests' actions, those held that would make something before what it depends on is there."""
    by_request = {action.request: action for action in actions}
    holds: dict[str | None, str] = {}
    making = [action for action in actions if action.verb in (Verb.CREATE, Verb.RETRY) and not action.live]
    changed = True
    while changed:
        changed = False
        for action in making:
            if action.request in holds:
                continue
            missing = next(
                (
                    name
                    for name in world.needs(action.request)
                    if not _will_be_there(world, by_request.get(name), holds)
                ),
                None,
            )
            if missing is not None:
                changed = True
                holds[action.request] = f"it depends on {short_name(missing)}, {_why(by_request.get(missing), holds)}"
    for action in actions:
        why = holds.get(action.request)
        yield action if why is None else replace(action, verb=Verb.HOLD, reason=why, changes=())


def _will_be_there(world: World, action: Action | None, holds: Mapping[str | None, str]) -> bool:
    if action is None or action.request in holds or action.verb is Verb.EXPIRE:
        return False
    if action.verb.has_effect:
        return True
    there = world.observed(action.provider, action.uid or "")
    return there is not None and there.presence is Presence.READY


def _why(action: Action | None, holds: Mapping[str | None, str]) -> str:
    if action is None:
        return "which nobody asks for"
    if action.verb is Verb.HOLD or action.request in holds:
        return "which is held"
    return "which is not ready" if action.live else "which has had its time"


def short_name(reference: str) -> str:
    """The name of a request alone."""
    return reference.rpartition("/")[2]
