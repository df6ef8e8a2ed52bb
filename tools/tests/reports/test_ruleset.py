"""The rulesets for GitHub: who may say that a change may pass, and who may write down that it was approved."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from openapi_core.testing import MockRequest

from tarmac.adapters.ledger_proofs import REF
from tarmac.app.publish import CHECK_NAME
from tarmac.reports.ruleset import CHECK, LEDGER, METHODS, ledger_ruleset, main_ruleset
from tests.github.forge_server import contract


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


MADE = (main_ruleset(4711), *(main_ruleset(4711, how) for how in METHODS), ledger_ruleset(12))


@pytest.mark.parametrize("made", MADE)
def test_github_takes_it(made: str) -> None:
    request = MockRequest("https://api.github.com", "post", "/repos/acme/platform/rulesets", data=made.encode())
    contract().validate_request(request)


def test_with_a_queue_its_own_commits_are_what_must_pass() -> None:
    """Nothing else is asked for less: the branch need not be up to date, as the queue brings it there and is judged."""
    without, made = rules(main_ruleset(4711)), rules(main_ruleset(4711, "squash"))
    queue = made.pop("merge_queue")
    assert (queue["merge_method"], queue["grouping_strategy"]) == ("SQUASH", "ALLGREEN")
    assert made["required_status_checks"].pop("strict_required_status_checks_policy") is False
    assert without["required_status_checks"].pop("strict_required_status_checks_policy") is True
    assert made["pull_request"].pop("allowed_merge_methods") == ["squash"]
    assert without["pull_request"].pop("allowed_merge_methods") == ["merge", "squash", "rebase"]
    assert made == without
    assert json.loads(main_ruleset(4711, "merge"))["bypass_actors"] == []


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
        (("main", "--app", "4711", "--queue", "merge"), 0, '"merge_method": "MERGE"'),
        (("main", "--app", "4711", "--queue", "ours"), 2, "'ours' is not one of"),
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
