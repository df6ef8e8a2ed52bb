"""When a person last changed a file, and what the company's freshness says of it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from tarmac.adapters.git_ages import GitAges
from tarmac.adapters.git_history import GitHistory
from tarmac.adapters.git_merged import merged_at
from tarmac.app import wire
from tarmac.app.ages import ages_for
from tarmac.app.check import check
from tarmac.app.check_change import change_of, check_change
from tarmac.app.exemption import Wish, draft
from tarmac.app.keep import check_and_keep
from tarmac.app.policy_replay import replay
from tarmac.app.review import review
from tarmac.model.ages import Ages, LaterAges
from tarmac.model.findings import Finding
from tarmac.reports import policy_text
from tarmac.reports.policy import Replay
from tests.trees import READING, Memory, catalog_of, company, component

DAY = timedelta(days=1)
FIRST = datetime(2026, 1, 1, tzinfo=UTC)


class History:
    """A repository made commit by commit, a day apart."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.days = 0
        self.git("init", "--quiet", "--initial-branch=main")

    def git(self, *arguments: str, **environment: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, capture_output=True, text=True, check=True, env=os.environ | environment
        )
        return done.stdout.strip()

    def commit(self, files: Mapping[str, str], name: str = "Ana", email: str = "ana@example.com") -> datetime:
        """Write the files, and commit everything as that author."""
        for path, content in files.items():
            (self.path / path).parent.mkdir(parents=True, exist_ok=True)
            (self.path / path).write_text(content)
        self.git("add", "--all")
        return self.record("commit", "--quiet", "--allow-empty", "--message=change", name=name, email=email)

    def record(self, *arguments: str, name: str = "Ana", email: str = "ana@example.com") -> datetime:
        self.days += 1
        when = FIRST + self.days * DAY
        at = when.isoformat()
        self.git(
            *arguments,
            GIT_AUTHOR_NAME=name,
            GIT_AUTHOR_EMAIL=email,
            GIT_AUTHOR_DATE="2020-01-01T00:00:00+00:00",
            GIT_COMMITTER_DATE=at,
        )
        return when

    def ages(self, *bots: str, root: str = "", revision: str = "HEAD") -> Ages:
        return GitAges(GitHistory.find(self.path / root)).at((revision,), bots)


def test_the_last_commit_of_a_file_counts(tmp_path: Path) -> None:
    history = History(tmp_path)
    first = history.commit({"a": "1", "b": "1"})
    second = history.commit({"a": "2"})
    assert history.ages().changed == {"a": second, "b": first}
    assert history.ages(revision="HEAD~1").changed == {"a": first, "b": first}


@pytest.mark.parametrize(
    ("name", "email", "person"),
    [
        ("dependabot[bot]", "x@example.com", False),
        ("Renovate", "29139614+renovate[bot]@users.noreply.github.com", False),
        ("Deployer", "deploy@example.com", False),
        ("deployer", "other@example.com", False),
        ("Someone", "Night@Example.com", False),
        ("bot", "bot@example.com", True),
        ("Deployer 2", "x@example.com", True),
        ("[bot] Ana", "ana@example.com", True),
        ("Ana", "ana@bot.example", True),
    ],
)
def test_a_commit_is_a_persons_unless_its_author_is_a_bot(tmp_path: Path, name: str, email: str, person: bool) -> None:
    history = History(tmp_path)
    first = history.commit({"a": "1"})
    later = history.commit({"a": "2", "new": "1"}, name, email)
    wanted = {"a": later, "new": later} if person else {"a": first}
    assert history.ages("Deployer", "night@example.com").changed == wanted


def test_what_a_branch_brought_counts_and_the_merge_itself_only_for_what_it_changed(tmp_path: Path) -> None:
    history = History(tmp_path)
    first = history.commit({"kept": "1", "both": "1\n2\n3\n", "late": "1"})
    history.git("checkout", "--quiet", "-b", "side")
    side = history.commit({"side": "1", "both": "0\n2\n3\n"})
    history.git("checkout", "--quiet", "main")
    history.commit({"both": "1\n2\n4\n"})
    history.git("merge", "--quiet", "--no-commit", "--no-ff", "side")
    (tmp_path / "late").write_text("2")
    (tmp_path / "\nfirst").write_text("2")
    history.git("add", "--all")
    merge = history.record("commit", "--quiet", "--message=merge")
    assert history.ages().changed == {"kept": first, "side": side, "both": merge, "late": merge, "\nfirst": merge}


