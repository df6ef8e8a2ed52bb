"""A saved plan is applied as it was seen, or not at all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tarmac.adapters.plan_file import read_plan
from tarmac.app.plan import Planned
from tarmac.app.reconcile import reconcile
from tarmac.cli.main import tarmac
from tarmac.errors import StalePlan, UsageError
from tarmac.model.plan import Outcome, SavedPlan
from tests.planning.worlds import DAY, NOW
from tests.reconcile.company import Company


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company.found(tmp_path)


def saved(company: Company) -> SavedPlan:
    planned = company.plan()
    return SavedPlan(planned.plan.base, planned.inventory, planned.plan.hash)


def apply(company: Company, plan: SavedPlan, days: int = 0) -> None:
    def hear(_: Planned | Outcome) -> None:
        """Nobody listens."""

    reconcile(
        company.deps(),
        "HEAD",
        NOW + days * DAY,
        apply=True,
        made_up_time=True,
        saved=plan,
        stop=lambda: False,
        planned=hear,
        tell=hear,
    )


def test_what_was_saved_is_applied_while_nothing_changes(company: Company) -> None:
    company.ask("one")
    company.commit()
    apply(company, saved(company), days=1)
    assert company.references() == ["one"]


def test_another_commit_another_inventory_or_other_steps_are_refused(company: Company) -> None:
    company.ask("one")
    company.commit()
    plan = saved(company)
    company.commit()
    with pytest.raises(StalePlan, match="made for commit"):
        apply(company, plan)
    company.reconcile()
    plan = saved(company)
    provider = company.deps().providers("embedded", "platform-one")
    (there,) = provider.list_instances()
    provider.delete(there.uid)
    with pytest.raises(StalePlan, match="what the providers have"):
        apply(company, plan)
    company.reconcile()
    with pytest.raises(StalePlan, match="other steps follow"):
        apply(company, saved(company), days=7)
    assert company.references() == ["one"]


def test_a_file_that_is_no_saved_plan_or_was_changed_is_wrong_usage(company: Company, tmp_path: Path) -> None:
    file = tmp_path / "plan.json"
    for content in ("", "[]", "{}", '{"base": 1}', "[" * 100_000, '"x"'):
        file.write_text(content, "utf-8")
        with pytest.raises(UsageError, match="no saved plan"):
            read_plan(file)
    with pytest.raises(UsageError, match="cannot be read"):
        read_plan(tmp_path / "nowhere.json")
    base = {"version": 1, "base": "c0ffee", "actions": [], "summary": {}, "inventory": "1", "hash": "2"}
    file.write_text(json.dumps(base), "utf-8")
    with pytest.raises(UsageError, match="was changed"):
        read_plan(file)


def test_on_the_command_line_it_is_written_seen_and_applied(company: Company, tmp_path: Path) -> None:
    company.ask("one")
    company.commit()
    file = tmp_path / "plan.json"
    usual = ["--root", str(company.root), "--instances", str(company.instances), "--now", "2026-12-01T06:00:00Z"]
    run = CliRunner().invoke(tarmac, ["plan", *usual, "--out", str(file)], standalone_mode=False)
    assert run.exit_code == 0, run.output
    assert "1 to create" in run.output
    document = json.loads(file.read_text("utf-8"))
    assert list(document) == ["actions", "base", "hash", "inventory", "refused", "summary", "version"]
    assert read_plan(file) == SavedPlan(document["base"], document["inventory"], document["hash"])
    assert document["refused"] == []
    run = CliRunner().invoke(tarmac, ["reconcile", *usual, "--apply", "--plan", str(file)], standalone_mode=False)
    assert run.exit_code == 0, run.output
    assert company.references() == ["one"]
    again = CliRunner().invoke(tarmac, ["reconcile", *usual, "--apply", "--plan", str(file)], standalone_mode=False)
    assert isinstance(again.exception, StalePlan)


def test_the_plan_as_json_says_what_reconcile_would_refuse(company: Company) -> None:
    for number in range(8):
        company.ask(f"db-{number}")
    company.commit()
    company.reconcile()
    for number in range(4):
        company.withdraw(f"db-{number}")
    company.commit()
    usual = ["--root", str(company.root), "--instances", str(company.instances), "--now", "2026-12-01T06:00:00Z"]
    run = CliRunner().invoke(tarmac, ["plan", *usual, "--format", "json"], standalone_mode=False)
    (first, *_) = json.loads(run.output)["refused"]
    assert first == {
        "scope": "the whole run",
        "live": 8,
        "removals": 4,
        "allowed": 3,
        "requests": [f"resourcerequest:default/db-{number}" for number in range(4)],
    }
