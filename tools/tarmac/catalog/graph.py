"""The graph over a catalog: what depends on what, who is hit when something breaks, what belongs to what.

An edge of dependence runs from the one that needs to the one that is needed:

- `dependsOn`, and `dependencyOf` turned round. Hard, unless the entity's `spec.tarmac.dependencies` says of the target
  `strength: soft`, or names it in an `anyOf` with others.
- `consumesApis`: from the consumer to the API, and from the API on to each component that provides it. An API is a
  promise and no running thing, so it adds nothing to a distance.

Everything here is computed from the references of the index, each entity once, so cycles end by themselves.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, MutableMapping, Sequence
from enum import StrEnum
from typing import TypeAlias

from tarmac.catalog.index import Catalog
from tarmac.catalog.references import Reference
from tarmac.catalog.strength import Strength, strengths
from tarmac.catalog.view import CatalogView, Need, ReviewView
from tarmac.errors import CacheFault
from tarmac.model.frozen import Frozen
from tarmac.model.refs import Ref

# Where the platform sets no thresholds of its own.
_CRITICAL, _HIGH = 10, 5
_BELONGS = ("system", "domain", "subcomponentOf", "subdomainOf", "parent")


class Relation(StrEnum):
    """What an edge of the drawn graph says of its two ends."""

    DEPENDS_ON = "depends on"
    CONSUMES = "consumes"
    PROVIDES = "provides"
    PART_OF = "part of"
    IS_FOR = "is for"


_IS_HARD = {one.value: one is Strength.HARD for one in Strength}


class Risk(StrEnum):
    """How far a failure or a removal reaches."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Edge(Frozen, order=True):
    """`source` depends on, consumes, provides, is part of or (a request) is for `target`."""

    source: Ref
    target: Ref
    relation: Relation
    strength: Strength = Strength.HARD


class Dependent(Frozen):
    """One that is hit: `path` runs from it to the thing itself, `distance` counts its steps without APIs.

    `strength` is hard where some way to the thing is hard all along.
    """

    ref: Ref
    distance: int
    path: tuple[Ref, ...]
    strength: Strength


class Impact(Frozen):
    """What a failure or removal of `ref` reaches.

    `owners` are the owners of all dependents, `tiers` how many dependents there are of each tier (`untiered` where
    none is given). `reason` says in a sentence why the risk is what it is.
    """

    ref: Ref
    direct: tuple[Dependent, ...]
    transitive: tuple[Dependent, ...]
    owners: tuple[Ref, ...]
    tiers: tuple[tuple[str, int], ...]
    risk: Risk
    reason: str


class Graph(Frozen):
    """Nodes and the edges between them, both sorted; `missing` are nodes that nothing in the catalog describes."""

    root: Ref | None
    nodes: tuple[Ref, ...]
    edges: tuple[Edge, ...]
    missing: tuple[Ref, ...]


# The edges of dependence that end at something, sorted: where each begins, and whether it is hard.
Known: TypeAlias = MutableMapping[Ref, Sequence[tuple[Ref, bool]]]


def dependence(catalog: Catalog) -> Iterator[Edge]:
    """Every edge of dependence, APIs as nodes of their own; the strength of a reversed edge is the dependent's."""
    for references in catalog.outgoing.values():
        for reference in references:
            yield from _edge(catalog, reference)


def needed(catalog: Catalog) -> dict[Ref, list[Need]]:
    """The same by what is needed, with who says so of each."""
    found: dict[Ref, list[Need]] = {}
    for references in catalog.outgoing.values():
        for reference in references:
            for edge in _edge(catalog, reference):
                need = Need(edge.source, edge.relation.value, edge.strength.value, reference.source.ref)
                found.setdefault(edge.target, []).append(need)
    for needs in found.values():
        needs.sort()
    return found


def dependents(catalog: CatalogView, ref: Ref, known: Known | None = None) -> tuple[Dependent, ...]:
    """Who depends on `ref`, directly or through others: nearest first, then by reference; each once, never itself.
    `known` is filled with what has been looked up, for the next question about the same catalog."""
    edges: Known = {} if known is None else known
    every, lengths, soft = _walk(catalog, ref, edges)
    hard = _walk(catalog, ref, edges, hard=True)[0] if soft else every
    return tuple(
        Dependent(found, lengths[found], every[found], Strength.HARD if found in hard else Strength.SOFT)
        for found in sorted(sorted(every), key=lengths.__getitem__)
        if found.kind != "api"
    )


