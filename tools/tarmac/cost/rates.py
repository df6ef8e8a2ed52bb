"""Rate cards as one table: the price of a SKU on a day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal

from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import items, text
from tarmac.model.values import BadValue, parse_amount, parse_day

_DEFAULT_CURRENCY = "EUR"


class Price(Frozen):
    """A price per unit, from an instant (00:00 UTC of its day) on."""

    since: datetime
    amount: Decimal


class Rate(Frozen):
    """One SKU: its unit, its currency, and its prices, earliest first. `card` names the rate card it stands on."""

    sku: str
    unit: str
    currency: str
    card: str
    prices: tuple[Price, ...]

    def at(self, instant: datetime) -> Price | None:
        """The price in force: the latest that begins at or before the instant. None before the first."""
        return next((price for price in reversed(self.prices) if price.since <= instant), None)


class Rates(Frozen):
    """Every SKU of a catalog's rate cards. `currency` is the platform's; `twice` are the SKUs that stand on the
    cards more than once, which have no one price."""

    currency: str
    by_sku: Mapping[str, Rate]
    twice: frozenset[str]

    def price(self, sku: str, instant: datetime) -> tuple[Rate, Price] | str:
        """The rate and the price in force, or why there is none."""
        rate = self.by_sku.get(sku)
        if rate is None:
            return "no rate card has this SKU"
        if sku in self.twice:
            return "the rate cards have this SKU more than once"
        if rate.currency != self.currency:
            return f"the rate card is in {rate.currency} and the platform in {self.currency}"
        price = rate.at(instant)
        if price is None:
            return f"the rate card {rate.card} has no price for that day"
        return rate, price


def platform_currency(catalog: CatalogView) -> str:
    """The platform's currency; without a platform that of the first rate card, and EUR without any."""
    for entity in (catalog.platform(), *catalog.of_kind("ratecard")):
        stated = None if entity is None else entity.text("spec", "currency")
        if stated:
            return stated
    return _DEFAULT_CURRENCY


def rates(catalog: CatalogView) -> Rates:
    """The table of all rate cards; what the schema gate has refused is left out and so has no price."""
    by_sku: dict[str, Rate] = {}
    twice: set[str] = set()
    for card in catalog.of_kind("ratecard"):
        for entry in card.items("spec", "rates"):
            rate = _rate(card, entry)
            if rate is None:
                continue
            if rate.sku in by_sku:
                twice.add(rate.sku)
            by_sku[rate.sku] = rate
    return Rates(platform_currency(catalog), by_sku, frozenset(twice))


def _rate(card: Entity, entry: object) -> Rate | None:
    if not isinstance(entry, Mapping):
        return None
    sku, unit, currency = text(entry, "sku"), text(entry, "unit"), card.text("spec", "currency")
    if sku is None or unit is None or currency is None:
        return None
    prices = [price for price in map(_price, items(entry, "prices")) if price is not None]
    return Rate(sku, unit, currency, card.name, tuple(sorted(prices, key=lambda price: price.since)))


def _price(entry: object) -> Price | None:
    if not isinstance(entry, Mapping):
        return None
    day, amount = text(entry, "from"), text(entry, "price")
    if day is None or amount is None:
        return None
    try:
        start = parse_day(day)
        return Price(datetime(start.year, start.month, start.day, tzinfo=UTC), parse_amount(amount))
    except BadValue:
        return None
