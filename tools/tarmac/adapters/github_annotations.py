"""Findings as annotations of a check run: beside the line, as plain text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tarmac.model.findings import Finding, Severity
from tarmac.model.json_value import JsonValue
from tarmac.model.shown import visible

# GitHub takes so many a request.
BATCH = 50
# Each batch is a request of the thousand an hour that a run's token has; nobody reads more of them beside lines.
MOST = 500
_LEVELS = {Severity.ERROR: "failure", Severity.WARNING: "warning", Severity.INFO: "notice"}
_TITLE, _MESSAGE, _PATH = 250, 4000, 4000


def as_annotations(findings: Iterable[Finding]) -> tuple[Sequence[dict[str, JsonValue]], int]:
    """The annotations of as many findings as there may be, the gravest first, and how many are left out."""
    order = list(Severity)
    ranked = sorted(findings, key=lambda one: order.index(one.severity))
    return [_annotation(one) for one in ranked[:MOST]], max(0, len(ranked) - MOST)


def _annotation(finding: Finding) -> dict[str, JsonValue]:
    fix = f" Fix: {visible(finding.fix.sentence, _MESSAGE)}." if finding.fix else ""
    place = finding.place
    return {
        "path": visible(place.path, _PATH),
        "start_line": place.line,
        "end_line": place.line,
        "start_column": place.column,
        "end_column": place.column,
        "annotation_level": _LEVELS[finding.severity],
        "title": visible(finding.rule, _TITLE),
        "message": visible(finding.message, _MESSAGE) + fix,
    }
