"""Policies as JSON, version 1: sorted, and the same bytes for the same answer; everything that is not ASCII escaped."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from tarmac.model.expressions import Fact
from tarmac.model.shown import visible
from tarmac.model.values import show_instant
from tarmac.reports.json import row as finding_row
from tarmac.reports.policy import PolicyRow, PolicyTests, Replay
from tarmac.reports.report import without_surrogates
from tarmac.rules.policy_reasons import Operand, Reasons, Value

Json: TypeAlias = "None | bool | int | str | Sequence[Json] | Mapping[str, Json]"


def tests(run: PolicyTests) -> str:
    """`{"version", "summary", "results", "findings"}`; `fault` is null where a case came out as expected."""
    failed = sum(result.fault is not None for result in run.results)
    return _dumped(
        {
            "version": 1,
            "summary": {"policies": run.policies, "cases": len(run.results), "failed": failed},
            "results": [
                {
                    "policy": result.policy,
                    "case": result.case,
                    "path": result.place.path,
                    "line": result.place.line,
                    "column": result.place.column,
                    "expected": result.expected,
                    "fault": result.fault,
                    "expectedMessage": None if result.messages is None else result.messages[0],
                    "message": None if result.messages is None else result.messages[1],
                }
                for result in run.results
            ],
            "findings": [finding_row(finding) for finding in run.findings],
        }
    )


def rows(policies: Sequence[PolicyRow]) -> str:
    """`{"version", "policies": [...]}`, each with what it matches and how many entities pass, fail and are skipped."""
    found: list[Json] = [
        {
            "policy": row.name,
            "path": row.place.path,
            "line": row.place.line,
            "severity": row.severity.value,
            "mode": "observe" if row.observe else "enforce",
            "match": {
                "kinds": sorted(row.match.kinds),
                "types": sorted(row.match.types),
                "environments": sorted(row.match.environments),
            },
            "controls": row.controls,
            "tests": {word: row.tests.get(word, 0) for word in ("pass", "fail", "skip")},
            "entities": row.matched,
            "outcomes": {word: row.outcomes.get(word, 0) for word in ("pass", "fail", "skip")},
            "fault": row.fault,
        }
        for row in policies
    ]
    return _dumped({"version": 1, "policies": found})


def reasons(found: Reasons) -> str:
    """The verdict, why, and every fact and operand with its value or its error."""
    return _dumped(
        {
            "version": 1,
            "policy": found.policy.name,
            "entity": str(found.entity.ref),
            "outcome": found.verdict.outcome,
            "message": found.verdict.message or None,
            "error": found.verdict.error,
            "matches": found.matches,
            "why": found.why,
            "exempted": None
            if found.exempted is None
            else {"exemption": str(found.exempted.exemption), "until": show_instant(found.exempted.until)},
            "when": None if found.when is None else _operand(found.when),
            "require": None if found.require is None else _operand(found.require),
            "facts": [{"path": path, **_value(value)} for path, value in found.facts],
        }
    )


def replay(found: Replay) -> str:
    """`{"version", "policy", "changes", "against": [...]}`, the newest commit first."""
    return _dumped(
        {
            "version": 1,
            "policy": found.policy,
            "severity": found.severity.value,
            "since": show_instant(found.since),
            "until": show_instant(found.until),
            "complete": found.complete,
            "aged": found.aged,
            "changes": found.commits,
            "against": [
                {
                    "commit": change.commit.id,
                    "date": show_instant(change.commit.committed_at),
                    "subject": change.commit.subject,
                    "findings": [finding_row(finding) for finding in change.findings],
                }
                for change in found.against
            ],
        }
    )


def value_text(value: Value, limit: int) -> str:
    """A value on one visible line, or the error that it is instead."""
    if value.error is not None:
        return f"(no value: {visible(value.error, limit)})"
    return visible(json.dumps(_fact(value.fact), ensure_ascii=False), limit)


def _operand(operand: Operand) -> Json:
    return {
        "source": operand.source,
        "operator": operand.operator or None,
        **_value(operand.value),
        "operands": [_operand(child) for child in operand.children],
    }


def _value(value: Value) -> Mapping[str, Json]:
    return {"value": _fact(value.fact), "error": value.error}


def _fact(fact: Fact) -> Json:
    """As JSON holds it: a decimal and an instant as their texts, a duration in seconds."""
    if isinstance(fact, Decimal):
        return f"{fact:f}"
    if isinstance(fact, datetime):
        return show_instant(fact)
    if isinstance(fact, timedelta):
        return f"{fact // timedelta(seconds=1)}s"
    if isinstance(fact, Mapping):
        # The engine gives a map in another order each time.
        return {key: _fact(fact[key]) for key in sorted(fact)}
    if isinstance(fact, Sequence) and not isinstance(fact, str):
        return [_fact(inner) for inner in fact]
    return fact


def _plain(value: Json) -> Json:
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, Mapping):
        return {without_surrogates(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_plain(inner) for inner in value]
    return value


def _dumped(answer: Json) -> str:
    return json.dumps(_plain(answer), indent=2) + "\n"
