"""A second reader's word on an edit: ruamel.yaml composes the file before and after, and the two are compared."""

from __future__ import annotations

from collections.abc import Sequence

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tarmac.model.edits import AddEmptyList, AddText, Edit, PutFirst, Quote, Rekey, Reword
from tarmac.model.json_value import Path

_TEXT = "tag:yaml.org,2002:str"


def seen_alike(before: bytes, after: bytes, edits: Sequence[Edit], documents: int) -> bool:
    """Whether ruamel.yaml sees the edits done and nothing else changed. `documents` is how many our reader sees;
    a file of which the two see different ones is not edited at all."""
    read: list[list[Node]] = []
    for content in (before, after):
        try:
            nodes = list(YAML(typ="safe", pure=True).compose_all(content.decode("utf-8")))
        except YAMLError:
            return False
        read.append([node for node in nodes if isinstance(node, MappingNode)])
    if any(len(nodes) != documents for nodes in read):
        return False
    return all(
        _Comparison([edit for edit in edits if edit.document == index]).same(one, other)
        for index, (one, other) in enumerate(zip(*read, strict=True))
    )


class _Comparison:
    """Of one document. Anchors make nodes meet again, so a pair is compared once where no edit lies below it."""

    def __init__(self, edits: Sequence[Edit]) -> None:
        self.edits = {edit.path: edit for edit in edits if not isinstance(edit, PutFirst)}
        self.above = {path[:length] for path in self.edits for length in range(len(path))}
        self.seen: set[tuple[int, int]] = set()

    def same(self, one: Node, other: Node, path: Path = ()) -> bool:
        """Whether the two differ by the edits alone."""
        edit = self.edits.get(path)
        if edit is not None:
            return _is_done(edit, one, other)
        if path not in self.above:
            if (id(one), id(other)) in self.seen:
                return True
            self.seen.add((id(one), id(other)))
        if one.__class__ is not other.__class__ or one.tag != other.tag:
            return False
        if isinstance(one, SequenceNode):
            pairs = zip(one.value, other.value, strict=False)
            alike = all(self.same(left, right, (*path, at)) for at, (left, right) in enumerate(pairs))
            return len(one.value) == len(other.value) and alike
        if isinstance(one, MappingNode):
            return self._same_fields(one, other, path)
        return bool(one.value == other.value)

    def _same_fields(self, one: Node, other: Node, path: Path) -> bool:
        left, right = _by_key(one), _by_key(other)
        added = [key for key in right if key not in left]
        edits = [(key, self.edits.get((*path, key))) for key in left]
        renamed = {edit.name: edit for key, edit in edits if isinstance(edit, Rekey) and edit.name != key}
        gone = {edit.path[-1] for edit in renamed.values()}
        kept = {key: value for key, value in left.items() if key not in gone}
        for key in added:
            if not _is_added(renamed.get(key) or self.edits.get((*path, key)), right[key]):
                return False
        return len(other.value) == len(one.value) + len(added) - len(gone) and all(
            key in right and self.same(value, right[key], (*path, key)) for key, value in kept.items()
        )


def _by_key(node: Node) -> dict[str, Node]:
    return {str(key.value): value for key, value in node.value}


def _is_added(edit: Edit | None, node: Node) -> bool:
    if isinstance(edit, AddEmptyList):
        return isinstance(node, SequenceNode) and not node.value
    if isinstance(edit, AddText | Rekey):
        return isinstance(node, ScalarNode) and node.tag == _TEXT and bool(node.value == edit.text)
    return False


def _is_done(edit: Edit, one: Node, other: Node) -> bool:
    if isinstance(edit, Quote):
        return isinstance(other, ScalarNode) and other.tag == _TEXT and bool(one.value == other.value)
    if isinstance(edit, Reword | Rekey):
        return isinstance(other, ScalarNode) and other.tag == _TEXT and bool(other.value == edit.text)
    return False
