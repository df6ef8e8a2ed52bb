"""What an expression may not do so that it cannot use up the memory: the library counts rounds, not bytes.

A loop (`all`, `exists`, `exists_one`, `map`, `filter`) does at most 10,000 rounds, but a round may build a value out of
the one before: ten nested loops that each put their text together ten times make ten thousand million letters. So
within a loop nothing new is built: `+` takes a number that is written out, a list holds constants, and there are no
map literals. And a loop, or a sum of many parts, does not run over very long texts.
"""

from __future__ import annotations

import re

from tarmac.errors import ExpressionError

# Texts of facts that an expression with a loop or many sums may read, in characters.
LONGEST_TEXT = 64 * 1024
MANY_SUMS = 4

STRING_OR_COMMENT = (
    r"""[rRbB]{0,2}(?:'''(?:\\.|[^\\])*?'''|"{3}(?:\\.|[^\\])*?"{3}"""
    r"""|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|//[^\n]*"""
)
_OPAQUE = re.compile(STRING_OR_COMMENT, re.DOTALL)
_LOOP = re.compile(r"\.\s*(?:all|exists|exists_one|map|filter)\s*\Z")
_VALUE_BEFORE = re.compile(r"[\w)\]\"]\s*\Z")
_NUMBER_BEFORE = re.compile(r"(?<![\w.])[0-9][0-9a-fxA-FX.]*\s*\Z")
_NUMBER_AFTER = re.compile(r"\s*[0-9]")
_CONSTANTS = re.compile(r"[\s0-9.,\"-]*\Z")
_WORDS = re.compile(r"\b(?:true|false|null)\b")


def is_heavy(source: str) -> bool:
    """Whether long texts among the facts would be read or put together many times.

    Raises:
        ExpressionError: a loop builds new values; line and column are those of the sign that does.
    """
    text = _OPAQUE.sub(_blanked, source)
    loops = [False]
    any_loop = False
    for at, sign in enumerate(text):
        if sign in "([{":
            if loops[-1] and _builds(text, at, sign):
                raise _refusal(source, at)
            loop = sign == "(" and _LOOP.search(text, max(0, at - 40), at) is not None
            any_loop = any_loop or loop
            loops.append(loops[-1] or loop)
        elif sign in ")]}" and len(loops) > 1:
            loops.pop()
        elif sign == "+" and loops[-1] and not _counts(text, at):
            raise _refusal(source, at)
    return any_loop or text.count("+") > MANY_SUMS


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


def _refusal(source: str, at: int) -> ExpressionError:
    start = source.rfind("\n", 0, at) + 1
    return ExpressionError(
        "a loop builds a new text, list or map in each round: within all(), map() and the like write + only with a "
        "number, and lists only of constants",
        line=source.count("\n", 0, at) + 1,
        column=at - start + 1,
    )
