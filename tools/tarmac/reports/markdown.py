"""A review as Markdown, for a pull request's comment or a job's summary.

Whatever comes from the repository has its special characters as entities, which are never taken for structure
(CommonMark, "Entity and numeric character references"), and stands in code, where nobody is mentioned, or, in the few
sentences that name a team or a rule, with a zero-width space where a mention or an issue's number would begin. So it
can not mention, close a fence, open a tag, link, or forge a marker.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from tarmac.model.facts import Decision, State
from tarmac.model.findings import Severity, observed
from tarmac.model.shown import visible
from tarmac.reports.approvals import ignored
from tarmac.reports.report import exempted_line, observed_line
from tarmac.reports.review import Review
from tarmac.reports.review_plan import change_line, step_line, warnings
from tarmac.reports.review_words import (
    approvals_line,
    budget_line,
    cost_line,
    expiry,
    expiry_line,
    finding_counts,
    item_line,
    judging_lines,
    own_verdict,
    reach_line,
    reached,
    rewrite,
    uncommitted_line,
    verdict_line,
)
from tarmac.reports.scorecard import move_line
from tarmac.reports.tags import tags_line

# By this the comment is found again; nothing that a repository holds can write it.
MARKER = "<!-- tarmac:review -->"

# A part shows so many lines and then says how many there are more.
_ROWS = 50
_WIDE = 300
_LONG = 2000
_SPECIAL = re.compile(r"""[&<`*_~\[\]@#|\\$]|(?<=[A-Za-z]):(?=//)|(?<=www)\.""", re.IGNORECASE)
_MENTION = re.compile(r"&#(?:64|35);|(?<=GH)(?=-)", re.IGNORECASE)
_SIGNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}


def code(text: str, limit: int = _WIDE) -> str:
    """Text from a repository as code that is only ever seen: one line, bounded, inert in any place of a document."""
    return f"<code>{_inert(visible(text, limit))}</code>"


def report(review: Review) -> str:
    """The first five lines say what a person needs, after warnings where there are any; details are folded below."""
    lines = [
        f"**{_plain(verdict_line(review))}**",
        *(f"**{_plain(line)}**" for line in (uncommitted_line(review), *warnings(review)) if line),
        _plain(cost_line(review)),
        _plain(" ".join(budget_line(team) for team in review.teams) or "Budget: no team's budget is touched."),
        _plain(approvals_line(review)),
        _plain(expiry_line(review)),
        *(_plain(line) for line in (reach_line(review),) if line),
    ]
    # Two blanks at the end: each is a line of its own.
    lines = [*(line + "  " for line in lines[:-1]), lines[-1]]
    if review.approval:
        lines += ["", _plain(review.approval)]
    parts = [
        ("What changes", _changes(review)),
        ("After the merge", _steps(review)),
        ("Cost", _costs(review)),
        ("Budgets", _budgets(review)),
        ("Approvals", _approvals(review.decision)),
        (f"Findings: {finding_counts(review)}", _findings(review)),
        ("Tags", _tags(review)),
        ("Scorecards", (f"- {code(move_line(move), _LONG)}" for move in review.moves)),
        ("References to rewrite", _broken(review)),
        ("Blast radius", _impacts(review)),
        ("Documents that judge", _judging(review)),
        ("Observed, without effect", (f"- {code(observed_line(one))}" for one in observed(review.new))),
        ("Exempted", _exempted(review)),
    ]
    for title, part in parts:
        lines += _folded(title, part)
    lines += ["", f"<sub>{_about(review)}</sub>", "", MARKER]
    return "\n".join(lines) + "\n"


def _inert(text: str) -> str:
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", text)


def _plain(text: str) -> str:
    """A sentence of ours that names things of the repository's."""
    return _MENTION.sub(lambda match: f"{match[0]}&#8203;", _inert(visible(text, _LONG)))


def _folded(title: str, part: Iterable[str]) -> Iterator[str]:
    rows = list(part)
    if not rows:
        return
    yield from ("", f"<details><summary>{_plain(title)}</summary>", "")
    yield from rows[:_ROWS]
    if len(rows) > _ROWS:
        yield f"- and {len(rows) - _ROWS} more"
    yield from ("", "</details>")


def _changes(review: Review) -> Iterator[str]:
    change = review.change
    yield from (f"- conflict in {code(path)}" for path in review.conflicts)
    yield from (f"- added {code(str(entity.ref))} in {code(entity.path)}" for entity in change.added)
    for found in change.changed:
        fields = ", ".join(code(field.name) for field in found.fields[:8])
        more = f" and {len(found.fields) - 8} more" if len(found.fields) > 8 else ""
        yield f"- changed {code(str(found.new.ref))}: {fields}{more}"
    yield from (f"- removed {code(str(entity.ref))}, was in {code(entity.path)}" for entity in change.removed)
    for renamed in change.renamed:
        how = "" if renamed.declared else "; it does not say so: see After the merge"
        yield f"- renamed {code(str(renamed.old.ref))} to {code(str(renamed.new.ref))}{how}"
    for moved in change.moved:
        yield f"- moved {code(str(moved.ref))} from {code(moved.old_path)} to {code(moved.new_path)}"


def _steps(review: Review) -> Iterator[str]:
    for step in review.steps:
        yield f"- {code(step_line(step), _LONG)}"
        yield from (f"  - {code(change_line(change))}" for change in step.action.changes)


def _costs(review: Review) -> Iterator[str]:
    if not review.requests:
        return
    yield "| request | before | after | expires |"
    yield "|---|---:|---:|---|"
    for request in review.requests:
        sides = [
            "" if side is None else f"{'' if side.complete else 'at least '}{side.monthly}"
            for side in (request.before, request.after)
        ]
        yield (
            f"| {code(str(request.entity.ref))} | {_plain(sides[0])} | {_plain(sides[1])} |"
            f" {_plain(expiry(request, review.now))} |"
        )
    yield ""
    for request in review.requests:
        if request.after is not None:
            for item in request.after.items:
                yield f"- {code(request.entity.name)} {code(item_line(item, request.after.currency))}"
            if request.after.unpriced:
                yield f"- {code(request.entity.name)} unknown: {code(request.after.unpriced)}"


def _budgets(review: Review) -> Iterator[str]:
    for team in review.teams:
        if team.after is None:
            continue
        if team.recent is not None:
            yield f"- {code(str(team.team))} added {_plain(str(team.recent))} a month within 30 days"
        for threshold in team.after.thresholds:
            state = reached(threshold)
            rule = f"{threshold.at} of {threshold.of}: {threshold.do}"
            yield f"- {code(str(team.team))} {code(rule)} {state}"
        if team.proposed is not None and team.proposed.limit is not None:
            yield f"- {code(str(team.team))} gets another budget with this change; the one of the base judges it"


def _approvals(decision: Decision) -> Iterator[str]:
    for rule in decision.children:
        if rule.state is State.SKIPPED:
            continue
        yield f"- **{rule.state.value}** {code(rule.name)}" + ("" if rule.children else f": {_plain(rule.reason)}")
        yield from (f"  - because {code(reason)}" for reason in rule.because)
        for ask in rule.children:
            who = f", could approve: {', '.join(code(name) for name in ask.candidates[:10])}" if ask.candidates else ""
            yield f"  - {ask.state.value}: {code(ask.name)}, {_plain(ask.reason)}{who}"
            about = ", ".join(code(name) for name in ask.about[:5])
            yield f"    - for {about}" + (f" and {len(ask.about) - 5} more" if len(ask.about) > 5 else "")
            unheard = ignored(ask)
            yield from (f"    - does not count: {code(one.login)}, {_plain(one.reason)}" for one in unheard[:5])
            if len(unheard) > 5:
                yield f"    - and {len(unheard) - 5} more that do not count"
    skipped = [rule.name for rule in decision.children if rule.state is State.SKIPPED]
    if skipped:
        yield f"- do not apply: {', '.join(code(name) for name in skipped)}"


def _findings(review: Review) -> Iterator[str]:
    for finding in review.told_once:
        fix = f" Fix: {code(finding.fix.sentence)}." if finding.fix else ""
        yield (
            f"- **{_SIGNS[finding.severity]}** {code(str(finding.place))} {code(finding.message)}"
            f" ({code(finding.rule)}).{fix}"
        )


def _tags(review: Review) -> Iterator[str]:
    for request in review.requests:
        if request.tags:
            yield f"- {code(str(request.entity.ref))} {code(tags_line(request.tags), _LONG)}"


def _broken(review: Review) -> Iterator[str]:
    for found in review.broken:
        instead = rewrite(found) or f"write {code(str(found.replacement))}"
        yield f"- {code(str(found.place))} names {code(found.text)}, which is gone: {instead}"


def _impacts(review: Review) -> Iterator[str]:
    for one in review.impacts:
        found = one.impact
        beside = f" with {', '.join(code(str(ref)) for ref in one.together[:10])}" if one.together else ""
        yield f"- {one.operation} {code(str(found.ref))}{beside}: **{found.risk.value}**, {_plain(found.reason)}"
        for dependent in (*found.direct, *found.transitive):
            way = " needs ".join(code(str(step)) for step in dependent.path)
            yield f"  - {way} ({dependent.strength.value})"
        if found.owners:
            yield f"  - owners to tell: {', '.join(code(str(owner)) for owner in found.owners)}"
        if found.tiers:
            yield f"  - tiers: {', '.join(f'{_plain(tier)} {number}' for tier, number in found.tiers)}"


def _judging(review: Review) -> Iterator[str]:
    yield from (f"- {code(name)} {what}" for name, what in judging_lines(review))
    found = review.judged_by_itself
    if found is None:
        return
    for name, what, fields in found.policies:
        differing = f": {', '.join(code(field) for field in fields[:8])}" if fields else ""
        yield f"- policy {code(name)}: {what}{differing}"
    yield f"- judged by its own documents, {own_verdict(found)}"
    for sign, findings in (("would appear", found.appear), ("would go", found.go)):
        for finding in findings:
            said = f"{code(str(finding.place))} {code(finding.message)} ({code(finding.rule)})"
            yield f"  - {sign}: **{_SIGNS[finding.severity]}** {said}"
    for result in found.failing:
        yield f"- test {code(result.case)} of {code(result.policy)} fails: {code(result.fault or '')}"


def _exempted(review: Review) -> Iterator[str]:
    return (f"- {code(exempted_line(one), _LONG)}" for one in review.exempted)


def _about(review: Review) -> str:
    commits = f"base {review.base[:12]}, head {review.head[:12]}, tree {review.merged[:12]}"
    return _plain(f"{commits}, at {review.now.isoformat()}")
