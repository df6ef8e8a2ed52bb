"""What libyaml lets pass and YAML 1.2 does not, so that other readers refuse it or read it otherwise.

Each was found by reading millions of texts with another library as well (tools/tests/fuzz). Only texts that could hold
one are looked through: in the ordinary file nothing here runs.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tarmac.adapters.yaml_places import past_anchor
from tarmac.adapters.yaml_sayings import Sayings

# Without one of these no text has a ? or - inside brackets that readers take for different things, and without one
# of those no comment that no blank stands before.
_INDICATORS = ("?", "-,", "-]", "-}")
_TOUCHING = ('"#', "'#", "]#", "}#", ",#", "[#", "{#", "|", ">")
# A comment that no blank stands before, or something that looks like one.
_COMMENT = re.compile(r"""["'\]},\[{]#|[|>][-+0-9]{0,2}#""")
# The name of an anchor or alias, and a character behind it that belongs to the name for every other reader.
_NAME = re.compile(r"[&*][-0-9A-Za-z_]+(?=[^-0-9A-Za-z_\s,\[\]{}])")
# A block of text, or what an anchor names, whose header stands on a line of its own.
_LOW = re.compile(r"\n *[|>]|&[^\n]*\n")
_BLANK_FIRST = "write a blank before it"
_LINE = re.compile(r"\n( *)([^ \r\n])")


