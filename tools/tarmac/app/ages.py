"""When files were last changed by a person: asked of git only where a policy or scorecard reads it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

from tarmac.catalog.view import CatalogView
from tarmac.model.ages import Ages, Aging, Later, LaterAges
from tarmac.model.frozen import Frozen
from tarmac.rules.unknown_age import reading_ages

if TYPE_CHECKING:
    from tarmac.rules.kept import Kept

# Asks git, given the authors who are bots.
History: TypeAlias = Callable[[Collection[str]], Ages]


class Histories(Protocol):
    """git's history, at any commits of it; `bots` are the authors who are no persons."""

    def at(self, revisions: Sequence[str], bots: Collection[str]) -> Ages:
        """The ages in the history of these revisions together."""
        ...

    def since(self, start: str, commits: Sequence[str], bots: Collection[str]) -> Later | None:
        """How the ages in the history of `commits` together differ from those in that of `start`; None where only
        asking for all of them would tell."""
        ...

    def along(self, commits: Sequence[str], bots: Collection[str]) -> Iterator[Ages]:
        """The ages in the history of each of these commits (full ids), each of which is in the history of the next."""
        ...


class Moved(Frozen):
    """The ages at some commit (None: nobody asks), and the files whose age is other than what is kept."""

    ages: Aging | None
    paths: frozenset[str]


NOT_ASKED = Moved(None, frozenset())


def ages_for(base: CatalogView, history: History | None) -> Ages | None:
    """The ages that the documents of `base` judge by; None where none of them asks, or there is no git to ask.

    Raises:
        GitError: git fails.
    """
    return None if history is None or not asks(base) else history(bots_of(base))


def ages_at(base: CatalogView, histories: Histories | None, *revisions: str) -> Ages | None:
    """The same in the history of these revisions together."""
    return ages_for(base, None if histories is None else lambda bots: histories.at(revisions, bots))


def ages_moved(
    kept: Kept, base: CatalogView, histories: Histories | None, ends: Sequence[Sequence[str]]
) -> tuple[Moved, ...] | None:
    """The ages in the history of some commits together, for each of `ends`, told by those that are kept; None where
    these are of no use.

    Raises:
        GitError: git fails.
    """
    if histories is None or not asks(base):
        return (NOT_ASKED,) * len(ends)
    bots = bots_of(base)
    if kept.aged is None or kept.aged.bots != bots:
        return None
    found = []
    for commits in ends:
        later = histories.since(kept.aged.commit, commits, bots)
        if later is None:
            return None
        touched = (path for path in later.paths() if later.of(path, before := kept.age(path)) != before)
        found.append(Moved(LaterAges(kept.age, later), frozenset(touched)))
    return tuple(found)


def asks(base: CatalogView) -> bool:
    """Whether a document of `base` can read how old files are."""
    return next(reading_ages(base), None) is not None


def bots_of(base: CatalogView) -> tuple[str, ...]:
    """The authors that the platform lists as bots."""
    platform = base.platform()
    return () if platform is None else platform.texts("spec", "bots")
