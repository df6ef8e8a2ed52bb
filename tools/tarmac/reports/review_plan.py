"""The sentences of a review about what reconcile would do after the merge, for more than one output format."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tarmac.model.json_value import JsonValue
from tarmac.model.plan import Breach, Change, Held, Verb
from tarmac.reports.report import count
from tarmac.reports.review import Review, Step

# More warnings of a kind than this at the top of a review would hide its verdict.
_FIRST = 3
_LONGEST = 60
_DONE = {
    Verb.REPLACE: "will be REPLACED after the merge",
    Verb.DELETE: "will be DELETED after the merge, and its data is lost",
    Verb.EXPIRE: "will EXPIRE after the merge, and its data is lost",
}


def warnings(review: Review) -> tuple[str, ...]:
    """What must not be overlooked: data that goes in production or out of a store, something that looks like a rename
    and does not say so, a limit that stops the next run. A few of each kind, then how many more there are."""
    said: list[str] = []
    for kind in (map(_limit, review.breaches), _losses(review), _renames(review)):
        lines = list(kind)
        said += lines[:_FIRST]
        if len(lines) > _FIRST:
            said.append(f"Warning: and {len(lines) - _FIRST} more of this kind: see After the merge.")
    return tuple(said)


def step_line(step: Step) -> str:
    """What happens to which request, and why."""
    action = step.action
    where = ", ".join(part for part in (action.type, step.environment) if part)
    lost = "; its data is lost" if step.loses and action.verb in (Verb.DELETE, Verb.EXPIRE) else ""
    verb = "nothing to do for" if action.verb is Verb.NONE else str(action.verb)
    return f"{verb} {step_name(step)} ({where}): {action.reason}{lost}"


def step_name(step: Step) -> str:
    """The request as people call it."""
    return (step.action.request or "").removeprefix("resourcerequest:").removeprefix("default/")


def change_line(change: Change) -> str:
    """One field, before and after."""
    return f"{change.path}: {_value(change.before)} -> {_value(change.after)}"


def _losses(review: Review) -> Iterator[str]:
    for step in review.steps:
        if not step.grave:
            continue
        action = step.action
        what = f"Warning: {step_name(step)} ({action.type}, {step.environment})"
        if action.held is Held.REPLACEMENT:
            yield f"{what} would be REPLACED after the merge: {action.reason}."
        else:
            yield f"{what} {_DONE[action.verb]}: {action.reason}."


def _renames(review: Review) -> Iterator[str]:
    gone = {str(entity.ref) for entity in (*review.change.removed, *(pair.old for pair in review.change.renamed))}
    for step in review.steps:
        # Both ends are held; the new one is what can be mended.
        if step.action.held is Held.RENAME and step.action.request not in gone:
            yield f"Warning: {step_name(step)} will be held after the merge: {step.action.reason}."


def _limit(breach: Breach) -> str:
    return (
        f"Warning: after the merge reconcile will refuse the whole run: {breach.scope}: {breach.removals} of "
        f"{count(breach.live, 'live instance')} would go, {breach.allowed} may, unless a DeletionApproval names them."
    )


def _value(value: JsonValue) -> str:
    text = "unset" if value is None else json.dumps(value, sort_keys=True)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
