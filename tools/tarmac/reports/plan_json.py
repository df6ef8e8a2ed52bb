"""A plan, and how applying it went, as JSON, version 1."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tarmac.model.json_value import JsonValue
from tarmac.model.ledger import Head
from tarmac.model.plan import Breach, Outcome, Plan


def plan_json(plan: Plan) -> str:
    """`{"version", "base", "hash", "actions", "summary"}`, the same bytes for the same plan."""
    return _dumped(plan.to_json())


def run_json(plan: Plan, breaches: Iterable[Breach], run: str, outcomes: Iterable[Outcome] | None, head: Head) -> str:
    """The plan with what became of it: `outcomes` is null when nothing was applied."""
    results: JsonValue = None
    if outcomes is not None:
        results = [
            {
                **outcome.action.to_json(),
                "result": str(outcome.result),
                "message": outcome.message,
                "transient": outcome.transient,
            }
            for outcome in outcomes
        ]
    refused: JsonValue = [
        {
            "scope": breach.scope,
            "live": breach.live,
            "removals": breach.removals,
            "allowed": breach.allowed,
            "requests": list(breach.requests),
        }
        for breach in breaches
    ]
    return _dumped(
        {
            "version": 1,
            "run": run,
            "plan": plan.to_json(),
            "refused": refused,
            "outcomes": results,
            "ledger": {"entries": head.entries, "hash": head.hash},
        }
    )


def _dumped(value: JsonValue) -> str:
    return json.dumps(value, indent=2, sort_keys=True) + "\n"
