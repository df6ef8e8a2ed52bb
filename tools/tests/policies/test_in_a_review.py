"""A change that edits policies: the base judges it, and the review says what the new ones would say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tarmac.reports.review import Review, Verdict
from tarmac.reports.reviews import REVIEWS, load
from tests.approvals.test_evaluate import rule
from tests.review.repository import Repository
from tests.trees import company, component

POLICY = "policies/lifecycle.yaml"
SHOP, NEW = "catalog/shop/catalog-info.yaml", "catalog/new/catalog-info.yaml"
AUTO = {"policies/rules.yaml": rule("auto", "true", "auto")}


def policy(require: str, more: str = "", tests: str = "[]") -> str:
    return (
        "apiVersion: tarmac/v1\nkind: Policy\nmetadata: {name: known-lifecycle}\n"
        f"spec:\n  severity: error\n  match: {{kinds: [Component]}}\n  require: {require}\n"
        f'  message: "{{object.metadata.name}} has a lifecycle that nobody knows"\n{more}  tests: {tests}\n'
    )


STRICT, LAX = policy("object.spec.lifecycle == 'production'"), policy("object.spec.lifecycle != ''")


def beta(name: str) -> str:
    return component(name).replace("lifecycle: production", "lifecycle: beta")


def reviewed(tmp_path: Path, base: str, head: str, **more: str) -> Review:
    tmp_path.mkdir(exist_ok=True)
    files: Mapping[str, str] = company(**AUTO, **{POLICY: base})
    return Repository.of(tmp_path, files).review({**files, POLICY: head, **more})


def test_a_change_cannot_weaken_the_policy_that_judges_it(tmp_path: Path) -> None:
    found = reviewed(tmp_path, STRICT, LAX, **{NEW: beta("new")})
    assert [finding.rule for finding in found.new_errors] == ["known-lifecycle"]
    assert found.verdict is Verdict.BLOCKED
    assert found.judged_by_itself is not None
    assert found.judged_by_itself.policies == (("known-lifecycle", "change", ("spec.require",)),)
    assert [finding.entity for finding in found.judged_by_itself.go] == ["component:default/new"]
    assert found.judged_by_itself.appear == ()


def test_a_change_cannot_delete_the_policy_that_judges_it(tmp_path: Path) -> None:
    files = company(**AUTO, **{POLICY: STRICT})
    without = {path: text for path, text in files.items() if path != POLICY}
    found = Repository.of(tmp_path, files).review({**without, NEW: beta("new")})
    assert [finding.rule for finding in found.new_errors] == ["known-lifecycle"]
    assert found.judged_by_itself is not None
    assert found.judged_by_itself.policies == (("known-lifecycle", "remove", ()),)


def test_what_a_stricter_policy_would_say_is_shown_and_blocks_nothing_yet(tmp_path: Path) -> None:
    base = company(**AUTO, **{POLICY: LAX, NEW: beta("new")})
    found = Repository.of(tmp_path, base).review({**base, POLICY: STRICT})
    assert (found.new_errors, found.verdict) == ((), Verdict.APPROVED)
    assert found.judged_by_itself is not None
    assert [finding.entity for finding in found.judged_by_itself.appear] == ["component:default/new"]
    assert found.judged_by_itself.go == ()


def test_an_exemption_counts_when_it_is_merged_and_not_before(tmp_path: Path) -> None:
    exemption = (
        "apiVersion: tarmac/v1\nkind: Exemption\nmetadata: {name: new-is-beta}\n"
        "spec: {rule: known-lifecycle, target: component:default/new, owner: one, approvers: [one], reason: trial,\n"
        '  expires: "2027-01-31"}\n'
    )
    head = {NEW: beta("new"), "policies/exemptions.yaml": exemption}
    found = reviewed(tmp_path / "asked", STRICT, STRICT, **head)
    assert [finding.rule for finding in found.new_errors] == ["known-lifecycle"]
    assert found.judged_by_itself is not None
    assert [finding.rule for finding in found.judged_by_itself.go] == ["known-lifecycle"]

    base = company(**AUTO, **{POLICY: STRICT}, **head)
    (tmp_path / "merged").mkdir()
    merged = Repository.of(tmp_path / "merged", base).review({**base, SHOP: component("other")})
    assert [(str(one.exemption), one.finding.entity) for one in merged.exempted] == [
        ("exemption:default/new-is-beta", "component:default/new")
    ]
    assert "2027-02-01T00:00:00Z" in load("markdown")(merged)
    assert "exempted until 2027-02-01T00:00:00Z by exemption:default/new-is-beta" in load("text")(merged)
    assert json.loads(load("json")(merged))["exempted"][0]["until"] == "2027-02-01T00:00:00Z"


def test_tests_of_an_edited_policy_that_fail_are_said(tmp_path: Path) -> None:
    case = "{name: production passes, object: {kind: Component, apiVersion: backstage.io/v1alpha1, "
    case += "metadata: {name: a}, spec: {lifecycle: production}}, expect: pass}"
    found = reviewed(tmp_path, LAX, policy("object.spec.lifecycle == 'beta'", tests=f"[{case}]"))
    assert found.judged_by_itself is not None
    assert [(one.policy, one.case) for one in found.judged_by_itself.failing] == [
        ("known-lifecycle", "production passes")
    ]


def test_tests_beside_an_edited_policy_that_fail_are_said_too(tmp_path: Path) -> None:
    cases = "policy: known-lifecycle\ntests:\n"
    for stage, expected in (("production", "pass"), ("beta", "pass")):
        data = f"kind: Component, metadata: {{name: a}}, spec: {{lifecycle: {stage}}}"
        data = f"{{apiVersion: backstage.io/v1alpha1, {data}}}"
        cases += f"  - {{name: {stage}, object: {data}, expect: {expected}}}\n"
    found = reviewed(tmp_path, LAX, STRICT, **{POLICY.replace(".yaml", ".tests.yaml"): cases})
    assert found.judged_by_itself is not None
    assert [(one.case, str(one.place)) for one in found.judged_by_itself.failing] == [
        ("beta", "policies/lifecycle.tests.yaml:4:5")
    ]


@pytest.mark.parametrize("form", REVIEWS)
def test_every_format_says_what_would_differ(tmp_path: Path, form: str) -> None:
    said = load(form)(reviewed(tmp_path, STRICT, LAX, **{NEW: beta("new")}))
    assert "known-lifecycle" in said
    if form == "json":
        found = json.loads(said)["judgedByItself"]
        assert [len(found[name]) for name in ("policies", "appear", "go", "failingTests")] == [1, 0, 1, 0]
    else:
        assert "0 findings would appear and 1 would go" in said


def test_a_change_that_edits_nothing_that_judges_says_nothing_of_it(tmp_path: Path) -> None:
    found = reviewed(tmp_path, STRICT, STRICT, **{NEW: component("new")})
    assert found.judged_by_itself is None


def test_what_is_only_observed_is_counted_and_blocks_nothing(tmp_path: Path) -> None:
    watched = policy("object.spec.lifecycle == 'production'", "  mode: observe\n")
    found = reviewed(tmp_path, watched, watched, **{NEW: beta("new"), "catalog/newer/catalog-info.yaml": beta("newer")})
    assert (found.new_errors, found.verdict) == ((), Verdict.APPROVED)
    line = "policy known-lifecycle would have blocked 2 times"
    assert f"Observed, without effect\n  {line}\n" in load("text")(found)
    assert f"<summary>Observed, without effect</summary>\n\n- <code>{line}</code>\n" in load("markdown")(found)
    assert json.loads(load("json")(found))["observed"] == [
        {"policy": "known-lifecycle", "severity": "error", "count": 2}
    ]
