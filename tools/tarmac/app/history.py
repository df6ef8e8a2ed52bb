"""What teams have added to their cost lately, from the base's own history."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from tarmac.app.deps import Git, Reading
from tarmac.app.load import is_candidate
from tarmac.catalog.index import Catalog, entity_of
from tarmac.catalog.requests import Request, resolve
from tarmac.cost.estimate import Estimator
from tarmac.model.refs import Ref
from tarmac.model.trees import Commit, Source
from tarmac.model.values import EXACT

WINDOW = timedelta(days=30)
_LIMIT = 1024 * 1024


def team_increases(
    git: Git, base: Catalog, tip: str, estimator: Estimator, reading: Reading, now: datetime
) -> tuple[Mapping[Ref, Decimal], bool]:
    """What each team's requests cost more a month by what was merged in the 30 days before `now`: increases only.

    Each first-parent commit counts what its requests cost more than at its first parent, all at today's prices and
    types, so that a change of prices is nobody's increase. A commit without a parent is the beginning and adds
    nothing. The second value is False where the clone is too shallow to know.
    """
    history = git.first_parents(tip, now - WINDOW)
    sums: dict[Ref, Decimal] = {}
    for commit in history.commits:
        if commit.parents and commit.committed_at <= now:
            for team, increase in _increases(git, base, commit, estimator, reading, now):
                sums[team] = EXACT.add(sums.get(team, Decimal(0)), increase)
    return sums, history.complete


def _increases(
    git: Git, base: Catalog, commit: Commit, estimator: Estimator, reading: Reading, now: datetime
) -> Iterable[tuple[Ref, Decimal]]:
    changed = git.changed_paths(commit.parents[0], commit.id)
    old_paths = {change.old_path or change.path for change in changed if change.status != "A"}
    new_paths = {change.path for change in changed if change.status != "D"}
    if not any(map(is_candidate, old_paths | new_paths)):
        return
    before = _requests(git.tree(commit.parents[0]), old_paths, base, reading)
    for ref, request in _requests(git.tree(commit.id), new_paths, base, reading).items():
        if request.owner is None:
            continue
        names = (ref, *(Ref.of(ref.kind, name, ref.namespace) for name in request.previously))
        old = next((before[name] for name in names if name in before), None)
        cost = estimator.estimate(request, now).monthly.amount
        if old is not None and old.owner == request.owner:
            cost = EXACT.subtract(cost, estimator.estimate(old, now).monthly.amount)
        if cost > 0:
            yield request.owner, cost


def _requests(tree: Source, paths: set[str], base: Catalog, reading: Reading) -> dict[Ref, Request]:
    """The requests in the files, resolved against the base's types."""
    found: dict[Ref, Request] = {}
    entries = [entry for entry in tree.entries() if entry.path in paths and is_candidate(entry.path)]
    for entry, content in tree.read(entries, _LIMIT):
        if isinstance(content, bytes) and b"ResourceRequest" in content:
            for document in reading.read(entry.path, content)[0]:
                entity = entity_of(document, reading.gate.kinds)
                if entity is not None and entity.kind == "ResourceRequest":
                    found.setdefault(entity.ref, resolve(base, entity))
    return found
