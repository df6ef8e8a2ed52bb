"""The use case: the step that a merge takes is decided on, by the base, at one instant, with the ledger's word."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarmac.adapters.reviews_file import parse_reviews
from tarmac.app import wire
from tarmac.app.approvals import Decided, approvals
from tarmac.errors import UsageError
from tarmac.model.facts import Decision, State
from tarmac.model.ledger import Phase, RequestState
from tests.approvals.town import README, R, World, git, rule, staging, team, town
from tests.review.test_after_the_merge import state
from tests.trees import NOW, READING, budget, request

BASE = town()
DEAR = rule("dear", 'cost.teamIncrease30d > money("200.00")', "[{from: [group:default/finops]}]")
T = "requests/one/staging/t.yaml"


def decided(
    world: World, states: tuple[RequestState, ...] = (), base: str = "", head: str = "", root: str = ""
) -> Decided:
    pull = parse_reviews(world.told())
    return approvals(wire.git(world.path / root), READING, base or world.main, head or world.head, pull, NOW, states)


def node(found: Decision, name: str) -> Decision:
    (one,) = (one for one in found.children if one.name == name)
    return one


def states(found: Decision) -> dict[str, str]:
    return {one.name: str(one.state) for one in found.children if one.state is not State.SKIPPED}


def test_what_it_was_asked_for_is_told(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging(), README: "# x\n"})
    found = decided(world)
    assert [(one.kind, one.name) for one in found.subjects] == [
        ("ResourceRequest", "resourcerequest:default/r"),
        ("File", README),
    ]
    assert found.decision.reason == "code-owners (pending)"


def test_what_stands_outside_the_root_is_the_platforms(place: Path) -> None:
    """Merging takes it along, and nobody else would be asked."""
    (place / "data").mkdir()
    world = World(place, {f"data/{path}": text for path, text in BASE.items()} | {"build.sh": "x\n"})
    outside = {"build.sh": "y\n", ".github/workflows/x.yml": "on: push\n"}
    world.push({f"data/{R}": staging(), **outside})
    world.says("ben-1")
    found = decided(world, root="data")
    about = [("resourcerequest:default/r", "add"), ("../.github/workflows/x.yml", "change"), ("../build.sh", "change")]
    assert [(one.name, one.operation) for one in found.subjects] == about
    assert found.decision.state is State.PENDING
    waiting = "group:default/one: approved by ben-1; group:default/platform: nobody has approved yet"
    assert node(found.decision, "code-owners").reason == waiting
    world.says("pat-1")
    assert decided(world, root="data").decision.state is State.APPROVED
    world.push({"build.sh": "z\n"})
    again = decided(world, root="data").decision
    assert again.state is State.PENDING
    assert [
        one.login for leaf in again.leaves() for one in leaf.ignored if "changed since: ../build.sh" in one.reason
    ] == ["pat-1"]


@pytest.mark.parametrize(
    ("word", "state", "reason"),
    [
        ("APPROVED", "pending", "conflict (pending)"),
        ("COMMENTED", "pending", "code-owners (pending), conflict (pending)"),
        ("CHANGES_REQUESTED", "rejected", "code-owners (rejected), conflict (pending)"),
    ],
)
def test_a_conflict_holds_everything(place: Path, word: str, state: str, reason: str) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    world.go_on({R: staging(99)})
    world.says("ben-1", word)
    found = decided(world).decision
    assert (found.name, found.state, found.reason) == ("approvals", state, reason)
    why = "1 file in conflict with the base: merge the base and solve it"
    assert found.children[-1] == Decision("conflict", State.PENDING, why, (R,))


def test_conflicts_are_counted(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging(), T: staging(name="t")})
    world.go_on({R: staging(99), T: staging(99, name="t")})
    why = "2 files in conflict with the base: merge the base and solve it"
    assert decided(world).decision.children[-1] == Decision("conflict", State.PENDING, why, (R, T))


def test_in_a_conflict_it_is_the_head_that_is_looked_at(place: Path) -> None:
    world = World(place, town(rule("huge", "object.spec.config.gb == 2000")))
    world.push({R: staging(2000)})
    world.go_on({R: staging(99)})
    assert states(decided(world).decision) == {"huge": "pending", "conflict": "pending"}


def test_histories_without_a_common_commit_are_refused_by_the_names_they_were_given(place: Path) -> None:
    world = World(place, BASE)
    world.head = world.commit((), {R: staging()}, "dev")
    git(place, "branch", "--force", "alone", world.head)
    said = f"^{world.main} and alone have no commit in common: is the clone complete \\(fetch-depth: 0\\)\\?$"
    with pytest.raises(UsageError, match=said):
        decided(world, head="alone")


def test_what_the_ledger_calls_expired_costs_nothing_any_more(place: Path) -> None:
    world = World(place, town(DEAR))
    world.main = world.head = world.commit([world.main], {R: request("r")}, "pat")
    world.push({R: request("r", "size: large")})
    assert states(decided(world).decision) == {"dear": "pending"}
    over = state("r", Phase.EXPIRED, "2026-11-01T00:00:00Z")
    assert states(decided(world, (over,)).decision) == {"code-owners": "pending"}


def test_the_rules_that_ask_say_why(place: Path) -> None:
    world = World(place, town(DEAR))
    world.push({R: staging(), T: staging(name="t")})
    found = node(decided(world).decision, "dear")
    assert (found.state, found.because[0].split(",")[0]) == (
        State.PENDING,
        "cost.teamIncrease30d 292.07 EUR > 200.00 EUR",
    )


def test_what_was_merged_lately_counts_with_the_change(place: Path) -> None:
    world = World(place, town(DEAR))
    world.go_on({T: staging(name="t")})
    world.fork = world.head = world.main
    world.push({README: "# x\n"})
    assert states(decided(world).decision) == {"code-owners": "pending"}
    world.push({R: staging()})
    assert states(decided(world).decision) == {"dear": "pending", "code-owners": "pending"}


def test_a_rename_is_told_as_one(place: Path) -> None:
    world = World(place, BASE)
    world.main = world.head = world.commit([world.main], {R: staging()}, "pat")
    world.push({R: None, T: staging()})
    (one,) = decided(world).subjects
    assert (one.operation, one.paths) == ("move", (R, T))


def test_what_the_base_cannot_read_is_told_with_its_place(place: Path) -> None:
    world = World(place, town(**{"policies/more.yaml": "a: [\n"}))
    world.push({R: staging()})
    (one,) = (one for one in decided(world).decision.children if one.name == "base")
    place_, _, message = one.reason.partition(" of the base cannot be trusted: ")
    assert place_ == "policies/more.yaml:2:1"
    ask = "; to mend it, change nothing but policies/more.yaml, which asks group:default/platform"
    assert message == f"no value where one has to stand{ask}"


@pytest.mark.parametrize(
    ("path", "before", "wrong"),
    [
        ("policies/platform.yaml", "owner: group:default/platform", "owner: [group:default/platform]"),
        ("teams/one/budget.yaml", "period: month", "period: fortnight"),
        ("catalog/shop/rules.yaml", "auto: true", "auto: perhaps"),
    ],
)
def test_what_decides_is_not_trusted_where_it_is_not_in_its_format(
    place: Path, path: str, before: str, wrong: str
) -> None:
    texts = {**BASE, "teams/one/budget.yaml": budget(), "catalog/shop/rules.yaml": rule("also", "false", "auto")}
    assert before in texts[path]
    world = World(place, texts)
    world.push({R: staging()})
    assert states(decided(world).decision) == {"code-owners": "pending"}
    world = World(place, texts | {path: texts[path].replace(before, wrong)})
    world.push({R: staging()})
    (told,) = (one for one in decided(world).decision.children if one.name == "base")
    assert (told.state, told.reason.partition(":")[0]) == (State.ERROR, path)


def test_a_warning_of_the_base_is_no_doubt(place: Path) -> None:
    world = World(place, town(**{"policies/empty.yaml": "# nothing here\n", "policies/some.yaml": "a: b\n"}))
    world.push({R: staging()})
    assert "policies/empty.yaml" not in str(decided(world).decision)


def test_a_linked_working_tree_is_as_good(place: Path, tmp_path: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    world.says("ben-1")
    world.go_on({README: "# x\n"})
    git(place, "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"), world.head)
    world.path = tmp_path / "linked"
    assert decided(world).decision.state is State.APPROVED
    (world.path / ".gitattributes").write_text("*.yaml merge=union\n", "utf-8")
    world.path = place
    world.go_on({R: staging(99)})
    world.path = tmp_path / "linked"
    assert decided(world).decision.state is State.PENDING


def test_a_decision_stands_when_its_approver_leaves_after_the_merge(place: Path) -> None:
    world = World(place, BASE)
    world.push({R: staging()})
    world.says("ben-1")
    before = world.main
    tree = world.git("merge-tree", "--write-tree", world.main, world.head)
    world.main = world.commit([world.main, world.head], {}, "pat", tree=tree)
    world.go_on({"teams/one/team.yaml": team("one", "ana", "ana", "works")})
    # What was merged is judged by what it was merged into.
    assert decided(world, base=before).decision.state is State.APPROVED
