"""Facts reach the expression engine as lists and dictionaries of plain values, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.cel_values import (
    DEEPEST,
    MOST_ELEMENTS,
    BadDecimal,
    compile_pattern,
    days,
    decimal,
    finder,
    from_cel,
    has_decimal,
    lower,
    money,
    plus,
    sizes,
    times,
    to_cel,
)
from tarmac.errors import ExpressionError
from tarmac.model.expressions import Fact
from tarmac.model.values import BadValue

TEXTS = st.text(max_size=8) | st.sampled_from(["", "a (b)", "<b>", "\\x00", "\0", "\1", "a\1", "it's", 'say "x0"'])
PLAIN = st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | TEXTS
OTHERS = (
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-1000, max_value=1000)
    | st.just(datetime(2026, 11, 2, tzinfo=UTC))
    | st.just(timedelta(hours=3))
)
FACTS: st.SearchStrategy[Fact] = st.recursive(
    PLAIN | OTHERS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(TEXTS, inner, max_size=3)
        | st.dictionaries(TEXTS, inner, max_size=3).map(MappingProxyType)
    ),
    max_leaves=12,
)


def outcome(value: Fact) -> object:
    try:
        return to_cel(value)
    except ValueError as error:
        return str(error)


def is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(type(key) is str and is_plain(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(map(is_plain, value))
    return value is None or type(value) in (bool, int, str, bytes)


@given(st.dictionaries(TEXTS, FACTS, max_size=4))
def test_a_document_is_converted_as_every_part_of_it_is(document: dict[str, Fact]) -> None:
    whole, in_a_list = outcome(document), outcome([document])
    assert whole == (in_a_list if isinstance(in_a_list, str) else in_a_list[0])  # type: ignore[index]


@given(FACTS)
def test_only_plain_values_reach_the_engine(fact: Fact) -> None:
    converted = outcome({"fact": fact})
    assert isinstance(converted, str) or is_plain(converted)


@pytest.mark.parametrize("text", ["production\0x", "\0"])
@pytest.mark.parametrize("wrap", [lambda text: {"a": text}, lambda text: {text: 1}, lambda text: {"a": [{"b": text}]}])
def test_a_text_that_the_engine_would_cut_short_is_refused(text: str, wrap: object) -> None:
    assert callable(wrap)
    with pytest.raises(ValueError, match="control character"):
        to_cel(wrap(text))


def test_money_and_instants_inside_a_document_are_converted() -> None:
    converted = to_cel({"amount": Decimal("1.5"), "at": datetime(2026, 11, 2, tzinfo=UTC), "for": timedelta(minutes=1)})
    assert isinstance(converted, dict)
    assert (converted["at"], converted["for"]) == ("2026-11-02T00:00:00Z", "60s")
    assert converted["amount"] == b"0" + b"1500000000000000000".zfill(38)


# --- facts and numbers at their edges ----------------------------------------------------------------------------

LIMIT = Decimal(10) ** 20
TINY = Decimal(10) ** -18
MOST = Decimal("9" * 20 + "." + "9" * 18)


@pytest.mark.parametrize(
    ("fact", "converted"),
    [
        ("a", "a"), (None, None), (True, True), (-3, -3), ([1, "a"], [1, "a"]), ((1, (2,)), [1, [2]]),
        ({"a": (1,)}, {"a": [1]}), (MappingProxyType({"a": None}), {"a": None}),
        (Decimal("0.5"), b"0" + b"0" * 20 + b"5" + b"0" * 17), (Decimal(-1), b"-" + b"9" * 19 + b"8" + b"9" * 18),
        (MOST, b"0" + b"9" * 38), (MOST.copy_negate(), b"-" + b"0" * 38),
        (LIMIT, "100000000000000000000"), (LIMIT.copy_negate(), "-100000000000000000000"),
        (TINY, b"0" * 38 + b"1"), (TINY / 10, "1E-19"), (Decimal("-0"), b"0" * 39), (Decimal("0E+90"), b"0" * 39),
        (Decimal("1E+400"), "1E+400"), (Decimal("1E-400"), "1E-400"), (Decimal("0E-50"), b"0" * 39),
        (Decimal("NaN"), "NaN"), (Decimal("Infinity"), "Infinity"),
        (datetime(2026, 11, 2, 1, 2, 3, tzinfo=UTC), "2026-11-02T01:02:03Z"),
        (timedelta(minutes=1, milliseconds=900), "60s"),
    ],
)  # fmt: skip
def test_every_kind_of_fact_is_converted(fact: Fact, converted: object) -> None:
    assert to_cel(fact) == converted
    assert to_cel({"in": fact, "beside": ()}) == {"in": converted, "beside": []}


def test_an_instant_stays_one_where_it_is_a_fact_of_its_own() -> None:
    at = datetime(2026, 11, 2, tzinfo=UTC)
    assert to_cel(at, True) is at
    assert to_cel({"at": at}, True) == {"at": "2026-11-02T00:00:00Z"}
    paris = at.astimezone(timezone(timedelta(hours=1)))
    assert to_cel(paris) == "2026-11-02T00:00:00Z"


def test_a_plain_document_is_handed_over_as_it_is_and_no_other() -> None:
    plains: tuple[dict[str, Fact], ...] = ({"a": [1, None, True, "x"]}, {}, {"a": {"b": {}}})
    for plain in plains:
        assert to_cel(plain) is plain
    others: tuple[dict[str, Fact], ...] = ({"a": (1,)}, {"a": Decimal(1)}, {"a": "(b)"}, {"a": "<b>"})
    for other in others:
        assert to_cel(other) is not other


def test_a_control_character_is_said_in_words() -> None:
    words = "a text holds the control character U+0000, and no expression can compare such: take it out"
    for fact in ("\0", {"a": "\0"}, {"\0": 1}, ["\0"]):
        assert outcome(fact) == words


@pytest.mark.parametrize(
    ("fact", "length", "number"),
    [
        ("abc", 3, 0), (12345, 0, 0), (None, 0, 0), (["ab", "abcd"], 4, 2), ({"abcde": "ab"}, 5, 1),
        ({"a": ["bcd"]}, 3, 2), ((), 0, 0), ({}, 0, 0), (MappingProxyType({"a": ("bb", "c")}), 2, 3),
        ([[1, 2], [3], []], 0, 6), ("a,b,c", 5, 0),
    ],
)  # fmt: skip
def test_texts_and_elements_are_counted_wherever_they_are(fact: Fact, length: int, number: int) -> None:
    assert sizes(fact) == (number, length)


@pytest.mark.parametrize("make", [list, tuple, dict.fromkeys], ids=["list", "tuple", "mapping"])
def test_more_elements_than_any_expression_works_on_are_refused(make: Callable[[list[str]], Fact]) -> None:
    names = [f"n{number}" for number in range(MOST_ELEMENTS)]
    assert sizes(make(names))[0] == MOST_ELEMENTS
    for fact in (make([*names, "one"]), {"a": make(names)}, [make(names[:13_000]), make(names[:13_000])]):
        with pytest.raises(
            ValueError, match=r"^a fact has more than 25,000 elements, and no expression works on so many$"
        ):
            sizes(fact)


def test_what_is_shared_counts_for_each_and_ends_early() -> None:
    fact: Fact = ["x"]
    for _ in range(40):
        fact = [fact, fact, fact]
    with pytest.raises(ValueError, match="more than 25,000 elements"):
        sizes(fact)


def test_deeper_facts_than_any_document_are_refused() -> None:
    fact: Fact = "x"
    for _ in range(DEEPEST - 1):
        fact = [fact]
    assert sizes(fact) == (DEEPEST - 1, 1)
    with pytest.raises(ValueError, match=r"^a fact is nested deeper than 100 levels, and no expression works on such$"):
        sizes([fact])


@pytest.mark.parametrize(
    ("converted", "has"),
    [
        (b"0", True), ("0", False), ([1, [b"0"]], True), ({"a": {"b": b"0"}}, True), ({"a": [1, "b"]}, False),
        ([], False), ({}, False), ({b"0": 1}, False), (1, False),
    ],
)  # fmt: skip
def test_decimals_are_found_wherever_they_are(converted: object, has: bool) -> None:
    assert has_decimal(converted) is has


@pytest.mark.parametrize("value", ["a", None, True, 3, timedelta(1), [1, "a"], {"a": [None]}])
def test_plain_values_come_back_as_they_are(value: object) -> None:
    assert from_cel(value) == value


def test_what_comes_back_is_a_fact_or_an_error_that_says_what_it_is() -> None:
    at = datetime(2026, 11, 2, 1, tzinfo=timezone(timedelta(hours=1)))
    found = from_cel(at)
    assert (found, getattr(found, "tzinfo", None)) == (at, UTC)
    assert from_cel({1: bytearray(decimal("1.50"))}) == {"1": Decimal("1.5")}
    instead = 'write a whole number, money("1.50"), or decimal("1.5") for a number with a fraction'
    for value, kind in [(1.5, "double"), ([1.5], "double"), (object(), "object"), ({"a": {1}}, "set")]:
        with pytest.raises(ExpressionError) as caught:
            from_cel(value)
        assert str(caught.value) == f"the result holds a {kind}, and no fact can be one: {instead}"
    for wrong in (b"", b"0", b"1" + b"0" * 38, b"0" * 40, b"x" * 39):
        with pytest.raises(ExpressionError, match=r'^bytes are no number: write decimal\("1.5"\)$'):
            from_cel(wrong)


def test_the_engine_writes_nothing_of_its_own_about_a_pattern(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ValueError, match="is no pattern"):
        compile_pattern("(")
    assert capfd.readouterr() == ("", "")


def test_patterns_are_held_to_a_linear_engine() -> None:
    assert compile_pattern("a+").search("baa") is not None
    for pattern, reason in [("(", "missing )"), ("(?=a)", "invalid perl operator")]:
        with pytest.raises(ValueError, match="is no pattern: ") as caught:
            compile_pattern(pattern)
        assert str(caught.value).startswith(f"{pattern!r} is no pattern: ")
        assert reason in str(caught.value)
        assert not str(caught.value).endswith(("'", '"', ": "))
    # The program of one part takes about 12 KB of the one MiB.
    assert compile_pattern("[a-z]{1000}" * 80).search("a") is None
    with pytest.raises(ValueError, match="is no pattern: pattern too large"):
        compile_pattern("[a-z]{1000}" * 95)


def test_money_is_whole_millionths() -> None:
    assert (money("1.5"), money("0.000001"), money("-2")) == (1_500_000, 1, -2_000_000)
    with pytest.raises(BadValue, match=r"^'0\.0000001' has more than six decimals, and money in facts has millionths$"):
        money("0.0000001")


def test_decimals_are_exact_within_their_range() -> None:
    assert decimal("1.5") == decimal(decimal("1.5")) == to_cel(Decimal("1.5"))
    assert (
        decimal(3)
        == times(decimal("1.5"), 2)
        == times(2, decimal("1.5"))
        == plus(decimal("1"), 2)
        == plus(2, decimal(1))
    )
    assert from_cel(times(decimal("0.000000001"), decimal("0.000000001"))) == TINY
    assert from_cel(plus(decimal(10**20 - 1), times(decimal("0.999999999"), decimal("1.000000001")))) == MOST
    beyond: tuple[tuple[bytes, bytes | int], ...] = (
        (decimal("0.0000000001"), decimal("0.000000001")),
        (decimal(10**19), 10),
    )
    for left, right in beyond:
        with pytest.raises(BadValue, match=r"has more than 20 digits before the point or 18 behind it$"):
            times(left, right)
    for wrong in (b"", b"1", bytearray(b"x" * 39)):
        with pytest.raises(BadDecimal, match="bytes are no number"):
            times(wrong, 2)


@given(st.lists(st.decimals(-(10**15) + 1, 10**15 - 1, places=12), min_size=2, max_size=6))
def test_bytes_sort_as_their_numbers_do(numbers: list[Decimal]) -> None:
    assert sorted(numbers) == [from_cel(written) for written in sorted(decimal(f"{number:f}") for number in numbers)]


def test_days_are_as_many_as_a_calendar_holds() -> None:
    assert (days(2), days(-3_650_000)) == (timedelta(days=2), timedelta(days=-3_650_000))
    assert days(3_650_000) == timedelta(days=3_650_000)
    for count in (3_650_001, -3_650_001, 2**62):
        with pytest.raises(BadValue, match=f"^{count} days are more than a calendar holds$"):
            days(count)


@pytest.mark.parametrize("number", [MOST, MOST.copy_negate(), TINY, TINY.copy_negate(), Decimal(0)])
def test_the_greatest_and_the_smallest_come_back_whole(number: Decimal) -> None:
    found = from_cel(to_cel(number))
    assert isinstance(found, Decimal)
    assert found.compare_total(number) == 0 or found == number == 0
    assert str(found.copy_abs()).replace("1E-18", "0." + "0" * 17 + "1") == f"{number.copy_abs():f}"


def test_only_letters_of_ascii_become_small() -> None:
    assert [lower(text) for text in ("AbZ", "ÀB[", "@A", "İK")] == ["abz", "Àb[", "@a", "İk"]


def test_a_pattern_has_at_most_a_thousand_characters() -> None:
    assert finder("a" * 1000)("a" * 1000) is True
    with pytest.raises(ValueError, match=r"^a pattern has at most 1000 characters$"):
        finder("a" * 1001)
