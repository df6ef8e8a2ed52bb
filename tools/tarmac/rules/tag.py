"""A tag that a resource must carry and would not, or with a value that it must not have.

The tags of what a request makes are derived: `team` and `cost-center` from its owner, `service`, `environment`,
`request` and `managed-by` from the request, all others from `metadata.labels`. A label cannot replace what is derived.
The tag policy then says how keys are written (`normalize`: blanks trimmed, case, other names of a key; of a value only
blanks are trimmed) and which keys must be there with which values.

Points at: the label, or the field that the tag is derived from; for a missing label, the key that should hold it.

Wrong:

    metadata: {name: orders-db}

Right:

    metadata: {name: orders-db, labels: {data-class: confidential}}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tarmac.catalog.requests import resolve
from tarmac.catalog.view import CatalogView
from tarmac.errors import ExpressionError
from tarmac.model.documents import Entity
from tarmac.model.expressions import Expressions
from tarmac.model.findings import Finding, Severity
from tarmac.model.json_value import JsonValue, mapping, text, texts
from tarmac.model.places import Place
from tarmac.model.shown import visible
from tarmac.rules.rule import Rule, error, listed
from tarmac.rules.settings import Settings

ID = "tag"

# A pattern means the whole value: the engine's `matches` alone would find it anywhere.
WHOLE_MATCH = "value.matches('^(?:' + pattern + ')$')"

# Where a person changes a derived tag.
_SOURCES: Mapping[str, tuple[str, ...]] = {
    "team": ("spec", "owner"),
    "cost-center": ("spec", "owner"),
    "service": ("spec", "for"),
    "environment": ("spec", "environment"),
    "request": ("metadata", "name"),
}


@dataclass(frozen=True, slots=True)
class Tag:
    """One effective tag; `path` is where the document says it."""

    value: str
    path: tuple[str, ...]


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    for entity in catalog.judged("resourcerequest"):
        for policy in settings.base.of_kind("tagpolicy"):
            tags = effective(catalog, entity, policy.mapping("spec", "normalize"))
            for rule in policy.items("spec", "tags"):
                fault = _fault(tags, entity, rule, settings)
                if fault is not None:
                    place, message, fix = fault
                    yield error(ID, entity, place, f"{message} (tag policy {policy.name})", fix)


def effective(catalog: CatalogView, entity: Entity, normalize: Mapping[str, JsonValue]) -> Mapping[str, Tag]:
    """The tags of what the request makes, by key: labels first, then what is derived, which goes over them."""
    found: dict[str, Tag] = {}
    for key, value in entity.mapping("metadata", "labels").items():
        if isinstance(value, str):
            trimmed = value.strip() if normalize.get("trim") is True else value
            found[_key(key, normalize)] = Tag(trimmed, ("metadata", "labels", key))
    for key, value in derived(catalog, entity).items():
        found[key] = Tag(value, _SOURCES.get(key, ("metadata", "name")))
    return found


def derived(catalog: CatalogView, entity: Entity) -> Mapping[str, str]:
    """The tags that nobody writes by hand; what cannot be known is not there."""
    request = resolve(catalog, entity)
    owner = catalog.get(request.owner)
    service = catalog.get(request.service)
    found = {
        "team": owner.name if owner is not None else None,
        "service": service.name if service is not None else None,
        "environment": request.environment or None,
        "cost-center": owner.text("metadata", "labels", "cost-center") if owner is not None else None,
        "managed-by": "tarmac",
        "request": entity.name,
    }
    return {key: value for key, value in found.items() if value}


def _key(key: str, normalize: Mapping[str, JsonValue]) -> str:
    if normalize.get("trim") is True:
        key = key.strip()
    case = normalize.get("case")
    key = key.lower() if case == "lower" else key.upper() if case == "upper" else key
    return text(normalize, "aliases", key) or key


def _fault(
    tags: Mapping[str, Tag], entity: Entity, rule: JsonValue, settings: Settings
) -> tuple[Place, str, str] | None:
    key = text(rule, "key")
    scope = texts(rule, "environments")
    if key is None or (scope and entity.text("spec", "environment") not in scope):
        return None
    tag = tags.get(key)
    if tag is None:
        if not mapping(rule).get("required"):
            return None
        wanted = _wanted(rule, settings.base)
        place = entity.place(*_SOURCES.get(key, ("metadata", "labels", key)))
        needs = f": it needs {wanted}" if wanted else ""
        return place, f"the tag {visible(key)} is missing{needs}", _fix(key, wanted)
    if _fits(tag.value, rule, settings):
        return None
    message = f"the tag {visible(key)} has the value {visible(tag.value)}"
    return entity.place(*tag.path), message, _fix(key, _wanted(rule, settings.base))


def _fits(value: str, rule: JsonValue, settings: Settings) -> bool:
    if _is_team(rule) and not settings.base.named("group", value):
        return False
    allowed = _allowed(rule, settings.base)
    if allowed is not None and value not in allowed:
        return False
    pattern = text(rule, "match")
    return pattern is None or _matches(settings.expressions, pattern, value)


def _wanted(rule: JsonValue, base: CatalogView) -> str:
    """What the rule asks for, in words; nothing where any value will do."""
    allowed = _allowed(rule, base)
    if _is_team(rule):
        allowed = tuple(sorted(group.name for group in base.of_kind("group")))
    if allowed is not None:
        return f"one of {listed(allowed)}"
    pattern = text(rule, "match")
    return "" if pattern is None else f"a value that matches {visible(pattern)}"


def _is_team(rule: JsonValue) -> bool:
    return text(rule, "ref") == "teams" and not isinstance(mapping(rule).get("values"), list)


def _allowed(rule: JsonValue, base: CatalogView) -> tuple[str, ...] | None:
    """The values that the tag may have; None where any will do, or where teams are too many to be listed."""
    if isinstance(mapping(rule).get("values"), list):
        return texts(rule, "values")
    if text(rule, "ref") == "cost-centers":
        platform = base.platform()
        return () if platform is None else platform.texts("spec", "costCenters")
    return None


def _fix(key: str, wanted: str) -> str:
    if key in ("team", "cost-center"):
        where = "the label cost-center of its owner" if key == "cost-center" else "spec.owner"
        return f"give {where} {wanted or 'a value'}"
    if key in _SOURCES:
        return f"give {'.'.join(_SOURCES[key])} {wanted or 'a value'}"
    return f"give metadata.labels.{visible(key)} {wanted or 'a value'}"


def _matches(expressions: Expressions, pattern: str, value: str) -> bool:
    """Whether the whole value matches; a pattern that is none lets nothing through."""
    try:
        compiled = expressions.compile(WHOLE_MATCH, ("value", "pattern"))
        return compiled.evaluate({"value": value, "pattern": pattern}) is True
    except ExpressionError:
        return False


RULE = Rule(ID, Severity.ERROR, __doc__, check)
