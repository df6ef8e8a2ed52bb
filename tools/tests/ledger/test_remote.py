"""The ledger at a remote: fetched before, pushed with lease, and never torn between two clones."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from tarmac.adapters.ledger import REF, GitLedger
from tarmac.cli.main import tarmac
from tarmac.errors import GitError, LedgerConflict, UsageError
from tarmac.model.ledger import Head
from tests.ledger.test_git_ledger import life
from tests.reconcile.company import Company


def run(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=True).stdout.decode().strip()


@pytest.fixture
def clones(tmp_path: Path) -> tuple[Path, Path, Path]:
    """A bare repository with one commit, and two clones of it."""
    hub, one, two = (tmp_path / name for name in ("hub.git", "one", "two"))
    run(tmp_path, "init", "-q", "--bare", "-b", "main", str(hub))
    run(tmp_path, "clone", "-q", str(hub), str(one))
    run(one, "commit", "-q", "--allow-empty", "-m", "begin")
    run(one, "push", "-q", "origin", "HEAD:main")
    run(tmp_path, "clone", "-q", str(hub), str(two))
    return hub, one, two


def test_what_one_clone_writes_the_other_reads(clones: tuple[Path, Path, Path]) -> None:
    hub, one, two = clones
    here, there = GitLedger.at(one, "origin"), GitLedger.at(two, "origin")
    assert here.head() == there.head() == Head(None, 0, "0" * 64)
    head = here.append(here.head(), "run-1", 1, life("one"))
    assert run(hub, "rev-parse", REF) == head.commit == run(one, "rev-parse", REF)
    assert there.head() == head
    assert there.states(head) == here.states(head)
    later = there.append(there.head(), "run-2", 1, life("two"))
    assert here.head() == later
    assert here.verify(later) == ()


def test_of_two_clones_that_write_at_once_one_is_refused_and_nothing_of_it_stays(
    clones: tuple[Path, Path, Path],
) -> None:
    hub, one, two = clones
    here, there = GitLedger.at(one, "origin"), GitLedger.at(two, "origin")
    for turn in ("first", "second"):
        before_here, before_there = here.head(), there.head()
        kept = here.append(before_here, turn, 1, life(f"{turn}-one"))
        with pytest.raises(LedgerConflict, match="at the same time"):
            there.append(before_there, turn, 1, life(f"{turn}-two"))
        assert run(hub, "rev-parse", REF) == kept.commit
        assert there.head() == kept


def test_a_tag_that_is_called_as_the_branch_is_in_full_is_no_ledger(clones: tuple[Path, Path, Path]) -> None:
    """Fetched with all the others, it would be read where the branch is only origin's."""
    _, one, two = clones
    real = GitLedger.at(one, "origin").append(Head(None, 0, "0" * 64), "run-1", 1, life("one"))
    run(two, "fetch", "-q", "origin")
    forged = GitLedger.at(two).append(Head(None, 0, "0" * 64), "run-2", 1, life("two"))
    run(two, "update-ref", f"refs/tags/{REF}", str(forged.commit))
    run(two, "update-ref", "-d", REF)
    assert GitLedger.to_read(two).head() == real
    assert GitLedger.at(two).head() == Head(None, 0, "0" * 64)


def test_what_was_never_pushed_is_not_thrown_away(clones: tuple[Path, Path, Path]) -> None:
    _, one, two = clones
    alone = GitLedger.at(two)
    head = alone.append(alone.head(), "run-1", 1, life("two"))
    GitLedger.at(one, "origin").append(Head(None, 0, "0" * 64), "run-2", 1, life("one"))
    with pytest.raises(GitError, match="have parted") as caught:
        GitLedger.at(two, "origin").head()
    assert run(two, "rev-parse", REF) == head.commit
    advice = str(caught.value).rpartition(": ")[2].split()
    assert advice[0] == "git"
    run(two, *advice[1:])
    assert GitLedger.at(two, "origin").head() == GitLedger.at(one, "origin").head()


def test_a_ledger_that_is_only_here_is_pushed_with_the_first_thing_written(clones: tuple[Path, Path, Path]) -> None:
    hub, one, _ = clones
    alone = GitLedger.at(one)
    alone.append(alone.head(), "run-1", 1, life("one"))
    shared = GitLedger.at(one, "origin")
    head = shared.append(shared.head(), "run-2", 1, life("two"))
    assert run(hub, "rev-parse", REF) == head.commit


def test_a_remote_that_is_gone_or_unknown_is_said(clones: tuple[Path, Path, Path]) -> None:
    hub, one, _ = clones
    for name in ("nowhere", "--upload-pack=x", "", "."):
        with pytest.raises(UsageError, match="no remote"):
            GitLedger.at(one, name)
    hub.rename(hub.with_name("gone.git"))
    with pytest.raises(GitError):
        GitLedger.at(one, "origin").head()


def test_a_clone_that_never_wrote_a_ledger_reads_what_it_fetched(tmp_path: Path) -> None:
    company = Company.found(tmp_path)
    company.ask("one")
    company.commit()
    company.reconcile()
    clone = tmp_path / "clone"
    run(tmp_path, "clone", "-q", str(company.root), str(clone))
    fetched = "refs/remotes/origin/tarmac/ledger"
    tip = run(clone, "rev-parse", fetched)

    def said(*arguments: str) -> str:
        done = CliRunner().invoke(tarmac, [*arguments, "--root", str(clone)], standalone_mode=False)
        assert done.exit_code == 0, done.output
        return done.output

    assert "created   one" in said("ledger", "log")
    assert "2 lines: every line follows from the one before." in said("ledger", "verify")
    assert "postgres: 1 done (100% well)" in said("ledger", "figures")
    row = json.loads(said("request", "list", "--format", "json", "--now", "2026-12-01T07:00:00Z"))["requests"][0]
    assert (row["phase"], row["expires"]) == ("ready", "2026-12-08T06:00:00Z")
    assert "nothing is proved yet" in said("ledger", "proofs")
    # What writes writes to a branch of its own, and never to what was fetched.
    assert said("ledger", "rebuild").startswith("All is as the log says. Ledger: 0 lines")
    own = GitLedger.at(clone)
    own.append(own.head(), "run-1", 1, life("mine"))
    assert run(clone, "rev-parse", fetched) == tip
    assert "mine" in said("ledger", "log")
    assert "one (" not in said("ledger", "log")
