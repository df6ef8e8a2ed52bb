"""review, the part about what a change reaches: references that break, and who depends on what goes or changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tarmac.catalog.changes import CatalogChange
from tarmac.catalog.graph import Impact, Known, Risk, impact
from tarmac.catalog.strength import Strength
from tarmac.catalog.view import ReviewView
from tarmac.model.documents import Entity
from tarmac.model.refs import Ref
from tarmac.reports.review import BrokenReference, ImpactReview

PARTS = ("component", "api", "resource")
_RISKS = tuple(Risk)


def broken(change: CatalogChange, merged: ReviewView) -> Iterator[BrokenReference]:
    """Every reference to what is removed or has another name."""
    gone: dict[Ref, Ref | None] = {entity.ref: None for entity in change.removed}
    gone |= {renamed.old.ref: renamed.new.ref for renamed in change.renamed}
    for ref in sorted(gone):
        if not merged.exists(ref):
            for found in merged.references_to(ref):
                yield BrokenReference(ref, gone[ref], found.source.ref, found.place, found.text)


def impacts(change: CatalogChange, before: ReviewView, merged: ReviewView) -> tuple[ImpactReview, ...]:
    """What each part that goes or changes reaches, the worst first. What goes together is told once where one of it
    reaches all that the other does."""
    was: Known = {}
    comes: Known = {}
    removed = [entity.ref for entity in change.removed if _is_part(entity)]
    renamed = [one.old.ref for one in change.renamed if _is_part(one.old)]
    changed = [one.new.ref for one in change.changed if _is_part(one.new)]
    before.ahead_needs([*removed, *renamed])
    merged.ahead_needs(changed)
    found = [
        *_together([impact(before, ref, was) for ref in removed], before),
        *(_review("rename", impact(before, ref, was), before) for ref in renamed),
        *(_review("change", impact(merged, ref, comes), merged) for ref in changed),
    ]
    return tuple(sorted(found, key=lambda one: (-_RISKS.index(one.impact.risk), one.impact.ref)))


def _together(removed: Iterable[Impact], before: ReviewView) -> Iterator[ImpactReview]:
    kept: list[tuple[Impact, set[Ref], list[Ref]]] = []
    # What runs goes before the promises that it makes.
    for one in sorted(removed, key=lambda one: (-_RISKS.index(one.risk), -len(_reached(one)), one.ref.kind == "api")):
        reached = _reached(one)
        wider = next((entry for entry in kept if reached <= entry[1] | {entry[0].ref}), None)
        if wider is None:
            kept.append((one, reached, []))
        else:
            wider[2].append(one.ref)
    for one, _, beside in kept:
        yield _review("remove", one, before, tuple(sorted(beside)))


def _reached(found: Impact) -> set[Ref]:
    return {dependent.ref for dependent in (*found.direct, *found.transitive)}


def _review(operation: str, found: Impact, catalog: ReviewView, together: tuple[Ref, ...] = ()) -> ImpactReview:
    tell: set[Ref] = set()
    for dependent in (*found.direct, *found.transitive):
        if operation == "change" or dependent.strength is not Strength.HARD:
            continue
        owner = catalog.get(catalog.standing_of(dependent.ref)[1])
        if owner is not None:
            tell.add(owner.ref)
    return ImpactReview(operation, found, together, tuple(sorted(tell)))


def _is_part(entity: Entity) -> bool:
    return entity.ref.kind in PARTS
