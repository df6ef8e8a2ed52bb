"""What a request costs a month: exact, at the price of its day, and unknown where anything is not known."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.catalog.requests import resolve
from tarmac.cost.estimate import Estimator, estimate
from tarmac.cost.rates import rates
from tarmac.model.expressions import Fact
from tarmac.model.facts import Estimate, millionths
from tarmac.model.refs import Ref
from tarmac.model.values import EXACT, parse_instant
from tests.trees import DISK, NOW, RATES, READING, catalog_of, company, request


def priced(
    config: str = "",
    at: str = "2026-11-30",
    usage: dict[str, Fact] | None = None,
    files: Mapping[str, str] | None = None,
) -> Estimate:
    catalog = catalog_of(company(**files or {}) | {"requests/one/staging/r.yaml": request("r", config)})
    found = resolve(catalog, catalog.entities[Ref.of("ResourceRequest", "r")])
    return estimate(found, rates(catalog), parse_instant(at), READING.expressions, usage)


def test_line_items_are_quantity_times_price_without_rounding() -> None:
    found = priced("gb: 7")
    assert [(item.sku, item.quantity, item.amount) for item in found.items] == [
        ("disk.small", Decimal(730), Decimal("73.00")),
        ("disk.gb", Decimal(7), Decimal("0.023333333331")),
        ("disk.calls", Decimal(0), Decimal(0)),
    ]
    assert found.complete
    assert found.monthly.amount == Decimal("73.023333333331")


@pytest.mark.parametrize(
    ("at", "amount"),
    [
        ("2026-01-01T00:00:00Z", "73.00"),
        ("2026-11-30T23:59:59Z", "73.00"),
        ("2026-12-01T00:00:00Z", "146.00"),
        ("2026-12-01T00:30:00+01:00", "73.00"),
    ],
)
def test_a_price_holds_from_midnight_utc_of_its_day(at: str, amount: str) -> None:
    assert priced("gb: 0", at).monthly.amount == Decimal(amount)


def test_before_the_first_price_the_cost_is_unknown_and_not_nothing() -> None:
    found = priced("gb: 0", "2025-12-31T23:59:59Z")
    assert not found.complete
    assert found.items[0].amount is None
    assert found.unknowns == ("machine: the rate card rates has no price for that day",)


def test_usage_that_nobody_measured_is_unknown_and_what_is_known_stays() -> None:
    found = priced("gb: 0, metered: true")
    assert not found.complete
    assert found.monthly.amount == Decimal("73.00")
    assert found.items[2].unknown == "nobody has measured config.metered ? usage.calls : 0"


def test_measured_usage_is_priced() -> None:
    assert priced("gb: 0, metered: true", usage={"calls": 3}).items[2].amount == Decimal("0.000003")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("quantity: config.gb", "quantity: -1 * config.gb", "the quantity is negative"),
        ("quantity: config.gb", "quantity: -1", "the quantity is negative"),
        ("quantity: config.gb", "quantity: config.size", "the quantity is no number"),
        ("quantity: config.gb", "quantity: config.gb > 1", "the quantity is no number"),
        ("quantity: config.gb", "quantity: config.absent", 'the key "absent" is not there'),
        ("quantity: config.gb", 'quantity: usage + "x"', "'+' cannot be used on (map, string)"),
        (
            "sku: disk.gb",
            'sku: "disk.{config.gb"',
            "the SKU cannot be told: a brace that is never closed: write {{ for a brace",
        ),
        ("sku: disk.gb", 'sku: "disk.{config}"', "the SKU cannot be told: config is no text"),
        ("sku: disk.gb", 'sku: "disk.{ config.metered }"', "the SKU cannot be told: config.metered is no text"),
        ("sku: disk.gb", "sku: disk.tape", "no rate card has this SKU"),
    ],
)
def test_an_item_that_cannot_be_told_says_why(old: str, new: str, why: str) -> None:
    found = priced("", files={"catalog/types/disk.yaml": DISK.replace(old, new)})
    assert found.items[1].unknown == why
    assert not found.complete


def test_an_item_without_a_name_or_a_sku_is_still_an_item() -> None:
    nameless = priced("", files={"catalog/types/disk.yaml": DISK.replace("item: storage, ", "")}).items[1]
    assert (nameless.item, nameless.sku, nameless.unknown) == ("?", "disk.gb", None)
    bare = priced("", files={"catalog/types/disk.yaml": DISK.replace(" sku: disk.gb,", "")}).items[1]
    assert (bare.item, bare.sku, bare.unknown) == ("storage", "", "no rate card has this SKU")


def test_what_was_measured_for_one_is_not_taken_for_what_nobody_measured_for_another() -> None:
    catalog = catalog_of(company() | {"requests/one/staging/r.yaml": request("r", "metered: true")})
    found = resolve(catalog, catalog.entities[Ref.of("ResourceRequest", "r")])
    for usages in ((None, {"calls": 3}, None), ({"calls": 3}, None, {"calls": 3})):
        estimator = Estimator(rates(catalog), READING.expressions)
        assert estimator.currency == "EUR"
        for usage in usages:
            calls = estimator.estimate(found, NOW, usage).items[2]
            assert calls.quantity == (None if usage is None else 3)


def test_a_fraction_of_a_unit_is_exact() -> None:
    disk = DISK.replace("quantity: config.gb", 'quantity: decimal("0.1") * config.gb')
    found = priced("gb: 3", files={"catalog/types/disk.yaml": disk.replace("sku: disk.gb", "sku: disk.large")})
    assert found.items[1].amount == Decimal("0.3")


def test_a_sku_on_two_cards_has_no_price() -> None:
    other = RATES.replace("name: rates", "name: others")
    assert "more than once" in (priced("", files={"policies/others.yaml": other}).items[0].unknown or "")


def test_a_card_in_another_currency_has_no_price_here() -> None:
    found = priced("", files={"policies/rates.yaml": RATES.replace("currency: EUR", "currency: SEK")})
    assert "SEK" in (found.items[0].unknown or "")


@pytest.mark.parametrize(
    ("disk", "why"),
    [
        (DISK.partition("  pricing:")[0], "the resource type disk says nothing about its price"),
        ("# nothing\n", "there is no resource type 'disk'"),
        (DISK.replace("name: 1.0.0", "name: 2.0.0"), "the resource type disk has no version '1.0.0'"),
    ],
)
def test_a_type_that_does_not_exist_or_says_no_price_is_not_free(disk: str, why: str) -> None:
    found = priced("", files={"catalog/types/disk.yaml": disk})
    assert (found.unpriced, found.items, found.complete) == (why, (), False)


def test_a_type_that_says_that_it_costs_nothing_is_free() -> None:
    assert priced("", files={"catalog/types/disk.yaml": f"{DISK.partition('  pricing:')[0]}  pricing: []\n"}).complete


PRICES = st.decimals("0", "999999999999999", places=12, allow_nan=False, allow_infinity=False)


@given(PRICES, st.integers(0, 2**53))
def test_no_size_of_numbers_is_ever_rounded(price: Decimal, gb: int) -> None:
    card = RATES.replace("0.003333333333", f"{price:f}")
    catalog = catalog_of(
        {"t.yaml": DISK, "c.yaml": card, "r.yaml": request("r", f"gb: {gb}")},
    )
    found = resolve(catalog, catalog.entities[Ref.of("ResourceRequest", "r")])
    made = Estimator(rates(catalog), READING.expressions).estimate(found, NOW)
    assert Fraction(made.items[1].amount or 0) == Fraction(price) * gb
    assert Fraction(made.monthly.amount) == sum(Fraction(item.amount or 0) for item in made.items)


@given(st.decimals("-1e12", "1e12", allow_nan=False, allow_infinity=False), st.integers(-(10**15), 10**15))
def test_an_amount_above_a_threshold_is_above_it_in_millionths_too(amount: Decimal, threshold: int) -> None:
    above = Fraction(amount) * 1_000_000 > threshold
    assert (millionths(amount) > threshold) == above


def test_millionths_never_leave_64_bits() -> None:
    assert millionths(EXACT.power(Decimal(10), Decimal(40))) == 2**63 - 1


STACK = """apiVersion: tarmac/v1
kind: ResourceType
metadata: {name: stack}
spec:
  owner: one
  category: compute
  compose:
    - {name: first, type: disk@1.0.0, config: {gb: "{config.gb}"}}
    - {name: second, type: disk@1.0.0, config: {gb: 0}}
  versions: [{name: 1.0.0, status: active, schema: {type: object}}]
  environments: {staging: {}}
