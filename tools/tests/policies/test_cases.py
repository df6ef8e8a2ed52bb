"""Every shipped policy, broken in a small repository, says exactly what is expected, and nothing once it is mended.

A case is YAML in cases/<policy>.yaml, and a new one needs no Python:

    - name: a short name fails
      change:                             # what is edited in the company of this folder
        - {file: catalog/desk.yaml, replace: "name: desk", by: "name: de"}
      expected:                           # all that a check then says
        - {at: "catalog/desk.yaml:4:9", message: "..."}

`change` may also `add` a whole file (a text) or `remove: true` one; `documents` (file: text) stand in the repository
before the change, and `expected` findings have the policy's name as their `rule` and `error` as their `severity` unless
they say otherwise. `changed` says when a person last changed a file, `now` when it is (2026-12-01T06:00:00Z).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tarmac.app.check import judge
from tarmac.app.load import load
from tarmac.model.ages import Ages
from tarmac.model.findings import Finding
from tarmac.model.values import parse_instant
from tests.trees import READING, Memory

FOLDER = Path(__file__).parent
# What a company would write as a policy and need not: these rules are there without.
BUILT_IN = frozenset({"request-type", "tag", "unknown-reference"})
ROOT = FOLDER.parents[2]
NOW = "2026-12-01T06:00:00Z"


def texts_of(folder: Path, below: str = "") -> dict[str, str]:
    return {
        below + path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in sorted(folder.rglob("*.yaml"))
    }


@cache
def company() -> Mapping[str, str]:
    """The small company, under the policies that this repository ships."""
    shipped = texts_of(ROOT / "policies" / "policies", "policies/policies/")
    tags = (ROOT / "policies" / "tag-policy.yaml").read_text("utf-8")
    return {**texts_of(FOLDER / "company"), **shipped, "policies/tag-policy.yaml": tags}


def cases() -> list[Any]:
    return [
        pytest.param(path.stem, case, id=f"{path.stem}: {case['name']}")
        for path in sorted((FOLDER / "cases").glob("*.yaml"))
        for case in yaml.safe_load(path.read_text("utf-8"))
    ]


def broken(texts: Mapping[str, str], change: Sequence[Mapping[str, Any]]) -> Mapping[str, str]:
    """The repository after the change."""
    found = dict(texts)
    for edit in change:
        path = edit["file"]
        if edit.get("remove"):
            del found[path]
        elif "add" in edit:
            assert path not in found, f"{path} is there already"
            found[path] = edit["add"]
        else:
            assert found[path].count(edit["replace"]) == 1, f"{path} has not one {edit['replace']!r}"
            found[path] = found[path].replace(edit["replace"], edit["by"])
    return found


def findings(texts: Mapping[str, str], case: Mapping[str, Any]) -> Sequence[Finding]:
    """All that a check says of the repository."""
    loaded = load(Memory(texts), READING)
    ages = Ages({path: parse_instant(at) for path, at in case.get("changed", {}).items()})
    return judge(loaded, loaded.catalog, READING, parse_instant(case.get("now", NOW)), ages).findings


def told(finding: Finding) -> Mapping[str, str]:
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "at": str(finding.place),
        "message": finding.message,
    }


@pytest.mark.parametrize(("policy", "case"), cases())
def test_broken_it_says_what_is_expected_and_mended_nothing(policy: str, case: Mapping[str, Any]) -> None:
    right = {**company(), **case.get("documents", {})}
    assert [told(one) for one in findings(right, {**case, "changed": {}})] == []
    wrong = broken(right, case.get("change", []))
    expected = [{"rule": policy, "severity": "error", **one} for one in case["expected"]]
    assert [told(one) for one in findings(wrong, case)] == expected


def test_every_shipped_policy_has_a_case_and_every_file_of_cases_a_policy() -> None:
    shipped = {policy.name for policy in load(Memory(company()), READING).catalog.of_kind("policy")}
    stems = {path.stem for path in (FOLDER / "cases").glob("*.yaml")}
    assert stems == shipped | BUILT_IN
    for policy, case in (param.values for param in cases()):
        rules = [one.get("rule", policy) for one in case["expected"]]
        assert policy in rules, f"{policy}: {case['name']} does not speak of it"
