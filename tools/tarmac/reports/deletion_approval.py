"""The document that lets removals pass: a DeletionApproval that names their files, ready to be merged."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta

from tarmac.model.plan import Action, Breach, Held, Plan

# How long a person has to merge it, and reconcile to run.
_OPEN_FOR = timedelta(days=7)
# More files than that are named by their folders.
_MOST_PATHS = 40


def removed_paths(plan: Plan, breaches: Iterable[Breach]) -> tuple[str, ...]:
    """The files of the requests that go and break a limit by that, sorted."""
    return _paths(plan, breaches, lambda action: action.verb.removes)


def protected_paths(plan: Plan, breaches: Iterable[Breach]) -> tuple[str, ...]:
    """The files that were taken away, count for a broken limit and whose instances are protected, sorted: an approval
    lifts that only while the file is still there."""
    return _paths(plan, breaches, lambda action: action.held is Held.PROTECTION)


def _paths(plan: Plan, breaches: Iterable[Breach], which: Callable[[Action], bool]) -> tuple[str, ...]:
    names = {name for breach in breaches for name in breach.requests}
    found = (action for action in plan.actions if (action.request or action.uid) in names and which(action))
    return tuple(sorted({action.path for action in found if action.path}))


def deletion_approval(paths: Sequence[str], now: datetime) -> Iterator[str]:
    """The lines of the document. It holds for a week from `now`."""
    yield "apiVersion: tarmac/v1"
    yield "kind: DeletionApproval"
    yield f"metadata: {{name: removals-{now:%Y-%m-%d}}}"
    yield "spec:"
    yield "  requests:"
    yield from (f"    - {json.dumps(glob)}" for glob in _globs(paths))
    yield "  reason: why all of these may go"
    yield f'  expires: "{(now + _OPEN_FOR):%Y-%m-%d}"'


def _globs(paths: Sequence[str]) -> Sequence[str]:
    if len(paths) <= _MOST_PATHS:
        return paths
    return sorted({"/".join((*path.split("/")[:-1], "*")) for path in paths})
