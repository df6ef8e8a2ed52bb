"""Text from a repository within Markdown: only ever seen.

Its special characters stand as entities, which are never taken for structure (CommonMark, "Entity and numeric character
references"), within code, where nobody is mentioned, or, in the few sentences that name a team or a rule, with a
zero-width space where a mention or an issue's number would begin. So it can not mention, close a fence, open a tag,
link, or forge a marker.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import TypeVar

from tarmac.model.frozen import Frozen
from tarmac.model.patterns import lazily
from tarmac.model.shown import visible

T = TypeVar("T")

WIDE = 300
LONG = 2000
_SPECIAL = lazily(r"[&<`*_~\[\]@#|\\$]")
_ADDRESS = lazily(r"(?<=[A-Za-z]):(?=//)|(?<=www)\.", re.IGNORECASE)
_MENTION = lazily(r"&#(?:64|35);|(?<=GH)(?=-)", re.IGNORECASE)
_PIECE = lazily(r"&#\d+;(?:&#8203;)?|.", re.DOTALL)


class Room(Frozen):
    """How long a text may be, in the unit that `measure` counts."""

    limit: int
    measure: Callable[[str], int] = len


class Part(Frozen):
    """A folded part: `rows` are shown as far as there is room, `head` above them in any case."""

    title: str
    rows: Sequence[str]
    head: tuple[str, ...] = ()


def utf8(text: str) -> int:
    """Bytes of UTF-8."""
    return len(text.encode("utf-8"))


# The same names stand in many rows.
@lru_cache(maxsize=1 << 12)
def code(text: str, limit: int = WIDE) -> str:
    """Text from a repository as code that is only ever seen: one line, bounded, inert in any place of a document."""
    return f"<code>{_inert(visible(text, limit))}</code>"


def plain(text: str, limit: int = LONG) -> str:
    """A sentence of ours that names things of the repository's; at most `limit` characters as it is written here."""
    found = _inert(visible(text, limit))
    if "#" in found or "gh-" in found.lower():
        found = _MENTION.sub(lambda match: f"{match[0]}&#8203;", found)
    if len(found) <= limit:
        return found
    kept, length = [], 3
    for match in _PIECE.finditer(found):
        length += len(match[0])
        if length > limit:
            break
        kept.append(match[0])
    return "".join(kept).rstrip() + "..."


def within(first: str, below: Sequence[T], show: Callable[[T], str], most: int = 10) -> str:
    """A row with those below it, of which only so many are shown; the others are counted."""
    more = [f"  - and {len(below) - most} more"] if len(below) > most else []
    return "\n".join((first, *map(show, below[:most]), *more))


def folded(parts: Iterable[Part], room: Room) -> tuple[str, int]:
    """The parts that hold anything, one below the other, and how many rows are left out in all.

    What there is room for is shared out fairly: a part that needs less than its share leaves the rest to the others.
    """
    given = [part for part in parts if part.rows or part.head]
    free = room.limit - sum(room.measure(_part(part, 0)) for part in given)
    sizes = [[room.measure(row) + 1 for row in part.rows] for part in given]
    shares = _shares([sum(size) for size in sizes], free)
    numbers = [_fitting(size, share) for size, share in zip(sizes, shares, strict=True)]
    spare = max(0, free) - sum(sum(size[:number]) for size, number in zip(sizes, numbers, strict=True))
    # What a share was too small for may fit into what the others left over.
    for index, size in enumerate(sizes):
        more = _fitting(size[numbers[index] :], spare)
        spare -= sum(size[numbers[index] : numbers[index] + more])
        numbers[index] += more
    shown = [_part(part, number) for part, number in zip(given, numbers, strict=True)]
    return "".join(shown), sum(len(part.rows) for part in given) - sum(numbers)


def _fitting(sizes: Iterable[int], share: int) -> int:
    """How many of these fit, the first first."""
    return sum(1 for filled in accumulate(sizes) if filled <= share)


def _part(part: Part, number: int) -> str:
    left_out = len(part.rows) - number
    lines = ["", f"<details><summary>{plain(part.title, WIDE)}</summary>", "", *part.head, *part.rows[:number]]
    if left_out:
        lines += [*([""] if part.head else []), f"- and {left_out} more"]
    return "\n".join([*lines, "", "</details>", ""])


def _shares(wanted: Sequence[int], free: int) -> list[int]:
    """What each gets: the same, but none more than it wants."""
    found, left = [0] * len(wanted), max(0, free)
    for done, index in enumerate(sorted(range(len(wanted)), key=lambda one: wanted[one])):
        found[index] = min(wanted[index], left // (len(wanted) - done))
        left -= found[index]
    return found


def _inert(text: str) -> str:
    found = _SPECIAL.sub(_entity, text)
    # Looked for only where it may be: most texts name no address.
    return _ADDRESS.sub(_entity, found) if "://" in found or "www." in found.lower() else found


def _entity(match: re.Match[str]) -> str:
    return f"&#{ord(match[0])};"
