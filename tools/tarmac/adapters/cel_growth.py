"""What an expression may not do so that it can neither use up the memory nor take long: the library counts rounds only.

A loop (`all`, `exists`, `exists_one`, `map`, `filter`) does at most 10,000 rounds, whatever a round costs. So:

- within a loop nothing new is built, else ten loops that each put their text together ten times make ten thousand
  million letters: `+` takes a number that is written out, a list holds constants, and there are no map literals;
- a loop, or a sum of many parts, does not run over very long texts, and one that calls functions on them not over long
  ones (an error in a round does not end a loop, so a function's own budget does not either);
- `optMap` and `optFlatMap` are written out twice by the engine, so ten in a row are a thousand: an expression has at
  most three;
- `map` and `filter` copy what they have so far in every round (measured: 20 ms for a thousand elements, four times as
  much for twice as many), and comparing two lists in every round costs their length: such expressions read facts of
  a bounded number of elements.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from tarmac.errors import ExpressionError
from tarmac.model.expressions import POLICY_FUNCTIONS
from tarmac.model.frozen import Frozen
from tarmac.model.patterns import lazily

# Texts of facts that an expression with a loop or many sums may read, in characters; less where it calls functions that
# look at every letter, in every round.
LONGEST_TEXT = 64 * 1024
LONGEST_COUNTED = 2 * 1024
MANY_SUMS = 4
MANY_OPTIONALS = 3
# How far back a sign is looked for what stands before it; beyond, the stricter bound holds.
_NEAR, _FAR = 40, 200
# Elements of lists and mappings in a fact: for one loop that builds a list, for several or one within another, and for
# comparisons of facts within a loop.
ONE_COPY, MANY_COPIES, COMPARED = 2_000, 300, 1_000

STRING_OR_COMMENT = (
    r"""[rRbB]{0,2}(?:'''(?:\\.|[^\\])*?'''|"{3}(?:\\.|[^\\])*?"{3}"""
    r"""|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|//[^\n]*"""
)
_OPAQUE = lazily(STRING_OR_COMMENT, re.DOTALL)
_LOOP = lazily(r"\.\s*(all|exists|exists_one|map|filter)\s*\(")
_OPTIONAL = lazily(r"\b(?:optMap|optFlatMap)\s*\(")
_VALUE_BEFORE = lazily(r"[\w)\]\"]\s*\Z")
_IN_BEFORE = lazily(r"(?<![\w.])in\s*\Z")
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


class Bounds(Frozen):
    """What facts an expression may read: the longest text, in characters, and the most elements of lists and mappings;
    None is any. `sums`: whether it adds facts to facts."""

    texts: int | None = None
    elements: int | None = None
    sums: bool = False


NO_BOUNDS = Bounds()


def refuse_expansion(source: str) -> None:
    """Refuse, before it is compiled, what the engine would write out to much more than it is.

    Raises:
        ExpressionError: it has too many `optMap` and `optFlatMap`; line and column are those of the first too many.
    """
    calls = list(_OPTIONAL.finditer(_OPAQUE.sub(_blanked, source)))
    if len(calls) > MANY_OPTIONALS:
        message = f"an expression has at most {MANY_OPTIONALS} optMap() and optFlatMap(): write .?field and orValue()"
        raise _fault(message, source, calls[MANY_OPTIONALS].start())


