"""Requests as JSON, version 1."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from tarmac.catalog.tags import Tag
from tarmac.model.facts import Decision
from tarmac.model.findings import Finding
from tarmac.model.json_value import JsonValue
from tarmac.model.ledger import Condition, RequestState
from tarmac.model.values import show_instant
from tarmac.reports.ledger_json import conditions_json, state_json
from tarmac.reports.request_text import Row
from tarmac.reports.review import RequestReview
from tarmac.reports.review_json import approvals, estimate


def list_json(rows: Sequence[Row]) -> str:
    """`{"version", "requests": [...]}`."""
    return _dumped({"version": 1, "requests": [_row(row) for row in rows]})


def show_json(
    row: Row, state: RequestState | None, tags: Mapping[str, Tag], conditions: Sequence[Condition] = ()
) -> str:
    """One request with its config, tags, cost, its conditions, and the ledger's state (null: the ledger does not know
    it)."""
    request, _, _, cost = row
    return _dumped(
        {
            "version": 1,
            **_row(row),
            "reason": request.entity.text("spec", "reason"),
            "config": request.config,
            "tags": {key: {"value": tag.value, "source": tag.source} for key, tag in tags.items()},
            "estimate": estimate(cost),
            "conditions": conditions_json(conditions),
            "state": None if state is None else state_json(state),
        }
    )


def draft_json(
    path: str,
    text: str,
    request: RequestReview,
    decision: Decision,
    findings: Sequence[Finding],
    life: str,
    written: bool,
) -> str:
    """What would be, or was, written, and what merging it would mean."""
    return _dumped(
        {
            "version": 1,
            "path": path,
            "text": text,
            "written": written,
            "life": life,
            "estimate": None if request.after is None else estimate(request.after),
            "approvals": approvals(decision),
            "findings": [
                {
                    "rule": finding.rule,
                    "severity": finding.severity.value,
                    "message": finding.message,
                    "path": finding.place.path,
                    "line": finding.place.line,
                    "column": finding.place.column,
                    "entity": finding.entity,
                    "fix": None if finding.fix is None else finding.fix.sentence,
                }
                for finding in findings
            ],
        }
    )


def _row(row: Row) -> Mapping[str, JsonValue]:
    request, phase, end, cost = row
    return {
        "request": str(request.ref),
        "type": f"{request.type_name}@{request.version_name}",
        "owner": None if request.owner is None else str(request.owner),
        "for": None if request.service is None else str(request.service),
        "environment": request.environment,
        "phase": phase,
        "expires": None if end is None else show_instant(end),
        "file": request.entity.path,
        "monthly": f"{cost.monthly.amount:f}",
        "complete": cost.complete,
    }


def _dumped(value: Mapping[str, object]) -> str:
    return json.dumps(value, indent=2, sort_keys=True, default=dict) + "\n"
