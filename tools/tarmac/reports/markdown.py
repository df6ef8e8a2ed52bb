"""A review as Markdown, for a pull request's comment, a check run or a job's summary, within what GitHub takes.

Whatever comes from the repository is inert: markdown_text.py says how.
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.reach import Dependent
from tarmac.model.facts import Decision, State
from tarmac.model.findings import Finding, Severity, observed
from tarmac.model.places import Place
from tarmac.reports.approvals import UNASKED, unasked, unheard
from tarmac.reports.markdown_text import LONG, Part, Room, code, folded, plain, utf8, within
from tarmac.reports.report import count, exempted_line, observed_line
from tarmac.reports.review import Review
from tarmac.reports.review_links import Lines, Links
from tarmac.reports.review_mermaid import drawing
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

# GitHub takes 65,536 characters of a comment, 65,535 of a check run's summary, and drops a step's summary whole when it
# is larger than 1,024 KiB, with what other steps wrote. A character is at most four bytes of UTF-8.
COMMENT = Room(65_000)
CHECK = Room(65_000, utf8)
STEP = Room(1000 * 1024, utf8)

_TEAMS = 3
_BELOW = 10
# Room for the line that counts what is left out, and for the ends of lines.
_RESERVE = 1000
_COSTS = ("| request | before | after | expires |", "|---|---:|---:|---|")
_SIGNS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "info"}


def report(review: Review, links: Links | None = None, room: Room = COMMENT) -> str:
    """The first five lines say what a person needs, warnings beside the verdict; details are folded below, as many as
    there is room for. With `links` places are links to the forge."""
    opening = [*_lines(review), *(["", plain(review.approval)] if review.approval else [])]
    closing = ["", f"<sub>{_about(review)}</sub>", "", MARKER]
    free = room.limit - room.measure("\n".join((*opening, *closing))) - _RESERVE
    parts, left_out = folded(_parts(review, None if links is None else Lines(links, review)), Room(free, room.measure))
    more = []
    if left_out:
        run = None if links is None else links.run
        where = "run `tarmac review` to see all of it" if run is None else f"[see all of it]({run})"
        more = ["", f"{count(left_out, 'more line')} would not fit here: {where}."]
    return "\n".join((*opening, parts.rstrip("\n"), *more, *closing)) + "\n"


def _lines(review: Review) -> list[str]:
    """Verdict, cost, budget, approvals, expiry, and what is beyond; each ends a line of its own."""
    said = (verdict_line(review), uncommitted_line(review), *warnings(review))
    budgets = [budget_line(team) for team in review.teams[:_TEAMS]]
    if len(review.teams) > _TEAMS:
        budgets.append(f"And {count(len(review.teams) - _TEAMS, 'more team')}: see Budgets.")
    lines = [
        " ".join(f"**{plain(line)}**" for line in said if line),
        plain(cost_line(review)),
        plain(" ".join(budgets) or "Budget: no team's budget is touched."),
        plain(approvals_line(review)),
        plain(expiry_line(review)),
        *(plain(line) for line in (reach_line(review),) if line),
    ]
    # Two blanks at the end: each is a line of its own.
    return [*(line + "  " for line in lines[:-1]), lines[-1]]


def _parts(review: Review, lines: Lines | None) -> Iterator[Part]:
    yield Part("What changes", [*_changes(review)])
    yield Part("After the merge", [*_steps(review)])
    yield Part("Cost", [*_costs(review)], _COSTS if review.requests else ())
    yield Part("Cost, item by item", [*_items(review)])
    yield Part("Budgets", [*_budgets(review)])
    yield Part("Approvals", [*_approvals(review.decision)])
    yield Part(f"Findings: {finding_counts(review)}", [*_findings(review, lines)])
    yield Part("Tags", [*_tags(review)])
    yield Part("Scorecards", [f"- {code(move_line(move), LONG)}" for move in review.moves])
    yield Part("References to rewrite", [*_broken(review, lines)])
    yield Part("Blast radius", [*_impacts(review)], drawing(review))
    yield Part("Documents that judge", [*_judging(review, lines)])
    yield Part("Observed, without effect", [f"- {code(observed_line(one))}" for one in observed(review.new)])
    yield Part("Exempted", [*_exempted(review)])


def _place(place: Place, lines: Lines | None) -> str:
    shown = code(str(place))
    return shown if lines is None else f"[{shown}]({lines.at(place)})"


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
        first = f"- {code(step_line(step), LONG)}"
        yield within(first, step.action.changes, lambda change: f"  - {code(change_line(change))}")


def _costs(review: Review) -> Iterator[str]:
    for request in review.requests:
        sides = [
            "" if side is None else f"{'' if side.complete else 'at least '}{side.monthly}"
            for side in (request.before, request.after)
        ]
        yield (
            f"| {code(str(request.entity.ref))} | {plain(sides[0])} | {plain(sides[1])} |"
            f" {plain(expiry(request, review.now))} |"
        )


def _items(review: Review) -> Iterator[str]:
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
            yield f"- {code(str(team.team))} added {plain(str(team.recent))} a month within 30 days"
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
        first = f"- **{rule.state.value}** {code(rule.name)}" + ("" if rule.children else f": {plain(rule.reason)}")
        first = within(first, rule.because, lambda reason: f"  - because {code(reason)}")
        yield within(first, rule.children, _ask)
    strangers = unasked(decision)
    if strangers:
        more = f" and {len(strangers) - _BELOW} more" if len(strangers) > _BELOW else ""
        yield f"- {UNASKED}: {', '.join(code(name) for name in strangers[:_BELOW])}{more}"
    skipped = [rule.name for rule in decision.children if rule.state is State.SKIPPED]
    if skipped:
        more = f" and {len(skipped) - 20} more" if len(skipped) > 20 else ""
        yield f"- do not apply: {', '.join(code(name) for name in skipped[:20])}{more}"


def _ask(ask: Decision) -> str:
    """What a rule asks for: of whom, for what, who could give it, and whose word does not count."""
    who = ""
    if ask.candidates:
        more = f" and {len(ask.candidates) - _BELOW} more" if len(ask.candidates) > _BELOW else ""
        who = f", could approve: {', '.join(code(name) for name in ask.candidates[:_BELOW])}{more}"
    lines = [f"  - {ask.state.value}: {code(ask.name)}, {plain(ask.reason)}{who}"]
    about = ", ".join(code(name) for name in ask.about[:5])
    lines.append(f"    - for {about}" + (f" and {len(ask.about) - 5} more" if len(ask.about) > 5 else ""))
    deaf = unheard(ask)
    lines += [f"    - does not count: {code(one.login)}, {plain(one.reason)}" for one in deaf[:5]]
    if len(deaf) > 5:
        lines.append(f"    - and {len(deaf) - 5} more that do not count")
    return "\n".join(lines)


def _findings(review: Review, lines: Lines | None) -> Iterator[str]:
    order = list(Severity)
    for finding in sorted(review.told_once, key=lambda one: order.index(one.severity)):
        fix = f" Fix: {code(finding.fix.sentence)}." if finding.fix else ""
        yield f"- {_said(finding, lines)}.{fix}"


def _said(finding: Finding, lines: Lines | None) -> str:
    where = _place(finding.place, lines)
    return f"**{_SIGNS[finding.severity]}** {where} {code(finding.message)} ({code(finding.rule)})"


def _tags(review: Review) -> Iterator[str]:
    for request in review.requests:
        if request.tags:
            yield f"- {code(str(request.entity.ref))} {code(tags_line(request.tags), LONG)}"


def _broken(review: Review, lines: Lines | None) -> Iterator[str]:
    for found in review.broken:
        instead = rewrite(found) or f"write {code(str(found.replacement))}"
        yield f"- {_place(found.place, lines)} names {code(found.text)}, which is gone: {instead}"


def _impacts(review: Review) -> Iterator[str]:
    for one in review.impacts:
        found = one.impact
        beside = f" with {', '.join(code(str(ref)) for ref in one.together[:10])}" if one.together else ""
        if len(one.together) > 10:
            beside += f" and {len(one.together) - 10} more"
        first = f"- {one.operation} {code(str(found.ref))}{beside}: **{found.risk.value}**, {plain(found.reason)}"
        below = []
        if found.owners:
            more = f" and {len(found.owners) - 20} more" if len(found.owners) > 20 else ""
            below.append(f"  - owners to tell: {', '.join(code(str(owner)) for owner in found.owners[:20])}{more}")
        if found.tiers:
            below.append(f"  - tiers: {', '.join(f'{plain(tier, 60)} {number}' for tier, number in found.tiers[:20])}")
        yield "\n".join((within(first, found.reached, _way), *below))


def _way(dependent: Dependent) -> str:
    """From one that is reached to what it needs in the end; of a long way the two ends."""
    steps = [str(step) for step in dependent.path]
    if len(steps) > _BELOW:
        steps = [*steps[:4], f"({len(steps) - 8} more)", *steps[-4:]]
    return f"  - {' needs '.join(map(code, steps))} ({dependent.strength.value})"


def _judging(review: Review, lines: Lines | None) -> Iterator[str]:
    yield from (f"- {code(name)} {what}" for name, what in judging_lines(review))
    found = review.judged_by_itself
    if found is None:
        return
    for name, what, fields in found.policies:
        differing = f": {', '.join(code(field) for field in fields[:8])}" if fields else ""
        more = f" and {len(fields) - 8} more" if len(fields) > 8 else ""
        yield f"- policy {code(name)}: {what}{differing}{more}"
    yield f"- judged by its own documents, {own_verdict(found)}"
    for sign, findings in (("would appear", found.appear), ("would go", found.go)):
        yield from (f"  - {sign}: {_said(finding, lines)}" for finding in findings)
    for result in found.failing:
        yield f"- test {code(result.case)} of {code(result.policy)} fails: {code(result.fault or '')}"


def _exempted(review: Review) -> Iterator[str]:
    return (f"- {code(exempted_line(one), LONG)}" for one in review.exempted)


def _about(review: Review) -> str:
    commits = f"base {review.base[:12]}, head {review.head[:12]}, tree {review.merged[:12]}"
    return plain(f"{commits}, at {review.now.isoformat()}")
