"""RateCard: prices, each from a day on."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tarmac.model.base import AmountText, Currency, DayText, Model, Slug, Some, Text
from tarmac.model.entity_meta import TarmacKind


class Price(Model):
    """One price, from a day on."""

    from_: Annotated[DayText, Field(alias="from")]
    """The first day on which it holds, until the next one."""
    price: AmountText
    """The price of one unit, in quotes."""


class Rate(Model):
    """The prices of one thing."""

    sku: Text
    """Its name, as resource types write it."""
    unit: Slug
    """What the price is for: hour, gb-month, unit-month, request."""
    prices: Some[Price]
    """Its prices over time; none is ever removed, so that an old month can be calculated again."""


class RateSource(Model):
    """Where the prices come from."""

    document: Text
    """The contract or price list."""
    checked: DayText
    """When somebody last held the prices against it."""


class RateCardSpec(Model):
    """Prices and where they come from."""

    currency: Currency
    """The currency of the prices."""
    source: RateSource | None = None
    """Where the prices come from."""
    rates: Some[Rate]
    """The prices."""


class RateCard(TarmacKind):
    """A price list."""

    api_version: Literal["tarmac/v1"]
    kind: Literal["RateCard"]
    spec: RateCardSpec
    """Prices and where they come from."""
