"""A plan with nothing to do is kept and told again, to the byte, until something that it rests on is another."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tarmac.adapters.clock import FixedClock
from tarmac.adapters.plan_cache import PlanCache
from tarmac.app import wire
from tarmac.app.kept_plan import kept_plan, plan_to_keep
from tarmac.cli.main import tarmac
from tarmac.errors import ProviderError, UsageError
from tarmac.model.frozen import replace
from tarmac.model.ledger import Head
from tarmac.planning.kept import Ground
from tarmac.providers.base import Mark, Provider
from tests.planning.worlds import DAY, NOW, OURS
from tests.reconcile.company import Company
from tests.reconcile.keeping import LATE, Keeping

TICK = timedelta(microseconds=1)
AGAIN = "Kept: told again while nothing changes"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where a company is whose two requests, for good and for a week, are made real."""
    folder = tmp_path_factory.mktemp("founded")
    made = Keeping.found(folder)
    made.company.ask("lasting", environment="production")
    made.company.ask("passing")
    made.company.commit()
    made.company.reconcile()
    return folder


@pytest.fixture
def keeping(founded: Path, tmp_path: Path) -> Keeping:
    """A copy of it, whose files are new."""
    shutil.copytree(founded, tmp_path, dirs_exist_ok=True, copy_function=shutil.copy)
    return Keeping(Company(tmp_path / "repository", tmp_path / "instances"), tmp_path / "cache")


def test_a_kept_plan_is_told_to_the_byte(keeping: Keeping) -> None:
    assert keeping.keep() == f"{AGAIN}, at the latest until 2026-12-08T06:00:00Z."
    later = NOW + 3 * DAY
    assert keeping.same()
    assert keeping.same(later)
    for more in ((), ("--format", "json")):
        assert keeping.told(*more, now=later) == keeping.told(*more, "--no-cache", now=later)
    assert keeping.told(now=later).endswith("Nothing to do: 2 unchanged.\n")


def test_the_command_keeps_it_and_tells_it_again_and_changes_nothing_else(keeping: Keeping, tmp_path: Path) -> None:
    def word(*more: str) -> str:
        usual = ["--root", str(keeping.company.root), "--instances", str(keeping.company.instances)]
        run = CliRunner().invoke(tarmac, ["plan", *usual, "--now", "2026-12-01T06:00:00Z", *more])
        assert run.exit_code == 0, run.output
        return run.stderr

    keep = ("--write-cache", "--cache", str(keeping.folder))
    late = "instances of provider embedded changed within the last 2 seconds: write it again"
    assert word(*keep) == f"Not kept: {late}.\n"
    assert not keeping.folder.exists()
    keeping.keep()
    forged = PlanCache(keeping.folder).read()
    assert forged is not None
    # That it is told, and not made, shows where it says what is not so.
    PlanCache(keeping.folder).write(replace(forged, notes=("it was kept",)))
    assert "Note: it was kept\n" in keeping.told()
    assert "it was kept" not in keeping.told("--no-cache") + keeping.told(folder=False)
    assert "it was kept" not in keeping.told("--rotate", "lasting") + keeping.told("--write-cache")
    saved = tmp_path / "plan.json"
    assert word("--cache", str(keeping.folder), "--out", str(saved)).startswith("Saved: ")
    assert saved.read_text() == keeping.told("--format", "json", "--no-cache")


def test_its_usual_place_is_below_the_root_unless_git_keeps_something_there(keeping: Keeping) -> None:
    kept = keeping.company.root / ".tarmac" / "cache"
    sources = replace(wire.kept_plans(keeping.company.root, None, keeping.company.instances), clock=FixedClock(LATE))
    assert keeping.keep(sources=sources).startswith(AGAIN)
    (file,) = kept.iterdir()
    assert kept_plan(sources, "HEAD", NOW) is not None
    keeping.company.write(".tarmac/notes", "")
    keeping.company.git("add", "--force", ".tarmac/notes")
    keeping.company.git("commit", "-qm", "a folder of ours")
    assert keeping.keep(sources=sources).startswith(AGAIN)
    assert kept_plan(sources, "HEAD", NOW) is None
    # Whoever names the place says that it is his.
    shutil.copytree(kept, keeping.folder)
    assert (keeping.folder / file.name).is_file()
    assert keeping.kept() is not None


def _record(keeping: Keeping, name: str) -> Path:
    provider = wire.providers(keeping.company.root, keeping.company.instances)("embedded", OURS)
    (uid,) = (there.uid for there in provider.list_instances() if there.tags and there.tags.reference.endswith(name))
    return keeping.company.instances / uid / "instance.json"


