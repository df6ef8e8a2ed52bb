"""What reconcile takes for approved: every way in which content comes to the main branch, and past its approvals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tarmac.app.proof import genesis
from tarmac.errors import UsageError
from tarmac.model.proof import ProofKind
from tests.approvals.main_line import LATE, MainLine
from tests.approvals.town import ONE_LINE, README, RULES, R, S, World, rule, staging, town
from tests.trees import NOW, PLATFORM, component, user

LOOSE = rule("never", 'change.kind == "Nothing"') + "---\n" + rule("all", "true", "auto")

Case = Callable[[MainLine], None]
CASES: list[Case] = []


def case(function: Case) -> Case:
    CASES.append(function)
    return function


@pytest.mark.parametrize("scene", CASES, ids=[one.__name__ for one in CASES])
def test_of_what_is_merged(place: Path, scene: Case) -> None:
    scene(MainLine(World(place, town(**{R: staging(), S: staging(owner="two", name="s")}))).begin())


def kinds(main: MainLine) -> list[ProofKind]:
    return [one.kind for one in main.log.kept[1:]]


def approved(main: MainLine) -> None:
    """Everything is proved, and stays so."""
    proven = main.prove()
    assert proven.unproved == ()
    assert (proven.commit, proven.everything, proven.held) == (main.w.main, None, {})
    assert main.log.now.through == main.w.main
    assert main.prove().proofs == ()


def held(main: MainLine, *paths: str, why: str) -> None:
    """One step is not proved, for that reason; these paths are held by it, and nothing decides about later ones."""
    proven = main.prove()
    assert [why in one.reason for one in proven.unproved] == [True], proven.unproved
    assert proven.unproved[0].waiting == 0
    assert proven.commit == main.w.main
    for path in (R, S):
        assert (proven.reason(path) is not None) == (path in paths), path


def stopped(main: MainLine, at: str, waiting: int, why: str) -> None:
    """From a step on nothing is made real; what stood before it is planned from."""
    proven = main.prove()
    last = proven.unproved[-1]
    assert (proven.commit, last.waiting) == (at, waiting), proven.unproved
    assert why in last.reason
    assert main.log.now.through == at


@case
def nothing_came(m: MainLine) -> None:
    approved(m)
    assert kinds(m) == []


@case
def squashed_and_approved(m: MainLine) -> None:
    before = m.w.main
    made = m.pull({R: staging(20)}, "ana-1")
    approved(m)
    (proof,) = m.log.kept[1:]
    assert (proof.kind, proof.commits, proof.base, proof.pull) == (ProofKind.APPROVED, (made,), before, 1)
    assert (proof.reviewers, proof.author, proof.merged_by, proof.head) == (("ana-1",), "dev", "pat-1", m.w.head)
    assert [(one.rule, one.state) for one in proof.rules] == [("code-owners", "approved")]


@case
def merged_by_a_merge_commit(m: MainLine) -> None:
    m.pull({R: staging(20)}, "ana-1", how="merge")
    approved(m)


@case
def merged_beside_what_came_meanwhile(m: MainLine) -> None:
    m.branch({R: staging(20)})
    m.w.says("ana-1")
    head, said = m.w.head, list(m.w.reviews)
    m.pull({S: staging(30, "two", "s")}, "cam-1")
    m.w.head = head
    m.w.reviews[:] = said
    m.merge("merge")
    approved(m)
    assert kinds(m) == [ProofKind.APPROVED, ProofKind.APPROVED]


@case
def rebased_with_several_commits(m: MainLine) -> None:
    m.branch({R: staging(20)}, {R: staging(21)}, {R: staging(22)})
    m.w.says("ana-1")
    m.merge("rebase")
    approved(m)
    assert [len(one.commits) for one in m.log.kept[1:]] == [3]


@case
def rebased_behind_a_direct_push(m: MainLine) -> None:
    m.push({S: staging(99, "two", "s")})
    m.branch({R: staging(20)}, {R: staging(21)})
    m.w.says("ana-1")
    m.merge("rebase")
    held(m, S, why="pushed past them")
    assert kinds(m) == [ProofKind.APPROVED]


@case
def rebased_so_that_a_commit_changes_the_rules_for_the_next(m: MainLine) -> None:
    before = m.w.main
    m.branch({RULES: LOOSE}, {R: staging(500)})
    m.w.says("ana-1")
    m.merge("rebase")
    stopped(m, before, 0, "without its approvals")


@case
def a_rule_is_kept_with_its_hash(m: MainLine) -> None:
    m.pull({RULES: rule("disks", 'change.kind == "ResourceRequest"', "[{from: [owner]}]")}, "pat-1")
    m.pull({R: staging(20)}, "ben-1")
    approved(m)
    (asked,) = m.log.kept[-1].rules
    assert (asked.rule, asked.state, len(asked.hash)) == ("disks", "approved", 64)
    m.pull({RULES: rule("disks", 'change.kind in ["ResourceRequest"]', "[{from: [owner]}]")}, "pat-1")
    m.pull({R: staging(30)}, "ben-1")
    approved(m)
    assert m.log.kept[-1].rules[0].hash != asked.hash


@case
def pushed_directly(m: MainLine) -> None:
    m.push({R: staging(20)})
    held(m, R, why="no pull request brought it: it was pushed past them")


@case
def merged_by_an_admin_without_approval(m: MainLine) -> None:
    m.pull({R: staging(20)})
    held(m, R, why="pull request #1 was merged by pat-1 without its approvals: code-owners (pending)")


@case
def approved_after_the_merge(m: MainLine) -> None:
    m.branch({R: staging(20)})
    m.w.says("ana-1", submitted_at=LATE)
    m.merge()
    held(m, R, why="1 approval after the merge cannot count")


@case
def approved_by_its_author(m: MainLine) -> None:
    m.pull({R: staging(20)}, "ana-1", by="ana-1")
    held(m, R, why="without its approvals")


@case
def approved_by_somebody_who_is_not_asked(m: MainLine) -> None:
    m.pull({R: staging(20)}, "cam-1")
    held(m, R, why="without its approvals")


@case
def approved_and_then_pushed_to(m: MainLine) -> None:
    m.branch({R: staging(20)})
    m.w.says("ana-1")
    m.w.push({R: staging(500)})
    m.merge()
    held(m, R, why="without its approvals")


@case
def edited_while_it_was_merged(m: MainLine) -> None:
    m.branch({R: staging(20)})
    m.w.says("ana-1")
    m.merge("merge", edited={R: staging(500)})
    held(m, R, why="its content is not what merging")


@case
def a_merge_of_another_head(m: MainLine) -> None:
    m.branch({R: staging(20)})
    m.w.says("ana-1")
    approved_head = m.w.head
    m.branch({R: staging(20)})
    m.w.head = m.w.commit([m.w.fork], {R: staging(20)}, "dev", message="another commit, the same content")
    assert m.w.head != approved_head
    m.merge("merge", head={"sha": approved_head})
    held(m, R, why="it is no merge of")


@case
def the_forge_names_another_commit(m: MainLine) -> None:
    m.branch({R: staging(20)})
    m.w.says("ana-1")
    m.merge(merge_commit_sha="1" * 40)
    held(m, R, why="pushed past them")


@case
def the_forge_names_two_pull_requests(m: MainLine) -> None:
    m.pull({R: staging(20)}, "ana-1")
    m.answers.append({**m.answers[0], "pull": {**m.answers[0]["pull"], "number": 9}})  # type: ignore[dict-item]
    held(m, R, why="several pull requests say that they brought it: #1, #9")


@case
def the_forge_calls_it_open(m: MainLine) -> None:
    m.branch({R: staging(20)})
    m.w.says("ana-1")
    m.merge(merged_at=None)
    held(m, R, why="pushed past them")


@case
def merged_in_the_future(m: MainLine) -> None:
    """By a forge whose clock goes before; up to five minutes are nothing, as in the next one."""
    m.read_at = NOW + timedelta(days=1)
    m.branch({R: staging(20)})
    m.w.says("ana-1")
    m.merge(merged_at="2026-12-01T06:05:01Z")
    held(m, R, why="is said to be merged at 2026-12-01T06:05:01Z, and it is 2026-12-01T06:00:00Z: look at")


@case
def merged_by_a_clock_that_goes_a_little_before(m: MainLine) -> None:
    m.branch({R: staging(20)})
    m.w.says("ana-1")
    m.merge(merged_at="2026-12-01T06:05:00Z")
    approved(m)


@case
def the_head_is_not_here(m: MainLine) -> None:
    m.branch({R: staging(20)})
    m.w.says("ana-1")
    m.merge(head={"sha": "2" * 40})
    held(m, R, why="fetch refs/pull/1/head")


@case
def nobody_can_ask(m: MainLine) -> None:
    m.pull({R: staging(20)}, "ana-1")
    m.asked = False
    held(m, R, why="nobody asked the forge")


@case
def the_tool_is_pushed_to(m: MainLine) -> None:
    before = m.w.main
    m.push({"tools/tarmac/cli.py": "print()\n"})
    m.pull({R: staging(20)}, "ana-1")
    m.pull({S: staging(20, "two", "s")}, "cam-1")
    stopped(m, before, 2, "it changes tools/tarmac/cli.py, which may decide about whatever comes after it")
    proven = m.prove()
    assert proven.reason(R) is not None
    assert proven.reason(S) is not None
    assert proven.reason(README) is None


@case
def every_folder_that_decides(m: MainLine) -> None:
    before = m.w.main
    for path in (".github/workflows/x.yml", "policies/x.md", "teams/one/x.md", "templates/x/y", "tools/x", "Makefile"):
        m.push({path: "x\n"})
        stopped(m, before, 0, f"it changes {path}")
        m.w.main = before


@case
def a_type_is_pushed_wherever_it_stands(m: MainLine) -> None:
    before = m.w.main
    kind = next(text for path, text in m.w.files.items() if "kind: ResourceType" in text)
    m.push({"catalog/elsewhere/types.yaml": kind.replace("name: disk,", "name: other,")})
    stopped(m, before, 0, "a ResourceType may decide")


@case
def a_service_is_given_to_others(m: MainLine) -> None:
    before = m.w.main
    m.push({"catalog/shop/catalog-info.yaml": component("shop", owner="two")})
    stopped(m, before, 0, "it changes who owns component:default/shop")


@case
def a_service_is_described_better(m: MainLine) -> None:
    m.push({"catalog/shop/catalog-info.yaml": component("shop", "dependsOn: []")})
    held(m, why="pushed past them")


@case
def the_rules_are_loosened_and_used(m: MainLine) -> None:
    before = m.w.main
    m.push({RULES: LOOSE})
    m.pull({R: staging(500)})
    stopped(m, before, 1, f"it changes {RULES}")


@case
def the_proof_is_switched_off_by_a_push(m: MainLine) -> None:
    before = m.w.main
    m.push({"policies/platform.yaml": PLATFORM.replace("forge: github", "forge: none")})
    m.push({R: staging(500)})
    stopped(m, before, 1, "it changes policies/platform.yaml")


@case
def the_proof_is_switched_off_with_approval(m: MainLine) -> None:
    m.pull({"policies/platform.yaml": PLATFORM.replace("forge: github", "forge: none")}, "pat-1")
    m.push({R: staging(500)})
    assert "merging is approving" in m.prove().notes[0]
    assert kinds(m) == [ProofKind.APPROVED, ProofKind.MERGED]


@case
def a_push_is_taken_back(m: MainLine) -> None:
    m.push({RULES: LOOSE})
    m.pull({R: staging(500)})
    m.push({RULES: m.w.files[RULES], R: staging()})
    approved(m)
    assert kinds(m) == [ProofKind.TAKEN_BACK]


@case
def a_file_is_taken_back_with_approval(m: MainLine) -> None:
    m.push({R: staging(500)})
    m.pull({S: staging(20, "two", "s")}, "cam-1")
    m.pull({R: staging()}, "ana-1")
    proven = m.prove()
    assert len(proven.unproved) == 1
    assert (proven.reason(R), proven.reason(S)) == (None, None)


@case
def a_file_is_taken_back_by_another_push(m: MainLine) -> None:
    m.push({R: staging(500)})
    m.pull({S: staging(20, "two", "s")}, "cam-1")
    m.push({R: staging()})
    proven = m.prove()
    assert len(proven.unproved) == 2
    assert proven.reason(R) is not None


@case
def pushed_and_then_built_on(m: MainLine) -> None:
    m.push({R: staging(500)})
    m.pull({R: staging(500) + "# checked\n"}, "ana-1")
    held(m, R, why="it was pushed past them")


@case
def an_empty_push(m: MainLine) -> None:
    m.push({})
    approved(m)


@case
def what_is_taken_away_from_elsewhere(m: MainLine) -> None:
    """A file that another one names is that one's data, so the request in it is gone though its file is as it was."""
    naming = component("shop").replace("lifecycle", f"x: {{$text: ../../{R}}}, lifecycle")
    shop = "catalog/shop/catalog-info.yaml"
    m.w.main = m.w.commit([m.w.main], {R: ONE_LINE}, "pat")
    m = MainLine(m.w).begin()
    m.push({shop: naming})
    assert m.prove(keep=False).reason("resourcerequest:default/r") is not None
    m.push({S: staging(20, owner="two", name="s")})
    m.pull({shop: component("shop")}, "ana-1")
    proven = m.prove()
    assert (proven.reason(shop), proven.reason("resourcerequest:default/r")) == (None, None)
    assert proven.reason(S) is not None


