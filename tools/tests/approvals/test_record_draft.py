"""The record of a commit that came past its approvals: what is written where, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from tarmac.adapters.yaml_reader import read_documents
from tarmac.app import wire
from tarmac.app.approval_record import draft
from tarmac.errors import UsageError
from tarmac.model.proof import Proof, ProofKind, RecordedProof
from tests.approvals.town import NEVER, RULES, World
from tests.trees import READING


@pytest.fixture
def world(place: Path) -> World:
    return World(place, {RULES: NEVER})


def test_a_record_names_the_commit_in_full_and_says_why(world: World) -> None:
    found = draft(wire.git(world.path), world.main[:10], "the forge was down")
    name = f"commit-{world.main[:12]}"
    assert found.path == f"policies/approval-records/{name}.yaml"
    assert found.commit.id == world.main
    assert found.document == {
        "apiVersion": "tarmac/v1",
        "kind": "ApprovalRecord",
        "metadata": {"name": name},
        "spec": {"commit": world.main, "reason": "the forge was down"},
    }


@pytest.mark.parametrize("reason", ["x", "it's: [odd]\n", "\u202e", "\x07"])
def test_whatever_the_reason_is_the_file_is_in_its_format(world: World, reason: str) -> None:
    found = draft(wire.git(world.path), world.main, reason)
    (written,), faults = read_documents(found.path, wire.render_request(found.document, {}).encode())
    assert not faults
    assert written.data == found.document
    assert not READING.gate.problems(written)


@pytest.mark.parametrize("reason", ["", " ", "\n\t"])
def test_a_reason_that_says_nothing_is_refused(world: World, reason: str) -> None:
    """It would be written, approved and merged, and count for nothing."""
    said = "^--reason says nothing: say why the commit came past its approvals, and why it is to stay$"
    with pytest.raises(UsageError, match=said):
        draft(wire.git(world.path), world.main, reason)


def test_a_commit_that_is_not_there_is_refused(world: World) -> None:
    with pytest.raises(UsageError, match="names no commit"):
        draft(wire.git(world.path), "f" * 40, "why not")


def test_what_is_proved_needs_no_record(world: World) -> None:
    def line(commit: str) -> RecordedProof:
        proof = Proof(datetime(2026, 12, 1, tzinfo=UTC), ProofKind.APPROVED, ("a" * 40, commit), "", "", commit)
        return RecordedProof(1, "", "", proof, "proofs/1.jsonl")

    said = f"^{world.main[:12]} needs no record, its approval is proved: tarmac ledger proofs says by whom$"
    with pytest.raises(UsageError, match=said):
        draft(wire.git(world.path), world.main, "why not", [line("b" * 40), line(world.main)])
    assert draft(wire.git(world.path), world.main, "why not", [line("b" * 40)]).commit.id == world.main
