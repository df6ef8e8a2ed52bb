"""A fast reader of the YAML that people mostly write; everything else it leaves to the strict one.

Lines of `key: value`, `- item`, comments, quoted texts, blocks of text, short lists in brackets, and anchors and
aliases of lists and mappings have one meaning in every version of YAML and for every reader. Each line is told apart by
itself (yaml_lines), most of them by looking up what the same line said before, and put where its column says, in a
tenth of the time that composing nodes takes. Whatever is no such line, or does not fit the lines before it, is not read
here: the answer is None, and the strict reader says what it means or what is wrong with it. So nothing is taken here
that is refused there, and what both take is the same data: tests hold the two against each other on generated texts.
"""

from __future__ import annotations

import re
from itertools import islice
from operator import length_hint
from typing import Any, TypeAlias

from tarmac.adapters.yaml_gate import BREAKS
from tarmac.adapters.yaml_lines import ALIAS, ANCHOR, BRACKETS, KEY_PATTERN, LINES, STRANGE, TEXT, Strange, scalar
from tarmac.adapters.yaml_scalars import CONSTANTS
from tarmac.model.json_value import JsonValue
from tarmac.model.patterns import lazily

# So short a text holds fewer keys and values than a document may (yaml_composer.MAX_NODES).
MAX_LENGTH = 12_288
MAX_DEPTH = 32
_MOST_AROUND = MAX_DEPTH - 1
_MAX_FLOW = 8
# Aliases stand no deeper, no oftener, and for no more keys and values: all within what the strict reader takes.
_DEEPEST_ALIAS = 8
_MOST_ALIASES = 99
_MOST_ALIASED = 2_000

_Data: TypeAlias = "dict[str, JsonValue]"

# Inside brackets on one line: a key, a value in quotes or plain, and the signs between them.
_TOKEN = lazily(
    rf"""
    ({KEY_PATTERN}):\ + | "([^"\\\n]*)" | ([\[\]{{}}]|,\ +)\ *
    | ((?:[A-Za-z0-9_./$(]|-(?=[0-9]))[^\n,:\#\[\]{{}}"]*(?::(?=[A-Za-z0-9_./$])[^\n,:\#\[\]{{}}"]*)*)
    """,
    re.VERBOSE,
)
_TRIVIA = r"(?:\ *(?:\#[^\n]*)?\n)*"
_HEAD = lazily(_TRIVIA + r"---\n")
_BEFORE = lazily(_TRIVIA)
_FOLDS = lazily(r"\n(\n*)")
_BEGIN = "---\n"
_SEPARATOR = "\n---\n"


def read_plain(text: str) -> list[_Data] | None:
    """The documents of a file that passed the gate and ends with a line feed; None where the strict reader has to look.

    Each is a mapping with at least one key.
    """
    if len(text) > MAX_LENGTH or "\t" in text or "\r" in text:
        return None
    if not text.isascii() and BREAKS.search(text) is not None:
        return None
    found: list[_Data] = []
    for start, end in _documents(text):
        try:
            document = _document(text[start : end - 1].split("\n"))
        except Strange:
            return None
        if document is None:
            return None
        found.append(document)
    return found


def start_of(text: str, index: int) -> int:
    """Where the first key of a document stands, in a text that `read_plain` has read."""
    start, _ = _documents(text)[index]
    match = _BEFORE.match(text, start)
    return start if match is None else match.end()


def _documents(text: str) -> list[tuple[int, int]]:
    """Where each document's lines begin and end. A separator at the first column is one even in a block of text."""
    if _BEGIN not in text:
        # As in nearly every file.
        return [(0, len(text))]
    head = _HEAD.match(text)
    start = 0 if head is None else head.end()
    found = []
    while (end := text.find(_SEPARATOR, start)) >= 0:
        found.append((start, end + 1))
        start = end + len(_SEPARATOR)
    return [*found, (start, len(text))]


def _document(lines: list[str]) -> _Data | None:
    """The data of a document's lines, or None.

    Raises:
        Strange: what is not plain stands in brackets or in a block of text, or is named.
    """
    root: _Data = {}
    names: _Names | None = None
    # The mapping or list that lines go into, its column, and those around it; the key that a value is awaited for.
    holder: Any = root
    column = 0
    around: list[tuple[Any, int]] = []
    awaited: str | None = None
    left = iter(lines)
    for place, sort, key, value, behind, awaiting in map(LINES.__getitem__, left):
        if place != column:
            if place > column:
                if awaited is None or len(around) == _MOST_AROUND:
                    return None
                around.append((holder, column))
                below: Any = [] if place & 1 else {}
                holder[awaited] = below
                holder, column = below, place
            elif place < 0:
                if sort == STRANGE:
                    return None
                continue
            else:
                while place < column:
                    holder, column = around.pop()
                if place != column:
                    return None
        # From here on lines stand at the holder's column, and so have a dash where it is a list.
        if sort:
            if behind:
                if len(around) == _MOST_AROUND:
                    return None
                around.append((holder, column))
                below = {}
                holder.append(below)
                holder, column = below, behind
            if sort == TEXT:
                value, many = _block(str(value), lines, len(lines) - length_hint(left), place >> 1, column >> 1)
                # These are not asked what they say.
                next(islice(left, many, many), None)
            elif sort == BRACKETS:
                value = _flow(str(value))
            elif sort == ANCHOR:
                names = names or _Names()
                value = names.anchor(str(value), holder, str(key))
            elif sort == ALIAS:
                value = (names or _Names()).alias(str(value), [holder, *(one for one, _ in around)])
            if key is None:
                holder.append(value)
                awaited = None
                continue
        if key in holder:
            return None
        holder[key] = value
        awaited = awaiting
    return root or None


