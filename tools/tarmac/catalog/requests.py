"""A resource request together with the resource type that it names: what pricing, policies and planning read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from tarmac.catalog.view import VERSIONS, CatalogView
from tarmac.errors import ExpressionError
from tarmac.model.documents import Entity
from tarmac.model.filling import fill
from tarmac.model.frozen import Frozen, replace
from tarmac.model.json_value import JsonValue, mapping, text, texts
from tarmac.model.refs import BadReference, Ref, parsed
from tarmac.model.values import BadValue, end_of_day, parse_day, parse_duration

# Filling defaults follows nested properties no deeper than a document may be.
_DEPTH = 64


class TypeVersion(Frozen):
    """One version of a resource type. `index` is its place in spec.versions."""

    entity: Entity
    index: int
    name: str
    status: str
    sunset: str | None
    schema: Mapping[str, JsonValue]
    immutable: tuple[str, ...]


class Part(Frozen):
    """One of the instances that a request of a composed type stands for.

    `index` is its place in spec.compose of the type. `request` is the request as this part sees it: of the part's type
    and version, with its config. `needs` are names of other parts. `fault` says why its config cannot be told.
    """

    index: int
    name: str
    request: Request
    needs: tuple[str, ...]
    fault: str | None = None


class Request(Frozen):
    """A ResourceRequest, resolved.

    `type` and `version` are None where the catalog has none of that name. `config` is what the request says with the
    version's defaults filled in. `ttl` runs from the moment the instance is ready; `expires` is an instant; both None
    means permanent. `parts` are what it is made of, where its type is composed.
    """

    entity: Entity
    type_name: str
    version_name: str
    type: Entity | None
    version: TypeVersion | None
    owner: Ref | None
    service: Ref | None
    environment: str
    config: Mapping[str, JsonValue]
    ttl: timedelta | None
    expires: datetime | None
    previously: tuple[str, ...]
    parts: tuple[Part, ...] = ()

    @property
    def ref(self) -> Ref:
        return self.entity.ref

    @property
    def provider(self) -> str | None:
        """The plug-in that makes it, or None for a type that is not known."""
        return None if self.type is None else self.type.text("spec", "provider")

    def expiry(self, ready_at: datetime | None) -> datetime | None:
        """The instant at which it expires, given when it became ready; None: never, or not yet known."""
        if self.expires is not None:
            return self.expires
        if self.ttl is not None and ready_at is not None:
            return ready_at + self.ttl
        return None


def requests(catalog: CatalogView) -> Iterator[Request]:
    """Every request of the catalog, in order of path."""
    for entity in catalog.of_kind("resourcerequest"):
        yield resolve(catalog, entity)


def versions(type_entity: Entity, wanted: str | None = None) -> Iterator[TypeVersion]:
    """The versions of a resource type, in the order written; only those of the name, where one is wanted."""
    for index, data in enumerate(type_entity.items("spec", "versions")):
        name = text(data, "name")
        if name is not None and wanted in (None, name):
            yield TypeVersion(
                entity=type_entity,
                index=index,
                name=name,
                status=text(data, "status") or "active",
                sunset=text(data, "sunset"),
                schema=mapping(data, "schema"),
                immutable=texts(data, "immutable"),
            )


def config_of(catalog: CatalogView, entity: Entity) -> Mapping[str, JsonValue]:
    """The request's config with the defaults of its resource type filled in, as `resolve` gives it."""
    if catalog.memory() is not None:
        return resolve(catalog, entity).config
    version = _version(type_of(catalog, entity), (entity.text("spec", "type") or "").partition("@")[2])
    given = entity.mapping("spec", "config")
    return given if version is None else mapping(with_defaults(version.schema, given))


def _version(type_entity: Entity | None, name: str) -> TypeVersion | None:
    return None if type_entity is None else next(versions(type_entity, name), None)


def _version_kept(catalog: CatalogView, type_entity: Entity | None, name: str) -> TypeVersion | None:
    """The same, made once for all requests of the version where the catalog has room for it."""
    memory = None if type_entity is None else catalog.memory(VERSIONS)
    if type_entity is None or memory is None:
        return _version(type_entity, name)
    known = memory.get(id(type_entity))
    if known is None:
        # The entity is kept too, so that nothing else can get its id.
        known = memory[id(type_entity)] = (type_entity, {})
    by_name: dict[str, TypeVersion | None] = known[1]
    if name not in by_name:
        by_name[name] = _version(type_entity, name)
    return by_name[name]


def resolve(catalog: CatalogView, entity: Entity) -> Request:
    """The request with its type; never fails: what is wrong with it is for rules to say."""
    memory = catalog.memory()
    if memory is None:
        return _resolved(catalog, entity)
    known = memory.get(id(entity))
    if known is None:
        # The entity is kept too, so that nothing else can get its id.
        known = memory[id(entity)] = (entity, _resolved(catalog, entity))
    found: Request = known[1]
    return found


