"""What a request costs in a month: line items from its resource type's pricing and the rate cards.

amount = quantity x price, for a month of 730 hours (365 x 24 / 12, the convention of cloud price lists), at the
price in force at one instant, exact. What is not known (usage that nobody has measured, a SKU without a price, an
expression that fails) makes its item unknown, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from tarmac.catalog.requests import Request
from tarmac.cost.rates import Rates
from tarmac.errors import ExpressionError
from tarmac.model.documents import Entity
from tarmac.model.expressions import PRICING_FACTS, Expression, Expressions, Fact, fact_of
from tarmac.model.facts import Estimate, LineItem
from tarmac.model.frozen import replace
from tarmac.model.json_value import JsonValue, dig, text
from tarmac.model.templates import Hole, split
from tarmac.model.values import EXACT, HOURS_PER_MONTH


def estimate(
    request: Request,
    cards: Rates,
    at: datetime,
    expressions: Expressions,
    usage: Mapping[str, Fact] | None = None,
) -> Estimate:
    """The estimate of one request at the prices of `at`. `usage` are measured monthly quantities, where known.

    For many requests of the same types use one `Estimator`, which compiles each expression once.
    """
    return Estimator(cards, expressions).estimate(request, at, usage)


class Estimator:
    """Estimates by one table of rates; keeps compiled expressions, nothing else."""

    def __init__(self, cards: Rates, expressions: Expressions) -> None:
        self._cards = cards
        self._expressions = expressions
        self._compiled: dict[str, Expression] = {}
        self._known: dict[tuple[int, str, str, datetime], tuple[Entity, tuple[LineItem, ...]]] = {}

    @property
    def currency(self) -> str:
        """The currency of every estimate."""
        return self._cards.currency

    def estimate(self, request: Request, at: datetime, usage: Mapping[str, Fact] | None = None) -> Estimate:
        """The estimate of one request; see the function of this name. A composed one costs what its type says beside
        what each part costs, whose items carry the part's name."""
        own = self._estimate(request, at, usage)
        if not request.parts:
            return own
        found = [] if request.version is not None and _prices(request) is None else [("", own)]
        found += [(f"{part.name}: ", self._estimate(part.request, at, usage)) for part in request.parts]
        items = tuple(replace(item, item=prefix + item.item) for prefix, one in found for item in one.items)
        unpriced = next((prefix + one.unpriced for prefix, one in found if one.unpriced is not None), None)
        return replace(own, items=items, unpriced=unpriced)

    def _estimate(self, request: Request, at: datetime, usage: Mapping[str, Fact] | None) -> Estimate:
        pricing = _prices(request)
        unpriced = _unpriced(request, request.type, pricing)
        if unpriced or request.type is None:
            return Estimate(request.ref, self._cards.currency, (), unpriced)
        # Most requests of a type ask for the same as others do. The type is kept beside what it costs, so that nothing
        # else can get its id; to Python 1 and true are equal, so the config is compared as it is written.
        key = (id(request.type), request.version_name, repr(request.config), at)
        known = None if usage else self._known.get(key)
        if known is None:
            known = request.type, self._items(request, request.type, at, usage)
            if not usage:
                self._known[key] = known
        return Estimate(request.ref, self._cards.currency, known[1], unpriced)

    def _items(
        self, request: Request, kind: Entity, at: datetime, usage: Mapping[str, Fact] | None
    ) -> tuple[LineItem, ...]:
        facts: dict[str, Fact] = {
            "config": fact_of(request.config),
            "hours": int(HOURS_PER_MONTH),
            "usage": dict(usage or {}),
        }
        return tuple(self._item(entry, facts, at) for entry in kind.items("spec", "pricing"))

    def _item(self, entry: JsonValue, facts: Mapping[str, Fact], at: datetime) -> LineItem:
        name, template = text(entry, "item") or "?", text(entry, "sku") or ""
        try:
            sku = self._sku(template, facts)
        except ExpressionError as fault:
            return LineItem(name, template, unknown=f"the SKU cannot be told: {fault}")
        try:
            quantity = self._quantity(dig(entry, "quantity"), facts)
        except ExpressionError as fault:
            return LineItem(name, sku, unknown=_why(text(entry, "quantity") or "", fault))
        if quantity == 0:
            # Nothing of it costs nothing, at whatever price.
            return LineItem(name, sku, None, Decimal(0), None, Decimal(0))
        priced = self._cards.price(sku, at)
        if isinstance(priced, str):
            return LineItem(name, sku, quantity=quantity, unknown=priced)
        rate, price = priced
        return LineItem(name, sku, rate.unit, quantity, price.amount, EXACT.multiply(quantity, price.amount))

    def _sku(self, template: str, facts: Mapping[str, Fact]) -> str:
        return "".join(self._text(piece, facts) if isinstance(piece, Hole) else piece for piece in split(template))

    def _text(self, hole: Hole, facts: Mapping[str, Fact]) -> str:
        value = self._value(hole.source, facts)
        if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
            return str(value)
        raise ExpressionError(f"{hole.source.strip()} is no text")

    def _quantity(self, stated: JsonValue, facts: Mapping[str, Fact]) -> Decimal:
        value: Fact = self._value(stated, facts) if isinstance(stated, str) else fact_of(stated)
        if isinstance(value, bool) or not isinstance(value, (int, Decimal)):
            raise ExpressionError("the quantity is no number")
        if value < 0:
            raise ExpressionError("the quantity is negative")
        return Decimal(value)

    def _value(self, source: str, facts: Mapping[str, Fact]) -> Fact:
        expression = self._compiled.get(source)
        if expression is None:
            expression = self._compiled[source] = self._expressions.compile(source, PRICING_FACTS)
        return expression.evaluate(facts)


def _prices(request: Request) -> JsonValue:
    return None if request.type is None else request.type.get("spec", "pricing")


def _unpriced(request: Request, kind: Entity | None, pricing: JsonValue) -> str | None:
    if kind is None:
        return f"there is no resource type {request.type_name!r}"
    if request.version is None:
        return f"the resource type {request.type_name} has no version {request.version_name!r}"
    if pricing is None:
        return f"the resource type {request.type_name} says nothing about its price"
    return None


def _why(source: str, fault: ExpressionError) -> str:
    if fault.missing and "usage" in source:
        return f"nobody has measured {source.strip()}"
    return str(fault)
