"""Which steps of a plan come before which: what is needed is made first, and removed last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tarmac.model.ledger import RequestState
from tarmac.model.plan import Action, Desired, Verb

_REMOVALS = (Verb.DELETE, Verb.EXPIRE)


def before(
    actions: Iterable[Action], desired: Mapping[str, Desired], states: Mapping[str, RequestState]
) -> Mapping[int, tuple[int, ...]]:
    """For each action, by its place in `actions`: the places of those that must have ended well first.

    Something is made after all that it needs. Something is removed after all that needed it, by the ledger's word, as
    a file that is gone says nothing any more. `states` are by uid, `desired` by reference. A circle is no order: its
    members wait for nobody in it (the rule `cycle` refuses it long before).
    """
    every = tuple(actions)
    makes: dict[str, list[int]] = {}
    removals: dict[str, list[int]] = {}
    for place, action in enumerate(every):
        (removals if action.verb in _REMOVALS else makes).setdefault(action.request or "", []).append(place)
    found: dict[int, tuple[int, ...]] = {}
    for place, action in enumerate(every):
        if action.verb not in _REMOVALS:
            wish = desired.get(action.request or "")
            needed = () if wish is None else wish.needs
            found[place] = tuple(sorted({other for name in needed for other in makes.get(name, ())}))
    for place, action in enumerate(every):
        if action.verb in _REMOVALS:
            found[place] = ()
    for place, action in enumerate(every):
        state = states.get(action.uid or "")
        if action.verb in _REMOVALS and state is not None:
            for name in state.subject.needs:
                for other in removals.get(name, ()):
                    found[other] = tuple(sorted({*found[other], place}))
    return _without_circles(found)


def in_order(after: Mapping[int, tuple[int, ...]]) -> tuple[int, ...]:
    """Every place once, those that it waits for before it, otherwise from small to large."""
    done: dict[int, None] = {}
    for place in sorted(after):
        _down(place, after, done)
    return tuple(done)


def _down(start: int, after: Mapping[int, tuple[int, ...]], done: dict[int, None]) -> None:
    """Put `start` into `done`, behind all that it waits for and that is not there yet."""
    stack = [(start, iter(after[start]))]
    open_ = {start}
    while stack:
        place, waiting = stack[-1]
        following = next((one for one in waiting if one not in done and one not in open_), None)
        if following is None:
            done[place] = None
            stack.pop()
        else:
            open_.add(following)
            stack.append((following, iter(after[following])))


def _without_circles(after: Mapping[int, tuple[int, ...]]) -> Mapping[int, tuple[int, ...]]:
    rank = {place: number for number, place in enumerate(in_order(after))}
    return {place: tuple(one for one in waits if rank[one] < rank[place]) for place, waits in after.items()}
