"""Some files at a time: all of them, in order, and little held meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.model.together import MOST, MOST_BYTES, together

SIZES = st.lists(st.sampled_from([0, 1, 900, MOST_BYTES // 3, MOST_BYTES - 1, MOST_BYTES]), max_size=3 * MOST)


@given(SIZES)
def test_every_file_comes_once_in_order_and_no_more_is_held_than_has_to_be(sizes: list[int]) -> None:
    files = [(number, b"x" * size) for number, size in enumerate(sizes)]
    batches = list(together(files))
    assert [one for some in batches for one in some] == files
    for some in batches:
        assert 0 < len(some) <= MOST
        assert sum(len(content) for _, content in some[:-1]) <= MOST_BYTES
    for some in batches[:-1]:
        assert len(some) == MOST or sum(len(content) for _, content in some) > MOST_BYTES


@pytest.mark.parametrize("count", [0, 1, MOST - 1, MOST, MOST + 1, 2 * MOST])
def test_none_is_asked_for_before_those_before_it_were_taken(count: int) -> None:
    asked: list[int] = []

    def files() -> Iterator[tuple[int, str]]:
        for number in range(count):
            asked.append(number)
            yield number, "why it is not read"

    taken = 0
    for some in together(files()):
        assert len(asked) == taken + len(some)
        taken += len(some)
    assert taken == count
