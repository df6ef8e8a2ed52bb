"""A review is told to the pull request that it is of: what is said where, to whom, and what becomes of a failure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tarmac.adapters.github import GitHub
from tarmac.adapters.reviews_file import pull_request
from tarmac.app import wire
from tarmac.app.publish import CHECK_NAME, Desk, conclusion, labels, publish, wanted
from tarmac.app.review import review
from tarmac.errors import ForgeError
from tarmac.model.facts import Decision, State
from tarmac.model.forge import Conclusion, PullRequest
from tarmac.model.frozen import replace
from tarmac.reports.markdown import MARKER
from tarmac.reports.review import Review, Verdict
from tarmac.reports.review_links import Links
from tests.approvals.test_evaluate import rule
from tests.github.forge_server import TOKEN, Hub, Scripted, serving
from tests.github.test_github import Time, access
from tests.review.repository import Repository
from tests.trees import NOW, READING, company, request

FILE = "requests/one/staging/r.yaml"
LINKS = Links("https://github.example/acme/platform", "https://github.example/acme/platform/actions/runs/5")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A request that asks one of the team."""
    base = company(**{"policies/rules.yaml": rule("team", "true", "[{from: [group:default/one]}]")})
    repository = Repository.of(tmp_path_factory.mktemp("made"), base)
    repository.commit({**base, FILE: request("r")}, "feature", onto="main")
    repository.git("checkout", "--quiet", "main")
    return repository


@pytest.fixture
def hub(made: Repository) -> Iterator[Hub]:
    with serving(Hub()) as hub:
        hub.add_pull(7, made.git("rev-parse", "feature"))
        yield hub
        hub.hold()


def judged(made: Repository, hub: Hub) -> tuple[Review, PullRequest]:
    pull = pull_request({"pull": hub.pulls[0], "reviews": hub.reviews, "commits": hub.commits})
    return review(wire.git(made.path), READING, "main", "feature", NOW, (), pull), pull


def told(made: Repository, hub: Hub, said: list[str] | None = None) -> tuple[Review, tuple[str, ...]]:
    with GitHub(access(hub), Time().waiting()) as forge:
        found, pull = judged(made, hub)
        said = [] if said is None else said
        return found, publish(Desk(forge, LINKS, said.append), found, pull).faults


def test_a_review_is_a_comment_a_check_run_labels_and_requests(made: Repository, hub: Hub) -> None:
    summaries: list[str] = []
    found, faults = told(made, hub, summaries)
    assert faults == ()
    assert found.verdict is Verdict.PENDING
    (comment,) = hub.comments
    assert comment["body"].startswith("**Verdict: pending")
    assert comment["body"].endswith(MARKER + "\n")
    (check,) = hub.checks
    assert (check["name"], check["head_sha"], check["conclusion"]) == (CHECK_NAME, found.head, "action_required")
    assert check["details_url"] == LINKS.run
    assert check["output"]["title"].startswith("pending: approvals are open")
    assert sorted(hub.labels) == sorted(labels(found))
    assert hub.requested
    assert summaries[0].startswith("**Verdict: pending")
    again, _ = told(made, hub)
    assert (len(hub.comments), len(hub.requested), again.head) == (1, len(set(hub.requested)), found.head)


def test_an_approval_that_comes_in_while_it_is_judged_stops_it(made: Repository, hub: Hub) -> None:
    found, pull = judged(made, hub)
    hub.add_review("ana", "CHANGES_REQUESTED", found.head)
    changed = pytest.raises(ForgeError, match="#7 changed while it was judged")
    with GitHub(access(hub), Time().waiting()) as forge, changed:
        publish(Desk(forge, LINKS, lambda text: None), found, pull)
    assert (hub.comments, hub.checks, hub.labels) == ([], [], [])


def test_one_thing_that_fails_keeps_no_other_from_being_said(made: Repository, hub: Hub) -> None:
    hub.script += [Scripted("POST", "/comments", 403), Scripted("POST", "/labels", 403)]
    _, faults = told(made, hub)
    assert len(faults) == 2
    assert len(hub.checks) == 1
    assert hub.requested


