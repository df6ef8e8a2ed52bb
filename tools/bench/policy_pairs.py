"""Thirty rules, each twice: as a policy's expression, and as the Python callable that a person would write instead.

Both say the same: a request's config is the one with its type's defaults filled in, so the callables ask for that too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from tarmac.catalog.index import Catalog
from tarmac.catalog.requests import config_of
from tarmac.model.documents import Entity

Rule: TypeAlias = Callable[[Entity, Catalog], bool]

NAME = re.compile(r"[a-z][a-z0-9-]{2,62}")
RUNBOOK = re.compile(r"https://.+")
COST_CENTER = re.compile(r"CC-[0-9]{4}")
TYPES = {"service", "website", "worker", "library", "data-pipeline"}
LIFECYCLES = {"experimental", "production", "deprecated", "archived"}
TIERS = {"critical", "standard", "experimental"}


@dataclass(frozen=True, slots=True)
class Pair:
    """One rule: what it looks at, its expression, and the same as a callable that says whether it is kept."""

    name: str
    kind: str
    require: str
    rule: Rule


def data(entity: Entity) -> Mapping[str, Any]:
    return entity.document.data


def spec(entity: Entity) -> Mapping[str, Any]:
    found: Mapping[str, Any] = entity.document.data["spec"]  # type: ignore[assignment]
    return found


def labels(entity: Entity) -> Mapping[str, Any]:
    found: Mapping[str, Any] = data(entity)["metadata"].get("labels", {})
    return found


def notes(entity: Entity) -> Mapping[str, Any]:
    found: Mapping[str, Any] = data(entity)["metadata"].get("annotations", {})
    return found


def targets(catalog: Catalog, entity: Entity, field: str) -> Sequence[Entity | None]:
    return [
        None if reference.target is None else catalog.entities.get(reference.target)
        for reference in catalog.outgoing.get(entity.ref, ())
        if reference.field.name == field
    ]


def reachable(entity: Entity, catalog: Catalog) -> bool:
    owner = catalog.owner_of(entity)
    if owner is None or owner.ref.kind != "group":
        return False
    address = spec(owner).get("profile", {}).get("email", "")
    return bool(address) and bool(notes(owner).get("tarmac/slack-channel", ""))


_REACHABLE = 'owner.kind == "group" && owner.email != "" && owner.slack != ""'
_NAMED = 'object.metadata.name.matches("^[a-z][a-z0-9-]{2,62}$")'


def named(entity: Entity, catalog: Catalog) -> bool:
    return NAME.fullmatch(entity.name) is not None


def settled(entity: Entity, catalog: Catalog) -> bool:
    if spec(entity)["lifecycle"] != "production":
        return True
    needed = [*targets(catalog, entity, "dependsOn"), *targets(catalog, entity, "consumesApis")]
    return all(one is None or spec(one).get("lifecycle") not in ("deprecated", "experimental") for one in needed)


def on_call(entity: Entity, catalog: Catalog) -> bool:
    owner = catalog.owner_of(entity)
    if spec(entity).get("tarmac", {}).get("tier") != "critical" or owner is None:
        return True
    return len(spec(owner).get("tarmac", {}).get("roles", {}).get("on-call", ())) >= 1


PAIRS: tuple[Pair, ...] = (
    Pair("component-name", "Component", _NAMED, named),
    Pair("component-owner", "Component", _REACHABLE, reachable),
    Pair(
        "component-type", "Component",
        'object.spec.type in ["service", "website", "worker", "library", "data-pipeline"]',
        lambda entity, catalog: spec(entity)["type"] in TYPES,
    ),
    Pair(
        "component-lifecycle", "Component",
        'object.spec.lifecycle in ["experimental", "production", "deprecated", "archived"]',
        lambda entity, catalog: spec(entity)["lifecycle"] in LIFECYCLES,
    ),
    Pair(
        "component-tier", "Component", 'object.spec.tarmac.tier in ["critical", "standard", "experimental"]',
        lambda entity, catalog: spec(entity).get("tarmac", {}).get("tier") in TIERS,
    ),
    Pair(
        "component-needs-production", "Component",
        'object.spec.lifecycle != "production" || (targets(ref, "dependsOn") + targets(ref, "consumesApis")).all('
        'needed, !(entity(needed).?spec.?lifecycle.orValue("") in ["deprecated", "experimental"]))',
        settled,
    ),
    Pair(
        "component-on-call", "Component",
        'object.spec.tarmac.tier != "critical" || owner.roles[?"on-call"].orValue([]).size() >= 1',
        on_call,
    ),
    Pair(
        "component-runbook", "Component",
        'object.spec.tarmac.tier != "critical" || object.metadata.links.exists(link, link.url.startsWith("https://"))',
        lambda entity, catalog: spec(entity).get("tarmac", {}).get("tier") != "critical"
        or any(RUNBOOK.match(link["url"]) for link in data(entity)["metadata"].get("links", ())),
    ),
    Pair(
        "component-described", "Component", 'object.metadata.description.size() > 10',
        lambda entity, catalog: len(data(entity)["metadata"].get("description", "")) > 10,
    ),
    Pair(
        "component-few-dependencies", "Component",
        "object.spec.?dependsOn.orValue([]).size() + object.spec.?consumesApis.orValue([]).size() <= 10",
        lambda entity, catalog: sum(len(spec(entity).get(field, ())) for field in ("dependsOn", "consumesApis")) <= 10,
    ),
    Pair("api-name", "API", _NAMED, named),
    Pair("api-owner", "API", _REACHABLE, reachable),
    Pair(
        "api-type", "API", 'object.spec.type in ["openapi", "asyncapi", "graphql", "grpc"]',
        lambda entity, catalog: spec(entity)["type"] in ("openapi", "asyncapi", "graphql", "grpc"),
    ),
    Pair(
        "api-provided", "API", 'referring(ref, "Component").size() > 0',
        lambda entity, catalog: any(
            reference.source.ref.kind == "component" for reference in catalog.incoming.get(entity.ref, ())
        ),
    ),
    Pair("request-name", "ResourceRequest", _NAMED, named),
    Pair("request-owner", "ResourceRequest", _REACHABLE, reachable),
    Pair(
        "request-class", "ResourceRequest",
        'object.metadata.labels["data-class"] in ["public", "internal", "confidential"]',
        lambda entity, catalog: labels(entity).get("data-class") in ("public", "internal", "confidential"),
    ),
    Pair(
        "request-versioned", "ResourceRequest", 'object.spec.type.matches("^[a-z0-9-]+@[0-9]+\\\\.[0-9]+\\\\.[0-9]+$")',
        lambda entity, catalog: re.fullmatch(r"[a-z0-9-]+@[0-9]+\.[0-9]+\.[0-9]+", spec(entity)["type"]) is not None,
    ),
    Pair(
        "request-encrypted", "ResourceRequest",
        'object.spec.environment != "production" || object.spec.config.?encrypted.orValue(true) == true',
        lambda entity, catalog: spec(entity)["environment"] != "production"
        or config_of(catalog, entity).get("encrypted", True) is True,
    ),
    Pair(
        "request-private", "ResourceRequest",
        'object.spec.config.?public.orValue(false) == false || object.metadata.labels["data-class"] == "public"',
        lambda entity, catalog: config_of(catalog, entity).get("public", False) is False
        or labels(entity).get("data-class") == "public",
    ),
    Pair(
        "request-region", "ResourceRequest",
        '!has(object.spec.config.region) || object.spec.config.region in ["eu-north-1", "eu-west-1"]',
        lambda entity, catalog: config_of(catalog, entity).get("region", "eu-north-1") in ("eu-north-1", "eu-west-1"),
    ),
    Pair(
        "request-reason", "ResourceRequest", "object.spec.reason.size() > 3",
        lambda entity, catalog: len(spec(entity).get("reason", "")) > 3,
    ),
    Pair("system-name", "System", _NAMED, named),
    Pair("system-owner", "System", _REACHABLE, reachable),
    Pair("group-name", "Group", _NAMED, named),
    Pair(
        "group-email", "Group", 'object.spec.profile.email.contains("@")',
        lambda entity, catalog: "@" in spec(entity).get("profile", {}).get("email", ""),
    ),
    Pair(
        "group-cost-center", "Group", 'object.metadata.labels["cost-center"].matches("^CC-[0-9]{4}$")',
        lambda entity, catalog: COST_CENTER.fullmatch(labels(entity).get("cost-center", "")) is not None,
    ),
    Pair(
        "user-in-team", "User", "object.spec.memberOf.size() > 0",
        lambda entity, catalog: len(spec(entity).get("memberOf", ())) > 0,
    ),
    Pair("resource-owner", "Resource", _REACHABLE, reachable),
    Pair(
        "slo-method", "SLO", 'object.spec.budgetingMethod in ["Occurrences", "Timeslices", "RatioTimeslices"]',
        lambda entity, catalog: spec(entity)["budgetingMethod"] in ("Occurrences", "Timeslices", "RatioTimeslices"),
    ),
)  # fmt: skip
