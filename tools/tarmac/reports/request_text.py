"""Requests for a terminal: the list, one of them, and one that is about to be written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from tarmac.catalog.requests import Request
from tarmac.catalog.tags import Tag
from tarmac.model.facts import Decision, Estimate, State
from tarmac.model.findings import Finding, Severity
from tarmac.model.ledger import Condition, RequestState
from tarmac.model.values import show_instant
from tarmac.reports.folding import all_folded
from tarmac.reports.review import RequestReview, TeamReview
from tarmac.reports.review_words import budget_line, item_line
from tarmac.reports.tags import tags_line
from tarmac.reports.text import count, visible

_FROM = {"derived": "derived", "label": "its label", "type": "its type's"}

# request, phase, end, monthly
Row = tuple[Request, str, datetime | None, Estimate]


def list_text(rows: Sequence[Row], columns: int | None = None) -> str:
    """A line a request, in columns, and how many there are. Where a terminal has too few columns for that, two lines:
    name, phase and end, and below what it is."""
    table = [
        (
            request.entity.name,
            phase,
            f"{request.type_name}@{request.version_name}",
            request.environment,
            "" if request.owner is None else request.owner.name,
            "" if end is None else f"until {show_instant(end)}",
        )
        for request, phase, end, _ in rows
    ]
    shown = [tuple(visible(cell) for cell in line) for line in table]
    widths = [max((len(line[column]) for line in shown), default=0) for column in range(6)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in shown]
    if columns is not None and max(map(len, lines), default=0) > columns:
        lines = [text for line in shown for text in _in_two(line)]
    return "\n".join([*lines, count(len(rows), "request"), ""])


def _in_two(line: Sequence[str]) -> Iterator[str]:
    name, phase, *rest, end = line
    yield f"{name}: {phase}{f' {end}' if end else ''}"
    yield f"    {', '.join(cell for cell in rest if cell)}"


def show_text(
    row: Row,
    state: RequestState | None,
    tags: Mapping[str, Tag],
    conditions: Sequence[Condition] = (),
    columns: int | None = None,
) -> str:
    """Everything about one request; folded where a terminal has only so many columns."""
    request, phase, end, estimate = row
    lines = [f"{visible(str(request.ref))}: {phase}"]
    facts = {
        "type": f"{request.type_name}@{request.version_name}",
        "owner": str(request.owner or ""),
        "for": str(request.service or ""),
        "environment": request.environment,
        "file": request.entity.path,
        "reason": request.entity.text("spec", "reason") or "",
        "uid": "" if state is None else state.subject.uid,
        "ready": "" if state is None or state.ready_at is None else show_instant(state.ready_at),
        "secret": "" if state is None else state.secret,
        "credential": "" if state is None or state.credential_since is None else show_instant(state.credential_since),
        "ends": "" if end is None else show_instant(end),
    }
    lines += [f"  {name:<12} {visible(value)}" for name, value in facts.items() if value]
    lines += ["  conditions"] if conditions else []
    lines += [f"    {_condition(one)}" for one in conditions]
    lines.append("  config")
    lines += [f"    {visible(key)}: {visible(json.dumps(value))}" for key, value in sorted(request.config.items())]
    lines.append("  tags")
    lines += [f"    {visible(key)}: {visible(tag.value)} ({_FROM[tag.source]})" for key, tag in tags.items()]
    return all_folded([*lines, *_cost(estimate)], columns)


def _condition(condition: Condition) -> str:
    """`Ready: no (failed) since 2026-12-01T06:00:00Z, after 3 attempts: what is wrong`."""
    tried = f", after {count(condition.attempts, 'attempt')}" if condition.attempts else ""
    said = f": {visible(condition.message)}" if condition.message else ""
    status = "yes" if condition.status else "no"
    return (
        f"{condition.type}: {status} ({visible(condition.reason)}) since {show_instant(condition.since)}{tried}{said}"
    )


def draft_text(
    path: str,
    text: str,
    request: RequestReview,
    team: TeamReview | None,
    decision: Decision,
    findings: Sequence[Finding],
    life: str,
) -> str:
    """What would be written, and what merging it would mean."""
    lines = [f"{path}:", ""]
    lines += [f"    {visible(line)}".rstrip() for line in text.splitlines()]
    lines.append("")
    if request.after is not None:
        lines += _cost(request.after)
    if team is not None:
        lines.append(visible(budget_line(team)))
    if request.tags:
        lines.append(visible(f"Tags: {tags_line(request.tags)}"))
    lines.append(f"Life: {life}.")
    if any(finding.severity is Severity.ERROR for finding in findings):
        # Who must approve depends on what is still wrong.
        lines.append("Approvals: known when what follows is mended.")
    else:
        lines += _approvals(decision)
    for finding in findings:
        lines.append(f"{visible(str(finding.place))}: {finding.severity.value}: {visible(finding.message)}")
        if finding.fix is not None:
            lines.append(f"    fix: {visible(finding.fix.sentence)}")
    return "\n".join([*lines, ""])


def _cost(estimate: Estimate) -> Iterator[str]:
    least = "" if estimate.complete else "at least "
    yield f"Cost: {least}{estimate.monthly} a month"
    yield from (f"    {visible(item_line(item, estimate.currency))}" for item in estimate.items)
    if estimate.unpriced is not None:
        yield f"    unknown: {visible(estimate.unpriced)}"


def _approvals(decision: Decision) -> Iterator[str]:
    yield f"Approvals: {visible(decision.reason)}"
    for rule in decision.children:
        if rule.state is State.SKIPPED:
            continue
        yield f"    {visible(rule.name)}: {visible(rule.reason)}"
        yield from (f"        because {visible(reason)}" for reason in rule.because)
        for ask in rule.children:
            who = f" ({', '.join(ask.candidates)})" if ask.candidates else ""
            yield f"        {visible(ask.name)}{visible(who)}"
