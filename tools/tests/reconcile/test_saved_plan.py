"""A saved plan is applied as it was seen, or not at all."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tarmac.adapters.plan_file import read_plan, show_plan, write_plan
from tarmac.app.plan import Planned
from tarmac.app.reconcile import reconcile
from tarmac.cli.main import tarmac
from tarmac.errors import ExitCode, StalePlan, UsageError
from tarmac.model.json_value import JsonValue
from tarmac.model.plan import Breach, Outcome, Plan, SavedPlan, canonical
from tarmac.reports.plan_json import plan_json
from tarmac.reports.plan_text import plan_text
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
    # Nothing outside failed, and to try again is no help.
    assert again.exception.exit_code is ExitCode.VERDICT


def test_a_place_where_no_plan_can_be_saved_is_wrong_usage(company: Company, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place, why in (
        (tmp_path / "nope" / "plan.json", f"there is no folder {tmp_path}/nope: make it first"),
        (tmp_path / "file" / "plan.json", f"{tmp_path}/file is no folder"),
    ):
        run = CliRunner().invoke(
            tarmac, ["plan", "--root", str(company.root), "--out", str(place)], standalone_mode=False
        )
        assert isinstance(run.exception, UsageError)
        assert str(run.exception) == f"--out {place}: {why}"


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


def test_a_saved_plan_can_be_looked_at_without_the_world(company: Company, tmp_path: Path) -> None:
    company.ask("one", environment="production")
    company.commit()
    company.reconcile()
    company.ask("one", environment="production", config="size: large")
    company.ask("two")
    company.commit()
    made = company.plan()
    file = tmp_path / "plan.json"
    file.write_text(plan_json(made.plan, [Breach("the whole run", 9, 4, 3, ("x",))], made.inventory), "utf-8")
    done = CliRunner().invoke(tarmac, ["plan", "--show", str(file), "--root", str(tmp_path / "nowhere")])
    assert done.exit_code == 0, done.output
    first, *rest = done.output.splitlines()
    assert first == f"Plan for commit {made.plan.base[:12]}, as it was saved"
    assert rest == plan_text(made.plan, [Breach("the whole run", 9, 4, 3, ())], (), NOW).splitlines()[1:]
    assert "    ~ update   one  [postgres@1.0.0, embedded]" in rest
    assert '               config.size: "small" -> "large"' in rest
    assert "    + create   two  [postgres@1.0.0, embedded]" in rest
    assert "1 to create, 1 to update." in rest


@pytest.mark.parametrize("field", ["actions", "refused"])
@pytest.mark.parametrize("content", [[1], [{}], [{"action": "fly", "type": "x", "provider": "y", "reason": "z"}]])
def test_a_file_whose_hash_fits_and_whose_steps_are_none_is_wrong_usage(
    field: str, content: JsonValue, tmp_path: Path
) -> None:
    body: dict[str, JsonValue] = {"version": 1, "base": "b", "actions": [], "summary": {}}
    if field == "actions":
        body[field] = content
    seen = hashlib.sha256(canonical(body).encode()).hexdigest()
    file = tmp_path / "plan.json"
    file.write_text(json.dumps({"refused": content, **body, "hash": seen, "inventory": "i"}), "utf-8")
    with pytest.raises(UsageError, match="no saved plan"):
        show_plan(file)


def test_a_plan_is_shown_or_made_and_not_both(tmp_path: Path) -> None:
    making = (["--write-cache"], ["--no-cache"], ["--cache", "x"], ["--rotate", "x"], ["--proofs", "github"])
    for more in (["--out", "x"], ["--format", "json"], *making):
        done = CliRunner().invoke(tarmac, ["plan", "--show", str(tmp_path / "p.json"), *more])
        assert done.exit_code == 2
        assert "--show tells of a saved plan in words" in done.output


def test_a_plan_replaces_a_plan_and_no_other_file(tmp_path: Path) -> None:
    other = tmp_path / "README.md"
    other.write_text("# Mine\n", "utf-8")
    with pytest.raises(UsageError, match="is there already and holds no plan"):
        write_plan(other, "{}")
    assert other.read_text("utf-8") == "# Mine\n"
    file = tmp_path / "plan.json"
    text = plan_json(Plan("c0ffee", ()), (), "digest")
    write_plan(file, text)
    write_plan(file, text)
    assert file.read_text("utf-8") == text
