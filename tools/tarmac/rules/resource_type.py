"""A resource type that does not fit together.

What a resource type says in one place must be true in the others. `immutable` names properties of its version's schema.
A `default` fits the schema that it stands in. Prices read properties that requests can have, and name SKUs that a rate
card has, for each value of an enumeration. It is offered in environments of the platform, for no longer by default than
at most, and made by a provider that is there. A deprecated version says until when it is made: its `sunset`.

Points at: the value that does not fit; for an environment its key, for a price the property or the SKU.

Wrong:

    versions:
      - name: 1.0.0
        schema: {type: object, additionalProperties: false, properties: {region: {enum: [eu-1, eu-2]}}}
        immutable: [regoin]

Right:

    versions:
      - name: 1.0.0
        schema: {type: object, additionalProperties: false, properties: {region: {enum: [eu-1, eu-2]}}}
        immutable: [region]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tarmac.catalog.requests import TypeVersion, ttl_bounds, versions
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.findings import Finding, Severity
from tarmac.model.json_value import JsonValue, Path, mapping
from tarmac.model.shown import one_of, visible
from tarmac.model.suggested import suggestion
from tarmac.model.values import BadValue, parse_duration, show_duration
from tarmac.rules.resource_type_prices import prices
from tarmac.rules.rule import Rule, error, first_of
from tarmac.rules.schema_fields import missing_field
from tarmac.rules.settings import Settings

ID = "resource-type"

_DEPTH, _MOST = 16, 500


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for entity in catalog.judged("resourcetype"):
        yield from first_of(ID, entity, _of(entity, catalog, settings))


def _of(entity: Entity, catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    # What a schema that is at fault describes, nobody knows; the rule resource-type-schema says so.
    sound = [version for version in versions(entity) if not settings.schemas.faults(version.schema)]
    for version in sound:
        yield from _immutable(entity, version)
        yield from _defaults(entity, version, settings)
    for version in versions(entity):
        if version.status == "deprecated" and version.sunset is None:
            place = entity.key_place("spec", "versions", version.index, "status")
            message = f"{visible(entity.name)}@{visible(version.name)} is deprecated and says no sunset"
            yield error(ID, entity, place, message, 'add the last day on which it is made: sunset: "2027-03-31"')
    yield from _environments(entity, settings)
    for place, severity, message, fix in prices(entity, sound, catalog, settings.expressions):
        yield Finding(ID, severity, message, place, str(entity.ref), fix)


def _immutable(entity: Entity, version: TypeVersion) -> Iterator[Finding]:
    for index, name in enumerate(version.immutable):
        absent = missing_field(version.schema, (name,))
        if absent is not None and absent.certain:
            message = f"immutable names {visible(name)}, which is no property of the schema"
            if absent.near:
                message += f": did you mean {visible(absent.near)}?"
            fix = f"write {visible(absent.near or one_of(absent.known), 240)}"
            place = entity.place("spec", "versions", version.index, "immutable", index)
            yield error(ID, entity, place, message, fix)


def _defaults(entity: Entity, version: TypeVersion, settings: Settings) -> Iterator[Finding]:
    at: Path = ("spec", "versions", version.index, "schema")
    waiting: list[tuple[Path, Mapping[str, JsonValue], int]] = [((), version.schema, 0)]
    seen = 0
    while waiting and seen < _MOST:
        path, node, depth = waiting.pop(0)
        seen += 1
        if "default" in node and path:
            for problem in settings.schemas.problems(_alone(node, version.schema), node["default"], ("default",)):
                message = f"the schema refuses its own default of {visible(str(path[-1]))}: {problem.message}"
                place = entity.place(*at, *path, "default")
                yield error(ID, entity, place, message, "write a default that the schema allows")
                break
        if depth < _DEPTH:
            for name, sub in mapping(node, "properties").items():
                if isinstance(sub, Mapping):
                    waiting.append(((*path, "properties", name), sub, depth + 1))


def _alone(node: Mapping[str, JsonValue], root: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    """The part of a schema with the definitions that it may point to."""
    return {**node, "$defs": root["$defs"]} if "$defs" in root and "$defs" not in node else node


def _environments(entity: Entity, settings: Settings) -> Iterator[Finding]:
    platform = settings.base.platform()
    known = () if platform is None else platform.texts("spec", "environments")
    for name in entity.mapping("spec", "environments"):
        if known and name not in known:
            near = suggestion(name, known)
            message = f"environment {visible(name)} is none of the platform's: {one_of(known)}"
            fix = f"write {visible(near)}" if near else "write one of them, or add it to the platform's environments"
            yield error(ID, entity, entity.key_place("spec", "environments", name), message, fix)
        yield from _lifetimes(entity, name, None if platform is None else platform.text("spec", "defaultTtl"))


def _lifetimes(entity: Entity, environment: str, platform_default: str | None) -> Iterator[Finding]:
    path: Path = ("spec", "environments", environment, "ttl")
    default, longest = ttl_bounds(entity, environment)
    if longest is None:
        return
    if default is not None and default > longest:
        message = f"the default ttl of {show_duration(default)} is over the maximum of {show_duration(longest)}"
        fix = f"write {show_duration(longest)} or less, or raise max"
        yield error(ID, entity, entity.place(*path, "default"), message, fix)
    elif default is None and platform_default is not None:
        try:
            stated = parse_duration(platform_default)
        except BadValue:
            return
        if stated > longest:
            message = f"the maximum of {show_duration(longest)} is under the platform's default ttl, {platform_default}"
            fix = f"add default: {show_duration(longest)} or less"
            yield error(ID, entity, entity.place(*path, "max"), message, fix)


RULE = Rule(ID, Severity.ERROR, __doc__, check)