@case
def what_was_pushed_moves_with_a_later_approved_change(m: MainLine) -> None:
    m.push({R: staging(500)})
    m.pull({R: None, "requests/one/staging/moved.yaml": staging(500)}, "ana-1")
    proven = m.prove()
    assert kinds(m) == [ProofKind.APPROVED]
    assert proven.reason("requests/one/staging/moved.yaml") is None
    assert proven.reason("resourcerequest:default/r") is not None


@case
def a_rename_asks_both_owners(m: MainLine) -> None:
    moved = "requests/two/staging/r.yaml"
    m.pull({R: None, moved: staging()}, "ana-1")
    proven = m.prove()
    assert "without its approvals" in proven.unproved[0].reason
    assert proven.reason(R) is not None
    assert proven.reason(moved) is not None
    assert proven.reason("resourcerequest:default/r") is not None


@case
def a_rename_that_both_owners_approved(m: MainLine) -> None:
    m.pull({R: None, "requests/two/staging/r.yaml": staging()}, "ana-1", "cam-1")
    approved(m)


@case
def what_is_proved_behind_a_held_one_is_not_asked_again(m: MainLine) -> None:
    m.push({R: staging(20)})
    m.pull({S: staging(20, "two", "s")}, "cam-1")
    m.prove()
    assert m.log.now.ahead == {m.w.main}
    m.answers.clear()
    assert [one.commits for one in m.prove().unproved] != []
    assert len(m.prove().unproved) == 1


