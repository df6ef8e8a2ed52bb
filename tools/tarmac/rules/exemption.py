"""An exemption that has expired, that nothing needs, that lasts too long, or that names no rule.

An exemption takes one rule's findings off one entity until a day, for a reason, with an owner; or off a few entities
that `select` describes, at most as many as it says. It counts as long as it stands in the base, and ends within 180
days: whatever takes longer is decided again. One that has expired no longer counts; one that nothing needs should not
lie around until somebody does need it; one that more entities need than it may take counts for none of them.

Points at: the rule that does not exist, the day that has passed or is too far away, or the target or selection that
needs no exemption or has grown too large.

Wrong:

    spec: {rule: service-nme, target: component:default/billing, expires: "2020-01-31", ...}

Right:

    spec: {rule: service-name, target: component:default/billing, expires: "2027-03-31", ...}
    spec: {rule: required-tags, select: {kind: ResourceRequest, owner: group:default/freight, atMost: 5}, ...}
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from tarmac.catalog.view import CatalogView, owner_among
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.frozen import Frozen
from tarmac.model.refs import BadReference, Ref
from tarmac.model.shown import visible
from tarmac.model.values import BadValue, end_of_day, parse_day
from tarmac.rules.near import Near
from tarmac.rules.rule import said

ID = "exemption"
PAGE = __doc__

# An exemption ends at most so long from now.
LONGEST = timedelta(days=180)
_FIRST = datetime.min.replace(tzinfo=UTC)


class Exempted(Frozen):
    """A finding that an exemption took off, and the instant at which it comes back."""

    finding: Finding
    exemption: Ref
    until: datetime


class Outcome(Frozen):
    """What is left of findings, what was taken off, and the exemptions that more entities need than they may take (how
    many do)."""

    left: tuple[Finding, ...]
    taken: tuple[Exempted, ...]
    exceeded: Mapping[Ref, int]


class _Selection(Frozen):
    """What `select` says; None is any. `most` is how many entities it takes at most."""

    kind: str
    owner: Ref | None
    type: str | None
    environment: str | None
    most: int

    def takes(self, entity: Entity, catalog: CatalogView) -> bool:
        stated = entity.text("spec", "type") or ""
        return (
            entity.ref.kind == self.kind
            and (self.owner is None or owner_among(catalog.references_of(entity.ref)) == self.owner)
            and (self.type is None or self.type in (stated, stated.partition("@")[0]))
            and (self.environment is None or entity.text("spec", "environment") == self.environment)
        )


def apply(findings: Iterable[Finding], base: CatalogView, now: datetime, catalog: CatalogView | None = None) -> Outcome:
    """Take off what exemptions of the base cover that count at `now`: neither expired nor ending in more than 180 days.

    `catalog` holds the entities that the findings are about (the base, unless given). Of several exemptions the one
    that lasts longest is named, one with a target before one with a selection.
    """
    counting = [entity for entity in base.of_kind("exemption") if _counts(entity, now)]
    by_target = _by_target(counting)
    selecting = [(entity, found) for entity in counting if (found := _selection(entity)) is not None]
    left, taken = [], []
    waiting: dict[Ref, list[Finding]] = {}
    for finding in findings:
        by = by_target.get((finding.rule, finding.entity or ""))
        if finding.rule == ID:
            left.append(finding)
        elif by is not None:
            taken.append(Exempted(finding, *by))
        elif (chosen := _chosen(finding, selecting, catalog or base)) is not None:
            waiting.setdefault(chosen.ref, []).append(finding)
        else:
            left.append(finding)
    exceeded = {}
    for entity, selection in selecting:
        held = waiting.get(entity.ref, [])
        number = len({finding.entity for finding in held})
        if number > selection.most:
            exceeded[entity.ref] = number
            left += held
        else:
            taken += [Exempted(finding, entity.ref, _end(entity)) for finding in held]
    return Outcome(tuple(left), tuple(taken), exceeded)


def check(
    catalog: CatalogView, base: CatalogView, rules: Collection[str], outcome: Outcome, now: datetime
) -> Iterator[Finding]:
    """What is wrong with the exemptions of the catalog. `rules` are the ids of built-in rules and policies.

    Whether one is unused or exceeded is told only where all entities were judged, and only of one that the base has
    too.
    """
    used = {found.exemption for found in outcome.taken}
    for entity in catalog.judged("exemption"):
        name, until = entity.text("spec", "rule") or "", _until(entity)
        if name == ID:
            message = "what is said of exemptions cannot be exempted"
            yield said(
                Severity.ERROR, ID, entity, entity.place("spec", "rule"), message, "remove it, and mend the other"
            )
        elif name not in rules:
            near = Near(rules).of(name)
            message = f"rule {visible(name)} is neither a built-in rule nor a policy"
            fix = f"write {near}" if near else "write the word in brackets behind the finding"
            yield said(Severity.ERROR, ID, entity, entity.place("spec", "rule"), message, fix)
        elif until is not None and until <= now:
            message = f"the exemption from {visible(name)} has expired, and no longer counts"
            fix = "remove it, or have a later day approved"
            yield said(Severity.WARNING, ID, entity, entity.place("spec", "expires"), message, fix)
        elif until is not None and until > now + LONGEST:
            message = (
                f"the exemption from {visible(name)} ends more than {LONGEST.days} days from now, so it does not count"
            )
            fix = f"write a day that is at most {LONGEST.days} days away"
            yield said(Severity.ERROR, ID, entity, entity.place("spec", "expires"), message, fix)
        elif catalog.focus is None and _same(base, entity):
            yield from _served(catalog, entity, name, used, outcome.exceeded)


def turns(*catalogs: CatalogView) -> Iterator[datetime]:
    """The instants at which exemptions of the catalogs begin or cease to count, and what is said of them changes."""
    for catalog in catalogs:
        for entity in catalog.of_kind("exemption"):
            until = _until(entity)
            if until is not None:
                yield until
            if until is not None and until - _FIRST >= LONGEST:
                yield until - LONGEST


def _served(
    catalog: CatalogView, entity: Entity, rule: str, used: Collection[Ref], exceeded: Mapping[Ref, int]
) -> Iterator[Finding]:
    """Whether what stands in the base too is needed, and not by too many."""
    selection = _selection(entity)
    if entity.ref in exceeded and selection is not None:
        number = exceeded[entity.ref]
        message = f"{number} entities need this exemption and it takes at most {selection.most}, so it counts for none"
        fix = "mend what is new, or have a larger number approved"
        yield said(Severity.ERROR, ID, entity, entity.place("spec", "select", "atMost"), message, fix)
    elif entity.ref not in used and selection is not None:
        message = f"nothing needs this exemption: {visible(rule)} finds no fault in what it selects"
        yield said(Severity.WARNING, ID, entity, entity.place("spec", "select"), message, "remove it")
    elif entity.ref not in used and (target := _target(entity)) is not None and catalog.exists(target):
        message = f"nothing needs this exemption: {visible(rule)} finds no fault in {visible(str(target))}"
        yield said(Severity.WARNING, ID, entity, entity.place("spec", "target"), message, "remove it")


def _by_target(exemptions: Iterable[Entity]) -> Mapping[tuple[str, str], tuple[Ref, datetime]]:
    found: dict[tuple[str, str], tuple[Ref, datetime]] = {}
    for entity in exemptions:
        target, until = _target(entity), _end(entity)
        key = (entity.text("spec", "rule") or "", str(target))
        if target is not None and (key not in found or found[key][1] < until):
            found[key] = (entity.ref, until)
    return found


def _chosen(finding: Finding, selecting: Iterable[tuple[Entity, _Selection]], catalog: CatalogView) -> Entity | None:
    """The exemption whose selection takes the finding's entity; the one that lasts longest of several."""
    found = [
        exemption
        for exemption, selection in selecting
        if exemption.text("spec", "rule") == finding.rule
        and (entity := catalog.get(finding.entity)) is not None
        and selection.takes(entity, catalog)
    ]
    return max(found, key=lambda one: (_end(one), one.ref), default=None)


