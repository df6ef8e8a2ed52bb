"""A request for a version of a resource type that cannot be had.

A request names its resource type with a version, because what `config` means is the version's own. The version must be
one that the type has, and not retired. A deprecated one still works, until its sunset.

Wrong:

    type: postgres

Right:

    type: postgres@1.1.0
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.index import Catalog
from tarmac.catalog.requests import TypeVersion, resolve, versions
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.shown import visible
from tarmac.rules.near import Near
from tarmac.rules.rule import Rule, error, listed, said
from tarmac.rules.settings import Settings

ID = "request-type"


def check(catalog: Catalog, settings: Settings) -> Iterator[Finding]:
    for entity in catalog.judged("resourcerequest"):
        request = resolve(catalog, entity)
        if request.type is None:
            continue
        place = entity.place("spec", "type")
        name, version = visible(request.type_name), request.version
        offered = _offered(request.type)
        if not request.version_name:
            yield error(ID, entity, place, f"type {name} is named without a version", _fix(name, offered))
        elif version is None:
            stated = visible(request.version_name)
            message = f"{name} has no version {stated}; it has {listed([one.name for one in versions(request.type)])}"
            near = Near(one.name for one in offered).of(request.version_name)
            yield error(ID, entity, place, message, f"write {name}@{visible(near)}" if near else _fix(name, offered))
        elif version.status == "retired":
            message = f"{name}@{visible(version.name)} is retired: nothing is made of it any more"
            yield error(ID, entity, place, message, _fix(name, offered))
        elif version.status == "deprecated":
            until = f" and goes away on {visible(version.sunset)}" if version.sunset else ""
            message = f"{name}@{visible(version.name)} is deprecated{until}"
            yield said(Severity.WARNING, ID, entity, place, message, _fix(name, offered))


def _offered(type_entity: Entity) -> tuple[TypeVersion, ...]:
    return tuple(version for version in versions(type_entity) if version.status == "active")


def _fix(name: str, offered: tuple[TypeVersion, ...]) -> str:
    return f"write {name}@{visible(offered[0].name)}" if offered else "choose another resource type"


RULE = Rule(ID, Severity.ERROR, __doc__, check)
