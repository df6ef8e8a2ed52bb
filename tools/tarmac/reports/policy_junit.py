"""Tests of policies as JUnit XML: a suite a policy, a case a case; what is wrong with policies is a suite of its own.

Everything that cannot be seen stands as a visible escape and what is not ASCII as a character reference, as in
junit.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from tarmac.model.findings import Finding, Severity
from tarmac.reports.junit import escaped
from tarmac.reports.policy import PolicyTests
from tarmac.rules.policy_tests import CaseResult

_WIDE = 1000


def tests(run: PolicyTests) -> str:
    """One document. A run without a case and without a finding has no suite."""
    errors = [finding for finding in run.findings if finding.severity is Severity.ERROR]
    failures = sum(result.fault is not None for result in run.results) + len(errors)
    total = len(run.results) + len(run.findings)
    counts = f'tests="{total}" failures="{failures}" errors="0" skipped="{len(run.findings) - len(errors)}"'
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', f'<testsuites name="tarmac policy test" {counts}>']
    for policy, results in groupby(run.results, key=lambda result: result.policy):
        lines += _suite(policy, tuple(results))
    if run.findings:
        lines += _findings(run.findings, len(errors))
    lines.append("</testsuites>")
    return "\n".join(lines) + "\n"


def _suite(policy: str, results: Sequence[CaseResult]) -> Iterator[str]:
    failures = sum(result.fault is not None for result in results)
    name = escaped(policy)
    yield f'  <testsuite name="{name}" tests="{len(results)}" failures="{failures}" errors="0" skipped="0">'
    for result in results:
        path = escaped(result.place.path, _WIDE)
        case = f'classname="{name}" name="{escaped(result.case)}" file="{path}" line="{result.place.line}"'
        if result.fault is None:
            yield f"    <testcase {case}/>"
            continue
        yield f"    <testcase {case}>"
        yield f'      <failure type="policy-test" message="{escaped(result.fault, _WIDE)}"/>'
        yield "    </testcase>"
    yield "  </testsuite>"


def _findings(findings: Sequence[Finding], errors: int) -> Iterator[str]:
    skipped = len(findings) - errors
    yield f'  <testsuite name="findings" tests="{len(findings)}" failures="{errors}" errors="0" skipped="{skipped}">'
    for finding in findings:
        place, rule = finding.place, escaped(finding.rule)
        path, message = escaped(place.path, _WIDE), escaped(finding.message, _WIDE)
        name = f"{rule} at {place.line}:{place.column}"
        yield f'    <testcase classname="{path}" name="{name}" file="{path}" line="{place.line}">'
        if finding.severity is Severity.ERROR:
            yield f'      <failure type="{rule}" message="{message}"/>'
        else:
            yield f'      <skipped message="{finding.severity.value}: {message}"/>'
        yield "    </testcase>"
    yield "  </testsuite>"
