"""A plan, and how applying it went, for a terminal: a sign an action, the reason below, counts in the last line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from tarmac.model.json_value import JsonValue
from tarmac.model.ledger import Head
from tarmac.model.notice import Notice, Unsent
from tarmac.model.plan import Action, Breach, Outcome, Plan, Result, Upkeep, Verb
from tarmac.model.values import show_instant
from tarmac.reports.deletion_approval import deletion_approval, protected_paths, removed_paths
from tarmac.reports.folding import all_folded, folded
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
# Where the words of a step begin: behind its sign and verb.
_HANG = 15
# So many files are named, of those that have to be put back.
_SOME = 10
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
    plan: Plan,
    breaches: Iterable[Breach],
    notes: Iterable[str],
    now: datetime | None,
    where: str = "",
    columns: int | None = None,
) -> str:
    """The whole plan; what is as it should be is only counted. `where` says which revision the commit is, `now` when
    it was made (None: it is one that was saved), `columns` how wide the terminal is, where there is one."""
    over = tuple(breaches)
    of = f" ({visible(where)})" if where else ""
    when = ", as it was saved" if now is None else f" at {show_instant(now)}"
    lines = [f"Plan for commit {visible(plan.base[:12])}{of}{when}", ""]
    shown = [action for action in plan.actions if action.verb is not Verb.NONE or action.reason != "as it should be"]
    for action in shown:
        lines += (folded(line, columns, _HANG) for line in _action(action))
    if shown:
        lines.append("")
    lines += (folded(line, columns) for line in (*_warnings(over, notes), _counts(plan)))
    if over:
        lines.append(f"Reconcile will refuse all of it, as {_limits(over)} broken.")
    return "\n".join(lines) + "\n"


def outcome_line(outcome: Outcome, columns: int | None = None) -> str:
    """One line for an action that has ended; on a terminal of `columns` it may be folded."""
    return folded(_outcome(outcome), columns, 6)


def _outcome(outcome: Outcome) -> str:
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


def applied_text(outcomes: Iterable[Outcome], run: str, head: Head, columns: int | None = None) -> str:
    """The last line of a run: how many of each result, and the ledger's head."""
    results = [outcome.result for outcome in outcomes]
    counts = ", ".join(f"{results.count(result)} {result}" for result in Result if results.count(result))
    said = f"Run {run}: {counts or 'nothing done'}."
    return all_folded((f"{said} Ledger: {count(head.entries, 'line')}, head {head.hash}",), columns)


def not_replaced_text(actions: Iterable[Action], columns: int | None = None) -> str:
    """Whose credential is still the one before, though somebody asked for another, and why; a line each."""
    lines = []
    for action in actions:
        why = action.reason if action.verb in (Verb.HOLD, Verb.NONE) else f"{action.verb} comes first: run again"
        lines.append(f"    Not replaced: the credential of {_name(action)}: {visible(why)}")
    return all_folded(lines, columns)


def upkeep_text(upkeep: Iterable[Upkeep], columns: int | None = None) -> str:
    """What was done beside the plan, a line each."""
    lines = []
    for kept in upkeep:
        lines += [f"    {visible(kept.provider)}: {visible(sentence)}" for sentence in kept.done]
        if kept.failure is not None:
            lines.append(f"    {visible(kept.provider)}: FAILED: {visible(kept.failure)}")
    return all_folded(lines, columns)


def told_text(news: Iterable[Notice], sent: int = 0, unsent: Iterable[Unsent] = (), columns: int | None = None) -> str:
    """A line for each notice that is news, how many messages were sent, and what could not be, with the reason."""
    lines = [f"  Notice for {_whom(notice)}: {visible(notice.text)}" for notice in news]
    if sent:
        lines.append(f"  {count(sent, 'message')} sent.")
    for one in unsent:
        what = f"{count(one.count, 'notice')} not sent" if one.count else "no notice can be sent"
        then = "mend that, and what waits is sent" if one.mend else "the next run tries again"
        lines.append(f"  Channel {visible(one.channel)}: {what}, as {visible(one.reason)}; {then}.")
    return all_folded(lines, columns)


def _whom(notice: Notice) -> str:
    name = notice.request.removeprefix("resourcerequest:").removeprefix("default/")
    about = f" about {visible(name)}" if name else ""
    return f"{visible(notice.owner or 'the platform')}{about}"


def refused_text(plan: Plan, breaches: Iterable[Breach], now: datetime, columns: int | None = None) -> str:
    """That nothing was applied (the plan has said which limits are broken), the document that would let pass what can
    go, and what cannot go by it."""
    over = tuple(breaches)
    paths, kept = removed_paths(plan, over), protected_paths(plan, over)
    said = ["Refused before the first effect: nothing was applied."]
    if paths:
        said += ["If that is meant, merge this as a file below policies/, with the reason in your words:", ""]
        said += [f"    {line}" for line in deletion_approval(paths, now)]
    text = "".join(f"{line}\n" for line in said)
    if kept:
        first, more = ", ".join(map(visible, kept[:_SOME])), len(kept) - _SOME
        rest = f" and {more} more" if more > 0 else ""
        it = "this file" if len(kept) == 1 else "these files"
        why = f"No approval lets go what is protected once its file is gone: put {it} back first: {first}{rest}."
        text += all_folded((*(("",) if paths else ()), why), columns)
    return text


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


def _limits(breaches: Sequence[Breach]) -> str:
    return "a limit is" if len(breaches) == 1 else f"{len(breaches)} limits are"


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
