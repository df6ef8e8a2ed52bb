"""A check of a change, by what is kept in a folder or without it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from tarmac.adapters.cache import Cache
from tarmac.app.check import CheckResult
from tarmac.app.check_change import Change, check_change
from tarmac.errors import ConfigurationError
from tarmac.reports.json import report
from tarmac.reports.report import ReportInput
from tarmac.rules.kept import Kept, Locate
from tests.incremental.memory_git import MemoryGit, MemoryHistories
from tests.trees import READING


def said(result: CheckResult) -> str:
    """All that a check says."""
    taken = [f"{one.exemption} {one.until} {one.finding}" for one in result.exempted]
    return report(ReportInput(result.findings, result.summary())) + "\n".join(taken)


def judged(
    git: MemoryGit, change: Change, now: datetime, folder: Path | None, histories: MemoryHistories | None = None
) -> str:
    """What a check of the change says, by what is kept in the folder if one is given."""

    @contextmanager
    def cache(locate: Locate) -> Iterator[Kept | None]:
        assert folder is not None
        found = Cache.open(folder, locate)
        assert found is not None
        try:
            yield found
        finally:
            found.close()

    try:
        return said(check_change(git, change, READING, now, None if folder is None else cache, histories))
    except ConfigurationError as nothing:
        return str(nothing)