class _Names:
    """What the anchors of a document name. No alias stands in what another stands for, so that nothing grows."""

    def __init__(self) -> None:
        # The mapping that holds it, and its key there.
        self._named: dict[str, tuple[_Data, str]] = {}
        self._left = _MOST_ALIASED
        self._aliases = 0

    def anchor(self, said: str, holder: _Data, key: str) -> JsonValue:
        """Give a name to what stands under a key; what stands there already, behind the name.

        Raises:
            Strange: the name is given twice.
        """
        name, _, brackets = said.partition(" ")
        if name in self._named:
            raise Strange
        self._named[name] = holder, key
        return _flow(brackets) if brackets else None

    def alias(self, name: str, around: list[Any]) -> JsonValue:
        """What has the name.

        Raises:
            Strange: nothing has it, or neither a mapping nor a list; what is named stands `around`; it is too much.
        """
        self._aliases += 1
        holder, key = self._named.get(name, ({}, ""))
        value = holder.get(key)
        named = [id(holder.get(key)) for holder, key in self._named.values()]
        if self._aliases > _MOST_ALIASES or len(around) > _DEEPEST_ALIAS or not isinstance(value, (dict, list)):
            raise Strange
        self._left -= _size(value)
        if self._left < 0 or any(id(one) in named for one in around):
            raise Strange
        return value


def _size(value: JsonValue) -> int:
    """How many keys and values it is written with."""
    if isinstance(value, dict):
        return 1 + len(value) + sum(map(_size, value.values()))
    return 1 + sum(map(_size, value)) if isinstance(value, list) else 1


def _flow(text: str) -> JsonValue:
    """A list or mapping in brackets, on one line.

    Raises:
        Strange: it holds more than keys, plain values, texts in quotes without escapes, and more of its kind.
    """
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise Strange
        key, quoted, sign, word = match.groups()
        tokens.append((key, quoted, sign, word))
        at = match.end()
    value, behind = _flow_value(tokens, 0, 1)
    if behind != len(tokens):
        raise Strange
    return value


_Token: TypeAlias = tuple[str | None, str | None, str | None, str | None]


def _flow_value(tokens: list[_Token], at: int, depth: int) -> tuple[JsonValue, int]:
    if at >= len(tokens) or depth > _MAX_FLOW:
        raise Strange
    key, quoted, sign, word = tokens[at]
    if quoted is not None:
        return quoted, at + 1
    if word is not None:
        return scalar(word.rstrip(" ")), at + 1
    if key is not None or sign not in ("[", "{"):
        raise Strange
    values: list[JsonValue] = []
    mapping: _Data = {}
    closing = "]" if sign == "[" else "}"
    at += 1
    if at < len(tokens) and tokens[at][2] == closing:
        return (values if sign == "[" else mapping), at + 1
    while at < len(tokens):
        if sign == "{":
            key = tokens[at][0]
            if key is None or key in mapping or key in CONSTANTS:
                raise Strange
            mapping[key], at = _flow_value(tokens, at + 1, depth + 1)
        else:
            value, at = _flow_value(tokens, at, depth + 1)
            values.append(value)
        following = tokens[at][2] if at < len(tokens) else None
        at += 1
        if following == closing:
            return (values if sign == "[" else mapping), at
        if following is None or following[0] != ",":
            raise Strange
    raise Strange


def _block(style: str, lines: list[str], start: int, at: int, column: int) -> tuple[str, int]:
    """A block of text: literal (|) or folded (>), its last line feed kept or stripped (-); and how many lines it is,
    all that are blank or indented deeper than `at` from `start` on.

    Raises:
        Strange: it has no lines, is not indented evenly, or blanks stand where they mean something.
    """
    first = lines[start] if start < len(lines) else ""
    base = len(first) - len(first.lstrip(" "))
    if base <= column or base == len(first):
        raise Strange
    margin = first[:base]
    taken = []
    for line in lines[start:]:
        if line.startswith(margin):
            taken.append(line[base:])
        elif not line:
            taken.append("")
        else:
            if line.startswith(" " * (at + 1)):
                raise Strange
            break
    text = "\n".join(taken).rstrip("\n")
    if text[-1] == " " or " \n" in text:
        raise Strange
    if style[0] == ">":
        if "\n " in text:
            raise Strange
        # Blank lines stand for as many line feeds, any other line feed for a blank.
        text = _FOLDS.sub(lambda match: match[1] or " ", text) if "\n\n" in text else text.replace("\n", " ")
    return text if style[-1] == "-" else text + "\n", len(taken)
