"""Findings as SARIF 2.1.0 (OASIS standard with errata 01), for code scanning services and editors.

Braces in a result's message would be placeholders and are doubled (section 3.11.5); a rule's help never has arguments,
and services show it as it is, so there they stay. `](` would begin the target of a link (3.11.6), so a zero-width space
goes between. Paths become percent-encoded URIs relative to the root of what was read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from urllib.parse import quote

from tarmac import __version__
from tarmac.model.findings import Finding, Severity, fingerprints
from tarmac.model.json_value import JsonValue
from tarmac.model.shown import visible
from tarmac.reports.report import (
    MESSAGE_LIMIT,
    ReportInput,
    count,
    exempted_line,
    gravity,
    observed_line,
    without_surrogates,
)

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

# What GitHub keeps of a run.
_MOST = 5000
_LONGEST_PAGE = 20_000
_LONGEST_PATH = 4096
_LEVELS: Mapping[Severity, str] = MappingProxyType(
    {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
)
_ROOT = "%SRCROOT%"


def report(given: ReportInput) -> str:
    """One run; of more than 5,000 findings the gravest are kept, and a notification counts the rest."""
    marked = sorted(zip(given.findings, fingerprints(given.findings), strict=True), key=lambda pair: gravity(pair[0]))
    kept = sorted(marked[:_MOST], key=lambda pair: pair[0].order)
    spoken = [finding for finding, _ in kept]
    rules = {rule: index for index, rule in enumerate(sorted({finding.rule for finding in spoken}))}
    run: dict[str, JsonValue] = {
        "tool": {"driver": {"name": "Tarmac", "version": __version__, "rules": list(_rules(rules, spoken, given))}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of what was checked."}}},
        "invocations": [_invocation(len(given.findings) - len(kept), given)],
        "results": [_result(finding, rules[finding.rule], mark) for finding, mark in kept],
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2) + "\n"


def _invocation(left_out: int, given: ReportInput) -> JsonValue:
    """The check itself went well, whatever it found. What is exempted and observed stands here: as a result, suppressed
    or not, code scanning would show it as open."""
    notes: list[JsonValue] = []
    if left_out:
        said = f"{count(left_out, 'finding')} left out: only the gravest {_MOST:,} are kept."
        notes.append(_note("warning", f"{said} Run tarmac check to see them all."))
    notes += [_note("note", _message(exempted_line(one))) for one in given.exempted[:_MOST]]
    notes += [_note("note", _message(observed_line(one))) for one in given.observed[:_MOST]]
    return {"executionSuccessful": True, **({"toolExecutionNotifications": notes} if notes else {})}


def _note(level: str, text: str) -> JsonValue:
    return {"level": level, "message": {"text": text}}


def _rules(rules: Mapping[str, int], kept: Sequence[Finding], given: ReportInput) -> Iterator[JsonValue]:
    # The gravest comes last, so that it is the one that stays.
    levels = {finding.rule: _LEVELS[finding.severity] for finding in sorted(kept, key=gravity, reverse=True)}
    for rule in rules:
        page = without_surrogates(given.page(rule) or "")[:_LONGEST_PAGE].strip()
        summary = visible(page.partition("\n")[0].lstrip("# ") or rule, MESSAGE_LIMIT)
        yield {
            "id": visible(rule, MESSAGE_LIMIT),
            "shortDescription": {"text": _unlinked(summary)},
            "fullDescription": {"text": _unlinked(summary)},
            "help": {"text": _unlinked(page or summary)},
            "defaultConfiguration": {"level": levels[rule]},
        }


def _result(finding: Finding, rule_index: int, mark: str) -> JsonValue:
    said = visible(finding.message, MESSAGE_LIMIT)
    if finding.fix is not None:
        said += f"\nFix: {visible(finding.fix.sentence, MESSAGE_LIMIT)}"
    location: dict[str, JsonValue] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(finding.place.path), "uriBaseId": _ROOT},
            "region": {"startLine": finding.place.line, "startColumn": finding.place.column},
        }
    }
    if finding.entity is not None:
        location["logicalLocations"] = [{"fullyQualifiedName": visible(finding.entity, MESSAGE_LIMIT)}]
    return {
        "ruleId": visible(finding.rule, MESSAGE_LIMIT),
        "ruleIndex": rule_index,
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(said)},
        "locations": [location],
        # The first is the key that GitHub matches alerts by; without it, it would hash the lines around the place.
        "partialFingerprints": {"primaryLocationLineHash": f"{mark}:1", "tarmacFinding/v1": mark},
    }


def _message(text: str) -> str:
    return _unlinked(text.replace("{", "{{").replace("}", "}}"))


def _unlinked(text: str) -> str:
    return text.replace("](", "]\u200b(")


def _uri(path: str) -> str:
    """A relative reference (RFC 3986): a colon too is encoded, so that no name begins with a scheme."""
    return quote(path[:_LONGEST_PATH].encode("utf-8", "surrogatepass"), safe="/")
