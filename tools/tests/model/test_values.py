"""Values with a unit: what they read, what they refuse, and that they are exact."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.model.refs import BadReference, Ref
from tarmac.model.values import (
    BadValue,
    Money,
    end_of_day,
    parse_amount,
    parse_day,
    parse_duration,
    parse_instant,
    parse_percent,
    show_duration,
    show_instant,
)


@pytest.mark.parametrize(
    "text", ["", "1e3", "1,000.00", " 1", "1 ", "+1", "01", "1.", ".5", "NaN", "Infinity", "1\n", "٣", "9" * 16]
)
def test_an_amount_is_a_plain_decimal(text: str) -> None:
    with pytest.raises(BadValue, match="no amount"):
        parse_amount(text)


@given(st.decimals(min_value=-(10**15) + 1, max_value=10**15 - 1, places=12))
def test_an_amount_is_read_exactly(amount: Decimal) -> None:
    assert parse_amount(f"{amount:f}") == amount


def test_money_rounds_half_to_even_only_when_shown() -> None:
    half, more = Money(Decimal("0.125"), "EUR"), Money(Decimal("0.135"), "EUR")
    assert (str(half), str(more)) == ("0.12 EUR", "0.14 EUR")
    assert str(Money(Decimal("1234.5"), "JPY")) == "1,234 JPY"
    assert str(Money(Decimal("1.0005"), "KWD")) == "1.000 KWD"
    assert (half + more).amount == Decimal("0.260")
    assert half < more


def test_two_currencies_are_never_added_or_compared() -> None:
    euro, dollar = Money(Decimal(1), "EUR"), Money(Decimal(1), "USD")
    for operation in (lambda: euro + dollar, lambda: euro - dollar, lambda: euro < dollar, lambda: euro <= dollar):
        with pytest.raises(BadValue, match="dated rate"):
            operation()


@pytest.mark.parametrize(
    ("text", "span", "shown"),
    [
        ("30m", timedelta(minutes=30), "30m"),
        ("12h", timedelta(hours=12), "12h"),
        ("24h", timedelta(days=1), "1d"),
        ("14d", timedelta(days=14), "14d"),
        ("2w", timedelta(weeks=2), "14d"),
    ],
)
def test_durations(text: str, span: timedelta, shown: str) -> None:
    assert parse_duration(text) == span
    assert show_duration(span) == shown


@pytest.mark.parametrize("text", ["", "0d", "1", "d", "-1d", "1.5h", "1D", "1d ", "1d1h", "9999999d"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(BadValue, match="no duration"):
        parse_duration(text)


def test_percentages_are_exact_fractions() -> None:
    assert parse_percent("99.9%") == Fraction(999, 1000)
    assert parse_percent("0%") == 0
    for text in ("20", "1e2%", "-1%", "20 %", ".5%", "5.%"):
        with pytest.raises(BadValue, match="no percentage"):
            parse_percent(text)


def test_a_day_ends_when_the_next_one_begins() -> None:
    assert end_of_day(parse_day("2028-02-28")) == datetime(2028, 2, 29, tzinfo=UTC)
    assert end_of_day(parse_day("2026-12-31")) == datetime(2027, 1, 1, tzinfo=UTC)
    for text in ("2026-02-29", "2026-1-1", "20260101", "2026-01-01T00:00:00Z", "yesterday"):
        with pytest.raises(BadValue, match="no day"):
            parse_day(text)
    with pytest.raises(BadValue, match="no next day"):
        end_of_day(date.max)


def test_an_instant_has_an_offset_and_is_shown_in_utc() -> None:
    assert show_instant(parse_instant("2026-12-01T06:00:00+02:00")) == "2026-12-01T04:00:00Z"
    assert parse_instant("2026-12-01") == datetime(2026, 12, 1, tzinfo=UTC)
    for text in ("2026-12-01T06:00:00", "now", "", "2026-13-01", "0001-01-01T00:00:00+23:00"):
        with pytest.raises(BadValue):
            parse_instant(text)


@pytest.mark.parametrize(
    ("text", "ref"),
    [
        ("component:Default/Checkout", Ref("component", "default", "checkout")),
        ("checkout", Ref("group", "default", "checkout")),
        ("ops/checkout", Ref("group", "ops", "checkout")),
        ("user:checkout", Ref("user", "default", "checkout")),
        ("a:b:c", Ref("a", "default", "b:c")),
        ("ns/a:b", Ref("group", "ns", "a:b")),
        (" x", Ref("group", "default", " x")),
    ],
)
def test_references_are_split_and_compared_as_backstage_does(text: str, ref: Ref) -> None:
    assert Ref.parse(text, default_kind="Group") == ref


@pytest.mark.parametrize("text", ["", ":", "/", "component:", ":x", "ns/", "/x", "component:/x", "component:ns/"])
def test_no_part_of_a_reference_is_empty(text: str) -> None:
    with pytest.raises(BadReference, match="empty part"):
        Ref.parse(text, default_kind="group")


def test_a_field_without_a_default_kind_needs_one_written() -> None:
    with pytest.raises(BadReference, match="names no kind"):
        Ref.parse("checkout")
