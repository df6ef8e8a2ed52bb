"""An expression that does not compile.

Policies, approval rules, prices and scorecards are CEL. Every expression is compiled and type-checked when it is read:
an unknown name, a text where a truth value is needed or an open bracket is an error at its own line and column. The
patterns of a tag policy are held to a linear-time engine: no look-around, no back-references.

What compiles is read once more for slips of the hand. A field that `change`, `cost`, `budget`, `owner`, `git` or
`platform` does not have is an error, and so is an amount that is compared with a plain number: amounts are written
`money("500.00")`. A field that no document of the kinds looked at has (`object.spec.lifecycl`), and a kind, operation,
environment or role that there is none of, are warnings: the expression would never hold.

Points at: the character within the expression, in whatever quotes or block it is written.

Wrong:

    require: object.spec.config.encrypted && objct.spec.config.backup

Right:

    require: object.spec.config.encrypted && object.spec.config.backup
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tarmac.catalog.view import CatalogView
from tarmac.errors import ExpressionError
from tarmac.model.documents import Entity
from tarmac.model.expressions import (
    APPROVAL_FACTS,
    NO_FUNCTIONS,
    POLICY_FACTS,
    POLICY_FUNCTIONS,
    PRICING_FACTS,
    Expressions,
    Functions,
)
from tarmac.model.findings import Finding, Severity
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import Path
from tarmac.model.scalars import offset_of
from tarmac.model.shown import visible, where
from tarmac.model.templates import split
from tarmac.rules.expression_fixes import suggest
from tarmac.rules.fact_fields import FactFields
from tarmac.rules.rule import Rule, error, said
from tarmac.rules.settings import Settings

ID = "expression"

# Without what makes it match the whole value: a pattern must be one of its own, `a)|(b` is none.
_PATTERN = "value.matches(pattern)"


class _Field(Frozen):
    """A field that holds an expression, or a text with expressions in braces (`template`)."""

    path: Path
    facts: Sequence[str]
    functions: Functions | None = None
    template: bool = False
    truth: bool = False
    score: bool = False


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for entity in catalog.judged("policy", "approvalrule", "resourcetype", "scorecard"):
        for field in _fields(entity):
            faults = list(_faults(entity.text(*field.path), field, settings.expressions))
            for offset, message, fix in faults:
                place = entity.place_within(field.path, offset)
                yield error(ID, entity, place, f"{where(field.path)}: {message}", fix)
            if not faults:
                yield from _slips(entity, field, FactFields(entity, catalog, settings, field.facts))
    for entity in catalog.judged("tagpolicy"):
        for index, _ in enumerate(entity.items("spec", "tags")):
            yield from _pattern(entity, ("spec", "tags", index, "match"), settings.expressions)


def _fields(entity: Entity) -> Iterator[_Field]:
    if entity.ref.kind == "policy":
        yield _Field(("spec", "when"), POLICY_FACTS, POLICY_FUNCTIONS, truth=True)
        yield _Field(("spec", "require"), POLICY_FACTS, POLICY_FUNCTIONS, truth=True)
        yield _Field(("spec", "message"), POLICY_FACTS, POLICY_FUNCTIONS, template=True)
    elif entity.ref.kind == "approvalrule":
        yield _Field(("spec", "when"), APPROVAL_FACTS, truth=True)
    elif entity.ref.kind == "scorecard":
        for index, _ in enumerate(entity.items("spec", "rules")):
            yield _Field(("spec", "rules", index, "score"), POLICY_FACTS, POLICY_FUNCTIONS, score=True)
    else:
        for index, _ in enumerate(entity.items("spec", "pricing")):
            yield _Field(("spec", "pricing", index, "sku"), PRICING_FACTS, template=True)
            yield _Field(("spec", "pricing", index, "quantity"), PRICING_FACTS)


def _slips(entity: Entity, field: _Field, reads: FactFields) -> Iterator[Finding]:
    """What is wrong with expressions that compile."""
    text = entity.text(*field.path) or ""
    for start, source in _pieces(text, field):
        for slip in reads.slips(source):
            place = entity.place_within(field.path, start + slip.offset)
            yield said(slip.severity, ID, entity, place, f"{where(field.path)}: {slip.message}", slip.fix)


def _pieces(text: str, field: _Field) -> list[tuple[int, str]]:
    """The expressions of a field, each with where it begins.

    Raises:
        ExpressionError: the braces of a text do not fit.
    """
    if not field.template:
        return [(0, text)]
    return [(piece.offset, piece.source) for piece in split(text) if not isinstance(piece, str)]


def _faults(text: str | None, field: _Field, expressions: Expressions) -> Iterator[tuple[int, str, str]]:
    """(offset within the text, what is wrong, what to write) of each expression that does not compile."""
    if text is None:
        return
    try:
        pieces = _pieces(text, field)
    except ExpressionError as fault:
        yield offset_of(text, fault.line, fault.column), fault_text(fault), "write {{ and }} for braces of the text"
        return
    for start, source in pieces:
        try:
            found = expressions.compile(source, field.facts, field.functions or NO_FUNCTIONS)
        except ExpressionError as fault:
            # An error at the end is said where the visible text ends, not behind its last line.
            offset = min(offset_of(source, fault.line, fault.column), len(source.rstrip()))
            names = (*field.facts, *(field.functions or NO_FUNCTIONS))
            message, at, fix = suggest(fault_text(fault), source, offset, names)
            yield start + at, message, fix
        else:
            if field.truth and found.gives not in ("bool", "dyn"):
                message = f"it gives a value of type {found.gives}, and has to be true or false"
                yield start, message, "compare it with what it should be"
            if field.score and found.gives not in ("bool", "int", "decimal", "dyn"):
                message = f"it gives a value of type {found.gives}, and has to be true, a percentage or a decimal"
                yield start, message, "write an expression that gives one of these"


def fault_text(fault: ExpressionError) -> str:
    """The engine's words, bounded: they quote the expression."""
    return visible(str(fault), 240)


def _pattern(entity: Entity, path: Path, expressions: Expressions) -> Iterator[Finding]:
    pattern = entity.text(*path)
    if pattern is None:
        return
    try:
        expressions.compile(_PATTERN, ("value", "pattern")).evaluate({"value": "", "pattern": pattern})
    except ExpressionError as fault:
        fix = "write it without look-around and back-references"
        yield error(ID, entity, entity.place(*path), fault_text(fault), fix)


RULE = Rule(ID, Severity.ERROR, __doc__, check)
