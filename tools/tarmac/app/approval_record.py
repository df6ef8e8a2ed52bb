"""approvals record: ask that a commit which came past its approvals be approved all the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from tarmac.app.deps import Git
from tarmac.app.proof_records import FOLDER, KIND
from tarmac.errors import UsageError
from tarmac.model.commits import Commit
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue
from tarmac.model.proof import RecordedProof


class RecordDraft(Frozen):
    """What would be written where, and which commit it names."""

    path: str
    commit: Commit
    document: Mapping[str, JsonValue]


def draft(git: Git, revision: str, reason: str, evidence: Iterable[RecordedProof] = ()) -> RecordDraft:
    """The record as it would be written; nothing is. `evidence` is what the ledger holds as proved.

    Raises:
        UsageError: there is no such commit, the reason says nothing, or the commit needs no record.
    """
    if not reason.strip():
        raise UsageError("--reason says nothing: say why the commit came past its approvals, and why it is to stay")
    commit = git.commit(revision)
    if any(commit.id in line.proof.commits for line in evidence):
        raise UsageError(f"{commit.id[:12]} needs no record, its approval is proved: tarmac ledger proofs says by whom")
    name = f"commit-{commit.id[:12]}"
    document: dict[str, JsonValue] = {
        "apiVersion": "tarmac/v1",
        "kind": KIND,
        "metadata": {"name": name},
        "spec": {"commit": commit.id, "reason": reason},
    }
    return RecordDraft(f"{FOLDER}{name}.yaml", commit, document)
