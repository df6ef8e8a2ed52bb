"""Why an approval rule asks: the parts of its `when` that hold, with the figures that they rest on."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal

from tarmac.approvals.facts import Topic, seen
from tarmac.approvals.owners import PathOwners
from tarmac.approvals.rule import read
from tarmac.catalog.view import ReviewView
from tarmac.errors import ExpressionError
from tarmac.model.expressions import APPROVAL_FACTS, Expressions, Fact
from tarmac.model.facts import UNKNOWN_AMOUNT, Decision, State
from tarmac.model.frozen import replace
from tarmac.model.patterns import lazily
from tarmac.model.values import Money
from tarmac.rules.policy_operands import Part, fact_paths, parts

# A rule may apply to thousands of requests at once; a person needs to see why, not all of it.
_SUBJECTS, _PARTS, _LONGEST = 5, 8, 120
_COMPARED = lazily(r"(cost\.[A-Za-z0-9]+)\s*(<=|>=|==|!=|<|>)\s*(.+)", re.DOTALL)
_NOT_AUTOMATIC = "no rule with auto: true is for it"
_MONEY = frozenset({"cost.monthly", "cost.monthlyIncrease", "cost.teamIncrease30d"})


def with_reasons(
    decision: Decision,
    topics: Sequence[Topic],
    base: ReviewView,
    after: ReviewView,
    expressions: Expressions,
    now: datetime,
) -> Decision:
    """The decision with `because` on each rule of the base that asks somebody, in the subject's own currency."""
    rules = {rule.name: rule for rule in map(read, base.of_kind("approvalrule"))}
    by_name = {topic.subject.name: topic for topic in topics}
    owners = PathOwners(base)
    nodes = []
    for node in decision.children:
        rule = rules.get(node.name)
        when = None if rule is None else rule.when
        # A rule that asks nobody needs no excuse, and one that is mended has said its own.
        if (
            rule is None
            or when is None
            or node.because
            or not node.children
            or node.state in (State.SKIPPED, State.ERROR)
        ):
            nodes.append(node)
            continue
        about = [by_name[name] for name in node.about[:_SUBJECTS] if name in by_name]
        said = dict.fromkeys(
            line
            for topic in about
            for line in _Look(topic, seen(topic, base, after, now, owners).whole, expressions).because(
                parts(when), len(node.about)
            )
        )
        said |= dict.fromkeys((_NOT_AUTOMATIC,) if rule.unless_automatic else ())
        nodes.append(replace(node, because=tuple(said)))
    return replace(decision, children=tuple(nodes))


class _Look:
    """One subject, and what a rule's parts say of it."""

    def __init__(self, topic: Topic, known: Mapping[str, Fact], expressions: Expressions) -> None:
        self._subject = topic.subject.name
        self._currency = "" if topic.cost is None else topic.cost.monthly.currency
        self._facts, self._expressions = known, expressions

    def because(self, part: Part, subjects: int) -> Iterator[str]:
        """The parts that make it true, in words; each names the subject where there are several."""
        found = list(self._holding(part))[:_PARTS]
        # That it is a request, or of this type, is plain to see; it is said only where there is nothing else.
        telling = [one for one in found if not one.source.startswith("change.kind")] or found
        for one in telling:
            yield self._words(one) + (f", of {self._subject}" if subjects > 1 else "")

    def _holding(self, part: Part) -> Iterator[Part]:
        if part.operator == "?:":
            condition, then, other = part.children
            holds = self._value(condition.source) is True
            yield from self._holding(condition) if holds else ()
            yield from self._holding(then if holds else other)
        elif part.children:
            for child in part.children:
                if self._value(child.source) is True:
                    yield from self._holding(child)
        elif self._value(part.source) is True:
            yield part

    def _words(self, part: Part) -> str:
        compared = _COMPARED.fullmatch(part.source)
        if compared is not None and compared[1] in _MONEY:
            path, sign, other = compared.groups()
            beside = self._amount(other)
            if beside is not None:
                return f"{path} {self._amount(path)} {sign} {beside}"
        source = " ".join(part.source.split())
        values = [f"{path} is {self._shown(path)}" for path in fact_paths(part.source, APPROVAL_FACTS)]
        return _cut(source) + (f" ({'; '.join(values)})" if values else "")

    def _shown(self, path: str) -> str:
        amount = self._amount(path) if path in _MONEY else None
        return _cut(json.dumps(self._value(path), default=str, sort_keys=True)) if amount is None else amount

    def _amount(self, source: str) -> str | None:
        """What it gives, as money; None where that is no amount."""
        value = self._value(source)
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        # What costs nothing has no currency, and no blank in its place.
        return "unknown" if value == UNKNOWN_AMOUNT else f"{Money(Decimal(value).scaleb(-6), self._currency)}".rstrip()

    def _value(self, source: str) -> Fact:
        """What it gives, also where it may be missing; None where that cannot be told."""
        if source in self._facts:
            return self._facts[source]
        for text in (source, f"({source}).orValue(null)"):
            with suppress(ExpressionError):
                return self._expressions.compile(text, APPROVAL_FACTS).evaluate(self._facts)
        return None


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
