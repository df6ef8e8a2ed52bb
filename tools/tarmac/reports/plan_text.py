"""A plan, and how applying it went, for a terminal: a sign an action, the reason below, counts in the last line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType

from tarmac.model.json_value import JsonValue
from tarmac.model.ledger import Head
from tarmac.model.notice import Notice, Unsent
from tarmac.model.plan import Action, Breach, Outcome, Plan, Result, Upkeep, Verb
from tarmac.model.values import show_instant
from tarmac.reports.deletion_approval import deletion_approval, removed_paths
from tarmac.reports.text import count, visible

SIGNS: Mapping[Verb, str] = MappingProxyType(
    {
        Verb.CREATE: "+",
        Verb.UPDATE: "~",
        Verb.REPLACE: "-/+",
        Verb.DELETE: "-",
        Verb.EXPIRE: "-",
        Verb.ADOPT: "=",
        Verb.RETRY: "*",
        Verb.ROTATE: "%",
        Verb.HOLD: "!",
        Verb.ORPHAN: "?",
        Verb.NONE: " ",
    }
)
_LONGEST = 60
_PAST = {
    Verb.CREATE: "created",
    Verb.UPDATE: "updated",
    Verb.REPLACE: "replaced",
    Verb.DELETE: "deleted",
    Verb.EXPIRE: "expired",
    Verb.ADOPT: "adopted",
    Verb.RETRY: "settled",
    Verb.ROTATE: "rotated",
}


def plan_text(
    plan: Plan, breaches: Iterable[Breach], notes: Iterable[str], now: datetime | None, where: str = ""
) -> str:
    """The whole plan; what is as it should be is only counted. `where` says which revision the commit is, `now` when
    it was made (None: it is one that was saved)."""
    over = tuple(breaches)
    of = f" ({visible(where)})" if where else ""
    when = ", as it was saved" if now is None else f" at {show_instant(now)}"
    lines = [f"Plan for commit {visible(plan.base[:12])}{of}{when}", ""]
    shown = [action for action in plan.actions if action.verb is not Verb.NONE or action.reason != "as it should be"]
    for action in shown:
        lines += _action(action)
    if shown:
        lines.append("")
    lines += _warnings(over, notes)
    lines.append(_counts(plan))
    if over:
        lines.append(f"Reconcile will refuse all of it: {'; '.join(_breach(breach) for breach in over)}.")
    return "\n".join(lines) + "\n"


def outcome_line(outcome: Outcome) -> str:
    """One line for an action that has ended."""
    action = outcome.action
    sign = SIGNS[action.verb]
    what = f"{visible(_name(action))} ({visible(action.type)})"
    match outcome.result:
        case Result.DONE:
            return f"  {sign:>3} {what}: {_PAST[action.verb]}"
        case Result.PENDING:
            return f"  {sign:>3} {what}: begun, not ready yet"
        case Result.FAILED:
            again = "will be tried again" if outcome.transient else "will not be tried again before it changes"
            return f"    x {what}: could not {action.verb}: {visible(outcome.message)} ({again})"
        case Result.SKIPPED:
            return f"      {what}: not begun: {visible(outcome.message)}"


def applied_text(outcomes: Iterable[Outcome], run: str, head: Head) -> str:
    """The last lines of a run: how many of each result, and the ledger's head."""
    results = [outcome.result for outcome in outcomes]
    counts = ", ".join(f"{results.count(result)} {result}" for result in Result if results.count(result))
    said = f"Run {run}: {counts or 'nothing done'}."
    return f"{said} Ledger: {count(head.entries, 'line')}, head {head.hash}\n"


def not_replaced_text(actions: Iterable[Action]) -> str:
    """Whose credential is still the one before, though somebody asked for another, and why; a line each."""
    lines = []
    for action in actions:
        why = action.reason if action.verb in (Verb.HOLD, Verb.NONE) else f"{action.verb} comes first: run again"
        lines.append(f"    Not replaced: the credential of {_name(action)}: {visible(why)}\n")
    return "".join(lines)