def _same(base: CatalogView, entity: Entity) -> bool:
    """Whether the base has it as it is, so that it counts."""
    there = base.get(entity.ref)
    return there is not None and there.data == entity.data


def _counts(entity: Entity, now: datetime) -> bool:
    until = _until(entity)
    return until is not None and now < until <= now + LONGEST


def _end(entity: Entity) -> datetime:
    """The end of one that counts."""
    return end_of_day(parse_day(entity.text("spec", "expires") or ""))


def _until(entity: Entity) -> datetime | None:
    try:
        return _end(entity)
    except BadValue:
        return None


def _target(entity: Entity) -> Ref | None:
    return _ref(entity.text("spec", "target"), entity)


def _selection(entity: Entity) -> _Selection | None:
    kind, most = entity.text("spec", "select", "kind"), entity.get("spec", "select", "atMost")
    owner = entity.text("spec", "select", "owner")
    if kind is None or not isinstance(most, (int, float)) or isinstance(most, bool):
        return None
    by = _ref(owner, entity, "group")
    if owner is not None and by is None:
        return None
    stated, environment = entity.text("spec", "select", "type"), entity.text("spec", "select", "environment")
    return _Selection(kind.lower(), by, stated, environment, int(most))


def _ref(text: str | None, entity: Entity, default_kind: str | None = None) -> Ref | None:
    try:
        return Ref.parse(text or "", default_kind=default_kind, default_namespace=entity.ref.namespace)
    except BadReference:
        return None
