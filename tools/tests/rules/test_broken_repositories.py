"""Repositories with one kind of fault each, and exactly what check says of them, to the line and column.

A case is a folder in tools/tests/repos: the tree as it would be checked in, and expected.json, which is written by hand
from the formats and lists every finding. A new one needs no Python.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tarmac.adapters.files import WorkingTree
from tarmac.app.check import check
from tarmac.app.wire import reading
from tarmac.model.findings import Finding

REPOS = Path(__file__).parents[1] / "repos"
CASES = sorted(path.parent.name for path in REPOS.glob("*/expected.json"))
NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)


def told(finding: Finding) -> Mapping[str, object]:
    """A finding in the words of expected.json."""
    return {
        "path": finding.place.path,
        "line": finding.place.line,
        "column": finding.place.column,
        "rule": finding.rule,
        "severity": str(finding.severity),
        "message": finding.message,
        "entity": finding.entity,
    }


@pytest.mark.parametrize("name", CASES)
def test_check_says_what_is_wrong_and_nothing_else(name: str) -> None:
    expected = json.loads((REPOS / name / "expected.json").read_text("utf-8"))
    result = check(WorkingTree.at(REPOS / name), reading(), NOW)
    assert [told(finding) for finding in result.findings] == expected["findings"]
    assert result.failed


def test_every_folder_is_a_case_and_there_are_enough_of_them() -> None:
    assert [path.name for path in sorted(REPOS.iterdir())] == CASES
    assert len(CASES) >= 20
