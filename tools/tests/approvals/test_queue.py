"""What GitHub's merge queue is about to merge is approved only where each step is what one approved pull request gives,
judged by the commit before it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tarmac.adapters.github import GitHub
from tarmac.app.publish import CHECK_NAME, Desk
from tarmac.app.queue import publish_queue
from tarmac.errors import ForgeError, UsageError
from tarmac.model.forge import Conclusion
from tarmac.model.frozen import replace
from tarmac.reports.queue import queue_json, queue_markdown, queue_text
from tarmac.reports.review_links import Links
from tests.approvals.queued import Line
from tests.approvals.town import RULES, R, S, World, rule, staging, town
from tests.github.forge_server import Hub, serving
from tests.github.test_github import Time, access
from tests.trees import component

LINKS = Links("https://github.example/acme/platform", "https://github.example/acme/platform/actions/runs/5")
DISKS = rule("disks", 'change.kind == "ResourceRequest"', "[{from: [group:default/finops]}]")
FREE = rule("free", 'change.kind == "ResourceRequest"', "auto")
OPEN = "pending: approvals are open"
NOBODYS = "no open pull request into the default branch gives it"


Case = Callable[[Line], None]
CASES: list[Case] = []


def case(function: Case) -> Case:
    CASES.append(function)
    return function


@pytest.mark.parametrize("scene", CASES, ids=[one.__name__ for one in CASES])
def test_of_what_is_queued(place: Path, scene: Case) -> None:
    scene(Line.of(place))


@pytest.fixture
def line(place: Path) -> Line:
    return Line.with_one(place)


def approved(line: Line, *names: str) -> None:
    found = line.judged()
    assert (found.approved, [one.name for one in found.steps], found.waiting) == (True, [*names], 0), found.title
    for step in found.steps:
        assert re.fullmatch(r"approved by [-a-z0-9, ]+|nobody needs to approve", step.reason)


def refused(line: Line, *names: str, why: str, waiting: int = 0) -> None:
    """All but the last of these are approved; that one is not, and nothing behind it is looked at."""
    found = line.judged()
    assert not found.approved
    assert [one.approved for one in found.steps] == [*(True for _ in names[1:]), False]
    assert ([one.name for one in found.steps], found.waiting) == ([*names], waiting)
    assert found.steps[-1].reason == why


@case
def squashed(m: Line) -> None:
    m.enqueue(m.pull({R: staging(20)}, by=["ana-1"]))
    approved(m, "#1")


@case
def merged(m: Line) -> None:
    m.enqueue(m.pull({R: staging(20)}, by=["ana-1"]), "merge")
    approved(m, "#1")


@case
def rebased_with_two_commits(m: Line) -> None:
    m.enqueue(m.pull({R: staging(20)}, {R: staging(21)}, by=["ana-1"]), "rebase")
    approved(m, "#1")
    assert len(m.judged().steps[0].commits) == 2


@case
def one_behind_the_other(m: Line) -> None:
    first, second = m.pull({R: staging(20)}, by=["ana-1"]), m.pull({S: staging(30, "two", "s")}, by=["cam-1"])
    m.enqueue(first)
    m.enqueue(second, "merge")
    approved(m, "#1", "#2")


@case
def one_that_was_made_before_the_branch_went_on(m: Line) -> None:
    head = m.pull({R: staging(20)}, by=["ana-1"])
    m.tip = m.w.go_on({S: staging(50, "two", "s")})
    m.enqueue(head)
    approved(m, "#1")


@case
def the_one_before_went_to_the_branch_meanwhile(m: Line) -> None:
    first, second = m.pull({R: staging(20)}, by=["ana-1"]), m.pull({S: staging(30, "two", "s")}, by=["cam-1"])
    m.w.main = m.enqueue(first)
    del m.forge.heads[1]
    m.enqueue(second)
    approved(m, "#2")


@case
def nobody_approved(m: Line) -> None:
    m.enqueue(m.pull({R: staging(20)}))
    refused(m, "#1", why=f"{OPEN}: code-owners (pending)")


@case
def approved_before_it_was_changed(m: Line) -> None:
    m.pull({R: staging(20)}, by=["ana-1"])
    said = m.forge.pulls[1].reviews
    head = m.pull({R: staging(20)}, {R: staging(400)})
    m.forge.pulls[2] = replace(m.forge.pulls[2], reviews=said)
    m.enqueue(head)
    refused(m, "#2", why=f"{OPEN}: code-owners (pending)")


@case
def a_draft(m: Line) -> None:
    m.enqueue(m.pull({R: staging(20)}, by=["ana-1"], draft=True))
    refused(m, "#1", why=f"{OPEN}: draft (pending)")


@case
def approved_and_wrong(m: Line) -> None:
    m.enqueue(m.pull({"catalog/shop/catalog-info.yaml": component("shop", "owner: nobody")}, by=["ana-1", "pat-1"]))
    refused(m, "#1", why="blocked: it brings 1 error")


@case
def wrong_and_not_approved(m: Line) -> None:
    m.enqueue(m.pull({"catalog/shop/catalog-info.yaml": component("shop", "owner: nobody")}))
    refused(m, "#1", why="blocked: it brings 1 error; approvals are open: code-owners (pending)")


@case
def the_one_before_loosens_the_rules_that_judge_the_next(m: Line) -> None:
    m.tip = m.w.go_on({RULES: DISKS})
    first, second = m.pull({RULES: FREE}, by=["pat-1"]), m.pull({R: staging(20)})
    m.enqueue(first)
    m.enqueue(second)
    approved(m, "#1", "#2")


@case
def the_one_before_loosens_them_and_nobody_approved_that(m: Line) -> None:
    m.tip = m.w.go_on({RULES: DISKS})
    first, second = m.pull({RULES: FREE}), m.pull({R: staging(20)})
    m.enqueue(first)
    m.enqueue(second)
    refused(m, "#1", why=f"{OPEN}: code-owners (pending)", waiting=1)


@case
def the_one_before_tightens_the_rules_that_judge_the_next(m: Line) -> None:
    first, second = m.pull({RULES: DISKS}, by=["pat-1"]), m.pull({R: staging(20)}, by=["ana-1"])
    m.enqueue(first)
    m.enqueue(second)
    refused(m, "#1", "#2", why=f"{OPEN}: disks (pending)")


@case
def edited_on_the_way(m: Line) -> None:
    m.enqueue(m.pull({R: staging(20)}, by=["ana-1"]), edited={R: staging(999)})
    refused(m, m.tip[:12], why=NOBODYS)


@case
def edited_on_the_way_by_a_merge(m: Line) -> None:
    m.enqueue(m.pull({R: staging(20)}, by=["ana-1"]), "merge", edited={S: staging(999, "two", "s")})
    refused(m, m.tip[:12], why=NOBODYS)


@case
def pushed_between(m: Line) -> None:
    head = m.pull({R: staging(20)}, by=["ana-1"])
    m.tip = pushed = m.w.commit([m.tip], {S: staging(999, "two", "s")}, "dev")
    m.enqueue(head)
    refused(m, pushed[:12], why=NOBODYS, waiting=1)


@case
def a_merge_of_something_else_with_the_right_content(m: Line) -> None:
    head = m.pull({R: staging(20)}, by=["ana-1"])
    other = m.w.commit([m.w.main], {R: staging(20)}, "dev", message="not reviewed")
    tree = m.w.git("rev-parse", f"{head}^{{tree}}")
    m.tip = m.w.commit([m.tip, other], {}, "dev", tree=tree)
    refused(m, m.tip[:12], why=NOBODYS)


@case
def a_merge_of_something_else_as_a_part_of_a_rebase(m: Line) -> None:
    head = m.pull({R: staging(20)}, by=["ana-1"])
    other = m.w.commit([m.w.main], {S: staging(999, "two", "s")}, "dev", message="not reviewed")
    m.tip = evil = m.w.commit([m.tip, other], {S: staging(999, "two", "s")}, "dev")
    m.tip = m.w.commit([m.tip], {}, "dev", tree=m.w.git("rev-parse", f"{head}^{{tree}}"))
    refused(m, evil[:12], why=NOBODYS, waiting=1)


@case
def two_that_give_the_same(m: Line) -> None:
    m.pull({R: staging(20)}, by=["ana-1"])
    m.enqueue(m.pull({R: staging(20)}, {R: staging(21)}, {R: staging(20)}))
    refused(m, m.tip[:12], why="#1, #2 all give it: close all but one")


@case
def a_head_that_is_not_here(m: Line) -> None:
    m.enqueue(m.pull({R: staging(20)}, by=["ana-1"]))
    m.pull({S: staging(30, "two", "s")})
    m.forge.heads[1] = "b" * 40
    refused(m, m.tip[:12], why=f"{NOBODYS}; of 1 the head is not here: fetch refs/pull/*/head")


@case
def a_pull_request_without_common_history(m: Line) -> None:
    m.forge.heads[5] = m.w.commit((), {R: staging(20)}, "dev")
    m.enqueue(m.pull({R: staging(20)}, by=["ana-1"]))
    approved(m, "#1")


@case
def one_that_is_in_conflict_is_none_of_them(m: Line) -> None:
    first, second = m.pull({R: staging(20)}, by=["ana-1"]), m.pull({R: staging(30)}, by=["ana-1"])
    m.enqueue(first)
    approved(m, "#1")
    m.enqueue(second)
    refused(m, "#1", m.tip[:12], why=NOBODYS)


@case
def a_commit_that_is_no_part_of_the_queue(m: Line) -> None:
    m.w.main = m.w.go_on({S: staging(50, "two", "s")})
    said = (
        f"^{m.tip} does not go on from {m.w.main}: it is no commit of its merge queue, the branch has moved on and the "
        r"queue is made anew, or the clone is shallow \(fetch-depth: 0\)$"
    )
    with pytest.raises(UsageError, match=said):
        m.judged()


@case
def nothing_is_queued(m: Line) -> None:
    with pytest.raises(UsageError, match=f"^{m.tip} is {m.w.main} itself: nothing is queued$"):
        m.judged()


@case
def a_commit_that_is_a_head_as_well(m: Line) -> None:
    """Success on it would let that pull request pass, whoever approved it."""
    m.enqueue(m.pull({R: staging(20)}, by=["ana-1"]))
    m.forge.heads[9] = m.tip
    said = f"^{m.tip} is the head of #9, and a verdict on it would count for that as well: close it$"
    with pytest.raises(ForgeError, match=said):
        m.judged()


@case
def a_push_while_it_is_judged(m: Line) -> None:
    m.enqueue(m.pull({R: staging(20)}, by=["ana-1"]))
    m.forge.pulls[1] = replace(m.forge.pulls[1], head="b" * 40)
    with pytest.raises(ForgeError, match=r"^#1 was pushed to while it was judged: run it again$"):
        m.judged()


def desk(line: Line, said: list[str]) -> Desk:
    return Desk(line.forge, LINKS, said.append)


def test_the_verdict_is_a_check_run_on_the_queues_commit(line: Line) -> None:
    said: list[str] = []
    done = publish_queue(desk(line, said), line.judged())
    (run,) = line.forge.checks
    assert (run.name, run.head, run.conclusion, run.title) == (CHECK_NAME, line.tip, Conclusion.SUCCESS, "approved: #1")
    assert (run.details, done.addresses, done.number) == (LINKS.run, ("https://github.example/runs/1",), 1)
    assert run.summary.startswith("**Queue: approved: &#35;&#8203;1**")
    assert "**Verdict: approved" in run.summary
    assert said[0].startswith("**Queue: approved")


def test_what_is_not_approved_fails_and_leaves_the_queue(line: Line) -> None:
    line.enqueue(line.pull({S: staging(30, "two", "s")}))
    line.enqueue(line.pull({S: staging(31, "two", "s")}))
    publish_queue(desk(line, []), line.judged())
    (run,) = line.forge.checks
    assert run.conclusion is Conclusion.FAILURE
    assert run.title.startswith("not approved: #2, behind #1: pending: approvals are open")


def test_findings_of_every_step_stand_beside_their_lines(place: Path) -> None:
    made = Line(World(place, town(**{R: staging()})))
    made.enqueue(made.pull({"catalog/shop/catalog-info.yaml": component("shop", "owner: nobody")}))
    publish_queue(desk(made, []), made.judged())
    assert {one.place.path for one in made.forge.checks[0].findings} == {"catalog/shop/catalog-info.yaml"}


def test_an_approval_that_is_taken_back_meanwhile_is_not_told_as_one(line: Line) -> None:
    found = line.judged()
    line.forge.pulls[1] = replace(line.forge.pulls[1], reviews=())
    with pytest.raises(ForgeError, match="#1 changed while it was judged"):
        publish_queue(desk(line, []), found)
    assert line.forge.checks == []


def test_how_it_is_said(line: Line) -> None:
    line.enqueue(line.pull({S: staging(30, "two", "s")}))
    line.enqueue(line.pull({S: staging(31, "two", "s")}))
    found = line.judged()
    first, *steps = queue_text(found).splitlines()
    assert first.startswith(f"Queue of {line.tip[:12]} onto {line.w.main[:12]}: not approved: #2, behind #1: pending")
    head = line.forge.heads[1][:12]
    assert steps[0].startswith(f"  #1 ({head}) onto {line.w.main[:12]}: approved, ")
    assert steps[1].startswith("  #2 (")
    assert steps[2] == "  1 commit behind it not looked at"
    data = json.loads(queue_json(found))
    assert (data["version"], data["approved"], data["waiting"]) == (1, False, 1)
    assert (data["base"], data["head"]) == (line.w.main, line.tip)
    assert [(one["pull"], one["approved"], one["verdict"]) for one in data["steps"]] == [
        (1, True, "approved"),
        (2, False, "pending"),
    ]
    assert data["steps"][0]["head"] == line.forge.heads[1]
    assert data["steps"][1]["base"] == data["steps"][0]["commits"][-1]


def test_what_nobody_knows_is_said_without_a_review(place: Path) -> None:
    made = Line(World(place, town()))
    made.tip = made.w.commit([made.tip], {"README.md": "x"}, "dev")
    found = made.judged()
    assert (json.loads(queue_json(found))["steps"][0]["pull"], found.steps[0].review) == (None, None)
    said = queue_markdown(found, LINKS)
    assert said.startswith(f"**Queue: not approved: {made.tip[:12]}: no open pull request")
    assert "Verdict" not in said
    assert publish_queue(desk(made, []), found).number == 0


def test_it_stays_within_what_github_takes(line: Line) -> None:
    found = line.judged()
    step = replace(found.steps[0], reason="@all " * 200)
    said = queue_markdown(replace(found, steps=(step,) * 20), LINKS)
    assert len(said.encode()) <= 65_000
    assert "@all" not in said


def test_open_heads_are_those_into_the_default_branch() -> None:
    with serving(Hub()) as hub:
        for number in range(1, 6):
            hub.add_pull(number, f"{number}" * 40)
        hub.add_pull(6, "6" * 40, base="release")
        hub.add_pull(7, "7" * 40, state="closed")
        with GitHub(access(hub), Time().waiting()) as github:
            assert github.open_heads() == {number: f"{number}" * 40 for number in range(1, 6)}
        hub.hold()
