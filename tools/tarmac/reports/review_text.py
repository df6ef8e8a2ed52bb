"""A review for a terminal: the verdict first, then what it rests on. Nothing from a repository reaches it unescaped."""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.model.facts import Decision, Estimate, State
from tarmac.model.findings import observed
from tarmac.model.shown import visible
from tarmac.reports.approvals import UNASKED, unasked, unheard
from tarmac.reports.plan_text import SIGNS
from tarmac.reports.report import exempted_line, observed_line
from tarmac.reports.review import Review
from tarmac.reports.review_plan import change_line, step_line, warnings
from tarmac.reports.review_words import (
    approvals_line,
    budget_line,
    changed_line,
    cost_line,
    expiry,
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

_WIDE = 400


def report(review: Review) -> str:
    """Plain text, a heading a part; parts with nothing to say are left out."""
    unseen = uncommitted_line(review)
    lines = [verdict_line(review), *([unseen] if unseen else []), *warnings(review), cost_line(review)]
    lines += [budget_line(team) for team in review.teams]
    reach = reach_line(review)
    lines += [approvals_line(review), *([reach] if reach else [])]
    if review.approval:
        lines.append(review.approval)
    for title, part in (
        ("What changes", _changes(review)),
        ("After the merge", _steps(review)),
        ("Cost a month", _costs(review)),
        ("Budgets", _budgets(review)),
        ("Approvals", _approvals(review.decision)),
        ("Findings", _findings(review)),
        ("Tags", _tags(review)),
        ("Scorecards", (move_line(move) for move in review.moves)),
        ("References to rewrite", _broken(review)),
        ("Blast radius", _impacts(review)),
        ("Judged by the base", _judging(review)),
        ("Observed, without effect", (observed_line(one) for one in observed(review.new))),
        ("Exempted", (exempted_line(one) for one in review.exempted)),
    ):
        found = list(part)
        if found:
            lines += ["", title, *(f"  {line}" for line in found)]
    return "\n".join(visible(line, _WIDE) for line in lines) + "\n"


def _changes(review: Review) -> Iterator[str]:
    yield from (changed_line(one) for one in _all_changes(review))
    yield from (f"! {path}: in conflict" for path in review.conflicts)


def _all_changes(review: Review) -> Iterator[tuple[str, str, str]]:
    change = review.change
    yield from (("+", str(entity.ref), entity.path) for entity in change.added)
    yield from (("-", str(entity.ref), entity.path) for entity in change.removed)
    for found in change.changed:
        yield "~", str(found.new.ref), ", ".join(field.name for field in found.fields)
    for renamed in change.renamed:
        how = "as it says itself" if renamed.declared else "by git; it does not say so: see After the merge"
        yield "~", str(renamed.new.ref), f"was {renamed.old.ref}, {how}"
    yield from (("~", str(moved.ref), f"moved from {moved.old_path} to {moved.new_path}") for moved in change.moved)


def _steps(review: Review) -> Iterator[str]:
    for step in review.steps:
        yield f"{SIGNS[step.action.verb]:>3} {step_line(step)}"
        yield from (f"      {change_line(change)}" for change in step.action.changes)


def _costs(review: Review) -> Iterator[str]:
    for request in review.requests:
        amounts = f"{_amount(request.before)} -> {_amount(request.after)}"
        yield f"{request.entity.ref}: {amounts}; {expiry(request, review.now)}"
        if request.after is not None:
            yield from (f"  {item_line(item, request.after.currency)}" for item in request.after.items)
            if request.after.unpriced:
                yield f"  unknown: {request.after.unpriced}"


def _amount(found: Estimate | None) -> str:
    if found is None:
        return "nothing"
    return str(found.monthly) if found.complete else f"at least {found.monthly}"


def _budgets(review: Review) -> Iterator[str]:
    for team in review.teams:
        status = team.after
        if status is None:
            continue
        for threshold in status.thresholds:
            yield f"{team.team}: {threshold.at} of {threshold.of} -> {threshold.do}: {reached(threshold)}"


def _approvals(decision: Decision) -> Iterator[str]:
    for rule in decision.children:
        if rule.state is State.SKIPPED:
            continue
        yield f"{rule.state.value} {rule.name}" + ("" if rule.children else f": {rule.reason}")
        yield from (f"  because {reason}" for reason in rule.because)
        for ask in rule.children:
            who = f" ({', '.join(ask.candidates)})" if ask.candidates else ""
            yield f"  {ask.state.value} {ask.name}: {ask.reason}{who}"
            yield f"    for {', '.join(ask.about)}"
            yield from (f"    does not count: {one.login}, {one.reason}" for one in unheard(ask))
    strangers = unasked(decision)
    if strangers:
        yield f"{UNASKED}: {', '.join(strangers)}"
    skipped = [rule.name for rule in decision.children if rule.state is State.SKIPPED]
    if skipped:
        yield f"skipped {', '.join(skipped)}"


def _findings(review: Review) -> Iterator[str]:
    for finding in review.told_once:
        yield f"{finding.place}: {finding.severity.value}: {finding.message} [{finding.rule}]"
        if finding.fix is not None:
            yield f"  fix: {finding.fix.sentence}"
    if review.findings:
        yield finding_counts(review)


def _tags(review: Review) -> Iterator[str]:
    for request in review.requests:
        if request.tags:
            yield f"{request.entity.ref}: {tags_line(request.tags)}"


def _broken(review: Review) -> Iterator[str]:
    for found in review.broken:
        instead = rewrite(found) or f"write {found.replacement}"
        yield f"{found.place}: {found.source} refers to {found.target}, which is gone: {instead}"


def _impacts(review: Review) -> Iterator[str]:
    for one in review.impacts:
        found = one.impact
        beside = f" (with {', '.join(map(str, one.together))})" if one.together else ""
        yield f"{one.operation} {found.ref}{beside}: risk {found.risk.value}, {found.reason}"
        for dependent in found.reached:
            yield f"  {' <- '.join(str(step) for step in reversed(dependent.path))} ({dependent.strength.value})"
        if found.owners:
            yield f"  owners: {', '.join(map(str, found.owners))}"


def _judging(review: Review) -> Iterator[str]:
    yield from (f"{name} {what}" for name, what in judging_lines(review))
    found = review.judged_by_itself
    if found is None:
        return
    for name, what, fields in found.policies:
        yield f"policy {name}: {what}{': ' if fields else ''}{', '.join(fields)}"
    yield f"judged by its own documents, {own_verdict(found)}"
    for sign, findings in (("+", found.appear), ("-", found.go)):
        for finding in findings:
            yield f"  {sign} {finding.place}: {finding.severity.value}: {finding.message} [{finding.rule}]"
    for result in found.failing:
        yield f"test {result.case} of {result.policy} fails: {result.fault}"
