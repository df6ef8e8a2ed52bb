"""Why a policy says what it says of one entity: every fact that it reads, and every operand, with its value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tarmac.catalog.view import CatalogView
from tarmac.errors import ExpressionError
from tarmac.model.documents import Entity
from tarmac.model.expressions import POLICY_FACTS, POLICY_FUNCTIONS, Calls, Expression, Expressions, Fact
from tarmac.model.frozen import Frozen
from tarmac.rules.exemption import Exempted, apply
from tarmac.rules.facts import PolicyFacts
from tarmac.rules.policy import finding_of
from tarmac.rules.policy_judging import Compiled, Verdict, judge
from tarmac.rules.policy_operands import Part, fact_paths, parts
from tarmac.rules.settings import Settings


class Value(Frozen):
    """What an expression gives: a fact, or the error that it is instead."""

    fact: Fact = None
    error: str | None = None


class Operand(Frozen):
    """A piece of an expression with its value; `operator` joins the children (`&&`, `||`, `?:`)."""

    source: str
    value: Value
    operator: str = ""
    children: tuple[Operand, ...] = ()


class Reasons(Frozen):
    """A policy's word on one entity and what it rests on.

    `verdict` is a skip where the policy does not match; then nothing was evaluated. `why` says the decisive parts,
    `exempted` what takes a failure off.
    """

    policy: Entity
    entity: Entity
    matches: bool
    verdict: Verdict
    why: tuple[str, ...]
    when: Operand | None
    require: Operand | None
    facts: tuple[tuple[str, Value], ...]
    exempted: Exempted | None = None


def reasons(policy: Compiled, entity: Entity, catalog: CatalogView, settings: Settings) -> Reasons:
    """Judge one entity and keep what was seen on the way."""
    if not policy.match.takes(entity):
        why = ("spec.match does not take it",)
        return Reasons(policy.entity, entity, False, Verdict("skip"), why, None, None, ())
    known = PolicyFacts(catalog, settings.base, settings.instant, ages=settings.ages)
    facts, calls = known.of(entity), known.calls
    verdict = judge(policy, facts, calls)
    look = _Look(settings.expressions, facts, calls)
    sources = [one.source for one in (policy.when, policy.require) if one is not None]
    paths = dict.fromkeys(path for source in sources for path in fact_paths(source, POLICY_FACTS))
    when = None if policy.when is None else look.operand(parts(policy.when.source))
    require = None if verdict.outcome == "skip" else look.operand(parts(policy.require.source))
    return Reasons(
        policy=policy.entity,
        entity=entity,
        matches=True,
        verdict=verdict,
        why=_why(verdict, when, require),
        when=when,
        require=require,
        facts=tuple((path, look.value(path)) for path in paths),
        exempted=_exempted(policy, entity, verdict, catalog, settings),
    )


def _exempted(
    policy: Compiled, entity: Entity, verdict: Verdict, catalog: CatalogView, settings: Settings
) -> Exempted | None:
    failed = [finding_of(policy, entity, verdict)] if verdict.outcome == "fail" else []
    return next(iter(apply(failed, settings.base, settings.instant, catalog).taken), None)


class _Look:
    """Evaluates pieces of an expression over the facts of one entity."""

    def __init__(self, expressions: Expressions, facts: Mapping[str, Fact], calls: Calls) -> None:
        self._expressions = expressions
        self._facts = facts
        self._calls = calls

    def operand(self, part: Part) -> Operand:
        children = tuple(self.operand(child) for child in part.children)
        return Operand(part.source, self.value(part.source), part.operator, children)

    def value(self, source: str) -> Value:
        try:
            return Value(self._compiled(source).evaluate(self._facts, self._calls))
        except ExpressionError as fault:
            return Value(error=str(fault))

    def _compiled(self, source: str) -> Expression:
        # A path with `.?` gives an optional, which is no fact: what it holds is shown, null where it holds nothing.
        if ".?" in source or "[?" in source:
            try:
                return self._expressions.compile(f"({source}).orValue(null)", POLICY_FACTS, POLICY_FUNCTIONS)
            except ExpressionError:
                pass
        return self._expressions.compile(source, POLICY_FACTS, POLICY_FUNCTIONS)


def _why(verdict: Verdict, when: Operand | None, require: Operand | None) -> tuple[str, ...]:
    if verdict.outcome == "skip":
        return ("when is false", *_decisive(when, False))
    if when is not None and when.value.fact is not True:
        return ("when is not true or false, which counts as failed", *_undecided(when))
    if verdict.outcome == "pass":
        return ("require is true", *_decisive(require, True))
    return ("require is not true", *_decisive(require, False))


def _decisive(operand: Operand | None, outcome: bool) -> Iterator[str]:
    """The smallest parts that make the whole what it is: of `a && b` those that are not true where it is not, and so
    on. A condition of `? :` says which of the two sides counts."""
    if operand is None:
        return
    if not operand.children:
        yield f"{operand.source} {said(operand.value)}"
    elif operand.operator == "?:":
        condition, then, other = operand.children
        yield f"{condition.source} {said(condition.value)}"
        if condition.value.error is None:
            yield from _decisive(then if condition.value.fact is True else other, outcome)
    else:
        # One side decides alone (the false one of &&, the true one of ||), or all do.
        alone = (operand.operator == "&&") is not outcome
        for child in operand.children:
            if not alone or (child.value.fact is True) is outcome:
                yield from _decisive(child, outcome)


def _undecided(operand: Operand) -> Iterator[str]:
    """The smallest parts for which the whole is neither true nor false."""
    looked_at = operand.children
    if operand.operator == "?:":
        condition, then, other = operand.children
        decided = isinstance(condition.value.fact, bool)
        looked_at = ((then if condition.value.fact else other) if decided else condition,)
    found = [child for child in looked_at if not isinstance(child.value.fact, bool)]
    if not found:
        yield f"{operand.source} {said(operand.value)}"
    for child in found:
        yield from _undecided(child)


def said(value: Value) -> str:
    """`is true`, what it is instead, or the error that it has."""
    if value.error is not None:
        return f"has no value: {value.error}"
    if isinstance(value.fact, bool):
        return f"is {'true' if value.fact else 'false'}"
    return "is neither true nor false"
