"""The frozen facts that an approval rule's `when` sees of one subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tarmac.approvals.subjects import Subject
from tarmac.catalog.index import Catalog
from tarmac.catalog.people import email, members, roles, slack_channel
from tarmac.catalog.requests import resolve
from tarmac.model.documents import Entity
from tarmac.model.expressions import Fact, fact_of
from tarmac.model.facts import BudgetFacts, CostFacts, millionths
from tarmac.model.json_value import JsonValue, mapping
from tarmac.model.refs import Ref

VARIABLES = ("object", "old", "change", "owner", "cost", "budget", "now")


@dataclass(frozen=True, slots=True)
class Topic:
    """One subject with what it costs and what the budget says; None where neither applies."""

    subject: Subject
    cost: CostFacts | None = None
    budget: BudgetFacts | None = None


def facts(topic: Topic, base: Catalog, after: Catalog, now: datetime) -> Mapping[str, Fact]:
    """What a rule sees of one subject.

    - `object`, `old`: after and before the change, {} where there is none. A request's config has the defaults of its
      type filled in, as the base has the type, or `after` where it is new.
    - `change`: kind, operation, paths, fields, environment, and `environments` with the earlier one too.
    - `owner`: as the base knows it. `cost`: in millionths of the platform's currency; what has no cost costs 0 and is
      complete. `budget`: `exists` is false where there is none. `now`.
    """
    subject = topic.subject
    return {
        "object": _data(base, after, subject.object),
        "old": _data(base, after, subject.old),
        "change": {
            "kind": subject.kind,
            "operation": subject.operation,
            "paths": list(subject.paths),
            "environment": subject.environment,
            "environments": list(subject.environments),
            "fields": list(subject.fields),
        },
        "owner": _owner(base, subject.owners[-1] if subject.owners else None),
        "cost": _cost(topic.cost),
        "budget": _budget(topic.budget or BudgetFacts(exists=False)),
        "now": now,
    }


def _data(base: Catalog, after: Catalog, entity: Entity | None) -> Fact:
    if entity is None:
        return {}
    data: Mapping[str, JsonValue] = entity.data
    if entity.kind == "ResourceRequest":
        request = resolve(base, entity)
        if request.version is None:
            request = resolve(after, entity)
        data = {**data, "spec": {**mapping(data, "spec"), "config": request.config}}
    return fact_of(data)


def _owner(base: Catalog, ref: Ref | None) -> Fact:
    group = base.get(ref)
    if ref is None or group is None:
        name = "" if ref is None else str(ref)
        return {"ref": name, "name": "" if ref is None else ref.name, "members": [], "roles": {}, "memberCount": 0}
    found = members(base, ref)
    return {
        "ref": str(ref),
        "name": ref.name,
        "email": email(group) or "",
        "slack": slack_channel(group) or "",
        "members": [str(member) for member in found],
        "roles": {role: [str(holder) for holder in holders] for role, holders in roles(group).items()},
        "memberCount": len(found),
    }


def _cost(cost: CostFacts | None) -> Fact:
    if cost is None:
        return {"monthly": 0, "monthlyIncrease": 0, "teamIncrease30d": 0, "complete": True}
    return {
        "monthly": millionths(cost.monthly.amount),
        "monthlyIncrease": millionths(cost.increase.amount),
        "teamIncrease30d": millionths(cost.team_increase.amount),
        "complete": cost.complete,
    }


def _budget(budget: BudgetFacts) -> Fact:
    return {
        "exists": budget.exists,
        "blocked": budget.blocked,
        "approvalRequired": bool(budget.approvers),
        "approvers": list(budget.approvers),
    }
