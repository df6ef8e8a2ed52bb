"""When a person last changed each file: what git's history says, as a value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Protocol

from tarmac.model.frozen import Frozen


class Aging(Protocol):
    """When a person last changed files. `known` is false where the clone is too shallow to tell: then nothing is."""

    @property
    def known(self) -> bool: ...

    def of(self, path: str) -> datetime | None:
        """When a person last changed the file, UTC; None where that is not known."""
        ...


class Ages(Frozen):
    """The last commit of a person by path, UTC, in the history of `commit`. A path that no person has ever committed is
    not there."""

    changed: Mapping[str, datetime]
    known: bool = True
    commit: str = ""

    def of(self, path: str) -> datetime | None:
        return self.changed.get(path) if self.known else None

    def within(self, paths: Iterable[str]) -> Ages:
        """The same of these files alone, by these very texts: of a hundred thousand no second copy is needed."""
        changed = self.changed
        return Ages({path: changed[path] for path in paths if path in changed}, self.known, self.commit)


class Later(Frozen):
    """How the ages of one history differ from those of another, mostly an earlier one. `changed` is what commits say
    that only this one has; `anew` is the whole answer for files of commits that only the other has."""

    changed: Mapping[str, datetime]
    anew: Mapping[str, datetime | None]

    def of(self, path: str, before: datetime | None) -> datetime | None:
        """The age of a file that was `before` in the other history."""
        if path in self.anew:
            return self.anew[path]
        here = self.changed.get(path)
        return here if before is None or (here is not None and here > before) else before

    def paths(self) -> frozenset[str]:
        """The files whose age may differ."""
        return frozenset((*self.changed, *self.anew))


class LaterAges(Frozen):
    """The ages of a history, told by those of another."""

    before: Callable[[str], datetime | None]
    later: Later
    known: bool = True

    def of(self, path: str) -> datetime | None:
        return self.later.of(path, self.before(path))


class Aged(Frozen):
    """Which ages are kept: the commit whose history they are from, and the authors who are taken for bots."""

    commit: str
    bots: tuple[str, ...]
