"""The rate cards as one table: what has a price, in which currency, and why something has none."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tarmac.cost.rates import Rates, platform_currency, rates
from tarmac.model.values import parse_instant
from tests.trees import NOW, PLATFORM, RATES, catalog_of, company


def table(text: str = RATES, **files: str) -> Rates:
    return rates(catalog_of(company(**files) | {"policies/rates.yaml": text}))


def test_a_rate_names_its_unit_its_currency_and_its_card() -> None:
    found = table().price("disk.gb", NOW)
    assert not isinstance(found, str)
    rate, price = found
    assert (rate.sku, rate.unit, rate.currency, rate.card) == ("disk.gb", "gb-month", "EUR", "rates")
    assert (price.since, price.amount) == (parse_instant("2026-01-01"), Decimal("0.003333333333"))


def test_the_latest_price_that_has_begun_counts_whatever_their_order() -> None:
    old, new = '{from: "2026-01-01", price: "0.10"}', '{from: "2026-12-01", price: "0.20"}'
    for text in (RATES, RATES.replace(f"{old}, {new}", f"{new}, {old}")):
        rate = table(text).by_sku["disk.small"]
        assert [str(price.amount) for price in rate.prices] == ["0.10", "0.20"]
        for at, amount in (("2026-11-30T23:59:59Z", "0.10"), ("2026-12-01", "0.20")):
            price = rate.at(parse_instant(at))
            assert price is not None
            assert price.amount == Decimal(amount)


def test_why_there_is_no_price_is_said() -> None:
    assert table().price("disk.tape", NOW) == "no rate card has this SKU"
    twice = table(**{"policies/more.yaml": RATES.replace("name: rates", "name: more")})
    assert twice.price("disk.gb", NOW) == "the rate cards have this SKU more than once"
    kronor = table(RATES.replace("currency: EUR", "currency: SEK"))
    assert kronor.price("disk.gb", NOW) == "the rate card is in SEK and the platform in EUR"
    early = parse_instant("2025-12-31T23:59:59Z")
    assert table().price("disk.gb", early) == "the rate card rates has no price for that day"


@pytest.mark.parametrize(
    "broken",
    [
        '{unit: hour, prices: [{from: "2026-01-01", price: "1"}]}',
        '{sku: disk.large, prices: [{from: "2026-01-01", price: "1"}]}',
        "disk.large",
    ],
)
def test_what_is_no_rate_is_left_out_and_the_others_stay(broken: str) -> None:
    large = '{sku: disk.large, unit: hour, prices: [{from: "2026-01-01", price: "1"}]}'
    found = table(RATES.replace(large, broken))
    assert sorted(found.by_sku) == ["disk.calls", "disk.gb", "disk.small"]


def test_a_card_without_a_currency_has_no_rates() -> None:
    assert table(RATES.replace("  currency: EUR\n", "")).by_sku == {}


@pytest.mark.parametrize(
    "broken",
    ['{from: "2026-12-01"}', '{price: "9"}', "9", '{from: "soon", price: "9"}', '{from: "2026-12-01", price: "x"}'],
)
def test_what_is_no_price_is_left_out_and_the_others_stay(broken: str) -> None:
    found = table(RATES.replace('{from: "2026-12-01", price: "0.20"}', broken)).by_sku["disk.small"]
    assert [str(price.amount) for price in found.prices] == ["0.10"]


def test_the_currency_is_the_platforms_or_that_of_the_first_card_or_euro() -> None:
    kronor = RATES.replace("currency: EUR", "currency: SEK")
    assert platform_currency(catalog_of({"p.yaml": PLATFORM, "r.yaml": kronor})) == "EUR"
    assert platform_currency(catalog_of({"r.yaml": kronor})) == "SEK"
    assert (
        platform_currency(catalog_of({"r.yaml": kronor, "p.yaml": PLATFORM.replace("  currency: EUR\n", "")})) == "SEK"
    )
    assert platform_currency(catalog_of({})) == "EUR"
    assert rates(catalog_of({"r.yaml": kronor})).currency == "SEK"
