"""The frozen facts that an approval rule's `when` sees of one subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping, MutableMapping
from datetime import datetime
from functools import cached_property, partial
from typing import TypeAlias

from tarmac.approvals.owners import PathOwners
from tarmac.approvals.subjects import Subject
from tarmac.catalog.facts import object_facts, owner_facts
from tarmac.catalog.requests import resolve
from tarmac.catalog.view import ReviewView
from tarmac.model.documents import Entity
from tarmac.model.expressions import APPROVAL_FACTS, Fact
from tarmac.model.facts import UNKNOWN_AMOUNT, BudgetFacts, CostFacts, millionths
from tarmac.model.frozen import Frozen
from tarmac.model.refs import Ref


class Topic(Frozen):
    """One subject with what it costs and what the budget says; None where neither applies."""

    subject: Subject
    cost: CostFacts | None = None
    budget: BudgetFacts | None = None


# What rules see of owners, by reference: many subjects have the same.
Teams: TypeAlias = MutableMapping[Ref | None, Fact]


class Seen(Frozen, dict=True):
    """What rules see of one subject: `early` is what nearly every rule looks at first, `late` makes the rest in steps,
    to the last of which few rules come."""

    early: Mapping[str, Fact]
    late: tuple[Callable[[], Mapping[str, Fact]], ...]

    @cached_property
    def whole(self) -> Mapping[str, Fact]:
        """All of it, in the order in which it is declared."""
        known = {**self.early, **{name: fact for step in self.late for name, fact in step().items()}}
        return {name: known[name] for name in APPROVAL_FACTS}


def seen(
    topic: Topic,
    base: ReviewView,
    after: ReviewView,
    now: datetime,
    owners: PathOwners | None = None,
    teams: Teams | None = None,
) -> Seen:
    """What a rule sees of one subject, made as far as it is asked for.

    - `object`, `old`: after and before the change, {} where there is none. A request's config has the defaults of its
      type filled in, as the base has the type, or `after` where it is new.
    - `change`: kind, operation, paths, fields, environment, `environments` with the earlier one too, and `pathOwners`:
      whose the paths are, as the base has it (`owners` are the base's, made here unless given).
    - `owner`: as the base knows it, and `owners`: all of them, an earlier one and each team of a person among them,
      the last of which is `owner`. `cost`: in millionths of the platform's currency; what has no cost costs 0 and is
      complete, and what is not known whole is more than any threshold. `budget`: `exists` is false where there is
      none. `now`.

    `teams` is filled with what has been looked up, for the next subject of the same base.
    """
    subject = topic.subject
    whose = owners or PathOwners(base)
    early: Mapping[str, Fact] = {
        "change": {
            "kind": subject.kind,
            "operation": subject.operation,
            "paths": list(map(_text, subject.paths)),
            "environment": subject.environment,
            "environments": list(subject.environments),
            "fields": list(subject.fields),
            "pathOwners": sorted({str(owner) for path in subject.paths for owner in whose.of(path)}),
        },
        "cost": _cost(topic.cost),
        "budget": _budget(topic.budget or BudgetFacts(exists=False)),
        "now": now,
    }
    documents = partial(_documents, subject, base, after)
    return Seen(early, (documents, partial(_owners, subject, base, {} if teams is None else teams)))


def _documents(subject: Subject, base: ReviewView, after: ReviewView) -> Mapping[str, Fact]:
    return {"object": _data(base, after, subject.object), "old": _data(base, after, subject.old)}


def _owners(subject: Subject, base: ReviewView, teams: Teams) -> Mapping[str, Fact]:
    owner = subject.owners[-1] if subject.owners else None
    for one in (*subject.owners, owner):
        if one not in teams:
            teams[one] = _owner(base, one)
    return {"owner": teams[owner], "owners": [teams[one] for one in subject.owners]}


def _text(path: str) -> str:
    """A path as a text that an expression can hold: bytes that are no UTF-8 as escapes."""
    return path.encode("utf-8", "backslashreplace").decode()


def _data(base: ReviewView, after: ReviewView, entity: Entity | None) -> Fact:
    if entity is None:
        return {}
    known = entity.kind != "ResourceRequest" or resolve(base, entity).version is not None
    return object_facts(base if known else after, entity)


def _owner(base: ReviewView, ref: Ref | None) -> Fact:
    group = base.get(ref)
    if group is None:
        name = "" if ref is None else ref.name
        return {"ref": str(ref or ""), "name": name, "members": [], "roles": {}, "memberCount": 0}
    return owner_facts(base, group)


def _cost(cost: CostFacts | None) -> Fact:
    if cost is None:
        return {"monthly": 0, "monthlyIncrease": 0, "teamIncrease30d": 0, "complete": True}
    if not cost.complete:
        return {
            "monthly": UNKNOWN_AMOUNT,
            "monthlyIncrease": UNKNOWN_AMOUNT,
            "teamIncrease30d": UNKNOWN_AMOUNT,
            "complete": False,
        }
    return {
        "monthly": millionths(cost.monthly.amount),
        "monthlyIncrease": millionths(cost.increase.amount),
        "teamIncrease30d": millionths(cost.team_increase.amount),
        "complete": True,
    }


def _budget(budget: BudgetFacts) -> Fact:
    return {
        "exists": budget.exists,
        "blocked": budget.blocked,
        "approvalRequired": bool(budget.approvers),
        "approvers": list(budget.approvers),
    }
