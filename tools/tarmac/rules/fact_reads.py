"""Which fields of facts an expression reads, each with its place, and what they are compared with.

The engine shows no syntax tree, so this is told from the text, as far as it is written out: a path ends where an index
is no constant or a function is called. What is not seen is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tarmac.model.frozen import Frozen
from tarmac.model.patterns import lazily
from tarmac.rules.policy_operands import LOOP_VARIABLE, NAME, blanked

_STEP = lazily(
    r"""\s*\.\s*(\??)\s*([A-Za-z_]\w*)(?!\w)(\s*\()?"""
    r"""|\s*\[\s*(\??)\s*(?:"([^"\\\n]*)"|'([^'\\\n]*)'|([0-9]{1,9}))\s*\]"""
)
_HAS = lazily(r"(?<![\w.])has\s*\(\s*\Z")
_TEXT = r"""(?:"([^"\\\n]*)"|'([^'\\\n]*)')"""
_NUMBER = r"([0-9][0-9_]*(?:\.[0-9]+)?)(?![\w.(])"
_TEXT_AFTER = lazily(r"\s*(?:==|!=)\s*" + _TEXT)
_TEXT_BEFORE = lazily(_TEXT + r"\s*(?:==|!=)\s*\Z")
_TEXT_IN = lazily(_TEXT + r"\s+in\s*\Z")
_IN_TEXTS = lazily(r"\s+in\s*\[([^\]\n]*)\]")
_EACH_TEXT = lazily(_TEXT)
_NUMBER_AFTER = lazily(r"\s*(?:==|!=|<=|>=|<|>)\s*-?\s*" + _NUMBER)
_NUMBER_BEFORE = lazily(r"(?<![\w.])([0-9]+(?:\.[0-9]+)?)\s*(?:==|!=|<=|>=|<|>)\s*\Z")
# How far back a literal may stand: a bound for the patterns that end at a place.
_BACK = 200


class Step(Frozen):
    """One field of a path. `offset` is where its name begins in the source; an index is its digits (`index` is set)."""

    name: str
    offset: int
    optional: bool = False
    index: bool = False


class Read(Frozen):
    """`fact.step.step`, from `start` to `end` in the source. `asked` says that it stands in has()."""

    fact: str
    steps: tuple[Step, ...]
    start: int
    end: int
    asked: bool = False

    @property
    def optional(self) -> bool:
        """Whether it may be missing: written with `?`, or asked for by has()."""
        return self.asked or any(step.optional for step in self.steps)


class Literal(Frozen):
    """A text or a number that a read is compared with; `listed` says that it is one of several."""

    value: str
    offset: int
    listed: bool = False


def fact_reads(source: str, facts: Sequence[str]) -> tuple[Read, ...]:
    """Every place at which a field of one of the facts is read, in order. Variables of loops are no facts."""
    text = blanked(source)
    bound = set(LOOP_VARIABLE.findall(text))
    return tuple(
        _read(source, text, name)
        for name in NAME.finditer(text)
        if name[0] in facts and name[0] not in bound and not text[name.end() :].lstrip().startswith(("(", "{"))
    )


def _read(source: str, text: str, name: re.Match[str]) -> Read:
    at, steps = name.end(), []
    while (step := _STEP.match(source, at)) is not None and step[3] is None and text[step.start()] != "\0":
        if step[2] is not None:
            steps.append(Step(step[2], step.start(2), bool(step[1])))
        else:
            group = next(number for number in (5, 6, 7) if step[number] is not None)
            steps.append(Step(step[group], step.start(group), bool(step[4]), group == 7))
        at = step.end()
    asked = _HAS.search(text, max(0, name.start() - _BACK), name.start()) is not None
    return Read(name[0], tuple(steps), name.start(), at, asked)


def texts_compared(source: str, read: Read) -> Iterator[Literal]:
    """The texts that the value is held against: by `==`, `!=`, in a list that is written out."""
    for found in (
        _TEXT_AFTER.match(source, read.end),
        _TEXT_BEFORE.search(source, max(0, read.start - _BACK), read.start),
    ):
        if found is not None:
            yield _literal(found)
    several = _IN_TEXTS.match(source, read.end)
    if several is not None:
        for each in _EACH_TEXT.finditer(source, several.start(1), several.end(1)):
            yield _literal(each, listed=True)


def texts_sought(source: str, read: Read) -> Iterator[Literal]:
    """The text that is sought in the value: `"production" in change.environments`."""
    found = _TEXT_IN.search(source, max(0, read.start - _BACK), read.start)
    if found is not None:
        yield _literal(found)


def numbers_compared(source: str, read: Read) -> Iterator[Literal]:
    """The numbers without a unit that the value is compared with."""
    for found in (
        _NUMBER_AFTER.match(source, read.end),
        _NUMBER_BEFORE.search(source, max(0, read.start - _BACK), read.start),
    ):
        if found is not None:
            yield Literal(found[1], found.start(1))


def _literal(found: re.Match[str], *, listed: bool = False) -> Literal:
    group = 1 if found[1] is not None else 2
    return Literal(found[group], found.start(group) - 1, listed)