def test_names_that_git_quotes_are_read_as_they_are(tmp_path: Path) -> None:
    history = History(tmp_path)
    names = ["two\nlines", "\nfirst", "tab\t", "ü", '"quoted"', " blank ", "-dash", "123"]
    when = history.commit(dict.fromkeys(names, "1"), name="/1 Ana\tB", email="")
    assert history.ages().changed == dict.fromkeys(names, when)


def test_below_the_root_paths_are_relative_and_others_are_left_out(tmp_path: Path) -> None:
    history = History(tmp_path)
    when = history.commit({"in/a": "1", "out": "1"})
    history.commit({"out": "2"})
    assert history.ages(root="in").changed == {"a": when}


def test_a_shallow_clone_knows_nothing_and_neither_does_a_repository_without_commits(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "empty").mkdir()
    History(tmp_path / "empty")
    assert GitAges(GitHistory.find(tmp_path / "empty")).at(("HEAD",), ()) == Ages({})
    history = History(tmp_path / "deep")
    history.commit({"a": "1"})
    history.commit({"a": "2"})
    history.git("clone", "--quiet", "--depth=1", f"file://{tmp_path / 'deep'}", str(tmp_path / "shallow"))
    cut = GitAges(GitHistory.find(tmp_path / "shallow"))
    shallow = cut.at(("HEAD",), ())
    assert shallow == Ages({}, known=False)
    assert cut.since("0" * 40, ("1" * 40,), ()) is None
    assert shallow.of("a") is None


# --- in a check ------------------------------------------------------------------------------------------------

FRESH = """\
apiVersion: tarmac/v1
kind: Policy
metadata: {name: fresh}
spec:
  severity: warning
  match: {kinds: [Component]}
  when: has(git.changed)
  require: now - timestamp(git.changed) <= days(90)
  message: not since {git.changed}
  tests:
    - name: new
      object: {apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: a}, spec: {type: b}}
      facts: {now: "2026-01-02T00:00:00Z", git: {changed: "2026-01-01T00:00:00Z"}}
      expect: pass
    - name: old
      object: {apiVersion: backstage.io/v1alpha1, kind: Component, metadata: {name: a}, spec: {type: b}}
      facts: {now: "2027-01-02T00:00:00Z", git: {changed: "2026-01-01T00:00:00Z"}}
      expect: fail
"""


def found(root: Path, now: datetime) -> list[Finding]:
    result = check(wire.source(root, None), READING, now, wire.history(root, None))
    return [finding for finding in result.findings if finding.rule in ("fresh", "unknown-age")]


def test_a_check_tells_what_is_old_from_the_second_on(tmp_path: Path) -> None:
    history = History(tmp_path)
    old = history.commit(company(**{"policies/fresh.yaml": FRESH}))
    history.commit({"catalog/shop/catalog-info.yaml": component("shop", "system: x")}, "x[bot]")
    history.commit({"catalog/new/catalog-info.yaml": component("new")})
    assert found(tmp_path, old + 90 * DAY) == []
    (finding,) = found(tmp_path, old + 90 * DAY + timedelta(seconds=1))
    assert (finding.entity, finding.message) == ("component:default/shop", "not since 2026-01-02T00:00:00Z")


def test_a_shallow_clone_is_said_once_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    history = History(tmp_path / "deep")
    second = FRESH.replace("name: fresh", "name: fresher")
    history.commit(company(**{"policies/fresh.yaml": FRESH, "policies/fresher.yaml": second}))
    history.commit({"catalog/new/catalog-info.yaml": component("new")})
    history.git("clone", "--quiet", "--depth=1", f"file://{tmp_path / 'deep'}", str(tmp_path / "cut"))
    (finding,) = found(tmp_path / "cut", FIRST + 900 * DAY)
    assert (finding.rule, finding.entity, str(finding.severity)) == ("unknown-age", "policy:default/fresh", "info")


def test_outside_git_nothing_is_known_and_nothing_is_said(tmp_path: Path) -> None:
    for path, content in company(**{"policies/fresh.yaml": FRESH}).items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content)
    assert found(tmp_path, FIRST + 900 * DAY) == []


