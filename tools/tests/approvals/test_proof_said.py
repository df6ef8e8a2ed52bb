"""What a proof says, to the letter, and what it does at its ends."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from tarmac.adapters.git_history import GitHistory
from tarmac.app.plan import Deps
from tarmac.app.proof import evidence, genesis, prove, proved, unasked, write
from tarmac.app.proof_steps import Judge, in_time
from tarmac.app.proof_values import Proven
from tarmac.errors import ConfigurationError, LedgerConflict, UsageError
from tarmac.model.commits import Contribution
from tarmac.model.facts import Opinion
from tarmac.model.forge import ForgeReview, MergedPull, PullRequest
from tarmac.model.frozen import replace
from tarmac.model.plan import canonical
from tarmac.model.proof import Proof, ProofKind, RecordedProof, RuleProof
from tarmac.model.values import parse_instant
from tests.approvals.main_line import LATE, MERGED_AT, MainLine, MemoryLog
from tests.approvals.town import README, RULES, R, S, World, git, rule, staging, town
from tests.trees import NOW, PLATFORM, READING, component

NO_FORGE = {"policies/platform.yaml": PLATFORM.replace("forge: github", "forge: none")}
NOBODY_ASKED = "forge: none in policies/platform.yaml: nobody is asked who approved what, merging is approving"
NOT_ASKED = "nobody asked the forge who approved it: --proofs github, or --proofs FILE with what it said"


def begun(place: Path, **files: str) -> MainLine:
    return MainLine(World(place, town(**{R: staging(), S: staging(owner="two", name="s")} | files))).begin()


def made(place: Path, **files: str) -> MainLine:
    return MainLine(World(place, town(**{R: staging()} | files)))


# --- what is told


def test_a_held_commit_is_told_with_the_way_out(place: Path) -> None:
    main = begun(place)
    pushed = main.push({R: staging(20)}, message="pushed in haste\n\nmore")
    proven = main.prove()
    short, why = pushed[:12], "no pull request brought it: it was pushed past them"
    assert proven.notes == (
        f"{short} (pushed in haste) is not proved to be approved: {why}; "
        f"take it back, or have it approved: tarmac approvals record {short} --reason ...",
    )
    said = f"commit {short} is not proved to be approved: {why}"
    assert proven.held == {R: said, "resourcerequest:default/r": said}
    (one,) = proven.unproved
    assert (one.commits, one.subject, one.reason, one.waiting) == ((pushed,), "pushed in haste", why, 0)


def test_what_is_new_is_held_by_its_path_and_its_name(place: Path) -> None:
    main = begun(place)
    new, notes = "requests/one/staging/t.yaml", "catalog/shop/notes.md"
    main.push({new: staging(name="t"), notes: "x\n"})
    assert set(main.prove().held) == {new, notes, "resourcerequest:default/t"}


def test_what_decides_is_told_with_what_waits_for_it(place: Path) -> None:
    main = begun(place)
    pushed = main.push({RULES: rule("all", "true", "auto")})
    main.pull({R: staging(20)}, "ana-1")
    main.pull({S: staging(20, "two", "s")}, "cam-1")
    (note,) = main.prove().notes
    assert note == (
        f"{pushed[:12]} (pushed) is not proved to be approved: no pull request brought it: it was pushed past them; "
        f"it changes {RULES}, which may decide about whatever comes after it (2 after it wait); "
        f"take it back, or have it approved: tarmac approvals record {pushed[:12]} --reason ..."
    )


def test_an_approver_who_left_is_told_with_the_commit(place: Path) -> None:
    main = begun(place)
    made_by = main.pull({R: staging(20)}, "ana-1")
    gone = {"teams/one/team.yaml": main.w.files["teams/one/team.yaml"].replace("ana, ben", "ben")}
    gone["teams/one/team.yaml"] = gone["teams/one/team.yaml"].replace("default/ana", "default/ben")
    people = main.w.files["teams/one/members.yaml"].partition("---\n")[2]
    main.pull({**gone, "teams/one/members.yaml": people}, "wes-1", "pat-1", "ben-1")
    assert main.prove().notes == (f"{made_by[:12]} was approved by ana-1, who has left since: it stands",)


def test_where_proving_has_no_beginning(place: Path) -> None:
    main = made(place)
    proven = main.prove()
    why = (
        "the ledger names no commit at which proving begins: fetch the ledger's branch, or begin one: "
        f"tarmac approvals genesis --rev {main.w.main[:12]} --reason ..."
    )
    assert proven == Proven(main.w.main, everything=f"not proved to be approved: {why}", notes=(why,), begun=False)


def test_where_the_ledger_is_elsewhere_the_way_to_begin_there_is_said(place: Path) -> None:
    main = made(place)
    begin = f"tarmac approvals genesis --rev {main.w.main[:12]} --remote there --reason ..."
    assert prove(replace(main.proving(), remote="there"), main.w.main, NOW).notes[0].endswith(f": {begin}")


def test_a_branch_that_does_not_go_on_from_what_is_proved(place: Path) -> None:
    main = begun(place)
    proved_up_to = main.w.main
    main.w.main = main.w.commit([], main.w.files, "pat", message="another beginning")
    why = (
        f"{main.w.main[:12]} does not go on from {proved_up_to[:12]}, the last proved commit: the branch was "
        "rewritten, another one is named, or the clone is shallow (fetch-depth: 0)"
    )
    assert main.prove() == Proven(main.w.main, everything=f"not proved to be approved: {why}", notes=(why,))


def test_without_a_forge_that_is_all_there_is_to_say(place: Path) -> None:
    main = made(place, **NO_FORGE)
    assert main.prove() == Proven(main.w.main, notes=(NOBODY_ASKED,))
    main = begun(place, **NO_FORGE)
    before, pushed = main.w.main, main.push({R: staging(20)})
    proven = main.prove()
    assert (proven.notes, proven.commit, proven.unproved) == ((NOBODY_ASKED,), pushed, ())
    (proof,) = proven.proofs
    reason = "forge: none: merging is approving"
    assert proof == Proof(NOW, ProofKind.MERGED, (pushed,), before, reason, pushed)


def test_what_is_taken_back_is_proved_as_nothing(place: Path) -> None:
    main = begun(place)
    before = main.w.main
    first, last = main.push({R: staging(500)}), main.push({R: staging()})
    (proof,) = main.prove().proofs
    assert proof == Proof(NOW, ProofKind.TAKEN_BACK, (first, last), before, "nothing is left of it", last)


# --- a preview that nobody can ask for


def test_a_preview_says_what_it_rests_on(place: Path) -> None:
    main = made(place)
    main.asked = False
    tip = main.w.main
    nothing = "nothing here is proved to be approved yet: reconcile --apply holds what is not"
    assert unasked(main.proving(), tip) == Proven(tip, notes=(nothing,))
    main.begin()
    assert unasked(main.proving(), tip) == Proven(tip)
    one = main.push({R: staging(20)})
    note = f"1 commit since {tip[:12]} not proved to be approved yet: reconcile --apply holds what is not"
    assert unasked(main.proving(), one) == Proven(one, notes=(note,))
    two = main.push({R: staging(30)})
    note = f"2 commits since {tip[:12]} not proved to be approved yet: reconcile --apply holds what is not"
    assert unasked(main.proving(), two) == Proven(two, notes=(note,))
    other = main.w.commit([], main.w.files, "pat", message="another beginning")
    assert unasked(main.proving(), other) == Proven(other, notes=(nothing,))


def test_a_preview_without_a_forge_says_so(place: Path) -> None:
    main = made(place, **NO_FORGE)
    assert unasked(main.proving(), main.w.main) == Proven(main.w.main, notes=(NOBODY_ASKED,))


@dataclass
class Ledger:
    """As much of a ledger as a proof asks for."""

    def head(self) -> str:
        return "head"

    def states(self, head: str) -> Mapping[str, object]:
        assert head == "head"
        return {}


@dataclass
class Wired:
    """As much of reconcile's dependencies as a proof asks for."""

    proving: object
    ledger: Ledger = field(default_factory=Ledger)


