"""What must hold of the workflows whoever edits them: triggers, permissions, pins, and whose code runs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tarmac.adapters.yaml_reader import read_documents
from tarmac.model.json_value import JsonValue, dig, items, mapping, text

FOLDER = Path(__file__).resolve().parents[2] / ".github" / "workflows"
FILES = sorted(FOLDER.glob("*.yml"))
PINNED = re.compile(r"[a-z-]+/[a-z-]+@[0-9a-f]{40}")
# The only ones that may hold a secret or write, and that a pull request can start: nothing of it may run there.
TRUSTED = ("review.yml",)


def workflow(name: str) -> JsonValue:
    (document,), findings = read_documents(name, (FOLDER / name).read_bytes())
    assert findings == ()
    return document.data


def steps(data: JsonValue) -> Iterator[JsonValue]:
    for job in mapping(data, "jobs").values():
        yield from items(job, "steps")


def permissions(data: JsonValue) -> dict[str, JsonValue]:
    """What each job may, at most."""
    whole = mapping(data, "permissions")
    return {
        name: mapping(job, "permissions") if dig(job, "permissions") is not None else whole
        for name, job in mapping(data, "jobs").items()
    }


def triggers(data: JsonValue) -> set[str]:
    return set(mapping(data, "on"))


@pytest.mark.parametrize("name", [path.name for path in FILES])
def test_of_every_workflow(name: str) -> None:
    data = workflow(name)
    assert dig(data, "permissions") is not None, "what is not said is GitHub's default, which is everything"
    for job in mapping(data, "jobs").values():
        assert isinstance(dig(job, "timeout-minutes"), int)
        assert text(job, "runs-on") == "ubuntu-24.04"
    for step in steps(data):
        used = text(step, "uses")
        if used is not None:
            assert PINNED.fullmatch(used), f"{used} can be moved to other code"
        if used is not None and used.startswith("actions/checkout@"):
            assert dig(step, "with", "persist-credentials") in (False, "false")
        run = text(step, "run") or ""
        assert "${{" not in run, "a value that is put into a shell's text is run"
        assert "curl" not in run
        assert "cache" not in mapping(step, "with")


def test_what_a_pull_request_can_rewrite_reads_and_holds_nothing() -> None:
    for path in FILES:
        data, source = workflow(path.name), path.read_text("utf-8")
        if triggers(data) & {"pull_request", "pull_request_review", "merge_group"}:
            assert "secrets." not in source
            assert "github.token" not in source
            for allowed in permissions(data).values():
                assert allowed in ({}, {"contents": "read"})


def test_only_the_review_runs_for_strangers_with_rights() -> None:
    found = {path.name for path in FILES if triggers(workflow(path.name)) & {"pull_request_target", "workflow_run"}}
    assert found == set(TRUSTED)


def test_the_review_runs_the_base_alone() -> None:
    data = workflow("review.yml")
    assert triggers(data) == {"pull_request_target", "workflow_run"}
    checkouts = [step for step in steps(data) if (text(step, "uses") or "").startswith("actions/checkout@")]
    assert [text(step, "with", "ref") for step in checkouts] == ["main"]
    assert all("repository" not in mapping(step, "with") for step in checkouts)
    runs = "\n".join(text(step, "run") or "" for step in steps(data))
    for word in ("checkout", "switch", "merge", "worktree", "submodule", "artifact", "restore", "apply", "pip", "npm"):
        assert re.search(rf"\b{word}\b", runs.replace("--no-recurse-submodules", "")) is None, word
    assert '"$HEAD_SHA"' in runs
    (job,) = mapping(data, "jobs").values()
    assert text(job, "env", "HEAD_SHA") == (
        "${{ github.event.pull_request.head.sha || github.event.workflow_run.head_sha }}"
    )
    assert mapping(job, "permissions") == {"contents": "read", "pull-requests": "write", "checks": "write"}
    assert text(job, "environment") == "review"


def test_the_ping_may_nothing_and_is_what_the_review_waits_for() -> None:
    ping = workflow("review-ping.yml")
    assert triggers(ping) == {"pull_request_review", "merge_group"}
    assert dig(ping, "permissions") == {}
    assert [text(step, "run") for step in steps(ping)] == ["true"]
    assert items(workflow("review.yml"), "on", "workflow_run", "workflows") == [text(ping, "name")]


def test_pull_requests_and_the_merge_queue_get_the_same_verdict() -> None:
    data = workflow("check.yml")
    assert triggers(data) == {"pull_request", "merge_group"}
    runs = [text(step, "run") or "" for step in steps(data)]
    assert any("--format github" in run for run in runs)
    assert all("github.event_name" not in (text(step, "if") or "") for step in steps(data))


def test_the_queue_is_judged_by_the_base_where_github_says_that_it_is_the_queue() -> None:
    """What a run was started by nobody but GitHub can say; names of branches and messages anybody can write."""
    by_verb = {
        verb: text(step, "if")
        for step in steps(workflow("review.yml"))
        for verb in ("review", "queue")
        if f"tarmac {verb} --base main" in (text(step, "run") or "")
    }
    assert by_verb == {
        "review": "${{ github.event.workflow_run.event != 'merge_group' }}",
        "queue": "${{ github.event.workflow_run.event == 'merge_group' }}",
    }


def test_the_nightly_pull_request_says_so_where_no_workflow_starts_for_it() -> None:
    job = dig(workflow("nightly.yml"), "jobs", "codeowners")
    assert text(job, "environment") == "codeowners", "a token that starts workflows is for the main branch alone"
    (opened,) = [step for step in items(job, "steps") if "gh pr create" in (text(step, "run") or "")]
    assert text(opened, "env", "GH_TOKEN") == "${{ secrets.TARMAC_CODEOWNERS_TOKEN || github.token }}"
    assert "starts no workflows" in (text(opened, "env", "NOTE") or "")
    assert '--body "$NOTE"' in (text(opened, "run") or "")


def test_only_the_main_branch_is_made_real_and_one_run_at_a_time() -> None:
    after, nightly = workflow("reconcile.yml"), workflow("nightly.yml")
    assert dig(after, "on") == {"push": {"branches": ["main"]}}
    assert triggers(nightly) == {"schedule", "workflow_dispatch"}
    for data, job in ((after, "reconcile"), (nightly, "night")):
        assert dig(data, "concurrency") == {"group": "reconcile", "cancel-in-progress": False} or (
            text(data, "concurrency", "group"),
            dig(data, "concurrency", "cancel-in-progress"),
        ) == ("reconcile", "false")
        assert text(data, "jobs", job, "environment") == "reconcile"
        applied = [run for step in steps(data) if "reconcile --apply" in (run := text(step, "run") or "")]
        assert len(applied) == 1
        assert "--proofs github" in applied[0]
        assert "--remote origin" in applied[0]


def test_at_night_a_failed_step_stops_no_other() -> None:
    night = items(workflow("nightly.yml"), "jobs", "night", "steps")
    names = [text(step, "name") for step in night]
    for step in night[names.index("Reconcile") :]:
        assert (text(step, "if") or "").startswith("${{ !cancelled() &&")
        assert "continue-on-error" not in mapping(step), "what failed must be red"


def test_services_are_checked_with_read_only_rights() -> None:
    data = workflow("service.yml")
    assert triggers(data) == {"workflow_call"}
    assert permissions(data) == {"check": {"contents": "read"}}
