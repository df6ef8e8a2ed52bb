"""Findings as JSON, version 1: sorted, and the same bytes for the same findings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tarmac.model.findings import Finding, Observed
from tarmac.model.values import show_instant
from tarmac.reports.report import ReportInput, without_surrogates

if TYPE_CHECKING:
    from tarmac.rules.exemption import Exempted


def report(given: ReportInput) -> str:
    """`{"version": 1, "summary": {...}, "findings": [...], "exempted": [...], "observed": [...]}`, all of it ASCII.

    What is exempted is a finding with `exemption` and `until`; `observed` counts by policy and severity what policies
    that are only observed would have said.
    """
    answer = {
        "version": 1,
        "summary": dict(given.summary),
        "findings": [row(finding) for finding in given.findings],
        "exempted": [exempted_row(one) for one in given.exempted],
        "observed": [observed_row(one) for one in given.observed],
    }
    return json.dumps(answer, indent=2) + "\n"


def exempted_row(one: Exempted) -> dict[str, str | int | None]:
    """A finding that an exemption took off, with the exemption and the instant at which the finding comes back."""
    exemption = without_surrogates(str(one.exemption))
    return {**row(one.finding), "exemption": exemption, "until": show_instant(one.until)}


def observed_row(one: Observed) -> dict[str, str | int]:
    """What a policy that is only observed would have said, by the severity that it would have."""
    return {"policy": without_surrogates(one.rule), "severity": one.severity.value, "count": one.count}


def row(finding: Finding) -> dict[str, str | int | None]:
    """One finding as JSON. Strict readers refuse a lone surrogate, so it stands there as a visible escape."""
    return {
        "rule": without_surrogates(finding.rule),
        "severity": finding.severity.value,
        "message": without_surrogates(finding.message),
        "path": without_surrogates(finding.place.path),
        "line": finding.place.line,
        "column": finding.place.column,
        "entity": None if finding.entity is None else without_surrogates(finding.entity),
        "fix": without_surrogates(finding.fix.sentence) if finding.fix else None,
    }