def wired(main: MainLine | None) -> Deps:
    return cast("Deps", Wired(None if main is None else main.proving()))


def test_only_what_is_applied_is_written_down(place: Path) -> None:
    main = begun(place)
    merged = main.pull({R: staging(20)}, "ana-1")
    assert proved(wired(None), merged, NOW, apply=True) is None
    preview = proved(wired(main), merged, NOW, apply=False)
    assert preview is not None
    assert ([one.kind for one in preview.proofs], len(main.log.kept)) == ([ProofKind.APPROVED], 1)
    proved(wired(main), merged, NOW, apply=True)
    assert [one.kind for one in main.log.kept] == [ProofKind.GENESIS, ProofKind.APPROVED]
    main.asked = False
    pushed = main.push({R: staging(30)})
    unproved = proved(wired(main), pushed, NOW, apply=False)
    assert unproved is not None
    assert unproved.notes[0].startswith("1 commit since")
    held = proved(wired(main), pushed, NOW, apply=True)
    assert held is not None
    assert [one.reason for one in held.unproved] == [NOT_ASKED]


def test_before_proving_has_begun_nothing_is_applied_and_that_is_said_once(place: Path) -> None:
    main = made(place)
    preview = proved(wired(main), main.w.main, NOW, apply=False)
    assert preview == main.prove(keep=False)
    said = f"nothing is applied, as nothing can be proved to be approved: {preview.notes[0]}"
    with pytest.raises(ConfigurationError) as refused:
        proved(wired(main), main.w.main, NOW, apply=True)
    assert str(refused.value) == said
    assert main.log.kept == []


