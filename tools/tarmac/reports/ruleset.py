"""The rulesets to set at GitHub, as its API takes them (docs.github.com/rest/repos/rules, version 2022-11-28)."""

from __future__ import annotations

import json

from tarmac.model.json_value import JsonValue

# The name of Tarmac's check run.
CHECK = "tarmac"
LEDGER = "refs/heads/tarmac/ledger"


# How pull requests are merged.
METHODS = ("merge", "squash", "rebase")


def main_ruleset(app: int, queue: str | None = None) -> str:
    """What the default branch asks for: a pull request, and Tarmac's own check run, which only the App of that id can
    give. How many approve, and who, is Tarmac's to say: GitHub's own counts are off, as they would ask a person even
    where nobody has to approve.

    A branch is brought up to date first, so that what was judged is what is merged. With a merge queue, which merges
    in the way of that name, the queue's own commits are judged instead.
    """
    pull: JsonValue = {
        "required_approving_review_count": 0,
        "require_code_owner_review": False,
        "dismiss_stale_reviews_on_push": False,
        "require_last_push_approval": False,
        "required_review_thread_resolution": False,
        "allowed_merge_methods": list(METHODS) if queue is None else [queue],
    }
    checks: JsonValue = {
        "strict_required_status_checks_policy": queue is None,
        "do_not_enforce_on_create": False,
        "required_status_checks": [{"context": CHECK, "integration_id": app}],
    }
    rules: list[JsonValue] = [
        {"type": "deletion"},
        {"type": "non_fast_forward"},
        {"type": "pull_request", "parameters": pull},
        {"type": "required_status_checks", "parameters": checks},
    ]
    if queue is not None:
        rules.append({"type": "merge_queue", "parameters": _merge_queue(queue)})
    return _ruleset("tarmac: the main branch", "~DEFAULT_BRANCH", rules, [])


def _merge_queue(method: str) -> JsonValue:
    """GitHub's own defaults, but that each commit of the queue must pass by itself: any of them may become the tip."""
    return {
        "merge_method": method.upper(),
        "grouping_strategy": "ALLGREEN",
        "check_response_timeout_minutes": 60,
        "max_entries_to_build": 5,
        "max_entries_to_merge": 5,
        "min_entries_to_merge": 1,
        "min_entries_to_merge_wait_minutes": 5,
    }


def ledger_ruleset(team: int) -> str:
    """The ledger grows and is never rewritten, and only the members of the team of that id may write to it: whoever
    can, can say that anything was approved."""
    rules: list[JsonValue] = [{"type": name} for name in ("creation", "update", "deletion", "non_fast_forward")]
    writers: list[JsonValue] = [{"actor_type": "Team", "actor_id": team, "bypass_mode": "always"}]
    return _ruleset("tarmac: the ledger", LEDGER, rules, writers)


def _ruleset(name: str, branch: str, rules: list[JsonValue], bypass: list[JsonValue]) -> str:
    data: JsonValue = {
        "name": name,
        "target": "branch",
        "enforcement": "active",
        "bypass_actors": bypass,
        "conditions": {"ref_name": {"include": [branch], "exclude": []}},
        "rules": rules,
    }
    return json.dumps(data, indent=2) + "\n"
