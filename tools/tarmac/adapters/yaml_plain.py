"""A fast reader of the YAML that people mostly write; everything else it leaves to the strict one.

Lines of `key: value`, `- item`, comments, quoted texts without escapes, blocks of text and short lists in brackets have
one meaning in every version of YAML and for every reader. One regular expression tells them apart, in a fifth of the
time that composing nodes takes. Whatever is no such line, or does not fit the lines before it, is not read here: the
answer is None, and the strict reader says what it means or what is wrong with it. So nothing is taken here that is
refused there, and what both take is the same data: tests hold the two against each other on generated texts.
"""

from __future__ import annotations

import re
from sys import intern
from typing import TypeAlias

from tarmac.adapters.yaml_gate import BREAKS
from tarmac.adapters.yaml_scalars import CONSTANTS, NUMERIC_START, Inexact, plain
from tarmac.model.json_value import JsonValue

# So short a text holds fewer keys and values than a document may (yaml_composer.MAX_NODES).
MAX_LENGTH = 12_288
MAX_DEPTH = 32
_MAX_FLOW = 8
# What a value without quotes begins with that is no text: a number, or null, true and false.
_MEANING = NUMERIC_START | frozenset("~nNtTfF")

_Data: TypeAlias = "dict[str, JsonValue]"

# A value without quotes does not begin with a sign that means something, and holds neither ": " nor " #".
_KEY = r"[A-Za-z_$][A-Za-z0-9_./-]{0,100}"
_VALUE = r"(?:[A-Za-z0-9_./$(]|-(?=[0-9]))[^\n:#]*(?:(?::(?=[^ \n])|(?<=[^ ])\#)[^\n:#]*)*(?<!\ )"
# Indentation, dash, key; a value: plain, in quotes, in brackets, or a block with its lines; the end of the line. The
# last group holds what no other part takes.
_LINE = re.compile(
    rf"""
    (\ *) (-\ +)? (?: ({_KEY}) : (?=[\ \n]) )?
    (?: \ * (?: ({_VALUE}) | ("[^"\\\n]*"|'[^'\n]*') | ([\[{{](?:[^\n#"]|"[^"\\\n]*")*[\]}}])
              | ([|>]-?) ((?:\n(?:\1\ [^\n]*)?(?=\n))+) ) )?
    (?: \ +\#[^\n]* | \ * ) \n
    | \ *\#[^\n]*\n
    | (.+)\n?
    """,
    re.VERBOSE,
)
# Inside brackets on one line: a key, a value in quotes or plain, and the signs between them.
_TOKEN = re.compile(
    rf"""
    ({_KEY}):\ + | "([^"\\\n]*)" | ([\[\]{{}}]|,\ +)\ *
    | ((?:[A-Za-z0-9_./$(]|-(?=[0-9]))[^\n,:\#\[\]{{}}"]*(?::(?=[A-Za-z0-9_./$])[^\n,:\#\[\]{{}}"]*)*)
    """,
    re.VERBOSE,
)
_TRIVIA = r"(?:\ *(?:\#[^\n]*)?\n)*"
_HEAD = re.compile(_TRIVIA + r"---\n")
_BEFORE = re.compile(_TRIVIA)
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
            document = _document(text[start:end])
        except _Strange:
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
    head = _HEAD.match(text) if "---" in text else None
    start = 0 if head is None else head.end()
    found = []
    while (end := text.find(_SEPARATOR, start)) >= 0:
        found.append((start, end + 1))
        start = end + len(_SEPARATOR)
    return [*found, (start, len(text))]


