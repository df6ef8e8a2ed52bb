"""Every rule id that Tarmac can give has its page, and the generated pages are fresh."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import tarmac
from tarmac.adapters.files import WorkingTree
from tarmac.adapters.schema_files import SchemaFolder
from tarmac.adapters.yaml_build import MAX_ALIASED, MAX_NAMED
from tarmac.adapters.yaml_composer import MAX_DEPTH, MAX_NODES, MAX_NODES_OF_FILE
from tarmac.adapters.yaml_gate import MAX_BYTES, MAX_DOCUMENTS
from tarmac.app import explain
from tarmac.app.check import check
from tarmac.cli.explain import command
from tarmac.errors import UsageError
from tarmac.model.findings import Severity
from tarmac.rules import RULES
from tarmac.rules.pages import Page, page, pages
from tests.trees import NOW, READING

ROOT = Path(__file__).parents[3]
REPOS = ROOT / "tools" / "tests" / "repos"
PACKAGE = Path(tarmac.__file__).parent
# What makes a finding: its rule is the first or second argument, as a text or as a constant of the module.
MAKERS = {"Finding", "error", "said", "say", "finding", "_finding"}
RULE_ID = re.compile(r"[a-z]+(?:-[a-z]+)*")


def said_in(source: str) -> Iterator[str]:
    """The rule ids that a module gives to its findings."""
    tree = ast.parse(source)
    constants = {
        node.targets[0].id: node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in MAKERS:
            for argument in node.args[:2]:
                value = constants.get(argument.id) if isinstance(argument, ast.Name) else None
                value = argument.value if isinstance(argument, ast.Constant) else value
                if isinstance(value, str) and RULE_ID.fullmatch(value):
                    yield value


def test_the_search_finds_ids_by_text_and_by_constant() -> None:
    source = 'ID = "one"\nerror(ID, entity)\nself.sayings.say("two-three", 1)\nFinding("not an id")\nother("four")\n'
    assert set(said_in(source)) == {"one", "two-three"}


def test_every_id_that_stands_in_the_code_has_its_page() -> None:
    found = {rule for path in PACKAGE.rglob("*.py") for rule in said_in(path.read_text("utf-8"))}
    assert {"yaml-syntax", "unreadable-file", "document-kind", "cycle", "exemption", "merge-conflict"} <= found
    assert found | set(RULES) | {"missing-field", "unknown-field", "wrong-value"} == {one.id for one in pages()}


@pytest.mark.parametrize("name", sorted(path.name for path in REPOS.iterdir()))
def test_every_finding_of_a_broken_repository_can_be_explained(name: str) -> None:
    tree = WorkingTree.at(REPOS / name)
    for finding in check(tree, READING, NOW).findings:
        assert explain.explain(finding.rule, lambda: explain.policies(tree, READING))


@pytest.mark.parametrize("one", pages(), ids=lambda one: one.id)
def test_a_page_says_what_is_wrong_where_it_points_and_what_is_right(one: Page) -> None:
    assert re.fullmatch(r"[^\n]+[.]", one.title)
    text = one.text
    assert text.index("\nPoints at: ") < text.index("\nWrong:\n\n    ") < text.index("\nRight:\n\n    ")
    assert max(map(len, text.splitlines())) <= 120
    assert one.severity in Severity


def test_a_rule_without_a_page_has_none() -> None:
    assert page("nothing") is None


def test_the_page_of_limits_names_the_limits() -> None:
    stated = page("yaml-limit")
    assert stated is not None
    numbers = {int(number.replace(",", "")) for number in re.findall(r"\b[0-9][0-9,]*", stated.text)}
    bounds = {MAX_DOCUMENTS, MAX_NODES_OF_FILE, MAX_DEPTH, MAX_NODES, MAX_ALIASED, MAX_NAMED, MAX_BYTES // 1024**2}
    assert numbers == bounds


def test_the_generated_pages_are_fresh() -> None:
    assert explain.stale(SchemaFolder(ROOT)) == ()


def run(*arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, standalone_mode=False)


def test_one_page_needs_no_repository(tmp_path: Path) -> None:
    shown = run("cycle", "--root", str(tmp_path / "nowhere"))
    assert shown.return_value == 0
    assert shown.output.startswith("cycle (error)\n\nA circle where there can be none.\n")
    assert "\nRight:\n" in shown.output


def test_a_policy_is_explained_by_what_it_says() -> None:
    shown = run("tier-is-set", "--root", str(REPOS / "policies-that-are-not-kept")).output
    assert shown.startswith("tier-is-set (error)\n\n")
    assert "\nRequires:\n\n    object.spec.tarmac.tier" in shown


def test_a_policy_as_json_holds_its_spec() -> None:
    found = json.loads(
        run("tier-is-set", "--root", str(REPOS / "policies-that-are-not-kept"), "--format", "json").output
    )
    (rule,) = found["rules"]
    assert (found["version"], rule["id"], rule["severity"]) == (1, "tier-is-set", "error")
    assert rule["policy"]["fix"] == "set it"
    assert rule["place"].startswith("policies/")


def test_the_list_names_every_page_once_and_the_policies_too() -> None:
    root = str(REPOS / "policies-that-are-not-kept")
    named = re.findall(r"^  (\S+) +(?:error|warning|info) ", run("--root", root).output, re.MULTILINE)
    listed = [rule["id"] for rule in json.loads(run("--root", root, "--format", "json").output)["rules"]]
    assert named == listed
    assert listed[: len(pages())] == [one.id for one in pages()]
    assert "tier-is-set" in listed[len(pages()) :]


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [("cylce", "did you mean cycle?"), ("tier-is-sett", "did you mean tier-is-set?"), ("§", "lists them")],
)
def test_an_unknown_rule_is_wrong_usage_and_names_the_near_one(wrong: str, hint: str) -> None:
    result = run(wrong, "--root", str(REPOS / "policies-that-are-not-kept"))
    assert isinstance(result.exception, UsageError)
    assert hint in str(result.exception)


def test_what_a_policy_says_cannot_act_on_a_terminal(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "evil.yaml").write_text(
        "apiVersion: tarmac/v1\nkind: Policy\nmetadata:\n  name: evil\n"
        '  description: "\\e[2J\\u202e gone\\rback"\n'
        'spec: {match: {kinds: [API]}, require: "true", message: "\\e]0;x\\a\\u2028::error::"}\n',
        "utf-8",
    )
    for arguments in (["evil"], []):
        shown = run(*arguments, "--root", str(tmp_path)).output
        assert "evil" in shown
        assert all(char.isprintable() or char == "\n" for char in shown)
        assert not re.search(r"^::", shown, re.MULTILINE)


def test_pages_are_written_for_a_source_tree_only(tmp_path: Path) -> None:
    result = run("--write", "--root", str(tmp_path))
    assert isinstance(result.exception, UsageError)
    (tmp_path / "tools" / "tarmac" / "model").mkdir(parents=True)
    (tmp_path / "tools" / "tarmac" / "model" / "__init__.py").write_text("")
    assert run("--check", "--root", str(tmp_path)).return_value == 1
    assert "wrote tools/docs/rules/cycle.md" in run("--write", "--root", str(tmp_path)).output
    (tmp_path / "tools" / "docs" / "rules" / "gone.md").write_text("of a rule that is no more")
    assert run("--check", "--root", str(tmp_path)).output.startswith("stale: tools/docs/rules/gone.md\n")
    assert run("--write", "--root", str(tmp_path)).return_value == 0
    assert run("--check", "--root", str(tmp_path)).output == "all is fresh\n"