def bounds_of(source: str) -> Bounds:
    """The bounds that keep the expression's memory and time small.

    Raises:
        ExpressionError: a loop builds new values; line and column are those of the sign that does.
    """
    text = _OPAQUE.sub(_blanked, source)
    loops = {match.end() - 1: match[1] for match in _LOOP.finditer(text)}
    depths = _loop_depths(text, source, loops)
    copies = [at for at, name in loops.items() if name in ("map", "filter")]
    sums = [at for at, sign in enumerate(text) if sign == "+" and not _counts(text, at)]
    counted = any(
        call.end() - 1 not in loops and _looks_at_letters(text, call, depths[call.start()])
        for call in _CALL.finditer(text)
    )
    compared = any(
        depths[match.start()] and not _literal(text, match.start(), match.end()) for match in _COMPARISON.finditer(text)
    )
    texts = None
    if loops or text.count("+") > MANY_SUMS:
        texts = LONGEST_COUNTED if counted else LONGEST_TEXT
    elements = COMPARED if compared else None
    if copies:
        alone = len(copies) == 1 and not depths[copies[0]]
        room = (ONE_COPY if alone else MANY_COPIES) // (1 + len(sums))
        elements = room if elements is None else min(room, elements)
    found = Bounds(texts, elements, any(not _literal(text, at, at + 1) and not _whole(text, at) for at in sums))
    return NO_BOUNDS if found == NO_BOUNDS else found


def _loop_depths(text: str, source: str, loops: Collection[int]) -> Sequence[int]:
    """For each character, in how many loops it stands; `loops` is where their brackets open."""
    open_brackets = [0]
    depths = []
    for at, sign in enumerate(text):
        depths.append(open_brackets[-1])
        if sign in "([{":
            if open_brackets[-1] and _builds(text, at, sign):
                raise _refusal(source, at)
            open_brackets.append(open_brackets[-1] + (at in loops))
        elif sign in ")]}" and len(open_brackets) > 1:
            open_brackets.pop()
        elif sign == "+" and open_brackets[-1] and not _counts(text, at):
            raise _refusal(source, at)
    return depths


def _looks_at_letters(text: str, call: re.Match[str], depth: int) -> bool:
    """Whether a call within a loop, which is no loop itself, may look at every letter of a text of the facts."""
    name = call[2]
    of_list = name == "size" and _before(_LISTS, text, call.start(), _FAR)
    # A look-up of what the loop goes over: references are short, and one loop reads each once.
    looked_up = name in POLICY_FUNCTIONS and not call[1] and depth == 1 and _FACTS.search(call[3]) is None
    return bool(depth) and name not in _CHEAP and not of_list and not looked_up


def _blanked(match: re.Match[str]) -> str:
    """As long as what it stands for: a string becomes quotes, a comment blanks, line ends stay."""
    sign = " " if match[0].startswith("//") else '"'
    return re.sub(r"[^\n]", sign, match[0])


def _builds(text: str, at: int, sign: str) -> bool:
    """Whether the bracket begins a list or map that is not the same in each round."""
    if sign == "{":
        return bool(text[at + 1 :].partition("}")[0].strip())
    is_index = _before(_VALUE_BEFORE, text, at) and not _before(_IN_BEFORE, text, at)
    content = _WORDS.sub("", text[at + 1 :].partition("]")[0])
    return sign == "[" and not is_index and _CONSTANTS.match(content) is None


def _counts(text: str, at: int) -> bool:
    return _before(_NUMBER_BEFORE, text, at) or _NUMBER_AFTER.match(text, at + 1) is not None


def _literal(text: str, start: int, end: int) -> bool:
    """Whether a value that is written out stands on one side of the sign."""
    return _before(_LITERAL_BEFORE, text, start) or _LITERAL_AFTER.match(text, end) is not None


def _whole(text: str, at: int) -> bool:
    """Whether something that is no decimal stands on one side of the `+`."""
    return _before(_WHOLE_BEFORE, text, at, _FAR) or _WHOLE_AFTER.match(text, at + 1) is not None


def _before(pattern: re.Pattern[str], text: str, at: int, reach: int = _NEAR) -> bool:
    """Whether the pattern, which ends where it is searched to, stands there; farther away nothing is looked for."""
    return pattern.search(text, max(0, at - reach), at) is not None


def _refusal(source: str, at: int) -> ExpressionError:
    message = (
        "a loop builds a new text, list or map in each round: within all(), map() and the like write + only with a "
        "number, and lists only of constants"
    )
    return _fault(message, source, at)


def _fault(message: str, source: str, at: int) -> ExpressionError:
    line = source.count("\n", 0, at) + 1
    return ExpressionError(message, line=line, column=at - source.rfind("\n", 0, at))
