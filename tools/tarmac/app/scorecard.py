"""scorecard: how far services, teams and the organisation are, at any commit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TypeAlias

from tarmac.app.ages import History, ages_for
from tarmac.app.catalog import find, read
from tarmac.app.deps import Reading
from tarmac.catalog.view import CatalogView
from tarmac.errors import ConfigurationError, ExpressionError, UsageError
from tarmac.insights.scorecard import Card, Move, Result, compile_card, measure, moves
from tarmac.model.ages import Aging
from tarmac.model.expressions import Expressions
from tarmac.model.frozen import Frozen
from tarmac.model.shown import visible
from tarmac.model.trees import Source
from tarmac.reports.scorecard import ScorecardView
from tarmac.rules.facts import PolicyFacts

# A catalog with the ages of its files, None where nobody asks.
Aged: TypeAlias = tuple[CatalogView, Aging | None]


class Judges(Frozen):
    """The scorecards that measure, and the catalog that they and the platform are from."""

    base: CatalogView
    cards: tuple[Card, ...]
    broken: tuple[tuple[str, str], ...]


def judges(base: CatalogView, expressions: Expressions) -> Judges:
    """The scorecards of a catalog; those that cannot be used by name, with the reason."""
    cards, broken = [], []
    for entity in base.of_kind("scorecard"):
        try:
            cards.append(compile_card(entity, expressions))
        except ExpressionError as fault:
            broken.append((entity.name, visible(str(fault), 240)))
    return Judges(base, tuple(sorted(cards, key=lambda card: card.name)), tuple(broken))


def measured(catalog: CatalogView, by: Judges, now: datetime, ages: Aging | None = None) -> tuple[Result, ...]:
    """Every scorecard over a catalog; without `ages` nobody knows how old things are."""
    facts = PolicyFacts(catalog, by.base, now, ages=ages)
    return tuple(_measured(catalog, card, facts) for card in by.cards)


def changed(before: Aged, after: Aged, by: Judges, now: datetime) -> tuple[Move, ...]:
    """Whom a change takes from one level to another, by the scorecards of the base; each side with its ages."""
    (old, then), (new, later) = before, after
    pairs = zip(measured(old, by, now, then), measured(new, by, now, later), strict=True)
    return tuple(move for one, other in pairs for move in moves(one, other))


def show(
    source: Source, reading: Reading, now: datetime, text: str | None, history: History | None = None
) -> ScorecardView:
    """What a person asks for: all (None), a scorecard, a team, or one entity.

    Raises:
        ConfigurationError: there is no scorecard, or one that cannot be used.
        UsageError: there is nothing of that name, or no scorecard measures it.
    """
    catalog = read(source, reading)
    by = judges(catalog, reading.expressions)
    if by.broken:
        name, reason = by.broken[0]
        raise ConfigurationError(f"the scorecard {visible(name)} cannot be used: {reason}; `tarmac check` says where")
    if not by.cards:
        raise ConfigurationError("there is no Scorecard to measure by: write one in policies/")
    asked = None if text is None else find(catalog, text)
    results = measured(catalog, by, now, ages_for(catalog, history))
    if asked is None or asked.ref.kind == "scorecard":
        return ScorecardView(tuple(one for one in results if asked is None or one.card.entity.ref == asked.ref))
    if asked.ref.kind == "group":
        of_team = tuple(one for one in results if any(team == asked.ref for team, _ in one.teams))
        view = ScorecardView(of_team, team=asked.ref)
    else:
        view = ScorecardView(tuple(_of(results, asked.ref)), entity=asked.ref)
    if not view.results:
        what = "anything of" if view.team else ""
        raise UsageError(" ".join(f"no scorecard measures {what} {asked.ref}".split()))
    return view


def _of(results: tuple[Result, ...], ref: object) -> Iterator[Result]:
    return (one for one in results if any(standing.entity == ref for standing in one.standings))


def _measured(catalog: CatalogView, card: Card, facts: PolicyFacts) -> Result:
    kinds = card.entity.texts("spec", "appliesTo", "kinds")
    entities = catalog.of_kind(*dict.fromkeys(kind.lower() for kind in kinds))
    owners = ((entity, catalog.owner_of(entity)) for entity in entities)
    return measure(card, ((entity, None if owner is None else owner.ref) for entity, owner in owners), facts)
