"""Every case that is known to be judged wrongly elsewhere is held by a test here, by name."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from tests.approvals.test_content import SCRIPTS
from tests.approvals.test_decisions import CASES
from tests.approvals.test_red_team import ATTEMPTS

HERE = Path(__file__).parent


def test_each_is_held_by_tests_that_there_are() -> None:
    known = {case.name for case in CASES} | {script.__name__ for script in SCRIPTS}
    known |= {attempt.__name__ for attempt, _, _ in ATTEMPTS}
    for path in HERE.glob("test_*.py"):
        known |= set(re.findall(r"^def (test_\w+)", path.read_text("utf-8"), re.MULTILINE))
    facts = yaml.safe_load((HERE / "facts.yaml").read_text("utf-8"))
    assert len({row["fact"] for row in facts}) == len(facts) > 30
    assert [name for row in facts for name in row["by"] if name not in known] == []
    assert all(row["by"] for row in facts)
