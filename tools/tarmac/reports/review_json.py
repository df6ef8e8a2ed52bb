"""A review as JSON, version 1: sorted, and the same bytes for the same review. Money is a decimal text, exact."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, TypeAlias

from tarmac.catalog.changes import CatalogChange, Changed
from tarmac.catalog.reach import Dependent, Impact
from tarmac.model.documents import Entity
from tarmac.model.facts import BudgetStatus, Decision, Estimate
from tarmac.model.findings import observed
from tarmac.model.json_value import JsonValue
from tarmac.model.plan import Breach
from tarmac.model.values import EXACT, Money, rounded, show_duration, show_instant
from tarmac.reports.approvals import candidates, counted, ignored
from tarmac.reports.json import exempted_row, observed_row, row
from tarmac.reports.review import RequestReview, Review, Step, TeamReview
from tarmac.reports.review_plan import warnings
from tarmac.reports.scorecard import percent

if TYPE_CHECKING:
    from tarmac.insights.scorecard import Move
    from tarmac.reports.policy import JudgingChange

Json: TypeAlias = "None | bool | int | str | JsonValue | Sequence[Json] | Mapping[str, Json]"


def report(review: Review) -> str:
    """The whole review; everything that is not ASCII is escaped."""
    new = set(review.new)
    answer: Mapping[str, Json] = {
        "version": 1,
        "verdict": review.verdict.value,
        "reasons": review.reasons,
        "base": review.base,
        "head": review.head,
        "mergeBase": review.merge_base,
        "tree": review.merged,
        "now": show_instant(review.now),
        "conflicts": review.conflicts,
        "cost": {
            "currency": review.monthly_after.currency,
            "monthlyBefore": amount(review.monthly_before.amount),
            "monthlyAfter": amount(review.monthly_after.amount),
            "monthlyIncrease": amount((review.monthly_after - review.monthly_before).amount),
            "complete": review.complete,
        },
        "requests": [_request(found) for found in review.requests],
        "budgets": [_team(found) for found in review.teams],
        "approvals": approvals(review.decision),
        "plan": [_step(step) for step in review.steps],
        "refused": [_refused(breach) for breach in review.breaches],
        "warnings": warnings(review),
        "uncommitted": review.uncommitted,
        "changes": _changes(review.change),
        "files": [{"status": file.status, "path": file.path, "oldPath": file.old_path} for file in review.files],
        "findings": [{**row(finding), "new": finding in new} for finding in review.findings],
        "brokenReferences": [
            {
                "target": str(found.target),
                "replacement": None if found.replacement is None else str(found.replacement),
                "source": str(found.source),
                "path": found.place.path,
                "line": found.place.line,
                "column": found.place.column,
                "text": found.text,
            }
            for found in review.broken
        ],
        "impact": [
            {
                "operation": found.operation,
                **impact(found.impact),
                "together": [str(ref) for ref in found.together],
                "tell": [str(ref) for ref in found.tell],
            }
            for found in review.impacts
        ],
        "scorecards": [_move(found) for found in review.moves],
        "judging": review.judging,
        "judgedByItself": None if review.judged_by_itself is None else _by_itself(review.judged_by_itself),
        "exempted": [exempted_row(one) for one in review.exempted],
        "observed": [observed_row(one) for one in observed(review.new)],
        "note": review.approval,
    }
    return json.dumps(answer, indent=2, default=dict) + "\n"


def _step(step: Step) -> Mapping[str, Json]:
    return {
        **step.action.to_json(),
        # Each life's uid is the ledger's business: of a preview it would be a guess.
        "uid": None,
        "environment": step.environment,
        "category": step.category,
        "losesData": step.loses,
        "held": step.action.held,
    }


def _refused(breach: Breach) -> Mapping[str, Json]:
    return {
        "scope": breach.scope,
        "live": breach.live,
        "removals": breach.removals,
        "allowed": breach.allowed,
        "requests": breach.requests,
    }


def _by_itself(found: JudgingChange) -> Mapping[str, Json]:
    return {
        "policies": [
            {"policy": name, "operation": what, "fields": list(fields)} for name, what, fields in found.policies
        ],
        "appear": [row(finding) for finding in found.appear],
        "go": [row(finding) for finding in found.go],
        "failingTests": [
            {"policy": result.policy, "case": result.case, "place": str(result.place), "fault": result.fault}
            for result in found.failing
        ],
    }


def amount(value: Decimal) -> str:
    """An exact decimal number, without an exponent."""
    return f"{value:f}"


def approvals(decision: Decision) -> Mapping[str, Json]:
    """State, reason, and every rule with what it asks for and who could give it."""
    return {
        "state": decision.state.value,
        "reason": decision.reason,
        "rules": [
            {
                "rule": rule.name,
                "state": rule.state.value,
                "reason": rule.reason,
                "about": rule.about,
                "because": rule.because,
                "counted": counted(rule),
                "ignored": [{"login": one.login, "reason": one.reason} for one in ignored(rule)],
                "candidates": candidates(rule),
                "asks": [_ask(child) for child in rule.children],
            }
            for rule in decision.children
        ],
    }


def impact(found: Impact) -> Mapping[str, Json]:
    """What a failure or a removal reaches."""
    return {
        "entity": str(found.ref),
        "risk": found.risk.value,
        "reason": found.reason,
        "direct": [_dependent(one) for one in found.direct],
        "transitive": [_dependent(one) for one in found.transitive],
        "owners": [str(owner) for owner in found.owners],
        "tiers": dict(found.tiers),
    }


def _ask(decision: Decision) -> Mapping[str, Json]:
    return {
        "from": decision.name,
        "state": decision.state.value,
        "reason": decision.reason,
        "about": decision.about,
        "counted": decision.counted,
        "candidates": decision.candidates,
        "oneOf": [_ask(child) for child in decision.children],
    }


def _dependent(one: Dependent) -> Mapping[str, Json]:
    return {
        "entity": str(one.ref),
        "distance": one.distance,
        "strength": one.strength.value,
        "path": [str(step) for step in one.path],
    }


def _request(found: RequestReview) -> Mapping[str, Json]:
    return {
        "entity": str(found.entity.ref),
        "operation": found.operation,
        "path": found.entity.path,
        "type": found.entity.text("spec", "type"),
        "environment": found.entity.text("spec", "environment"),
        "owner": None if found.owner is None else str(found.owner),
        "before": None if found.before is None else estimate(found.before),
        "after": None if found.after is None else estimate(found.after),
        "monthlyIncrease": amount(found.increase.amount),
        "complete": found.complete,
        "ttl": None if found.ttl is None else show_duration(found.ttl),
        "expires": None if found.expires is None else show_instant(found.expires),
        "tags": {key: {"value": tag.value, "source": tag.source} for key, tag in found.tags.items()},
    }


def _move(found: Move) -> Mapping[str, Json]:
    return {
        "scorecard": found.card.name,
        "entity": str(found.entity),
        "before": found.before,
        "after": found.after,
        "because": [
            {"rule": credit.rule.name, "credit": percent(credit.share), "error": credit.error, "fix": credit.rule.fix}
            for credit in found.because
        ],
    }


def estimate(found: Estimate) -> Mapping[str, Json]:
    """Line items and their sum; null is unknown."""
    return {
        "currency": found.currency,
        "monthly": amount(found.monthly.amount),
        "complete": found.complete,
        "items": [
            {
                "item": item.item,
                "sku": item.sku,
                "unit": item.unit,
                "quantity": None if item.quantity is None else amount(item.quantity),
                "price": None if item.price is None else amount(item.price),
                "amount": None if item.amount is None else amount(item.amount),
                "unknown": item.unknown,
            }
            for item in found.items
        ],
        "unpriced": found.unpriced,
    }


def _team(found: TeamReview) -> Mapping[str, Json]:
    return {
        "team": str(found.team),
        "before": None if found.before is None else _budget(found.before),
        "after": None if found.after is None else _budget(found.after),
        "proposed": None if found.proposed is None else _budget(found.proposed),
        "blocked": found.facts.blocked,
        "approvers": found.facts.approvers,
        "monthlyIncrease": _money(found.increase),
        "increase30d": None if found.recent is None else _money(found.recent),
    }


def _money(money: Money) -> Json:
    return {"amount": amount(money.amount), "currency": money.currency}


def _budget(found: BudgetStatus) -> Mapping[str, Json]:
    return {
        "budget": str(found.budget),
        "currency": found.currency,
        "period": found.period,
        "from": show_instant(found.starts),
        "to": show_instant(found.ends),
        "limit": None if found.limit is None else amount(found.limit),
        "extra": amount(found.extra),
        "committed": amount(found.committed),
        "complete": found.complete,
        "actual": None if found.actual is None else amount(found.actual),
        "forecast": None if found.forecast is None else amount(found.forecast),
        "projected": amount(rounded(found.projected, 12).normalize(EXACT)),
        "projectedFrom": "estimates" if found.estimated else "billing",
        "thresholds": [
            {
                "at": threshold.at,
                "of": threshold.of,
                "do": threshold.do,
                "parties": threshold.parties,
                "reached": threshold.reached,
            }
            for threshold in found.thresholds
        ],
    }


def _changes(change: CatalogChange) -> Mapping[str, Json]:
    return {
        "added": [_entity(entity) for entity in change.added],
        "changed": [{**_entity(found.new), "fields": _fields(found)} for found in change.changed],
        "removed": [_entity(entity) for entity in change.removed],
        "renamed": [
            {
                **_entity(found.new),
                "from": str(found.old.ref),
                "declared": found.declared,
                "fields": _fields(found),
            }
            for found in change.renamed
        ],
        "moved": [
            {"entity": str(found.ref), "path": found.new_path, "oldPath": found.old_path} for found in change.moved
        ],
    }


def _entity(entity: Entity) -> Mapping[str, Json]:
    return {"entity": str(entity.ref), "kind": entity.kind, "path": entity.path}


def _fields(changed: Changed) -> Json:
    return [{"path": field.name, "before": data(field.before), "after": data(field.after)} for field in changed.fields]


def data(value: JsonValue) -> JsonValue:
    """A document's value as JSON can hold it: infinity and the like become texts."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {key: data(entry) for key, entry in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [data(entry) for entry in value]
    return value
