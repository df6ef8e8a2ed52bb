"""An exemption that has expired, that nothing needs, or that names no rule.

An exemption takes one rule's findings off one entity until a day, for a reason, with an owner. It counts as long as it
stands in the base. One that has expired no longer does; one that nothing needs should not lie around until somebody
does need it.

Wrong:

    spec: {rule: service-nme, target: component:default/billing, expires: "2020-01-31", ...}

Right:

    spec: {rule: service-name, target: component:default/billing, expires: "2027-03-31", ...}
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.refs import BadReference, Ref
from tarmac.model.shown import visible
from tarmac.model.values import BadValue, end_of_day, parse_day
from tarmac.rules.near import Near
from tarmac.rules.rule import said

ID = "exemption"
PAGE = __doc__


@dataclass(frozen=True, slots=True)
class Exempted:
    """A finding that an exemption took off, and the instant at which it comes back."""

    finding: Finding
    exemption: Ref
    until: datetime


def apply(
    findings: Iterable[Finding], base: CatalogView, now: datetime
) -> tuple[tuple[Finding, ...], tuple[Exempted, ...]]:
    """(what is left, what was taken off): by the exemptions of the base that have not expired at `now`."""
    valid: dict[tuple[str, str], tuple[Ref, datetime]] = {}
    for entity in base.of_kind("exemption"):
        until, target = _until(entity), _target(entity)
        if until is not None and target is not None and now < until:
            key = (entity.text("spec", "rule") or "", str(target))
            if key not in valid or valid[key][1] < until:
                valid[key] = (entity.ref, until)
    left, taken = [], []
    for finding in findings:
        by = valid.get((finding.rule, finding.entity or ""))
        if by is None or finding.rule == ID:
            left.append(finding)
        else:
            taken.append(Exempted(finding, *by))
    return tuple(left), tuple(taken)


def check(
    catalog: CatalogView, base: CatalogView, rules: Collection[str], taken: Iterable[Exempted], now: datetime
) -> Iterator[Finding]:
    """What is wrong with the exemptions of the catalog. `rules` are the ids of built-in rules and policies.

    Whether one is unused is told only where all entities were judged, and only of one that the base has too.
    """
    used = {found.exemption for found in taken}
    for entity in catalog.judged("exemption"):
        name, until, target = entity.text("spec", "rule") or "", _until(entity), _target(entity)
        if name not in rules:
            near = Near(rules).of(name)
            message = f"rule {visible(name)} is neither a built-in rule nor a policy"
            fix = f"write {near}" if near else "name the rule as findings do"
            yield said(Severity.ERROR, ID, entity, entity.place("spec", "rule"), message, fix)
        elif until is not None and until <= now:
            message = f"the exemption from {visible(name)} has expired, and no longer counts"
            fix = "remove it, or have a later day approved"
            yield said(Severity.WARNING, ID, entity, entity.place("spec", "expires"), message, fix)
        elif catalog.focus is None and entity.ref not in used and _could_serve(catalog, base, entity, target):
            message = f"nothing needs this exemption: {visible(name)} finds no fault in {visible(str(target))}"
            yield said(Severity.WARNING, ID, entity, entity.place("spec", "target"), message, "remove it")


def _could_serve(catalog: CatalogView, base: CatalogView, entity: Entity, target: Ref | None) -> bool:
    """Whether there is what it is for, and the base has it as it is, so that it counts."""
    there = base.get(entity.ref)
    return there is not None and there.data == entity.data and target is not None and catalog.exists(target)


def _until(entity: Entity) -> datetime | None:
    try:
        return end_of_day(parse_day(entity.text("spec", "expires") or ""))
    except BadValue:
        return None


def _target(entity: Entity) -> Ref | None:
    try:
        return Ref.parse(entity.text("spec", "target") or "", default_namespace=entity.ref.namespace)
    except BadReference:
        return None
