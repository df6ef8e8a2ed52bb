"""A request whose `config` is not what its resource type takes.

The resource type's version holds a JSON Schema. `spec.config` is checked against it, with the schema's defaults filled
in where the request says nothing. What a composed type makes of it for each of its parts is checked as well.

Points at: the value in the request; for an unknown field its key, for a missing one the key that should hold it.

Wrong:

    type: postgres@1.1.0
    config: {size: huge}

Right:

    type: postgres@1.1.0
    config: {size: large}
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.requests import Request, resolve
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.json_value import Path
from tarmac.model.places import Place
from tarmac.model.schemas import SchemaProblem
from tarmac.model.shown import visible
from tarmac.rules.rule import Rule, error
from tarmac.rules.settings import Settings

ID = "request-config"
_CONFIG: Path = ("spec", "config")


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    faulty: dict[tuple[str, str], bool] = settings.once(ID, dict)
    for entity in catalog.judged("resourcerequest"):
        request = resolve(catalog, entity)
        version = request.version
        if version is None:
            continue
        # A schema that is none itself has its own finding, and can say nothing about a value.
        key = (str(version.entity.ref), version.name)
        if key not in faulty:
            faulty[key] = bool(settings.schemas.faults(version.schema))
        if faulty[key]:
            continue
        for problem in settings.schemas.problems(version.schema, request.config, _CONFIG):
            message = f"{problem.message} ({visible(request.type_name)}@{visible(version.name)})"
            yield error(ID, entity, _place(entity, problem), message, problem.fix)
        yield from _parts(entity, request, settings)


def _parts(entity: Entity, request: Request, settings: Settings) -> Iterator[Finding]:
    """What the request's values make of the parts of a composed type, where that is not what a part takes."""
    if not request.parts:
        return
    place = entity.place(*_CONFIG) if entity.get(*_CONFIG) is not None else entity.place("spec", "type")
    for part in request.parts:
        version, name = part.request.version, visible(part.name)
        if version is None or settings.schemas.faults(version.schema):
            continue
        if part.fault is not None:
            yield error(ID, entity, place, f"its part {name} cannot be told: {part.fault}", "write what it needs")
            continue
        for problem in settings.schemas.problems(version.schema, part.request.config, ()):
            message = (
                f"its part {name} ({visible(part.request.type_name)}@{visible(version.name)}) refuses what it gets"
            )
            yield error(ID, entity, place, f"{message}: {problem.message}", _FIX_PART)


_FIX_PART = "write values that its parts take, or have the owner of the resource type mend how they are handed on"


def _place(entity: Entity, problem: SchemaProblem) -> Place:
    if problem.missing is not None:
        return entity.document.places.missing(problem.path)
    return entity.key_place(*problem.path) if problem.at_key else entity.place(*problem.path)


RULE = Rule(ID, Severity.ERROR, __doc__, check)