def _resolved(catalog: CatalogView, entity: Entity) -> Request:
    spec = entity.mapping("spec")
    type_name, _, version_name = (text(spec, "type") or "").partition("@")
    type_entity = _type_named(catalog, type_name)
    version = _version_kept(catalog, type_entity, version_name)
    environment = text(spec, "environment") or ""
    given = mapping(spec, "config")
    filled = with_defaults(version.schema, given) if version is not None else given
    expires = _expires(spec)
    namespace = entity.ref.namespace
    request = Request(
        entity=entity,
        type_name=type_name,
        version_name=version_name,
        type=type_entity,
        version=version,
        owner=_ref(text(spec, "owner"), "group", namespace),
        service=_ref(text(spec, "for"), "component", namespace),
        environment=environment,
        config=mapping(filled),
        ttl=None if expires is not None else _ttl(catalog, spec, type_entity, environment),
        expires=expires,
        previously=texts(spec, "previously") if "previously" in spec else (),
    )
    return replace(request, parts=tuple(_parts(catalog, request))) if is_composed(type_entity) else request


def is_composed(type_entity: Entity | None) -> bool:
    """Whether the type is made of others, and has no provider of its own."""
    return type_entity is not None and type_entity.get("spec", "compose") is not None


def _parts(catalog: CatalogView, request: Request) -> Iterator[Part]:
    for index, data in enumerate(request.type.items("spec", "compose") if request.type is not None else ()):
        type_name, _, version_name = (text(data, "type") or "").partition("@")
        type_entity = catalog.get(type_name, default_kind="resourcetype") if type_name else None
        version = None if is_composed(type_entity) else _version(type_entity, version_name)
        config, fault = part_config(mapping(data, "config"), request.config)
        seen = replace(
            request,
            type_name=type_name,
            version_name=version_name,
            type=type_entity,
            version=version,
            config=config if version is None else mapping(with_defaults(version.schema, config)),
        )
        yield Part(index, text(data, "name") or "", seen, texts(data, "needs"), fault)


def part_config(
    template: Mapping[str, JsonValue], config: Mapping[str, JsonValue]
) -> tuple[Mapping[str, JsonValue], str | None]:
    """The config of a part with the whole's values put in, and why that cannot be done, if so."""
    try:
        return mapping(fill(template, {"config": config})), None
    except ExpressionError as fault:
        return {}, str(fault)


def type_of(catalog: CatalogView, entity: Entity) -> Entity | None:
    """The resource type that a request names, or None."""
    return _type_named(catalog, (entity.text("spec", "type") or "").partition("@")[0])


def _type_named(catalog: CatalogView, name: str) -> Entity | None:
    return catalog.get(name, default_kind="resourcetype") if name else None


def with_defaults(schema: Mapping[str, JsonValue], value: JsonValue, depth: int = 0) -> JsonValue:
    """The value with the schema's defaults in the places where a property is missing, objects nested included.

    A default fills only what is absent: null stays null, so that a schema may refuse it.
    """
    # What the reader makes is asked for first: asking an abstract class takes several times as long.
    if not isinstance(value, (dict, Mapping)) or depth > _DEPTH:
        return value
    filled: dict[str, JsonValue] = dict(value)
    for name, sub in mapping(schema, "properties").items():
        if not isinstance(sub, (dict, Mapping)):
            continue
        if name not in filled and "default" in sub:
            filled[name] = sub["default"]
        if "properties" in sub and name in filled:
            filled[name] = with_defaults(sub, filled[name], depth + 1)
    return filled


def ttl_bounds(type_entity: Entity, environment: str) -> tuple[timedelta | None, timedelta | None]:
    """(default, max) of the type for the environment; None where the type sets none."""
    bounds = type_entity.mapping("spec", "environments", environment, "ttl")
    return _duration(text(bounds, "default")), _duration(text(bounds, "max"))


def _ttl(
    catalog: CatalogView, spec: Mapping[str, JsonValue], type_entity: Entity | None, environment: str
) -> timedelta | None:
    stated = _duration(text(spec, "ttl"))
    if stated is not None or type_entity is None:
        return stated
    bounds = type_entity.mapping("spec", "environments", environment)
    if "ttl" not in bounds:
        return None
    default, _ = ttl_bounds(type_entity, environment)
    if default is not None:
        return default
    platform = catalog.platform()
    return None if platform is None else _duration(platform.text("spec", "defaultTtl"))


def _expires(spec: Mapping[str, JsonValue]) -> datetime | None:
    stated = text(spec, "expires")
    try:
        return None if stated is None else end_of_day(parse_day(stated))
    except BadValue:
        return None


def _duration(stated: str | None) -> timedelta | None:
    try:
        return None if stated is None else parse_duration(stated)
    except BadValue:
        return None


def _ref(stated: str | None, default_kind: str, namespace: str) -> Ref | None:
    if stated is None:
        return None
    try:
        return parsed(stated, default_kind, namespace)
    except BadReference:
        return None
