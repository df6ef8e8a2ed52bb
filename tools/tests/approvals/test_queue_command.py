"""tarmac queue, as the workflow of the merge queue runs it against GitHub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tarmac.app.publish import CHECK_NAME
from tests.approvals.queued import Line
from tests.github.forge_server import TOKEN, Hub, serving


@pytest.fixture
def line(place: Path) -> Line:
    return Line.with_one(place)


def run(line: Line, hub: Hub, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    given = {"GITHUB_REPOSITORY": "acme/platform", "GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": hub.url}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_")}
    ends = ["--base", line.w.main, "--head", line.tip, "--now", "2026-12-01T06:00:00Z"]
    return subprocess.run(
        [sys.executable, "-m", "tarmac", "queue", *ends, *arguments],
        cwd=line.w.path, capture_output=True, text=True, check=False, env={**kept, **given, **environment},
    )  # fmt: skip


def test_the_command_asks_github_and_tells_it(line: Line) -> None:
    with serving(Hub()) as hub:
        hub.add_pull(1, line.forge.heads[1])
        hub.add_pull(2, line.forge.heads[1], base="release")
        hub.add_pull(3, line.forge.heads[1], state="closed")
        hub.add_commit(line.forge.heads[1], "dev")
        done = run(line, hub, "--publish")
        assert (done.returncode, hub.checks[0]["conclusion"]) == (1, "failure"), done.stderr
        hub.add_review("ana-1", "APPROVED", line.forge.heads[1])
        done = run(line, hub, "--publish")
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("Queue of ")
        assert "tarmac: published: https://github.com/" in done.stderr
        told = hub.checks[1]
        assert (told["name"], told["head_sha"], told["conclusion"]) == (CHECK_NAME, line.tip, "success")
        assert not hub.asked("POST", "/comments")
        assert not hub.asked("POST", "/labels")
        hub.hold()
        done = run(line, hub, "--format", "json")
        assert json.loads(done.stdout)["approved"] is True
        assert len(hub.checks) == 2


def test_what_cannot_be_judged_leaves_the_queue(line: Line) -> None:
    with serving(Hub()) as hub:
        hub.add_pull(1, line.tip)
        done = run(line, hub, "--publish")
        assert (done.returncode, [one["conclusion"] for one in hub.checks]) == (4, ["failure"])
        assert "is the head of #1" in hub.checks[0]["output"]["title"]
        done = run(line, hub)
        assert (done.returncode, len(hub.checks)) == (4, 1)
        hub.hold()


def test_the_command_says_what_it_lacks(line: Line) -> None:
    done = run(line, Hub(), GITHUB_TOKEN="")
    assert (done.returncode, done.stdout) == (2, "")
    assert "TARMAC_GITHUB_TOKEN or GITHUB_TOKEN" in done.stderr


@pytest.mark.long
def test_a_forge_that_does_not_answer_is_told_as_one(line: Line) -> None:
    """Long, as it is asked again a few times first."""
    done = run(line, Hub(url="http://127.0.0.1:9"), "--publish")
    assert (done.returncode, done.stdout) == (4, "")
    assert "GitHub refused or failed at the pull requests: no answer" in done.stderr
    assert "nor could it be said that it was not judged" in done.stderr
    assert "Traceback" not in done.stderr
