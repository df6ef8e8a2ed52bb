"""approvals record: ask that a commit which came past its approvals be approved all the same."""

from __future__ import annotations

from collections.abc import Mapping

from tarmac.app.deps import Git
from tarmac.app.proof_records import FOLDER, KIND
from tarmac.errors import UsageError
from tarmac.model.commits import Commit
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue


class RecordDraft(Frozen):
    """What would be written where, and which commit it names."""

    path: str
    commit: Commit
    document: Mapping[str, JsonValue]


def draft(git: Git, revision: str, reason: str) -> RecordDraft:
    """The record as it would be written; nothing is.

    Raises:
        UsageError: there is no such commit, or the reason says nothing.
    """
    if not reason.strip():
        raise UsageError("--reason says nothing: say why the commit came past its approvals, and why it is to stay")
    commit = git.commit(revision)
    name = f"commit-{commit.id[:12]}"
    document: dict[str, JsonValue] = {
        "apiVersion": "tarmac/v1",
        "kind": KIND,
        "metadata": {"name": name},
        "spec": {"commit": commit.id, "reason": reason},
    }
    return RecordDraft(f"{FOLDER}{name}.yaml", commit, document)