def _write(path: Path, before: str, after: str) -> None:
    path.write_text(path.read_text().replace(before, after))


def _ledger(keeping: Keeping) -> None:
    company = keeping.company
    head = company.git("rev-parse", "tarmac/ledger")
    tree = company.git("rev-parse", "tarmac/ledger^{tree}")
    company.git("update-ref", "refs/heads/tarmac/ledger", company.git("commit-tree", tree, "-p", head, "-m", "moved"))


def _ask(keeping: Keeping) -> None:
    keeping.company.ask("more")
    keeping.company.commit()


CHANGES: dict[str, Callable[[Keeping], object]] = {
    "a commit": lambda it: it.company.commit(),
    "a request": _ask,
    "the ledger": _ledger,
    "no ledger": lambda it: it.company.git("branch", "-qD", "tarmac/ledger"),
    "an instance": lambda it: _write(_record(it, "lasting"), "small", "large"),
    "tags that cannot be read": lambda it: _record(it, "lasting").write_text("{}"),
    "an instance less": lambda it: shutil.rmtree(_record(it, "lasting").parent),
    "an instance more": lambda it: shutil.copytree(
        _record(it, "lasting").parent, it.company.instances / "00000000-0000-0000-0000-000000000000"
    ),
    "no instance": lambda it: shutil.rmtree(it.company.instances),
    "a link to the folder": lambda it: (
        it.company.instances.rename(it.folder.with_name("elsewhere"))
        .parent.joinpath("instances")
        .symlink_to("elsewhere")
    ),
    "no plan": lambda it: shutil.rmtree(it.folder),
    "another file": lambda it: [file.write_text("{}\n{}") for file in it.folder.iterdir()],
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_it_rests_on_is_looked_at(keeping: Keeping, change: str) -> None:
    keeping.keep()
    assert keeping.same()
    CHANGES[change](keeping)
    assert not keeping.same()
    for more in ((), ("--format", "json")):
        assert keeping.told(*more) == keeping.told(*more, "--no-cache")


def test_what_changes_nothing_leaves_it_standing(keeping: Keeping) -> None:
    keeping.keep()
    keeping.company.ask("not-committed")
    keeping.company.git("checkout", "-qb", "another")
    (keeping.company.instances / "notes.txt").write_text("no instance")
    assert keeping.same()
    assert "(branch another)" in keeping.told()
    assert keeping.told() == keeping.told("--no-cache")
    assert keeping.told("--rev", "main") == keeping.told("--rev", "main", "--no-cache")


def test_another_root_of_the_repository_is_another_plan(keeping: Keeping) -> None:
    keeping.keep()
    below = keeping.company.root / "below"
    below.mkdir()
    sources = wire.kept_plans(below, keeping.folder, keeping.company.instances)
    assert sources.git.root_at("HEAD") == (keeping.company.git("rev-parse", "HEAD"), "below/")
    assert kept_plan(sources, "HEAD", NOW) is None


def test_time_ends_it_and_what_was_before_is_not_known(keeping: Keeping) -> None:
    keeping.keep(NOW + DAY)
    end = NOW + 7 * DAY
    for now, held in ((NOW, False), (NOW + DAY - TICK, False), (NOW + DAY, True), (end - TICK, True), (end, False)):
        assert keeping.same(now) is held
    assert '"none": 2' in keeping.told("--format", "json", now=end - TICK)
    assert '"expire": 1' in keeping.told("--format", "json", now=end)


LAWS = """\
apiVersion: tarmac/v1
kind: Policy
metadata: {name: law}
spec: {severity: warning, match: {kinds: [ResourceRequest]}, require: "%s", message: no}
"""
EXEMPTION = """\
---
apiVersion: tarmac/v1
kind: Exemption
metadata: {name: for-now}
spec: {rule: law, select: {kind: ResourceRequest, atMost: 5}, owner: group:default/platform,
       approvers: [group:default/platform], reason: a test, expires: "%s"}
"""
LEAVE = """\
apiVersion: tarmac/v1
kind: DeletionApproval
metadata: {name: leave}
spec: {requests: ["requests/**"], expires: "%s", reason: a test, approvers: [group:default/platform]}
"""
ENDS: dict[str, tuple[str, str | None]] = {
    "a policy that waits for a day": (LAWS % "!past('2026-12-03')", "2026-12-04T00:00:00Z"),
    "a policy that has waited": (LAWS % "past('2026-11-03')", "2026-12-08T06:00:00Z"),
    "a policy of an age": (LAWS % "now - timestamp('2026-11-30T00:00:00Z') <= days(3)", "2026-12-03T00:00:00Z"),
    "an exemption that ends": (LAWS % "false" + EXEMPTION % "2026-12-04", "2026-12-05T00:00:00Z"),
    "an exemption to come": (LAWS % "false" + EXEMPTION % "2027-06-01", "2026-12-04T00:00:00Z"),
    "an exemption for longer": (LAWS % "false" + EXEMPTION % "2027-03-01", "2026-12-08T06:00:00Z"),
    "leave to remove": (LEAVE % "2026-12-02", "2026-12-03T00:00:00Z"),
    "a policy that reads the time": (LAWS % "string(now) != ''", None),
}


@pytest.mark.parametrize("case", ENDS)
def test_each_reader_of_the_time_ends_it_when_it_would_say_something_else(keeping: Keeping, case: str) -> None:
    text, end = ENDS[case]
    keeping.company.write("policies/law.yaml", text)
    keeping.company.commit()
    if end is None:
        said = "it is of 2026-12-01T06:00:00Z and of no other instant, as a rule or policy reads the time itself"
        assert keeping.keep() == f"Not kept: {said}."
        assert not keeping.same()
        return
    assert keeping.keep() == f"{AGAIN}, at the latest until {end}."
    last = datetime.fromisoformat(end)
    assert keeping.same()
    assert keeping.same(last - TICK)
    assert not keeping.same(last)


def test_nothing_that_does_something_or_waits_is_kept(keeping: Keeping) -> None:
    word = "Not kept: only a plan with nothing to do or to decide is."
    keeping.company.ask("more")
    keeping.company.commit()
    assert keeping.keep() == word
    keeping.company.reconcile()
    assert keeping.keep().startswith(AGAIN)
    keeping.company.ask("more", config="size: enormous")
    keeping.company.commit()
    assert keeping.keep() == word
    assert not keeping.same()


def test_of_a_company_that_asks_for_nothing_it_is_kept_for_good(tmp_path: Path) -> None:
    made = Keeping.found(tmp_path)
    assert made.keep() == f"{AGAIN}."
    assert made.same()
    assert made.same(NOW + 900 * DAY)
    made.company.ask("one")
    made.company.commit()
    assert not made.same()


def test_of_a_clone_that_lacks_history_nothing_is_kept_or_told(keeping: Keeping, tmp_path: Path) -> None:
    keeping.company.commit()
    keeping.keep()
    # As a fetch of one commit leaves it.
    (keeping.company.root / ".git" / "shallow").write_text(keeping.company.git("rev-parse", "HEAD") + "\n")
    assert keeping.kept() is None
    said = keeping.keep()
    assert said == "Not kept: the clone lacks history, and might tell more with it (fetch-depth: 0)."


@dataclass
class Unmarked:
    """A provider that does not know its instances by a mark."""

    inside: Provider

    def __getattr__(self, name: str) -> object:
        if name == "mark":
            raise AttributeError
        return getattr(self.inside, name)


class Refusing(Unmarked):
    """A provider whose mark cannot be had."""

    def mark(self) -> Mark:
        raise ProviderError("the disk is away", transient=True)


@pytest.mark.parametrize("kind", [Unmarked, Refusing])
def test_a_provider_that_has_to_list_is_asked_each_time(keeping: Keeping, kind: type[Unmarked]) -> None:
    usual = keeping.sources().providers

    def opener(name: str, platform: str) -> Provider:
        return kind(usual(name, platform))  # type: ignore[return-value]  # what it lacks comes from inside

    said = keeping.keep(opener=opener)
    assert said == "Not kept: whether instances of provider embedded changed is only told by listing them."
    keeping.keep()
    assert kept_plan(replace(keeping.sources(), providers=opener), "HEAD", NOW) is None
    assert keeping.kept() is not None


def test_what_changes_while_it_is_made_is_noticed_the_next_time(keeping: Keeping) -> None:
    class Listing(Unmarked):
        """A record is written again behind its mark, and before it is listed."""

        def mark(self) -> Mark:
            found: Mark = self.inside.mark()  # type: ignore[attr-defined]
            _write(_record(keeping, "lasting"), "CC-1", "CC-1")
            return found

    usual = keeping.sources().providers

    def opener(name: str, platform: str) -> Provider:
        return Listing(usual(name, platform))  # type: ignore[return-value]  # what it lacks comes from inside

    assert keeping.keep(opener=opener).startswith(AGAIN)
    assert keeping.kept() is None


class Elsewhere:
    """git, as if the branch had been at another commit."""

    def root_at(self, revision: str) -> tuple[str, str]:
        return "c0ffee", ""


def test_a_branch_or_ledger_that_moves_meanwhile_is_not_vouched_for(keeping: Keeping) -> None:
    word = "Not kept: the branch or the ledger moved on meanwhile: run again."
    sources = keeping.sources()
    assert keeping.keep(sources=replace(sources, git=Elsewhere())) == word

    class Late:
        """The ledger, which moves on behind the first look at it."""

        def head(self) -> Head:
            found = sources.ledger.head()
            _ledger(keeping)
            return found

        def __getattr__(self, name: str) -> object:
            return getattr(sources.ledger, name)

    assert plan_to_keep(replace(keeping.company.deps(), ledger=Late()), sources, "HEAD", NOW)[1] == word

    def opener(name: str, platform: str) -> Provider:
        _ledger(keeping)
        return sources.providers(name, platform)

    # What moves behind the last look at it is another one the next time.
    assert keeping.keep(opener=opener).startswith(AGAIN)
    assert keeping.kept() is None


def test_a_kept_plan_never_acts(keeping: Keeping) -> None:
    keeping.keep()
    kept = PlanCache(keeping.folder).read()
    assert kept is not None
    keeping.company.ask("more")
    keeping.company.commit()
    commit = keeping.company.git("rev-parse", "HEAD")
    ground = replace(kept.ground, commit=commit)
    document = kept.document.replace(kept.ground.commit, commit)
    lie = replace(kept, ground=ground, plan=replace(kept.plan, base=commit), document=document)
    PlanCache(keeping.folder).write(lie)
    # Whoever writes there can hide what is to do, as is said where it is described ...
    assert json.loads(keeping.told("--format", "json"))["summary"] == {"none": 2}
    # ... and it is done nevertheless.
    usual = ["--root", str(keeping.company.root), "--instances", str(keeping.company.instances)]
    run = CliRunner().invoke(tarmac, ["reconcile", *usual, "--apply", "--now", "2026-12-01T06:00:00Z"])
    assert run.exit_code == 0, run.output
    assert keeping.company.references() == ["lasting", "more", "passing"]


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (("--no-cache", "--cache", "x"), "--no-cache goes with no other word about a cache"),
        (("--no-cache", "--write-cache"), "--no-cache goes with no other word about a cache"),
        (("--write-cache", "--rotate", "lasting"), "leave out --rotate and --proofs"),
        (("--write-cache", "--proofs", "github"), "leave out --rotate and --proofs"),
    ],
)
def test_what_cannot_be_asked_together_is_refused(keeping: Keeping, more: tuple[str, ...], word: str) -> None:
    command = ["plan", "--root", str(keeping.company.root), *more]
    with pytest.raises(UsageError, match=word):
        CliRunner().invoke(tarmac, command, standalone_mode=False, catch_exceptions=False)


