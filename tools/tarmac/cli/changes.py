"""--rev and --base, and the cache that spares what has not changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from tarmac.cli.declare import option
from tarmac.cli.options import cache_option, look_at_cache, no_cache_option
from tarmac.errors import UsageError
from tarmac.model.frozen import Frozen

if TYPE_CHECKING:
    from tarmac.app.check import CheckResult
    from tarmac.app.deps import Reading
    from tarmac.model.trees import Source

    Check: TypeAlias = Callable[[Reading, datetime], CheckResult]

F = TypeVar("F", bound=Callable[..., Any])


class Changes(Frozen):
    """What is asked for: which revision, since when, and where verdicts are kept (None: nowhere)."""

    rev: str | None
    base: str | None
    cache: Path | None
    no_cache: bool
    write: bool

    def look(self, fix: bool) -> None:
        """Raises UsageError for what cannot be."""
        if fix and self.base is not None:
            raise UsageError("--fix mends whatever it can, and --base is about what a change brings: choose one")
        if self.write and (self.rev is None or self.base is not None):
            raise UsageError("--write-cache keeps what is found of one revision: name it with --rev, without --base")
        look_at_cache(self.no_cache, self.cache, self.write)

    @staticmethod
    def whole(tree: Source, reading: Reading, now: datetime) -> CheckResult:
        """Everything that is found in a tree."""
        from tarmac.app.check import check

        return check(tree, reading, now)

    def checking(self, root: Path) -> tuple[Source, Check]:
        """The tree that is judged, and how.

        Raises:
            UsageError: no such folder or revision.
        """
        from tarmac.app import wire

        folder = self.cache or root / wire.CACHE
        if self.base is not None:
            from tarmac.app.check_change import change_of, check_change

            git = wire.trees(root)
            working = wire.source(root, None) if self.rev is None else None
            change = change_of(git, self.base, self.rev, working)
            cache, histories = None if self.no_cache else wire.cache_reader(root, self.cache), wire.histories(root)
            return change.tree, lambda reading, now: check_change(git, change, reading, now, cache, histories)
        tree, history = wire.source(root, self.rev), wire.history(root, self.rev)
        if self.write and self.rev is not None:
            from tarmac.app.keep import check_and_keep

            name = wire.trees(root).tree_name(self.rev)
            return tree, lambda reading, now: check_and_keep(
                tree, name, reading, now, history, lambda judged: wire.write_cache(folder, judged)
            )
        from tarmac.app.check import check

        return tree, lambda reading, now: check(tree, reading, now, history)


def changing(function: F) -> Callable[..., Any]:
    """--rev, --base, --cache, --no-cache and --write-cache; the command gets `changes`."""
    options = (
        option("--rev", "--head", "rev", metavar="REV", help="Read this revision instead of the working tree."),
        option("--base", metavar="REV", help="Say only what is new since this revision, which judges the change."),
        cache_option("what --write-cache keeps and --base reads"),
        no_cache_option("Read everything"),
        option("--write-cache", "write", is_flag=True, help="Keep what is found of --rev, to judge changes by."),
    )

    @wraps(function)
    def command(
        *args: Any, rev: str | None, base: str | None, cache: Path | None, no_cache: bool, write: bool, **given: Any
    ) -> Any:
        return function(*args, changes=Changes(rev, base, cache, no_cache, write), **given)

    wrapped: Callable[..., Any] = command
    for given in reversed(options):
        wrapped = given(wrapped)
    return wrapped
