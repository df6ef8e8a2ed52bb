"""A graph for Graphviz."""

from __future__ import annotations

from tarmac.catalog.graph import Graph, Relation
from tarmac.catalog.strength import Strength
from tarmac.model.shown import visible


def graph_tree(graph: Graph) -> str:
    """A directed graph from left to right; soft edges are dotted, what the catalog does not know is dashed."""
    missing = set(graph.missing)
    lines = ["digraph catalog {", "  rankdir=LR;", "  node [shape=box];"]
    lines += [f"  {_quoted(str(node))}{' [style=dashed]' if node in missing else ''};" for node in graph.nodes]
    for edge in graph.edges:
        marks = [] if edge.relation is Relation.DEPENDS_ON else [f"label={_quoted(edge.relation.value)}"]
        marks += [] if edge.strength is Strength.HARD else ["style=dotted"]
        shown = f" [{', '.join(marks)}]" if marks else ""
        lines.append(f"  {_quoted(str(edge.source))} -> {_quoted(str(edge.target))}{shown};")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    escaped = visible(text, 200).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
