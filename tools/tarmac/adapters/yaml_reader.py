"""YAML to data with the place of every key and value: strict, exact, bounded.

YAML 1.2 core schema. Whatever the bytes hold, the answer is documents or findings: a byte gate first, then libyaml's
events composed into nodes (depth and node count are bounded while it composes, because it recurses in C), then our
own constructor. What a loose reader would guess about (duplicate keys, merge keys, tags, directives, tabs in
indentation) is refused with its place.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from functools import partial

from yaml import MarkedYAMLError, YAMLError
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # it is there, only its stub does not say so
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from tarmac.adapters.yaml_messages import explain, first_line
from tarmac.adapters.yaml_places import past_anchor, place_of
from tarmac.errors import Defect
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
# A text of this many characters has no more levels than C's stack bears, and no more values than MAX_NODES.
_SMALL = 4096

_TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
_NO_ALIASES = "write the values out instead of using aliases"

_BOM = "\ufeff"
# Everything that YAML 1.2 does not call printable, the byte order mark, and a carriage return without line feed.
# NEL, LS and PS are left to the span check: inside quotes they are data.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]|\r(?!\n)")
_BREAKS = re.compile("[\x85\u2028\u2029]")
_DIRECTIVE = re.compile(r"^%", re.MULTILINE)
_TAB_INDENT = re.compile(r"^ *\t[ \t]*(?=[^ \t\r\n#])", re.MULTILINE)
_SEPARATOR = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)

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
    for part in _parts(path, text):
        for data, _ in part.found:
            index = len(documents)
            documents.append(Document(path, index, data, Places(path, partial(_locate, path, text, index))))
        findings += part.findings
    return tuple(documents), tuple(findings)


def _locate(path: str, text: str, index: int) -> PlaceNode:
    """The places of a document, by reading its file once more."""
    before = 0
    for part in _parts(path, text):
        if index < before + len(part.found):
            return place_of(part.found[index - before][1], part.text, part.line)
        before += len(part.found)
    raise Defect(f"{path} has no document {index} any more")


def _parts(path: str, text: str) -> Iterator[_Part]:
    """The file in stretches: a broken document ends one, and what stands behind its next separator is read too."""
    line, start = 0, 0
    while True:
        part = _Part(path, text[start:] if start else text, line)
        stopped = part.read()
        yield part
        following = None if stopped is None else _SEPARATOR.search(part.text, max(stopped, 1))
        if following is None:
            return
        line += part.text.count("\n", 0, following.start())
        start += following.start()


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
    """The document is beyond a bound. `node` is what it was in by then."""

    def __init__(self, message: str, node: Node | None, fix: str = "split it into smaller documents") -> None:
        super().__init__(message)
        self.node = node
        self.fix = fix


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
            raise _Refused(_TOO_DEEP, parent)
        if self.nodes > MAX_NODES:
            raise _Refused(f"more than {MAX_NODES:,} keys and values in one file", parent)

    def ascend_resolver(self) -> None:
        self.depth -= 1


class _SmallComposer(CParser):
    """The same for a text that is too short to nest dangerously or to hold too much.

    The hooks have to exist and are never heard: functions of the interpreter cost a third of our own, and every node
    of every ordinary file passes through them. Depth is bounded again when data is built.
    """

    resolve = staticmethod(slice)
    descend_resolver = staticmethod(operator.is_)
    ascend_resolver = staticmethod(tuple)


class _Part:
    """One stretch of a file, from a document's start to the end or to what cannot be parsed."""

    def __init__(self, path: str, text: str, line: int) -> None:
        self.path = path
        self.text = text
        self.line = line
        self.found: list[tuple[dict[str, JsonValue], Node]] = []
        self.findings: list[Finding] = []
        self.properties = "&" in text or "!" in text
        breaks = _BREAKS.search(text) is not None
        self.exotic = breaks or _DIRECTIVE.search(text) is not None or _TAB_INDENT.search(text) is not None
        self.spans: list[tuple[int, int, bool]] = []
        self.memo: dict[int, tuple[JsonValue, int]] = {}
        self.open: set[int] = set()
        self.aliased = 0

    def read(self) -> int | None:
        """Fill documents and findings; the index of the character where parsing stopped, or None at the end."""
        source, self.restore = self._shield()
        composer = _SmallComposer(source) if len(source) <= _SMALL else _Composer(source)
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
            self._say("yaml-limit", str(refused), place, refused.fix)
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
        if isinstance(node, ScalarNode) and not node.style and node.value in ("", "~", "null", "Null", "NULL"):
            return
        try:
            data, _ = self._build(node, 1)
        except _Refused as refused:
            self._say("yaml-limit", str(refused), self._mark(refused.node or node), refused.fix)
            return
        if not isinstance(data, dict):
            message = "the document is no mapping, so it cannot say what it is"
            self._say("document-shape", message, self._mark(node), "start with apiVersion: and kind:")
            return
        self.found.append((data, node))

    def _build(self, node: Node, depth: int) -> tuple[JsonValue, int]:
        """The data of a node, and how many keys and values it is written with, aliases written out."""
        if not self.properties:
            return self._fresh(node, depth)
        known = self.memo.get(id(node))
        if known is not None:
            self.aliased += known[1]
            if self.aliased > MAX_ALIASED:
                raise _Refused(f"aliases stand for more than {MAX_ALIASED:,} values", None, _NO_ALIASES)
            return known
        if id(node) in self.open:
            raise _Refused("an alias stands inside the value that it stands for", None, _NO_ALIASES)
        self.open.add(id(node))
        self._untagged(node)
        built = self._fresh(node, depth)
        self.open.discard(id(node))
        self.memo[id(node)] = built
        return built

    def _fresh(self, node: Node, depth: int) -> tuple[JsonValue, int]:
        if node.__class__ is ScalarNode:
            return self._scalar(node), 1
        if depth > MAX_DEPTH:
            raise _Refused(_TOO_DEEP, node)
        size = 1
        if node.__class__ is SequenceNode:
            values: list[JsonValue] = []
            for item in node.value:
                data, count = self._build(item, depth + 1)
                values.append(data)
                size += count
            return values, size
        mapping: dict[str, JsonValue] = {}
        for key_node, value_node in node.value:
            if value_node.__class__ is ScalarNode and not self.properties:
                data, count = self._scalar(value_node), 1
            else:
                data, count = self._build(value_node, depth + 1)
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
        first = next(earlier for earlier, _ in node.value if earlier.value == key_node.value)
        message = f"key {_shown(key)} stands twice in one mapping (first in line {self._mark(first).line})"
        self._say("yaml-duplicate-key", message, self._mark(key_node), "keep one of them")

    def _key(self, node: Node) -> str | None:
        if not isinstance(node, ScalarNode):
            message = "a key that is a list or a mapping"
            self._say("yaml-feature", message, self._mark(node), "write a plain text as key")
            return None
        if self.properties:
            self._untagged(node)
        key: str = node.value
        if node.style:
            return self._restored(key)
        if key == "<<":
            message = "a merge key (<<): YAML 1.2 has none, and readers disagree about it"
            self._say("yaml-feature", message, self._mark(node), "write the keys out")
            return None
        if key not in _CONSTANTS and key[0] not in _NUMERIC_START:
            return key
        value = self._plain(key, node)
        if isinstance(value, str) or (isinstance(value, bool | int) and str(value).lower() == key):
            return key
        shown = "an empty key" if key == "" else f"key {_shown(key)} is no text"
        self._say("yaml-feature", f"{shown}, and readers disagree about it", self._mark(node), "write it in quotes")
        return None

    def _scalar(self, node: ScalarNode) -> JsonValue:
        value: str = node.value
        if node.style:
            return self._restored(value) if self.restore else value
        if value in _CONSTANTS:
            return _CONSTANTS[value]
        if value[0] in _NUMERIC_START:
            return self._plain(value, node)
        return value

    def _restored(self, value: str) -> str:
        return value.translate(self.restore) if self.restore else value

    def _plain(self, value: str, node: Node) -> JsonValue:
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
        self._say("yaml-number", message, self._value_mark(node), "write it in quotes if it is a text")
        return value[:_LONGEST_NUMBER]

    def _untagged(self, node: Node) -> None:
        """Say an explicit tag: the resolver is not asked about those, so they are seen in the text."""
        behind = past_anchor(self.text, node.start_mark.index)
        if self.text[behind : behind + 1] == "!":
            message = "an explicit tag (!): types follow from how a value is written"
            self._say("yaml-feature", message, self._at(behind), "remove the tag")

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

    def _value_mark(self, node: Node) -> Place:
        return self._at(past_anchor(self.text, node.start_mark.index)) if self.properties else self._mark(node)

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
