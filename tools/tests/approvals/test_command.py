"""tarmac approvals, and tarmac review with reviews: what they print and how they end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tarmac.app import wire
from tarmac.app.review import review
from tarmac.cli.main import tarmac
from tarmac.errors import ExitCode, TarmacError
from tarmac.reports.review import Review, Verdict
from tarmac.reports.reviews import REVIEWS, load
from tests.approvals.test_red_team import EXEMPTION, POLICY
from tests.approvals.town import NEVER, README, R, World, rule, staging, town
from tests.trees import NOW, READING, budget, component

BASE = town()
AT = "2026-12-01T06:00:00Z"


def run(world: World, folder: Path, told: bytes | None = None, form: str = "json", base: str = "") -> Result:
    path = folder / "reviews.json"
    path.write_bytes(world.told() if told is None else told)
    options = ["--root", str(world.path), "--base", base or world.main, "--head", world.head, "--reviews", str(path)]
    return CliRunner().invoke(tarmac, ["approvals", *options, "--now", AT, "--format", form], standalone_mode=False)


def answer(result: Result) -> Any:
    return json.loads(result.stdout)


def test_approved_is_the_only_way_to_end_with_zero(place: Path, tmp_path: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    pending = run(world, tmp_path)
    assert (pending.return_value, answer(pending)["state"]) == (ExitCode.VERDICT, "pending")
    world.says("ben-1")
    good = run(world, tmp_path)
    assert (good.return_value, answer(good)["state"]) == (ExitCode.OK, "approved")
    world.says("ana-1", "CHANGES_REQUESTED")
    rejected = run(world, tmp_path)
    assert (rejected.return_value, answer(rejected)["state"]) == (ExitCode.VERDICT, "rejected")


def test_the_answer_is_as_promised_and_the_same_twice(place: Path, tmp_path: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging(), README: "# x\n"})
    world.says("ben-1")
    world.says("dev", "COMMENTED")
    world.says("cam-1")
    found = answer(run(world, tmp_path))
    assert found["version"] == 1
    assert {tuple(one) for one in found["rules"]} == {
        ("rule", "state", "reason", "counted", "ignored", "candidates"),
    }
    asked = next(one for one in found["rules"] if one["rule"] == "code-owners")
    assert (asked["state"], asked["counted"], asked["candidates"]) == ("pending", ["ben-1"], ["pat-1", "pia-1"])
    assert asked["ignored"] == [{"login": "cam-1", "reason": "is not one of those who are asked here"}]
    assert next(one["state"] for one in found["rules"] if one["rule"] == "never") == "skipped"
    assert run(world, tmp_path).stdout == run(world, tmp_path).stdout


def test_an_error_of_the_decision_ends_with_two(place: Path, tmp_path: Path) -> None:
    world = World(place, town(rule("broken", "nothing")))
    world.push({R: staging()})
    result = run(world, tmp_path)
    assert (result.return_value, answer(result)["state"]) == (ExitCode.USAGE, "error")


@pytest.mark.parametrize("told", [b"", b'{"message": "Bad credentials"}', b"\xff", b"[" * 50_000])
def test_a_file_that_says_nothing_is_an_error_and_never_an_approval(place: Path, tmp_path: Path, told: bytes) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    result = run(world, tmp_path, told)
    assert isinstance(result.exception, TarmacError)
    assert result.exception.exit_code == ExitCode.USAGE
    found = answer(result)
    assert (found["version"], found["state"], found["rules"][0]["state"]) == (1, "error", "error")
    assert run(world, tmp_path, told, "text").stdout == ""


def test_a_revision_that_is_not_there_is_an_error(place: Path, tmp_path: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    result = run(world, tmp_path, base="nowhere")
    assert isinstance(result.exception, TarmacError)
    assert answer(result)["state"] == "error"


def test_histories_without_a_common_commit_are_an_error(place: Path, tmp_path: Path) -> None:
    world = World(place, BASE)
    world.head = world.commit((), {R: staging()}, "dev")
    result = run(world, tmp_path)
    assert answer(result)["state"] == "error"
    assert "no commit in common" in answer(result)["rules"][0]["reason"]


def test_the_text_says_who_and_why(place: Path, tmp_path: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    world.says("ben-1")
    world.push({R: staging(20)})
    lines = [line.strip() for line in run(world, tmp_path, form="text").stdout.splitlines()]
    assert lines == [
        "pending: code-owners (pending)",
        "pending code-owners",
        "pending group:default/one: nobody has approved yet",
        "for resourcerequest:default/r",
        f"does not count: ben-1, what was approved has changed since: {R}",
        "could approve: ana-1, ben-1",
        "do not apply: never",
    ]


def test_what_a_repository_says_stays_on_its_line(place: Path, tmp_path: Path) -> None:
    world = World(place, BASE)
    world.push({"catalog/\x1b[2Jx\n/y": "text\n"})
    shown = run(world, tmp_path, form="text").stdout
    assert all(char.isprintable() or char == "\n" for char in shown)


def reviewed(world: World, folder: Path) -> Review:
    path = folder / "reviews.json"
    path.write_bytes(world.told())
    return review(wire.git(world.path), READING, world.main, world.head, NOW, (), wire.reviews(path))


def test_a_review_says_who_has_approved(place: Path, tmp_path: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    assert reviewed(world, tmp_path).verdict is Verdict.PENDING
    world.says("cam-1")
    world.says("ben-1")
    found = reviewed(world, tmp_path)
    assert found.verdict is Verdict.APPROVED
    for form in REVIEWS:
        shown = load(form)(found)
        assert "approved by ben-1" in shown, form
        words = "is not one of those who are asked here" if form == "json" else "approved without being asked"
        assert words in shown, form


def test_of_an_approval_that_another_rule_asks_for_nothing_is_told(place: Path, tmp_path: Path) -> None:
    """Who approves for the team has nothing to do with what the platform and finops are asked."""
    asks = [rule(name, "true", f"[{{from: [{name}]}}]") for name in ("group:default/finops", "group:default/platform")]
    world = World(place, town(*(text.replace("name: group:default/", "name: by-") for text in asks)))
    world.push({R: staging()})
    for login in ("fay-1", "cam-1", "dee-1"):
        world.says(login)
    lines = [line.strip() for line in run(world, tmp_path, form="text").stdout.splitlines()]
    assert lines == [
        "pending: by-platform (pending)",
        "approved by-finops",
        "because true",
        "approved group:default/finops: approved by fay-1",
        "for resourcerequest:default/r",
        "pending by-platform",
        "because true",
        "pending group:default/platform: nobody has approved yet",
        "for resourcerequest:default/r",
        "could approve: pat-1, pia-1",
        "approved without being asked, so it does not count: cam-1, dee-1",
        "do not apply: never",
    ]
    found = reviewed(world, tmp_path)
    for form, line in (
        ("text", "approved without being asked, so it does not count: cam-1, dee-1"),
        ("markdown", "- approved without being asked, so it does not count: <code>cam-1</code>, <code>dee-1</code>"),
    ):
        shown = load(form)(found)
        assert [one.strip() for one in shown.splitlines() if "does not count" in one] == [line]
    rules = {one["rule"]: [mute["login"] for mute in one["ignored"]] for one in answer(run(world, tmp_path))["rules"]}
    assert rules == {"by-finops": ["cam-1", "dee-1"], "by-platform": ["cam-1", "dee-1", "fay-1"], "never": []}


def test_of_many_who_were_not_asked_some_are_named(place: Path, tmp_path: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    for number in range(12):
        world.says(f"m{number:02}")
    shown = load("markdown")(reviewed(world, tmp_path))
    assert shown.count("does not count") == 1
    assert "<code>m09</code> and 2 more\n" in shown


def test_whoever_is_asked_is_still_told_why_it_does_not_count(place: Path, tmp_path: Path) -> None:
    world = World(
        place, town(rule("lead", "true", "[{from: [owner], role: lead}]"), rule("any", "true", "[{from: [owner]}]"))
    )
    world.push({R: staging()})
    world.says("ben-1")
    world.push({R: staging(20)})
    shown = run(world, tmp_path, form="text").stdout
    assert shown.count("does not count: ben-1, what was approved has changed since") == 1
    assert "without being asked" not in shown


def test_the_command_reads_the_file(place: Path, tmp_path: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    world.says("ben-1")
    path = tmp_path / "reviews.json"
    path.write_bytes(world.told())
    options = ["--root", str(place), "--base", world.main, "--head", world.head, "--reviews", str(path), "--now", AT]
    result = CliRunner().invoke(tarmac, ["review", *options, "--format", "json"], standalone_mode=False)
    assert (result.return_value, answer(result)["verdict"]) == (ExitCode.OK, "approved")


def test_an_exemption_counts_once_its_own_file_is_approved(place: Path, tmp_path: Path) -> None:
    world = World(place, town(**{"policies/small.yaml": POLICY}))
    world.push({R: staging(2000), "policies/let-me.yaml": EXEMPTION})
    world.says("ben-1")
    found = reviewed(world, tmp_path)
    assert [finding.rule for finding in found.new_errors] == ["small-only"]
    assert found.exempted == ()
    world.says("pat-1")
    assert reviewed(world, tmp_path).new_errors
    world.says("sid-1")
    found = reviewed(world, tmp_path)
    assert found.new_errors == ()
    assert [str(one.exemption) for one in found.exempted] == ["exemption:default/let-me"]
    assert found.verdict is Verdict.APPROVED
    world.push({"policies/let-me.yaml": EXEMPTION.replace("it is large", "it is larger")})
    assert reviewed(world, tmp_path).new_errors


def test_without_reviews_nobody_has_approved(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()}, by="ben")
    found = review(wire.git(place), READING, world.main, world.head, NOW)
    (node,) = (one for one in found.decision.children if one.name == "code-owners")
    assert node.children[0].candidates == ("ana-1",)


def test_a_base_whose_rules_cannot_be_read_approves_nothing(place: Path, tmp_path: Path) -> None:
    world = World(place, town(**{"policies/more.yaml": "a: b\n  c: [\n"}))
    world.push({R: staging()})
    world.says("ben-1")
    found = answer(run(world, tmp_path))
    assert found["state"] == "error"
    assert any("policies/more.yaml" in one["reason"] for one in found["rules"])


def test_what_cannot_be_read_of_the_base_is_mended_with_the_platform(place: Path, tmp_path: Path) -> None:
    world = World(place, town(**{"policies/more.yaml": "a: b\n  c: [\n"}))
    world.push({"policies/more.yaml": "a: b\n  c: {\n"})
    world.says("pat-1")
    assert answer(run(world, tmp_path))["state"] == "error"
    world.push({"policies/more.yaml": NEVER.replace("never", "more")})
    assert answer(run(world, tmp_path))["state"] == "pending"
    world.says("pat-1")
    assert answer(run(world, tmp_path))["state"] == "approved"
    world.push({README: "# x\n"})
    world.says("pat-1")
    found = answer(run(world, tmp_path))
    assert found["state"] == "error"
    assert any("change nothing but policies/more.yaml" in one["reason"] for one in found["rules"])


@pytest.mark.parametrize(
    ("path", "text", "decides"),
    [
        ("catalog/shop/budget.yaml", budget(limit="lots"), True),
        ("teams/one/rule.yaml", rule("more", "true").replace("require:", "requires:"), True),
        ("policies/x.yaml", "a: [\n", True),
        ("policies/x.yaml", component("x").replace("lifecycle", "lifecycles"), False),
        ("catalog/shop/x.yaml", component("x").replace("lifecycle", "lifecycles"), False),
        ("catalog/shop/x.yaml", "a: [\n", False),
    ],
    ids=range(6),
)
def test_only_what_decides_must_be_whole(place: Path, tmp_path: Path, path: str, text: str, decides: bool) -> None:
    """A rule, a budget, the platform, wherever it stands, and whatever cannot be read below policies/."""
    world = World(place, town(**{path: text}))
    world.push({R: staging()})
    world.says("ben-1")
    found = answer(run(world, tmp_path))
    doubted = [one for one in found["rules"] if one["rule"] == "base"]
    assert bool(doubted) is decides
    assert all(f"{path}:" in one["reason"] and "of the base cannot be trusted" in one["reason"] for one in doubted)


def test_rules_that_are_none_are_an_error(place: Path, tmp_path: Path) -> None:
    files = {path: text for path, text in BASE.items() if path != "policies/rules.yaml"}
    world = World(place, files)
    world.push({R: staging(), "policies/rules.yaml": NEVER})
    world.says("ben-1")
    world.says("pat-1")
    assert answer(run(world, tmp_path))["state"] == "error"