def test_a_ledger_that_goes_away_meanwhile_is_not_begun_anew(place: Path) -> None:
    main = begun(place)
    main.pull({R: staging(20)}, "ana-1")
    proven = main.prove(keep=False)
    main.log = MemoryLog()
    with pytest.raises(LedgerConflict, match=r"the ledger was taken away meanwhile: fetch it, and run again$"):
        write(main.proving(), proven)
    assert main.log.kept == []
    write(main.proving(), Proven(main.w.main))
    assert main.log.kept == []
    begins = Proof(NOW, ProofKind.GENESIS, (main.w.main,), "", "so it was", main.w.main)
    write(main.proving(), Proven(main.w.main, proofs=(begins,)))
    assert main.log.kept == [begins]


def test_the_beginning_is_named_once_and_for_good(place: Path) -> None:
    main = made(place)
    root = main.w.main
    second = main.push({README: "# x\n"})
    found = genesis(main.proving(), second, "as we took it over", NOW)
    assert found == Proof(NOW, ProofKind.GENESIS, (second,), root, "as we took it over", second)
    assert main.log.kept == [found]
    with pytest.raises(UsageError, match=rf"the ledger begins at {second} already, and that is for good$"):
        genesis(main.proving(), root, "again", NOW)
    other = made(place)
    assert genesis(other.proving(), other.w.main, "the first", NOW).base == ""


@dataclass
class Kept(MemoryLog):
    """Evidence that stands in a ledger's branch."""

    def lines(self, commit: str) -> Iterator[RecordedProof]:
        for number, proof in enumerate(self.kept, 1):
            yield RecordedProof(number, "", commit, proof, "file")


def test_the_evidence_is_what_the_branch_holds(place: Path) -> None:
    log = Kept()
    assert list(evidence(log)) == []
    main = made(place)
    main.log = log
    main.begin()
    assert list(evidence(log)) == []
    log.now = replace(log.now, commit="c" * 40)
    assert [(one.sequence, one.hash, one.proof.kind) for one in evidence(log)] == [(1, "c" * 40, ProofKind.GENESIS)]


# --- one step


