"""YAML to data with the place of every key and value: strict, exact, bounded.

YAML 1.2 core schema. Whatever the bytes hold, the answer is documents or findings: a byte gate first, then libyaml's
events composed into nodes (depth and node count are bounded while it composes, because it recurses in C), then our
own constructor. What a loose reader would guess about (duplicate keys, merge keys, tags, directives, tabs in
indentation) is refused with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from yaml import MarkedYAMLError, YAMLError
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # it is there, only its stub does not say so
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from tarmac.adapters.yaml_messages import explain, first_line
from tarmac.model.documents import Document
from tarmac.model.findings import Finding, Fix, Severity
from tarmac.model.json_value import JsonValue
from tarmac.model.places import Place, PlaceNode, Places

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 64
# Composing and building a node costs about two microseconds: this bounds a file's time, far above any real one.
MAX_NODES = 20_000
# Data that aliases stand for, counted as if written out.
MAX_ALIASED = 10_000

_BOM = "\ufeff"
# Everything that YAML 1.2 does not call printable, the byte order mark, and a carriage return without line feed.
# NEL, LS and PS are left to the span check: inside quotes they are data.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]|\r(?!\n)")
_BREAKS = re.compile("[\x85\u2028\u2029]")
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_TAB_INDENT = re.compile(r"^ *\t[ \t]*(?=[^ \t\r\n#])", re.MULTILINE)
_SEPARATOR = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_NODE_PROPERTIES = re.compile(r"(?:&[^\s,\[\]{}]+(?:[ \t\r\n]|#[^\n]*\n)+)+")

_CONSTANTS: dict[str, JsonValue] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_NUMERIC_START = frozenset("-+.0123456789")
_INT = re.compile(r"[-+]?[0-9]+\Z")
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEX = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))\Z")
_LONGEST_NUMBER = 32
_INT64 = 2**63
# What a quote doubles or escapes by.
_QUOTES = {"'": "'", '"': "\\"}


def read_documents(path: str, content: bytes) -> tuple[tuple[Document, ...], tuple[Finding, ...]]:
    """Read a YAML file: its documents in order, and the findings about how it is written.

    Never raises for what the bytes hold. A document that has a fault of form (a key given twice, a tag) is still
    there, so that what refers to it does not look lost; the findings are errors all the same.
    """
    text, refused = _decode(path, content)
    if text is None:
        return (), refused
    documents: list[Document] = []
    findings: list[Finding] = []
    line, start = 0, 0
    while True:
        part = _Part(path, text[start:] if start else text, line, len(documents))
        stopped = part.read()
        documents += part.documents
        findings += part.findings
        if stopped is None:
            break
        # A broken document ends at the next separator: what stands behind it is read all the same.
        following = _SEPARATOR.search(part.text, max(stopped, 1))
        if following is None:
            break
        line += part.text.count("\n", 0, following.start())
        start += following.start()
    return tuple(documents), tuple(findings)


def _decode(path: str, content: bytes) -> tuple[str | None, tuple[Finding, ...]]:
    if len(content) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES // 1024} KiB, so it is not read"
        return None, (_finding("yaml-limit", message, Place(path), "split it into several files"),)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as fault:
        before = content[: fault.start].decode("utf-8")
        message = f"byte 0x{content[fault.start]:02x} is not UTF-8"
        return None, (_finding("yaml-bytes", message, _place(path, before, len(before)), "save the file as UTF-8"),)
    text = text.removeprefix(_BOM)
    bad = _FORBIDDEN.search(text)
    if bad is None:
        return text, ()
    place = _place(path, text, bad.start())
    if bad[0] == "\r":
        return None, (
            _finding("yaml-bytes", "a carriage return without a line feed", place, "end lines with LF or CRLF"),
        )
    if bad[0] == _BOM:
        return None, (_finding("yaml-bytes", "a byte order mark inside the file", place, "remove it (U+FEFF)"),)
    message = f"control character U+{ord(bad[0]):04X} is not allowed"
    return None, (_finding("yaml-bytes", message, place, 'remove it, or write it as an escape in "double quotes"'),)


class _Refused(Exception):
    """Raised out of the composer: the document is beyond a bound. `node` is what it was in by then."""

    def __init__(self, message: str, node: Node | None = None) -> None:
        super().__init__(message)
        self.node = node


class _Composer(CParser):
    """libyaml's composer with bounds. It asks these hooks about every node before it goes deeper."""

    depth = 0
    nodes = 0

    def resolve(self, kind: object, value: object, implicit: object) -> str:
        return ""

    def descend_resolver(self, parent: Node | None, index: object) -> None:
        self.depth += 1
        self.nodes += 1
        if self.depth > MAX_DEPTH:
            raise _Refused(f"nested deeper than {MAX_DEPTH} levels", parent)
        if self.nodes > MAX_NODES:
            raise _Refused(f"more than {MAX_NODES:,} keys and values in one file", parent)

    def ascend_resolver(self) -> None:
        self.depth -= 1