def test_wrong_usage_is_told_as_without_a_kept_plan(keeping: Keeping) -> None:
    keeping.keep()

    def fault(*more: str) -> str:
        usual = ["--root", str(keeping.company.root), "--instances", str(keeping.company.instances)]
        command = ["plan", *usual, "--now", "2026-12-01T06:00:00Z", *more]
        run = CliRunner().invoke(tarmac, command, standalone_mode=False)
        return f"{type(run.exception).__name__}: {run.exception}"

    for wrong in (("--rev", "nowhere"), ("--remote", "nowhere"), ("--providers", "nowhere.yaml")):
        assert fault(*wrong, "--cache", str(keeping.folder)) == fault(*wrong, "--no-cache") != "NoneType: None"


def test_the_ground_is_each_of_its_parts(keeping: Keeping) -> None:
    keeping.keep()
    cache = PlanCache(keeping.folder)
    kept = cache.read()
    assert kept is not None
    assert kept.ground == Ground(
        keeping.company.git("rev-parse", "HEAD"), "", keeping.company.git("rev-parse", "tarmac/ledger"),
        kept.ground.marks,
    )  # fmt: skip
    assert list(kept.ground.marks) == ["embedded"]
    for other in ({"prefix": "below/"}, {"ledger": None}, {"marks": {"embedded": "1"}}, {"marks": {"nobody": "1"}}):
        cache.write(replace(kept, ground=replace(kept.ground, **other)))
        assert keeping.kept() is None
    cache.write(kept)
    assert keeping.kept() == kept
