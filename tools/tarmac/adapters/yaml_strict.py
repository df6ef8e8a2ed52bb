"""YAML to data with the place of every key and value: strict, exact, bounded.

YAML 1.2 core schema. libyaml's events are composed into nodes within bounds (yaml_composer), then our own constructor
(yaml_build) makes data of them. What a loose reader would guess about (duplicate keys, merge keys, tags, directives,
tabs in indentation) is refused with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from yaml import MarkedYAMLError, YAMLError
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from yaml.reader import ReaderError

from tarmac.adapters.yaml_build import Builder
from tarmac.adapters.yaml_composer import (
    MAX_NODES_OF_FILE,
    SMALL,
    Composer,
    Refused,
    SmallComposer,
    shielded,
    too_many,
)
from tarmac.adapters.yaml_gate import BREAKS, DIRECTIVE, SEPARATOR
from tarmac.adapters.yaml_messages import LONGEST_KEY, explain, first_line
from tarmac.adapters.yaml_places import place_of
from tarmac.adapters.yaml_sayings import Sayings
from tarmac.errors import Defect
from tarmac.model.documents import Document
from tarmac.model.findings import Finding
from tarmac.model.json_value import JsonValue
from tarmac.model.places import PlaceNode, PlacesInText

_TAB_INDENT = re.compile(r"^ *\t[ \t]*(?=[^ \t\r\n#])", re.MULTILINE)
_NOTHING = ("", "~", "null", "Null", "NULL")


def read_strictly(path: str, text: str, end: int) -> tuple[tuple[Document, ...], tuple[Finding, ...]]:
    """What yaml_reader.read_documents says of the text of a file that passed the gate and ends with a line feed; `end`
    of its characters are the file's own."""
    file = _File(path, text, end)
    file.read()
    documents = tuple(
        Document(path, index, data, PlacesInText(path, text, partial(locate, end, at, line)))
        for index, (data, at, line) in enumerate(file.found)
    )
    return documents, tuple(file.sayings.findings)


class _File:
    """A file in stretches: a broken document ends one, and what stands behind its next separator is read too."""

    def __init__(self, path: str, text: str, end: int) -> None:
        self.path = path
        self.text = text
        self.found: list[tuple[dict[str, JsonValue], int, int]] = []
        self.sayings = Sayings(path, text, end)
        self.nodes = 0

    def read(self) -> None:
        """Fill `found` with data and where its root begins (index, lines before), and the sayings.

        After a fault only a little is looked at at once, then more: so a file of nothing but broken documents costs
        no more than one of sound ones.
        """
        start, window = 0, len(self.text)
        while True:
            end = self._end(start, window)
            stretch = _Stretch(self, start, end)
            stopped = stretch.read()
            if stopped is None:
                following = SEPARATOR.search(self.text, end - 3) if end < len(self.text) else None
                window *= 4
            else:
                following = None if self.sayings.full else SEPARATOR.search(self.text, start + max(stopped, 1))
                window = SMALL
            if following is None:
                return
            start = following.start()

    def _end(self, start: int, window: int) -> int:
        """Behind the first separator that stands a window away: with it, so that what it cuts short is said so."""
        following = SEPARATOR.search(self.text, start + window) if start + window < len(self.text) else None
        return len(self.text) if following is None else following.end()


