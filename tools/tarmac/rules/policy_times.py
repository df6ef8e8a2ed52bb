"""From when until when a policy's word on an entity holds.

A policy that reads `now` may say something else at any instant, unless all that it asks of the time is how long ago
something was: `now - timestamp(t) <= days(90)` changes once, ninety days after t. Where every `now` stands in such a
comparison, the instants at which the word may change are known, and between them it need not be asked again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from tarmac.errors import ExpressionError
from tarmac.model.expressions import POLICY_FACTS, POLICY_FUNCTIONS, Calls, Expression, Expressions, Fact
from tarmac.model.patterns import lazily
from tarmac.rules.policy_operands import blanked

_NOW = lazily(r"(?<![A-Za-z0-9_])now(?![A-Za-z0-9_])")
_SINCE = lazily(r"(?<![A-Za-z0-9_.])now\s*-\s*timestamp\s*\(")
_LIMIT = lazily(r"\s*[<>]=?\s*(days\s*\(\s*[0-9]+\s*\))")
# What may stand around such a comparison: a sum or difference is another one.
_BEFORE, _BEHIND = "(&|?:,[", ")&|?:,]"
# At an instant and right behind it: `<=` changes there, `<` here, and the engine's own instants are finer than ours.
_NEXT = timedelta(microseconds=1)


def turns_in(source: str) -> tuple[str, ...] | None:
    """Expressions for the instants at which an expression may change with time; None where that cannot be told."""
    text = blanked(source)
    found: list[str] = []
    for name in _NOW.finditer(text):
        start = _SINCE.match(text, name.start())
        end = None if start is None else _closing(text, start.end())
        limit = None if end is None else _LIMIT.match(text, end + 1)
        if start is None or end is None or limit is None:
            return None
        if text[: name.start()].rstrip()[-1:] not in _BEFORE or text[limit.end() :].lstrip()[:1] not in _BEHIND:
            return None
        instant = source[start.end() : end]
        if _NOW.search(text, start.end(), end):
            return None
        found.append(f"timestamp(\n{instant}\n) + {limit[1]}")
    return tuple(found)


def _closing(text: str, start: int) -> int | None:
    depth = 1
    for at in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if not depth:
            return at
    return None


class Times:
    """The turns of expressions, compiled when they are asked for first."""

    def __init__(self, expressions: Expressions, now: datetime) -> None:
        self._expressions = expressions
        self._now = now
        self._known: dict[str, Sequence[Expression] | None] = {}

    def tell(
        self,
        sources: Iterable[str],
        facts: Mapping[str, Fact],
        calls: Calls,
        holds: Callable[[datetime | None, datetime | None], None],
    ) -> None:
        """Say from when until when (exclusive) the expressions give what they give now."""
        now = self._now
        for source in sources:
            turns = self._turns(source)
            if turns is None:
                holds(now, now)
                continue
            for instant in turns:
                try:
                    turn = instant.evaluate(facts, calls)
                except ExpressionError:
                    # It is an error at every instant.
                    continue
                if not isinstance(turn, datetime):
                    holds(now, now)
                    continue
                for change in (turn, turn + _NEXT):
                    holds(*((change, None) if now >= change else (None, change)))

    def _turns(self, source: str) -> Sequence[Expression] | None:
        if source not in self._known:
            self._known[source] = self._compiled(source)
        return self._known[source]

    def _compiled(self, source: str) -> Sequence[Expression] | None:
        turns = turns_in(source)
        try:
            return None if turns is None else [self._compile(turn) for turn in turns]
        except ExpressionError:
            # It depends on a variable of a loop.
            return None

    def _compile(self, source: str) -> Expression:
        return self._expressions.compile(source, POLICY_FACTS, POLICY_FUNCTIONS)
