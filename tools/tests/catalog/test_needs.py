"""Who needs whom by numbers: what is kept is told again, and what does not fit together is refused."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import pytest

from tarmac.adapters.cache_codec import packed
from tarmac.adapters.cache_needs import needs_of, needs_row
from tarmac.catalog.needs import KeptNeeds, Numbers, Standing, kept_needs
from tarmac.errors import CacheFault
from tarmac.model.json_value import JsonValue
from tarmac.model.refs import Ref

DB, SHOP, WEB = (Ref.of("component", name) for name in ("db", "shop", "web"))
ODD = Ref("component", "\ud800", "1:2")
ORDERS, ONE = Ref.of("api", "orders"), Ref.of("group", "one")
STANDINGS: dict[Ref, Standing] = {DB: ("critical", ONE), WEB: (None, ONE), ODD: ("\udfff", None)}


def kept() -> KeptNeeds:
    needed = {DB: {WEB: False, SHOP: True, ODD: False}, SHOP: {ORDERS: True}, ORDERS: {WEB: True}}
    return kept_needs(needed, lambda ref: STANDINGS.get(ref, (None, None)))


def again(found: KeptNeeds) -> KeptNeeds:
    return needs_of(*needs_row(found))


@pytest.mark.parametrize("way", [lambda found: found, again], ids=["made", "read back"])
def test_what_is_kept_is_told_again(way: Callable[[KeptNeeds], KeptNeeds]) -> None:
    found = way(kept())
    order = [ORDERS, DB, SHOP, WEB, ODD, ONE]
    assert [found.ref(number) for number in range(len(found))] == order == sorted(order)
    assert [found.number(ref) for ref in order] == list(range(6))
    assert [found.number(ref) for ref in (Ref.of("api", "a"), Ref.of("group", "z"), Ref.of("user", "one"))] == [
        None
    ] * 3
    assert [list(found.of(number)) for number in range(6)] == [[3], [2, 3, 4], [0], [], [], []]
    assert [list(found.softly(number)) for number in range(6)] == [[], [3, 4], [], [], [], []]
    tiers, owners = zip(*map(found.standing, range(6)), strict=True)
    assert tiers == (None, "critical", None, None, "\udfff", None)
    assert owners == (None, 5, None, 5, None, None)
    assert list(found.apis) == [0]


def test_where_nobody_needs_anything_nothing_is_kept() -> None:
    found = again(kept_needs({}, lambda ref: (None, None)))
    assert (len(found), found.number(DB), list(found.apis)) == (0, None, [])


def test_what_is_not_kept_gets_the_next_numbers() -> None:
    found = Numbers(kept())
    late, early = Ref.of("component", "zoo"), Ref.of("api", "aaa")
    assert found.known(late) is None
    assert [found.of(one) for one in (late, DB, early, late)] == [6, 1, 7, 6]
    assert [found.ref(number) for number in (6, 1, 7)] == [late, DB, early]
    assert found.known(late) == 6
    assert found.apis == {0, 7}
    assert found.in_order({6, 7, 1, 0}) == [7, 0, 1, 6]
    assert found.in_order({3, 1}) == [1, 3]


GROUPS: list[tuple[str, str, int]] = [("component", "default", 0)]


@pytest.mark.parametrize(
    ("groups", "names", "tiers", "numbers"),
    [
        (GROUPS, ["a"], [], []),
        (GROUPS, ["a"], [], [0, 0, 0]),
        (GROUPS, ["a"], [], [1, 1, 0, 0, 0]),
        (GROUPS, ["a"], [], [0, 2, 0, 0, 0]),
        (GROUPS, ["a", "b"], [], [0, 1, 0, 0, 0, 0, 0]),
        (GROUPS, ["a", "b"], [], [0, 1, 1, 0, 0, 0, 0, 2]),
        (GROUPS, ["a"], ["t"], [0, 0, 2, 0]),
        (GROUPS, ["a"], [], [0, 0, 0, 2]),
        (GROUPS, ["a"], [], [0, 1, 0, 0, 0, 1]),
        (GROUPS, ["a", "b"], [], [0, 2, 1, 0, 0, 0, 0, 0]),
        ([], ["a"], [], [0, 0, 0, 0]),
        ([("component", "default", 1)], ["a"], [], [0, 0, 0, 0]),
        ([("b", "default", 0), ("a", "default", 1)], ["a", "b"], [], [0] * 7),
        ([("a", "default", 0), ("b", "default", 2)], ["a"], [], [0, 0, 0, 0]),
        (GROUPS, [], [], [0]),
    ],
)
def test_what_does_not_fit_together_is_refused(
    groups: list[tuple[str, str, int]], names: list[str], tiers: list[str], numbers: list[int]
) -> None:
    with pytest.raises(ValueError, match="fit together"):
        KeptNeeds(groups, names, tiers, array("I", numbers))


def test_what_fits_together_is_taken() -> None:
    found = KeptNeeds(GROUPS, ["a", "b"], ["t"], array("I", [0, 1, 1, 1, 0, 0, 2, 1, 0]))
    assert (list(found.of(0)), found.softly(0), found.standing(0), found.standing(1)) == (
        [1],
        [1],
        ("t", None),
        (None, 1),
    )


@pytest.mark.parametrize(
    "things",
    [[], [[], []], [[["a", "b"]], [], []], [[], [1], []], [[], [], "a"], {}, [[["a", "b", "0"]], [], []], ["\ud800"]],
    ids=repr,
)
def test_things_that_are_none_are_a_fault(things: JsonValue) -> None:
    with pytest.raises(CacheFault, match="called"):
        needs_of(packed(things), needs_row(kept())[1])


def test_numbers_that_are_none_are_a_fault() -> None:
    things, numbers = needs_row(kept())
    turned = numbers[:-1] + bytes([numbers[-1] ^ 1])
    for wrong in (
        None,
        7,
        "text",
        b"",
        numbers[:-1],
        numbers[:-4],
        turned,
        needs_row(kept_needs({}, STANDINGS.__getitem__))[1],
    ):
        with pytest.raises(CacheFault):
            needs_of(things, wrong)
    with pytest.raises(CacheFault):
        needs_of(things[:-1], numbers)
