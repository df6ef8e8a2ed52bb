"""What stops a run before its first step: work that is not merged, a folder that cannot be used, too many removals."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.reconcile.company import Company

AT = ("--now", "2026-12-01T06:00:00Z")


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = Company.found(tmp_path)
    company.ask("orders-db")
    company.commit()
    return company


def run(company: Company, *arguments: str, instances: Path | None = None) -> subprocess.CompletedProcess[str]:
    where = ("--instances", str(instances or company.instances))
    command = [sys.executable, "-m", "tarmac", *arguments, *AT, *where]
    return subprocess.run(command, cwd=company.root, capture_output=True, text=True, timeout=60, check=False)


def lines(company: Company) -> str:
    return subprocess.run(
        [sys.executable, "-m", "tarmac", "ledger", "log", "--all"],
        cwd=company.root,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_what_is_not_merged_is_planned_and_not_applied(company: Company) -> None:
    company.git("checkout", "-q", "-b", "feature")
    company.ask("more-db")
    company.commit()
    planned = run(company, "plan")
    assert planned.returncode == 0
    assert "(branch feature, which is not the tip of main) at" in planned.stdout.splitlines()[0]
    assert run(company, "reconcile").returncode == 0, "without --apply it is a plan"
    refused = run(company, "reconcile", "--apply")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "HEAD is branch feature, which is not the tip of main" in refused.stderr
    assert lines(company) == ""
    assert not company.instances.exists()


def test_a_revision_that_is_named_is_applied(company: Company) -> None:
    company.git("checkout", "-q", "-b", "feature")
    company.ask("more-db")
    company.commit()
    assert "1 done" in run(company, "reconcile", "--apply", "--rev", "main").stdout
    assert "1 done" in run(company, "reconcile", "--apply", "--rev", "HEAD").stdout
    assert company.references() == ["more-db", "orders-db"]


def test_a_branch_that_adds_nothing_to_main_is_main(company: Company) -> None:
    company.git("checkout", "-q", "-b", "feature")
    assert "(branch feature) at" in run(company, "plan").stdout
    company.git("checkout", "-q", "--detach")
    assert "(on no branch) at" in run(company, "plan").stdout
    assert "1 done" in run(company, "reconcile", "--apply").stdout


def test_an_older_commit_of_main_is_not_applied(company: Company) -> None:
    company.git("checkout", "-q", "--detach", "HEAD~1")
    refused = run(company, "reconcile", "--apply")
    assert refused.returncode == 2
    assert "HEAD is on no branch, which is not the tip of main: check out main" in refused.stderr


def test_the_default_branch_is_the_one_that_origin_names(company: Company) -> None:
    company.git("branch", "-q", "-m", "main", "trunk")
    company.git("checkout", "-q", "-b", "main")
    company.ask("more-db")
    company.commit()
    assert "(branch main) at" in run(company, "plan").stdout
    company.git("update-ref", "refs/remotes/origin/trunk", "trunk")
    company.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    refused = run(company, "reconcile", "--apply")
    assert "HEAD is branch main, which is not the tip of trunk" in refused.stderr
    company.git("checkout", "-q", "trunk")
    company.git("branch", "-q", "-D", "main")
    assert "1 done" in run(company, "reconcile", "--apply").stdout


def test_where_no_branch_is_known_as_the_default_head_is_applied(company: Company) -> None:
    company.git("branch", "-q", "-m", "main", "live")
    assert "1 done" in run(company, "reconcile", "--apply").stdout


@pytest.mark.parametrize("where", ["file/below", "file", "/proc/tarmac-instances"])
def test_a_folder_that_cannot_be_used_stops_everything_before_the_first_line(
    company: Company, tmp_path: Path, where: str
) -> None:
    (tmp_path / "file").write_text("")
    result = run(company, "reconcile", "--apply", instances=tmp_path / where)
    assert result.returncode in (2, 4)
    assert "Traceback" not in result.stderr
    assert "--instances" in result.stderr
    assert lines(company) == ""


def test_instances_that_are_elsewhere_are_looked_for_where_it_is_said(company: Company, tmp_path: Path) -> None:
    run(company, "reconcile", "--apply")
    planned = run(company, "plan", instances=tmp_path / "elsewhere")
    assert (
        f"Note: provider embedded looked in {tmp_path / 'elsewhere'} and found 0 of the 1 instances that are ready by "
        "the ledger: --instances names another folder\n"
    ) in planned.stdout
    assert "looked in" not in run(company, "plan").stdout


def test_a_plan_that_would_be_refused_says_so_last_and_how_to_let_it_pass(company: Company) -> None:
    for number in range(5):
        company.ask(f"db-{number}", "bucket", "staging")
    company.commit()
    assert "6 done" in run(company, "reconcile", "--apply").stdout
    for number in range(5):
        company.withdraw(f"db-{number}", "staging")
    company.commit()
    planned = run(company, "plan")
    assert planned.returncode == 0
    assert planned.stdout.splitlines()[-1] == "Reconcile will refuse all of it, as 4 limits are broken."
    refused = run(company, "reconcile", "--apply")
    assert refused.returncode == 1
    assert refused.stdout.count("the whole run: 5 of 6 live instances would go, 3 may") == 1
    assert "No approval lets go" not in refused.stdout
    document = [line.removeprefix("    ") for line in refused.stdout.splitlines() if line.startswith("    ")]
    text = "\n".join(document[document.index("apiVersion: tarmac/v1") :]) + "\n"
    assert 'requests/platform/staging/db-0.yaml"\n' in text
    assert '  expires: "2026-12-08"\n' in text
    company.write("policies/retire.yaml", text)
    company.commit()
    assert "5 done" in run(company, "reconcile", "--apply").stdout
    assert company.references() == ["orders-db"]


def test_what_is_protected_is_in_no_approval_that_is_offered(company: Company) -> None:
    """It stays until its file is put back, whatever an approval names."""
    for number in range(4):
        company.ask(f"db-{number}", "bucket", "staging")
        company.ask(f"kept-{number}", "bucket", "production")
    company.commit()
    run(company, "reconcile", "--apply")
    for number in range(4):
        company.withdraw(f"db-{number}", "staging")
        company.withdraw(f"kept-{number}", "production")
    company.commit()
    refused = run(company, "reconcile", "--apply").stdout
    assert '    - "requests/platform/staging/db-3.yaml"\n' in refused
    assert '- "requests/platform/production' not in refused
    assert refused.endswith(
        "\nNo approval lets go what is protected once its file is gone: put these files back first: "
        + ", ".join(f"requests/platform/production/kept-{number}.yaml" for number in range(4))
        + ".\n"
    )
    for number in range(4):
        company.ask(f"db-{number}", "bucket", "staging")
    company.commit()
    refused = run(company, "reconcile", "--apply").stdout
    assert "DeletionApproval" not in refused.split("Refused before")[1]
    assert ": nothing was applied.\nNo approval lets go what is protected" in refused


def test_what_is_in_production_goes_in_two_merged_steps(company: Company) -> None:
    company.ask("kept", "bucket", "production")
    company.commit()
    run(company, "reconcile", "--apply")
    path = company.root / company.path("kept", "production")
    text = path.read_text("utf-8")
    company.withdraw("kept", "production")
    company.commit()
    held = run(company, "reconcile", "--apply").stdout
    assert "it is protected in production: put requests/platform/production/kept.yaml back" in held
    path.write_text(text.replace("  reason:", "  deletionProtection: false\n  reason:"), "utf-8")
    company.commit()
    assert "1 to update" in run(company, "reconcile", "--apply").stdout
    path.unlink()
    company.commit()
    assert "1 to delete" in run(company, "reconcile", "--apply").stdout
    assert company.references() == ["orders-db"]