def impact(catalog: ReviewView, ref: Ref, known: Known | None = None) -> Impact:
    """What breaks with `ref`, and how bad that is. `known` is as `dependents` has it.

    The risk, of the dependents that need it hard (Platform `spec.blastRadius`; 10 and 5 where that is silent):
    critical from `critical` of them on; high from `high` of them on, or where one of them has the tier critical;
    medium where there is any dependent at all, or where the thing itself has the tier critical; low otherwise.
    """
    reached = dependents(catalog, ref, known)
    hard = [found for found in reached if found.strength is Strength.HARD]
    tiers: dict[str, int] = {}
    owners: set[Ref] = set()
    critical: list[Ref] = []
    for found in reached:
        tier, owner = catalog.standing_of(found.ref)
        if tier == "critical" and found.strength is Strength.HARD:
            critical.append(found.ref)
        tiers[tier or "untiered"] = tiers.get(tier or "untiered", 0) + 1
        if owner is not None:
            owners.add(owner)
    risk, reason = _risk(catalog, ref, len(reached), len(hard), critical)
    return Impact(
        ref=ref,
        direct=tuple(found for found in reached if found.distance <= 1),
        transitive=tuple(found for found in reached if found.distance > 1),
        owners=tuple(sorted(owners)),
        tiers=tuple(sorted(tiers.items())),
        risk=risk,
        reason=reason,
    )


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


def _walk(
    catalog: CatalogView, ref: Ref, known: Known, *, hard: bool = False
) -> tuple[dict[Ref, tuple[Ref, ...]], dict[Ref, int], bool]:
    """The shortest way of each dependent to `ref`, and its length; a step over an API costs nothing. Whether any step
    is not hard: `hard` takes none of those."""
    ways: dict[Ref, tuple[Ref, ...]] = {ref: (ref,)}
    lengths = {ref: 0}
    soft = False
    queue = deque([ref])
    while queue:
        here = queue.popleft()
        found = known.get(here)
        if found is None:
            found = known[here] = _needed_by(catalog, here)
        way = ways[here]
        length = lengths[here] + (here.kind != "api" or here == ref)
        for before, is_hard in found:
            if not is_hard:
                soft = True
                if hard:
                    continue
            shortest = lengths.get(before)
            if shortest is not None and shortest <= length:
                continue
            lengths[before] = length
            ways[before] = (before, *way)
            # What costs nothing is looked at before what costs a step, so that the first way is the shortest.
            (queue.appendleft if before.kind == "api" else queue.append)(before)
    del ways[ref]
    return ways, lengths, soft


def _needed_by(catalog: CatalogView, ref: Ref) -> Sequence[tuple[Ref, bool]]:
    """The edges of dependence that end at `ref`, sorted."""
    stored = catalog.needed_by(ref)
    if stored is None:
        return [(edge.source, edge.strength is Strength.HARD) for edge in sorted(_told_by_references(catalog, ref))]
    try:
        return [(one.source, _IS_HARD[one.strength]) for one in stored]
    except KeyError as fault:
        raise CacheFault(f"what is kept of who needs {ref} cannot be read: {fault}") from None


def _told_by_references(catalog: CatalogView, ref: Ref) -> Iterator[Edge]:
    for reference in catalog.references_to(ref):
        yield from (edge for edge in _edge(catalog, reference) if edge.target == ref)
    for reference in catalog.references_of(ref):
        yield from (edge for edge in _edge(catalog, reference) if edge.target == ref)


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


def _risk(catalog: ReviewView, ref: Ref, reached: int, hard: int, critical: list[Ref]) -> tuple[Risk, str]:
    platform = catalog.platform()
    at_critical, at_high = _CRITICAL, _HIGH
    if platform is not None:
        at_critical = _threshold(platform.get("spec", "blastRadius", "critical"), _CRITICAL)
        at_high = _threshold(platform.get("spec", "blastRadius", "high"), _HIGH)
    if hard >= at_critical:
        return Risk.CRITICAL, f"{hard} need it, and from {at_critical} on that is critical"
    if hard >= at_high:
        return Risk.HIGH, f"{hard} need it, and from {at_high} on that is high"
    if critical:
        return Risk.HIGH, f"{critical[0]} needs it and has the tier critical"
    if reached:
        return Risk.MEDIUM, f"{reached} depend on it" if reached > 1 else "one depends on it"
    if catalog.standing_of(ref)[0] == "critical":
        return Risk.MEDIUM, "nothing depends on it, but its own tier is critical"
    return Risk.LOW, "nothing depends on it"


def _threshold(stated: object, default: int) -> int:
    return stated if isinstance(stated, int) and not isinstance(stated, bool) and stated > 0 else default
