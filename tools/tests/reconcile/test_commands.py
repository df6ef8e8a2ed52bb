"""plan, reconcile and ledger as commands of their own process: what they print, how they end, and being killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.reconcile.company import Company

AT = ("--now", "2026-12-01T06:00:00Z")
TARMAC = (sys.executable, "-c", "from tarmac.cli.main import main; main()")


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company.found(tmp_path)


def command(company: Company, *arguments: str) -> list[str]:
    where = ["--root", str(company.root)]
    if arguments[0] in ("plan", "reconcile"):
        where += ["--instances", str(company.instances)]
    return [*TARMAC, *arguments, *where]


def run(company: Company, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    return subprocess.run(
        command(company, *arguments), capture_output=True, text=True, env=environment, timeout=60, check=False
    )


def test_the_account_of_a_plan_an_applied_run_and_the_record(company: Company) -> None:
    company.ask("orders-db")
    company.commit()
    base = company.git("rev-parse", "HEAD")
    planned = run(company, "plan", *AT)
    assert (planned.returncode, planned.stderr) == (0, "")
    assert planned.stdout == (
        f"Plan for commit {base[:12]} (branch main) at 2026-12-01T06:00:00Z\n\n"
        "    + create   orders-db  [postgres@1.0.0, embedded]\n"
        "               asked for in requests/platform/development/orders-db.yaml, for 7d from being ready\n"
        "\nNote: forge: none in policies/platform.yaml: nobody is asked who approved what, merging is approving\n"
        "\n1 to create.\n"
    )
    shown = run(company, "reconcile", *AT)
    assert (shown.returncode, shown.stdout) == (0, planned.stdout)
    assert not company.instances.exists()
    applied = run(company, "reconcile", "--apply", *AT)
    assert applied.returncode == 0
    assert "    + orders-db (postgres@1.0.0): created\n" in applied.stdout
    assert "1 done. Ledger: 2 lines, head " in applied.stdout
    assert run(company, "plan", *AT).stdout.endswith("Nothing to do: 1 unchanged.\n")
    story = run(company, "ledger", "log")
    assert story.stdout == (
        "2026-12-01T06:00:00Z  created   orders-db (postgres@1.0.0, development, platform): "
        "asked for in requests/platform/development/orders-db.yaml, for 7d from being ready\n"
    )
    assert "  phase" not in run(company, "ledger", "show", "orders-db").stdout
    assert run(company, "ledger", "show", "orders-db").stdout.startswith(
        "resourcerequest:default/orders-db, instance 1: ready since 2026-12-01T06:00:00Z\n"
    )
    verified = run(company, "ledger", "verify")
    assert verified.returncode == 0
    assert verified.stdout.startswith("2 lines: every line follows from the one before. Head: ")


def test_json_has_the_promised_shape_and_the_same_bytes_twice(company: Company) -> None:
    company.ask("orders-db")
    company.ask("files", "bucket")
    company.commit()
    first = run(company, "plan", "--format", "json", *AT).stdout
    assert first == run(company, "plan", "--format", "json", *AT).stdout
    data = json.loads(first)
    assert sorted(data) == ["actions", "base", "hash", "inventory", "refused", "summary", "version"]
    assert data["base"] == company.git("rev-parse", "HEAD")
    assert [action["request"] for action in data["actions"]] == [
        "resourcerequest:default/files",
        "resourcerequest:default/orders-db",
    ]
    done = json.loads(run(company, "reconcile", "--apply", "--format", "json", *AT).stdout)
    assert done["plan"] == {key: value for key, value in data.items() if key not in ("inventory", "refused")}
    assert [outcome["result"] for outcome in done["outcomes"]] == ["done", "done"]
    logged = json.loads(run(company, "ledger", "log", "--all", "--format", "json").stdout)
    assert [entry["event"] for entry in logged["entries"]] == ["intent", "intent", "outcome", "outcome"]
    assert logged["head"]["hash"] == done["ledger"]["hash"]


def test_a_refused_run_is_a_verdict(company: Company) -> None:
    company.ask("orders-db")
    company.commit()
    run(company, "reconcile", "--apply", *AT)
    company.withdraw("orders-db")
    company.commit()
    refused = run(company, "reconcile", "--apply", *AT)
    assert refused.returncode == 1
    assert "Refused before the first effect: nothing was applied.\n" in refused.stdout
    assert refused.stdout.count("1 of 1 live instance would go, 0 may") == 1
    assert "DeletionApproval" in refused.stdout
    data = json.loads(run(company, "reconcile", "--apply", "--format", "json", *AT).stdout)
    assert data["outcomes"] is None
    assert data["refused"][0]["requests"] == ["resourcerequest:default/orders-db"]


def test_a_broken_ledger_is_a_verdict_and_is_named(company: Company) -> None:
    company.ask("orders-db")
    company.commit()
    run(company, "reconcile", "--apply", *AT)
    tree = company.git("ls-tree", "tarmac/ledger").replace("state", "elsewhere")
    made = subprocess.run(["git", "mktree"], cwd=company.root, input=tree.encode(), capture_output=True, check=True)
    commit = company.git("commit-tree", made.stdout.decode().strip(), "-p", "tarmac/ledger", "-m", "x")
    company.git("update-ref", "refs/heads/tarmac/ledger", commit)
    verified = run(company, "ledger", "verify")
    assert verified.returncode == 1
    assert "it is not what the log adds up to" in verified.stdout


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("plan", "--now", "tomorrow"), 2),
        (("plan", "--rev", "nowhere"), 2),
        (("reconcile", "--rev", "--all"), 2),
        (("ledger", "show", "nothing"), 2),
        (("ledger", "verify"), 0),
        (("ledger", "log"), 0),
    ],
)
def test_exit_codes(company: Company, arguments: tuple[str, ...], code: int) -> None:
    result = run(company, *arguments)
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr


def test_a_folder_for_instances_that_cannot_be_used_holds_everything(company: Company) -> None:
    company.ask("orders-db")
    company.commit()
    company.instances.symlink_to(company.root)
    result = run(company, "reconcile", "--apply", *AT)
    assert "could not list its instances" in result.stdout
    assert "Nothing to do" not in run(company, "plan", *AT).stderr
    assert "1 held" in result.stdout


def test_hostile_text_reaches_no_terminal(company: Company) -> None:
    company.ask("orders-db", config='size: "\\e]0;owned\\x07\\u202e"')
    company.commit()
    for arguments in (("plan", *AT), ("reconcile", "--apply", *AT), ("ledger", "log", "--all")):
        result = run(company, *arguments)
        assert all(character.isprintable() or character == "\n" for character in result.stdout + result.stderr)


def begin(company: Company) -> subprocess.Popen[bytes]:
    for number in range(90):
        company.ask(f"db-{number:02}")
    company.commit()
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    process = subprocess.Popen(
        command(company, "reconcile", "--apply", *AT),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        if company.instances.is_dir() and len(list(company.instances.iterdir())) > 3:
            return process
        time.sleep(0.002)
    process.kill()
    process.wait()
    pytest.fail("it never began, or was over too soon to be stopped")


def finished(company: Company) -> None:
    assert run(company, "reconcile", "--apply", *AT).returncode == 0
    assert company.references() == [f"db-{number:02}" for number in range(90)]
    assert not company.plan().plan.effects
    assert run(company, "ledger", "verify").returncode == 0


def test_killed_in_the_middle_the_next_run_makes_it_right(company: Company) -> None:
    process = begin(company)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert company.plan().plan.effects
    finished(company)


def test_asked_to_stop_it_ends_in_order_and_says_so(company: Company) -> None:
    process = begin(company)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 130
    left = company.plan().plan
    assert set(left.summary) == {"create", "none"}, "every step that was begun has its outcome"
    finished(company)


def test_a_credential_that_was_to_be_replaced_and_is_not_ends_with_1(company: Company) -> None:
    company.ask("orders-db")
    company.commit()
    assert run(company, "reconcile", "--apply", "--rotate", "orders-db", *AT).returncode == 1
    company.ask("other")
    company.commit()
    held = run(company, "reconcile", "--apply", "--rotate", "orders-db", *AT)
    assert held.returncode == 1
    said = "    Not replaced: the credential of orders-db: provider embedded: it cannot replace credentials\n"
    assert said in held.stdout
    assert "    + other (postgres@1.0.0): created\n" in held.stdout
    assert run(company, "reconcile", "--rotate", "orders-db", *AT).returncode == 0
    assert run(company, "reconcile", "--apply", *AT).returncode == 0
