"""The sentences of a review that more than one output format says. Plain text: each format escapes its own way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from tarmac.catalog.reach import everyone
from tarmac.model.facts import Decision, LineItem, State, Threshold
from tarmac.model.findings import Severity
from tarmac.model.values import EXACT, Money, show_duration, show_instant
from tarmac.reports.report import count
from tarmac.reports.review import UNREADABLE, BrokenReference, RequestReview, Review, TeamReview

if TYPE_CHECKING:
    from tarmac.reports.policy import JudgingChange


def verdict_line(review: Review) -> str:
    """The verdict and its reasons."""
    return f"Verdict: {review.verdict.value}, because {'; '.join(review.reasons)}."


def uncommitted_line(review: Review) -> str | None:
    """What was not looked at because it is not committed, or None."""
    paths = review.uncommitted
    if not paths:
        return None
    more = f" and {len(paths) - 3} more" if len(paths) > 3 else ""
    are = "file is" if len(paths) == 1 else "files are"
    return f"{len(paths)} {are} not committed and not looked at: {', '.join(paths[:3])}{more}."


def cost_line(review: Review) -> str:
    """What the touched requests cost a month, before and after."""
    if not review.requests:
        return "Cost: this change touches no resource request."
    increase = review.monthly_after - review.monthly_before
    sign = "+" if increase.amount >= 0 else ""
    line = f"Cost: {review.monthly_before} -> {review.monthly_after} a month ({sign}{increase})"
    return f"{line}." if review.complete else f"{line}, at least: not all of it is known{_unknown(review)}."


def _unknown(review: Review) -> str:
    """Why, as far as it fits in a line."""
    reasons = [
        f"{request.entity.name}: {reason}"
        for request in review.requests
        for side in (request.after or request.before,)
        if side is not None
        for reason in side.unknowns
    ]
    more = f" and {len(reasons) - 2} more" if len(reasons) > 2 else ""
    return f" ({'; '.join(reasons[:2])}{more})" if reasons else ""


def budget_line(team: TeamReview) -> str:
    """A team's budget, before and after."""
    before, after = team.before, team.after
    if before is None or after is None:
        return f"Budget: {team.team} has none."
    if after.limit is None:
        return f"Budget: no amount of {team.team}'s budget is in force yet."
    amounts = " -> ".join(
        f"{'' if status.complete else 'at least '}{Money(status.committed, status.currency)}"
        for status in (before, after)
    )
    state = _budget_state(team)
    return (
        f"Budget: {team.team} {amounts} of {Money(after.limit, after.currency)} a {after.period}"
        f" ({share(after.committed, after.limit)}){state}; actual and forecast "
        + ("unknown without billing data." if after.actual is None else "from billing data.")
    )


def share(part: Decimal, whole: Decimal) -> str:
    """`part` as a percentage of `whole`, rounded for showing."""
    if whole == 0:
        return "the limit is 0"
    percent = EXACT.divide(EXACT.multiply(part, Decimal(100)), whole)
    return f"{EXACT.quantize(percent, Decimal('0.1')):f}%"


def approvals_line(review: Review) -> str:
    """Who must approve."""
    wanted = list(dict.fromkeys(leaf.name for leaf in open_asks(review.decision)))
    if not wanted:
        return f"Approvals: {review.decision.reason}."
    more = f" and {len(wanted) - 8} more" if len(wanted) > 8 else ""
    return f"Approvals: {', '.join(wanted[:8])}{more}."


def open_asks(decision: Decision) -> tuple[Decision, ...]:
    """What is still to be approved, or can never be: the asks of every rule that is not met."""
    waiting = (State.PENDING, State.ERROR, State.REJECTED)
    return tuple(
        ask
        for rule in decision.children
        if rule.state in waiting
        for ask in (rule.children or (rule,))
        if ask.state in waiting
    )


def groups_of(ask: Decision) -> tuple[str, ...]:
    """The groups that an ask names, by reference."""
    return tuple(word for word in ask.name.split() if word.startswith("group:"))


