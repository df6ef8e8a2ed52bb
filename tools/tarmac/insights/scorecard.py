"""Scorecards: which level each service is on, what its score is, and which change moved it.

A rule gives credit from 0 to 1. Its expression gives `true` (1) or `false` (0), a whole percentage from 0 to 100, or
`decimal("0.5")`; the engine has no binary fractions. The percentage 1 is refused: who writes `? 1 : 0` means all or
nothing, and would get a hundredth. A key that is not there is no credit; any other error is none either, and is told.

The score is the weighted mean of all credits, `sum(weight x credit) / sum(weight)`, exact. A level is reached when each
of its rules has at least the level's share (100% unless `shares` says less), and every level below it is reached.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from tarmac.errors import ExpressionError
from tarmac.model.documents import Entity
from tarmac.model.expressions import POLICY_FACTS, POLICY_FUNCTIONS, Calls, Expression, Expressions, Fact
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, dig, text
from tarmac.model.refs import Ref
from tarmac.model.shown import visible
from tarmac.model.values import BadValue, parse_percent

ALL = Fraction(1)
NONE = Fraction(0)


class Facts(Protocol):
    """What expressions read of an entity: the same as policies do."""

    @property
    def calls(self) -> Calls: ...

    def of(self, entity: Entity) -> Mapping[str, Fact]: ...


class CardRule(Frozen):
    """One rule, compiled."""

    name: str
    title: str
    level: str
    weight: int
    score: Expression
    fix: str | None


class Card(Frozen):
    """A scorecard, compiled. `levels` from the lowest up, each with the share that its rules must reach."""

    entity: Entity
    levels: tuple[tuple[str, Fraction], ...]
    rules: tuple[CardRule, ...]

    @property
    def name(self) -> str:
        return self.entity.name

    @property
    def title(self) -> str:
        return self.entity.text("metadata", "title") or self.entity.name

    def takes(self, entity: Entity) -> bool:
        """Whether the card measures the entity."""
        kinds = {kind.lower() for kind in self.entity.texts("spec", "appliesTo", "kinds")}
        return entity.ref.kind in kinds and all(
            not (wanted := self.entity.texts("spec", "appliesTo", field)) or entity.text(*path) in wanted
            for field, path in _FIELDS.items()
        )


_FIELDS = {"types": ("spec", "type"), "lifecycles": ("spec", "lifecycle"), "tiers": ("spec", "tarmac", "tier")}


class Credit(Frozen):
    """What one rule gave: `share` from 0 to 1, `enough` whether it reaches its level's share, `error` what went wrong
    where that is why it gave nothing."""

    rule: CardRule
    share: Fraction
    enough: bool
    error: str | None = None


class Standing(Frozen):
    """One entity on one card. `level` is None where not even the lowest is reached."""

    entity: Ref
    owner: Ref | None
    level: str | None
    score: Fraction
    credits: tuple[Credit, ...]

    @property
    def missing(self) -> tuple[Credit, ...]:
        """What keeps it from the next level: the credits of that level that are not enough."""
        short = [credit for credit in self.credits if not credit.enough]
        return tuple(credit for credit in short if credit.rule.level == short[0].rule.level)


class Group(Frozen):
    """Many standings: how many, their mean score, and how many are on each level (None: on none), highest first."""

    count: int
    score: Fraction
    levels: tuple[tuple[str | None, int], ...]


class Result(Frozen):
    """One card over a catalog: every entity by reference, every team (None: owned by nobody), all of them."""

    card: Card
    standings: tuple[Standing, ...]
    teams: tuple[tuple[Ref | None, Group], ...]
    organization: Group


class Move(Frozen):
    """An entity that a change takes from one level to another. `because` are the credits after the change of the rules
    that decided it: lost ones on the way down, won ones on the way up."""

    card: Card
    entity: Ref
    before: str | None
    after: str | None
    down: bool
    because: tuple[Credit, ...]


def compile_card(entity: Entity, expressions: Expressions) -> Card:
    """A Scorecard document, ready to measure. Rules are in the order of their levels.

    Raises:
        ExpressionError: one of its expressions does not compile, or a level or share is none.
    """
    levels = tuple((name, _share(entity, name)) for name in dict.fromkeys(entity.texts("spec", "levels")))
    order = {name: at for at, (name, _) in enumerate(levels)}
    rules = [_rule(data, expressions) for data in entity.items("spec", "rules")]
    lost = next((rule for rule in rules if rule.level not in order), None)
    if lost is not None:
        raise ExpressionError(f"the rule {visible(lost.name)} is of no level that the scorecard has")
    return Card(entity, levels, tuple(sorted(rules, key=lambda rule: order[rule.level])))


def measure(card: Card, entities: Iterable[tuple[Entity, Ref | None]], facts: Facts) -> Result:
    """Measure the entities, each with its owner, that the card takes."""
    found = [_standing(card, entity, owner, facts) for entity, owner in entities if card.takes(entity)]
    standings = tuple(sorted(found, key=lambda standing: standing.entity))
    by_team: dict[Ref | None, list[Standing]] = {}
    for standing in standings:
        by_team.setdefault(standing.owner, []).append(standing)
    owners = sorted(by_team, key=lambda ref: (ref is None, str(ref)))
    teams = tuple((owner, _group(card, by_team[owner])) for owner in owners)
    return Result(card, standings, teams, _group(card, standings))


def moves(before: Result, after: Result) -> tuple[Move, ...]:
    """Who stands on another level after than before, in the same card; ways down first. Who is new or gone is not
    among them."""
    ranks = {None: 0} | {name: at for at, (name, _) in enumerate(after.card.levels, 1)}
    old = {standing.entity: standing for standing in before.standings}
    found = []
    for new in after.standings:
        was = old.get(new.entity)
        if was is None or was.level == new.level:
            continue
        down = ranks[new.level] < ranks.get(was.level, 0)
        enough = {credit.rule.name: credit.enough for credit in was.credits}
        low, high = sorted((ranks[new.level], ranks.get(was.level, 0)))
        because = tuple(
            credit
            for credit in new.credits
            if low < ranks[credit.rule.level] <= high
            and credit.enough is not down
            and credit.enough != enough.get(credit.rule.name)
        )
        found.append(Move(after.card, new.entity, was.level, new.level, down, because))
    return tuple(sorted(found, key=lambda move: (not move.down, move.entity)))


def credit_of(value: Fact) -> Fraction:
    """What an expression's result is worth, from 0 to 1.

    Raises:
        ExpressionError: it is none of what a score can be.
    """
    if isinstance(value, bool):
        return ALL if value else NONE
    if isinstance(value, int):
        if value == 1:
            raise ExpressionError("the score 1 would be one percent: write true, 100 or decimal(...)")
        if 0 <= value <= 100:
            return Fraction(value, 100)
        raise ExpressionError(f"the score {value} is no percentage from 0 to 100")
    if isinstance(value, Decimal) and 0 <= value <= 1:
        return Fraction(value)
    what = f"the decimal {value:f} is not between 0 and 1" if isinstance(value, Decimal) else "the result is no score"
    raise ExpressionError(f'{what}: write true or false, a percentage from 0 to 100, or decimal("0.5")')


def _standing(card: Card, entity: Entity, owner: Ref | None, facts: Facts) -> Standing:
    seen, shares = facts.of(entity), dict(card.levels)
    credits = tuple(_credit(rule, shares[rule.level], seen, facts.calls) for rule in card.rules)
    level: str | None = None
    for name, _ in card.levels:
        if not all(credit.enough for credit in credits if credit.rule.level == name):
            break
        level = name
    return Standing(entity.ref, owner, level, _score(credits), credits)


def _credit(rule: CardRule, wanted: Fraction, seen: Mapping[str, Fact], calls: Calls) -> Credit:
    try:
        share = credit_of(rule.score.evaluate(seen, calls))
    except ExpressionError as fault:
        return Credit(rule, NONE, enough=False, error=None if fault.missing else visible(str(fault), 240))
    return Credit(rule, share, share >= wanted)


def _score(credits: Sequence[Credit]) -> Fraction:
    weight = sum(credit.rule.weight for credit in credits)
    return sum((credit.share * credit.rule.weight for credit in credits), NONE) / weight if weight else NONE


def _group(card: Card, standings: Sequence[Standing]) -> Group:
    names: tuple[str | None, ...] = (*(name for name, _ in reversed(card.levels)), None)
    counts = tuple((name, sum(standing.level == name for standing in standings)) for name in names)
    total = sum((standing.score for standing in standings), NONE)
    return Group(len(standings), total / len(standings) if standings else NONE, counts)


def _share(entity: Entity, level: str) -> Fraction:
    stated = entity.text("spec", "shares", level)
    try:
        return ALL if stated is None else parse_percent(stated)
    except BadValue as fault:
        raise ExpressionError(str(fault)) from None


def _rule(data: JsonValue, expressions: Expressions) -> CardRule:
    name = text(data, "name") or ""
    return CardRule(
        name=name,
        title=text(data, "title") or name.replace("-", " "),
        level=text(data, "level") or "",
        weight=_weight(dig(data, "weight")),
        score=expressions.compile(text(data, "score") or "", POLICY_FACTS, POLICY_FUNCTIONS),
        fix=text(data, "fix"),
    )


def _weight(stated: JsonValue) -> int:
    """A whole number from 1 on. Whatever else is written, which the format refuses, counts as 1."""
    return max(1, int(stated)) if isinstance(stated, (int, float)) else 1