def _document(text: str) -> _Data | None:
    root: _Data = {}
    # The open mappings and lists and the columns at which they stand; the key that a value is awaited for.
    holders: list[_Data | list[JsonValue]] = [root]
    columns = [0]
    awaited: str | None = None
    holder: _Data | list[JsonValue] = root
    column = 0
    for spaces, dash, key, value, quoted, listed, style, block, strange in _LINE.findall(text):
        if value and key and awaited is None and not dash and len(spaces) == column and type(holder) is dict:
            # Most lines: one more key with a value beside the last one. What follows says the same of every line.
            if key in holder or key in CONSTANTS:
                return None
            holder[intern(key)] = value if value[0] not in _MEANING else _scalar(value)
            continue
        if strange:
            return None
        if not key and not dash:
            if value or quoted or listed or style:
                return None
            continue
        # Documents have the same keys, of which one copy is enough.
        key = intern(key)
        at = len(spaces)
        if awaited is not None:
            if dash and at >= column:
                below: _Data | list[JsonValue] = []
            elif not dash and at > column:
                below = {}
            else:
                below = holder
            if below is not holder:
                # A key is awaited only in a mapping.
                holder[awaited] = below  # type: ignore[call-overload]
                holders.append(below)
                columns.append(at)
                holder, column = below, at
                if len(holders) > MAX_DEPTH:
                    return None
            awaited = None
        while at < column or (at == column and not dash and type(holder) is list):
            holders.pop()
            columns.pop()
            if not holders:
                return None
            holder, column = holders[-1], columns[-1]
        if at != column or (type(holder) is list) is not bool(dash):
            return None
        if dash and key:
            column = at + len(dash)
            below = {}
            holder.append(below)  # type: ignore[union-attr]
            holder = below
            holders.append(below)
            columns.append(column)
            if len(holders) > MAX_DEPTH:
                return None
        here: JsonValue
        if value:
            here = value if value[0] not in _MEANING else _scalar(value)
        elif quoted:
            here = quoted[1:-1]
        elif listed:
            here = _flow(listed)
        elif style:
            here = _block(style, block, column)
        elif not key:
            return None
        else:
            here, awaited = None, key
        if not key:
            holder.append(here)  # type: ignore[union-attr]
        elif key in holder or key in CONSTANTS:
            return None
        else:
            holder[key] = here  # type: ignore[call-overload]
    return root or None


class _Strange(ValueError):
    """What stands in brackets is not of the plain sort."""


def _flow(text: str) -> JsonValue:
    """A list or mapping in brackets, on one line.

    Raises:
        _Strange: it holds more than keys, plain values, texts in quotes without escapes, and more of its kind.
    """
    tokens: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise _Strange
        key, quoted, sign, word = match.groups()
        tokens.append((key, quoted, sign, word))
        at = match.end()
    value, behind = _flow_value(tokens, 0, 1)
    if behind != len(tokens):
        raise _Strange
    return value


_Token: TypeAlias = tuple[str | None, str | None, str | None, str | None]


def _flow_value(tokens: list[_Token], at: int, depth: int) -> tuple[JsonValue, int]:
    if at >= len(tokens) or depth > _MAX_FLOW:
        raise _Strange
    key, quoted, sign, word = tokens[at]
    if quoted is not None:
        return quoted, at + 1
    if word is not None:
        return _scalar(word.rstrip(" ")), at + 1
    if key is not None or sign not in ("[", "{"):
        raise _Strange
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
                raise _Strange
            mapping[key], at = _flow_value(tokens, at + 1, depth + 1)
        else:
            value, at = _flow_value(tokens, at, depth + 1)
            values.append(value)
        following = tokens[at][2] if at < len(tokens) else None
        at += 1
        if following == closing:
            return (values if sign == "[" else mapping), at
        if following is None or following[0] != ",":
            raise _Strange
    raise _Strange


def _scalar(value: str) -> JsonValue:
    if value[0] not in NUMERIC_START:
        return CONSTANTS.get(value, value)
    try:
        return plain(value)
    except Inexact:
        raise _Strange from None


def _block(style: str, block: str, column: int) -> str:
    """A block of text: literal (|) or folded (>), its last line feed kept or stripped (-).

    Raises:
        _Strange: it is not indented evenly, or blanks stand where they mean something.
    """
    lines = block[1:].rstrip("\n").split("\n")
    base = len(lines[0]) - len(lines[0].lstrip(" "))
    margin = lines[0][:base]
    if base <= column or base == len(lines[0]):
        raise _Strange
    taken = []
    for line in lines:
        if line and (not line.startswith(margin) or line[-1] == " "):
            raise _Strange
        taken.append(line[base:])
    if style[0] == "|":
        text = "\n".join(taken)
    else:
        text = taken[0]
        blank = 0
        for line in taken[1:]:
            if not line:
                blank += 1
                continue
            if line[0] == " ":
                raise _Strange
            text += ("\n" * blank or " ") + line
            blank = 0
    return text if style.endswith("-") else text + "\n"
