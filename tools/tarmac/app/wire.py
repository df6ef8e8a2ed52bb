"""The only place that builds the real dependencies. Each is imported when it is asked for: `--help` needs none."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from tarmac.app.deps import Clock, Git, Reading
from tarmac.model.trees import Source


def clock(now: datetime | None) -> Clock:
    """The machine's clock, or the one instant that the command line gives."""
    from tarmac.adapters.clock import FixedClock, SystemClock

    return SystemClock() if now is None else FixedClock(now)


def git(root: Path) -> Git:
    """The git repository that holds `root`.

    Raises:
        ConfigurationError: there is none.
    """
    from tarmac.adapters.git import GitRepository

    return GitRepository.find(root)


def source(root: Path, revision: str | None) -> Source:
    """The tree to read: a revision's, or the files as they are.

    Raises:
        UsageError: no such folder or revision.
    """
    from tarmac.adapters.files import WorkingTree

    tree = WorkingTree.at(root)
    return tree if revision is None else git(root).tree(revision)


def reading() -> Reading:
    """Reader, gate, expressions and JSON Schema."""
    from tarmac.adapters.cel import CelExpressions
    from tarmac.adapters.schema_check import JsonSchemas, SchemaGate
    from tarmac.adapters.yaml_reader import read_documents

    return Reading(read=read_documents, gate=SchemaGate(), expressions=CelExpressions(), schemas=JsonSchemas())
