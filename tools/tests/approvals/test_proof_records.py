"""An approval that is given afterwards, as a document that is approved itself: when it counts, and what is said."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tarmac.model.proof import ProofKind, RuleProof
from tarmac.model.values import parse_instant
from tests.approvals.main_line import MERGED_AT, MainLine
from tests.approvals.test_proof import LOOSE, approved, held, kinds, stopped
from tests.approvals.town import RULES, R, S, World, rule, staging, town
from tests.trees import NOW

RECORD = "policies/approval-records/one.yaml"

Case = Callable[[MainLine], None]
CASES: list[Case] = []


def case(function: Case) -> Case:
    CASES.append(function)
    return function


@pytest.mark.parametrize("scene", CASES, ids=[one.__name__ for one in CASES])
def test_of_what_is_recorded(place: Path, scene: Case) -> None:
    scene(MainLine(World(place, town(**{R: staging(), S: staging(owner="two", name="s")}))).begin())


def record(commit: str, reason: str = "it had to be") -> dict[str, str | None]:
    return {
        RECORD: "apiVersion: tarmac/v1\nkind: ApprovalRecord\nmetadata: {name: one}\n"
        f'spec: {{commit: "{commit}", reason: {reason}}}\n'
    }


@case
def a_push_is_recorded(m: MainLine) -> None:
    pushed = m.push({R: staging(20)})
    m.pull(record(pushed), "pat-1")
    approved(m)
    assert kinds(m) == [ProofKind.RECORDED, ProofKind.APPROVED]
    assert m.log.kept[1].reason == f"it had to be ({RECORD})"
    assert (m.log.kept[1].pull, m.log.kept[1].reviewers) == (1, ("pat-1",))


@case
def a_push_of_rules_is_recorded_as_the_rules_before_ask(m: MainLine) -> None:
    pushed = m.push({RULES: rule("pushed", "true", "[{from: [group:default/platform]}]")})
    m.pull(record(pushed), "pat-1")
    approved(m)


@case
def a_record_that_only_the_pushed_rules_approve(m: MainLine) -> None:
    before = m.w.main
    m.push({RULES: LOOSE}, by="mallory@evil.example")
    pushed = m.w.main
    m.pull(record(pushed))
    stopped(m, before, 1, "its record in policies/approval-records/one.yaml does not count")


@case
def a_record_by_a_platform_team_that_was_pushed(m: MainLine) -> None:
    before = m.w.main
    team = m.w.files["teams/platform/team.yaml"].replace("members: [pat, pia]", "members: [pat, pia, dee]")
    pushed = m.push({"teams/platform/team.yaml": team})
    m.pull(record(pushed), "dee-1")
    stopped(m, before, 1, "does not count")


@case
def a_record_by_who_pushed(m: MainLine) -> None:
    pushed = m.push({R: staging(20)}, by="pat")
    m.pull(record(pushed), "pat-1")
    held(m, R, why="does not count")


@case
def a_record_that_brings_something_else(m: MainLine) -> None:
    pushed = m.push({R: staging(20)})
    m.pull({**record(pushed), S: staging(30, "two", "s")}, "pat-1", "cam-1")
    held(m, R, why="brings more than records")


@case
def a_record_that_is_pushed_too(m: MainLine) -> None:
    pushed = m.push({R: staging(20)})
    m.push(record(pushed))
    proven = m.prove()
    assert proven.reason(R) is not None
    assert "no pull request brought it" in proven.unproved[0].reason


@case
def a_record_that_is_not_approved(m: MainLine) -> None:
    pushed = m.push({R: staging(20)})
    m.pull(record(pushed), "ana-1")
    proven = m.prove()
    assert proven.reason(R) is not None
    assert "group:default/platform" in proven.unproved[0].reason


@case
def a_record_of_something_else(m: MainLine) -> None:
    m.push({R: staging(20)})
    m.pull(record("3" * 40), "pat-1")
    held(m, R, why="pushed past them")


def why(main: MainLine) -> str:
    """Why the first step is not proved, without what it decides about."""
    return main.prove(keep=False).unproved[0].reason.partition("; it changes")[0]


PUSHED = "no pull request brought it: it was pushed past them"
NOT = f"{PUSHED}; its record in {RECORD} does not count: "


@case
def the_evidence_of_a_record(m: MainLine) -> None:
    before = m.w.main
    pushed = m.push({R: staging(20)})
    m.pull(record(pushed, "it had to be"), "pat-1")
    head = m.w.head
    m.prove()
    proof = m.log.kept[1]
    assert (proof.at, proof.kind, proof.commits, proof.base) == (NOW, ProofKind.RECORDED, (pushed,), before)
    assert (proof.reason, proof.pull, proof.head, proof.author) == (f"it had to be ({RECORD})", 1, head, "dev")
    assert (proof.merged_at, proof.merged_by) == (parse_instant(MERGED_AT), "pat-1")
    assert (proof.reviewers, proof.rules) == (("pat-1",), (RuleProof("approval record", "approved"),))


@case
def why_a_record_does_not_count(m: MainLine) -> None:
    pushed = m.push({R: staging(20)}, by="pat")
    assert why(m) == PUSHED
    after = m.w.main
    m.push(record(pushed))
    assert why(m) == f"{NOT}no pull request brought it, or several say so"
    m.w.main = after
    m.pull(record(pushed))
    assert why(m) == f"{NOT}group:default/platform: nobody has approved yet"
    m.answers.append({**m.answers[0], "pull": {**m.answers[0]["pull"], "number": 9}})  # type: ignore[dict-item]
    assert why(m) == "several pull requests say that they brought it: #1, #9"
    del m.answers[1]
    m.answers[0]["pull"]["head"] = {"sha": "2" * 40}  # type: ignore[index]
    assert why(m) == f"{NOT}the head {'2' * 12} of pull request #1 is not here: fetch refs/pull/1/head"
    m.w.main = after
    m.pull({**record(pushed), "policies/approval-records/notes.md": "x"}, "pia-1")
    assert why(m) == f"{NOT}pull request #2 brings more than records in policies/approval-records/"
    m.w.main = after
    m.pull({**record(pushed), S: staging(30, "two", "s")}, "pia-1")
    assert why(m) == f"{NOT}pull request #3 brings more than records in policies/approval-records/"


@case
def a_record_that_stands_elsewhere(m: MainLine) -> None:
    pushed = m.push({R: staging(20)})
    m.pull({"policies/one.yaml": record(pushed)[RECORD]}, "pat-1")
    said = "pull request #1 brings more than records in policies/approval-records/"
    assert why(m) == f"{PUSHED}; its record in policies/one.yaml does not count: {said}"


@case
def a_record_by_somebody_unknown(m: MainLine) -> None:
    pushed = m.push({R: staging(20)})
    m.w.author = "dev"
    m.branch(record(pushed), by="mallory@evil.example")
    m.w.says("ana-1")
    m.merge()
    assert why(m).startswith(f"{NOT}group:default/platform: nobody has approved yet; unknown authors: ")


@case
def a_record_that_was_changed_once_it_was_there(m: MainLine) -> None:
    """What stands there now is what has to be approved."""
    pushed = m.push({R: staging(20)})
    m.pull(record(pushed), "pat-1")
    m.push(record(pushed, "another reason"))
    assert why(m) == f"{NOT}no pull request brought it, or several say so"


@case
def the_second_of_two_records_counts(m: MainLine) -> None:
    pushed = m.push({R: staging(20)})
    m.push(record(pushed))
    other = record(pushed)[RECORD]
    assert other is not None
    m.pull({"policies/approval-records/two.yaml": other.replace("name: one", "name: two")}, "pat-1")
    m.prove()
    assert ProofKind.RECORDED in kinds(m)


@case
def a_record_that_is_taken_away_again(m: MainLine) -> None:
    pushed = m.push({R: staging(20)})
    m.pull(record(pushed), "pat-1")
    m.pull({RECORD: None}, "pat-1")
    assert why(m) == PUSHED


@case
def a_record_by_who_opened_what_is_recorded(m: MainLine) -> None:
    """Whoever brought it past its approvals cannot approve that."""
    m.pull({R: staging(20)}, by="pat-1")
    merged = m.w.main
    m.pull(record(merged), "pat-1")
    said = why(m)
    assert said.startswith("pull request #1 was merged by pat-1 without its approvals: ")
    assert f"; its record in {RECORD} does not count: group:default/platform: nobody has approved yet" in said
    m.w.author = "dev"
    m.answers[1]["reviews"].append(  # type: ignore[attr-defined]
        {
            "id": 9,
            "user": {"login": "pia-1", "type": "User"},
            "state": "APPROVED",
            "commit_id": m.w.head,
            "submitted_at": "2026-11-30T01:00:00Z",
        }
    )
    m.prove()
    assert kinds(m)[0] is ProofKind.RECORDED


@case
def a_record_of_what_was_merged_in_several_commits(m: MainLine) -> None:
    """It names the last of them."""
    m.branch({R: staging(20)}, {R: staging(21)})
    m.merge("rebase")
    last = m.w.main
    m.pull(record(last), "pat-1")
    m.prove()
    assert (kinds(m)[0], m.log.kept[1].commits[-1]) == (ProofKind.RECORDED, last)


@case
def a_record_that_was_approved_after_its_merge(m: MainLine) -> None:
    pushed = m.push({R: staging(20)})
    m.branch(record(pushed))
    m.w.says("pat-1", submitted_at="2026-12-01T05:30:00Z")
    m.merge()
    assert why(m) == f"{NOT}group:default/platform: nobody has approved yet"


@case
def a_record_that_was_merged_in_the_future(m: MainLine) -> None:
    pushed = m.push({R: staging(20)})
    m.read_at = NOW + timedelta(days=1)
    m.branch(record(pushed))
    m.w.says("pat-1")
    m.merge(merged_at="2026-12-01T06:05:01Z")
    assert why(m) == (
        f"{NOT}pull request #1 is said to be merged at 2026-12-01T06:05:01Z, and it is 2026-12-01T06:00:00Z: look at "
        "this machine's clock"
    )


@case
def a_record_that_others_stand_behind(m: MainLine) -> None:
    pushed = m.push({R: staging(20)})
    m.pull(record(pushed), "pat-1")
    m.pull({S: staging(30, "two", "s")}, "cam-1")
    approved(m)
    assert (kinds(m)[0], m.log.kept[1].pull) == (ProofKind.RECORDED, 1)


@case
def a_record_that_somebody_who_is_gone_objected_to(m: MainLine) -> None:
    """Only what is missing is told."""
    pushed = m.push({R: staging(20)})
    m.branch(record(pushed))
    m.w.says("pat-1")
    m.w.says("nobody", "CHANGES_REQUESTED", user=None)
    m.merge()
    assert why(m) == (
        f"{NOT}account gone: somebody whose account is gone asked for changes: have that request dismissed"
    )


@case
def a_record_without_a_reason(m: MainLine) -> None:
    pushed = m.push({R: staging(20)})
    after = m.w.main
    for reason in ("null", "''", "'  '", "[x]"):
        m.pull(record(pushed, reason), "pat-1")
        assert why(m) == f"{NOT}it gives no reason"
        m.w.main = after
