"""The policies and the callables that they are measured beside say the same of the same documents."""

from __future__ import annotations

from bench.figures import policies
from bench.policies import measure
from bench.policy_pairs import PAIRS


def test_there_are_thirty_of_each_and_they_find_the_same() -> None:
    assert len({pair.name for pair in PAIRS}) == 30
    found = measure(400)
    assert found["policies"] > 0
    assert found["ratio"] == found["policies"] / found["callables"]


def test_the_promise_is_ten_times_at_most() -> None:
    assert [policies(ratio, 10_000).holds for ratio in (10.0, 10.01, None)] == [True, False, None]
