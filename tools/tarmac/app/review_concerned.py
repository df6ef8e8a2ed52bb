"""review, the part about which requests a change can concern: of the others, planning says the same before and after.

A request is concerned when it is added or changed itself, when what it takes its cost centre from changes, when other
findings hold it, or when it and one of those depend on each other or tell of each other's earlier names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from tarmac.catalog.changes import CatalogChange
from tarmac.catalog.view import ReviewView, ref_of
from tarmac.model.refs import Ref

_KIND = "resourcerequest"
# What these say is about any request.
_OF_ALL = frozenset({"resourcetype", "platform", "deletionapproval"})


class Held(Protocol):
    """A tree, and why which of its requests is held, by its reference."""

    @property
    def catalog(self) -> ReviewView: ...

    @property
    def holds(self) -> Mapping[str, str]: ...


def concerned(change: CatalogChange, sides: tuple[Held, Held]) -> Sequence[Ref] | None:
    """The requests that a change between two trees can concern, sorted; None where it may concern any of them.

    Where a request goes, what goes and what comes is compared to find renames, so there all are looked at.
    """
    pairs = (*change.changed, *change.renamed)
    ends = [end for pair in pairs for end in (pair.old, pair.new)]
    touched = {entity.ref for entity in (*change.added, *change.removed, *ends)} | {one.ref for one in change.moved}
    gone = (*change.removed, *(renamed.old for renamed in change.renamed))
    if any(ref.kind in _OF_ALL for ref in touched) or any(entity.ref.kind == _KIND for entity in gone):
        return None
    before, after = (side.holds for side in sides)
    held = (ref_of(name) for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    found: set[Ref] = {ref for ref in touched if ref.kind == _KIND} | {ref for ref in held if ref is not None}
    # A request that comes to have such an owner is touched itself.
    sides[0].catalog.ahead_sources(touched, _KIND, "owner")
    for ref in touched:
        found.update(sides[0].catalog.sources_to(ref, _KIND, "owner"))
    if any(entity.ref.kind == _KIND for entity in change.added):
        # A request that tells of an earlier name is held while there is one of that name.
        for side in sides:
            found.update(one.ref for one in side.catalog.saying(_KIND, "previously"))
    waiting = list(found)
    while waiting:
        for side in sides:
            side.catalog.ahead_sources(waiting, _KIND, "dependsOn")
        more = {one for ref in waiting for side in sides for one in _near(side.catalog, ref)} - found
        found |= more
        waiting = list(more)
    return sorted(found)


def _near(catalog: ReviewView, ref: Ref) -> Iterator[Ref]:
    """The requests that one depends on, that depend on it, and that it tells of as its earlier names."""
    for reference in catalog.references_of(ref):
        if reference.field.name == "dependsOn" and reference.target is not None and reference.target.kind == _KIND:
            yield reference.target
    yield from catalog.sources_to(ref, _KIND, "dependsOn")
    entity = catalog.get(ref)
    for name in () if entity is None else entity.texts("spec", "previously"):
        yield Ref.of(_KIND, name, ref.namespace)