def test_the_evidence_of_an_approved_step(place: Path) -> None:
    asks = rule("disks", 'change.kind == "ResourceRequest"', "[{from: [owner]}]")
    main = made(place, **{RULES: asks + "---\n" + rule("never", 'change.kind == "Nothing"')}).begin()
    before = main.w.main
    main.branch({R: staging(20), README: "# x\n"})
    for login in ("ben-1", "ana-1", "pat-1"):
        main.w.says(login)
    merged = main.merge()
    (proof,) = main.prove().proofs
    document = next(one for one in main.proving().reading.read(RULES, asks.encode())[0])
    assert proof.rules == (
        RuleProof("disks", "approved", hashlib.sha256(canonical(document.data).encode()).hexdigest()),
        RuleProof("code-owners", "approved", ""),
    )
    assert proof.reviewers == ("ana-1", "ben-1", "pat-1")
    assert (proof.at, proof.kind, proof.commits, proof.base, proof.through) == (
        NOW, ProofKind.APPROVED, (merged,), before, merged,
    )  # fmt: skip
    assert (proof.pull, proof.head, proof.author, proof.merged_by) == (1, main.w.head, "dev", "pat-1")
    assert proof.merged_at == parse_instant(MERGED_AT)
    assert proof.reason == "approved by ana-1, ben-1, pat-1"


def test_what_is_proved_behind_a_held_commit_is_ahead(place: Path) -> None:
    main = begun(place)
    start = main.w.main
    main.push({R: staging(20)})
    second = main.pull({S: staging(20, "two", "s")}, "cam-1")
    main.push({README: "x"})
    third = main.pull({S: staging(21, "two", "s")}, "cam-1")
    assert [(one.through, one.ahead) for one in main.prove().proofs] == [(start, (second,))]
    assert main.log.now.ahead == {second}
    assert main.w.main == third


def test_what_waits_is_counted_from_what_it_waits_for(place: Path) -> None:
    main = begun(place)
    main.push({R: staging(20)})
    main.push({RULES: rule("all", "true", "auto")})
    main.pull({S: staging(20, "two", "s")}, "cam-1")
    assert [one.waiting for one in main.prove().unproved] == [0, 1]


def test_behind_what_is_proved_ahead_each_commit_is_looked_at(place: Path) -> None:
    main = begun(place)
    main.push({R: staging(20)})
    main.pull({S: staging(20, "two", "s")}, "cam-1")
    assert len(main.prove().unproved) == 1
    main.push({R: staging(30)})
    assert len(main.prove().unproved) == 2


def test_each_proof_says_up_to_where_all_is_proved(place: Path) -> None:
    main = begun(place)
    merged = [main.pull({S: staging(size, "two", "s")}, "cam-1") for size in (20, 21, 22)]
    assert [(one.commits, one.through) for one in main.prove().proofs] == [((one,), one) for one in merged]


def test_all_who_left_are_named(place: Path) -> None:
    main = begun(place)
    made_by = main.pull({R: staging(20)}, "ana-1", "ben-1")
    team = main.w.files["teams/one/team.yaml"].replace("ana, ben", "wes").replace("default/ana", "default/wes")
    main.push({"teams/one/team.yaml": team, "teams/one/members.yaml": None})
    judge = Judge(main.proving().git, READING, tuple)
    assert not {"ana-1", "ben-1"} & judge.logins(main.w.main)
    main.pull({"policies/approval-records/one.yaml": RECORD.format(commit=main.w.main)}, "pat-1")
    assert main.prove().notes[0] == f"{made_by[:12]} was approved by ana-1, ben-1, who has left since: it stands"


RECORD = """\
apiVersion: tarmac/v1
kind: ApprovalRecord
metadata: {{name: one}}
spec: {{commit: "{commit}", reason: they left}}
"""


def reasons(main: MainLine) -> list[str]:
    return [one.reason for one in main.prove().unproved]


def test_why_a_record_does_not_count_is_said_behind_what_it_is_for(place: Path) -> None:
    main = begun(place)
    path = "policies/approval-records/one.yaml"
    main.push({R: staging(20)})
    text = RECORD.format(commit=main.w.main)
    main.push({path: text})
    pushed = "no pull request brought it: it was pushed past them"
    record = f"its record in {path} does not count: no pull request brought it, or several say so"
    assert reasons(main)[0] == f"{pushed}; {record}"


