"""The values that siblings hand each other: sums, amounts as facts, states and trees of decisions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from itertools import permutations

import pytest

from tarmac.model.facts import (
    GHOST,
    UNKNOWN_AMOUNT,
    BudgetFacts,
    BudgetStatus,
    Decision,
    Estimate,
    GivenReview,
    LineItem,
    Opinion,
    ReviewFacts,
    State,
    Threshold,
    millionths,
    total,
    worst,
)
from tarmac.model.refs import Ref
from tarmac.model.values import Money

R = Ref.of("resourcerequest", "r")
KNOWN = LineItem("machine", "disk.small", amount=Decimal("146.00"))
FREE = LineItem("calls", "disk.calls", amount=Decimal(0))
DARK = LineItem("storage", "disk.gb", unknown="no rate card has disk.gb")


@pytest.mark.parametrize(
    ("items", "unpriced", "complete", "monthly", "unknowns"),
    [
        ((), None, True, "0", ()),
        ((KNOWN, FREE), None, True, "146.00", ()),
        ((KNOWN, KNOWN), None, True, "292.00", ()),
        ((KNOWN, DARK), None, False, "146.00", ("storage: no rate card has disk.gb",)),
        ((), "its type is unknown", False, "0", ("its type is unknown",)),
        ((DARK,), "and more", False, "0", ("storage: no rate card has disk.gb", "and more")),
    ],
)
def test_an_estimate_is_what_is_known(
    items: tuple[LineItem, ...], unpriced: str | None, complete: bool, monthly: str, unknowns: tuple[str, ...]
) -> None:
    found = Estimate(R, "EUR", items, unpriced)
    assert (found.complete, found.monthly, found.unknowns) == (complete, Money(Decimal(monthly), "EUR"), unknowns)


def test_a_threshold_is_reached_where_that_is_known() -> None:
    made = [
        Threshold(f"{at}%", Fraction(at, 100), "projected", do, (), reached)
        for at, do, reached in ((50, "notify", True), (80, "block", True), (90, "block", None), (95, "block", False))
    ]
    zero, start = Decimal(0), datetime(2026, 12, 1, tzinfo=UTC)
    status = BudgetStatus(
        Ref.of("budget", "b"), Ref.of("group", "one"), "EUR", "month", start, start, None, zero, zero, True, None, None,
        Fraction(0), True, tuple(made),
    )  # fmt: skip
    assert [one.at for one in status.reached("block")] == ["80%"]
    assert [one.at for one in status.reached("notify")] == ["50%"]
    assert status.reached("require-approval") == ()


def test_what_is_not_said_is_the_least() -> None:
    assert BudgetFacts(exists=True) == BudgetFacts(exists=True, blocked=False, approvers=())
    assert GivenReview("ana", Opinion.APPROVED) == GivenReview("ana", Opinion.APPROVED, True, None, frozenset())
    assert ReviewFacts() == ReviewFacts({}, (), {}, False)
    assert GHOST == "ghost"
    assert [str(one) for one in Opinion] == ["approved", "changes requested", "commented", "dismissed"]


ORDER = (State.ERROR, State.REJECTED, State.PENDING, State.APPROVED, State.SKIPPED)


def test_of_states_the_worst_is_that_of_the_whole() -> None:
    assert [str(one) for one in ORDER] == ["error", "rejected", "pending", "approved", "skipped"]
    for number in range(1, len(ORDER) + 1):
        for states in permutations(ORDER, number):
            assert worst(states) is min(states, key=ORDER.index)
    assert worst([]) is State.SKIPPED


def test_the_ends_of_a_tree_are_in_order() -> None:
    one, two, three = (Decision(name, State.PENDING, "why") for name in ("one", "two", "three"))
    branch = Decision("branch", State.PENDING, "why", children=(two, three))
    assert Decision("all", State.PENDING, "why", children=(one, branch, one)).leaves() == (one, two, three, one)
    assert one.leaves() == (one,)


@pytest.mark.parametrize(
    ("amounts", "expected"),
    [
        ([], "0"),
        (["0.1", "0.2"], "0.3"),
        (["-1", "1.000000000001"], "0.000000000001"),
        (["9" * 15, "0.01"], "9" * 15 + ".01"),
    ],
)
def test_sums_are_exact(amounts: Sequence[str], expected: str) -> None:
    assert total(map(Decimal, amounts)) == Decimal(expected)


LARGEST = 2**63 - 1


@pytest.mark.parametrize(
    ("amount", "expected"),
    [
        ("0", 0),
        ("500.00", 500_000_000),
        ("0.000001", 1),
        # Rounded up, so that rounding never hides an excess.
        ("0.0000001", 1),
        ("500.0000000001", 500_000_001),
        ("-0.0000001", 0),
        ("-0.0000019", -1),
        # What is beyond 64 bits is the largest that there is.
        ("9223372036854.775806", LARGEST - 1),
        ("9223372036854.775807", LARGEST),
        ("9223372036854.775808", LARGEST),
        ("-9223372036854.775806", 1 - LARGEST),
        ("-9223372036854.775807", -LARGEST),
        ("-9223372036854.775809", -LARGEST),
        ("1e30", LARGEST),
        ("-1e30", -LARGEST),
    ],
)
def test_an_amount_as_expressions_see_it(amount: str, expected: int) -> None:
    assert millionths(Decimal(amount)) == expected
    assert UNKNOWN_AMOUNT == LARGEST
