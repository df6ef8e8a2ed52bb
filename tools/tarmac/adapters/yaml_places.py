"""libyaml's nodes to places: the first character of every key and value, and how each scalar is written."""

from __future__ import annotations

import re

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tarmac.model.places import PlaceNode

_ANCHORS = re.compile(r"(?:&[^\s,\[\]{}]+(?:[ \t\r\n]|#[^\n]*\n)+)+")


def past_anchor(text: str, index: int) -> int:
    """Where a node's own text begins: libyaml counts its anchor to it."""
    match = _ANCHORS.match(text, index)
    return match.end() if match else index


def place_of(root: Node, text: str, line: int, end: int) -> PlaceNode:
    """The places of a document. `text` is what was parsed, `line` how many lines of the file stand before it, `end` the
    index in `text` where the file ends.

    A value that an alias stands for has the place of the value itself.
    """
    return _Placing(text, line, end).node(root)


class _Placing:
    def __init__(self, text: str, line: int, end: int) -> None:
        self.text = text
        self.line = line + 1
        self.end = end
        self.memo: dict[int, PlaceNode] = {}

    def node(self, node: Node) -> PlaceNode:
        known = self.memo.get(id(node))
        if known is None:
            known = self.memo[id(node)] = self._fresh(node)
        return known

    def _fresh(self, node: Node) -> PlaceNode:
        line, column = self._start(node)
        if isinstance(node, SequenceNode):
            return line, column, [self.node(item) for item in node.value]
        if isinstance(node, MappingNode):
            children: dict[str, tuple[int, int, PlaceNode]] = {}
            for key, value in node.value:
                if isinstance(key, ScalarNode) and key.value not in children:
                    mark = key.start_mark
                    children[key.value] = (mark.line + self.line, mark.column + 1, self.node(value))
            return line, column, children
        return line, column, self._written(node) if isinstance(node, ScalarNode) else None

    def _start(self, node: Node) -> tuple[int, int]:
        mark = node.start_mark
        index = past_anchor(self.text, mark.index) if self.text[mark.index : mark.index + 1] == "&" else mark.index
        index = min(index, self.end)
        if index == mark.index:
            return mark.line + self.line, mark.column + 1
        return self.text.count("\n", 0, index) + self.line, index - self.text.rfind("\n", 0, index)

    def _written(self, node: ScalarNode) -> str | None:
        """How a scalar is written, as model/scalars.py reads it."""
        start, end = node.start_mark, node.end_mark
        if not node.style and start.line == end.line:
            return None
        raw = self.text[past_anchor(self.text, start.index) : end.index]
        special = "\\" if node.style == '"' else "'"
        if start.line == end.line and node.style in ("'", '"') and special not in raw[1:-1]:
            return str(node.style)
        return raw
