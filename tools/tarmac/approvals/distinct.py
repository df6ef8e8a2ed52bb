"""Whether different people can stand for everything that is asked, nobody for two things."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from itertools import combinations, islice, product
from typing import TypeAlias

from tarmac.model.frozen import Frozen

# So many people of these.
Demand: TypeAlias = tuple[Collection[str], int]
# So many of these demands.
Choice: TypeAlias = tuple[int, Sequence[Demand]]

# How many ways to choose are tried. Nobody writes a rule with more, and what is not found is not there.
_TRIES = 1000


def enough(fixed: Sequence[Demand], choices: Sequence[Choice] = ()) -> bool:
    """Whether people can be dealt out so that every fixed demand is met, and of each choice as many as it needs.

    Beyond a thousand combinations of choices the answer is no.
    """
    return any(_dealt([*fixed, *chosen]) for chosen in islice(_ways(choices), _TRIES))


def _ways(choices: Sequence[Choice]) -> Iterator[list[Demand]]:
    # The ways of each choice are cut before they are multiplied, since `product` would list all of them first.
    each = [list(islice(combinations(demands, needed), _TRIES)) for needed, demands in choices]
    for ways in product(*each):
        yield [demand for way in ways for demand in way]


def _dealt(demands: Sequence[Demand]) -> bool:
    """Matching by augmenting paths (Kuhn): every demand has as many slots as people it needs."""
    people = frozenset[str]().union(*(names for names, _ in demands))
    if sum(count for _, count in demands) > len(people):
        return False
    slots = [sorted(names) for names, count in demands for _ in range(count)]
    dealt = _Dealt({}, {})
    return all(_placed(slot, slots, dealt) for slot in range(len(slots)))


class _Dealt(Frozen):
    """Who stands for which slot, and by whom each slot is held."""

    slot_of: dict[str, int]
    held_by: dict[int, str]


def _placed(slot: int, slots: Sequence[Sequence[str]], dealt: _Dealt) -> bool:
    """Find somebody for a slot, moving those who are placed where that helps; slots are looked through in breadth."""
    reached_from: dict[str, int] = {}
    waiting = [slot]
    for here in waiting:
        for person in slots[here]:
            if person in reached_from:
                continue
            reached_from[person] = here
            if person not in dealt.slot_of:
                _move(person, reached_from, dealt)
                return True
            waiting.append(dealt.slot_of[person])
    return False


def _move(person: str, reached_from: dict[str, int], dealt: _Dealt) -> None:
    """Give somebody free the slot they were reached from, whoever held that the one before, and so on to the first,
    which nobody holds."""
    moved: str | None = person
    while moved is not None:
        slot = reached_from[moved]
        before = dealt.held_by.get(slot)
        dealt.slot_of[moved], dealt.held_by[slot] = slot, moved
        moved = before
