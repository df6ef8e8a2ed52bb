"""Nodes to data: duplicate keys, merge keys, tags and inexact numbers refused, aliases written out within a bound."""

from __future__ import annotations

from yaml.nodes import Node, ScalarNode, SequenceNode

from tarmac.adapters.yaml_composer import MAX_DEPTH, Refused, too_deep
from tarmac.adapters.yaml_lax import Lax
from tarmac.adapters.yaml_places import past_anchor
from tarmac.adapters.yaml_sayings import Sayings
from tarmac.adapters.yaml_scalars import CONSTANTS, LONGEST_NUMBER, NUMERIC_START, Inexact, plain
from tarmac.model.json_value import JsonValue

# Data that aliases stand for, counted as if written out.
MAX_ALIASED = 10_000
# What has a name and its aliases together, times the same of what is most named inside it. Source: npm yaml, which
# Backstage reads by (`maxAliasCount`).
MAX_NAMED = 100
_NO_ALIASES = "write the values out instead of using aliases"


class Builder:
    """Builds the documents of one stretch. `text` is the stretch, `back` what its stand-ins stand for."""

    def __init__(self, text: str, sayings: Sayings, back: dict[int, int]) -> None:
        self.text = text
        self.sayings = sayings
        self.back = back
        self.lax = Lax(text, sayings)
        self.properties = "&" in text or "!" in text
        self.memo: dict[int, tuple[JsonValue, int]] = {}
        # What has a name and is being built, by its identity: what stands in it by an alias. Kept when it is built.
        self.open: dict[int, set[int]] = {}
        self.inside: dict[int, set[int]] = {}
        # How often it stands there, and how much that counts.
        self.named: dict[int, tuple[int, int]] = {}
        self.firsts: dict[int, dict[str, Node]] = {}
        self.aliased = 0

    def document(self, root: Node) -> JsonValue:
        """The data of a document.

        Raises:
            Refused: it is too deep, or its aliases stand for too much or for what holds them.
        """
        try:
            data = self._build(root, 1, root)[0]
            if self.lax.needed:
                self.lax.check(root)
            return data
        finally:
            # Keyed by identity: the next document's nodes may take the same addresses.
            self.memo.clear()
            self.open.clear()
            self.inside.clear()
            self.named.clear()
            self.firsts.clear()

    def untagged(self, node: Node) -> None:
        """Say an explicit tag: the resolver is not asked about those, so they are seen in the text."""
        start = node.start_mark.index
        if self.text[start : start + 1] not in ("&", "!") or self.sayings.full:
            return
        behind = past_anchor(self.text, start)
        if self.text[behind : behind + 1] == "!":
            message = "an explicit tag (!): types follow from how a value is written"
            self.sayings.say("yaml-feature", message, behind, "remove the tag")

    def _build(self, node: Node, depth: int, parent: Node) -> tuple[JsonValue, int]:
        """The data of a node, and how many keys and values it is written with, aliases written out."""
        if not self.properties or self.text[node.start_mark.index : node.start_mark.index + 1] not in ("&", "!"):
            return self._fresh(node, depth)
        known = self.memo.get(id(node))
        if known is not None:
            self.aliased += known[1]
            if self.aliased > MAX_ALIASED:
                raise Refused(f"aliases stand for more than {MAX_ALIASED:,} values", parent, _NO_ALIASES)
            if self._named(id(node)) > MAX_NAMED:
                raise Refused(f"what an alias stands for stands there {MAX_NAMED} times already", parent, _NO_ALIASES)
            return known
        if id(node) in self.open:
            raise Refused("an alias stands inside the value that it stands for", parent, _NO_ALIASES)
        self.open[id(node)] = set()
        self.untagged(node)
        built = self._fresh(node, depth)
        inside = self.inside[id(node)] = self.open.pop(id(node))
        if self.open:
            self.open[next(reversed(self.open))] |= inside
        self.memo[id(node)] = built
        return built

    def _named(self, node: int) -> int:
        """How often a value stands there, counting an alias that was just met, times how often the same is true of
        what is most named in it: told when its first alias is met, as npm yaml does."""
        if self.open:
            self.open[next(reversed(self.open))].add(node)
        if node not in self.named:
            often = (count * weight for count, weight in (self.named[one] for one in self.inside[node]))
            self.named[node] = 1, max(often, default=1)
        count, weight = self.named[node]
        self.named[node] = count + 1, weight
        return (count + 1) * weight

    def _fresh(self, node: Node, depth: int) -> tuple[JsonValue, int]:
        if node.__class__ is ScalarNode:
            return self._scalar(node), 1
        if depth > MAX_DEPTH:
            raise too_deep(node)
        if getattr(node, "flow_style", False) and node.start_mark.line != node.end_mark.line:
            self.lax.needed = True
        size = 1
        if node.__class__ is SequenceNode:
            values: list[JsonValue] = []
            for item in node.value:
                data, count = self._build(item, depth + 1, node)
                values.append(data)
                size += count
            return values, size
        mapping: dict[str, JsonValue] = {}
        for key_node, value_node in node.value:
            if value_node.__class__ is ScalarNode and not self.properties:
                data, count = self._scalar(value_node), 1
            else:
                data, count = self._build(value_node, depth + 1, node)
            size += count + 1
            key = self._key(key_node)
            if key is None:
                continue
            if key in mapping:
                self._duplicate(node, key, key_node)
            else:
                mapping[key] = data
        return mapping, size

    def _duplicate(self, node: Node, key: str, key_node: Node) -> None:
        if self.sayings.full:
            return
        firsts = self.firsts.get(id(node))
        if firsts is None:
            firsts = self.firsts[id(node)] = {}
            for earlier, _ in node.value:
                if isinstance(earlier, ScalarNode):
                    firsts.setdefault(earlier.value, earlier)
        line = self.sayings.mark(firsts[key_node.value]).line
        message = f"key {_shown(key)} stands twice in one mapping (first in line {line})"
        self.sayings.say("yaml-duplicate-key", message, key_node, "keep one of them")

    def _key(self, node: Node) -> str | None:
        if not isinstance(node, ScalarNode):
            message = "a key that is a list or a mapping"
            self.sayings.say("yaml-feature", message, node, "write a plain text as key")
            return None
        if self.properties:
            self.untagged(node)
        key: str = node.value
        if node.style:
            return self._restored(key)
        if key == "<<":
            message = "a merge key (<<): YAML 1.2 has none, and readers disagree about it"
            self.sayings.say("yaml-feature", message, node, "write the keys out")
            return None
        if key not in CONSTANTS and key[0] not in NUMERIC_START:
            return key
        value = self._plain(key, node)
        if isinstance(value, str) or (isinstance(value, bool | int) and str(value).lower() == key):
            return key
        shown = "an empty key" if key == "" else f"key {_shown(key)} is no text"
        self.sayings.say("yaml-feature", f"{shown}, and readers disagree about it", node, "write it in quotes")
        return None

    def _scalar(self, node: ScalarNode) -> JsonValue:
        value: str = node.value
        if node.style:
            if node.style in "'\"" and node.start_mark.line != node.end_mark.line:
                self.lax.needed = True
            return self._restored(value) if self.back else value
        if value in CONSTANTS:
            return CONSTANTS[value]
        if value[0] in NUMERIC_START:
            return self._plain(value, node)
        return value

    def _restored(self, value: str) -> str:
        return value.translate(self.back) if self.back else value

    def _plain(self, value: str, node: Node) -> JsonValue:
        try:
            return plain(value)
        except Inexact:
            message = f"number {_shown(value)} cannot be held exactly (64-bit integers and finite decimals can)"
            self.sayings.say("yaml-number", message, node, "write it in quotes if it is a text")
            return value[:LONGEST_NUMBER]


def _shown(text: str) -> str:
    short = text if len(text) <= 40 else text[:40] + "..."
    return repr(short)
