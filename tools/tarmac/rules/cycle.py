"""A circle where there can be none.

A component cannot be a part of itself, nor a group its own parent, nor a domain its own subdomain, directly or
through others. And nothing may need itself to run: a circle of `dependsOn` means that none of its members can be
started, or repaired, first. A dependency without which the service goes on, with less, breaks the circle: say so in
`spec.tarmac.dependencies`.

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
from collections.abc import Iterator, Mapping

from tarmac.catalog.graph import Strength, strengths
from tarmac.catalog.index import Catalog, Reference
from tarmac.model.findings import Finding, Severity
from tarmac.model.refs import Ref
from tarmac.model.shown import visible
from tarmac.rules.rule import Rule, error
from tarmac.rules.settings import Settings

ID = "cycle"

# From one entity to another, with the reference that says so.
_Edges = Mapping[Ref, Mapping[Ref, Reference]]
_HIERARCHIES = (("component", "subcomponentOf"), ("group", "parent"), ("domain", "subdomainOf"))
_LONGEST_SHOWN = 8


def check(catalog: Catalog, settings: Settings) -> Iterator[Finding]:
    for kind, field in _HIERARCHIES:
        fix = f"remove one {field}"
        for circle, reference in _circles(_hierarchy(catalog, kind, field)):
            yield from _finding(catalog, circle, reference, f"a circle of {field}", fix)
    fix = "remove one dependsOn, or call it soft in spec.tarmac.dependencies"
    for circle, reference in _circles(_hard(catalog)):
        yield from _finding(catalog, circle, reference, "a circle of dependencies that are all hard", fix)


def _finding(catalog: Catalog, circle: tuple[Ref, ...], reference: Reference, what: str, fix: str) -> Iterator[Finding]:
    if catalog.focus is not None and catalog.focus.isdisjoint(circle):
        return
    steps = [visible(str(ref)) for ref in circle]
    if len(steps) > _LONGEST_SHOWN:
        steps[_LONGEST_SHOWN - 1 :] = [f"({len(circle) - _LONGEST_SHOWN + 1} more)"]
    way = " -> ".join((*steps, steps[0]))
    yield error(ID, reference.source, reference.place, f"{what}: {way}", fix)


def _hierarchy(catalog: Catalog, kind: str, field: str) -> _Edges:
    return {
        entity.ref: {
            reference.target: reference
            for reference in catalog.references_of(entity.ref)
            if reference.field.path == ("spec", field) and reference.target is not None
        }
        for entity in catalog.of_kind(kind)
    }


def _hard(catalog: Catalog) -> _Edges:
    edges: dict[Ref, dict[Ref, Reference]] = {}
    for references in catalog.outgoing.values():
        for reference in references:
            target, name = reference.target, reference.field.name
            if target is None or name not in ("dependsOn", "dependencyOf"):
                continue
            one, other = (reference.source.ref, target) if name == "dependsOn" else (target, reference.source.ref)
            dependent = catalog.get(one)
            if dependent is not None and strengths(dependent).get(other, Strength.HARD) is Strength.HARD:
                edges.setdefault(one, {}).setdefault(other, reference)
    return edges


def _circles(edges: _Edges) -> Iterator[tuple[tuple[Ref, ...], Reference]]:
    """One circle of each knot: the shortest through its first entity, and the reference that begins it."""
    for knot in _knots(edges):
        first = min(knot)
        circle = _shortest(edges, first, knot)
        yield circle, edges[first][circle[1] if len(circle) > 1 else first]


def _shortest(edges: _Edges, first: Ref, knot: set[Ref]) -> tuple[Ref, ...]:
    ways: dict[Ref, tuple[Ref, ...]] = {}
    queue: deque[tuple[Ref, ...]] = deque([(first,)])
    while queue:
        way = queue.popleft()
        for following in sorted(edges.get(way[-1], ())):
            if following == first:
                return way
            if following in knot and following not in ways:
                ways[following] = (*way, following)
                queue.append(ways[following])
    return (first,)


def _knots(edges: _Edges) -> list[set[Ref]]:
    """The strongly connected sets with a circle in them (R. Tarjan's algorithm, without recursion)."""
    order: dict[Ref, int] = {}
    low: dict[Ref, int] = {}
    stack: list[Ref] = []
    on_stack: set[Ref] = set()
    knots: list[set[Ref]] = []
    for root in edges:
        if root in order:
            continue
        work = [(root, iter(edges.get(root, {})))]
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
                    if len(knot) > 1 or node in edges.get(node, {}):
                        knots.append(knot)
            elif child not in order:
                order[child] = low[child] = len(order)
                stack.append(child)
                on_stack.add(child)
                work.append((child, iter(edges.get(child, {}))))
            elif child in on_stack:
                low[node] = min(low[node], order[child])
    return knots


RULE = Rule(ID, Severity.ERROR, __doc__, check)
