"""Whether a path of fields can lead anywhere in what a JSON Schema describes.

Told from the properties that the schema names, through local `$ref` and the branches of allOf, anyOf, oneOf and if.
Where a schema leaves anything open, nothing is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, items, mapping, text
from tarmac.model.shown import nearest

_DEPTH, _MOST = 16, 400
_BRANCHES = ("anyOf", "oneOf")
_CONDITIONS = ("then", "else")


class NoField(Frozen, dict=True):
    """The first field of a path that is not there: which step it is, its name, and the fields that are.

    `closed` says that the schema allows no others.
    """

    step: int
    name: str
    known: tuple[str, ...]
    closed: bool

    @cached_property
    def near(self) -> str | None:
        """The field that is probably meant. Looked for when asked: of most kinds nobody asks."""
        return nearest(self.name, self.known)

    @property
    def certain(self) -> bool:
        """Whether it is at fault: in an open mapping only what differs in a letter or two is taken for misspelt."""
        return self.closed or self.near is not None


class _Found(Frozen):
    children: tuple[JsonValue, ...]
    known: frozenset[str]
    free: bool
    closed: bool


def missing_field(schema: Mapping[str, JsonValue], path: Sequence[str]) -> NoField | None:
    """What of the path the schema does not know; None where all of it is known, or nothing is said of its fields."""
    nodes: tuple[JsonValue, ...] = (schema,)
    for at, name in enumerate(path):
        found = _look(list(_expanded(nodes, schema)), name)
        if found.children:
            nodes = found.children
            continue
        if found.free or not found.known or name.isdigit():
            return None
        return NoField(at, name, tuple(sorted(found.known)), found.closed)
    return None


def nodes_at(schema: Mapping[str, JsonValue], path: Sequence[str]) -> tuple[Mapping[str, JsonValue], ...]:
    """What the schema says of the value at a path: one part of it or several."""
    nodes: tuple[JsonValue, ...] = (schema,)
    for name in path:
        nodes = _look(list(_expanded(nodes, schema)), name).children
    return tuple(_expanded(nodes, schema))


def _look(nodes: Iterable[Mapping[str, JsonValue]], name: str) -> _Found:
    children: list[JsonValue] = []
    known: set[str] = set()
    free, closed = False, True
    for node in nodes:
        properties = mapping(node, "properties")
        known.update(properties)
        rest = node.get("additionalProperties", node.get("unevaluatedProperties"))
        patterns = mapping(node, "patternProperties")
        if name in properties:
            children.append(properties[name])
        elif name.isdigit() and "items" in node:
            children.append(node["items"])
        elif isinstance(rest, Mapping):
            children.append(rest)
        elif patterns:
            children += patterns.values()
        elif rest is not False:
            closed = False
            free = free or (not properties and text(node, "type") in (None, "object"))
    return _Found(tuple(children), frozenset(known), free, closed)


def _expanded(nodes: Iterable[JsonValue], root: Mapping[str, JsonValue]) -> Iterator[Mapping[str, JsonValue]]:
    """The parts that say something of a value's fields."""
    waiting: list[tuple[JsonValue, int, bool]] = [(node, 0, True) for node in nodes]
    seen = 0
    while waiting and seen < _MOST:
        node, depth, whole = waiting.pop()
        seen += 1
        if not isinstance(node, Mapping) or depth > _DEPTH:
            continue
        parts: list[tuple[JsonValue, int, bool]] = []
        target = text(node, "$ref")
        if target is not None and target.startswith("#/"):
            parts.append((mapping(root, *target.removeprefix("#/").split("/")), depth + 1, whole))
        described = "properties" in node or "additionalProperties" in node
        for key in _BRANCHES:
            parts += [(branch, depth + 1, whole and not described) for branch in items(node, key)]
        parts += [(part, depth + 1, False) for part in items(node, "allOf")]
        parts += [(node[key], depth + 1, False) for key in _CONDITIONS if key in node]
        waiting += parts
        # A part that only narrows what another one describes leaves nothing open.
        if described or "items" in node or (whole and not parts):
            yield node
