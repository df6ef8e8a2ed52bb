"""Findings as JSON, version 1: sorted, and the same bytes for the same findings."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from tarmac.model.findings import Finding


def report(findings: Sequence[Finding], summary: Mapping[str, int]) -> str:
    """`{"version": 1, "summary": {...}, "findings": [...]}`; everything that is not ASCII is escaped."""
    rows = [row(finding) for finding in findings]
    return json.dumps({"version": 1, "summary": dict(summary), "findings": rows}, indent=2) + "\n"


def row(finding: Finding) -> dict[str, str | int | None]:
    """One finding as JSON."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "message": finding.message,
        "path": finding.place.path,
        "line": finding.place.line,
        "column": finding.place.column,
        "entity": finding.entity,
        "fix": finding.fix.sentence if finding.fix else None,
    }