@pytest.mark.parametrize(
    ("late", "by", "said"),
    [
        (0, "pat-1", "was merged by pat-1 without its approvals: code-owners (pending)"),
        (0, None, "was merged without its approvals: code-owners (pending)"),
        (1, "pat-1", "code-owners (pending); 1 approval after the merge cannot count"),
        (2, "pat-1", "code-owners (pending); 2 approvals after the merge cannot count"),
    ],
)
def test_a_merge_without_approvals_says_who_and_what_came_late(
    place: Path, late: int, by: str | None, said: str
) -> None:
    main = begun(place)
    main.branch({R: staging(20)})
    for login in ("ana-1", "ben-1")[:late]:
        main.w.says(login, submitted_at=LATE)
    main.w.says("cam-1", "COMMENTED", submitted_at=LATE)
    main.w.says("dee-1", submitted_at=MERGED_AT)
    main.merge(merged_by=None if by is None else {"login": by})
    (reason,) = reasons(main)
    assert reason.startswith("pull request #1 was merged")
    assert reason.endswith(said)


def test_an_approval_of_the_instant_of_the_merge_is_in_time() -> None:
    def review(at: str) -> ForgeReview:
        return ForgeReview("ana-1", True, Opinion.APPROVED, "a" * 40, parse_instant(at))

    pull = PullRequest(1, "dev", True, (review(MERGED_AT), review(LATE)), {}, "a" * 40)
    told = in_time(MergedPull(pull, "c" * 40, "main", parse_instant(MERGED_AT), ""))
    assert told == replace(pull, reviews=(review(MERGED_AT),), draft=False)


