"""Whether a resource type's prices can be told: the properties that they read, and the SKUs that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import product

from tarmac.catalog.requests import TypeVersion
from tarmac.catalog.view import CatalogView
from tarmac.errors import ExpressionError
from tarmac.model.documents import Entity
from tarmac.model.expressions import PRICING_FACTS, Expressions
from tarmac.model.findings import Fix, Severity
from tarmac.model.json_value import Path, items, text
from tarmac.model.places import Place
from tarmac.model.shown import one_of, visible, where
from tarmac.model.suggested import suggestion
from tarmac.model.templates import Hole, split
from tarmac.rules.fact_reads import Read, fact_reads
from tarmac.rules.rule import listed
from tarmac.rules.schema_fields import missing_field, nodes_at

Said = tuple[Place, Severity, str, Fix]

_CONFIG = ("config",)
_PROPERTY = re.compile(r"\s*config((?:\.[A-Za-z_]\w*)+)\s*")
_MOST_SKUS = 200


def prices(
    entity: Entity, sound: Sequence[TypeVersion], catalog: CatalogView, expressions: Expressions
) -> Iterator[Said]:
    """What is wrong with each line of `pricing`, by the versions whose schemas are sound and that can be asked for."""
    offered = [version for version in sound if version.status != "retired"]
    skus: frozenset[str] | None = None
    for index, _ in enumerate(entity.items("spec", "pricing")):
        faults = 0
        for path, start, source in _sources(entity, ("spec", "pricing", index), expressions):
            for said in _unknown_properties(entity, path, start, source, offered):
                faults += 1
                yield said
        if faults == 0 and offered:
            skus = _skus(catalog) if skus is None else skus
            if skus:
                yield from _unpriced(entity, ("spec", "pricing", index, "sku"), offered, skus)


def _sources(entity: Entity, at: Path, expressions: Expressions) -> Iterator[tuple[Path, int, str]]:
    """The expressions of a line that compile: (field, where it begins in the field's text, its text)."""
    sku, quantity = entity.text(*at, "sku"), entity.text(*at, "quantity")
    found: list[tuple[Path, int, str]] = []
    with suppress(ExpressionError):  # the rule expression says so
        found += [((*at, "sku"), one.offset, one.source) for one in split(sku or "") if isinstance(one, Hole)]
    if quantity is not None:
        found.append(((*at, "quantity"), 0, quantity))
    for path, start, source in found:
        try:
            expressions.compile(source, PRICING_FACTS)
        except ExpressionError:
            continue
        yield path, start, source


def _unknown_properties(
    entity: Entity, path: Path, start: int, source: str, offered: Sequence[TypeVersion]
) -> Iterator[Said]:
    for read in fact_reads(source, _CONFIG):
        names = [step.name for step in read.steps]
        faults = [(version, missing_field(version.schema, names)) for version in offered]
        absent = [(version, fault) for version, fault in faults if fault is not None and fault.certain]
        known = any(nodes_at(version.schema, names) for version in offered)
        if not absent or (read.optional and known):
            continue
        fault = absent[0][1]
        step = read.steps[fault.step]
        place = entity.place_within(path, start + step.offset)
        name = visible(step.name)
        if known:
            of = listed([f"{entity.name}@{version.name}" for version, _ in absent])
            message = f"{where(path)}: {of} has no property {name}, so what it costs is not known"
            fix = f"write {_as_optional(read, fault.step)}.orValue(...), or add the property"
            yield place, Severity.WARNING, message, Fix(fix)
            continue
        message = f"{where(path)}: no version has a property {name}"
        near = next((found.near for _, found in absent if found.near), None)
        if near is not None:
            message += f"; did you mean {visible(near)}?"
        yield place, Severity.ERROR, message, Fix(f"write {visible(near or one_of(fault.known), 240)}")


def _as_optional(read: Read, at: int) -> str:
    path = read.fact
    for index, step in enumerate(read.steps):
        path += f".{'?' if index >= at else ''}{visible(step.name)}"
    return path


def _skus(catalog: CatalogView) -> frozenset[str]:
    return frozenset(
        sku
        for card in catalog.of_kind("ratecard")
        for entry in card.items("spec", "rates")
        if (sku := text(entry, "sku")) is not None
    )


def _unpriced(entity: Entity, path: Path, offered: Sequence[TypeVersion], skus: frozenset[str]) -> Iterator[Said]:
    template = entity.text(*path)
    if template is None:
        return
    try:
        pieces = split(template)
    except ExpressionError:
        return
    lacking: dict[str, None] = {}
    for version in offered:
        choices = [[piece] if isinstance(piece, str) else _choices(piece, version) for piece in pieces]
        count = 1
        for some in choices:
            count *= 1 if some is None else len(some)
        if None in choices or count > _MOST_SKUS:
            if not _begins_and_ends(pieces, skus):
                lacking[template] = None
        else:
            lacking |= dict.fromkeys(sku for one in product(*map(_some, choices)) if (sku := "".join(one)) not in skus)
    if lacking:
        near = suggestion(next(iter(lacking)), skus)
        message = f"no rate card has the SKU {listed(list(lacking))}, so what it costs is not known"
        fix = f"add it to a rate card{f', or write {visible(near)}' if near and len(lacking) == 1 else ''}"
        yield entity.place(*path), Severity.WARNING, message, Fix(fix)


def _begins_and_ends(pieces: Sequence[str | Hole], skus: frozenset[str]) -> bool:
    """Whether one of the SKUs begins and ends as the template does."""
    head, tail = (piece if isinstance(piece, str) else "" for piece in (pieces[0], pieces[-1]))
    return any(sku.startswith(head) and sku.endswith(tail) and len(sku) > len(head) + len(tail) for sku in skus)


def _some(choices: list[str] | None) -> list[str]:
    return choices or []


def _choices(hole: Hole, version: TypeVersion) -> list[str] | None:
    """The texts that an expression in a SKU can give; None where that cannot be told."""
    found = _PROPERTY.fullmatch(hole.source)
    if found is None:
        return None
    nodes = nodes_at(version.schema, found[1][1:].split("."))
    for node in nodes:
        values = [node["const"]] if "const" in node else list(items(node, "enum"))
        texts = [str(value) for value in values if isinstance(value, (str, int)) and not isinstance(value, bool)]
        if texts and len(texts) == len(values):
            return texts
    return None
