"""The command: what it reads, what it does not, and how it answers."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner, Result

from tarmac.cli.review import command
from tests.approvals.test_evaluate import rule
from tests.review.repository import Repository
from tests.trees import company, request

NEW = "requests/one/staging/r.yaml"


def reviewed(root: Path, *arguments: str) -> Result:
    fixed = ("--root", str(root), "--base", "main", "--now", "2026-12-01T06:00:00Z")
    result = CliRunner().invoke(command, [*fixed, *arguments], standalone_mode=False)
    assert result.exception is None, result.exception
    return result


def repository(path: Path) -> Repository:
    return Repository.of(path, company(**{"policies/rules.yaml": rule("auto", "true", "auto")}))


def test_what_is_not_committed_is_named_and_not_taken_for_a_part_of_the_change(tmp_path: Path) -> None:
    repository(tmp_path)
    (tmp_path / NEW).parent.mkdir(parents=True)
    (tmp_path / NEW).write_text(request("r"), "utf-8")
    (tmp_path / "policies/rates.yaml").unlink()
    (tmp_path / "teams/one/budget.yaml").write_text("changed: true\n", "utf-8")
    (tmp_path / "notes.txt").write_text("no document\n", "utf-8")
    said = "3 files are not committed and not looked at: policies/rates.yaml, requests/one/staging/r.yaml, teams/one"
    for form in ("text", "markdown"):
        result = reviewed(tmp_path, "--format", form)
        assert said in result.stderr
        assert "3 files are not committed and not looked at" in result.stdout
    answer = json.loads(reviewed(tmp_path, "--format", "json").stdout)
    assert answer["uncommitted"] == ["policies/rates.yaml", NEW, "teams/one/budget.yaml"]
    assert answer["requests"] == []


def test_a_clean_tree_and_a_named_head_say_nothing_of_files(tmp_path: Path) -> None:
    made = repository(tmp_path)
    assert reviewed(tmp_path).stderr == ""
    made.commit({**company(), NEW: request("r")}, "feature", onto="main")
    made.git("checkout", "--quiet", "main")
    (tmp_path / "requests").mkdir(exist_ok=True)
    (tmp_path / "requests/x.yaml").write_text("a: b\n", "utf-8")
    assert reviewed(tmp_path, "--head", "feature").stderr == ""


def test_what_is_no_terminal_gets_markdown(tmp_path: Path) -> None:
    repository(tmp_path)
    assert reviewed(tmp_path).stdout.startswith("**Verdict")
    assert reviewed(tmp_path, "--format", "text").stdout.startswith("Verdict")
