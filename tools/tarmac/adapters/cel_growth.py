"""What an expression may not do so that it can neither use up the memory nor take long: the library counts rounds only.

A loop (`all`, `exists`, `exists_one`, `map`, `filter`) does at most 10,000 rounds, whatever a round costs. So:

- within a loop nothing new is built, else ten loops that each put their text together ten times make ten thousand
  million letters: `+` takes a number that is written out, a list holds constants, and there are no map literals;
- a loop, or a sum of many parts, does not run over very long texts, and one that calls functions on them not over long
  ones (an error in a round does not end a loop, so a function's own budget does not either);
- `map` and `filter` copy what they have so far in every round (measured: 20 ms for a thousand elements, four times as
  much for twice as many), and comparing two lists in every round costs their length: such expressions read facts of a
  bounded number of elements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tarmac.errors import ExpressionError
from tarmac.model.expressions import POLICY_FUNCTIONS
from tarmac.model.patterns import lazily

# Texts of facts that an expression with a loop or many sums may read, in characters; less where it calls functions that
# look at every letter, in every round.
LONGEST_TEXT = 64 * 1024
LONGEST_COUNTED = 2 * 1024
MANY_SUMS = 4
# Elements of lists and mappings in a fact: for one loop that builds a list, for several or one within another, and for
# comparisons of facts within a loop.
ONE_COPY, MANY_COPIES, COMPARED = 2_000, 300, 1_000

STRING_OR_COMMENT = (
    r"""[rRbB]{0,2}(?:'''(?:\\.|[^\\])*?'''|"{3}(?:\\.|[^\\])*?"{3}"""
    r"""|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|//[^\n]*"""
)
_OPAQUE = lazily(STRING_OR_COMMENT, re.DOTALL)
_LOOP = lazily(r"\.\s*(all|exists|exists_one|map|filter)\s*\Z")
_VALUE_BEFORE = lazily(r"[\w)\]\"]\s*\Z")
_NUMBER_BEFORE = lazily(r"(?<![\w.])[0-9][0-9a-fxA-FX.]*\s*\Z")
_NUMBER_AFTER = lazily(r"\s*[0-9]")
_LITERAL_BEFORE = lazily(r"(?:[\"\]}]|(?<![\w.])(?:true|false|null|-?[0-9][0-9a-fxA-FX.]*))\s*\Z")
_LITERAL_AFTER = lazily(r"\s*(?:[\"\[{]|-?[0-9]|(?:true|false|null)\b)")
# What gives no fraction: sums of it are no sums of decimals.
_WHOLE = "days|span|duration|timestamp|string|size|int|money|targets|dependents|referring|needs|together"
_WHOLE_BEFORE = lazily(rf"(?:(?<![\w.])now|\b(?:{_WHOLE})\([^()]*\))\s*\Z")
_WHOLE_AFTER = lazily(rf"\s*(?:now\b|(?:{_WHOLE})\s*\()")
_CONSTANTS = lazily(r"[\s0-9.,\"-]*\Z")
_WORDS = lazily(r"\b(?:true|false|null)\b")
_CALL = lazily(r"(\.\s*)?\b([A-Za-z_]\w*)\s*\((?=([^()]*))")
# Calls that do not look at every letter, or do so about as fast as memory is read; and those whose result is a list.
_CHEAP = frozenset({"has", "dyn", "orValue", "hasValue", "or", "optMap", "startsWith", "endsWith", "contains", "bool"})
_LISTS = lazily(r"\b(?:targets|dependents|referring|needs|together)\s*\([^()]*\)\s*\Z")
_FACTS = lazily(r"\b(?:object|old|owner|platform|git|change|cost|budget)\b")
_COMPARISON = lazily(r"==|!=|\bin\b")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What facts an expression may read: the longest text, in characters, and the most elements of lists and mappings;
    None is any. `sums`: whether it adds facts to facts."""

    texts: int | None = None
    elements: int | None = None
    sums: bool = False


NO_BOUNDS = Bounds()


def bounds_of(source: str) -> Bounds:
    """The bounds that keep the expression's memory and time small.

    Raises:
        ExpressionError: a loop builds new values; line and column are those of the sign that does.
    """
    text = _OPAQUE.sub(_blanked, source)
    depths = _loop_depths(text, source)
    copies = [at for at, _ in depths.loops if _copies(text, at)]
    looping = bool(depths.loops)
    sums = [at for at, sign in enumerate(text) if sign == "+" and not _counts(text, at)]
    counted = any(_looks_at_letters(text, call, depths.at[call.start(2)]) for call in _CALL.finditer(text))
    compared = any(
        depths.at[match.start()] and not _literal(text, match.start(), match.end())
        for match in _COMPARISON.finditer(text)
    )
    texts = None
    if looping or text.count("+") > MANY_SUMS:
        texts = LONGEST_COUNTED if counted else LONGEST_TEXT
    elements = COMPARED if compared else None
    if copies:
        alone = len(copies) == 1 and not depths.at[copies[0]]
        room = (ONE_COPY if alone else MANY_COPIES) // (1 + len(sums))
        elements = room if elements is None else min(room, elements)
    found = Bounds(texts, elements, any(not _literal(text, at, at + 1) and not _whole(text, at) for at in sums))
    return NO_BOUNDS if found == NO_BOUNDS else found


@dataclass(frozen=True, slots=True)
class _Depths:
    """For each character, in how many loops it stands; and where each loop's bracket opens, with its own depth."""

    at: tuple[int, ...]
    loops: tuple[tuple[int, int], ...]


