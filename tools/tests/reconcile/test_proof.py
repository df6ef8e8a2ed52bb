"""reconcile from the command line: nothing is made of what nobody approved, and the ledger says who did."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.approvals.town import R, S, staging, town
from tests.reconcile.company import Company

AT = ("--now", "2026-12-01T06:00:00Z")


@dataclass(slots=True)
class Place:
    """A repository with its main branch checked out, and what its forge would say."""

    company: Company
    forge: Path
    number: int = 0
    answers: dict[int, dict[str, object]] = field(default_factory=dict)

    def run(self, *arguments: str, asked: bool = True) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tarmac", *arguments]
        if arguments[0] in ("plan", "reconcile"):
            command += [*AT, "--instances", str(self.company.instances)]
            command += ["--proofs", str(self.forge)] if asked else []
        root = self.company.root
        return subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=60, check=False)

    def pull(self, path: str, text: str, *approved_by: str) -> str:
        """A pull request, approved by these and squashed into main; the id of what that made."""
        self.number += 1
        git = self.company.git
        git("checkout", "-q", "-b", f"change-{self.number}")
        self.company.write(path, text)
        self.company.commit()
        head = git("rev-parse", "HEAD")
        git("checkout", "-q", "main")
        git("merge", "-q", "--squash", f"change-{self.number}")
        git("commit", "-q", "-m", f"Change {self.number}")
        pull = {
            "number": self.number,
            "user": {"login": "dev"},
            "draft": False,
            "head": {"sha": head},
            "base": {"ref": "main"},
            "merge_commit_sha": git("rev-parse", "HEAD"),
            "merged_at": "2026-12-01T05:00:00Z",
            "merged_by": {"login": "dev"},
        }
        reviews = [
            {
                "user": {"login": login, "type": "User"},
                "state": "APPROVED",
                "commit_id": head,
                "submitted_at": "2026-12-01T04:00:00Z",
            }
            for login in approved_by
        ]
        commits = [{"sha": head, "author": {"login": "dev"}, "committer": {"login": "dev"}}]
        answer = json.dumps({"pull": pull, "reviews": reviews, "commits": commits})
        (self.forge / f"{self.number}.json").write_text(answer, "utf-8")
        return git("rev-parse", "HEAD")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    company = Company(tmp_path / "repository", tmp_path / "instances")
    company.root.mkdir()
    company.git("init", "-q", "-b", "main")
    for path, text in town().items():
        company.write(path, text)
    company.commit()
    forge = tmp_path / "forge"
    forge.mkdir()
    return Place(company, forge)


def test_where_the_ledger_is_at_a_remote_proving_is_begun_there(place: Place, tmp_path: Path) -> None:
    place.company.git("init", "-q", "--bare", str(tmp_path / "hub.git"))
    place.company.git("remote", "add", "hub", f"file://{tmp_path / 'hub.git'}")
    held = place.run("reconcile", "--apply", "--remote", "hub")
    told = held.stderr.strip().rpartition(": tarmac ")[2]
    assert told.endswith(" --remote hub --reason ...")
    assert place.run(*told.replace("...", "begun").split(), *AT).returncode == 0
    assert place.company.git("ls-remote", "hub").endswith("refs/heads/tarmac/ledger")


def test_the_whole_way(place: Place) -> None:
    place.pull(R, staging(), "ana-1")
    held = place.run("reconcile", "--apply")
    assert held.returncode == 2
    assert held.stdout == ""
    assert held.stderr.count("tarmac approvals genesis --rev") == held.stderr.count("\n") == 1
    assert not list(place.company.instances.glob("*-*"))

    begun = place.run("approvals", "genesis", "--rev", "HEAD~1", "--reason", "as it was", *AT)
    assert (begun.returncode, begun.stderr) == (0, "")
    preview = place.run("plan", asked=False)
    assert "1 commit" in preview.stdout
    assert "not proved to be approved yet" in preview.stdout
    unasked = place.run("reconcile", "--apply", "--format", "json", asked=False)
    assert unasked.returncode == 1
    (told,) = json.loads(unasked.stdout)["unproved"]
    assert (told["subject"], "nobody asked the forge" in told["reason"]) == ("Change 1", True)
    done = place.run("reconcile", "--apply")
    assert (done.returncode, "1 done" in done.stdout) == (0, True), done.stdout + done.stderr

    story = json.loads(place.run("ledger", "proofs", "--format", "json").stdout)["proofs"]
    assert [one["kind"] for one in story] == ["genesis", "approved"]
    assert (story[1]["pull"], story[1]["reviewers"], story[1]["author"]) == (1, ["ana-1"], "dev")
    assert "pull request #1 of dev, merged by dev on 2026-12-01T05:00:00Z" in place.run("ledger", "proofs").stdout
    assert place.run("ledger", "verify").returncode == 0


def test_a_push_is_held_until_it_is_recorded(place: Place) -> None:
    place.pull(R, staging(), "ana-1")
    place.run("approvals", "genesis", "--rev", "HEAD", "--reason", "as it was", *AT)
    assert place.run("reconcile", "--apply").returncode == 0
    place.company.write(S, staging(owner="two", name="s"))
    (place.company.root / R).unlink()
    place.company.commit()
    pushed = place.company.git("rev-parse", "HEAD")
    held = place.run("reconcile", "--apply")
    assert (held.returncode, held.stdout.count("! hold")) == (1, 2), held.stdout
    assert f"tarmac approvals record {pushed[:12]}" in held.stdout

    written = place.run("approvals", "record", pushed[:12], "--reason", "the forge was down")
    assert written.returncode == 0, written.stderr
    path = f"policies/approval-records/commit-{pushed[:12]}.yaml"
    text = (place.company.root / path).read_text("utf-8")
    (place.company.root / path).unlink()
    assert f"commit: {pushed}" in text
    place.pull(path, text, "pat-1")
    done = place.run("reconcile", "--apply")
    assert (done.returncode, "2 done" in done.stdout) == (0, True), done.stdout + done.stderr
    assert "the forge was down" in place.run("ledger", "proofs").stdout


@pytest.mark.long
def test_a_second_beginning_and_a_record_of_nothing_are_refused(place: Place) -> None:
    place.run("approvals", "genesis", "--rev", "HEAD", "--reason", "as it was")
    again = place.run("approvals", "genesis", "--rev", "HEAD", "--reason", "once more")
    assert (again.returncode, "that is for good" in again.stderr) == (2, True)
    unknown = place.run("approvals", "record", "f" * 40, "--reason", "why not")
    assert (unknown.returncode, "names no commit" in unknown.stderr) == (2, True)
    empty = place.run("approvals", "record", "HEAD", "--reason", "")
    assert (empty.returncode, "--reason" in empty.stderr) == (2, True)


def test_evidence_that_was_tampered_with_is_found(place: Place) -> None:
    place.run("approvals", "genesis", "--rev", "HEAD", "--reason", "as it was", *AT)
    git = place.company.git
    git("checkout", "-q", "tarmac/ledger")
    (file,) = (place.company.root / "proofs").rglob("*.jsonl")
    file.write_text(file.read_text("utf-8").replace("as it was", "as I say"), "utf-8")
    git("commit", "-qam", "nothing to see here")
    git("checkout", "-q", "main")
    found = place.run("ledger", "verify")
    assert found.returncode == 1
    assert "it is not what the lines of evidence add up to" in found.stdout
    assert "it was changed after it was written" in found.stdout
