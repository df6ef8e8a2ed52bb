"""What teams have added to their cost lately, from the base's own history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeGuard

from tarmac.app.deps import Git, Reading
from tarmac.app.load import is_candidate
from tarmac.catalog.index import entity_of
from tarmac.catalog.requests import Request, resolve
from tarmac.catalog.view import CatalogView
from tarmac.cost.estimate import Estimator
from tarmac.model.refs import Ref
from tarmac.model.trees import SUBMODULE, SYMLINK, Source, TreeEntry
from tarmac.model.values import EXACT

WINDOW = timedelta(days=30)
_LIMIT = 1024 * 1024


def team_increases(
    git: Git, base: CatalogView, tip: str, estimator: Estimator, reading: Reading, now: datetime
) -> tuple[Mapping[Ref, Decimal], bool]:
    """What each team's requests cost more a month by what was merged in the 30 days before `now`: increases only.

    Each first-parent commit counts what its requests cost more than at its first parent, all at today's prices and
    types, so that a change of prices is nobody's increase. A commit without a parent is the beginning and adds
    nothing. The second value is False where the clone is too shallow to know.
    """
    history = git.first_parents(tip, now - WINDOW)
    commits = [commit for commit in history.commits if commit.parents and commit.committed_at <= now]
    differing = git.differences([(commit.id, commit.parents[0]) for commit in commits])
    touched = [entry for changed in differing for one in changed for entry in (one.before, one.after) if _fit(entry)]
    found = _requests(git.tree(tip), touched, base, reading)
    sums: dict[Ref, Decimal] = {}
    for changed in differing:
        before = _side((one.before for one in changed), found)
        after = _side((one.after for one in changed), found)
        for team, increase in _increases(before, after, estimator, now):
            sums[team] = EXACT.add(sums.get(team, Decimal(0)), increase)
    return sums, history.complete


def _fit(entry: TreeEntry | None) -> TypeGuard[TreeEntry]:
    return entry is not None and entry.mode not in (SYMLINK, SUBMODULE) and is_candidate(entry.path)


def _requests(
    store: Source, entries: Iterable[TreeEntry], base: CatalogView, reading: Reading
) -> Mapping[TreeEntry, tuple[Request, ...]]:
    """The requests of each file, resolved against the base's types; each file read once."""
    found: dict[TreeEntry, tuple[Request, ...]] = {}
    for entry, content in store.read(dict.fromkeys(entries), _LIMIT):
        if isinstance(content, bytes) and b"ResourceRequest" in content:
            named = (entity_of(document, reading.gate.kinds) for document in reading.read(entry.path, content)[0])
            found[entry] = tuple(
                resolve(base, entity) for entity in named if entity is not None and entity.kind == "ResourceRequest"
            )
    return found


def _side(entries: Iterable[TreeEntry | None], found: Mapping[TreeEntry, tuple[Request, ...]]) -> Mapping[Ref, Request]:
    return {request.ref: request for entry in entries if entry is not None for request in found.get(entry, ())}


def _increases(
    before: Mapping[Ref, Request], after: Mapping[Ref, Request], estimator: Estimator, now: datetime
) -> Iterator[tuple[Ref, Decimal]]:
    for ref, request in after.items():
        if request.owner is None:
            continue
        names = (ref, *(Ref.of(ref.kind, name, ref.namespace) for name in request.previously))
        old = next((before[name] for name in names if name in before), None)
        cost = estimator.estimate(request, now).monthly.amount
        if old is not None and old.owner == request.owner:
            cost = EXACT.subtract(cost, estimator.estimate(old, now).monthly.amount)
        if cost > 0:
            yield request.owner, cost
