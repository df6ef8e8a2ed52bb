"""Texts with expressions in braces, such as `postgres.{config.size}`: where each expression begins and ends."""

from __future__ import annotations

from functools import lru_cache

from tarmac.errors import ExpressionError
from tarmac.model.frozen import Frozen
from tarmac.model.patterns import lazily

# Each expression has a budget of its own, so how many there are is bounded, and more so how many loop.
MOST, MOST_LOOPS = 50, 2

_LOOP = lazily(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\(")


class Hole(Frozen):
    """An expression within a text. `offset` is where it starts there, in characters from 0."""

    source: str
    offset: int


# The texts of a type or a policy are looked at for each request or finding.
@lru_cache(maxsize=1 << 10)
def split(text: str) -> tuple[str | Hole, ...]:
    """The text in pieces, in order: literal strings and holes. `{{` is a brace, and so is `}}`.

    Braces and quotes within an expression are its own.

    Raises:
        ExpressionError: a brace that is not closed or not opened, or nothing within; more expressions than a text may
            have; `column` is that brace's.
    """
    pieces: list[str | Hole] = []
    literal: list[str] = []
    at = holes = loops = 0
    while at < len(text):
        character = text[at]
        if character in "{}" and text[at + 1 : at + 2] == character:
            literal.append(character)
            at += 2
        elif character == "{":
            end = _end(text, at)
            source = text[at + 1 : end]
            if not source.strip():
                raise ExpressionError("the braces hold no expression: write {{ for a brace", column=at + 1)
            holes, loops = holes + 1, loops + (_LOOP.search(source) is not None)
            if holes > MOST:
                raise ExpressionError(f"more than {MOST} expressions in one text", column=at + 1)
            if loops > MOST_LOOPS:
                raise ExpressionError(f"more than {MOST_LOOPS} expressions of a text loop", column=at + 1)
            if literal:
                pieces.append("".join(literal))
                literal = []
            pieces.append(Hole(source, at + 1))
            at = end + 1
        elif character == "}":
            raise ExpressionError("a closing brace that nothing opened: write }} for a brace", column=at + 1)
        else:
            end = _plain_end(text, at)
            literal.append(text[at:end])
            at = end
    if literal:
        pieces.append("".join(literal))
    return tuple(pieces)


def _plain_end(text: str, start: int) -> int:
    """Where the next brace stands, or the text ends."""
    return min((at for at in (text.find("{", start), text.find("}", start)) if at >= 0), default=len(text))


def _end(text: str, start: int) -> int:
    """The brace that closes the one at `start`."""
    depth, quote, at = 0, "", start
    while at < len(text):
        character = text[at]
        if quote:
            if character == "\\":
                at += 1
            elif character == quote:
                quote = ""
        elif character in "\"'":
            quote = character
        elif character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
            if depth == 0:
                return at
        at += 1
    raise ExpressionError("a brace that is never closed: write {{ for a brace", column=start + 1)