class _Part:
    """One stretch of a file, from a document's start to the end or to what cannot be parsed."""

    def __init__(self, path: str, text: str, line: int, index: int) -> None:
        self.path = path
        self.text = text
        self.line = line
        self.index = index
        self.documents: list[Document] = []
        self.findings: list[Finding] = []
        self.properties = "&" in text or "!" in text
        breaks = _BREAKS.search(text) is not None
        self.exotic = breaks or _DIRECTIVE.search(text) is not None or _TAB_INDENT.search(text) is not None
        self.spans: list[tuple[int, int, bool]] = []
        self.memo: dict[int, tuple[JsonValue, PlaceNode, int]] = {}
        self.open: set[int] = set()
        self.aliased = 0

    def read(self) -> int | None:
        """Fill documents and findings; the index of the character where parsing stopped, or None at the end."""
        source, self.restore = self._shield()
        composer = _Composer(source)
        try:
            while composer.check_node():
                node = composer.get_node()
                if node is None:
                    break
                if self.exotic:
                    self._note_spans(node)
                self._document(node)
                self.memo.clear()
        except _Refused as refused:
            place = self._at(0) if refused.node is None else self._mark(refused.node)
            self._say("yaml-limit", str(refused), place, "split it into smaller documents")
            return None
        except MarkedYAMLError as fault:
            return self._syntax(fault)
        except (ReaderError, YAMLError) as fault:
            self._say("yaml-bytes", f"cannot be read as YAML: {first_line(str(fault))}", self._at(0), None)
            return None
        finally:
            composer.dispose()
        if self.exotic:
            self._check_outside()
        return None

    # --- what libyaml reads otherwise than YAML 1.2 --------------------------------------------------------------

    def _shield(self) -> tuple[str, dict[int, int]]:
        """NEL, LS and PS are line breaks to libyaml and plain characters to YAML 1.2: stand-ins take their place."""
        found = sorted(set(_BREAKS.findall(self.text)))
        free = (chr(code) for code in range(0xE000, 0xF8FF) if chr(code) not in self.text)
        there = {ord(char): ord(next(free)) for char in found}
        return self.text.translate(there) if there else self.text, {new: old for old, new in there.items()}

    def _note_spans(self, node: Node) -> None:
        seen: set[int] = set()
        stack = [node]
        while stack:
            here = stack.pop()
            if id(here) in seen:
                continue
            seen.add(id(here))
            if isinstance(here, ScalarNode):
                quoted = here.style in ("'", '"')
                self.spans.append((here.start_mark.index, here.end_mark.index, quoted))
            elif isinstance(here, SequenceNode):
                stack.extend(here.value)
            elif isinstance(here, MappingNode):
                for pair in here.value:
                    stack.extend(pair)

    def _check_outside(self) -> None:
        quoted = [(start, end) for start, end, is_quoted in self.spans if is_quoted]
        scalars = [(start, end) for start, end, _ in self.spans]
        for match in _outside(_BREAKS, self.text, quoted):
            message = f"line break character U+{ord(match[0]):04X} outside quotes"
            self._say("yaml-bytes", message, self._at(match.start()), "use an ordinary line break")
        for match in _outside(_DIRECTIVE, self.text, scalars):
            self._directive(match.start())
        for match in _outside(_TAB_INDENT, self.text, scalars):
            tab = match[0].index("\t")
            self._say("yaml-syntax", "a tab in the indentation", self._at(match.start() + tab), "indent with spaces")

    def _directive(self, index: int) -> None:
        message = "a % directive: every file is read as YAML 1.2"
        self._say("yaml-feature", message, self._at(index), "remove the line")

    # --- nodes to data -------------------------------------------------------------------------------------------

    def _document(self, node: Node) -> None:
        index = self.index + len(self.documents)
        if isinstance(node, ScalarNode) and not node.style and node.value in ("", "~", "null", "Null", "NULL"):
            return
        try:
            data, places, _ = self._build(node)
        except _Refused as refused:
            self._say("yaml-limit", str(refused), self._mark(node), "write the values out instead of using aliases")
            return
        if not isinstance(data, dict):
            message = "the document is no mapping, so it cannot say what it is"
            self._say("document-shape", message, self._mark(node), "start with apiVersion: and kind:")
            return
        self.documents.append(Document(self.path, index, data, Places(self.path, places)))

    def _build(self, node: Node) -> tuple[JsonValue, PlaceNode, int]:
        if not self.properties:
            return self._fresh(node)
        known = self.memo.get(id(node))
        if known is not None:
            self.aliased += known[2]
            if self.aliased > MAX_ALIASED:
                raise _Refused(f"aliases stand for more than {MAX_ALIASED:,} values")
            return known
        if id(node) in self.open:
            raise _Refused("an alias stands inside the value that it stands for")
        self.open.add(id(node))
        built = self._fresh(node)
        self.open.discard(id(node))
        self.memo[id(node)] = built
        return built

    def _fresh(self, node: Node) -> tuple[JsonValue, PlaceNode, int]:
        mark = node.start_mark
        line, column = mark.line + self.line + 1, mark.column + 1
        if self.properties:
            line, column = self._past_properties(node, line, column)
        if node.__class__ is ScalarNode:
            return self._scalar(node, line, column), (line, column, self._written(node)), 1
        size = 1
        if node.__class__ is SequenceNode:
            values: list[JsonValue] = []
            nodes: list[PlaceNode] = []
            for item in node.value:
                data, inner, count = self._build(item)
                values.append(data)
                nodes.append(inner)
                size += count
            return values, (line, column, nodes), size
        mapping: dict[str, JsonValue] = {}
        children: dict[str, tuple[int, int, PlaceNode]] = {}
        for key_node, value_node in node.value:
            data, inner, count = self._build(value_node)
            size += count + 1
            key = self._key(key_node)
            if key is None:
                continue
            key_mark = key_node.start_mark
            key_line, key_column = key_mark.line + self.line + 1, key_mark.column + 1
            if key in mapping:
                first = children[key]
                self._say(
                    "yaml-duplicate-key",
                    f"key {_shown(key)} stands twice in one mapping (first in line {first[0]})",
                    Place(self.path, key_line, key_column),
                    "keep one of them",
                )
                continue
            mapping[key] = data
            children[key] = (key_line, key_column, inner)
        return mapping, (line, column, children), size

    def _key(self, node: Node) -> str | None:
        if not isinstance(node, ScalarNode):
            self._say(
                "yaml-feature", "a key that is a list or a mapping", self._mark(node), "write a plain text as key"
            )
            return None
        if self.properties:
            self._past_properties(node, 1, 1)
        key: str = node.value
        if node.style:
            return self._restored(key)
        if key == "<<":
            message = "a merge key (<<): YAML 1.2 has none, and readers disagree about it"
            self._say("yaml-feature", message, self._mark(node), "write the keys out")
            return None
        value = self._plain(key, self._mark(node)) if key in _CONSTANTS or key[0] in _NUMERIC_START else key
        if isinstance(value, str) or (isinstance(value, bool | int) and str(value).lower() == key):
            return key
        shown = "an empty key" if key == "" else f"key {_shown(key)} is no text"
        self._say("yaml-feature", f"{shown}, and readers disagree about it", self._mark(node), "write it in quotes")
        return None

    def _scalar(self, node: ScalarNode, line: int, column: int) -> JsonValue:
        value: str = node.value
        if node.style:
            return self._restored(value) if self.restore else value
        if value in _CONSTANTS:
            return _CONSTANTS[value]
        if value[0] in _NUMERIC_START:
            return self._plain(value, Place(self.path, line, column))
        return value

    def _written(self, node: ScalarNode) -> str | None:
        """How a scalar is written, as model/scalars.py reads it."""
        start, end = node.start_mark, node.end_mark
        if not node.style and start.line == end.line:
            return None
        index = start.index
        if self.properties and self.text[index] in "&!":
            behind = _NODE_PROPERTIES.match(self.text, index)
            index = behind.end() if behind else index
        raw = self.text[index : end.index]
        if start.line == end.line and node.style in _QUOTES and _QUOTES[node.style] not in raw[1:-1]:
            return str(node.style)
        return raw

    def _restored(self, value: str) -> str:
        return value.translate(self.restore) if self.restore else value

    def _plain(self, value: str, place: Place) -> JsonValue:
        if value in _CONSTANTS:
            return _CONSTANTS[value]
        is_int = _INT.match(value) or _OCTAL.match(value) or _HEX.match(value)
        if not is_int and not _FLOAT.match(value) and not _NOT_FINITE.match(value):
            return value
        if len(value) <= _LONGEST_NUMBER:
            if is_int:
                whole = int(value) if _INT.match(value) else int(value, 0)
                if -_INT64 <= whole < _INT64:
                    return whole
            elif not _NOT_FINITE.match(value):
                number = float(value)
                if number not in (float("inf"), float("-inf")):
                    return number
        message = f"number {_shown(value)} cannot be held exactly (64-bit integers and finite decimals can)"
        self._say("yaml-number", message, place, "write it in quotes if it is a text")
        return value[:_LONGEST_NUMBER]

    def _past_properties(self, node: Node, line: int, column: int) -> tuple[int, int]:
        """Where the value itself begins behind its anchor; a tag is said."""
        index = node.start_mark.index
        if index >= len(self.text) or self.text[index] not in "&!":
            return line, column
        match = _NODE_PROPERTIES.match(self.text, index)
        behind = match.end() if match else index
        place = self._at(behind)
        if behind < len(self.text) and self.text[behind] == "!":
            message = "an explicit tag (!): types follow from how a value is written"
            self._say("yaml-feature", message, place, "remove the tag")
        return place.line, place.column

    # --- saying it -----------------------------------------------------------------------------------------------

    def _syntax(self, fault: MarkedYAMLError) -> int:
        problem = fault.problem or "cannot be read as YAML"
        mark = fault.problem_mark or fault.context_mark
        index = mark.index if mark is not None else 0
        if self.exotic:
            for match in _DIRECTIVE.finditer(self.text, 0, index + 1):
                self._directive(match.start())
                return index
        at = index
        if (
            fault.context_mark is not None
            and "unexpected end of stream" in problem
            and "quoted" in (fault.context or "")
        ):
            at = fault.context_mark.index
        message, fix = explain(problem, fault.context or "", self.text[index : index + 1])
        self._say("yaml-syntax", message, self._at(at), fix)
        return index

    def _say(self, rule: str, message: str, place: Place, fix: str | None) -> None:
        self.findings.append(_finding(rule, message, place, fix))

    def _mark(self, node: Node) -> Place:
        return Place(self.path, node.start_mark.line + self.line + 1, node.start_mark.column + 1)

    def _at(self, index: int) -> Place:
        place = _place(self.path, self.text, index)
        return Place(place.path, place.line + self.line, place.column)


def _outside(pattern: re.Pattern[str], text: str, spans: list[tuple[int, int]]) -> Iterator[re.Match[str]]:
    ordered = sorted(spans)
    position = 0
    for match in pattern.finditer(text):
        index = match.start()
        while position < len(ordered) and ordered[position][1] <= index:
            position += 1
        if position < len(ordered) and ordered[position][0] < index < ordered[position][1]:
            continue
        yield match


def _finding(rule: str, message: str, place: Place, fix: str | None) -> Finding:
    return Finding(rule, Severity.ERROR, message, place, None, Fix(fix) if fix else None)


def _place(path: str, text: str, index: int) -> Place:
    start = text.rfind("\n", 0, index) + 1
    return Place(path, text.count("\n", 0, index) + 1, index - start + 1)


def _shown(text: str) -> str:
    short = text if len(text) <= 40 else text[:40] + "..."
    return repr(short)
