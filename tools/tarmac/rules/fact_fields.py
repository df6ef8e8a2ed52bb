"""Fields of facts that are not there, and comparisons that never hold: slips of the hand that compile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tarmac.catalog.requests import versions
from tarmac.catalog.view import CatalogView
from tarmac.errors import ExpressionError
from tarmac.model.documents import Entity
from tarmac.model.fact_shapes import FACT_FIELDS, FILE, MONEY_FIELDS, OPERATIONS
from tarmac.model.findings import Severity
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, mapping
from tarmac.model.shown import nearest, one_of, visible
from tarmac.rules.fact_reads import Literal, Read, fact_reads, numbers_compared, texts_compared, texts_sought
from tarmac.rules.policy_operands import parts
from tarmac.rules.rule import listed
from tarmac.rules.schema_fields import NoField, missing_field
from tarmac.rules.settings import Settings

_FACTS = (*FACT_FIELDS, "object", "old", "platform")
_OBJECTS = ("object", "old")
_CONFIG = ("spec", "config")


class Slip(Frozen):
    """What is wrong at an offset of an expression, and what to write instead."""

    offset: int
    severity: Severity
    message: str
    fix: str


class FactFields:
    """Judges what the expressions of one entity read. The catalog is asked when something is needed of it."""

    def __init__(self, entity: Entity, catalog: CatalogView, settings: Settings, facts: Sequence[str]) -> None:
        self._entity, self._catalog, self._settings = entity, catalog, settings
        self._facts = tuple(fact for fact in _FACTS if fact in facts)

    def slips(self, source: str) -> Iterator[Slip]:
        """What is wrong with an expression that compiles, in order of place."""
        reads = fact_reads(source, self._facts)
        asked = {read.steps for read in reads if read.asked}
        paths = {tuple(step.name for step in steps) for steps in asked}
        kinds = self._kinds(source) if any(read.fact in _OBJECTS for read in reads) else ()
        for read in reads:
            if not read.steps:
                continue
            if read.fact in _OBJECTS:
                yield from self._object(read, kinds, paths)
            elif read.fact == "platform":
                yield from self._platform(read)
            else:
                yield from self._fixed(source, read)

    def _fixed(self, source: str, read: Read) -> Iterator[Slip]:
        known, step = FACT_FIELDS[read.fact], read.steps[0]
        if step.name not in known:
            yield _unknown(read.fact, step.name, tuple(sorted(known)), step.offset)
            return
        name = (read.fact, step.name)
        if name in MONEY_FIELDS:
            yield from (_no_money(read, literal) for literal in numbers_compared(source, read) if _counts(literal))
        elif name == ("change", "kind"):
            kinds = (*sorted({kind for _, kind in self._catalog.kinds}), FILE)
            yield from _never(texts_compared(source, read), kinds, "kind", "change.kind is never that")
        elif name == ("change", "operation"):
            yield from _never(texts_compared(source, read), OPERATIONS, "operation", "change.operation is never that")
        elif name == ("change", "environment"):
            yield from self._environment(texts_compared(source, read), "change.environment is never that")
        elif name == ("change", "environments"):
            yield from self._environment(texts_sought(source, read), "change.environments never holds it")
        elif name == ("owner", "roles") and len(read.steps) > 1:
            role = read.steps[1]
            there = self._catalog.role_names()
            near = None if role.name in there else nearest(role.name, there)
            # A role that nobody has yet may be what a policy asks for; one that is nearly there is misspelt.
            if near is not None:
                message = f"no group has the role {visible(role.name)}; did you mean {visible(near)}?"
                yield Slip(role.offset, Severity.WARNING, message, f"write {visible(near)}")

    def _environment(self, literals: Iterator[Literal], so: str) -> Iterator[Slip]:
        platform = self._settings.base.platform()
        if platform is not None:
            known = platform.texts("spec", "environments")
            yield from _never(literals, known, "environment", so)

    def _platform(self, read: Read) -> Iterator[Slip]:
        schema = self._settings.schemas.of_kind("Platform")
        absent = None if schema is None else missing_field(schema, ("spec", *(step.name for step in read.steps)))
        if absent is not None and absent.step > 0:
            step = read.steps[absent.step - 1]
            yield _unknown("platform", step.name, absent.known, step.offset)

    def _kinds(self, source: str) -> tuple[str, ...]:
        """The kinds that `object` can be of here; all of them where nothing says."""
        stated: tuple[str, ...] = ()
        for field in ("match", "appliesTo"):
            stated += self._entity.texts("spec", field, "kinds")
        return stated or _kinds_required(source) or tuple(sorted({kind for _, kind in self._catalog.kinds}))

    def _object(self, read: Read, kinds: Sequence[str], asked: set[tuple[str, ...]]) -> Iterator[Slip]:
        path = tuple(step.name for step in read.steps)
        faults: list[NoField] = []
        for kind in kinds:
            schema = self._settings.schemas.of_kind(kind)
            if schema is None:
                return
            absent = missing_field(schema, path)
            if absent is None and kind.lower() == "resourcerequest" and path[:2] == _CONFIG and len(path) > 2:
                absent = self._config(path[2:])
            if absent is None:
                return
            faults.append(absent)
        # Where one kind takes any field, only what is nearly there is told.
        never = all(one.closed for one in faults)
        if not faults or not (never or any(one.near for one in faults)):
            return
        fault = max(faults, key=lambda one: (one.near is not None, one.step))
        guarded = any(step.optional for step in read.steps[: fault.step + 1]) or any(
            path[:end] in asked for end in range(1, fault.step + 2)
        )
        # What may be missing is no fault, unless it can never be there.
        if guarded and not never:
            return
        step = read.steps[fault.step]
        where = ".".join((read.fact, *path[: fault.step]))
        message = f"{visible(where)} of {_of(kinds)} has no field {visible(step.name)}"
        if fault.near is not None:
            message += f"; did you mean {visible(fault.near)}?"
        fix = f"write {visible(fault.near)}" if fault.near else f"write one of {one_of(fault.known)}"
        yield Slip(step.offset, Severity.WARNING, message, fix)

    def _config(self, path: tuple[str, ...]) -> NoField | None:
        """What the config of no resource type that is looked at has."""
        types = self._entity.texts("spec", "match", "types")
        names = {name.partition("@")[0].lower() for name in types}
        faults: list[NoField] = []
        for entity in self._catalog.of_kind("resourcetype"):
            if names and entity.ref.name not in names:
                continue
            for version in versions(entity):
                absent = missing_field(_object_of(version.schema), path)
                if absent is None:
                    return None
                faults.append(absent)
        if not faults:
            return None
        found = max(faults, key=lambda one: (one.step, one.near is not None))
        # A type may come that has it, so only what is nearly there is told.
        return None if found.near is None else NoField(found.step + 2, found.name, found.known, closed=False)


def refuse_unknown_fields(source: str, facts: Sequence[str]) -> None:
    """An expression that reads a field which a fact can never have is none.

    Raises:
        ExpressionError: with the place of the first such field, for facts whose fields are fixed.
    """
    for read in fact_reads(source, [fact for fact in facts if fact in FACT_FIELDS]):
        if read.steps and read.steps[0].name not in FACT_FIELDS[read.fact]:
            offset = read.steps[0].offset
            slip = _unknown(read.fact, read.steps[0].name, tuple(sorted(FACT_FIELDS[read.fact])), offset)
            line = source.count("\n", 0, offset) + 1
            raise ExpressionError(slip.message, line=line, column=offset - source.rfind("\n", 0, offset))


def _kinds_required(source: str) -> tuple[str, ...]:
    """The kinds of which one must have changed for the expression to be true, where a part of its && says so."""
    whole = parts(source)
    for part in whole.children if whole.operator == "&&" else (whole,):
        if not part.operator and "!" not in part.source:
            for read in fact_reads(part.source, ("change",)):
                named = tuple(literal.value for literal in texts_compared(part.source, read))
                if named and [step.name for step in read.steps] == ["kind"]:
                    return named
    return ()


def _object_of(schema: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    return schema if mapping(schema, "properties") else {"properties": {}, "additionalProperties": False}


def _of(kinds: Sequence[str]) -> str:
    return listed(list(kinds)) if len(kinds) <= 3 else "any kind"


def _unknown(fact: str, name: str, known: Sequence[str], offset: int) -> Slip:
    if not known:
        return Slip(offset, Severity.ERROR, f"{fact} is a plain value and has no fields", f"write {fact} alone")
    near = nearest(name, known)
    message = f"{fact} has no field {visible(name)}" + (f"; did you mean {near}?" if near else "")
    return Slip(offset, Severity.ERROR, message, f"write {near}" if near else f"write one of {one_of(known)}")


def _counts(literal: Literal) -> bool:
    """Zero is the same in every unit."""
    return literal.value.strip("0._") != ""


def _no_money(read: Read, literal: Literal) -> Slip:
    message = f"{read.fact}.{read.steps[0].name} is an amount in millionths, and {literal.value} is a plain number"
    return Slip(literal.offset, Severity.ERROR, message, f'write money("{literal.value.replace("_", "")}")')


def _never(literals: Iterator[Literal], known: Sequence[str], what: str, so: str) -> Iterator[Slip]:
    for literal in literals:
        if literal.value not in known:
            near = nearest(literal.value, known)
            # One of several that is not there yet does no harm; one that is nearly there is misspelt.
            if literal.listed and near is None:
                continue
            message = f"there is no {what} {visible(literal.value)}, so {so}"
            fix = f"write {visible(near)}" if near else f"write one of {one_of(tuple(known))}"
            yield Slip(literal.offset, Severity.WARNING, message, fix)