class Lax:
    """Looks through the documents of one stretch, where `needed` says that there may be something to see.

    Whoever builds the data sets it at the first bracket or quote that goes over lines.
    """

    def __init__(self, text: str, sayings: Sayings) -> None:
        self.text = text
        self.sayings = sayings
        self.comments = "#" in text and _holds(text, _TOUCHING) and _COMMENT.search(text) is not None
        self.names = ("&" in text or "*" in text) and _NAME.search(text) is not None
        self.low = _holds(text, ("|", ">", "&")) and _LOW.search(text) is not None
        brackets = ("[" in text or "{" in text) and _holds(text, _INDICATORS)
        self.ragged = sayings.ragged
        self.needed = self.comments or self.names or self.low or self.ragged or brackets

    def check(self, root: Node) -> None:
        """Say every place where the document is laxer than YAML 1.2."""
        seen: set[int] = set()
        scalars: list[tuple[int, int]] = []
        # A node, the column that what goes over lines has to stand behind, and whether it is inside brackets.
        stack: list[tuple[Node, int, bool]] = [(root, -1, False)]
        while stack and not self.sayings.full:
            node, indent, inside = stack.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            if isinstance(node, ScalarNode):
                self._scalar(node, indent, inside)
                scalars.append((self._content(node), node.end_mark.index))
                continue
            flow = isinstance(node, SequenceNode | MappingNode) and bool(node.flow_style)
            if flow and not inside:
                self._lines(node, indent, brackets=True)
            stack.extend(reversed(list(self._children(node, indent, flow))))
        spans = sorted(scalars)
        if self.comments:
            self._comments(root, spans)
        if self.names:
            self._names(root, spans)

    def _children(self, node: Node, indent: int, flow: bool) -> Iterator[tuple[Node, int, bool]]:
        if isinstance(node, SequenceNode):
            here = indent if flow else self._column(node)
            for item in node.value:
                if self.low and not flow and item.start_mark.index > node.start_mark.index:
                    self._behind(item, here)
                yield item, here, flow
        elif isinstance(node, MappingNode):
            column = indent if flow else self._column(node)
            for key, value in node.value:
                if flow:
                    self._key(key)
                # The column of a ? where there is one; an anchor of the first key is no part of the column.
                here = indent if flow else min(column, key.start_mark.column)
                # A value that stands before its key is what an alias stands for: it was looked at where it stands.
                there = value.start_mark.index > key.start_mark.index
                if self.low and there and not flow and key.end_mark.line != value.end_mark.line:
                    lists = isinstance(value, SequenceNode) and not value.flow_style
                    self._behind(value, here - 1 if lists else here)
                yield key, here, flow
                yield value, here, flow

    def _column(self, node: Node) -> int:
        """Where a node stands (a list: its dashes): libyaml counts an anchor before it to the node."""
        start = node.start_mark.index
        if self.text[start : start + 1] not in ("&", "!"):
            return int(node.start_mark.column)
        index = past_anchor(self.text, start)
        return index - self.text.rfind("\n", 0, index) - 1

    def _behind(self, node: Node, indent: int) -> None:
        """What a key or dash holds stands behind it, also where an anchor or a line's end stands between."""
        nothing = isinstance(node, ScalarNode) and not node.style and not node.value
        if not nothing and self._column(node) <= indent:
            message = "a value that is not indented further than what it belongs to"
            self.sayings.say("yaml-syntax", message, node, "indent the line")

    def _scalar(self, node: ScalarNode, indent: int, inside: bool) -> None:
        if node.style in ("'", '"'):
            self._lines(node, indent, brackets=False)
        elif self.ragged and node.style in ("|", ">") and not self.text[node.end_mark.index :].strip():
            message = "a block of text whose last line holds blanks only and does not end"
            self.sayings.say("yaml-syntax", message, node, "end the file with a line feed")
        elif not node.style and inside and node.value == "-":
            self.sayings.say("yaml-syntax", "a dash that stands by itself inside brackets", node, "quote it")

    def _content(self, node: ScalarNode) -> int:
        """Where a scalar's own text begins: that of a block behind its header, which may hold a comment."""
        start = int(node.start_mark.index)
        return self.text.find("\n", start) if node.style in ("|", ">") else start

    def _comments(self, root: Node, scalars: list[tuple[int, int]]) -> None:
        """A comment needs a blank before it: what follows a quote or bracket at once is a fault."""
        behind = -1
        for match in _COMMENT.finditer(self.text, root.start_mark.index, self._end(root)):
            at = match.end() - 1
            if at < behind or _inside(at, scalars):
                continue
            # It is one, or stands in one: nothing more of this line is anything else.
            behind = self.text.find("\n", at)
            if self._in_comment(at, scalars):
                continue
            if not self.sayings.say("yaml-syntax", "a comment without a blank before its #", at, _BLANK_FIRST):
                return

    def _names(self, root: Node, scalars: list[tuple[int, int]]) -> None:
        """What stands right behind the name of an anchor or alias is a part of the name, except for libyaml."""
        for match in _NAME.finditer(self.text, root.start_mark.index, self._end(root)):
            at = match.start()
            if self.text[at - 1 : at].strip("[{,:?-").strip() or _inside(at, scalars):
                continue
            message = "an anchor (&) or alias (*) whose name does not end where readers agree that it does"
            if not self._in_comment(at, scalars):
                self.sayings.say("yaml-syntax", message, at, "write a blank behind the name, or quote the text")
            if self.sayings.full:
                return

    def _end(self, root: Node) -> int:
        """The end of the root's last line."""
        end = self.text.find("\n", root.end_mark.index)
        return len(self.text) if end < 0 else end

    def _in_comment(self, at: int, scalars: list[tuple[int, int]]) -> bool:
        index = self.text.rfind("\n", 0, at) + 1
        while (index := self.text.find("#", index, at)) >= 0:
            if self.text[index - 1 : index] in ("", " ", "\t", "\n") and not _inside(index, scalars):
                return True
            index += 1
        return False

    def _lines(self, node: Node, indent: int, *, brackets: bool) -> None:
        """Every further line of a value has to stand behind the key or dash that it belongs to."""
        start, end = node.start_mark, node.end_mark
        if start.line == end.line or indent < 0:
            return
        for match in _LINE.finditer(self.text, start.index, end.index):
            # A tab outside of quotes is said where indentation is looked at.
            if len(match[1]) > indent or (brackets and match[2] in "#\t"):
                continue
            if brackets and len(match[1]) == indent and match.end() == end.index:
                continue
            what = "brackets" if brackets else "quotes"
            message = f"a line inside {what} that is not indented further than what it belongs to"
            self.sayings.say("yaml-syntax", message, match.start(2), "indent the line")
            return

    def _key(self, key: Node) -> None:
        """Inside brackets, ? is an indicator for libyaml even where a plain text begins with it."""
        before = key.start_mark.index - 1
        if self.text[before : before + 1] == "?":
            self.sayings.say("yaml-syntax", "a ? without a blank behind it", before, "quote the text")


def _holds(text: str, parts: tuple[str, ...]) -> bool:
    return any(part in text for part in parts)


def _inside(index: int, spans: list[tuple[int, int]]) -> bool:
    """Whether a character lies within one of the spans, which are in order and do not overlap."""
    position = bisect_left(spans, (index, 0))
    return position > 0 and index < spans[position - 1][1]
