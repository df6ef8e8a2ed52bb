"""review, the part about what a change reaches: references that break, and who depends on what goes or changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tarmac.catalog.changes import CatalogChange
from tarmac.catalog.reach import Impact, Impacts, Risk, everyone
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
    removed = [entity.ref for entity in change.removed if _is_part(entity)]
    renamed = [one.old.ref for one in change.renamed if _is_part(one.old)]
    changed = [one.new.ref for one in change.changed if _is_part(one.new)]
    if not (removed or renamed or changed):
        return ()
    was = Impacts(before)
    comes = Impacts(merged, was.numbers)
    found = [
        *_together(map(was.of, removed), before),
        *(_review("rename", was.of(ref), before) for ref in renamed),
        *(_review("change", comes.of(ref), merged) for ref in changed),
    ]
    return tuple(sorted(found, key=lambda one: (-_RISKS.index(one.impact.risk), one.impact.ref)))


def _together(removed: Iterable[Impact], before: ReviewView) -> Iterator[ImpactReview]:
    kept: list[tuple[Impact, set[Ref], list[Ref]]] = []
    # What runs goes before the promises that it makes.
    for one in sorted(removed, key=lambda one: (-_RISKS.index(one.risk), -len(one.reached), one.ref.kind == "api")):
        reached = set(everyone([one]))
        wider = next((entry for entry in kept if reached <= entry[1]), None)
        if wider is None:
            kept.append((one, {*reached, one.ref}, []))
        else:
            wider[2].append(one.ref)
    for one, _, beside in kept:
        yield _review("remove", one, before, tuple(sorted(beside)))


def _review(operation: str, found: Impact, catalog: ReviewView, together: tuple[Ref, ...] = ()) -> ImpactReview:
    tell = () if operation == "change" else tuple(owner for owner in found.asked if catalog.exists(owner))
    return ImpactReview(operation, found, together, tell)


def _is_part(entity: Entity) -> bool:
    return entity.ref.kind in PARTS
