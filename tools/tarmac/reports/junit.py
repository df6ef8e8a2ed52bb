"""Findings as JUnit XML, for services that show test results: a suite a file, a case a finding.

An error is a failed case. Warnings, infos, what is exempted and what is observed fail nothing: they are skipped cases,
which such services show with their message. XML can not hold most control characters at all, so everything that cannot
be seen stands there as a visible escape; markup is escaped, and what is not ASCII is written as a character reference,
so that no reader can guess the encoding wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from tarmac.model.findings import Finding, Observed, Severity
from tarmac.model.shown import visible
from tarmac.reports.report import MESSAGE_LIMIT, ReportInput, exempted_line, extent, observed_line
from tarmac.rules.exemption import Exempted

_ESCAPED = re.compile("[&<>\"']|[^\x20-\x7e]")
_LONGEST_PATH = 1000


def report(given: ReportInput) -> str:
    """One document; a run without findings is one case that passed."""
    failures = sum(finding.severity is Severity.ERROR for finding in given.findings)
    beside = len(given.exempted) + len(given.observed)
    skipped = len(given.findings) - failures + beside
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    tests = max(1, len(given.findings)) + beside
    counts = f'tests="{tests}" failures="{failures}" errors="0" skipped="{skipped}"'
    lines.append(f'<testsuites name="tarmac check" {counts}>')
    for path, findings in groupby(given.findings, key=lambda finding: finding.place.path):
        lines += _suite(path, tuple(findings))
    if not given.findings:
        lines.append('  <testsuite name="tarmac check" tests="1" failures="0" errors="0" skipped="0">')
        lines.append(f'    <testcase classname="tarmac check" name="{escaped(extent(given.summary))}"/>')
        lines.append("  </testsuite>")
    if given.exempted:
        lines += _exempted(given.exempted)
    if given.observed:
        lines += _observed(given.observed)
    lines.append("</testsuites>")
    return "\n".join(lines) + "\n"


def _suite(path: str, findings: Sequence[Finding]) -> Iterator[str]:
    name = escaped(path, _LONGEST_PATH)
    failures = sum(finding.severity is Severity.ERROR for finding in findings)
    skipped = len(findings) - failures
    counts = f'tests="{len(findings)}" failures="{failures}" errors="0" skipped="{skipped}"'
    yield f'  <testsuite name="{name}" {counts}>'
    for finding in findings:
        yield from _case(name, finding)
    yield "  </testsuite>"


def _exempted(exempted: Sequence[Exempted]) -> Iterator[str]:
    number = len(exempted)
    yield f'  <testsuite name="exempted" tests="{number}" failures="0" errors="0" skipped="{number}">'
    for one in exempted:
        place = one.finding.place
        path, rule = escaped(place.path, _LONGEST_PATH), escaped(one.finding.rule)
        name = f"{rule} at {place.line}:{place.column}"
        yield f'    <testcase classname="{path}" name="{name}" file="{path}" line="{place.line}">'
        yield f'      <skipped message="{escaped(exempted_line(one), MESSAGE_LIMIT)}"/>'
        yield "    </testcase>"
    yield "  </testsuite>"


def _observed(observed: Sequence[Observed]) -> Iterator[str]:
    number = len(observed)
    yield f'  <testsuite name="observed" tests="{number}" failures="0" errors="0" skipped="{number}">'
    for one in observed:
        yield f'    <testcase classname="observed" name="{escaped(one.rule)} ({one.severity.value})">'
        yield f'      <skipped message="{escaped(observed_line(one), MESSAGE_LIMIT)}"/>'
        yield "    </testcase>"
    yield "  </testsuite>"


def _case(name: str, finding: Finding) -> Iterator[str]:
    line, column = finding.place.line, finding.place.column
    rule, message = escaped(finding.rule), escaped(finding.message, MESSAGE_LIMIT)
    yield f'    <testcase classname="{name}" name="{rule} at {line}:{column}" file="{name}" line="{line}">'
    if finding.severity is Severity.ERROR:
        fix = f"&#10;Fix: {escaped(finding.fix.sentence, MESSAGE_LIMIT)}" if finding.fix else ""
        yield f'      <failure type="{rule}" message="{message}">{name}:{line}:{column}: {message}{fix}</failure>'
    else:
        fix = f" Fix: {escaped(finding.fix.sentence, MESSAGE_LIMIT)}" if finding.fix else ""
        yield f'      <skipped message="{finding.severity.value}: {message}{fix}"/>'
    yield "    </testcase>"


def escaped(text: str, limit: int = 200) -> str:
    """Text for an attribute or content: visible, bounded, markup as references."""
    return _ESCAPED.sub(lambda match: f"&#{ord(match[0])};", visible(text, limit))
