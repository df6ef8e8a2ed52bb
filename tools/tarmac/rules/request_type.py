"""A request for a version of a resource type that cannot be had.

A request names its resource type with a version, because what `config` means is the version's own. The version must be
one that the type has, and not retired. A deprecated one still works, until its sunset.

Points at: the type in the request. The fix names a version that can be had.

Wrong:

    type: postgres

Right:

    type: postgres@1.1.0
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.requests import Request, TypeVersion, resolve, versions
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.shown import visible
from tarmac.rules.near import Near
from tarmac.rules.rule import Rule, listed, said
from tarmac.rules.settings import Settings

ID = "request-type"


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for entity in catalog.judged("resourcerequest"):
        request = resolve(catalog, entity)
        said_of = None if request.type is None else _word(request, request.type)
        if said_of is not None:
            severity, message, fix = said_of
            yield said(severity, ID, entity, entity.place("spec", "type"), message, fix)


def _word(request: Request, type_entity: Entity) -> tuple[Severity, str, str] | None:
    """(how grave, what is wrong, what to write) of the version that a request names; None where it is well."""
    version = request.version
    if request.version_name and version is not None and version.status not in ("retired", "deprecated"):
        return None
    name, offered = visible(request.type_name), _offered(type_entity)
    if not request.version_name:
        return Severity.ERROR, f"type {name} is named without a version", _fix(name, offered)
    if version is None:
        there = listed([one.name for one in versions(type_entity)])
        near = Near(one.name for one in offered).of(request.version_name)
        message = f"{name} has no version {visible(request.version_name)}; it has {there}"
        return Severity.ERROR, message, f"write {name}@{visible(near)}" if near else _fix(name, offered)
    if version.status == "retired":
        message = f"{name}@{visible(version.name)} is retired: nothing is made of it any more"
        return Severity.ERROR, message, _fix(name, offered)
    until = f" and goes away on {visible(version.sunset)}" if version.sunset else ""
    return Severity.WARNING, f"{name}@{visible(version.name)} is deprecated{until}", _fix(name, offered)


def _offered(type_entity: Entity) -> tuple[TypeVersion, ...]:
    return tuple(version for version in versions(type_entity) if version.status == "active")


def _fix(name: str, offered: tuple[TypeVersion, ...]) -> str:
    return f"write {name}@{visible(offered[0].name)}" if offered else "choose another resource type"


RULE = Rule(ID, Severity.ERROR, __doc__, check)
