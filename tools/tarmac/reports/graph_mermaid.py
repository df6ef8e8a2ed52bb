"""A graph as Mermaid: nodes are numbered, so that no name of a repository's is ever part of the syntax."""

from __future__ import annotations

from tarmac.catalog.graph import Graph, Relation
from tarmac.catalog.strength import Strength
from tarmac.model.shown import visible

_LIGATURE = "\ufb02"


def graph_tree(graph: Graph) -> str:
    """A flowchart from left to right; soft edges are dotted, what the catalog does not know is dashed."""
    numbers = {node: f"n{index}" for index, node in enumerate(graph.nodes)}
    lines = ["flowchart LR"]
    lines += [f'  {numbers[node]}["{label(str(node))}"]' for node in graph.nodes]
    for edge in graph.edges:
        arrow = "-->" if edge.strength is Strength.HARD else "-.->"
        said = "" if edge.relation is Relation.DEPENDS_ON else f"|{edge.relation.value}|"
        lines.append(f"  {numbers[edge.source]} {arrow}{said} {numbers[edge.target]}")
    lines += [f"  style {numbers[node]} stroke-dasharray: 4" for node in graph.missing]
    return "\n".join(lines) + "\n"


def label(text: str) -> str:
    """Mermaid's own entities, `#number;`, for everything but letters, digits and a few marks that mean nothing to it.

    A colon is no such mark: Mermaid takes `fa:name` for an icon, and drops the end of a line that looks like `style
    ...: ...#...;` to it. The ligature `fl` begins what it puts in an entity's place for a while, so it is spelt out.
    """
    said = visible(text).replace(_LIGATURE, "fl")
    return "".join(char if char.isalnum() or char in "/-. " else f"#{ord(char)};" for char in said)
