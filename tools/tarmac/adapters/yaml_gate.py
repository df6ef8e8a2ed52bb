"""The gate before the parser: bytes that are a text at all, and a text that holds no more than a file may.

Nothing here parses. Each bound is there because something behind it would take time or memory that no repository of
honest files needs.
"""

from __future__ import annotations

import re

from tarmac.model.findings import Finding, Fix, Severity
from tarmac.model.patterns import lazily
from tarmac.model.places import Place

MAX_BYTES = 1024 * 1024
# A document costs about five microseconds however empty it is.
MAX_DOCUMENTS = 5_000
# What so many documents take, written as short as can be.
_CROWDED = MAX_DOCUMENTS * len("---\n")
# Every one is refused; libyaml compares each %TAG with all before it.
MAX_DIRECTIVES = 100

SEPARATOR = lazily(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
DIRECTIVE = lazily(r"^%", re.MULTILINE)

# Line breaks to libyaml, plain characters to YAML 1.2.
BREAKS = lazily("[\x85\u2028\u2029]")
_BOM = "\ufeff"
_MARKER = lazily(r"^(?:---|\.\.\.)(?=[ \t\r\n]|\Z)", re.MULTILINE)
# Everything that YAML 1.2 does not call printable, the byte order mark, and a carriage return without line feed.
# NEL, LS and PS are left to the reader: inside quotes they are data.
_FORBIDDEN = lazily("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]|\r(?!\n)")
# Leaves a file of ASCII as it is where nobody has to look closer: at controls, and at the carriage return.
_PLAIN = bytes(byte if byte in (9, 10) or 32 <= byte < 127 else ord("?") for byte in range(256))


def decode(path: str, content: bytes) -> tuple[str | None, tuple[Finding, ...]]:
    """The text of a file, without its byte order mark; None and one finding where it is not to be parsed.

    Rules: `yaml-bytes`, `yaml-limit`, `yaml-feature`.
    """
    if len(content) > MAX_BYTES:
        message = f"the file is larger than {MAX_BYTES // 1024} KiB, so it is not read"
        return None, (finding("yaml-limit", message, Place(path), "split it into several files"),)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as fault:
        before = content[: fault.start].decode("utf-8")
        message = f"byte 0x{content[fault.start]:02x} is not UTF-8"
        return None, (finding("yaml-bytes", message, place_in(path, before, len(before)), "save the file as UTF-8"),)
    if not content.isascii() or content.translate(_PLAIN) != content:
        marked, text = text.startswith(_BOM), text.removeprefix(_BOM)
        if marked and text.startswith(" "):
            # npm yaml counts such a line's column otherwise than those of the lines below.
            message = "the first line is indented behind a byte order mark"
            return None, (finding("yaml-bytes", message, Place(path), "remove the mark (U+FEFF) or the blanks"),)
        bad = _FORBIDDEN.search(text)
        if bad is not None:
            return None, (_forbidden(path, text, bad),)
    crowd = _crowd(path, text)
    return (text, ()) if crowd is None else (None, (crowd,))


def _forbidden(path: str, text: str, bad: re.Match[str]) -> Finding:
    place = place_in(path, text, bad.start())
    if bad[0] == "\r":
        return finding("yaml-bytes", "a carriage return without a line feed", place, "end lines with LF or CRLF")
    if bad[0] == _BOM:
        return finding("yaml-bytes", "a byte order mark inside the file", place, "remove it (U+FEFF)")
    message = f"control character U+{ord(bad[0]):04X} is not allowed"
    # As an escape it could be read, and then no policy and no approval rule could compare it.
    fix = "remove it" if bad[0] == "\0" else 'remove it, or write it as an escape in "double quotes"'
    return finding("yaml-bytes", message, place, fix)


def _crowd(path: str, text: str) -> Finding | None:
    """More documents or directives than anything behind is to see."""
    # Most files are too short for that, and have none of the signs: to count lines takes as long as to decode them.
    if len(text) > _CROWDED and text.count("\n---") + text.count("\n...") > MAX_DOCUMENTS:
        place = _nth(path, text, _MARKER, MAX_DOCUMENTS)
        if place is not None:
            message = f"more than {MAX_DOCUMENTS:,} documents in one file"
            return finding("yaml-limit", message, place, "split it into several files")
    many = "%" in text and text.count("\n%") > MAX_DIRECTIVES
    if many and _nth(path, text, DIRECTIVE, MAX_DIRECTIVES) is not None:
        first = DIRECTIVE.search(text)
        message = f"more than {MAX_DIRECTIVES} lines that begin with %: every file is read as YAML 1.2"
        return finding("yaml-feature", message, place_in(path, text, first.start() if first else 0), "remove them")
    return None


def _nth(path: str, text: str, pattern: re.Pattern[str], number: int) -> Place | None:
    """The place of the match after `number` others, or None."""
    for count, match in enumerate(pattern.finditer(text)):
        if count == number:
            return place_in(path, text, match.start())
    return None


def finding(rule: str, message: str, place: Place, fix: str | None) -> Finding:
    """An error about how a file is written."""
    return Finding(rule, Severity.ERROR, message, place, None, Fix(fix) if fix else None)


def place_in(path: str, text: str, index: int) -> Place:
    """The place of a character of a text."""
    start = text.rfind("\n", 0, index) + 1
    return Place(path, text.count("\n", 0, index) + 1, index - start + 1)
