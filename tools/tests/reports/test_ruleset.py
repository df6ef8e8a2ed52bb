"""The rulesets for GitHub: who may say that a change may pass, and who may write down that it was approved."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tarmac.adapters.ledger_proofs import REF
from tarmac.app.publish import CHECK_NAME
from tarmac.reports.ruleset import CHECK, LEDGER, ledger_ruleset, main_ruleset


def rules(text: str) -> dict[str, dict[str, object]]:
    return {rule["type"]: rule.get("parameters", {}) for rule in json.loads(text)["rules"]}


def test_only_the_apps_check_run_lets_a_change_pass() -> None:
    data = json.loads(main_ruleset(4711))
    assert data["bypass_actors"] == []
    assert data["conditions"]["ref_name"]["include"] == ["~DEFAULT_BRANCH"]
    assert (data["target"], data["enforcement"]) == ("branch", "active")
    checks = rules(main_ruleset(4711))["required_status_checks"]
    assert checks["required_status_checks"] == [{"context": CHECK_NAME, "integration_id": 4711}]
    assert checks["strict_required_status_checks_policy"] is True
    assert CHECK == CHECK_NAME


def test_who_approves_is_not_counted_twice() -> None:
    pull = rules(main_ruleset(1))["pull_request"]
    assert pull["require_code_owner_review"] is False
    assert pull["required_approving_review_count"] == 0


def test_the_ledger_is_written_by_few_and_rewritten_by_nobody() -> None:
    data = json.loads(ledger_ruleset(12))
    assert data["conditions"]["ref_name"]["include"] == [REF] == [LEDGER]
    assert data["bypass_actors"] == [{"actor_type": "Team", "actor_id": 12, "bypass_mode": "always"}]
    assert set(rules(ledger_ruleset(12))) == {"creation", "update", "deletion", "non_fast_forward"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("main", "--app", "4711"), 0, '"integration_id": 4711'),
        (("ledger", "--team", "12"), 0, "tarmac/ledger"),
        (("main",), 2, "--app"),
        (("main", "--app", "0"), 2, "x>=1"),
        (("main", "--app", "mine"), 2, "mine"),
        (("ledgers",), 2, "did you mean ledger"),
    ],
)
def test_the_verb(arguments: tuple[str, ...], code: int, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tarmac", "ruleset", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == code
    assert said in done.stdout + done.stderr
