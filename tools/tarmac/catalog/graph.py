"""The graph over a catalog: what depends on what, what belongs to what.

An edge of dependence runs from the one that needs to the one that is needed:

- `dependsOn`, and `dependencyOf` turned round. Hard, unless the entity's `spec.tarmac.dependencies` says of the target
  `strength: soft`, or names it in an `anyOf` with others.
- `consumesApis`: from the consumer to the API, and from the API on to each component that provides it. An API is a
  promise and no running thing, so it adds nothing to a distance.

Everything here is computed from the references of the index, each entity once, so cycles end by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from tarmac.catalog.index import Catalog
from tarmac.catalog.references import Reference
from tarmac.catalog.strength import Strength, strengths
from tarmac.catalog.view import CatalogView
from tarmac.model.frozen import Frozen
from tarmac.model.refs import Ref

_BELONGS = ("system", "domain", "subcomponentOf", "subdomainOf", "parent")


class Relation(StrEnum):
    """What an edge of the drawn graph says of its two ends."""

    DEPENDS_ON = "depends on"
    CONSUMES = "consumes"
    PROVIDES = "provides"
    PART_OF = "part of"
    IS_FOR = "is for"


class Edge(Frozen, order=True):
    """`source` depends on, consumes, provides, is part of or (a request) is for `target`."""

    source: Ref
    target: Ref
    relation: Relation
    strength: Strength = Strength.HARD


class Graph(Frozen):
    """Nodes and the edges between them, both sorted; `missing` are nodes that nothing in the catalog describes."""

    root: Ref | None
    nodes: tuple[Ref, ...]
    edges: tuple[Edge, ...]
    missing: tuple[Ref, ...]


def dependence(catalog: Catalog) -> Iterator[Edge]:
    """Every edge of dependence, APIs as nodes of their own; the strength of a reversed edge is the dependent's."""
    for references in catalog.outgoing.values():
        for reference in references:
            yield from _edge(catalog, reference)


def needed(catalog: Catalog) -> dict[Ref, dict[Ref, bool]]:
    """The same by what is needed: who needs it, and whether hard."""
    found: dict[Ref, dict[Ref, bool]] = {}
    for edge in dependence(catalog):
        _add(found.setdefault(edge.target, {}), edge)
    return found


def needed_by(catalog: CatalogView, ref: Ref) -> dict[Ref, bool]:
    """Who needs a thing, and whether hard, as the references tell."""
    found: dict[Ref, bool] = {}
    for reference in (*catalog.references_to(ref), *catalog.references_of(ref)):
        for edge in _edge(catalog, reference):
            if edge.target == ref:
                _add(found, edge)
    return found


def _add(sources: dict[Ref, bool], edge: Edge) -> None:
    """Who needs a thing twice needs it hard if one of these is."""
    sources[edge.source] = edge.strength is Strength.HARD or sources.get(edge.source, False)


def graph(catalog: Catalog, ref: Ref | None = None, depth: int = 2) -> Graph:
    """All relations of the catalog, or those within `depth` steps of `ref` in either direction."""
    references = (reference for found in catalog.outgoing.values() for reference in found)
    edges = sorted({edge for reference in references for edge in _drawn(catalog, reference)})
    if ref is not None:
        near = _near(edges, ref, depth)
        edges = [edge for edge in edges if edge.source in near and edge.target in near]
        nodes = near
    else:
        nodes = {end for edge in edges for end in (edge.source, edge.target)}
    return Graph(
        root=ref,
        nodes=tuple(sorted(nodes)),
        edges=tuple(edges),
        missing=tuple(sorted(node for node in nodes if node not in catalog.entities)),
    )


def _edge(catalog: CatalogView, reference: Reference) -> Iterator[Edge]:
    target = reference.target
    if target is None:
        return
    source, name = reference.source.ref, reference.field.name
    if name == "dependsOn":
        yield Edge(source, target, Relation.DEPENDS_ON, strengths(reference.source).get(target, Strength.HARD))
    elif name == "dependencyOf":
        dependent = catalog.get(target)
        stated = {} if dependent is None else strengths(dependent)
        yield Edge(target, source, Relation.DEPENDS_ON, stated.get(source, Strength.HARD))
    elif name == "consumesApis":
        yield Edge(source, target, Relation.CONSUMES, strengths(reference.source).get(target, Strength.HARD))
    elif name == "providesApis":
        yield Edge(target, source, Relation.DEPENDS_ON)


def _drawn(catalog: CatalogView, reference: Reference) -> Iterator[Edge]:
    """The edges as people draw them: an API hangs on its provider, and parts on their whole."""
    if reference.target is None:
        return
    if reference.field.name == "providesApis":
        yield Edge(reference.source.ref, reference.target, Relation.PROVIDES)
    elif reference.field.name == "for":
        yield Edge(reference.source.ref, reference.target, Relation.IS_FOR)
    elif reference.field.name in _BELONGS:
        yield Edge(reference.source.ref, reference.target, Relation.PART_OF)
    else:
        yield from _edge(catalog, reference)


def _near(edges: Iterable[Edge], ref: Ref, depth: int) -> set[Ref]:
    around: dict[Ref, set[Ref]] = {}
    for edge in edges:
        around.setdefault(edge.source, set()).add(edge.target)
        around.setdefault(edge.target, set()).add(edge.source)
    near, rim = {ref}, {ref}
    for _ in range(depth):
        rim = {end for node in rim for end in around.get(node, ())} - near
        if not rim:
            break
        near |= rim
    return near