"""


def composed(stack: str) -> Estimate:
    files = company() | {"catalog/stack.yaml": stack}
    catalog = catalog_of(files | {"requests/one/staging/r.yaml": request("r", "gb: 7").replace("disk@1.0.0", STACKED)})
    found = resolve(catalog, catalog.entities[Ref.of("ResourceRequest", "r")])
    return estimate(found, rates(catalog), parse_instant("2026-11-30"), READING.expressions)


STACKED = "stack@1.0.0"


def test_a_composed_request_costs_what_its_parts_cost_with_its_values() -> None:
    found = composed(STACK)
    assert [item.item for item in found.items] == [
        f"{part}: {item}" for part in ("first", "second") for item in ("machine", "storage", "calls")
    ]
    assert found.complete
    assert found.monthly.amount == priced("gb: 7").monthly.amount + priced("gb: 0").monthly.amount


def test_what_the_whole_costs_beside_its_parts_stands_first() -> None:
    own = "  pricing: [{item: fee, sku: disk.small, quantity: '1'}]\n"
    found = composed(STACK + own)
    assert found.items[0].item == "fee"
    assert found.monthly.amount == composed(STACK).monthly.amount + Decimal("0.10")


def test_a_part_whose_price_is_not_known_leaves_the_whole_unknown() -> None:
    found = composed(STACK.replace("disk@1.0.0, config: {gb: 0}", "disc@1.0.0"))
    assert not found.complete
    assert found.unpriced == "second: there is no resource type 'disc'"
