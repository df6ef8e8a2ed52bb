"""`tarmac approvals` as a program, in a real repository: what it prints, to the letter, and how it ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.approvals.town import README, RULES, R, World, rule, staging, town

PROGRAM = str(Path(sys.executable).with_name("tarmac"))
Given = Callable[[World], None]


def ends(world: World, folder: Path, *more: str, told: bytes | None = None) -> subprocess.CompletedProcess[str]:
    path = folder / "reviews.json"
    path.write_bytes(world.told() if told is None else told)
    asked = ["--root", str(world.path), "--base", world.main, "--head", world.head, "--reviews", str(path)]
    command = [PROGRAM, "approvals", *asked, "--now", "2026-12-01T06:00:00Z", *more]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done


def asked(place: Path, *rules: str) -> World:
    world = World(place, town(*rules))
    world.push({R: staging(), README: "# x\n"})
    return world


def nothing(reason: str, state: str = "skipped", rule: str = "never") -> dict[str, object]:
    return {"rule": rule, "state": state, "reason": reason, "counted": [], "ignored": [], "candidates": []}


def test_approved_ends_with_0_and_says_exactly_this(place: Path, tmp_path: Path) -> None:
    world = asked(place)
    world.says("ben-1")
    world.says("PAT-1")
    world.says("cam-1")
    done = ends(world, tmp_path, "--format", "json")
    expected = {
        "version": 1,
        "state": "approved",
        "rules": [
            nothing("it does not apply to this change"),
            {
                "rule": "code-owners",
                "state": "approved",
                "reason": "group:default/one: approved by ben-1; group:default/platform: approved by pat-1",
                "counted": ["ben-1", "pat-1"],
                "ignored": [{"login": "cam-1", "reason": "is not one of those who are asked here"}],
                "candidates": [],
            },
        ],
    }
    assert (done.returncode, done.stdout, done.stderr) == (0, json.dumps(expected, indent=2) + "\n", "")


def test_pending_ends_with_1_and_says_who_is_missing(place: Path, tmp_path: Path) -> None:
    world = asked(place)
    world.says("ben-1")
    done = ends(world, tmp_path, "--format", "json")
    reason = "group:default/one: approved by ben-1; group:default/platform: nobody has approved yet"
    expected = {
        "version": 1,
        "state": "pending",
        "rules": [
            nothing("it does not apply to this change"),
            nothing(reason, "pending", "code-owners") | {"counted": ["ben-1"], "candidates": ["pat-1", "pia-1"]},
        ],
    }
    assert (done.returncode, json.loads(done.stdout), done.stderr) == (1, expected, "")


def test_rejected_ends_with_1(place: Path, tmp_path: Path) -> None:
    world = asked(place)
    world.says("ben-1", "CHANGES_REQUESTED")
    done = ends(world, tmp_path)
    assert (done.returncode, done.stdout.partition(":")[0], done.stderr) == (1, "rejected", "")


def test_a_rule_that_cannot_judge_ends_with_2_and_says_who_can_mend_it(place: Path, tmp_path: Path) -> None:
    world = asked(place, rule("broken", "object.spec.nothing > 1"))
    for login in ("ben-1", "pat-1", "pia-1"):
        world.says(login)
    done = ends(world, tmp_path, "--format", "json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["state"], done.stderr) == (2, "error", "")
    why = (
        'its `when` cannot be evaluated: the key "nothing" is not there; to mend it, change nothing but '
        "policies/rules.yaml, which asks group:default/platform"
    )
    assert found["rules"][0] == nothing(why, "error", "broken") | {"candidates": ["pat-1", "pia-1"]}
    assert "could mend it: pat-1, pia-1" in ends(world, tmp_path).stdout


def test_its_repair_ends_with_0_once_the_platform_approves(place: Path, tmp_path: Path) -> None:
    world = World(place, town(rule("broken", "object.spec.nothing > 1")))
    world.push({RULES: town(rule("broken", "false"))[RULES]})
    waiting = ends(world, tmp_path)
    assert (waiting.returncode, "this change mends it" in waiting.stdout) == (1, True)
    world.says("pia-1")
    assert ends(world, tmp_path).returncode == 0


@pytest.mark.parametrize(
    ("told", "says"),
    [
        (b'{"message": "Bad credentials"}', "the reviews lack pull in the file: is it an error message, or only a p"),
        (b'{"pull": {"number": 7}, "reviews": [', "the reviews are no JSON"),
    ],
)
def test_reviews_that_say_nothing_end_with_2(place: Path, tmp_path: Path, told: bytes, says: str) -> None:
    done = ends(asked(place), tmp_path, "--format", "json", told=told)
    found = json.loads(done.stdout)
    reason = found["rules"][0]["reason"]
    assert found == {"version": 1, "state": "error", "rules": [nothing(reason, "error", "input")]}
    assert (done.returncode, done.stderr.startswith(f"tarmac: {says}"), reason.startswith(says)) == (2, True, True)


def test_what_is_not_there_ends_with_2(place: Path, tmp_path: Path) -> None:
    world = asked(place)
    for more, says in (
        (("--head", "nowhere"), "names no commit here"),
        (("--reviews", str(tmp_path / "none.json")), "cannot be read"),
        (("--root", str(tmp_path)), "is in no git repository"),
        (("--now", "soon"), "soon"),
    ):
        done = ends(world, tmp_path, *more)
        assert (done.returncode, done.stdout) == (2, "")
        assert says in done.stderr


def test_without_its_options_it_ends_with_2(tmp_path: Path) -> None:
    done = subprocess.run([PROGRAM, "approvals"], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.returncode, "--base" in done.stderr) == (2, True)


@pytest.mark.parametrize("option", ["--root", "--base", "--head", "--format", "--now"])
def test_an_option_before_a_verb_that_would_not_see_it_is_refused(option: str, place: Path) -> None:
    value = {"--root": str(place), "--format": "json", "--now": "2026-12-01T06:00:00Z"}.get(option, "main")
    command = [PROGRAM, "approvals", option, value, "genesis", "--reason", "as it was"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=place)
    assert done.returncode == 2
    assert f"{option} stands before genesis, which does not look there: write it behind" in done.stderr
