"""A scorecard whose levels and rules do not fit together.

Each rule belongs to one of the scorecard's levels, each level has a rule, and names are given once: a level without
rules would be reached by doing nothing, and of two rules with one name nobody could tell which one is missing. A share
is more than 0% and at most 100%.

Points at: the name, level or share that does not fit.

Wrong:

    levels: [bronze, silver]
    rules:
      - {name: has-runbook, level: gold, score: 'size(object.metadata.links) > 0'}

Right:

    levels: [bronze, silver]
    rules:
      - {name: has-owner, level: bronze, score: 'owner.email != ""'}
      - {name: has-runbook, level: silver, score: 'size(object.metadata.links) > 0'}
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.json_value import text
from tarmac.model.shown import visible
from tarmac.model.values import BadValue, parse_percent
from tarmac.rules.near import Near
from tarmac.rules.rule import Rule, error, listed
from tarmac.rules.settings import Settings

ID = "scorecard"


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for entity in catalog.judged("scorecard"):
        levels = entity.texts("spec", "levels")
        yield from _repeated(entity, ("spec", "levels"), levels, "the level")
        yield from _rules(entity, levels)
        yield from _shares(entity, levels)


def _rules(entity: Entity, levels: Sequence[str]) -> Iterator[Finding]:
    rules = entity.items("spec", "rules")
    for index, rule in enumerate(rules):
        level = text(rule, "level")
        if level is not None and level not in levels:
            near = Near(levels).of(level)
            fix = f"write {visible(near)}" if near else f"write one of {listed(tuple(levels))}"
            message = f"the scorecard has no level {visible(level)}"
            yield error(ID, entity, entity.place("spec", "rules", index, "level"), message, fix)
    yield from _repeated(entity, ("spec", "rules"), [text(rule, "name") or "" for rule in rules], "the rule", "name")
    used = {text(rule, "level") for rule in rules}
    for index, level in enumerate(levels):
        if level not in used:
            message = f"no rule belongs to the level {visible(level)}, so it would be reached by doing nothing"
            yield error(ID, entity, entity.place("spec", "levels", index), message, "give it a rule, or take it out")


def _shares(entity: Entity, levels: Sequence[str]) -> Iterator[Finding]:
    for level, share in entity.mapping("spec", "shares").items():
        if level not in levels:
            place = entity.key_place("spec", "shares", level)
            yield error(ID, entity, place, f"the scorecard has no level {visible(level)}", "name one of its levels")
        elif isinstance(share, str) and not _fits(share):
            message = f"a share of {visible(share)} cannot be reached by some and missed by others"
            place = entity.place("spec", "shares", level)
            yield error(ID, entity, place, message, "write more than 0% and at most 100%")


def _fits(share: str) -> bool:
    try:
        return 0 < parse_percent(share) <= 1
    except BadValue:
        return True  # the schema gate says so


def _repeated(
    entity: Entity, path: tuple[str, ...], names: Sequence[str], what: str, field: str | None = None
) -> Iterator[Finding]:
    for index, name in enumerate(names):
        if name in names[:index]:
            place = entity.place(*path, index, *((field,) if field else ()))
            yield error(ID, entity, place, f"{what} {visible(name)} is there twice", "give it another name")


RULE = Rule(ID, Severity.ERROR, __doc__, check)