def test_git_is_asked_only_where_a_rule_asks_and_hears_the_platforms_bots() -> None:
    asked: list[tuple[str, ...]] = []

    def history(bots: object) -> Ages:
        assert isinstance(bots, tuple)
        asked.append(bots)
        return Ages({})

    quiet = company(**{"policies/fresh.yaml": FRESH.replace("git.changed", "object.git.changed")})
    assert ages_for(catalog_of(quiet), history) is None
    assert asked == []
    platform = company()["policies/platform.yaml"] + "  bots: [renovate]\n"
    loud = company(**{"policies/fresh.yaml": FRESH, "policies/platform.yaml": platform})
    assert ages_for(catalog_of(loud), history) == Ages({})
    assert asked == [("renovate",)]
    assert ages_for(catalog_of(loud), None) is None
    for read in ("size(.git)", "'changed' in.git"):
        other = company(**{"policies/fresh.yaml": FRESH.replace("git.changed", read)})
        assert ages_for(catalog_of(other), history) == Ages({})


# --- what is kept, and changes -----------------------------------------------------------------------------------


def test_the_ages_of_one_commit_and_what_lies_between_tell_those_of_any_other(tmp_path: Path) -> None:
    random, history = Random(7), History(tmp_path)  # noqa: S311
    commits: list[str] = []
    (tmp_path / "in").mkdir()
    for step in range(24):
        if commits and random.random() < 0.4:
            history.git("checkout", "--quiet", "--detach", random.choice(commits))
        if len(commits) > 2 and random.random() < 0.3:
            other = random.choice(commits)
            with suppress(subprocess.CalledProcessError):
                history.git("merge", "--quiet", "--no-commit", "--no-ff", "-s", "ours", other)
        paths = random.sample(["in/a", "in/b", "in/\nc d*", "in/[e]", "out"], random.choice((1, 2)))
        history.commit({path: str(step) for path in paths}, random.choice(("Ana", "Ben", "Ops", "x[bot]")))
        commits.append(history.git("rev-parse", "HEAD"))
        # Time does not always go with history.
        history.days += random.choice((-5, 0, 3))
    for root in ("", "in"):
        git = GitAges(GitHistory.find(tmp_path / root))
        ages = {commit: git.at((commit,), ("ops",)) for commit in commits}
        assert all(found.commit == commit for commit, found in ages.items())
        for _ in range(40):
            start, *ends = random.choices(commits, k=random.choice((2, 2, 3)))
            later, there = git.since(start, ends, ("ops",)), git.at(ends, ("ops",))
            assert later is not None
            told = LaterAges(ages[start].of, later)
            files = {*ages[start].changed, *there.changed, *later.paths()}
            assert {path: told.of(path) for path in files} == {path: there.of(path) for path in files}
        both = git.at((commits[3], commits[-1]), ("ops",))
        sides = ages[commits[3]].changed, ages[commits[-1]].changed
        assert both.changed == {
            path: max(side[path] for side in sides if path in side) for path in {*sides[0], *sides[1]}
        }
        for tip in commits:
            line = history.git("rev-list", "--first-parent", "--reverse", tip).split()
            some = line[random.randrange(len(line)) :]
            assert [found.changed for found in git.along(some, ("ops",))] == [ages[one].changed for one in some]
        assert list(git.along([], ("ops",))) == []


