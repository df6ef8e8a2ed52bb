"""What functions cost: exactly so much may be done, and what comes after is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tarmac.adapters.cel_values import sizes
from tarmac.adapters.cel_work import BUDGET, Work, too_many
from tarmac.model.expressions import Fact

LOOKS: tuple[Callable[[Work], None], ...] = (lambda work: work.on_text(0), Work.look)
STEPS = "it takes too many steps: it looks at too much in all(), map() and the like"


def begun(elements: int | None = None) -> Work:
    work = Work()
    work.begin(elements)
    return work


@pytest.mark.parametrize("made", [Work, begun])
@pytest.mark.parametrize(
    ("step", "times"),
    [
        (lambda work: work.on_text(0), BUDGET // 400),
        (lambda work: work.on_text(100), BUDGET // 1800),
        (lambda work: work.look(), BUDGET // 2000),
        (lambda work: work.found([0]), BUDGET // 5000),
        (lambda work: work.found_texts(1), BUDGET // 5000),
        (lambda work: work.found((0,) * 20), BUDGET // 100_000),
    ],
)
def test_the_step_that_goes_over_is_done_and_the_next_one_is_not(
    made: Callable[[], Work], step: Callable[[Work], None], times: int
) -> None:
    for look in LOOKS:
        work = made()
        for _ in range(times):
            step(work)
        # What is done fits, to the last unit; this is the step that goes over.
        look(work)
        work.found([0])
        with pytest.raises(ValueError, match="too many steps") as raised:
            look(work)
        assert str(raised.value) == STEPS
        work.begin(None)
        look(work)


def test_what_has_room_for_one_step_more_takes_it() -> None:
    work = begun()
    for _ in range(BUDGET // 2000 - 1):
        work.look()
    work.on_text(0)
    work.look()
    with pytest.raises(ValueError, match="too many steps"):
        work.look()


@pytest.mark.parametrize("fact", ["a" * 5_000_000, 7, None, {"a": 1}])
def test_what_is_no_list_costs_nothing_more(fact: str | int | None | dict[str, int]) -> None:
    work = begun()
    work.found(fact)
    for _ in range(BUDGET // 2000):
        work.look()
    work.look()


@pytest.mark.parametrize("give", [Work.found_texts, Work.found_elements])
def test_no_more_elements_are_given_than_an_expression_works_on(give: Callable[[Work, int], None]) -> None:
    for limit, refused in ((3, True), (4, False), (None, False)):
        work = begun(limit)
        if refused:
            with pytest.raises(ValueError, match="facts of more than 3 elements") as raised:
                give(work, 4)
            assert str(raised.value) == too_many(3)
        else:
            give(work, 4)
    fresh = Work()
    give(fresh, 100_000)


def test_elements_within_elements_count() -> None:
    nested: Fact = [[1, 2], [3, 4]]
    begun(sizes(nested)[0]).found(nested)
    with pytest.raises(ValueError, match=f"facts of more than {sizes(nested)[0] - 1} elements"):
        begun(sizes(nested)[0] - 1).found(nested)


def test_whoever_begins_anew_knows_of_no_fractions() -> None:
    work = Work()
    assert work.fractions is False
    work.fractions = True
    work.begin(None)
    assert work.fractions is False


def test_the_words_for_too_many() -> None:
    assert too_many(2000) == (
        "facts of more than 2,000 elements are not worked on by map() and filter() or compared in loops: "
        "write all() or exists(), and compare with what is written out"
    )
