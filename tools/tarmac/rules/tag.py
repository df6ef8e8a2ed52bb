"""A tag that a resource must carry and would not, or with a value that it must not have.

The tags of what a request makes are its resource type's own (`spec.tags`), over these its labels, and over these what
is derived: `team` and `cost-center` from its owner, `service`, `environment`, `request` and `managed-by` from the
request. Nobody can write over what is derived. The tag policy says how keys are written (`normalize`: blanks trimmed,
case, other names of a key; of a value only blanks are trimmed), which keys must be there, and with which values; a
pattern means the whole value. `tarmac request show` shows the tags as they come out.

Points at: the label, or the field that the tag is derived from; for a missing label, the key that should hold it; in a
resource type, the tag that its requests must not have.

Wrong:

    metadata: {name: orders-db}

Right:

    metadata: {name: orders-db, labels: {data-class: confidential}}
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from tarmac.catalog.tags import DERIVED, MANAGED_BY, SOURCES, Tag, conflicts, effective, normalized, of_type
from tarmac.catalog.view import CatalogView
from tarmac.errors import ExpressionError
from tarmac.model.documents import Entity
from tarmac.model.expressions import Expressions, told_by
from tarmac.model.findings import Finding, Severity
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, Path, mapping, text, texts
from tarmac.model.refs import BadReference, Ref
from tarmac.model.shown import visible
from tarmac.rules.rule import Rule, error, listed
from tarmac.rules.settings import Settings
from tarmac.rules.tag_right import RightTags

if TYPE_CHECKING:
    from tarmac.model.plan import Tags

ID = "tag"

# Whether a pattern matches a whole value.
_Matching: TypeAlias = Callable[[str, str], bool]
# The tags that instances carry.
CARRIED = ("team", "environment", "cost-center", "request", "managed-by")

# A pattern means the whole value: the engine's `matches` alone would find it anywhere.
_NAMES = ("value", "pattern")
WHOLE_MATCH = "value.matches('^(?:' + pattern + ')$')"


class TagFault(Frozen):
    """What is wrong with one tag: `wanted` says what it needs, in words, "" where any value will do."""

    policy: str
    key: str
    message: str
    wanted: str


def check(catalog: CatalogView, settings: Settings) -> Iterator[Finding]:
    matching = lru_cache(maxsize=4096)(_WholeMatch(settings.expressions))
    base = settings.base
    # Where nobody notes what a verdict rests on, it is told at once of most requests that their tags are right.
    noted = catalog.memory() is None or base.memory() is None
    policies = () if noted else base.of_kind("tagpolicy")
    right = {policy.ref: _right(catalog, policy, base, matching) for policy in policies}
    for entity in catalog.judged("resourcerequest"):
        for policy in base.of_kind("tagpolicy"):
            if noted or not right[policy.ref].tells(entity):
                yield from _request(catalog, entity, policy, settings, matching)
    for entity in catalog.judged("resourcetype"):
        for policy in settings.base.of_kind("tagpolicy"):
            yield from _type(entity, policy, settings, matching)


def _right(catalog: CatalogView, policy: Entity, base: CatalogView, matching: _Matching) -> RightTags:
    return RightTags(catalog, policy, lambda value, rule: _fits(value, rule, base, matching))


def live_faults(tags: Mapping[str, str], base: CatalogView, expressions: Expressions) -> tuple[TagFault, ...]:
    """What the tag policies of `base` say of the tags that something live carries; its environment is the tag's."""
    return tuple(_live_faults(tags, base, _WholeMatch(expressions)))


def instance_faults(
    every: Iterable[Tags], base: CatalogView, expressions: Expressions
) -> Iterator[tuple[Tags, TagFault]]:
    """What the tag policies of `base` say of the tags of instances. Of a tag that no instance has room for nothing is
    said: the request answers for that."""
    held = {
        policy.name: normalized(((key, "") for key in CARRIED), policy.mapping("spec", "normalize"))
        for policy in base.of_kind("tagpolicy")
    }
    matching = lru_cache(maxsize=4096)(_WholeMatch(expressions))
    for tags in every:
        for fault in _live_faults(live_tags(tags), base, matching):
            if fault.key in held[fault.policy]:
                yield tags, fault


def _live_faults(tags: Mapping[str, str], base: CatalogView, matching: _Matching) -> Iterator[TagFault]:
    for policy in base.of_kind("tagpolicy"):
        seen = normalized(tags.items(), policy.mapping("spec", "normalize"))
        here = frozenset(value for key, value in seen.items() if key == "environment")
        yield from _faults(policy, seen, here, base, matching)


def live_tags(tags: Tags) -> Mapping[str, str]:
    """The tags of an instance under the names that tag policies use; what it does not carry is not there."""
    values = (_name(tags.owner), tags.environment, tags.cost_centre, _name(tags.reference), MANAGED_BY)
    return {key: value for key, value in zip(CARRIED, values, strict=True) if value}


