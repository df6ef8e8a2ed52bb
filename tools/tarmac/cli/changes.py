"""--base, and the cache that spares what has not changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tarmac.errors import UsageError

if TYPE_CHECKING:
    from tarmac.app.check import CheckResult
    from tarmac.app.deps import Reading
    from tarmac.model.trees import Source

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Changes:
    """What is asked for: which revision, since when, and with which cache."""

    rev: str | None
    base: str | None

    def look(self, fix: bool) -> None:
        """Raises UsageError for what cannot be."""
        if fix and self.base is not None:
            raise UsageError("--fix mends whatever it can, and --base is about what a change brings: choose one")

    def check(self, root: Path, tree: Source, reading: Reading, now: datetime) -> CheckResult:
        """The findings of the tree; with a base, only those that are new since then."""
        from tarmac.app import wire
        from tarmac.app.check import check

        if self.base is None:
            return check(tree, reading, now, wire.history(root, self.rev))
        from tarmac.app.check_change import check_change, sides

        return check_change(sides(wire.git(root), self.base, self.rev, tree), reading, now)


def changing(function: F) -> Callable[..., Any]:
    """--rev and --base; the command gets `changes`."""

    @click.option("--rev", "--head", "rev", metavar="REV", help="Read this revision instead of the working tree.")
    @click.option("--base", metavar="REV", help="Say only what is new since this revision, which judges the change.")
    @wraps(function)
    def command(*args: Any, rev: str | None, base: str | None, **given: Any) -> Any:
        return function(*args, changes=Changes(rev, base), **given)

    return command
