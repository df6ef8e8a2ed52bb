"""A plan, and how applying it went, as JSON, version 1."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tarmac.model.json_value import JsonValue
from tarmac.model.ledger import Head
from tarmac.model.notice import Notice, Unsent
from tarmac.model.plan import Breach, Outcome, Plan, Upkeep
from tarmac.model.proof import Unproved


def plan_json(plan: Plan, breaches: Iterable[Breach], inventory: str) -> str:
    """`{"version", "base", "hash", "actions", "summary", "refused", "inventory"}`, the same bytes for the same plan.

    `refused` are the limits for which reconcile would do nothing at all, `inventory` the digest of what is there; the
    hash is over the other four.
    """
    return _dumped({**plan.to_json(), "refused": _refused(breaches), "inventory": inventory})


def run_json(
    plan: Plan,
    breaches: Iterable[Breach],
    run: str,
    outcomes: Iterable[Outcome] | None,
    head: Head,
    upkeep: Iterable[Upkeep] = (),
    unproved: Iterable[Unproved] = (),
    stopped: str | None = None,
    told: tuple[Iterable[Notice], int, Iterable[Unsent]] = ((), 0, ()),
) -> str:
    """The plan with what became of it: `outcomes` is null when nothing was applied. `upkeep` is what was done beside
    it, `unproved` are commits that are not proved to be approved, `stopped` says why nothing at all was done.
    `told` is what people are told of for the first time, how many messages went out, and what could not be sent."""
    news, sent, unsent = told
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
    return _dumped(
        {
            "version": 1,
            "run": run,
            "plan": plan.to_json(),
            "refused": _refused(breaches),
            "outcomes": results,
            "upkeep": [
                {"provider": kept.provider, "done": list(kept.done), "failure": kept.failure} for kept in upkeep
            ],
            "unproved": [
                {"commits": list(one.commits), "subject": one.subject, "reason": one.reason, "waiting": one.waiting}
                for one in unproved
            ],
            "stopped": stopped,
            "notices": {
                "news": [
                    {"topic": str(one.topic), "owner": one.owner, "request": one.request, "text": one.text}
                    for one in news
                ],
                "sent": sent,
                "unsent": [{"channel": one.channel, "notices": one.count, "reason": one.reason} for one in unsent],
            },
            "ledger": {"entries": head.entries, "hash": head.hash},
        }
    )


def _refused(breaches: Iterable[Breach]) -> JsonValue:
    return [
        {
            "scope": breach.scope,
            "live": breach.live,
            "removals": breach.removals,
            "allowed": breach.allowed,
            "requests": list(breach.requests),
        }
        for breach in breaches
    ]


def _dumped(value: JsonValue) -> str:
    return json.dumps(value, indent=2, sort_keys=True) + "\n"
