"""Entities and teams as expressions see them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tarmac.catalog.people import cost_center, email, members, roles, slack_channel
from tarmac.catalog.requests import config_of
from tarmac.catalog.view import OWNERS, CatalogView, ReviewView
from tarmac.model.documents import Entity
from tarmac.model.expressions import Fact, fact_of
from tarmac.model.json_value import JsonValue
from tarmac.model.refs import Ref


def filled_in(catalog: CatalogView, entity: Entity) -> Mapping[str, JsonValue]:
    """The document as written; a request with the defaults of its resource type filled into its config."""
    if entity.ref.kind != "resourcerequest":
        return entity.data
    return {**entity.data, "spec": {**entity.mapping("spec"), "config": config_of(catalog, entity)}}


def object_facts(catalog: CatalogView, entity: Entity) -> Fact:
    """What `filled_in` gives, as facts."""
    return fact_of(filled_in(catalog, entity))


def owner_facts(catalog: CatalogView, owner: Entity | None) -> Mapping[str, Fact]:
    """A team (or a user who owns something): ref, name, email, slack, members, memberCount, roles, costCenter,
    requests (how many resource requests it owns) and quota (how many it may).

    What is not stated is an empty text or list. `quota` is the smallest that the team's budgets set, or else the
    platform's `maxResourcesPerTeam`; without either it is not there. Nobody's facts are empty.
    """
    if owner is None:
        return {}
    memory = catalog.memory(OWNERS)
    if memory is None:
        return _facts_of(catalog, owner)
    known = memory.get(id(owner))
    if known is None:
        # The entity is kept too, so that nothing else can get its id.
        known = memory[id(owner)] = (owner, _facts_of(catalog, owner))
    facts: Mapping[str, Fact] = known[1]
    return facts


def _facts_of(catalog: CatalogView, owner: Entity) -> Mapping[str, Fact]:
    found = members(catalog, owner.ref)
    facts: dict[str, Fact] = {
        "ref": str(owner.ref),
        "kind": owner.ref.kind,
        "name": owner.name,
        "email": email(owner) or "",
        "slack": slack_channel(owner) or "",
        "costCenter": cost_center(owner) or "",
        "members": [str(member) for member in found],
        "memberCount": len(found),
        "roles": {role: [str(holder) for holder in holders] for role, holders in roles(owner).items()},
        "requests": requests_of(catalog, owner.ref),
    }
    allowed = quota(catalog, owner.ref)
    if allowed is not None:
        facts["quota"] = allowed
    return facts


def ahead_of_owners(catalog: ReviewView, owners: Iterable[Ref]) -> None:
    """The facts of these, or their budgets, will be asked for: what they rest on is looked up at once."""
    found = list(owners)
    catalog.ahead(found)
    catalog.ahead_sources(found, "user", "memberOf")
    catalog.ahead_sources(found, "resourcerequest", "owner")
    catalog.ahead_sources(found, "budget")


def requests_of(catalog: CatalogView, owner: Ref) -> int:
    """How many resource requests the team owns."""
    return catalog.count_references(owner, "resourcerequest", "owner")


def stated_quota(budget: Entity) -> JsonValue:
    """What a budget says of how many resource requests its team may own."""
    told = budget.document.told
    return budget.get("spec", "quota", "requests") if told is None else told.quota


def quota(catalog: CatalogView, owner: Ref) -> int | None:
    """How many resource requests the team may own: its budgets' quota goes before the platform's limit."""
    budgets = (
        stated_quota(reference.source)
        for reference in catalog.references_to(owner, "budget")
        if reference.field.path == ("spec", "team")
    )
    stated = [limit for limit in budgets if isinstance(limit, int) and not isinstance(limit, bool)]
    if stated:
        return min(stated)
    platform = catalog.platform()
    limit = None if platform is None else platform.get("spec", "maxResourcesPerTeam")
    return limit if isinstance(limit, int) and not isinstance(limit, bool) else None
