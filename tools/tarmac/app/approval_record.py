"""approvals record: ask that a commit which came past its approvals be approved all the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tarmac.app.deps import Git, Reading
from tarmac.app.proof_records import FOLDER, KIND
from tarmac.errors import UsageError
from tarmac.model.commits import Commit
from tarmac.model.documents import Document
from tarmac.model.json_value import JsonValue
from tarmac.model.places import Places
from tarmac.model.shown import visible


@dataclass(frozen=True, slots=True)
class RecordDraft:
    """What would be written where, and which commit it names."""

    path: str
    commit: Commit
    document: Mapping[str, JsonValue]


def draft(git: Git, reading: Reading, revision: str, reason: str) -> RecordDraft:
    """The record as it would be written; nothing is.

    Raises:
        UsageError: there is no such commit, or the reason says nothing.
    """
    commit = git.commit(revision)
    name = f"commit-{commit.id[:12]}"
    document: dict[str, JsonValue] = {
        "apiVersion": "tarmac/v1",
        "kind": KIND,
        "metadata": {"name": name},
        "spec": {"commit": commit.id, "reason": reason},
    }
    path = f"{FOLDER}{name}.yaml"
    problems = reading.gate.problems(Document(path, 0, document, Places(path, lambda: (1, 1, None))))
    if problems:
        raise UsageError(f"--reason: {visible(problems[0].message, 300)}")
    return RecordDraft(path, commit, document)
