"""How the ledger's lines add up to figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from tarmac.model.figures import BOUNDS, Gauges, TypeFigures
from tarmac.model.frozen import replace
from tarmac.model.ledger import Event, LedgerEntry
from tarmac.model.plan import Outcome, Plan, Result, Verb


def added(types: Mapping[str, TypeFigures], entries: Iterable[LedgerEntry]) -> Mapping[str, TypeFigures]:
    """The figures by type with the outcomes among the entries counted; the given ones are left as they are."""
    found = dict(types)
    for entry in entries:
        if entry.event is not Event.OUTCOME or entry.result is None:
            continue
        name = entry.subject.type.partition("@")[0]
        before = found.get(name, TypeFigures())
        steps = {**before.steps, entry.result: before.steps.get(entry.result, 0) + 1}
        after = replace(before, steps=steps, retries=before.retries + entry.tries - 1)
        found[name] = _waited(after, entry) if entry.result == Result.DONE else after
    return found


def gauges(plan: Plan, outcomes: Iterable[Outcome] | None) -> Gauges:
    """How things stand after a run: `outcomes` is None where nothing was applied."""
    done = {} if outcomes is None else {outcome.action.order: outcome.result for outcome in outcomes}
    left = [action for action in plan.effects if done.get(action.order) is not Result.DONE]
    drifted = [action for action in plan.actions if action.drifted and (action in left or not action.verb.has_effect)]
    return Gauges(
        queue=len(left),
        held=sum(action.verb is Verb.HOLD for action in plan.actions),
        drifted=len(drifted),
        orphaned=sum(action.verb is Verb.ORPHAN for action in plan.actions),
    )


def _waited(figures: TypeFigures, entry: LedgerEntry) -> TypeFigures:
    """Somebody waited from the merge until it was ready. A clock that went back made nobody wait."""
    if entry.merged_at is None:
        return figures
    waited = max(timedelta(), entry.at - entry.merged_at)
    place = next((place for place, bound in enumerate(BOUNDS) if waited <= timedelta(seconds=bound)), len(BOUNDS))
    waits = tuple(count + (number == place) for number, count in enumerate(figures.waits))
    return replace(figures, waits=waits, waited=figures.waited + waited // timedelta(seconds=1))