def decided(state: State, verdict: Verdict, found: Review) -> Review:
    return replace(found, verdict=verdict, decision=Decision("change", state, "because"))


def test_only_an_approved_change_without_a_fault_is_a_success(made: Repository) -> None:
    found = review(wire.git(made.path), READING, "main", "feature", NOW)
    table = {
        (State.APPROVED, Verdict.APPROVED): Conclusion.SUCCESS,
        (State.SKIPPED, Verdict.APPROVED): Conclusion.SUCCESS,
        (State.PENDING, Verdict.PENDING): Conclusion.ACTION_REQUIRED,
        (State.APPROVED, Verdict.PENDING): Conclusion.ACTION_REQUIRED,
        (State.REJECTED, Verdict.PENDING): Conclusion.FAILURE,
        (State.ERROR, Verdict.PENDING): Conclusion.FAILURE,
        (State.ERROR, Verdict.APPROVED): Conclusion.FAILURE,
        (State.APPROVED, Verdict.BLOCKED): Conclusion.FAILURE,
    }
    for (state, verdict), expected in table.items():
        assert conclusion(decided(state, verdict, found)) is expected


def asking(found: Review, name: str, *candidates: str) -> Review:
    ask = Decision(name, State.PENDING, "missing", candidates=candidates)
    rules = Decision("rule", State.PENDING, "missing", children=(ask,))
    return replace(found, decision=Decision("change", State.PENDING, "missing", children=(rules,)))


def test_who_is_asked(made: Repository, hub: Hub) -> None:
    told(made, hub)
    found, pull = judged(made, hub)
    found = replace(found, slugs={"group:default/one": "team-one"})
    few = asking(found, "2 of group:default/one", "ana", "ben", "user:default/no-login")
    assert wanted(few, pull, frozenset({"team-one"})).people == ("ana", "ben")
    many = asking(found, "2 of group:default/one or group:default/two", "ana", "ben", "cem", "dan")
    assert wanted(many, pull, frozenset({"team-one"})).teams == ("team-one",)
    assert wanted(many, pull, frozenset()).people == ("ana", "ben", "cem")
    assert wanted(many, replace(pull, draft=True), frozenset({"team-one"})).teams == ()
    hub.add_review("ben", "COMMENTED", found.head)
    _, heard = judged(made, hub)
    assert wanted(few, heard, frozenset()).people == ("ana",)


