"""A circle where there can be none.

A component cannot be a part of itself, nor a group its own parent, nor a domain its own subdomain, directly or
through others. And nothing may need itself to run: a circle of `dependsOn` means that none of its members can be
started, or repaired, first. A dependency without which the service goes on, with less, breaks the circle: say so in
`spec.tarmac.dependencies`.

Points at: the reference that begins the circle, in the first of its members by name; the message shows the way round.

Wrong:

    metadata: {name: orders}               metadata: {name: stock}
    spec:                                  spec:
      dependsOn: [component:stock]           dependsOn: [component:orders]

Right:

    metadata: {name: stock}
    spec:
      dependsOn: [component:orders]
      tarmac:
        dependencies: [{ref: component:orders, strength: soft}]
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TypeVar

from tarmac.catalog.references import Reference
from tarmac.catalog.strength import Strength, strengths
from tarmac.catalog.view import CatalogView
from tarmac.model.findings import Finding, Severity
from tarmac.model.refs import Ref
from tarmac.model.shown import visible
from tarmac.rules.rule import Knot, Rule, error
from tarmac.rules.settings import Settings

ID = "cycle"
_NONE: Mapping[Ref, Reference] = MappingProxyType({})

Others = TypeVar("Others", bound=Collection[Ref])
_HIERARCHIES = (("component", "subcomponentOf"), ("group", "parent"), ("domain", "subdomainOf"))
_HARD_FIX = "remove one dependsOn, or call it soft in spec.tarmac.dependencies"
_LONGEST_SHOWN = 8


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for knot in knots(catalog):
        yield knot.finding


def knots(catalog: CatalogView) -> Iterator[Knot]:
    """Every knot that an entity in the catalog's focus is in."""
    for kind, name in _HIERARCHIES:
        roots = [entity.ref for entity in catalog.judged(kind)]
        edges = _Edges(partial(_hierarchy, catalog, kind, name))
        yield from _knots_of(name, roots, edges, f"a circle of {name}", f"remove one {name}")
    # Where all are judged, it is enough to begin with those that say themselves what depends on what: of each circle
    # there is one.
    saying = () if catalog.focus is not None else tuple(sorted(_kinds_saying(catalog)))
    roots = [entity.ref for entity in catalog.judged(*saying)]
    # Most catalogs have no such circle, even if all that is soft were hard.
    tangled = set().union(*_tangled(roots, _Edges(partial(_needed, catalog))))
    roots, edges = [root for root in roots if root in tangled], _Edges(partial(_hard, catalog))
    yield from _knots_of("dependsOn", roots, edges, "a circle of dependencies that are all hard", _HARD_FIX)


def _knots_of(
    by: str, roots: Sequence[Ref], edges: Mapping[Ref, Mapping[Ref, Reference]], what: str, fix: str
) -> Iterator[Knot]:
    """One circle of each knot is shown: the shortest through its first entity; it stands where that circle begins."""
    wanted = set(roots)
    for members in _tangled(roots, edges):
        if wanted.isdisjoint(members):
            continue
        first = min(members)
        circle = _shortest(edges, first, members)
        reference = edges[first][circle[1] if len(circle) > 1 else first]
        steps = [visible(str(ref)) for ref in circle]
        if len(steps) > _LONGEST_SHOWN:
            steps[_LONGEST_SHOWN - 1 :] = [f"({len(circle) - _LONGEST_SHOWN + 1} more)"]
        way = " -> ".join((*steps, steps[0]))
        yield Knot(by, frozenset(members), error(ID, reference.source, reference.place, f"{what}: {way}", fix))


class _Edges(dict[Ref, Others]):
    """From each entity to others, as a mapping with the reference that says so; looked up when first asked for."""

    def __init__(self, find: Callable[[Ref], Others]) -> None:
        super().__init__()
        self._find = find

    def __missing__(self, ref: Ref) -> Others:
        found = self[ref] = self._find(ref)
        return found


