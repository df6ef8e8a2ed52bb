"""A resource type whose own JSON Schema is none.

`schema` of a version is JSON Schema 2020-12 of what a request may say. A fault in it would let every request through,
so it is found here: against the meta-schema, and for what Tarmac does not take (a reference to another address, a
pattern that is not linear in time). Two versions of one name are a fault too.

Points at: the value in the schema, or the name that stands twice.

Wrong:

    schema: {type: objct}

Right:

    schema: {type: object, additionalProperties: false, properties: {size: {enum: [small, large]}}}
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.requests import versions
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.json_value import Path
from tarmac.model.places import Place
from tarmac.model.schemas import SchemaProblem
from tarmac.model.shown import visible
from tarmac.rules.rule import Rule, error
from tarmac.rules.settings import Settings

ID = "resource-type-schema"


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for entity in catalog.judged("resourcetype"):
        seen: set[str] = set()
        for version in versions(entity):
            at: Path = ("spec", "versions", version.index)
            if version.name in seen:
                message = f"{visible(entity.name)} has version {visible(version.name)} twice"
                yield error(ID, entity, entity.place(*at, "name"), message, "give each version its own name")
            seen.add(version.name)
            for problem in settings.schemas.faults(version.schema):
                place = _place(entity, (*at, "schema"), problem)
                message = f"the schema of {visible(entity.name)}@{visible(version.name)}: {problem.message}"
                yield error(ID, entity, place, message, problem.fix)


def _place(entity: Entity, at: Path, problem: SchemaProblem) -> Place:
    path = (*at, *problem.path)
    return entity.key_place(*path) if problem.unknown else entity.place(*path)


RULE = Rule(ID, Severity.ERROR, __doc__, check)