def run(made: Repository, hub: Hub, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {"GITHUB_REPOSITORY": "acme/platform", "GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": hub.url}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    return subprocess.run(
        [sys.executable, "-m", "tarmac", "review", "--base", "main", "--head", "feature", *arguments],
        cwd=made.path, capture_output=True, text=True, check=False, env={**kept, **given, **environment},
    )  # fmt: skip


def test_the_command_publishes_and_says_where(made: Repository, hub: Hub, tmp_path: Path) -> None:
    summary = tmp_path / "summary.md"
    summary.write_text("of another step\n", "utf-8")
    done = run(made, hub, "--publish", GITHUB_STEP_SUMMARY=str(summary), GITHUB_RUN_ID="12")
    assert done.returncode == 0, done.stderr
    assert "tarmac: published to #7: https://github.example/comments/1" in done.stderr
    assert done.stdout.startswith("**Verdict: pending")
    assert summary.read_text("utf-8").startswith("of another step\n**Verdict: pending")
    assert hub.checks[0]["details_url"] == "https://github.com/acme/platform/actions/runs/12"


def test_a_failed_post_is_exit_4_and_the_verdict_is_shown(made: Repository, hub: Hub) -> None:
    hub.script.append(Scripted("POST", "/check-runs", 403, body=b'{"message": "Resource not accessible"}'))
    done = run(made, hub, "--publish", "--format", "json")
    assert done.returncode == 4
    assert json.loads(done.stdout)["verdict"] == "pending"
    assert (
        "not all of it could be published to #7: GitHub refused or failed at the check run: status 403" in done.stderr
    )
    (check,) = hub.checks
    assert (check["conclusion"], check["output"]["title"]) == (
        "failure",
        "not judged: the verdict could not be told: GitHub refused or failed at the check run: status 403, Resource "
        "not accessible",
    )
    assert hub.comments
    assert "Traceback" not in done.stderr


def failed(hub: Hub, head: str, why: str) -> None:
    """Nothing is said but that the head could not be judged, so that no success of an earlier run stands."""
    (check,) = hub.checks
    assert (check["name"], check["head_sha"], check["conclusion"]) == (CHECK_NAME, head, "failure")
    assert check["output"]["title"].startswith("not judged: ")
    assert why in check["output"]["title"]
    assert check["output"]["summary"].startswith("**Not judged, so not approved:** ")
    assert (hub.comments, hub.labels, hub.requested) == ([], [], [])


def test_reviews_that_cannot_be_read_are_exit_4_and_the_head_fails(made: Repository, hub: Hub) -> None:
    hub.script.append(Scripted("GET", "/reviews", 403))
    done = run(made, hub, "--publish")
    assert (done.returncode, done.stdout[:20]) == (4, "**Verdict: pending, ")
    failed(hub, made.git("rev-parse", "feature"), "GitHub refused or failed at the reviews: status 403")


def test_a_second_pull_request_of_the_head_takes_the_verdict_away(made: Repository, hub: Hub) -> None:
    """It would keep every later objection from being heard."""
    hub.add_pull(8, made.git("rev-parse", "feature"), author="friend")
    assert run(made, hub, "--publish").returncode == 4
    failed(hub, made.git("rev-parse", "feature"), "#7, #8 have the same head")


def test_a_pull_request_that_keeps_changing_is_not_judged_by_what_it_was(made: Repository, hub: Hub) -> None:
    head = made.git("rev-parse", "feature")
    told = json.dumps(hub.pulls[0]).encode()
    hub.script.append(
        Scripted("GET", "/pulls/7", 200, body=told, then=lambda: hub.add_review("zoe", "COMMENTED", head))
    )
    hub.script.append(Scripted("GET", "/pulls/7/reviews", 200, body=b"[]"))
    done = run(made, hub, "--publish")
    assert (done.returncode, "#7 changed while it was judged" in done.stderr) == (4, True)
    failed(hub, head, "#7 changed while it was judged")


def test_a_base_that_cannot_judge_takes_the_verdict_away(made: Repository, hub: Hub) -> None:
    done = run(made, hub, "--publish", "--base", "nowhere")
    assert done.returncode == 2
    failed(hub, made.git("rev-parse", "feature"), "'nowhere' names no commit here")


def test_that_it_was_not_judged_cannot_be_said_either(made: Repository, hub: Hub) -> None:
    hub.script += [Scripted("GET", "/reviews", 403), Scripted("POST", "/check-runs", 403)]
    done = run(made, hub, "--publish")
    assert done.returncode == 4
    assert "nor could it be said that it was not judged: GitHub refused or failed at the check run" in done.stderr
    assert "GitHub refused or failed at the reviews" in done.stderr


def test_a_head_of_no_pull_request_is_told_nothing(made: Repository, hub: Hub) -> None:
    hub.pulls[0]["state"] = "closed"
    done = run(made, hub, "--publish")
    assert (done.returncode, hub.checks, hub.comments) == (4, [], [])
    assert "no open pull request into the default branch has the head" in done.stderr


def test_what_is_judged_stays_judged_where_something_else_cannot_be_said(made: Repository, hub: Hub) -> None:
    hub.script.append(Scripted("POST", "/comments", 403))
    assert run(made, hub, "--publish").returncode == 4
    assert [check["conclusion"] for check in hub.checks] == ["action_required"]


def test_the_command_says_what_it_lacks(made: Repository, tmp_path: Path) -> None:
    done = run(made, Hub(), "--publish", GITHUB_TOKEN="")
    assert done.returncode == 2
    assert "TARMAC_GITHUB_TOKEN or GITHUB_TOKEN" in done.stderr
    done = run(made, Hub(), "--publish", "--reviews", str(tmp_path / "x.json"))
    assert done.returncode == 2
    assert "choose one" in done.stderr