@case
def the_branch_was_rewritten(m: MainLine) -> None:
    m.w.main = m.w.commit([], m.w.files, "pat", message="another beginning")
    proven = m.prove()
    assert proven.everything is not None
    assert "the branch was rewritten" in proven.everything
    assert proven.reason(README) is not None


@case
def the_main_branch_is_put_on_the_side_of_a_merge(m: MainLine) -> None:
    first = m.w.main
    m.pull({R: staging(20)}, "ana-1")
    m.prove()
    other = m.w.commit([first], {RULES: LOOSE}, "dev")
    m.w.main = m.w.commit([other, m.w.main], {RULES: LOOSE, R: staging(20)}, "dev")
    assert m.prove().everything is not None


@case
def an_approver_who_left_after_the_merge(m: MainLine) -> None:
    m.pull({R: staging(20)}, "ana-1")
    m.pull(
        {
            "teams/one/team.yaml": m.w.files["teams/one/team.yaml"]
            .replace("ana, ben", "ben")
            .replace("default/ana", "default/ben"),
            "teams/one/members.yaml": user("ben", "ben-1"),
        },
        "wes-1",
        "pat-1",
        "ben-1",
    )
    proven = m.prove()
    assert proven.proofs[0].reviewers == ("ana-1",)
    assert proven.proofs[0].kind is ProofKind.APPROVED
    assert ["ana-1, who has left since: it stands" in note for note in proven.notes] == [True]


def test_without_a_beginning_nothing_is_made(place: Path) -> None:
    main = MainLine(World(place, town(**{R: staging()})))
    proven = main.prove()
    assert proven.everything is not None
    assert "tarmac approvals genesis" in proven.everything
    assert (proven.proofs, proven.reason(README)) == ((), proven.everything)


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_a_beginning_has_a_reason(place: Path, reason: str) -> None:
    main = MainLine(World(place, town(**{R: staging()})))
    with pytest.raises(UsageError) as refused:
        genesis(main.proving(), main.w.main, reason, NOW)
    said = "--reason says nothing: say why everything up to there is taken as approved"
    assert str(refused.value) == said
    assert main.log.kept == []


def test_without_a_forge_and_a_beginning_merging_is_approving(place: Path) -> None:
    platform = {"policies/platform.yaml": PLATFORM.replace("forge: github", "forge: none")}
    proven = MainLine(World(place, town(**platform))).prove()
    assert proven.everything is None
    assert proven.notes[0].startswith("forge: none in policies/platform.yaml")
