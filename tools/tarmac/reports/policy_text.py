"""Policies for a terminal: their tests, what they look at, why they say what they say, and what they would have done.

Nothing from a repository reaches the terminal as anything but visible characters on one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from tarmac.model.findings import Finding, Severity
from tarmac.model.shown import visible
from tarmac.model.values import show_instant
from tarmac.reports.policy import PolicyRow, PolicyTests, Replay
from tarmac.reports.policy_json import value_text
from tarmac.reports.report import count
from tarmac.rules.policy_judging import Match
from tarmac.rules.policy_reasons import Operand, Reasons
from tarmac.rules.policy_tests import CaseResult

_WIDE = 400
_VERBS = {Severity.ERROR: "blocked", Severity.WARNING: "warned of", Severity.INFO: "spoken of"}


def tests(run: PolicyTests) -> str:
    """A block for each case that did not come out and each finding, then the count."""
    lines: list[str] = []
    failing = (result for result in run.results if result.fault is not None)
    # A policy that does not compile fails all its cases for one reason.
    for _, same in groupby(failing, key=lambda result: (result.policy, result.fault)):
        first, *others = same
        lines += [*_case(first), *([f"  the same of {count(len(others), 'more case')}"] if others else []), ""]
    for finding in run.findings:
        lines += [*finding_lines(finding), ""]
    failed = sum(result.fault is not None for result in run.results)
    said = f"{failed} did not come out as expected" if failed else "all came out as expected"
    cases = f"{count(len(run.results), 'case')}: {said}" if run.results else "no case that could show anything"
    wrong = sum(finding.severity is Severity.ERROR for finding in run.findings)
    beside = f"; {count(wrong, 'error')} beside" if wrong else ""
    lines.append(f"{count(run.policies, 'policy', 'policies')}, {cases}{beside}")
    return "\n".join(lines) + "\n"


def rows(policies: Sequence[PolicyRow]) -> str:
    """Two lines a policy: what it is and what it looks at, then what comes out."""
    lines = []
    for row in policies:
        mode = "observe" if row.observe else "enforce"
        controls = f", proves {visible(', '.join(row.controls), _WIDE)}" if row.controls else ""
        lines.append(f"{visible(row.name)}  {row.severity.value}, {mode}{controls}")
        lines.append(f"  looks at {match_words(row.match)}: {_outcomes(row)}")
        lines.append(f"  {count(sum(row.tests.values()), 'test')} within; {visible(str(row.place), _WIDE)}")
    lines.append(count(len(policies), "policy", "policies"))
    return "\n".join(lines) + "\n"


def reasons(found: Reasons) -> str:
    """The verdict and why, then every fact and every operand with its value."""
    verdict = found.verdict
    name, ref = visible(found.policy.name), visible(str(found.entity.ref), _WIDE)
    said = {"pass": "passes", "fail": "fails", "skip": "does not look at"}[verdict.outcome]
    lines = [f"{name} {said} {ref}" if verdict.outcome == "skip" else f"{ref} {said} {name}"]
    lines += [f"  because {visible(why, _WIDE)}" for why in found.why]
    if verdict.outcome == "fail":
        lines.append(f"  it says: {visible(verdict.message, _WIDE)}")
    if found.exempted is not None:
        by = visible(str(found.exempted.exemption), _WIDE)
        lines.append(f"  exempted until {show_instant(found.exempted.until)} by {by}")
    if verdict.error is not None:
        lines.append(f"  it cannot be evaluated, which counts as failed: {visible(verdict.error, _WIDE)}")
    for title, operand in (("when", found.when), ("require", found.require)):
        if operand is not None:
            lines += ["", title, *_operand(operand, 1)]
    if found.facts:
        lines += ["", "facts"]
        lines += [f"  {visible(path, _WIDE)} = {value_text(value, _WIDE)}" for path, value in found.facts]
    return "\n".join(lines) + "\n"


def replay(found: Replay) -> str:
    """The count in one sentence, then each commit with what would have been said."""
    what = f"{len(found.against)} of {count(found.commits, 'change')}"
    lines = [
        f"{visible(found.policy)} would have {_VERBS[found.severity]} {what}"
        f" between {show_instant(found.since)} and {show_instant(found.until)}"
    ]
    if not found.complete:
        lines.append("The clone is shallow and does not reach back that far: fetch more of it (git fetch --unshallow)")
    if not found.aged:
        lines.append("It asks how old files were, which a shallow clone does not tell (git fetch --unshallow)")
    for change in found.against:
        commit = change.commit
        lines.append("")
        lines.append(f"{commit.id[:12]}  {show_instant(commit.committed_at)}  {visible(commit.subject, _WIDE)}")
        for finding in change.findings:
            lines.append(f"  {visible(finding.entity or finding.place.path, _WIDE)}: {visible(finding.message, _WIDE)}")
    return "\n".join(lines) + "\n"


def finding_lines(finding: Finding) -> Iterator[str]:
    """Place, severity, message and rule; the fix below."""
    place, message = visible(str(finding.place), _WIDE), visible(finding.message, _WIDE)
    yield f"{place}: {finding.severity.value}: {message} [{visible(finding.rule)}]"
    if finding.fix is not None:
        yield f"  fix: {visible(finding.fix.sentence, _WIDE)}"


def match_words(match: Match) -> str:
    """`component of type service in production`; what is not said is any."""
    words = _listed(match.kinds) or "every kind"
    words += f" of type {_listed(match.types)}" if match.types else ""
    return words + (f" in {_listed(match.environments)}" if match.environments else "")


def _case(result: CaseResult) -> Iterator[str]:
    name = f"{visible(result.policy)}: {visible(result.case, _WIDE)}"
    yield f"{visible(str(result.place), _WIDE)}: {name}"
    if result.messages is None:
        yield f"  {visible(result.fault or '', _WIDE)}"
        return
    expected, actual = (visible(text, _WIDE) for text in result.messages)
    same = next((at for at, pair in enumerate(zip(expected, actual, strict=False)) if pair[0] != pair[1]), None)
    at = min(len(expected), len(actual)) if same is None else same
    yield "  the message is another:"
    yield f"  - {expected}"
    yield f"  + {actual}"
    yield f"    {' ' * at}^"


def _outcomes(row: PolicyRow) -> str:
    if row.fault is not None:
        return f"it does not compile: {visible(row.fault, _WIDE)}"
    if not row.matched:
        return "nothing in this repository"
    number = count(row.matched, "entity", "entities")
    parts = [f"{row.outcomes[word]:,} {said}" for word, said in _SAID if row.outcomes.get(word)]
    return f"{number}: {', '.join(parts)}"


_SAID = (("pass", "pass"), ("fail", "fail"), ("skip", "not looked at (when)"))


def _operand(operand: Operand, depth: int) -> Iterator[str]:
    indent = "  " * depth
    sign = f"{operand.operator}: " if operand.operator else ""
    yield f"{indent}{sign}{visible(operand.source, _WIDE)} = {value_text(operand.value, _WIDE)}"
    for child in operand.children:
        yield from _operand(child, depth + 1)


def _listed(words: Iterable[str]) -> str:
    return visible(", ".join(sorted(words)), _WIDE)
