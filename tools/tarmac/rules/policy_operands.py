"""What an expression is put together from: the operands of `&&`, `||` and `? :`, and the facts that it reads.

The engine shows no syntax tree, so the text is walked: strings and comments are opaque, brackets nest. A part that is
not taken apart (a loop, a comparison, a negation) stays whole, so nothing here has to be complete to be true.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from tarmac.model.frozen import Frozen
from tarmac.model.patterns import lazily

_OPAQUE = lazily(
    r"""[rRbB]{0,2}(?:'''(?:\\.|[^\\])*?'''|"{3}(?:\\.|[^\\])*?"{3}"""
    r"""|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|//[^\n]*""",
    re.DOTALL,
)
LOOP_VARIABLE = lazily(r"\.\s*(?:all|exists|exists_one|map|filter|optMap|optFlatMap)\s*\(\s*([A-Za-z_]\w*)\s*,")
# A field, an optional field, or an index that is written out.
_STEP = lazily(
    r"""\s*\.\s*\??\s*([A-Za-z_]\w*)(\s*\()?|\s*\[\s*\??\s*(?:"([^"\\\n]*)"|'([^'\\\n]*)'|([0-9]{1,9}))\s*\]"""
)
NAME = lazily(r"(?<![\w.])(?<!\.\?)[A-Za-z_]\w*")
_LEVELS = ("||", "&&")


class Part(Frozen):
    """A piece of an expression: its text, and what it is made of.

    `operator` is `||`, `&&` or `?:` (condition, then, else), or empty where the piece is not taken apart.
    """

    source: str
    operator: str = ""
    children: tuple[Part, ...] = ()


def parts(source: str) -> Part:
    """The expression, taken apart at its logical operators, within brackets too."""
    return _part(source, blanked(source), 0, len(source))


def fact_paths(source: str, facts: Sequence[str]) -> tuple[str, ...]:
    """The paths of facts that the expression reads, as they may be written (`object.spec.?type`), each once.

    A path ends where a function is called on it or an index is no constant. Variables of loops are no facts.
    """
    text = blanked(source)
    bound = set(LOOP_VARIABLE.findall(text))
    found: dict[str, None] = {}
    for name in NAME.finditer(text):
        if name[0] not in facts or name[0] in bound or text[name.end() :].lstrip().startswith(("(", "{")):
            continue
        at = name.end()
        while (step := _STEP.match(source, at)) is not None and step[2] is None:
            at = step.end()
        found[" ".join(source[name.start() : at].split())] = None
    return tuple(found)


def blanked(source: str) -> str:
    """As long as the source: strings and comments are NULs, so nothing in them is taken for syntax."""
    return _OPAQUE.sub(lambda match: ("\0" if not match[0].startswith("//") else " ") * len(match[0]), source)


def _part(source: str, text: str, start: int, end: int) -> Part:
    start, end = _trimmed(text, start, end)
    while text.startswith("(", start, end) and _closing(text, start, end) == end - 1:
        start, end = _trimmed(text, start + 1, end - 1)
    shown = source[start:end].strip()
    question = _at_top(text, start, end, "?")
    if question:
        colon = _colon(text, question[0] + 1, end)
        if colon is None:
            return Part(shown)
        cuts = [(start, question[0]), (question[0] + 1, colon), (colon + 1, end)]
        return Part(shown, "?:", tuple(_part(source, text, *cut) for cut in cuts))
    for operator in _LEVELS:
        signs = _at_top(text, start, end, operator)
        if signs:
            edges = [start - len(operator), *signs, end]
            cuts = [(left + len(operator), right) for left, right in pairwise(edges)]
            return Part(shown, operator, tuple(_part(source, text, *cut) for cut in cuts))
    return Part(shown)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _closing(text: str, start: int, end: int) -> int | None:
    depth = 0
    for at in range(start, end):
        if text[at] in "([{":
            depth += 1
        elif text[at] in ")]}":
            depth -= 1
            if depth == 0:
                return at
    return None


def _at_top(text: str, start: int, end: int, sign: str) -> list[int]:
    """Where the sign stands outside brackets. The `?` of `.?x`, `[?x]` and `{?x` is no operator."""
    depth, found = 0, []
    for at in range(start, end):
        if text[at] in "([{":
            depth += 1
        elif text[at] in ")]}":
            depth -= 1
        elif depth == 0 and text.startswith(sign, at, end):
            if sign == "?" and text[start:at].rstrip()[-1:] == ".":
                continue
            found.append(at)
    return found


def _colon(text: str, start: int, end: int) -> int | None:
    """The colon of the conditional whose question mark stands before `start`."""
    depth = waiting = 0
    for at in range(start, end):
        if text[at] in "([{":
            depth += 1
        elif text[at] in ")]}":
            depth -= 1
        elif depth == 0 and text[at] == "?" and text[start:at].rstrip()[-1:] != ".":
            waiting += 1
        elif depth == 0 and text[at] == ":":
            if waiting == 0:
                return at
            waiting -= 1
    return None
