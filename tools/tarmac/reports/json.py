"""Findings as JSON, version 1: sorted, and the same bytes for the same findings."""

from __future__ import annotations

import json

from tarmac.model.findings import Finding
from tarmac.reports.report import ReportInput, without_surrogates


def report(given: ReportInput) -> str:
    """`{"version": 1, "summary": {...}, "findings": [...]}`; everything that is not ASCII is escaped."""
    rows = [row(finding) for finding in given.findings]
    return json.dumps({"version": 1, "summary": dict(given.summary), "findings": rows}, indent=2) + "\n"


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