def test_the_ages_along_a_line_are_one_walk_over_history(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.commit({"a": "1"})
    history.commit({"b": "1"}, "x[bot]")
    line = history.git("rev-list", "--reverse", "HEAD").split()
    first, second = GitAges(GitHistory.find(tmp_path)).along(line, ())
    assert first is second
    history.git("clone", "--quiet", "--depth=1", f"file://{tmp_path}", str(tmp_path / "shallow"))
    cut = GitAges(GitHistory.find(tmp_path / "shallow"))
    assert [found.known for found in cut.along(line, ())] == [False, False]


def test_a_commit_that_is_not_there_tells_nothing(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.commit({"a": "1"})
    git, head = GitAges(GitHistory.find(tmp_path)), history.git("rev-parse", "HEAD")
    for start in ("0" * 40, "", "HEAD", "--all", head[:39]):
        assert git.since(start, (head,), ()) is None


def test_many_files_of_another_branch_are_not_asked_for_one_by_one(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.commit({"a": "1"})
    first = history.git("rev-parse", "HEAD")
    history.commit({str(number): "1" for number in range(201)})
    git, second = GitAges(GitHistory.find(tmp_path)), history.git("rev-parse", "HEAD")
    assert git.since(second, (first,), ()) is None
    assert git.since(first, (second,), ()) is not None
    history.commit({"0": "2"})
    assert git.since(history.git("rev-parse", "HEAD"), (second,), ()) is not None


@pytest.mark.parametrize(
    ("seconds", "when"),
    [
        ("9" * 13, "9999-01-01"),
        ("9" * 30, "9999-01-01"),
        ("4102444800", "2100-01-01"),
        ("-5", "1970-01-01"),
        ("", "1970-01-01"),
        ("soon", "1970-01-01"),
    ],
)
def test_a_time_that_no_calendar_has_is_the_last_there_is_and_what_is_no_time_the_first(
    tmp_path: Path, seconds: str, when: str
) -> None:
    history = History(tmp_path)
    history.commit({"a": "1"})
    tree = history.git("rev-parse", "HEAD^{tree}")
    text = f"tree {tree}\nauthor A <a@b.c> 1 +0000\ncommitter A <a@b.c> {seconds} +0000\n\nx\n"
    made = subprocess.run(
        ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
        cwd=tmp_path,
        input=text,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    repository = GitHistory.find(tmp_path)
    assert repository.commit(made).committed_at.date().isoformat() == when
    assert GitAges(repository).at((made,), ()).changed["a"].date().isoformat() == when
    assert merged_at(repository, made, ["a"])["a"].date().isoformat() == when


FROZEN = FRESH.replace(
    "now - timestamp(git.changed) <= days(90)", "timestamp(git.changed) < timestamp('2026-01-04T00:00:00Z')"
)


def test_a_change_is_judged_by_its_own_history_cold_and_by_what_is_kept(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.commit({**company(**{"policies/fresh.yaml": FROZEN}), ".gitignore": ".tarmac/\n"})
    shop = (tmp_path / "catalog/shop/catalog-info.yaml").read_text()
    history.commit({"README.md": "a town\n"})
    history.git("checkout", "--quiet", "-b", "change")
    history.commit({"catalog/shop/catalog-info.yaml": "# looked at\n" + shop})
    history.commit({"catalog/shop/catalog-info.yaml": shop})
    reading, now = wire.reading(), FIRST + 20 * DAY
    git, cache = wire.trees(tmp_path), tmp_path / ".tarmac"
    said = []
    for opened in (None, wire.cache_reader(cache.parent, cache)):
        if opened is not None:
            source, name = wire.source(tmp_path, "main"), git.tree_name("main")
            check_and_keep(
                source, name, reading, now, wire.history(tmp_path, "main"), lambda one: wire.write_cache(cache, one)
            )
        change = change_of(git, "main", "change", None)
        said.append(check_change(git, change, reading, now, opened, wire.histories(tmp_path)))
    assert [finding.message for finding in said[0].findings] == ["not since 2026-01-05T00:00:00Z"]
    assert (said[1].findings, said[1].summary()) == (said[0].findings, said[0].summary())


def test_a_review_counts_ages_in_findings_and_scorecards_and_in_what_its_own_policies_say(tmp_path: Path) -> None:
    card = (
        "apiVersion: tarmac/v1\nkind: Scorecard\nmetadata: {name: care}\nspec:\n  appliesTo: {kinds: [Component]}\n"
        "  levels: [bronze]\n  rules:\n    - {name: seen, level: bronze, score: 'has(git.changed)'}\n"
    )
    more = {"policies/fresh.yaml": FRESH, "policies/care.yaml": card}
    history = History(tmp_path)
    history.commit(company(**more), "x[bot]")
    history.git("checkout", "--quiet", "-b", "change")
    shop = (tmp_path / "catalog/shop/catalog-info.yaml").read_text()
    history.commit({"catalog/shop/catalog-info.yaml": "# looked at\n" + shop})
    policy = FRESH.replace("days(90)", "days(300)")
    history.commit({"policies/fresh.yaml": policy})
    now = FIRST + 200 * DAY
    arguments = (wire.git(tmp_path), READING, "main", "change", now)
    told, untold = (review(*arguments, histories=one) for one in (wire.histories(tmp_path), None))
    assert [(finding.rule, finding.entity) for finding in told.new] == [("fresh", "component:default/shop")]
    assert [(str(move.entity), move.before, move.after) for move in told.moves] == [
        ("component:default/shop", None, "bronze")
    ]
    assert told.judged_by_itself is not None
    assert [finding.rule for finding in told.judged_by_itself.go] == ["fresh"]
    assert (untold.new, untold.moves) == ((), ())


def test_an_exemption_from_what_is_old_knows_that_it_is_needed(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.commit(company(**{"policies/fresh.yaml": FRESH}))
    wish = Wish("fresh", "component:shop", "it is looked at in spring", "2026-12-31", ("group:default/one",))
    arguments = (wire.source(tmp_path, None), READING, wish, wire.render_request, wire.append_document)
    taken = [draft(*arguments, FIRST + 200 * DAY, one).taken for one in (wire.history(tmp_path, None), None)]
    assert taken == [1, 0]


# --- in a replay ------------------------------------------------------------------------------------------------


def replayed(path: Path, policy: str, now: datetime) -> Replay:
    """The policy over all that the repository's main line holds; the platform lists Ops as a bot."""
    files = company(**{"policies/fresh.yaml": policy})
    files["policies/platform.yaml"] += "  bots: [ops]\n"
    return replay(Memory(files), wire.git(path), READING, "fresh", "main", 300 * DAY, now, wire.histories(path))


def told(found: Replay) -> list[tuple[str, list[str]]]:
    return [
        (f"{change.commit.committed_at:%m-%d}", [f"{one.entity} {one.message}" for one in change.findings])
        for change in found.against
    ]


STILL = FRESH.replace(
    "now - timestamp(git.changed) <= days(90)", "timestamp(git.changed) < timestamp('2026-01-06T00:00:00Z')"
)


def test_a_replay_asks_how_old_files_were_at_each_change(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.commit({"catalog/a.yaml": component("a"), "catalog/b.yaml": component("b")})
    history.commit({"catalog/a.yaml": "# once\n" + component("a")})
    history.commit({"catalog/a.yaml": "# twice\n" + component("a")}, "Ops")
    history.git("checkout", "--quiet", "-b", "side")
    # A branch that changes a file and changes it back: the tree is the same, its age is not.
    history.commit({"catalog/b.yaml": "# once\n" + component("b")})
    history.commit({"catalog/b.yaml": component("b")})
    history.git("checkout", "--quiet", "main")
    merge = history.record("merge", "--quiet", "--no-ff", "--message=merge", "side")
    history.commit({"README.md": "x"})
    late = history.commit({"catalog/a.yaml": component("a")})
    found = replayed(tmp_path, STILL, FIRST + 40 * DAY)
    assert told(found) == [
        (f"{late:%m-%d}", ["component:default/a not since 2026-01-09T00:00:00Z"]),
        (f"{merge:%m-%d}", ["component:default/b not since 2026-01-06T00:00:00Z"]),
    ]
    assert (found.commits, found.aged) == (5, True)


def test_a_replay_blames_no_change_for_time_that_passes(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.commit({"catalog/a.yaml": component("a")})
    history.days += 100
    history.commit({"catalog/b.yaml": component("b")})
    assert told(replayed(tmp_path, FRESH, FIRST + 200 * DAY)) == []
    frozen = FRESH.replace("days(90)", "days(90) || object.metadata.name == 'a' || has(object.metadata.x)")
    assert told(replayed(tmp_path, frozen, FIRST + 200 * DAY)) == []


def test_git_is_asked_for_a_replay_only_where_the_policy_reads_ages(tmp_path: Path) -> None:
    history = History(tmp_path)
    history.commit({"catalog/a.yaml": component("a")})
    history.commit({"catalog/b.yaml": component("b")})
    history.commit({"catalog/c.yaml": component("c")})
    history.git("clone", "--quiet", "--depth=2", f"file://{tmp_path}", str(tmp_path / "cut"))
    history.git("clone", "--quiet", f"file://{tmp_path}", str(tmp_path / "whole"))
    quiet = FRESH.replace("git.changed", "object.metadata.name")
    for clone, policy, aged in (("cut", FRESH, False), ("cut", quiet, True), ("whole", FRESH, True)):
        assert replayed(tmp_path / clone, policy, FIRST + 40 * DAY).aged is aged
    text = policy_text.replay(replayed(tmp_path / "cut", FRESH, FIRST + 40 * DAY))
    assert "It asks how old files were, which a shallow clone does not tell" in text