def test_a_merge_into_another_branch_proves_nothing_of_this_one(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    world = World(tmp_path, town(**{R: staging()}))
    world.git("update-ref", "refs/heads/main", world.main)
    main = MainLine(world).begin()
    main.branch({R: staging(20)})
    world.says("ana-1")
    main.merge(base={"ref": "release"})
    assert reasons(main) == ["pull request #1 was merged into release, not into main"]
    main.answers[0]["pull"]["base"] = {"ref": "main"}  # type: ignore[index]
    assert reasons(main) == []


def test_steps_say_why_they_are_not_what_was_reviewed(place: Path) -> None:
    main = begun(place)
    main.branch({R: staging(20)})
    main.w.says("ana-1")
    head = main.w.head
    main.merge("merge", edited={R: staging(500)})
    said = (
        f"its content is not what merging {head[:12]}, the head of pull request #1, gives: it was edited while it was "
        "merged, or conflicts were solved then"
    )
    assert reasons(main) == [said]
    main.answers[0]["pull"]["head"] = {"sha": "2" * 40}  # type: ignore[index]
    assert reasons(main) == [f"the head {'2' * 12} of pull request #1 is not here: fetch refs/pull/1/head"]
    stranger = main.w.commit((), {R: staging(500)}, "dev")
    main.answers[0]["pull"]["head"] = {"sha": stranger}  # type: ignore[index]
    assert reasons(main) == [f"it is no merge of {stranger[:12]}, the reviewed head of pull request #1"]


def test_a_merge_of_the_future_proves_nothing_yet(place: Path) -> None:
    main = begun(place)
    main.read_at = NOW + timedelta(days=1)
    main.branch({R: staging(20)})
    main.w.says("ana-1")
    main.merge(merged_at="2026-12-01T06:05:01Z")
    assert reasons(main) == [
        "pull request #1 is said to be merged at 2026-12-01T06:05:01Z, and it is 2026-12-01T06:00:00Z: look at this "
        "machine's clock"
    ]


def test_a_head_without_history_in_common_proves_nothing(place: Path) -> None:
    main = begun(place)
    main.branch({R: staging(20)})
    main.w.says("ana-1")
    stranger = main.w.commit((), {R: staging(20)}, "dev")
    main.merge(head={"sha": stranger})
    assert reasons(main) == ["pull request #1 has no history in common with the main branch"]


def test_a_branch_that_was_built_on_a_push_did_not_bring_it(place: Path) -> None:
    """Else whoever approves the branch would have approved the push below it, unseen."""
    main = begun(place)
    before, pushed = main.w.main, main.push({S: staging(99, "two", "s")})
    main.branch({R: staging(20)})
    main.w.says("ana-1")
    main.merge("rebase")
    proving = main.proving()
    chain, merged = proving.git.line(before, main.w.main), proving.pulls and proving.pulls.merged(main.w.main)
    assert chain
    assert merged
    judge = Judge(proving.git, READING, tuple)
    assert judge.ends(before, chain, merged[0], NOW) == "pull request #1 was built on it and did not bring it"
    proven = main.prove()
    assert [(one.commits, one.reason) for one in proven.unproved] == [
        ((pushed,), "no pull request brought it: it was pushed past them")
    ]


class Shallow(GitHistory):
    """A clone that does not hold who made what."""

    def contributions(self, base: str, head: str) -> tuple[Contribution, ...]:
        raise UsageError("the clone is too shallow")


def test_what_cannot_be_decided_is_not_proved(place: Path) -> None:
    main = begun(place)
    main.pull({R: staging(20)}, "ana-1")
    proven = prove(replace(main.proving(), git=Shallow.find(main.w.path)), main.w.main, NOW)
    assert [one.reason for one in proven.unproved] == ["pull request #1: the clone is too shallow"]
    assert set(proven.held) == {R, "resourcerequest:default/r"}


@dataclass
class Asked:
    """A forge that knows nothing, and counts."""

    asked: list[str] = field(default_factory=list)

    def merged(self, commit: str) -> tuple[MergedPull, ...]:
        self.asked.append(commit)
        return ()


def test_two_hundred_and_fifty_commits_are_the_longest_rebase(place: Path) -> None:
    main = begun(place)
    lines = [f"commit refs/made\ncommitter x <x@x.example> {1796000000 + n} +0000\ndata 1\nx\n" for n in range(252)]
    lines[0] += f"from {main.w.main}\n"
    lines = [f"{line}M 100644 inline {README}\ndata 4\n{n:04}\n" for n, line in enumerate(lines)]
    main.w.git("fast-import", "--quiet", "--force", stdin="".join(lines).encode())
    tip = main.w.git("rev-parse", "refs/made")
    chain = main.w.git("rev-list", "--reverse", f"{main.w.main}..{tip}").split()
    forge = Asked()
    proven = prove(replace(main.proving(), pulls=forge), tip, NOW)
    assert forge.asked == chain[:250]
    assert [one.waiting for one in proven.unproved] == [251]


# --- whether merging is approving


def says(place: Path, files: Mapping[str, str | None], modes: Mapping[str, str] | None = None) -> bool:
    world = World(place, town())
    commit = world.commit([world.main], files, "pat", modes=modes)
    return Judge(GitHistory.find(world.path), READING, tuple).merging_is_approving(commit)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (NO_FORGE["policies/platform.yaml"], True),
        (PLATFORM, False),
        (None, False),
        ("", False),
        ("kind: [", False),
        (NO_FORGE["policies/platform.yaml"] + "---\n" + PLATFORM, False),
        (NO_FORGE["policies/platform.yaml"] + "---\n" + component("x"), True),
        (NO_FORGE["policies/platform.yaml"].replace("kind: Platform", "kind: Policy"), False),
        (NO_FORGE["policies/platform.yaml"] + "#" * (1024 * 1024), False),
    ],
)
def test_merging_is_approving_only_where_the_platform_says_so(place: Path, text: str | None, expected: bool) -> None:
    assert says(place, {"policies/platform.yaml": text}) is expected
    assert not says(place, {"policies/platform.yaml": None, "policies/other.yaml": text})


@pytest.mark.parametrize("mode", ["120000", "160000"])
def test_a_link_in_the_platforms_place_says_nothing(place: Path, mode: str) -> None:
    target = "1" * 40 if mode == "160000" else NO_FORGE["policies/platform.yaml"]
    assert not says(place, {"policies/platform.yaml": target}, {"policies/platform.yaml": mode})