def _hierarchy(catalog: CatalogView, kind: str, name: str, ref: Ref) -> Mapping[Ref, Reference]:
    if ref.kind != kind:
        return _NONE
    found = {
        reference.target: reference
        for reference in catalog.references_of(ref)
        if reference.field.name == name and reference.field.path == ("spec", name) and reference.target is not None
    }
    # One of those that hold nothing, as with what is needed: nearly all do.
    return found or _NONE


def _kinds_saying(catalog: CatalogView) -> set[str]:
    """The kinds with a field that says what depends on what."""
    return {
        kind.lower()
        for (_, kind), info in catalog.kinds.items()
        if any(field.name in ("dependsOn", "dependencyOf") for field in info.references)
    }


def _needed(catalog: CatalogView, ref: Ref) -> Collection[Ref]:
    """What an entity depends on, by its own word or another's, hard or not."""
    own = [one.target for one in catalog.references_of(ref) if one.field.name == "dependsOn" and one.target is not None]
    others = catalog.references_to(ref, field="dependencyOf")
    return (*own, *(one.source.ref for one in others)) if others else tuple(own)


def _hard(catalog: CatalogView, ref: Ref) -> Mapping[Ref, Reference]:
    """What an entity cannot do without, by its own `dependsOn` or another's `dependencyOf`, whichever comes first."""
    own = [one for one in catalog.references_of(ref) if one.field.name == "dependsOn" and one.target is not None]
    others = catalog.references_to(ref, field="dependencyOf")
    entity = catalog.get(ref) if own or others else None
    if entity is None:
        return _NONE
    stated = strengths(entity)
    edges: dict[Ref, Reference] = {}
    for reference in sorted((*own, *others), key=_written) if others else own:
        target = reference.source.ref if reference.field.name == "dependencyOf" else reference.target
        if target is not None and stated.get(target, Strength.HARD) is Strength.HARD:
            edges.setdefault(target, reference)
    return edges


def _written(reference: Reference) -> tuple[str, int]:
    document = reference.source.document
    return document.path, document.index


def _shortest(edges: Mapping[Ref, Mapping[Ref, Reference]], first: Ref, knot: set[Ref]) -> tuple[Ref, ...]:
    ways: dict[Ref, tuple[Ref, ...]] = {}
    queue: deque[tuple[Ref, ...]] = deque([(first,)])
    while queue:
        way = queue.popleft()
        for following in sorted(edges[way[-1]]):
            if following == first:
                return way
            if following in knot and following not in ways:
                ways[following] = (*way, following)
                queue.append(ways[following])
    return (first,)


def _tangled(roots: Sequence[Ref], edges: Mapping[Ref, Collection[Ref]]) -> list[set[Ref]]:
    """The strongly connected sets with a circle in them that the roots reach (R. Tarjan's algorithm, no recursion)."""
    order: dict[Ref, int] = {}
    low: dict[Ref, int] = {}
    stack: list[Ref] = []
    on_stack: set[Ref] = set()
    knots: list[set[Ref]] = []
    for root in roots:
        # What leads nowhere is in no circle.
        if root in order or not edges[root]:
            continue
        work = [(root, iter(edges[root]))]
        order[root] = low[root] = len(order)
        stack.append(root)
        on_stack.add(root)
        while work:
            node, following = work[-1]
            child = next(following, None)
            if child is None:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    knot = set()
                    while node not in knot:
                        member = stack.pop()
                        on_stack.discard(member)
                        knot.add(member)
                    if len(knot) > 1 or node in edges[node]:
                        knots.append(knot)
            elif child not in order:
                if not edges[child]:
                    continue
                order[child] = low[child] = len(order)
                stack.append(child)
                on_stack.add(child)
                work.append((child, iter(edges[child])))
            elif child in on_stack:
                low[node] = min(low[node], order[child])
    return knots


RULE = Rule(ID, Severity.ERROR, __doc__, check, knots=knots)
