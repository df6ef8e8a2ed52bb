"""The catalog for a terminal. Nothing from a repository reaches it unescaped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tarmac.catalog.graph import Edge, Graph
from tarmac.catalog.index import Catalog
from tarmac.catalog.reach import Impact, everyone
from tarmac.model.documents import Entity
from tarmac.model.json_value import JsonValue
from tarmac.model.refs import Ref
from tarmac.model.shown import visible

_WIDE = 200
# A chain is shown to its end, which is what was asked for, as long as a catalog is not made to flood whoever reads it.
_CHAINS = 5_000
# Whatever lies deeper is not indented further: a line must stay readable.
_DEEPEST = 30


def entity_list(entities: Sequence[Entity]) -> str:
    """A line an entity: reference, type, owner, where it stands; the count at the end."""
    rows = [
        (str(entity.ref), entity.text("spec", "type") or "", entity.text("spec", "owner") or "", entity.path)
        for entity in entities
    ]
    count = f"{len(rows):,} {'entity' if len(rows) == 1 else 'entities'}"
    return _lines([*_table(rows), "", count] if rows else [count])


def entity_page(catalog: Catalog, entity: Entity) -> str:
    """One entity: its data, what it refers to and what refers to it."""
    lines = [f"{entity.ref}  ({entity.place()})", ""]
    lines += _data(entity.data, "")
    outgoing = [f"  {one.field.name} -> {one.target or one.text}" for one in catalog.references_of(entity.ref)]
    incoming = [f"  {one.source.ref} ({one.field.name}, {one.place})" for one in catalog.references_to(entity.ref)]
    for title, part in (("Refers to", outgoing), ("Referred to by", incoming)):
        if part:
            lines += ["", title, *part]
    return _lines(lines)


def graph_tree(graph: Graph) -> str:
    """The graph as trees: below each node what it needs, consumes, provides and is part of.

    A node that has been shown is only named again.
    """
    below: dict[Ref, list[Edge]] = {}
    for edge in graph.edges:
        below.setdefault(edge.source, []).append(edge)
    targets = {edge.target for edge in graph.edges}
    roots = [node for node in graph.nodes if node not in targets] if graph.root is None else [graph.root]
    missing = set(graph.missing)
    shown: set[Ref] = set()
    lines: list[str] = []
    # What stands on a cycle has no root: whatever was not reached begins a tree of its own.
    for root in [*roots, *graph.nodes]:
        if root not in shown:
            lines += _tree(root, below, missing, shown)
    nodes, edges = len(graph.nodes), len(graph.edges)
    lines += ["", f"{nodes:,} {'node' if nodes == 1 else 'nodes'}, {edges:,} {'edge' if edges == 1 else 'edges'}"]
    return _lines(lines)


def impact_page(impact: Impact) -> str:
    """Who is hit, how, and how bad that is."""
    lines = [f"{impact.ref}: risk {impact.risk.value}, {impact.reason}"]
    for title, part in (("Direct", impact.direct), ("Through others", impact.transitive)):
        if part:
            lines += ["", f"{title} ({len(part):,})"]
            lines += [f"  {' -> '.join(map(str, one.path))}  ({one.strength.value})" for one in part]
    if impact.owners:
        lines += ["", "Owners", *(f"  {owner}" for owner in impact.owners)]
    if impact.tiers:
        lines += ["", "Tiers", *(f"  {tier}: {number}" for tier, number in impact.tiers)]
    return _lines(lines, _CHAINS)


def held_page(entity: Ref, held: str, parts: Sequence[Impact]) -> str:
    """What a group, user, system or domain holds, a line a part: the worst first."""
    if not parts:
        return _lines([f"{entity} {held} nothing that others can depend on"])
    needed = set(everyone(parts)) - {part.ref for part in parts}
    many = f"{len(parts):,} {'part' if len(parts) == 1 else 'parts'}"
    lines = [f"{entity} {held} {many}: at worst risk {parts[0].risk.value}; {len(needed):,} others depend on them", ""]
    lines += [f"  {part.ref}: risk {part.risk.value}, {part.reason}" for part in parts]
    owners = sorted({owner for part in parts for owner in part.owners})
    return _lines([*lines, "", "Owners of what depends on them", *(f"  {owner}" for owner in owners)])


def _tree(root: Ref, below: Mapping[Ref, Sequence[Edge]], missing: set[Ref], shown: set[Ref]) -> Iterator[str]:
    # A stack and no recursion: a chain of dependencies may be as long as the catalog.
    stack: list[tuple[int, str, Ref]] = [(0, "", root)]
    while stack:
        depth, how, node = stack.pop()
        again = node in shown and bool(below.get(node))
        marks = (" (not in the catalog)" if node in missing else "") + (" ..." if again else "")
        yield f"{'  ' * min(depth, _DEEPEST)}{how}{node}{marks}"
        if node not in shown:
            shown.add(node)
            for edge in reversed(below.get(node, ())):
                strength = "" if edge.strength.value == "hard" else f" ({edge.strength.value})"
                stack.append((depth + 1, f"{edge.relation.value}{strength} ", edge.target))


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [min(60, max(len(row[column]) for row in rows)) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _data(value: JsonValue, indent: str) -> Iterator[str]:
    """Data in the manner of YAML, for reading only."""
    if isinstance(value, Mapping):
        for key, entry in value.items():
            yield from _entry(f"{indent}{key}:", entry, indent)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for entry in value:
            yield from _entry(f"{indent}-", entry, indent)


def _entry(head: str, entry: JsonValue, indent: str) -> Iterator[str]:
    if isinstance(entry, (Mapping, list, tuple)) and entry:
        yield head
        yield from _data(entry, indent + "  ")
    else:
        yield f"{head} {_scalar(entry)}"


def _scalar(value: JsonValue) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{}"
    return str(value).rstrip("\n") if isinstance(value, (str, int, float)) else "[]"


def _lines(lines: Iterable[str], wide: int = _WIDE) -> str:
    return "\n".join(visible(line, wide) for line in lines) + "\n"
