"""Different people for everything that is asked: the same as trying every way to deal them out."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise, permutations, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.approvals.distinct import Choice, Demand, enough

PEOPLE = st.frozensets(st.sampled_from("abcde"), max_size=4)
DEMANDS = st.lists(st.tuples(PEOPLE, st.integers(1, 2)), max_size=3)
CHOICES = st.lists(
    st.lists(st.tuples(PEOPLE, st.integers(1, 2)), min_size=1, max_size=3).flatmap(
        lambda demands: st.tuples(st.integers(1, len(demands)), st.just(demands))
    ),
    max_size=2,
)


def slowly(demands: Sequence[Demand]) -> bool:
    slots = [set(people) for people, count in demands for _ in range(count)]
    return any(
        all(person in slot for person, slot in zip(dealt, slots, strict=True))
        for dealt in permutations("abcde", len(slots))
    )


@given(DEMANDS, CHOICES)
def test_it_is_the_same_as_trying_every_way(fixed: Sequence[Demand], choices: Sequence[Choice]) -> None:
    ways = product(*(combinations(demands, needed) for needed, demands in choices))
    expected = any(slowly([*fixed, *(one for part in way for one in part)]) for way in ways)
    assert enough(fixed, choices) is expected


@pytest.mark.parametrize(
    ("fixed", "expected"),
    [
        ([], True),
        ([("a", 1)], True),
        ([("", 1)], False),
        ([("a", 2)], False),
        ([("a", 1), ("a", 1)], False),
        ([("ab", 1), ("a", 1)], True),
        ([("ab", 1), ("bc", 1), ("ca", 1)], True),
        ([("ab", 1), ("ab", 1), ("ab", 1)], False),
        ([("abc", 2), ("a", 1), ("bc", 1)], False),
        ([("abcd", 2), ("a", 1), ("bc", 1)], True),
        ([("a", 10**12)], False),
    ],
)
def test_some_that_are_easy_to_see(fixed: Sequence[Demand], expected: bool) -> None:
    assert enough(fixed) is expected


def test_a_long_chain_is_moved_along() -> None:
    names = [f"p{number}" for number in range(1500)]
    fixed = [((one, other), 1) for one, other in pairwise(names)]
    assert enough([*fixed, ((names[0],), 1)])
    assert not enough([*fixed, ((names[0],), 1), ((names[1],), 1)])


def test_more_choices_than_can_be_tried_are_not_enough() -> None:
    many: Choice = (12, [((f"p{number % 7}",), 1) for number in range(24)])
    assert not enough([], [many, many])


def test_what_is_found_late_among_the_choices_is_found() -> None:
    demands: list[Demand] = [(("nobody",) if number == 31 else (), 1) for number in range(32)]
    assert enough([], [(1, demands)])


@pytest.mark.parametrize("people", ["abc", "abcd"])
def test_single_demands_of_few_people_are_all_tried(people: str) -> None:
    some = [part for size in (1, 2) for part in combinations(people, size)]
    for slots in product(some, repeat=3):
        demands = [(slot, 1) for slot in slots]
        assert enough([*demands, (people, 1)]) is slowly([*demands, (people, 1)])


def test_a_thousand_ways_are_tried_and_no_more() -> None:
    last = [(("a",) if number == 999 else (), 1) for number in range(1000)]
    beyond = [((), 1), *last]
    assert enough([], [(1, last)])
    assert not enough([], [(1, beyond)])
    assert enough([], [(1, last[-1:]), (1, [*last[:-1], (("b",), 1)])])
    assert not enough([], [(1, [((), 1), *last[-1:]]), (1, [*last[:-1], (("b",), 1)])])
