"""One policy: what it says, ready to judge, and its word on one entity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property, partial

from tarmac.catalog.keys import kinds_of
from tarmac.errors import ExpressionError
from tarmac.model.documents import Entity
from tarmac.model.expressions import (
    NO_CALLS,
    POLICY_FACTS,
    POLICY_FUNCTIONS,
    Calls,
    Expression,
    Expressions,
    Fact,
    Sure,
)
from tarmac.model.findings import Severity
from tarmac.model.frozen import Frozen, replace
from tarmac.model.shown import visible
from tarmac.model.templates import split
from tarmac.model.values import show_instant
from tarmac.rules.policy_reads import Reads, reads_of

FAIL = "fail"
_LONGEST_MESSAGE = 500


class Match(Frozen):
    """What a policy looks at; kinds in lower case, empty means any."""

    kinds: frozenset[str]
    types: frozenset[str]
    environments: frozenset[str]

    def takes(self, entity: Entity) -> bool:
        """Whether the policy looks at the entity. The type of a request counts with and without its version."""
        if self.kinds and entity.ref.kind not in self.kinds:
            return False
        if self.environments and entity.text("spec", "environment") not in self.environments:
            return False
        if not self.types:
            return True
        stated = entity.text("spec", "type") or ""
        return stated in self.types or stated.partition("@")[0] in self.types


class Compiled(Frozen, dict=True):
    """A policy, ready to judge. `when_text` is what `when` says. `message` is in pieces: texts and expressions. `reads`
    is what all of it can read."""

    entity: Entity
    severity: Severity
    observe: bool
    match: Match
    when_text: str | None
    when: Expression | None
    require: Expression
    message: tuple[str | Expression, ...]
    reads: Reads
    expressions: Expressions

    @cached_property
    def name(self) -> str:
        return self.entity.name

    @property
    def require_text(self) -> str:
        return self.require.source

    @cached_property
    def asks(self) -> Reads:
        """What `when` alone can read."""
        return reads_of(() if self.when is None else (self.when.source,))

    @cached_property
    def surely_applies(self) -> Sure | None:
        """The short cut of `when`, where that has one."""
        return None if self.when is None else self._surely(self.when)

    @cached_property
    def surely_kept(self) -> Sure | None:
        """The short cut of `require`, where that has one."""
        return self._surely(self.require)

    def _surely(self, expression: Expression) -> Sure | None:
        return self.expressions.sure(expression.source, POLICY_FACTS, POLICY_FUNCTIONS)


class Verdict(Frozen):
    """`pass`, `fail` or `skip`; for a failure what is said, and the error that made it one, if any, or what is said of
    the key that is not there."""

    outcome: str
    message: str = ""
    error: str | None = None
    missing: str | None = None


SKIP, PASS = Verdict("skip"), Verdict("pass")


def compile_policy(entity: Entity, expressions: Expressions, proved: bool = False) -> Compiled:
    """Compile one policy; of one of which it is proved that it compiles, each expression when it is evaluated.

    Raises:
        ExpressionError: one of its expressions does not compile.
    """
    compiled = partial(_Later if proved else _compile, expressions)
    when = entity.text("spec", "when")
    severity = entity.text("spec", "severity") or "error"
    require = entity.text("spec", "require") or ""
    pieces = split(entity.text("spec", "message") or entity.name)
    sources = (when or "", require, *(piece.source for piece in pieces if not isinstance(piece, str)))
    return Compiled(
        entity=entity,
        severity=Severity(severity) if severity in tuple(Severity) else Severity.ERROR,
        observe=entity.text("spec", "mode") == "observe",
        match=match_of(entity),
        when_text=when,
        when=None if when is None else compiled(when),
        require=compiled(require),
        message=tuple(piece if isinstance(piece, str) else compiled(piece.source) for piece in pieces),
        reads=reads_of(sources),
        expressions=expressions,
    )


def match_of(policy: Entity) -> Match:
    """What the policy of that document looks at."""
    return Match(
        kinds=kinds_of(policy),
        types=frozenset(policy.texts("spec", "match", "types")),
        environments=frozenset(policy.texts("spec", "match", "environments")),
    )


def judge(policy: Compiled, facts: Mapping[str, Fact], calls: Calls, *, applies: bool = False) -> Verdict:
    """The policy's word on one entity that it matches; with `applies` it is known already that `when` holds."""
    if policy.when is not None and not applies:
        try:
            found = policy.when.evaluate(facts, calls)
        except ExpressionError as fault:
            return _failed(policy, facts, calls, f"in when, {fault}")
        if found is False:
            return SKIP
        if found is not True:
            return _failed(policy, facts, calls, "when gives no truth value")
    try:
        kept = policy.require.evaluate(facts, calls)
    except ExpressionError as fault:
        if fault.missing:
            return replace(_failed(policy, facts, calls, None), missing=str(fault))
        return _failed(policy, facts, calls, f"in require, {fault}")
    if kept is True:
        return PASS
    return _failed(policy, facts, calls, None if kept is False else "require gives no truth value")


def _failed(policy: Compiled, facts: Mapping[str, Fact], calls: Calls, error: str | None) -> Verdict:
    message = ""
    for piece in policy.message:
        message += piece if isinstance(piece, str) else _value(piece, facts, calls)
        if len(message) > _LONGEST_MESSAGE:
            message = message[:_LONGEST_MESSAGE] + "..."
            break
    return Verdict(FAIL, message, error)


def _value(expression: Expression, facts: Mapping[str, Fact], calls: Calls) -> str:
    try:
        return visible(_text(expression.evaluate(facts, calls)))
    except ExpressionError:
        return "(not given)"


def _text(value: Fact) -> str:
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return show_instant(value)
    if isinstance(value, Mapping):
        # The engine gives a map in another order each time.
        return ", ".join(f"{key}: {_text(value[key])}" for key in sorted(value))
    if isinstance(value, Sequence):
        return ", ".join(_text(inner) for inner in value)
    return str(value)


class _Later:
    """An expression that is compiled when it is evaluated first."""

    def __init__(self, expressions: Expressions, source: str) -> None:
        self._expressions = expressions
        self._source = source
        self._compiled: Expression | None = None

    @property
    def source(self) -> str:
        return self._source

    @property
    def gives(self) -> str:
        return self._known().gives

    def evaluate(self, facts: Mapping[str, Fact], calls: Calls = NO_CALLS) -> Fact:
        return self._known().evaluate(facts, calls)

    def _known(self) -> Expression:
        if self._compiled is None:
            self._compiled = self._expressions.compile(self._source, POLICY_FACTS, POLICY_FUNCTIONS)
        return self._compiled


def _compile(expressions: Expressions, source: str) -> Expression:
    # Loaded here: what is proved needs none of it.
    from tarmac.rules.fact_fields import refuse_unknown_fields

    compiled = expressions.compile(source, POLICY_FACTS, POLICY_FUNCTIONS)
    refuse_unknown_fields(source, POLICY_FACTS)
    return compiled