def _loop_depths(text: str, source: str) -> _Depths:
    open_brackets = [0]
    depths, loops = [], []
    for at, sign in enumerate(text):
        depths.append(open_brackets[-1])
        if sign in "([{":
            if open_brackets[-1] and _builds(text, at, sign):
                raise _refusal(source, at)
            loop = sign == "(" and _LOOP.search(text, max(0, at - 40), at) is not None
            if loop:
                loops.append((at, open_brackets[-1]))
            open_brackets.append(open_brackets[-1] + loop)
        elif sign in ")]}" and len(open_brackets) > 1:
            open_brackets.pop()
        elif sign == "+" and open_brackets[-1] and not _counts(text, at):
            raise _refusal(source, at)
    return _Depths(tuple(depths), tuple(loops))


def _looks_at_letters(text: str, call: re.Match[str], depth: int) -> bool:
    """Whether a call within a loop may look at every letter of a text of the facts."""
    name = call[2]
    if not depth or name in _CHEAP or _LOOP.search(text, max(0, call.start() - 1), call.end(2)):
        return False
    if name == "size" and call[1] and _LISTS.search(text, max(0, call.start() - 200), call.start()):
        return False
    # A look-up of what the loop goes over: references are short, and one loop reads each once.
    return not (name in POLICY_FUNCTIONS and not call[1] and depth == 1 and _FACTS.search(call[3]) is None)


def _copies(text: str, at: int) -> bool:
    """Whether the loop whose bracket opens there builds a list."""
    name = _LOOP.search(text, max(0, at - 40), at)
    return name is not None and name[1] in ("map", "filter")


def _blanked(match: re.Match[str]) -> str:
    """As long as what it stands for: a string becomes quotes, a comment blanks, line ends stay."""
    sign = " " if match[0].startswith("//") else '"'
    return re.sub(r"[^\n]", sign, match[0])


def _builds(text: str, at: int, sign: str) -> bool:
    if sign == "(":
        return False
    end = text.find("]" if sign == "[" else "}", at)
    content = text[at + 1 : end if end >= 0 else len(text)]
    if sign == "{":
        return bool(content.strip())
    if _VALUE_BEFORE.search(text, max(0, at - 40), at) and not text[:at].rstrip().endswith((" in", "\nin")):
        return False
    return _CONSTANTS.match(_WORDS.sub("", content)) is None


def _counts(text: str, at: int) -> bool:
    return bool(_NUMBER_BEFORE.search(text, max(0, at - 40), at) or _NUMBER_AFTER.match(text, at + 1))


def _literal(text: str, start: int, end: int) -> bool:
    """Whether a value that is written out stands on one side of the sign."""
    return bool(_LITERAL_BEFORE.search(text, max(0, start - 40), start) or _LITERAL_AFTER.match(text, end))


def _whole(text: str, at: int) -> bool:
    """Whether something that is no decimal stands on one side of the `+`."""
    return bool(_WHOLE_BEFORE.search(text, max(0, at - 200), at) or _WHOLE_AFTER.match(text, at + 1))


def _refusal(source: str, at: int) -> ExpressionError:
    start = source.rfind("\n", 0, at) + 1
    return ExpressionError(
        "a loop builds a new text, list or map in each round: within all(), map() and the like write + only with a "
        "number, and lists only of constants",
        line=source.count("\n", 0, at) + 1,
        column=at - start + 1,
    )
