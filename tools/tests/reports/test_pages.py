"""What reports show beside findings comes from the tree that was checked."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from tarmac.adapters.files import WorkingTree
from tarmac.app.check import check
from tarmac.app.report import given, pages, sources
from tarmac.app.wire import reading
from tarmac.reports import load
from tests.trees import NOW, Memory, catalog_of

REPOS = Path(__file__).parents[1] / "repos"
POLICY = """\
apiVersion: tarmac/v1
kind: Policy
metadata: {name: tier-is-set, description: Every service says how critical it is.}
spec:
  severity: error
  match: {kinds: [Component]}
  require: has(object.spec.tarmac)
  message: no tier
  fix: set spec.tarmac.tier
"""


def test_a_built_in_rule_has_its_docstring_a_policy_its_own_words_and_anything_else_no_page() -> None:
    page = pages(catalog_of({"policies/tier.yaml": POLICY}))
    built_in, policy = page("role-member"), page("tier-is-set")
    assert built_in is not None
    assert built_in.startswith("A role held by somebody who is not in the team.")
    assert policy is not None
    assert policy.split("\n\n") == [
        "Every service says how critical it is.",
        "Severity: error",
        "Looks at: kinds Component",
        "Requires:",
        "    has(object.spec.tarmac)",
        "Says otherwise:",
        "    no tier",
        "What to do: set spec.tarmac.tier",
        "Stands in: policies/tier.yaml:1:1\n",
    ]
    assert page("no-such-rule") is None
    read = page("yaml-syntax")
    assert read is not None
    assert read.startswith("A file that cannot be read as YAML.")


def test_sources_are_those_that_can_be_read_in_the_order_asked_for(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_bytes(b"b: \xff\n")
    (tmp_path / "link.yaml").symlink_to(tmp_path / "b.yaml")
    (tmp_path / "large.yaml").write_bytes(b"x" * (1024 * 1024 + 1))
    (tmp_path.parent / "outside.yaml").write_text("secret")
    wanted = ["link.yaml", "b.yaml", "missing.yaml", "large.yaml", "../outside.yaml", "a\0.yaml"]
    assert list(sources(WorkingTree.at(tmp_path))(wanted)) == [("b.yaml", "b: \ufffd\n")]
    assert list(sources(Memory({"a.yaml": "a", "b.yaml": "b"}))(("b.yaml", "c.yaml", "a.yaml"))) == [
        ("b.yaml", "b"),
        ("a.yaml", "a"),
    ]


def test_every_broken_repository_is_said_whole_in_every_format() -> None:
    for repository in sorted(path for path in REPOS.iterdir() if path.is_dir()):
        tree = WorkingTree.at(repository)
        result = check(tree, reading(), NOW)
        run = given(result, tree)(False, True)
        number = len(result.findings)
        beside = len(result.exempted) + len(run.observed)
        counts = {
            "text": sum(f"[{finding.rule}]" in load("text")(run) for finding in result.findings),
            "json": len(json.loads(load("json")(run))["findings"]),
            "sarif": len(json.loads(load("sarif")(run))["runs"][0]["results"]),
            "github": load("github")(run).count("\n") - 1 - beside,
            "junit": load("junit")(run).count("<testcase ") - beside,
            "markdown": load("markdown")(run).count("\n- ") - beside,
        }
        # GitHub shows ten annotations of a kind; a line says how many more there are.
        kinds = Counter(finding.severity for finding in result.findings)
        shown = sum(min(count, 10) + (count > 10) for count in kinds.values())
        assert counts == dict.fromkeys(counts, number) | {"github": shown}, repository.name
