"""An approval counts for the content it was given for, by people who did not make it: told by git's own objects."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tarmac.app import wire
from tarmac.app.approvals import approvals
from tarmac.errors import UsageError
from tarmac.model.facts import Decision, State
from tarmac.reports.approvals import candidates, counted, ignored
from tests.approvals.town import README, R, S, World, git, staging, team, town
from tests.trees import NOW, READING, component

BASE = town()
Script = Callable[[World], None]
# By the name of a script: (state, who counts, who does not with words of the reason).
EXPECTED: dict[str, tuple[str, str, Mapping[str, str]]] = {}
SCRIPTS: list[Script] = []


def case(state: str, heard: str = "", **deaf: str) -> Callable[[Script], Script]:
    def kept(script: Script) -> Script:
        EXPECTED[script.__name__] = state, heard, {login.replace("_", "-"): words for login, words in deaf.items()}
        SCRIPTS.append(script)
        return script

    return kept


@case("approved", "ben-1")
def approved_as_it_stands(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")


@case("approved", "ben-1")
def logins_are_compared_without_case(w: World) -> None:
    w.push({R: staging()})
    w.says("BEN-1")


@case("pending", "", ben_1=f"changed since: {R}")
def a_push_to_the_approved_file(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.push({R: staging(20)})


@case("pending", "ben-1")
def a_push_to_the_file_of_another_team(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.push({S: staging(owner="two", name="s")})


@case("approved", "ben-1 dee-1")
def each_team_approves_its_own_commit(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.push({S: staging(owner="two", name="s")})
    w.says("dee-1")


@case("approved", "ben-1")
def pushed_and_put_back(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.push({R: staging(20)})
    w.push({R: staging()})


@case("pending", "", ben_1="changed since")
def a_comment_in_the_approved_file(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.push({R: "# quietly\n" + staging()})


@case("pending", "", ben_1="changed since")
def the_approved_file_is_taken_out_and_another_is_put_beside_it(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.push({R: None, "requests/one/staging/other.yaml": staging(name="other")})


@case("approved", "ben-1")
def a_removal_is_approved(w: World) -> None:
    w.main = w.head = w.fork = w.commit([w.main], {R: staging()}, "pat")
    w.push({R: None})
    w.says("ben-1")


@case("pending", "", ben_1="changed since")
def a_removal_is_approved_and_then_it_is_a_change(w: World) -> None:
    w.main = w.head = w.fork = w.commit([w.main], {R: staging()}, "pat")
    w.push({R: None})
    w.says("ben-1")
    w.push({R: staging(20)})


@case("pending", "", ben_1="changed since")
def the_mode_of_the_approved_file(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.head = w.commit([w.head], {R: staging()}, "dev", modes={R: "100755"})


@case("pending", "", ben_1="changed since")
def the_approved_file_becomes_a_link(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.head = w.commit([w.head], {R: "../../two/staging/s.yaml"}, "dev", modes={R: "120000"})


@case("approved", "ben-1")
def the_base_moves_on(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.go_on({README: "# Acme, anew\n"})


@case("approved", "ben-1")
def the_base_is_merged_in(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.go_on({README: "# Acme, anew\n"})
    w.take_the_base_in()


@case("approved", "ben-1")
def the_base_is_merged_in_by_who_approved(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.go_on({README: "# Acme, anew\n"})
    w.take_the_base_in("ben")


@case("approved", "ben-1")
def the_base_is_merged_in_twice(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.go_on({README: "# Acme, anew\n"})
    w.take_the_base_in()
    w.go_on({"catalog/new/catalog-info.yaml": component("new")})
    w.take_the_base_in()


@case("approved", "ben-1")
def the_base_is_merged_in_and_both_changed_the_file(w: World) -> None:
    before = "".join(f"# line {number}\n" for number in range(20)) + staging()
    w.main = w.head = w.fork = w.commit([w.main], {R: before}, "pat")
    w.push({R: before.replace("gb: 10", "gb: 20")})
    w.says("ben-1")
    w.go_on({R: before.replace("# line 1\n", "# line one\n")})
    w.take_the_base_in()


@case("pending", "", ben_1="changed since")
def the_base_is_merged_in_and_edited_by_hand(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.go_on({README: "# Acme, anew\n"})
    w.take_the_base_in(edits={R: staging(2000)})


@case("pending", "ben-1")
def a_merge_of_the_base_takes_back_what_the_base_did(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.go_on({"catalog/shop/notes.md": "# Notes\n"})
    w.take_the_base_in(edits={"catalog/shop/notes.md": None})
    # That is a removal now, of what belongs to team one as well: nobody has approved it.
    w.go_on({S: staging(owner="two", name="s")})
    w.take_the_base_in(edits={S: None})


@case("pending", "", ben_1="is the author of")
def a_merge_that_was_edited_is_a_push_by_its_author(w: World) -> None:
    w.push({R: staging()})
    w.go_on({README: "# Acme, anew\n"})
    w.take_the_base_in("ben", {R: staging(20)})
    w.says("ben-1")


@case("pending", "", ben_1="is the author of")
def a_merge_of_another_branch_is_no_merge_of_the_base(w: World) -> None:
    w.push({R: staging()})
    other = w.commit([w.fork], {"requests/one/staging/t.yaml": staging(name="t")}, "dev")
    tree = w.git("merge-tree", "--write-tree", w.head, other).split()[0]
    w.head = w.commit([w.head, other], {}, "ben", tree=tree)
    w.says("ben-1")


@case("pending", "", ana_1="is the author of")
def who_committed_in_a_branch_that_was_merged_in(w: World) -> None:
    w.push({R: staging()})
    other = w.commit([w.fork], {"requests/one/staging/t.yaml": staging(name="t")}, "ana")
    tree = w.git("merge-tree", "--write-tree", w.head, other).split()[0]
    w.head = w.commit([w.head, other], {}, "dev", tree=tree)
    w.says("ana-1")


@case("pending", "", ben_1="no ancestor of the head")
def the_branch_is_rewritten(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.rewrite({R: staging(30)})


@case("pending", "", ben_1="no ancestor of the head")
def the_branch_is_rewritten_to_the_same_content(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.head = w.commit([w.fork], {R: staging()}, "dev", message="another message")


@case("pending", "", ben_1="no ancestor of the head")
def the_reviewed_commit_is_nowhere(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", at="ab" * 20)


@case("pending", "", ben_1="no ancestor of the head")
def the_reviewed_commit_is_a_tree(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", at=w.git("rev-parse", f"{w.head}^{{tree}}"))


@case("pending", "", ben_1="changed since")
def the_reviewed_commit_is_of_the_base(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", at=w.fork)


@case("pending", "", ben_1="which commit it is for")
def no_commit_is_named(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", commit_id=None)


@case("pending", "", ben_1="edited after")
def the_text_was_edited(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", updated_at="2026-11-30T09:00:00Z")


@case("approved", "ben-1")
def the_text_was_not_edited(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", updated_at="2026-11-30T00:00:00Z", last_edited_at=None)


@case("pending", "", ben_1="a comment approves nothing")
def a_word_in_a_comment(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", "COMMENTED", body="/approve\n> /approve\n```\n/approve\n```")


@case("pending", "")
def a_review_that_was_not_sent(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", "PENDING", submitted_at=None)


@case("rejected", "")
def changes_are_requested(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", "CHANGES_REQUESTED")


@case("rejected", "")
def changes_were_requested_of_an_older_commit(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", "CHANGES_REQUESTED")
    w.push({R: staging(20)})


@case("rejected", "")
def changes_were_requested_of_a_commit_that_is_gone(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", "CHANGES_REQUESTED")
    w.rewrite({R: staging(30)})


@case("rejected", "", ben_1="asks for changes")
def approved_and_objected_to_at_one_instant(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", "CHANGES_REQUESTED", submitted_at="2026-11-30T00:00:00Z")
    w.says("ben-1", "APPROVED", submitted_at="2026-11-30T00:00:00Z")


@case("approved", "ben-1")
def reviews_in_another_order_than_they_were_given(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", "APPROVED", submitted_at="2026-11-30T02:00:00Z")
    w.says("ben-1", "CHANGES_REQUESTED", submitted_at="2026-11-30T01:00:00Z")


@case(
    "pending", "", ben_1="dated 2026-12-02T00:00:00Z, and it is 2026-12-01T06:00:00Z: nobody has given it yet, unless"
)
def approved_tomorrow(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", submitted_at="2026-12-02T00:00:00Z")


@case("rejected", "", ben_1="asks for changes")
def objected_to_and_approved_tomorrow(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1", "CHANGES_REQUESTED")
    w.says("ben-1", submitted_at="2026-12-02T00:00:00Z")


@case("rejected", "", ben_1="asks for changes")
def approved_and_objected_to_tomorrow(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.says("ben-1", "CHANGES_REQUESTED", submitted_at="2026-12-02T00:00:00Z")


@case("approved", "ben-1")
def approved_then_objected_to_and_that_was_dismissed(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.says("ben-1", "DISMISSED")


@case("pending", "", ben_1="changed since")
def the_same_and_the_content_is_another(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.push({R: staging(20)})
    w.says("ben-1", "DISMISSED")


@case("pending", "", ben_1="is the author of")
def the_approver_wrote_a_commit(w: World) -> None:
    w.push({R: staging()})
    w.push({README: "# Hm\n"}, by="ben")
    w.says("ben-1")


@case("pending", "", ben_1="is the committer of")
def the_approver_committed_what_another_wrote(w: World) -> None:
    w.push({R: staging()}, committer="ben")
    w.says("ben-1")


@case("pending", "", ben_1="is the co-author of")
def the_approver_is_a_co_author(w: World) -> None:
    w.push({R: staging()}, message="x\n\nCo-authored-by: Ben <BEN@acme.example>\n")
    w.says("ben-1")


@case("pending", "", ben_1="is the co-author of")
def the_approver_is_a_co_author_by_the_forges_address(w: World) -> None:
    w.push({R: staging()}, message="x\n\nco-authored-by: Ben <123+Ben-1@users.noreply.github.com>\n")
    w.says("ben-1")


@case("pending", "", ben_1="opened the pull request")
def the_approver_opened_it_and_has_no_commit(w: World) -> None:
    w.author = "ben-1"
    w.push({R: staging()}, by="ana")
    w.says("ben-1")


@case("pending", "", ben_1="is the author of")
def the_forge_knows_whose_an_address_is(w: World) -> None:
    made = w.push({R: staging()}, by="private@home.example")
    w.commits.append({"sha": made, "author": {"login": "Ben-1"}, "committer": {"login": "Ben-1"}})
    w.says("ben-1")


@case("approved", "ana-1")
def the_forge_commits_what_is_edited_in_its_pages(w: World) -> None:
    made = w.push({R: staging()}, committer="noreply@github.com")
    w.commits.append({"sha": made, "author": {"login": "dev"}, "committer": {"login": "web-flow"}})
    w.says("ana-1")


@case("pending", "", ana_1="nobody vouches yet")
def an_author_whom_nobody_knows(w: World) -> None:
    w.push({R: staging()}, by="private@home.example")
    w.says("ana-1")


@case("pending", "", ana_1="nobody vouches yet")
def an_author_whom_nobody_knows_and_the_forge_says_so(w: World) -> None:
    made = w.push({R: staging()}, by="private@home.example")
    w.commits.append({"sha": made, "author": None, "committer": {}})
    w.says("ana-1")


@case("approved", "ana-1 pia-1")
def the_platform_vouches_for_an_unknown_author(w: World) -> None:
    w.push({R: staging()}, by="private@home.example")
    w.says("ana-1")
    w.says("pia-1")


@case("pending", "pia-1", ana_1="changed since")
def what_an_unknown_author_pushed_after_the_approval(w: World) -> None:
    w.push({R: staging()})
    w.says("ana-1")
    w.push({R: staging(20)}, by="private@home.example")
    w.says("pia-1")


@case("approved", "ana-1 dee-1 pat-1")
def an_unknown_author_elsewhere(w: World) -> None:
    w.push({R: staging()})
    w.push({S: staging(owner="two", name="s")}, by="private@home.example")
    w.push({S: None})
    w.push({"catalog/two.yaml": component("two", owner="two")})
    w.push({"catalog/two.yaml": None})
    w.push({S: staging(owner="two", name="s")})
    w.says("ana-1")
    w.says("dee-1")
    w.says("pat-1")


@case("pending", "", ana_1="nobody vouches yet")
def a_co_author_whom_nobody_knows(w: World) -> None:
    w.push({R: staging()}, message="x\n\nCo-authored-by: Someone <private@home.example>\n")
    w.says("ana-1")


@case("pending", "", ana_1="nobody vouches yet")
def a_forge_address_that_no_account_may_have(w: World) -> None:
    w.push({R: staging()}, by="1+nobody-at-all@users.noreply.github.com")
    w.says("ana-1")


@case("pending")
def a_draft(w: World) -> None:
    w.draft = True
    w.push({R: staging()})
    w.says("ben-1")


@case("pending", "ben-1")
def moved_out_of_an_owned_folder(w: World) -> None:
    w.main = w.head = w.fork = w.commit([w.main], {S: "# Notes\n"}, "pat")
    w.push({S: None, "requests/one/staging/s.yaml": "# Notes\n"})
    w.says("ben-1")


@case("approved", "ben-1 dee-1")
def moved_with_both_owners(w: World) -> None:
    w.main = w.head = w.fork = w.commit([w.main], {S: "# Notes\n"}, "pat")
    w.push({S: None, "requests/one/staging/s.yaml": "# Notes\n"})
    w.says("ben-1")
    w.says("dee-1")


@case("pending", "ben-1")
def in_conflict_with_the_base(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.go_on({R: staging(99)})


@case("pending", "", ben_1="changed since")
def a_conflict_that_was_solved_after_the_approval(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.go_on({R: staging(99)})
    w.take_the_base_in(edits={R: staging(10)})


@case("pending", "ben-1")
def the_approver_leaves_the_team_in_the_change(w: World) -> None:
    w.push({R: staging(), "teams/one/team.yaml": team("one", "ana", "ana", "works")})
    w.says("ben-1")
    w.says("ana-1", "COMMENTED")
    w.push({README: "# x\n"})


@case("pending", "", ben_1="is not one of those")
def the_approver_has_left_the_team_before_the_merge(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.go_on({"teams/one/team.yaml": team("one", "ana", "ana", "works")})


@case("approved", "ben-1")
def an_empty_commit_changes_nothing(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.push({})


@case("approved", "ben-1")
def a_push_that_is_forced_back_to_what_was_approved(w: World) -> None:
    approved = w.push({R: staging()})
    w.says("ben-1")
    w.push({R: staging(2000)})
    w.head = approved


@case("pending", "", ben_1="no ancestor of the head")
def a_push_that_is_forced_back_behind_what_was_approved(w: World) -> None:
    earlier = w.push({R: staging(2000)})
    w.push({R: staging()})
    w.says("ben-1")
    w.head = earlier


@case("pending", "", ben_1="changed since")
def dismissed_then_approved_again_as_it_was(w: World) -> None:
    then = w.push({R: staging()})
    w.says("ben-1", "DISMISSED")
    w.push({R: staging(20)})
    w.says("ben-1", at=then)


@case("pending", "", ben_1="changed since")
def a_comment_on_the_head_does_not_renew_an_approval(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.push({R: staging(20)})
    w.says("ben-1", "COMMENTED")


@case("approved", "ben-1")
def approved_then_pushed_then_approved_again(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.push({R: staging(20)})
    w.says("ben-1")


@case("pending", "", ben_1="changed since")
def a_submodule_moves_on_after_the_approval(w: World) -> None:
    place = "requests/one/x"
    w.head = w.commit([w.head], {place: w.fork}, "dev", modes={place: "160000"})
    w.says("ben-1")
    w.head = w.commit([w.head], {place: w.head}, "dev", modes={place: "160000"})


@case("pending", "", ben_1="changed since")
def a_file_is_renamed_after_the_approval(w: World) -> None:
    w.push({R: staging()})
    w.says("ben-1")
    w.push({R: None, "requests/one/staging/renamed.yaml": staging()})


@case("approved", "wes-1")
def the_owners_made_it_and_the_one_above_approves(w: World) -> None:
    w.push({R: staging()}, by="ana", committer="ben")
    w.says("wes-1")


def reason(found: Decision, login: str) -> str:
    return "; ".join(one.reason for node in found.children for one in ignored(node) if one.login == login)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__)
def test_the_decision(place: Path, script: Script) -> None:
    world = World(place, BASE)
    script(world)
    found = world.decide()
    state, heard, deaf = EXPECTED[script.__name__]
    assert found.state == state, found
    if heard:
        assert {name for node in found.children for name in counted(node)} == set(heard.split())
    for login, words in deaf.items():
        assert words in reason(found, login)


def test_who_could_approve_what_is_left(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging(), S: staging(owner="two", name="s")})
    world.says("ben-1")
    (node,) = (one for one in world.decide().children if one.name == "code-owners")
    assert (counted(node), candidates(node)) == (["ben-1"], ["cam-1", "dee-1"])


def test_what_was_told_of_another_head_is_refused(place: Path) -> None:
    world = World(place, BASE)
    older = world.push({R: staging()})
    world.push({R: staging(20)})
    told = json.loads(world.told())
    told["pull"]["head"] = {"sha": older}
    pull = wire.reviews(_written(place, told))
    with pytest.raises(UsageError, match="fetch both anew"):
        approvals(wire.git(place), READING, world.main, world.head, pull, NOW)
    told["pull"]["head"] = {"sha": world.head}
    pull = wire.reviews(_written(place, told))
    assert approvals(wire.git(place), READING, world.main, world.head, pull, NOW).decision.state is State.PENDING


def test_a_clone_too_shallow_to_tell_who_made_it_is_refused(place: Path, tmp_path: Path) -> None:
    world = World(place, BASE)
    for number in range(3):
        world.push({R: staging(number)}, by="ben")
    world.says("ben-1")
    world.git("update-ref", "refs/heads/shallow", world.head)
    world.git("update-ref", "refs/heads/started", world.main)
    world.git("clone", "--quiet", "--depth=2", "--branch=shallow", place.as_uri(), str(tmp_path / "part"))
    part = tmp_path / "part"
    git(part, "fetch", "--quiet", "--depth=1", "origin", "started")
    with pytest.raises(UsageError, match="too shallow to tell who made"):
        wire.git(part).contributions(world.main, world.head)


def _written(folder: Path, told: object) -> Path:
    path = folder / "told.json"
    path.write_text(json.dumps(told), "utf-8")
    return path
