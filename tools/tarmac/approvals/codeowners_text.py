"""What a CODEOWNERS file says, line by line, as GitHub reads it; and every line that it would not read.

GitHub skips a line that it cannot read, so that the line above it counts: a fault here is never skipped in silence.
Source: GitHub, "About code owners".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from tarmac.approvals.codeowners_pattern import BadPattern, Pattern, parse_pattern
from tarmac.model.frozen import Frozen
from tarmac.model.shown import visible

# GitHub loads no larger file. Whether its megabyte has 1000 or 1024 kilobytes is not told.
LARGEST = 3_000_000

_WORD = re.compile(r"[^ \t]+")
_OWNER = re.compile(
    r"@[a-z0-9][a-z0-9-]*(?:_[a-z0-9]+)?(?:/[a-z0-9._-]+)?"
    r"|[a-z0-9.!$%&'*+/=?^_`{|}~-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+",
    re.IGNORECASE | re.ASCII,
)
_LONGEST_OWNER = 320


class OwnerLine(Frozen):
    """A line that gives paths to owners, any one of whom suffices; without owners its paths are nobody's.

    `number` counts from 1, `text` is the pattern as written.
    """

    number: int
    text: str
    pattern: Pattern
    owners: tuple[str, ...]


class OwnerFault(Frozen):
    """A line that GitHub does not read: line and column from 1, what is wrong, what to write instead."""

    line: int
    column: int
    message: str
    fix: str


class OwnerFile(Frozen):
    """The lines of a file in their order, and its faults. With faults nothing can be said of who owns what."""

    lines: tuple[OwnerLine, ...]
    faults: tuple[OwnerFault, ...]


def parse_owners(content: bytes) -> OwnerFile:
    """Read a whole file."""
    if len(content) > LARGEST:
        message = f"the file is larger than {LARGEST // 1_000_000} MB, so GitHub reads none of it"
        return OwnerFile((), (OwnerFault(1, 1, message, "give folders to owners instead of files"),))
    lines: list[OwnerLine] = []
    faults: list[OwnerFault] = []
    for number, raw in enumerate(content.split(b"\n"), start=1):
        try:
            text = raw.removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError as wrong:
            column = len(raw[: wrong.start].decode("utf-8")) + 1
            faults.append(OwnerFault(number, column, "the line is not UTF-8", "write it in UTF-8"))
            continue
        for found in _line(number, text):
            if isinstance(found, OwnerLine):
                lines.append(found)
            else:
                faults.append(found)
    return OwnerFile(tuple(lines), tuple(faults))


def _line(number: int, text: str) -> Iterator[OwnerLine | OwnerFault]:
    """What one line says: nothing, its owners, or what is wrong with it."""
    words = list(takewhile(lambda word: not word[0].startswith("#"), _WORD.finditer(text)))
    if not words:
        return
    first, *rest = words
    try:
        pattern = parse_pattern(first[0])
    except BadPattern as wrong:
        yield OwnerFault(number, first.start() + wrong.offset + 1, str(wrong), wrong.fix)
        return
    wrong_owners = [word for word in rest if not is_owner(word[0])]
    for word in wrong_owners[:1]:
        message = f"{visible(word[0])} is no owner"
        yield OwnerFault(number, word.start() + 1, message, "write @login, @organization/team or an e-mail address")
    if not wrong_owners:
        yield OwnerLine(number, first[0], pattern, tuple(word[0] for word in rest))


def is_owner(text: str) -> bool:
    """Whether GitHub could take a word for an owner: `@login`, `@organization/team` or an e-mail address."""
    return len(text) <= _LONGEST_OWNER and _OWNER.fullmatch(text) is not None
