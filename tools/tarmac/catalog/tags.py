"""The tags of what a request makes: effective, whoever wrote them.

From the weakest to the strongest: the tags of the resource type (`spec.tags`), the labels of the request, and what is
derived, which nobody can write over: `team` and `cost-center` from the owner, `service`, `environment` and `request`
from the request, and `managed-by`. A tag policy's `normalize` says how keys are evened out: blanks trimmed, case, other
names of a key. Of a value only blanks are trimmed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tarmac.catalog.people import cost_center
from tarmac.catalog.requests import Request, resolve
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, Path, text

MANAGED_BY = "tarmac"

# Where a person changes a derived tag.
SOURCES: Mapping[str, tuple[str, ...]] = {
    "team": ("spec", "owner"),
    "cost-center": ("spec", "owner"),
    "service": ("spec", "for"),
    "environment": ("spec", "environment"),
    "request": ("metadata", "name"),
}
DERIVED = frozenset({*SOURCES, "managed-by"})


class Tag(Frozen):
    """One effective tag. `source` says where it is from: `derived`, `label` (of the request) or `type`; `path` is where
    the request says it, for one of the type the field that names the type."""

    value: str
    source: str
    path: Path


class Conflict(Frozen):
    """Two labels that are one tag, with different values: `path` is that of the later one."""

    key: str
    path: Path
    values: tuple[str, str]


def normalizations(base: CatalogView) -> tuple[Mapping[str, JsonValue], ...]:
    """The `normalize` of every tag policy, in order."""
    return tuple(policy.mapping("spec", "normalize") for policy in base.of_kind("tagpolicy"))


def effective(catalog: CatalogView, entity: Entity, normalize: Sequence[Mapping[str, JsonValue]]) -> Mapping[str, Tag]:
    """The tags of what the request makes, by key as `normalize` writes it, sorted by key."""
    found: dict[str, Tag] = {}
    request = resolve(catalog, entity)
    if request.type is not None:
        for key, value, _ in written(request.type, ("spec", "tags"), normalize):
            found[key] = Tag(value, "type", ("spec", "type"))
    for key, value, path in written(entity, ("metadata", "labels"), normalize):
        found[key] = Tag(value, "label", path)
    for key, value in _derived(catalog, request).items():
        found[key] = Tag(value, "derived", SOURCES.get(key, ("metadata", "name")))
    return dict(sorted(found.items()))


def of_type(entity: Entity, normalize: Mapping[str, JsonValue]) -> Mapping[str, Tag]:
    """The tags that a resource type gives to all that is made of it; `path` is within the type's document."""
    found = written(entity, ("spec", "tags"), (normalize,))
    return {key: Tag(value, "type", path) for key, value, path in found}


def conflicts(entity: Entity, path: Path, normalize: Mapping[str, JsonValue]) -> Iterator[Conflict]:
    """The tags below `path` that are written twice, under names that `normalize` makes one."""
    seen: dict[str, str] = {}
    for key, value, at in written(entity, path, (normalize,)):
        if seen.setdefault(key, value) != value:
            yield Conflict(key, at, (seen[key], value))


def normalized(tags: Iterable[tuple[str, str]], normalize: Mapping[str, JsonValue]) -> Mapping[str, str]:
    """Tags as they are found on something live, evened out; the last of two that are one wins."""
    return {_key(key, normalize): _value(value, normalize) for key, value in tags}


def written(
    entity: Entity, path: Path, normalize: Sequence[Mapping[str, JsonValue]]
) -> Iterator[tuple[str, str, Path]]:
    """The tags below `path`, in the order written: key and value as `normalize` writes them, and where each stands."""
    for name, stated in entity.mapping(*path).items():
        if isinstance(stated, str):
            key, value = name, stated
            for rules in normalize:
                key, value = _key(key, rules), _value(value, rules)
            yield key, value, (*path, name)


def _derived(catalog: CatalogView, request: Request) -> Mapping[str, str]:
    """The tags that nobody writes by hand; what cannot be known is not there."""
    return {key: value for key in DERIVED if (value := derived(catalog, request, key))}


def derived(catalog: CatalogView, request: Request, key: str) -> str | None:
    """The value of one of the tags that nobody writes by hand; None, or an empty text, where it cannot be known."""
    if key in ("team", "cost-center"):
        owner = catalog.get(request.owner)
        if owner is None:
            return None
        return owner.name if key == "team" else cost_center(owner)
    if key == "service":
        service = catalog.get(request.service)
        return None if service is None else service.name
    if key == "environment":
        return request.environment
    return MANAGED_BY if key == "managed-by" else request.entity.name


def _key(key: str, normalize: Mapping[str, JsonValue]) -> str:
    if normalize.get("trim") is True:
        key = key.strip()
    case = normalize.get("case")
    key = key.lower() if case == "lower" else key.upper() if case == "upper" else key
    return text(normalize, "aliases", key) or key


def _value(value: str, normalize: Mapping[str, JsonValue]) -> str:
    return value.strip() if normalize.get("trim") is True else value
