"""A composed resource type whose parts do not fit together.

Each part is of a resource type that is there, in a version that is made, and is not composed itself; it is offered in
every environment of the whole, for at least as long. A part's config names properties of its own type, and reads
properties that requests for the whole can have. `needs` names other parts, in no circle. What cannot change in place is
said by the parts' types, not by the whole.

Points at: the part's name, type, config or needs that does not fit; for an environment its key.

Wrong:

    compose:
      - {name: database, type: postgres@1.1.0, config: {size: "{config.sice}"}, needs: [cashe]}

Right:

    compose:
      - {name: cache, type: redis-cache@1.0.0}
      - {name: database, type: postgres@1.1.0, config: {size: "{config.size}"}, needs: [cache]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tarmac.catalog.requests import TypeVersion, is_composed, ttl_bounds, versions
from tarmac.catalog.view import CatalogView
from tarmac.errors import ExpressionError
from tarmac.model.documents import Entity
from tarmac.model.filling import holes
from tarmac.model.findings import Finding, Severity
from tarmac.model.json_value import JsonValue, Path, mapping, text, texts
from tarmac.model.shown import one_of, visible
from tarmac.model.suggested import suggestion
from tarmac.model.values import show_duration
from tarmac.rules.rule import Rule, error, first_of
from tarmac.rules.schema_fields import missing_field
from tarmac.rules.settings import Settings

ID = "resource-type-parts"
_COMPOSE = ("spec", "compose")


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for entity in catalog.judged("resourcetype"):
        if is_composed(entity):
            yield from first_of(ID, entity, _of(entity, catalog, settings))


def _of(entity: Entity, catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    parts = tuple(entity.items(*_COMPOSE))
    wholes = [one for one in versions(entity) if one.status != "retired" and not settings.schemas.faults(one.schema)]
    for one in versions(entity):
        if one.immutable:
            place = entity.key_place("spec", "versions", one.index, "immutable")
            yield error(ID, entity, place, "a composed type has nothing immutable of its own", _FIX_IMMUTABLE)
    yield from _names(entity, parts)
    for index, part in enumerate(parts):
        at: Path = (*_COMPOSE, index)
        kind = _kind(catalog, part)
        version = None if kind is None else _version(kind, part)
        if kind is not None:
            yield from _type(entity, at, part, kind, version)
            yield from _environments(entity, at, kind)
        for name, value in mapping(part, "config").items():
            path: Path = (*at, "config", name)
            yield from _reads(entity, path, value, wholes)
            if version is not None and not settings.schemas.faults(version.schema):
                yield from _takes(entity, path, name, value, version, settings)


_FIX_IMMUTABLE = "leave it out: the types of its parts say what cannot change in place"


def _kind(catalog: CatalogView, part: JsonValue) -> Entity | None:
    name = (text(part, "type") or "").partition("@")[0]
    return catalog.get(name, default_kind="resourcetype") if name else None


def _version(kind: Entity, part: JsonValue) -> TypeVersion | None:
    return next(versions(kind, (text(part, "type") or "").partition("@")[2]), None)


def _names(entity: Entity, parts: tuple[JsonValue, ...]) -> Iterator[Finding]:
    names = [text(part, "name") or "" for part in parts]
    needs = {name: texts(part, "needs") for name, part in zip(names, parts, strict=True)}
    for index, part in enumerate(parts):
        if names[index] in names[:index]:
            message = f"two parts are called {visible(names[index])}"
            yield error(ID, entity, entity.place(*_COMPOSE, index, "name"), message, "give each part its own name")
        for number, needed in enumerate(texts(part, "needs")):
            if needed not in needs:
                near = suggestion(needed, names)
                message = f"there is no part {visible(needed)}"
                fix = f"write {visible(near)}" if near else f"write one of {one_of(names)}"
            elif _reaches(needed, names[index], needs):
                message = f"{visible(names[index])} and {visible(needed)} need each other: neither could be made first"
                fix = "take one of the needs away"
            else:
                continue
            # To find a place takes the strict reader, and nearly always nothing is wrong.
            yield error(ID, entity, entity.place(*_COMPOSE, index, "needs", number), message, fix)


def _reaches(start: str, goal: str, needs: Mapping[str, tuple[str, ...]]) -> bool:
    waiting, seen = [start], {start}
    while waiting:
        name = waiting.pop()
        if name == goal:
            return True
        following = [one for one in needs.get(name, ()) if one not in seen]
        seen.update(following)
        waiting += following
    return False


def _type(entity: Entity, at: Path, part: JsonValue, kind: Entity, version: TypeVersion | None) -> Iterator[Finding]:
    name = visible(text(part, "type") or "")
    made = [one.name for one in versions(kind) if one.status == "active"]
    fix = f"write {visible(kind.name)}@{visible(made[0])}" if made else "choose another resource type"
    if is_composed(kind):
        message, fix = f"{name} is composed itself", "write its parts here instead"
    elif version is None:
        message = f"there is no version {name}"
    elif version.status == "retired":
        message = f"{name} is retired: nothing is made of it any more"
    else:
        return
    yield error(ID, entity, entity.place(*at, "type"), message, fix)


def _environments(entity: Entity, at: Path, kind: Entity) -> Iterator[Finding]:
    offered = kind.mapping("spec", "environments")
    for name in entity.mapping("spec", "environments"):
        longest, whole = ttl_bounds(kind, name)[1], ttl_bounds(entity, name)[1]
        if name not in offered:
            message = f"{visible(kind.name)} is not offered in {visible(name)}, only in {one_of(tuple(offered))}"
            fix = f"leave {visible(name)} out, or offer {visible(kind.name)} there"
        elif longest is not None and (whole is None or whole > longest):
            lives = "for good" if whole is None else f"up to {show_duration(whole)}"
            message = f"it lives {lives}, and its part {visible(kind.name)} at most {show_duration(longest)}"
            fix = f"write ttl: {{max: {show_duration(longest)}}} or less"
        else:
            continue
        yield error(ID, entity, entity.key_place("spec", "environments", name), message, fix)


def _reads(entity: Entity, path: Path, value: JsonValue, wholes: list[TypeVersion]) -> Iterator[Finding]:
    try:
        read = tuple(holes(value))
    except ExpressionError as fault:
        yield error(ID, entity, entity.place(*path), str(fault), "write a path such as {config.size}")
        return
    for hole in read:
        if hole[0] != "config" or len(hole) < 2:
            message = f"{visible('.'.join(hole))} is nothing that a part can read"
            yield error(ID, entity, entity.place(*path), message, "write {config.NAME}, a property of the whole")
            continue
        for version in wholes:
            absent = missing_field(version.schema, hole[1:])
            if absent is not None and absent.certain:
                message = f"{visible('.'.join(hole))} is no property of {visible(entity.name)}@{visible(version.name)}"
                fix = f"write {visible(absent.near)}" if absent.near else f"write one of {one_of(absent.known)}"
                yield error(ID, entity, entity.place(*path), message, fix)
                break


def _takes(
    entity: Entity, path: Path, name: str, value: JsonValue, version: TypeVersion, settings: Settings
) -> Iterator[Finding]:
    absent = missing_field(version.schema, (name,))
    if absent is not None and absent.certain:
        message = f"{visible(version.entity.name)}@{visible(version.name)} has no {visible(name)}"
        fix = f"write {visible(absent.near)}" if absent.near else f"write one of {one_of(absent.known)}"
        yield error(ID, entity, entity.key_place(*path), message, fix)
        return
    if _constant(value):
        for problem in settings.schemas.problems(version.schema, {name: value}, ()):
            if problem.missing is None and problem.path[:1] == (name,):
                where = entity.place(*path[:-1], *problem.path)
                yield error(ID, entity, where, problem.message, problem.fix)


def _constant(value: JsonValue) -> bool:
    try:
        return not any(True for _ in holes(value)) and "$choose" not in str(value)
    except ExpressionError:
        return False


RULE = Rule(ID, Severity.ERROR, __doc__, check)