def expiry(request: RequestReview, now: datetime) -> str:
    """When a request expires."""
    if request.after is None:
        return "is removed"
    if request.operation == UNREADABLE:
        return "its file cannot be read any more"
    if request.expires is not None:
        return f"expires {show_instant(request.expires)}" + (" (already past)" if request.expires <= now else "")
    if request.ttl is not None:
        return f"expires {show_duration(request.ttl)} after it is ready"
    return "does not expire"


def expiry_line(review: Review) -> str:
    """When the touched requests expire, shortest form."""
    coming = [one for one in review.requests if one.after is not None and one.operation != UNREADABLE]
    if not coming:
        return "Expiry: nothing here expires."
    said = [f"{request.entity.name} {expiry(request, review.now)}" for request in coming[:3]]
    more = f", and {len(coming) - 3} more" if len(coming) > 3 else ""
    return f"Expiry: {', '.join(said)}{more}."


def item_line(item: LineItem, currency: str) -> str:
    """One line of an estimate."""
    if item.amount is None:
        return f"{item.item} ({item.sku}): unknown, {item.unknown}"
    if item.price is None or item.quantity is None:
        return f"{item.item} ({item.sku}): {Money(item.amount, currency)}"
    return f"{item.item} ({item.sku}): {item.quantity:f} {item.unit} x {item.price:f} = {Money(item.amount, currency)}"


def changed_line(one: tuple[str, str, str]) -> str:
    """A sign, what, and where or how."""
    sign, name, detail = one
    return f"{sign} {name}" + (f": {detail}" if detail else "")


def reached(threshold: Threshold) -> str:
    """Whether a threshold is reached, as far as anybody knows."""
    if threshold.reached is not None:
        return "reached" if threshold.reached else "not reached"
    return "not reached by what is known" if threshold.of == "projected" else "unknown without billing data"


def finding_counts(review: Review) -> str:
    """How many findings there are, and how many of them the change brings."""
    new = sum(finding.severity is Severity.ERROR for finding in review.new)
    old = len(review.findings) - len(review.new)
    broken = len(review.new) - len(review.told_once)
    beside = f", {broken} of them under References to rewrite" if broken else ""
    return f"{len(review.new)} new, {new} of them errors{beside}; {old} that the base has too"


def rewrite(found: BrokenReference) -> str | None:
    """What a person may do about a reference to what is gone; None where there is a replacement to write."""
    if found.replacement is not None:
        return None
    if found.source.kind == "resourcerequest":
        return "point it at what takes its place, or remove the request where nothing does"
    return "point it at what takes its place, or take it out where nothing does"


def reach_line(review: Review) -> str | None:
    """How far a change reaches, and who is to be told; None where it touches no part that others can need."""
    if not review.impacts:
        return None
    worst = review.impacts[0].impact
    needed = everyone(found.impact for found in review.impacts)
    parts = [f"risk {worst.risk.value} ({worst.ref}: {worst.reason})", f"{count(len(needed), 'dependent')}"]
    if review.broken:
        parts.append(f"{count(len(review.broken), 'reference')} to rewrite")
    tell = sorted({str(owner) for found in review.impacts for owner in found.tell})
    told = f" They need what goes, so talk to {', '.join(tell)}." if tell else ""
    return f"Blast radius: {', '.join(parts)}.{told}"


def _budget_state(team: TeamReview) -> str:
    if team.facts.blocked:
        return ": blocked"
    if team.facts.approvers:
        return f": asks {', '.join(team.facts.approvers)}"
    return ""


def judging_lines(review: Review) -> Iterator[tuple[str, str]]:
    """(document, what its change means) of each that judges changes: none of them judges this one."""
    added = {f"{entity.kind} {entity.name}" for entity in review.change.added}
    for name in review.judging:
        new = name in added
        yield name, "is new and does not judge this change" if new else "changes; the base's version judges this change"


def own_verdict(found: JudgingChange) -> str:
    """What would differ if a change were judged by its own documents, in half a sentence."""
    if not found.appear and not found.go:
        return "the same would be found"
    return f"{count(len(found.appear), 'finding')} would appear and {len(found.go)} would go"