def _request(
    catalog: CatalogView, entity: Entity, policy: Entity, settings: Settings, matching: _Matching
) -> Iterator[Finding]:
    normalize = policy.mapping("spec", "normalize")
    yield from _conflicts(entity, ("metadata", "labels"), policy)
    tags = effective(catalog, entity, (normalize,))
    here = frozenset({entity.text("spec", "environment") or ""})
    seen = {key: tag.value for key, tag in tags.items()}
    for fault in _faults(policy, seen, here, settings.base, matching):
        tag = tags.get(fault.key)
        # What the type says wrongly is said of the type.
        if tag is None or tag.source != "type":
            place = entity.place(*_path(fault.key, tag))
            yield error(ID, entity, place, f"{fault.message} (tag policy {visible(policy.name)})", _fix(fault))


def _type(entity: Entity, policy: Entity, settings: Settings, matching: _Matching) -> Iterator[Finding]:
    yield from _conflicts(entity, ("spec", "tags"), policy)
    tags = of_type(entity, policy.mapping("spec", "normalize"))
    here = frozenset(entity.mapping("spec", "environments"))
    seen = {key: tag.value for key, tag in tags.items()}
    for fault in _faults(policy, seen, here, settings.base, matching, missing=False):
        place = entity.place(*tags[fault.key].path)
        fix = f"give it {fault.wanted}, or take it out"
        yield error(ID, entity, place, f"{fault.message} (tag policy {visible(policy.name)})", fix)
    for key in sorted(DERIVED & tags.keys()):
        message = f"the tag {visible(key)} is derived from each request, so this value is never used"
        said = f"{message} (tag policy {visible(policy.name)})"
        yield error(ID, entity, entity.place(*tags[key].path), said, "take it out")


def _conflicts(entity: Entity, path: Path, policy: Entity) -> Iterator[Finding]:
    for found in conflicts(entity, path, policy.mapping("spec", "normalize")):
        first, second = (visible(value) for value in found.values)
        message = f"the tag {visible(found.key)} is written twice, as {first} and as {second}"
        place = entity.key_place(*found.path)
        yield error(ID, entity, place, f"{message} (tag policy {visible(policy.name)})", "keep the right one")


def _faults(
    policy: Entity,
    tags: Mapping[str, str],
    environments: Collection[str],
    base: CatalogView,
    matching: _Matching,
    *,
    missing: bool = True,
) -> Iterator[TagFault]:
    for rule in policy.items("spec", "tags"):
        key, scope = text(rule, "key"), texts(rule, "environments")
        if key is None or (scope and not set(scope) & set(environments)):
            continue
        value = tags.get(key)
        if value is not None and not _fits(value, rule, base, matching):
            message = f"the tag {visible(key)} has the value {visible(value)}"
            yield TagFault(policy.name, key, message, _wanted(rule, base))
        elif value is None and missing and mapping(rule).get("required") is True:
            wanted = _wanted(rule, base)
            message = f"the tag {visible(key)} is missing" + (f": it needs {wanted}" if wanted else "")
            yield TagFault(policy.name, key, message, wanted)


def _fits(value: str, rule: JsonValue, base: CatalogView, matching: _Matching) -> bool:
    if _is_team(rule) and not base.named("group", value):
        return False
    allowed = _allowed(rule, base)
    if allowed is not None and value not in allowed:
        return False
    pattern = text(rule, "match")
    return pattern is None or matching(pattern, value)


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


def _path(key: str, tag: Tag | None) -> Path:
    return SOURCES.get(key, ("metadata", "labels", key)) if tag is None else tag.path


def _fix(fault: TagFault) -> str:
    wanted = fault.wanted or "a value"
    if fault.key == "cost-center":
        return f"give the label cost-center of its owner {wanted}"
    if fault.key in SOURCES:
        return f"give {'.'.join(SOURCES[fault.key])} {wanted}"
    return f"give metadata.labels.{visible(fault.key)} {wanted}"


def _name(reference: str) -> str:
    try:
        return Ref.parse(reference).name
    except BadReference:
        return ""


class _WholeMatch:
    """Whether the whole value matches; a pattern that is none lets nothing through."""

    def __init__(self, expressions: Expressions) -> None:
        self._expressions = expressions
        self._sure = expressions.sure(WHOLE_MATCH, _NAMES)

    def __call__(self, pattern: str, value: str) -> bool:
        facts = {"value": value, "pattern": pattern}
        if told_by(self._sure, facts):
            return True
        try:
            return self._expressions.compile(WHOLE_MATCH, _NAMES).evaluate(facts) is True
        except ExpressionError:
            return False


RULE = Rule(ID, Severity.ERROR, __doc__, check)
