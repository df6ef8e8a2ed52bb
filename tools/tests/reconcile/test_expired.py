"""An expired request's file is proposed for removal by a change that the tool makes, here or at a remote."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from tarmac.app import wire
from tarmac.app.expired import Retired, retire
from tarmac.errors import ConfigurationError, GitError
from tarmac.model.proposal import Proposed
from tarmac.model.values import show_instant
from tests.planning.worlds import DAY, NOW
from tests.reconcile.company import Company

BRANCH = "tarmac/expired-requests"


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company.found(tmp_path)


def retired(company: Company, now: datetime, *, propose: bool = True, remote: str | None = None) -> Retired:
    proposals = wire.proposals(company.root, remote) if propose else None
    return retire(
        wire.git(company.root),
        wire.own_ledger(company.root, remote),
        wire.reading(),
        now,
        proposals,
        ("Ana", "ana@b.example"),
    )


def lived(company: Company, *names: str) -> datetime:
    """Requests that were made and have expired; the instant after."""
    for name in names:
        company.ask(name)
    company.commit()
    company.reconcile()
    company.reconcile(NOW + 8 * DAY)
    return NOW + 8 * DAY


def diff(company: Company, branch: str = BRANCH) -> str:
    return company.git("diff", "--name-status", f"main...{branch}")


def test_a_branch_removes_the_files_of_what_has_expired_and_nothing_else(company: Company) -> None:
    company.ask("lasting", environment="production")
    now = lived(company, "one", "two")
    company.ask("young")
    company.commit()
    company.reconcile(now)
    head, status = company.git("rev-parse", "HEAD"), company.git("status", "--porcelain")
    found = retired(company, now)
    assert [str(one.request) for one in found.found] == ["resourcerequest:default/one", "resourcerequest:default/two"]
    assert found.proposal is not None
    assert (found.proposal.became, found.proposal.branch, found.forge) == (Proposed.MADE, BRANCH, None)
    assert diff(company) == f"D\t{company.path('one')}\nD\t{company.path('two')}"
    assert company.git("log", "-1", "--format=%an <%ae>%n%cn%n%s", BRANCH).splitlines() == [
        "Ana <ana@b.example>",
        "Ana",
        "Remove 2 requests whose time is over",
    ]
    body = company.git("log", "-1", "--format=%b", BRANCH)
    assert f"- `one`, ended {show_instant(NOW + 7 * DAY)}" in body
    # Nothing was checked out, and nothing else moved.
    assert (company.git("rev-parse", "HEAD"), company.git("status", "--porcelain")) == (head, status)
    company.git("merge", "-q", BRANCH)
    assert company.plan(now).plan.effects == ()
    assert retired(company, now).found == ()


def test_a_branch_is_kept_while_it_says_the_same_and_made_anew_when_it_does_not(company: Company) -> None:
    now = lived(company, "one")
    first = retired(company, now).proposal
    assert first is not None
    company.ask("other", environment="production")
    company.commit()
    kept = retired(company, now).proposal
    assert kept is not None
    assert (kept.became, kept.commit) == (Proposed.KEPT, first.commit)
    # What it would remove was changed on main: to merge it would be to overlook that.
    path = company.root / company.path("one")
    path.write_text(path.read_text().replace("a test", "another reason"))
    company.commit()
    again = retired(company, now).proposal
    assert again is not None
    assert again.became is Proposed.MADE
    assert diff(company) == f"D\t{company.path('one')}"
    # Somebody put more into it.
    company.git("checkout", "-q", BRANCH)
    company.write("policies/sly.yaml", "{}\n")
    company.commit()
    company.git("checkout", "-q", "main")
    cleaned = retired(company, now).proposal
    assert cleaned is not None
    assert cleaned.became is Proposed.MADE
    assert diff(company) == f"D\t{company.path('one')}"


def test_a_branch_is_withdrawn_when_a_request_is_renewed(company: Company) -> None:
    now = lived(company, "one")
    retired(company, now)
    path = company.root / company.path("one")
    path.write_text(path.read_text().replace("  environment:", '  expires: "2027-03-01"\n  environment:'))
    company.commit()
    proposal = retired(company, now).proposal
    assert proposal is not None
    assert (proposal.became, proposal.commit) == (Proposed.WITHDRAWN, None)
    assert company.git("branch", "--list", BRANCH) == ""
    nothing = retired(company, now).proposal
    assert nothing is not None
    assert nothing.became is Proposed.NONE


def test_without_asking_for_a_branch_there_is_none(company: Company) -> None:
    now = lived(company, "one")
    found = retired(company, now, propose=False)
    assert (found.paths, found.proposal) == ((company.path("one"),), None)
    assert company.git("branch", "--list", BRANCH) == ""


def test_a_file_that_holds_more_or_is_needed_stays(company: Company) -> None:
    for name in ("one", "two", "old"):
        company.ask(name)
    pair = company.root / company.path("one")
    pair.write_text(
        pair.read_text() + "---\n" + (company.root / company.path("old")).read_text().replace("old", "lasts")
    )
    text = pair.read_text()
    pair.write_text(text[: text.rindex("development")] + "production" + text[text.rindex("development") + 11 :])
    now = lived(company)
    company.ask("user")
    path = company.root / company.path("user")
    path.write_text(path.read_text().replace("  reason:", "  dependsOn: [resourcerequest:default/two]\n  reason:"))
    company.commit()
    found = {str(one.request.name): one.stays for one in retired(company, now).found}
    assert found == {
        "one": "its file holds more: take it out by hand",
        "two": "resourcerequest:default/user still refers to it",
        "old": None,
    }
    assert diff(company) == f"D\t{company.path('old')}"


def test_a_request_whose_day_passed_before_it_was_made_goes_and_one_that_waits_does_not(company: Company) -> None:
    company.ask("late")
    path = company.root / company.path("late")
    path.write_text(path.read_text().replace("  environment:", '  expires: "2026-11-01"\n  environment:'))
    company.ask("waiting")
    company.commit()
    assert [str(one.request.name) for one in retired(company, NOW).found] == ["late"]


def test_with_a_remote_the_branch_is_pushed_there_and_no_branch_here_is_touched(
    company: Company, tmp_path: Path
) -> None:
    there = tmp_path / "remote.git"
    subprocess.run(["git", "init", "-q", "--bare", str(there)], check=True)
    company.git("remote", "add", "origin", f"file://{there}")
    now = lived(company, "one")
    company.git("push", "-q", "origin", "main", "tarmac/ledger")
    found = retired(company, now, remote="origin").proposal
    assert found is not None
    assert (found.became, found.remote) == (Proposed.MADE, "origin")
    assert company.git("branch", "--list", BRANCH) == ""
    assert company.git("--git-dir", str(there), "rev-parse", BRANCH) == found.commit
    kept = retired(company, now, remote="origin").proposal
    assert kept is not None
    assert kept.became is Proposed.KEPT
    path = company.root / company.path("one")
    path.write_text(path.read_text().replace("a test", "another reason"))
    company.commit()
    company.git("push", "-q", "origin", "main")
    made = retired(company, now, remote="origin").proposal
    assert made is not None
    assert made.became is Proposed.MADE
    company.withdraw("one")
    company.commit()
    company.git("push", "-q", "origin", "main")
    gone = retired(company, now, remote="origin").proposal
    assert gone is not None
    assert gone.became is Proposed.WITHDRAWN
    assert company.git("--git-dir", str(there), "branch", "--list", BRANCH) == ""
    company.git("remote", "set-url", "origin", f"file://{tmp_path}/nowhere")
    with pytest.raises(GitError):
        retired(company, now, remote="origin")


def run(company: Company, *arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "tarmac", "request", "expired", *arguments]
    done = subprocess.run(command, cwd=company.root, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_command_says_what_to_do_next(company: Company) -> None:
    now = show_instant(lived(company, "one"))
    code, text = run(company, "--now", now)
    assert code == 0
    assert text.splitlines() == [
        f"resourcerequest:default/one, ended {show_instant(NOW + 7 * DAY)}: {company.path('one')}",
        "1 request expired.",
    ]
    code, text = run(company, "--now", now, "--propose")
    assert text.splitlines()[-2:] == [
        f"Branch {BRANCH} is made: one commit that removes 1 file.",
        f"There is no forge to open a pull request at. Next: git merge {BRANCH}, on main",
    ]
    platform = company.root / "policies/platform.yaml"
    platform.write_text(platform.read_text().replace("forge: none", "forge: github"))
    company.commit()
    code, text = run(company, "--now", now, "--propose")
    assert text.splitlines()[-2:] == [
        f"Branch {BRANCH} holds that already: one commit that removes 1 file.",
        f"Next: git push --force origin {BRANCH}, then gh pr create --fill --base main --head {BRANCH}",
    ]
    code, text = run(company, "--now", now, "--propose", "--format", "json")
    said = json.loads(text)
    assert said["proposal"] == {
        "branch": BRANCH,
        "commit": company.git("rev-parse", BRANCH),
        "became": "kept",
        "remote": None,
    }
    assert said["expired"] == [
        {
            "request": "resourcerequest:default/one",
            "expired": show_instant(NOW + 7 * DAY),
            "file": company.path("one"),
            "stays": None,
        }
    ]


def test_wrong_questions_are_answered(company: Company, tmp_path: Path) -> None:
    code, text = run(company, "--author", "nobody")
    assert (code, "write a name and a mail address: 'Ana Ruiz <ana@example.com>'" in text) == (2, True)
    code, text = run(company, "--author", "A\nB <a@b>", "--propose")
    assert code == 2
    code, text = run(company, "--remote", "nowhere", "--propose")
    assert (code, "there is no remote 'nowhere' here" in text) == (2, True)
    company.git("branch", "-m", "main", "trunk")
    with pytest.raises(ConfigurationError, match="which branch is the default one cannot be told"):
        retired(company, NOW)


def test_where_the_data_lie_in_a_folder_of_the_repository_only_files_there_are_removed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    (top / "data").mkdir(parents=True)
    whole = Company(top, tmp_path / "instances")
    whole.git("init", "-q", "-b", "main")
    inner = Company.found(tmp_path)
    subprocess.run(
        ["cp", "-r", *(str(path) for path in inner.root.iterdir() if path.name != ".git"), str(top / "data")],
        check=True,
    )
    company = Company(top / "data", tmp_path / "instances")
    company.ask("late")
    path = company.root / company.path("late")
    path.write_text(path.read_text().replace("  environment:", '  expires: "2026-11-01"\n  environment:'))
    whole.write(company.path("late"), "the same path above\n")
    whole.commit()
    found = retired(company, NOW)
    assert found.paths == (company.path("late"),)
    assert diff(company) == f"D\tdata/{company.path('late')}"
    kept = retired(company, NOW).proposal
    assert kept is not None
    assert kept.became is Proposed.KEPT
