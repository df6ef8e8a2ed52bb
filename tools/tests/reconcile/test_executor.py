"""The executor: tries again with rests, in parallel as far as a provider bears it, in order, alone on its ledger."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from tarmac.adapters.clock import FixedClock
from tarmac.adapters.clone_lock import clone_name, only_run
from tarmac.app import wire
from tarmac.app.attempts import Workers
from tarmac.app.deps import Pace
from tarmac.app.executor import LEASE, Executed, execute
from tarmac.app.ledger import log, release, verify
from tarmac.app.steps import Job
from tarmac.cli.main import tarmac
from tarmac.errors import LedgerConflict, ProviderError, UsageError
from tarmac.model.frozen import replace
from tarmac.model.ledger import Lease
from tarmac.model.plan import Outcome, Result
from tarmac.providers.base import Capabilities, Provider
from tests.planning.worlds import NOW
from tests.reconcile.company import Company
from tests.reconcile.test_reconcile import Wrapped, nothing, with_provider


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company.found(tmp_path)


def never() -> bool:
    return False


def deaf(outcome: Outcome) -> None:
    """Nobody listens."""


def run(
    company: Company,
    wrap: Callable[[Provider], Provider],
    pace: Pace | None = None,
    stop: Callable[[], bool] = never,
) -> Executed:
    planned = company.plan()
    job = Job(planned.plan, planned.desired, planned.states, planned.head, planned.platform, NOW)
    providers = {name: wrap(provider) for name, provider in planned.providers.items()}
    return execute(job, providers, company.deps().ledger, stop, deaf, pace)


def failing(times: int, *, transient: bool = True) -> Callable[[str, str], None]:
    """Fails so often, then no more."""
    left = [times]

    def before(verb: str, what: str) -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise ProviderError("busy", transient=transient)

    return before


def test_what_fails_for_now_is_tried_again_after_growing_random_rests(company: Company) -> None:
    company.ask("one")
    company.commit()
    rests: list[float] = []
    pace = Pace(tries=5, first=0.125, longest=0.4, sleep=rests.append, chance=lambda: 0.5)
    before = failing(3)
    ended = run(company, lambda inside: Wrapped(inside, before, nothing), pace)
    assert [outcome.result for outcome in ended.outcomes] == [Result.DONE]
    # Half of 0.125, of 0.25, and of 0.5, which is more than the longest.
    assert rests == [0.0625, 0.125, 0.2]
    _, records = log(company.deps().ledger, intents=False)
    assert [record.entry.tries for record in records] == [4]


@pytest.mark.parametrize(("transient", "tried"), [(True, 3), (False, 1)])
def test_it_gives_up_after_so_many_tries_and_at_once_where_trying_cannot_help(
    company: Company, transient: bool, tried: int
) -> None:
    company.ask("one")
    company.commit()
    before = failing(9, transient=transient)
    ended = run(company, lambda inside: Wrapped(inside, before, nothing), Pace(tries=3))
    (outcome,) = ended.outcomes
    assert (outcome.result, outcome.transient) == (Result.FAILED, transient)
    _, records = log(company.deps().ledger, intents=False)
    assert [(record.entry.tries, record.entry.message) for record in records] == [(tried, "busy")]


def test_asked_to_stop_it_rests_no_longer_and_tries_no_more(company: Company) -> None:
    company.ask("one")
    company.commit()
    asked: list[float] = []
    tried: list[str] = []

    def before(verb: str, what: str) -> None:
        tried.append(what)
        raise ProviderError("busy", transient=True)

    pace = Pace(tries=9, first=60.0, longest=60.0, sleep=asked.append)
    ended = run(company, lambda inside: Wrapped(inside, before, nothing), pace, lambda: bool(asked))
    assert (len(tried), asked) == (1, [0.25])
    assert [outcome.result for outcome in ended.outcomes] == [Result.FAILED]


class Wide(Wrapped):
    """May be asked so much at once."""

    width = 3

    @property
    def capabilities(self) -> Capabilities:
        return replace(super().capabilities, parallel=self.width)


@pytest.mark.parametrize("width", [1, 3])
def test_no_more_at_once_than_the_provider_bears_and_as_many(company: Company, width: int) -> None:
    for number in range(6):
        company.ask(f"db-{number}")
    company.commit()
    lock, meet = threading.Lock(), threading.Barrier(width)
    at_once, most = [0], [0]

    def before(verb: str, what: str) -> None:
        with lock:
            at_once[0] += 1
            most[0] = max(most[0], at_once[0])
        # Passes only when as many are there as may be.
        meet.wait(timeout=20)

    def after(verb: str, what: str) -> None:
        with lock:
            at_once[0] -= 1

    def wrap(inside: Provider) -> Provider:
        wide = Wide(inside, before, after)
        wide.width = width
        return wide

    assert {outcome.result for outcome in run(company, wrap).outcomes} == {Result.DONE}
    assert most == [width]
    assert verify(company.deps().ledger)[1] == ()


def asks(company: Company, name: str, *needs: str, kind: str = "postgres") -> None:
    company.ask(name, kind)
    path = company.root / company.path(name)
    listed = ", ".join(f"resourcerequest:default/{need}" for need in needs)
    path.write_text(path.read_text("utf-8").replace("  reason:", f"  dependsOn: [{listed}]\n  reason:"), "utf-8")


def test_what_others_need_is_made_before_them_and_removed_after_them(company: Company) -> None:
    asks(company, "a-top", "b-middle")
    asks(company, "b-middle", "c-base", kind="bucket")
    asks(company, "c-base", kind="queue")
    company.ask("other", "queue")
    company.commit()
    seen: list[str] = []
    run(company, lambda inside: Wrapped(inside, nothing, lambda verb, what: seen.append(what.rpartition("/")[2])))
    assert [name for name in seen if name != "other"] == ["c-base", "b-middle", "a-top"]
    names = {state.subject.uid: state.subject.request.rpartition("/")[2] for state in company.plan().states.values()}
    for name in ("a-top", "b-middle", "c-base"):
        company.withdraw(name)
    company.commit()
    gone: list[str] = []
    run(company, lambda inside: Wrapped(inside, nothing, lambda verb, what: gone.append(names[what])))
    assert gone == ["a-top", "b-middle", "c-base"]
    assert company.references() == ["other"]


def test_what_depends_on_a_failure_is_not_begun_and_comes_in_the_next_run(company: Company) -> None:
    asks(company, "app", "db")
    asks(company, "db")
    company.ask("other")
    company.commit()

    def before(verb: str, what: str) -> None:
        if what.endswith("/db"):
            raise ProviderError("busy", transient=True)

    ended = run(company, lambda inside: Wrapped(inside, before, nothing))
    said = {(outcome.action.request or "").rpartition("/")[2]: outcome for outcome in ended.outcomes}
    assert {name: str(outcome.result) for name, outcome in said.items()} == {
        "app": "skipped",
        "db": "failed",
        "other": "done",
    }
    assert said["app"].message == "db, which comes first, did not end well"
    assert not ended.stopped
    run(company, lambda inside: inside)
    assert company.references() == ["app", "db", "other"]


def test_while_a_run_acts_the_ledger_says_so_and_no_longer(company: Company) -> None:
    company.ask("one")
    company.commit()
    ledger = company.deps().ledger
    seen: list[Lease | None] = []
    deps = with_provider(
        company, lambda inside: Wrapped(inside, lambda verb, what: seen.append(ledger.lease(ledger.head())), nothing)
    )
    company.reconcile(deps=replace(deps, holder="this-clone"))
    (lease,) = seen
    assert lease is not None
    assert (lease.holder, lease.since, lease.until) == ("this-clone", NOW, NOW + LEASE)
    assert ledger.lease(ledger.head()) is None
    assert verify(ledger)[1] == ()


def leased(company: Company, holder: str, since: datetime) -> None:
    """As a run leaves the ledger that was killed."""
    ledger = company.deps().ledger
    ledger.renew(ledger.head(), Lease("a-run", holder, since, since + LEASE))


@pytest.mark.parametrize(
    ("holder", "ago", "free"),
    [
        ("elsewhere", timedelta(0), False),
        ("elsewhere", LEASE - timedelta(seconds=1), False),
        ("elsewhere", LEASE, True),
        ("here", timedelta(0), True),
    ],
)
def test_a_lease_keeps_others_out_until_it_ends_and_its_own_clone_never(
    company: Company, holder: str, ago: timedelta, free: bool
) -> None:
    company.ask("one")
    company.commit()
    company.reconcile()
    company.ask("two")
    company.commit()
    leased(company, holder, NOW - ago)
    deps = replace(company.deps(), holder="here", clock=FixedClock(NOW))
    if free:
        company.reconcile(deps=deps)
        assert company.references() == ["one", "two"]
        assert deps.ledger.lease(deps.ledger.head()) is None
    else:
        with pytest.raises(LedgerConflict, match="run a-run is at work elsewhere since 2026-12-01T0"):
            company.reconcile(deps=deps)
        assert company.references() == ["one"]


def test_a_lease_at_a_remote_is_taken_away_there_by_the_command_that_is_told(company: Company, tmp_path: Path) -> None:
    company.git("init", "-q", "--bare", str(tmp_path / "hub.git"))
    company.git("remote", "add", "hub", f"file://{tmp_path / 'hub.git'}")
    company.ask("one")
    company.commit()
    deps = replace(company.deps("hub"), holder="here", clock=FixedClock(NOW))
    company.reconcile(deps=deps)
    deps.ledger.renew(deps.ledger.head(), Lease("a-run", "elsewhere", NOW, NOW + LEASE))
    with pytest.raises(LedgerConflict) as caught:
        company.reconcile(deps=deps)
    told = str(caught.value).rpartition("need not wait: tarmac ")[2].split()
    assert told == ["ledger", "release", "a-run", "--remote", "hub"]
    assert CliRunner().invoke(tarmac, [*told, "--root", str(company.root)]).exit_code == 0
    company.reconcile(deps=deps)
    assert deps.ledger.lease(deps.ledger.head()) is None


def test_a_lease_from_the_future_is_said_and_whoever_knows_that_its_run_is_dead_takes_it_away(company: Company) -> None:
    company.ask("one")
    company.commit()
    company.reconcile()
    company.ask("two")
    company.commit()
    leased(company, "elsewhere", NOW + timedelta(days=900))
    deps = replace(company.deps(), holder="here", clock=FixedClock(NOW))
    with pytest.raises(LedgerConflict, match=r"ahead of this one .* tarmac ledger release a-run"):
        company.reconcile(deps=deps)
    ledger = wire.own_ledger(company.root)
    with pytest.raises(UsageError, match="run other does not have the ledger's lease: run a-run has it"):
        release(ledger, "other")
    done = CliRunner().invoke(tarmac, ["ledger", "release", "a-run", "--root", str(company.root)])
    assert done.exit_code == 0
    assert (
        done.output
        == "Run a-run no longer has the ledger's lease, which it would have had until 2029-05-19T06:15:00Z.\n"
    )
    with pytest.raises(UsageError, match="nobody has the ledger's lease"):
        release(ledger, "a-run")
    company.reconcile(deps=deps)
    assert company.references() == ["one", "two"]
    assert verify(ledger)[1] == ()


def test_a_lease_is_not_taken_from_a_run_that_writes_meanwhile(company: Company) -> None:
    company.ask("one")
    company.commit()
    company.reconcile()
    leased(company, "elsewhere", NOW)
    ledger = wire.own_ledger(company.root)
    before = ledger.head()
    leased(company, "elsewhere", NOW + timedelta(minutes=5))
    with pytest.raises(LedgerConflict):
        ledger.release(before, "a-run")


def test_one_run_at_a_time_in_a_clone_and_the_next_after_it(company: Company) -> None:
    with only_run(company.root), pytest.raises(LedgerConflict, match="in this clone"), only_run(company.root):
        pass
    with only_run(company.root):
        pass


def test_clones_have_names_of_their_own(company: Company, tmp_path: Path) -> None:
    other = tmp_path / "other"
    company.git("clone", "-q", str(company.root), str(other))
    assert clone_name(company.root) == clone_name(company.root)
    assert clone_name(company.root) != clone_name(other)


def test_a_step_that_takes_long_renews_the_lease(company: Company) -> None:
    company.ask("one")
    company.commit()
    ledger = company.deps().ledger
    head = ledger.append(ledger.head(), "first", 1, [])
    lease = Lease("first", "here", NOW, NOW + LEASE)
    head = ledger.renew(head, lease)
    later = replace(lease, until=NOW + 2 * LEASE)
    head = ledger.renew(head, later)
    assert ledger.lease(head) == later
    assert (head.entries, ledger.verify(head)) == (0, ())


def test_a_defect_of_a_provider_does_not_lose_what_the_others_did(company: Company) -> None:
    for name in ("one", "three", "two"):
        company.ask(name)
    company.commit()

    def broken(verb: str, what: str) -> None:
        if what.endswith("/two"):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(company, lambda inside: Wrapped(inside, broken, nothing))
    _, records = log(company.deps().ledger, intents=False)
    done = {record.entry.subject.request.rpartition("/")[2]: record.entry.result for record in records}
    assert done == {"one": "done", "three": "done"}
    run(company, lambda inside: inside)
    assert company.references() == ["one", "three", "two"]


def test_a_pace_allows_at_least_one_try(company: Company) -> None:
    planned = company.plan()
    job = Job(planned.plan, planned.desired, planned.states, planned.head, planned.platform, NOW)
    nobody: Mapping[str, Provider] = {}
    with Workers(job, nobody, never, Pace()) as workers:
        assert isinstance(workers, Workers)
    assert [Pace(tries=3, first=1.0, longest=3.0).pause(again) for again in (1, 2, 3)] == [1.0, 2.0, 3.0]