def upkeep_text(upkeep: Iterable[Upkeep]) -> str:
    """What was done beside the plan, a line each."""
    lines = []
    for kept in upkeep:
        lines += [f"    {visible(kept.provider)}: {visible(sentence)}" for sentence in kept.done]
        if kept.failure is not None:
            lines.append(f"    {visible(kept.provider)}: FAILED: {visible(kept.failure)}")
    return "".join(f"{line}\n" for line in lines)


def told_text(news: Iterable[Notice], sent: int = 0, unsent: Iterable[Unsent] = ()) -> str:
    """A line for each notice that is news, how many messages were sent, and what could not be, with the reason."""
    lines = [f"  Notice for {_whom(notice)}: {visible(notice.text)}" for notice in news]
    if sent:
        lines.append(f"  {count(sent, 'message')} sent.")
    for one in unsent:
        wait = f"{count(one.count, 'notice')} not sent, as {visible(one.reason)}"
        lines.append(f"  Channel {visible(one.channel)}: {wait}; the next run tries again.")
    return "".join(f"{line}\n" for line in lines)


def _whom(notice: Notice) -> str:
    name = notice.request.removeprefix("resourcerequest:").removeprefix("default/")
    about = f" about {visible(name)}" if name else ""
    return f"{visible(notice.owner or 'the platform')}{about}"


def refused_text(plan: Plan, breaches: Iterable[Breach], now: datetime) -> str:
    """Why nothing was applied, and the document that would let it pass."""
    over = tuple(breaches)
    paths = removed_paths(plan, over)
    lines = [
        f"Refused before the first effect: {'; '.join(_breach(breach) for breach in over)}.",
        "If that is meant, merge this as a file below policies/, with the reason in your words:",
        "",
        *(f"    {line}" for line in deletion_approval(paths, now)),
    ]
    return "\n".join(lines) + "\n"


def _action(action: Action) -> Iterator[str]:
    where = f"  [{visible(action.type)}, {visible(action.provider)}]" if action.provider else ""
    yield f"  {SIGNS[action.verb]:>3} {action.verb:<8} {visible(_name(action))}{where}"
    yield f"               {visible(action.reason)}"
    for change in action.changes:
        yield f"               {visible(change.path)}: {_value(change.before)} -> {_value(change.after)}"


def _name(action: Action) -> str:
    if action.request is None:
        return action.uid or ""
    return action.request.removeprefix("resourcerequest:").removeprefix("default/")


def _value(value: JsonValue) -> str:
    text = "unset" if value is None else json.dumps(value, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def _warnings(breaches: Iterable[Breach], notes: Iterable[str]) -> Iterator[str]:
    said = [f"Over the limit: {_breach(breach)}." for breach in breaches]
    said += [f"Note: {visible(note)}" for note in notes]
    yield from said
    if said:
        yield ""


def _breach(breach: Breach) -> str:
    return (
        f"{visible(breach.scope)}: {breach.removals} of {count(breach.live, 'live instance')} would go, "
        f"{breach.allowed} may"
    )


def _counts(plan: Plan) -> str:
    summary = plan.summary
    parts = [f"{number} to {verb}" for verb, number in summary.items() if Verb(verb).has_effect]
    parts += [
        f"{summary[verb]} {word}"
        for verb, word in ((Verb.HOLD, "held"), (Verb.ORPHAN, "orphaned"), (Verb.NONE, "unchanged"))
        if verb in summary
    ]
    held = summary.get(Verb.HOLD, 0)
    stuck = f" {count(held, 'step')} stuck: mend what is said beside each." if held else ""
    begin = "" if plan.effects else "Nothing can be done: " if held else "Nothing to do: "
    return f"{begin}{', '.join(parts) or 'nothing is asked for'}.{stuck}"