class _Stretch:
    """A part of a file that begins and ends with documents."""

    def __init__(self, file: _File, start: int, end: int) -> None:
        self.file = file
        self.start = start
        self.text = text = file.text[start:end] if (start, end) != (0, len(file.text)) else file.text
        self.sayings = file.sayings
        self.sayings.start_at(start)
        breaks = not text.isascii() and BREAKS.search(text) is not None
        directives = "%" in text and DIRECTIVE.search(text) is not None
        self.exotic = breaks or directives or ("\t" in text and _TAB_INDENT.search(text) is not None)
        self.spans: list[tuple[int, int, bool]] = []

    def read(self) -> int | None:
        """The index of the character where parsing stopped, or None at the end."""
        source, back = shielded(self.text) if self.exotic else (self.text, {})
        whole = self.text is self.file.text
        composer = SmallComposer(source) if whole and len(source) <= SMALL else Composer(source)
        builder = Builder(self.text, self.sayings, back)
        try:
            while composer.check_node():
                node = composer.get_node()
                if node is None:
                    break
                if self.exotic:
                    self._note_spans(node)
                self._document(node, builder)
                self.file.nodes += composer.nodes
                composer.nodes = 0
                if self.file.nodes > MAX_NODES_OF_FILE:
                    raise too_many(node)
        except Refused as refused:
            self.sayings.say("yaml-limit", str(refused), refused.node or 0, refused.fix)
            mark = 0 if refused.node is None else refused.node.start_mark.index
            return len(self.text) if refused.final else mark
        except MarkedYAMLError as fault:
            return self._syntax(fault)
        except (ReaderError, YAMLError) as fault:
            self.sayings.say("yaml-bytes", f"cannot be read as YAML: {first_line(str(fault))}", 0, None)
            return len(self.text)
        finally:
            self.file.nodes += composer.nodes
            composer.dispose()
        if self.exotic:
            self._check_outside()
        return None

    def _document(self, node: Node, builder: Builder) -> None:
        if isinstance(node, ScalarNode) and not node.style and node.value in _NOTHING:
            builder.untagged(node)
            return
        try:
            data = builder.document(node)
        except Refused as refused:
            self.sayings.say("yaml-limit", str(refused), refused.node or node, refused.fix)
            return
        if not isinstance(data, dict):
            message = "the document is no mapping, so it cannot say what it is"
            self.sayings.say("document-shape", message, node, "start with apiVersion: and kind:")
            return
        mark = node.start_mark
        self.file.found.append((data, mark.index + self.start, mark.line + self.sayings.line))

    # --- what libyaml reads otherwise than YAML 1.2 --------------------------------------------------------------

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
        for match in _outside(BREAKS, self.text, quoted):
            message = f"line break character U+{ord(match[0]):04X} outside quotes"
            if not self.sayings.say("yaml-bytes", message, match.start(), "use an ordinary line break"):
                break
        for match in _outside(DIRECTIVE, self.text, scalars):
            if not self._directive(match.start()):
                break
        for match in _outside(_TAB_INDENT, self.text, scalars):
            tab = match.start() + match[0].index("\t")
            if not self.sayings.say("yaml-syntax", "a tab in the indentation", tab, "indent with spaces"):
                break

    def _directive(self, index: int) -> bool:
        message = "a % directive: every file is read as YAML 1.2"
        return self.sayings.say("yaml-feature", message, index, "remove the line")

    def _syntax(self, fault: MarkedYAMLError) -> int:
        problem = fault.problem or "cannot be read as YAML"
        mark = fault.problem_mark or fault.context_mark
        index = mark.index if mark is not None else 0
        if self.exotic:
            directive = DIRECTIVE.search(self.text, 0, index + 1)
            if directive is not None:
                self._directive(directive.start())
                return index
        at = index
        unfinished = "unexpected end of stream" in problem and "quoted" in (fault.context or "")
        if fault.context_mark is not None and unfinished:
            at = fault.context_mark.index
        message, fix = explain(problem, fault.context or "", self.text[index : index + 1])
        line_start = self.text.rfind("\n", 0, index) + 1
        if "mapping values are not allowed" in problem and index - line_start > LONGEST_KEY:
            message, fix = f"a key of more than {LONGEST_KEY:,} characters", "write a shorter key"
        self.sayings.say("yaml-syntax", message, at, fix)
        return index


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


def locate(end: int, at: int, line: int, path: str, text: str) -> PlaceNode:
    """The places of the document whose root begins at a character of its file, by reading it once more."""
    start = _start_of(text, at)
    following = SEPARATOR.search(text, at)
    chunk = text[start : len(text) if following is None else following.start()]
    source, _ = shielded(chunk)
    composer = SmallComposer(source) if len(source) <= SMALL else Composer(source)
    try:
        while composer.check_node():
            node = composer.get_node()
            if node is not None and node.start_mark.index + start == at:
                return place_of(node, chunk, line - node.start_mark.line, end - start)
            composer.nodes = 0
    finally:
        composer.dispose()
    raise Defect(f"{path} has no document at {at} any more")


def _start_of(text: str, at: int) -> int:
    """Where reading has to begin to meet the document at a character: its separator, or behind the end before it."""
    while True:
        dashes = text.rfind("\n---", 0, at)
        marker = max(dashes, text.rfind("\n...", dashes + 1, at))
        if marker < 0:
            return 0
        if text[marker + 4 : marker + 5] in ("", " ", "\t", "\r", "\n"):
            return marker + 1 if marker == dashes else marker + 4
        at = marker
