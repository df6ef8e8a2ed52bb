"""A request whose `config` is not what its resource type takes.

The resource type's version holds a JSON Schema. `spec.config` is checked against it, with the schema's defaults filled
in where the request says nothing.

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

from tarmac.catalog.requests import resolve
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
    faulty: dict[tuple[str, str], bool] = {}
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


def _place(entity: Entity, problem: SchemaProblem) -> Place:
    if problem.missing is not None:
        return entity.document.places.missing(problem.path)
    return entity.key_place(*problem.path) if problem.at_key else entity.place(*problem.path)


RULE = Rule(ID, Severity.ERROR, __doc__, check)
