"""Running the rules so that what each verdict rests on is noted, and each finding is known by its entity."""

from __future__ import annotations

from collections.abc import Iterable

from tarmac.catalog import keys
from tarmac.catalog.traced import ReadLog, Traced
from tarmac.catalog.view import CatalogView
from tarmac.errors import Defect
from tarmac.model.findings import Finding
from tarmac.model.frozen import Frozen, replace
from tarmac.model.refs import Ref
from tarmac.rules.rule import Knot, Rule
from tarmac.rules.settings import Settings


class Raw(Frozen):
    """What rules say before exemptions are heeded: of each entity in focus, of knots, and of the whole."""

    ruled: dict[Ref, tuple[Finding, ...]]
    knots: tuple[Knot, ...]
    whole: tuple[Finding, ...]

    def findings(self) -> Iterable[Finding]:
        """All of them."""
        for found in self.ruled.values():
            yield from found
        yield from (knot.finding for knot in self.knots)
        yield from self.whole


def each(
    catalog: CatalogView, settings: Settings, rules: Iterable[Rule], log: ReadLog
) -> dict[Ref, tuple[Finding, ...]]:
    """What the rules that look at each entity say of those in focus, each finding once.

    Raises:
        Defect: a rule speaks while it has no entity at hand, so that nobody would know when that changes.
    """
    traced = Traced(catalog, keys.JUDGED, log)
    watched = replace(settings, base=Traced(settings.base, keys.JUDGING, log), holds=log.holds)
    found: dict[Ref, dict[Finding, None]] = {}
    for rule in rules:
        if rule.whole or rule.knots is not None:
            continue
        for finding in rule.find(traced, watched):
            if log.at_hand is None or finding.entity != str(log.at_hand):
                raise Defect(f"rule {rule.id} speaks of {finding.entity} while it looks at {log.at_hand}")
            found.setdefault(log.at_hand, {})[finding] = None
    return {ref: tuple(findings) for ref, findings in found.items()}


def apart(catalog: CatalogView, settings: Settings, rules: Iterable[Rule]) -> dict[Ref, tuple[Finding, ...]]:
    """The same where nobody needs to know what the verdicts rest on.

    Raises:
        Defect: a rule speaks of an entity that is not in focus.
    """
    names = {str(ref): ref for ref in catalog.focus or ()}
    found: dict[Ref, dict[Finding, None]] = {}
    for rule in rules:
        if rule.whole or rule.knots is not None:
            continue
        for finding in rule.find(catalog, settings):
            ref = names.get(finding.entity or "")
            if ref is None:
                raise Defect(f"rule {rule.id} speaks of {finding.entity}, which is not in focus")
            found.setdefault(ref, {})[finding] = None
    return {ref: tuple(findings) for ref, findings in found.items()}


def whole(catalog: CatalogView, settings: Settings, rules: Iterable[Rule]) -> tuple[Finding, ...]:
    """What the rules say that look at all of a few documents at once."""
    return tuple(finding for rule in rules if rule.whole for finding in rule.find(catalog, settings))


def knots(catalog: CatalogView, rules: Iterable[Rule]) -> tuple[Knot, ...]:
    """The knots that an entity in focus is in."""
    return tuple(knot for rule in rules if rule.knots is not None for knot in rule.knots(catalog))
