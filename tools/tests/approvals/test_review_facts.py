"""What git and the forge tell of a change, to the letter: who made it, who said what of it, and for which content."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from tarmac.adapters.reviews_file import parse_reviews
from tarmac.app import wire
from tarmac.app.review_facts import Ends, review_facts
from tarmac.errors import UsageError
from tarmac.model.facts import GHOST, GivenReview, Opinion, ReviewFacts
from tests.approvals.town import README, R, S, World, catalog, staging, town
from tests.trees import NOW

BASE = town()
OPENED = {"dev": "opened the pull request"}
STRANGER = "private@home.example"


def facts(world: World, asked: Iterable[str] = (), *, forge: bool = True) -> ReviewFacts:
    """The facts; of what is touched somebody is asked, and of these paths."""
    git = wire.git(world.path)
    ends = Ends(world.main, world.head, git.merge_tree(world.main, world.head))
    changed = git.changed_paths(git.commit(world.main).tree, ends.merge.tree)
    paths = {path for one in changed for path in (one.path, one.old_path) if path is not None}
    pull = parse_reviews(world.told()) if forge else None
    return review_facts(git, ends, catalog(BASE), paths, {*paths, *asked}, pull, NOW)


def made(world: World, *roles: str) -> dict[str, str]:
    """`login:role:commit` each; the commit's id is the head's where none is named."""
    found = {}
    for role in roles:
        login, what, commit = (*role.split(":"), world.head)[:3]
        found[login] = f"is the {what} of {commit[:12]}"
    return found


def nobody(what: str, commit: str, address: str = STRANGER) -> str:
    return f"the {what} of {commit[:12]} ({address}) is nobody that the base knows"


def given(login: str, *stale: str, void: str | None = None) -> GivenReview:
    return GivenReview(login, Opinion.APPROVED, True, void, frozenset(stale))


def test_without_a_forge_only_git_is_asked(place: Path) -> None:
    world = World(place, BASE)
    first = world.push({R: staging()}, by="ben", committer="ana")
    world.push({R: staging(20)}, by="ben", message="x\n\nCo-authored-by: Cam <cam@acme.example>")
    world.says("pat-1")
    assert facts(world, forge=False) == ReviewFacts(
        made(world, "cam-1:co-author", f"ana-1:committer:{first}", "ben-1:author")
    )


def test_who_opened_it_is_said_first(place: Path) -> None:
    world = World(place, BASE)
    world.author, world.draft = "Ben-1", True
    world.push({R: staging()}, by="ben")
    assert facts(world) == ReviewFacts({"ben-1": "opened the pull request"}, draft=True)


def test_what_the_forge_knows_of_a_commit_is_of_that_commit(place: Path) -> None:
    world = World(place, BASE)
    one = world.push({R: staging()}, by=STRANGER)
    other = world.push({README: "# x\n"}, by=STRANGER)
    world.commits.append({"sha": one, "author": {"login": "Cam-1"}, "committer": {"login": "web-flow"}})
    assert facts(world) == ReviewFacts(
        {**OPENED, "cam-1": f"is the author of {one[:12]}"},
        unknown={README: nobody("author", other), R: nobody("committer", one)},
    )
    assert set(facts(world, forge=False).unknown) == {README, R}


def merged(world: World, other: str, by: str, edits: Mapping[str, str | None] | None = None) -> None:
    tree = world.git("merge-tree", "--write-tree", "--allow-unrelated-histories", world.head, other).split()[0]
    world.head = world.commit([world.head, other], edits or {}, by, tree=tree)


def test_a_merge_of_the_base_is_nobodys(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    world.go_on({README: "# x\n"})
    world.take_the_base_in(STRANGER)
    assert facts(world) == ReviewFacts(OPENED)


def test_a_merge_of_the_base_the_other_way_round_is_nobodys_too(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    world.go_on({README: "# x\n"})
    tree = world.git("merge-tree", "--write-tree", world.main, world.head).split()[0]
    world.head = world.commit([world.main, world.head], {}, STRANGER, tree=tree)
    assert facts(world) == ReviewFacts(OPENED)


def test_a_merge_of_the_base_that_was_edited_touches_what_differs_from_either_side(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    world.go_on({README: "# x\n"})
    world.take_the_base_in(STRANGER, {S: staging(owner="two", name="s")})
    reason = nobody("author", world.head)
    # README is as the base has it, so nobody is asked about it.
    assert facts(world) == ReviewFacts(OPENED, unknown={R: reason, S: reason, README: reason})


def test_a_conflict_with_the_base_is_solved_by_somebody(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    world.go_on({R: staging(99)})
    # The tree is the one that git writes of a conflict, markers and all.
    world.take_the_base_in(STRANGER)
    assert facts(world) == ReviewFacts(OPENED, unknown={R: nobody("author", world.head)})


def test_a_merge_of_another_branch_is_somebodys(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    merged(world, world.commit([world.fork], {README: "# x\n"}, "dev"), STRANGER)
    reason = nobody("author", world.head)
    assert facts(world) == ReviewFacts(OPENED, unknown={R: reason, README: reason})


def test_a_merge_of_three_is_somebodys(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    world.go_on({README: "# x\n"})
    world.take_the_base_in()
    tree = world.git("rev-parse", f"{world.head}^{{tree}}")
    other = world.commit([world.fork], {}, "dev")
    world.head = world.commit([world.head, world.main, other], {}, STRANGER, tree=tree)
    reason = nobody("author", world.head)
    assert facts(world) == ReviewFacts(OPENED, unknown={R: reason, README: reason})


def test_a_first_commit_touches_everything(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    orphan = world.commit((), {S: staging(owner="two", name="s")}, STRANGER)
    merged(world, orphan, "dev")
    reason = nobody("author", orphan)
    assert facts(world) == ReviewFacts(OPENED, unknown={R: reason, S: reason})


def test_a_rename_touches_both_places(place: Path) -> None:
    world = World(place, BASE)
    world.main = world.head = world.commit([world.main], {S: "# Notes\n"}, "pat")
    world.push({S: None, R: "# Notes\n"}, by=STRANGER)
    reason = nobody("author", world.head)
    assert facts(world) == ReviewFacts(OPENED, unknown={S: reason, R: reason})


def test_the_first_that_is_unknown_of_a_path_is_told(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()}, by="ghostly@home.example")
    world.push({R: staging(20)}, by="ben", committer=STRANGER)
    assert facts(world).unknown == {R: nobody("committer", world.head)}


def test_an_approval_counts_for_what_a_merge_of_its_commit_gives(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging(), README: "# x\n"})
    world.says("ben-1")
    world.push({R: staging(20)})
    world.says("ana-1")
    assert facts(world).reviews == (given("ben-1", R), given("ana-1"))


def test_what_another_file_decides_is_stale_once_anything_is(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging(), README: "# x\n"})
    world.says("ben-1")
    assert facts(world, [S]).reviews == (given("ben-1"),)
    world.push({README: "# y\n"})
    assert facts(world, [S]).reviews == (given("ben-1", README, S),)
    assert facts(world, [R]).reviews == (given("ben-1", README),)


def test_a_rename_since_is_stale_in_both_places(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    world.says("ben-1")
    world.push({R: None, "requests/one/staging/t.yaml": staging()})
    assert facts(world).reviews == (given("ben-1", R, "requests/one/staging/t.yaml"),)


def test_what_was_in_conflict_then_is_stale(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging(), README: "# x\n"})
    world.says("ben-1")
    world.go_on({R: staging(99)})
    world.take_the_base_in(edits={R: staging()})
    assert facts(world).reviews == (given("ben-1", R),)


def test_why_an_approval_counts_for_nothing(place: Path) -> None:
    world = World(place, BASE)
    lost = world.push({R: staging()})
    world.rewrite({R: staging(30)})
    world.says("ben-1", at=lost)
    world.says("ana-1", commit_id=None)
    world.says("ana-1", "COMMENTED")
    world.says("pat-1")
    world.says("pat-1", updated_at="2026-11-30T09:00:00Z")
    world.says("pia-1", commit_id=None, updated_at="2026-11-30T09:00:00Z")
    edited = "the text of the approval was edited after it was given"
    gone = f"the approved commit {lost[:12]} is no ancestor of the head: the branch was rewritten"
    assert facts(world, [S]).reviews == (
        given("ben-1", void=gone),
        given("ana-1", void="the approval does not say which commit it is for"),
        GivenReview("ana-1", Opinion.COMMENTED),
        given("pat-1", void="more was said after it"),
        given("pat-1", void=edited),
        given("pia-1", void=edited),
    )


def test_an_approval_of_tomorrow_is_none_and_takes_back_nothing(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    # The tests' clock says 06:00, and clocks may differ by five minutes.
    world.says("ben-1", submitted_at="2026-12-01T06:05:00Z")
    world.says("pat-1", submitted_at="2026-12-01T06:05:01Z")
    world.says("ana-1", "CHANGES_REQUESTED", submitted_at="2027-01-01T00:00:00Z")
    world.says("cam-1", "CHANGES_REQUESTED")
    world.says("cam-1", submitted_at="2099-01-01T00:00:00Z")
    world.says("dee-1")
    world.says("dee-1", submitted_at="2099-01-01T00:00:00Z")
    later = "it is 2026-12-01T06:00:00Z: nobody has given it yet, unless this clock is slow"
    assert facts(world).reviews == (
        given("pat-1", void=f"the approval is dated 2026-12-01T06:05:01Z, and {later}"),
        given("cam-1", void="more was said after it"),
        given("dee-1", void="more was said after it"),
        GivenReview("cam-1", Opinion.CHANGES_REQUESTED),
        given("dee-1"),
        given("ben-1"),
        GivenReview("ana-1", Opinion.CHANGES_REQUESTED),
    )


def test_only_approvals_of_people_whom_the_base_knows_are_looked_into(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    world.says("mallory")
    world.says("ben-1", "COMMENTED")
    world.says("ben-1", "DISMISSED")
    world.says("ben-1", "CHANGES_REQUESTED", updated_at="2026-11-30T09:00:00Z")
    world.says("ben-1", user=None)
    world.says("good[bot]", user={"login": "good[bot]", "type": "Bot"})
    world.push({R: staging(20)})
    assert facts(world).reviews == (
        given("mallory"),
        GivenReview("ben-1", Opinion.COMMENTED),
        GivenReview("ben-1", Opinion.DISMISSED),
        GivenReview("ben-1", Opinion.CHANGES_REQUESTED),
        GivenReview(GHOST, Opinion.APPROVED, person=False),
        GivenReview("good[bot]", Opinion.APPROVED, person=False),
    )


def test_what_is_told_of_another_head_is_refused(place: Path) -> None:
    world = World(place, BASE)
    world.told_head = world.push({R: staging()})
    assert facts(world).authors == OPENED
    world.push({R: staging(20)})
    said = f"the reviews are of the head {world.told_head}, and {world.head} is asked about: fetch both anew"
    with pytest.raises(UsageError, match=f"^{re.escape(said)}$"):
        facts(world)


def test_an_account_that_is_gone_has_the_forges_name_for_it() -> None:
    assert GHOST == "ghost"
