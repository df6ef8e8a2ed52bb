"""From a commit to instances on the disk and back, with git, the ledger and the embedded provider as they are."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import pytest

from tarmac.app.executor import execute
from tarmac.app.ledger import log, show, verify
from tarmac.app.plan import Deps
from tarmac.app.reconcile import reconcile
from tarmac.app.steps import Job
from tarmac.errors import ConfigurationError, LedgerConflict, ProviderError, UsageError
from tarmac.model.frozen import replace
from tarmac.model.ledger import Head, Lease, LedgerEntry, Phase
from tarmac.model.plan import Desired, Observation, Result
from tarmac.providers.base import Capabilities, Health, Provider
from tests.planning.worlds import DAY, NOW, OURS, THEIRS
from tests.reconcile.company import PLATFORM, Company


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company.found(tmp_path)


def summary(company: Company, now: datetime = NOW) -> dict[str, int]:
    return dict(company.plan(now).plan.summary)


def test_the_whole_life_of_a_request(company: Company) -> None:
    company.ask("orders-db")
    company.commit()
    assert summary(company) == {"create": 1}
    company.reconcile()
    assert summary(company) == {"none": 1}
    assert company.references() == ["orders-db"]
    company.ask("orders-db", config="size: large")
    company.commit()
    assert summary(company) == {"update": 1}
    company.reconcile()
    assert summary(company, NOW + 7 * DAY) == {"expire": 1}
    company.reconcile(NOW + 7 * DAY)
    assert summary(company, NOW + 7 * DAY) == {"none": 1}
    assert company.references() == []
    company.withdraw("orders-db")
    company.commit()
    assert summary(company, NOW + 8 * DAY) == {}
    _, records = log(company.deps().ledger, intents=False)
    assert [(record.entry.action, record.entry.result) for record in records] == [
        ("create", "done"),
        ("update", "done"),
        ("expire", "done"),
    ]
    assert verify(company.deps().ledger)[1] == ()


def test_a_plan_changes_nothing_at_all(company: Company) -> None:
    company.ask("orders-db")
    company.commit()
    before = company.git("for-each-ref")
    company.plan()
    assert not company.instances.exists()
    assert company.git("for-each-ref") == before
    assert company.git("status", "--porcelain") == ""


def test_what_is_not_committed_is_not_seen(company: Company) -> None:
    company.ask("orders-db")
    assert summary(company) == {}


def test_an_immutable_change_is_replaced_under_a_new_uid(company: Company) -> None:
    company.ask("orders-db")
    company.commit()
    company.reconcile()
    company.ask("orders-db", config="encrypted: false")
    company.commit()
    assert summary(company) == {"replace": 1}
    company.reconcile()
    assert summary(company) == {"none": 1}
    assert company.references() == ["orders-db"]
    story = show(company.deps().ledger, "orders-db")
    assert [(state.phase, state.subject.life) for state in story.states] == [(Phase.READY, 2)]


def test_a_request_with_errors_is_held_and_the_others_go_on(company: Company) -> None:
    company.ask("bad", config="size: enormous")
    company.ask("good")
    company.commit()
    planned = company.plan()
    held = next(action for action in planned.plan.actions if action.verb == "hold")
    assert held.reason.startswith("requests/platform/development/bad.yaml:9:")
    company.reconcile()
    assert company.references() == ["good"]


def test_a_file_that_cannot_be_read_deletes_nothing(company: Company) -> None:
    company.ask("orders-db")
    company.ask("other")
    company.commit()
    company.reconcile()
    company.write(company.path("orders-db"), "apiVersion: [\n")
    company.withdraw("other")
    company.commit()
    assert summary(company) == {"hold": 2}
    company.reconcile()
    assert company.references() == ["orders-db", "other"]


def test_ignoring_the_requests_does_not_delete_them(company: Company) -> None:
    company.ask("orders-db")
    company.commit()
    company.reconcile()
    company.write("policies/platform.yaml", PLATFORM.replace("ignore: []", 'ignore: ["requests/**"]'))
    company.commit()
    assert summary(company) == {"hold": 1}


def test_too_many_removals_stop_before_the_first_effect(company: Company) -> None:
    for number in range(8):
        company.ask(f"db-{number}")
    company.commit()
    company.reconcile()
    before = company.deps().ledger.head()
    for number in range(4):
        company.withdraw(f"db-{number}")
    company.ask("new", "bucket")
    company.commit()
    refused = company.reconcile()
    assert refused.failed
    assert refused.executed is None
    after = company.deps().ledger.head()
    assert (after.entries, after.hash) == (before.entries, before.hash)
    assert len(company.references()) == 8
    company.write(
        "policies/approvals.yaml",
        "apiVersion: tarmac/v1\nkind: DeletionApproval\nmetadata: {name: go}\n"
        'spec: {requests: ["requests/platform/**"], reason: retired, expires: "2026-12-01"}\n',
    )
    company.commit()
    assert company.reconcile(NOW + DAY).failed
    assert not company.reconcile().failed
    assert company.references() == ["db-4", "db-5", "db-6", "db-7", "new"]


def test_an_empty_requests_folder_deletes_nothing(company: Company) -> None:
    company.ask("only")
    company.commit()
    company.reconcile()
    company.withdraw("only")
    company.commit()
    assert company.reconcile().failed
    assert company.references() == ["only"]


def test_a_lost_ledger_is_rebuilt_from_the_tags(company: Company) -> None:
    for name in ("one", "two"):
        company.ask(name)
    company.commit()
    company.reconcile()
    company.git("update-ref", "-d", "refs/heads/tarmac/ledger")
    assert summary(company, NOW + DAY) == {"adopt": 2}
    company.reconcile(NOW + DAY)
    assert summary(company, NOW + DAY) == {"none": 2}
    assert summary(company, NOW + 7 * DAY) == {"expire": 2}


def test_another_platforms_folder_is_left_alone(company: Company) -> None:
    company.ask("orders-db")
    company.commit()
    company.reconcile()
    company.write("policies/platform.yaml", PLATFORM.replace("uid: platform-one", f"uid: {THEIRS}"))
    company.commit()
    company.git("update-ref", "-d", "refs/heads/tarmac/ledger")
    assert summary(company) == {"create": 1}
    company.reconcile()
    assert company.references() == ["orders-db", "orders-db"]


def test_two_roots_of_one_repository_share_its_ledger_and_leave_each_other_alone(
    company: Company, tmp_path: Path
) -> None:
    company.ask("orders-db")
    company.commit()
    company.reconcile()
    inside = Company(company.root / "second", tmp_path / "others")
    for path in ("catalog", "teams", "policies"):
        shutil.copytree(company.root / path, inside.root / path)
    inside.write("policies/platform.yaml", PLATFORM.replace(f"uid: {OURS}", f"uid: {THEIRS}"))
    inside.ask("other-db")
    inside.commit()
    assert summary(inside) == {"create": 1}
    inside.reconcile()
    assert inside.references() == ["other-db"]
    assert summary(inside) == {"none": 1}


def test_without_a_platform_there_is_no_plan(company: Company) -> None:
    (company.root / "policies/platform.yaml").unlink()
    company.commit()
    with pytest.raises(ConfigurationError, match="uid"):
        company.plan()


def test_an_unknown_commit_is_wrong_usage(company: Company) -> None:
    company.ask("x")
    for revision in ("nowhere", "--all", ""):
        with pytest.raises(UsageError):
            reconcile_at(company, revision)


def reconcile_at(company: Company, revision: str) -> None:
    reconcile(
        company.deps(),
        revision,
        NOW,
        apply=True,
        made_up_time=False,
        stop=lambda: False,
        planned=lambda made: None,
        tell=lambda outcome: None,
    )


class Wrapped:
    """A provider that does as the one inside, with something happening before and after each effect."""

    def __init__(self, inside: Provider, before: Callable[[str, str], None], after: Callable[[str, str], None]) -> None:
        self.inside, self.before, self.after = inside, before, after
        self.local = True

    @property
    def name(self) -> str:
        return self.inside.name

    @property
    def capabilities(self) -> Capabilities:
        inside = self.inside.capabilities
        return Capabilities(inside.categories, inside.verbs, self.local)

    def list_instances(self) -> tuple[Observation, ...]:
        return self.inside.list_instances()

    def observe(self, uid: str) -> Observation | None:
        return self.inside.observe(uid)

    def validate(self, desired: Desired) -> tuple[str, ...]:
        return self.inside.validate(desired)

    def create(self, uid: str, desired: Desired, ready_at: datetime) -> Observation:
        self.before("create", desired.request)
        made = self.inside.create(uid, desired, ready_at)
        self.after("create", desired.request)
        return made

    def update(self, uid: str, desired: Desired) -> Observation:
        self.before("update", desired.request)
        made = self.inside.update(uid, desired)
        self.after("update", desired.request)
        return made

    def delete(self, uid: str) -> None:
        self.before("delete", uid)
        self.inside.delete(uid)
        self.after("delete", uid)

    def rotate(self, uid: str, now: datetime) -> str:
        return self.inside.rotate(uid, now)

    def health(self, uid: str) -> Health:
        return self.inside.health(uid)


def nothing(verb: str, what: str) -> None:
    """Happens."""


def with_provider(company: Company, wrap: Callable[[Provider], Provider]) -> Deps:
    usual = company.deps()
    # The clone's lock is left out: some of these runs have another in their midst.
    opener = lambda name, platform: wrap(usual.providers(name, platform))  # noqa: E731
    return replace(usual, providers=opener, only_run=nullcontext)


def test_one_failure_stops_nothing_else_and_is_tried_again(company: Company) -> None:
    for name in ("one", "two", "three"):
        company.ask(name)
    company.commit()

    def busy(verb: str, what: str) -> None:
        if what.endswith("/two"):
            raise ProviderError("too busy", transient=True)

    result = company.reconcile(deps=with_provider(company, lambda inside: Wrapped(inside, busy, nothing)))
    assert result.failed
    assert company.references() == ["one", "three"]
    again = company.plan().plan
    assert [action.reason for action in again.effects] == ["attempt 2, after: too busy"]
    assert not company.reconcile().failed
    assert company.references() == ["one", "three", "two"]


def test_a_timeout_after_the_effect_is_looked_up_and_not_repeated(company: Company) -> None:
    company.ask("one")
    company.commit()

    def timeout(verb: str, what: str) -> None:
        raise ProviderError("no answer in time", transient=True)

    company.reconcile(deps=with_provider(company, lambda inside: Wrapped(inside, nothing, timeout)))
    company.reconcile()
    assert company.references() == ["one"]
    assert summary(company) == {"none": 1}


def test_a_terminal_refusal_waits_for_a_change(company: Company) -> None:
    company.ask("one")
    company.commit()

    def refuse(verb: str, what: str) -> None:
        raise ProviderError("never", transient=False)

    company.reconcile(deps=with_provider(company, lambda inside: Wrapped(inside, refuse, nothing)))
    assert summary(company) == {"hold": 1}
    company.ask("one", config="size: large")
    company.commit()
    assert summary(company) == {"retry": 1}


def test_a_failed_removal_keeps_a_replacement_from_being_made(company: Company) -> None:
    company.ask("one")
    company.commit()
    company.reconcile()
    company.ask("one", config="encrypted: false")
    company.commit()

    def busy(verb: str, what: str) -> None:
        if verb == "delete":
            raise ProviderError("still connected", transient=True)

    company.reconcile(deps=with_provider(company, lambda inside: Wrapped(inside, busy, nothing)))
    assert company.references() == ["one"]
    assert not company.reconcile().failed
    assert summary(company) == {"none": 1}
    assert company.references() == ["one"]


def test_asked_to_stop_it_finishes_the_step_at_hand_and_records_the_rest_as_not_begun(company: Company) -> None:
    for name in ("one", "two", "three"):
        company.ask(name)
    company.commit()
    planned = company.plan()
    job = Job(planned.plan, planned.desired, planned.states, planned.head, planned.platform, NOW)
    heard: list[str] = []
    made: list[str] = []
    ledger = company.deps().ledger
    # One after the other, and asked to stop during the first.
    slow = Wrapped(planned.providers["embedded"], nothing, lambda verb, what: made.append(what))
    ended = execute(job, {"embedded": slow}, ledger, lambda: bool(made), lambda outcome: heard.append(outcome.result))
    assert ended.stopped
    assert heard == [Result.DONE, Result.SKIPPED, Result.SKIPPED]
    assert verify(ledger)[1] == ()
    assert summary(company) == {"create": 2, "none": 1}
    company.reconcile()
    assert company.references() == ["one", "three", "two"]


def test_made_up_time_is_refused_where_others_would_see_it(company: Company) -> None:
    company.ask("one")
    company.commit()

    def elsewhere(inside: Provider) -> Provider:
        wrapped = Wrapped(inside, nothing, nothing)
        wrapped.local = False
        return wrapped

    with pytest.raises(UsageError, match="--now"):
        company.reconcile(deps=with_provider(company, elsewhere))
    assert company.references() == []


class Killed(BaseException):
    """The end of the process, as far as a test can have it."""


class Bomb:
    """Goes off at its n-th tick, and from then on always: a dead process does nothing more."""

    def __init__(self, at: int) -> None:
        self.left = at

    def tick(self, *_: object) -> None:
        self.left -= 1
        if self.left <= 0:
            raise Killed


class Ticks(Protocol):
    """Counts, and may end everything."""

    def tick(self, *_: object) -> None: ...


class MinedLedger:
    """A ledger whose process can die before and after each write."""

    def __init__(self, deps: Deps, bomb: Ticks) -> None:
        self.inside, self.bomb = deps.ledger, bomb
        self.head, self.states, self.lease = self.inside.head, self.inside.states, self.inside.lease
        self.living, self.past = self.inside.living, self.inside.past
        self.renew = self.inside.renew
        self.entries, self.verify = self.inside.entries, self.inside.verify

    def append(
        self,
        head: Head,
        run: str,
        batch: int,
        entries: Sequence[LedgerEntry],
        lease: Lease | None = None,
        *,
        free: bool = False,
    ) -> Head:
        self.bomb.tick()
        moved = self.inside.append(head, run, batch, entries, lease, free=free)
        self.bomb.tick()
        return moved


@pytest.mark.long
def test_killed_at_every_boundary_the_next_run_makes_it_right(company: Company) -> None:
    for name in ("kept", "changed", "replaced", "gone"):
        company.ask(name, "bucket" if name == "gone" else "postgres")
    company.commit()
    company.reconcile()
    start = company.git("rev-parse", "tarmac/ledger")
    company.ask("changed", config="size: large")
    company.ask("replaced", config="encrypted: false")
    company.withdraw("gone")
    company.ask("new", "queue")
    company.commit()
    died = 0
    for tick in range(1, 40):
        bomb = Bomb(tick)
        usual = with_provider(company, lambda inside, bomb=bomb: Wrapped(inside, bomb.tick, bomb.tick))  # type: ignore[misc]
        mined = replace(usual, ledger=MinedLedger(usual, bomb))
        try:
            company.reconcile(deps=mined)
        except Killed:
            died += 1
        company.reconcile()
        assert company.references() == ["changed", "kept", "new", "replaced"], tick
        assert not company.plan().plan.effects, tick
        assert verify(company.deps().ledger)[1] == (), tick
        if bomb.left > 0:
            break
        _back_to(company, start)
    else:
        pytest.fail("it never lived")
    assert died == tick - 1
    assert died >= 10


def _back_to(company: Company, start: str) -> None:
    """The world as it was before: the ledger's old end, and the instances that it knew."""
    company.git("update-ref", "refs/heads/tarmac/ledger", start)
    provider = company.deps().providers("embedded", "platform-one")
    for there in provider.list_instances():
        provider.delete(there.uid)
    head = company.git("rev-parse", "HEAD")
    company.git("update-ref", "refs/heads/main", f"{head}~1")
    company.reconcile()
    company.git("update-ref", "refs/heads/main", head)
    assert company.references() == ["changed", "gone", "kept", "replaced"]


def test_two_runs_at_once_make_every_instance_once(company: Company) -> None:
    for number in range(3):
        company.ask(f"db-{number}")
    company.commit()
    outer = company.deps()

    class Overtaken:
        """Between planning and the first write, another run does everything."""

        def __init__(self) -> None:
            self.inside = outer.ledger
            self.head, self.states, self.lease = self.inside.head, self.inside.states, self.inside.lease
            self.living, self.past = self.inside.living, self.inside.past
            self.renew = self.inside.renew
            self.entries, self.verify = self.inside.entries, self.inside.verify

        def append(
            self,
            head: Head,
            run: str,
            batch: int,
            entries: Sequence[LedgerEntry],
            lease: Lease | None = None,
            *,
            free: bool = False,
        ) -> Head:
            company.reconcile()
            return self.inside.append(head, run, batch, entries, lease, free=free)

    deps = replace(outer, ledger=Overtaken(), only_run=nullcontext)
    with pytest.raises(LedgerConflict):
        company.reconcile(deps=deps)
    assert company.references() == ["db-0", "db-1", "db-2"]
    assert verify(company.deps().ledger)[1] == ()


def test_outcomes_are_recorded_even_when_another_run_wrote_in_between(company: Company) -> None:
    company.ask("one")
    company.commit()

    def meanwhile(verb: str, what: str) -> None:
        company.reconcile(NOW + timedelta(minutes=1))

    with pytest.raises(LedgerConflict):
        company.reconcile(deps=with_provider(company, lambda inside: Wrapped(inside, nothing, meanwhile)))
    assert company.references() == ["one"]
    assert summary(company) == {"none": 1}
    assert verify(company.deps().ledger)[1] == ()


def test_the_story_of_what_nobody_knows_is_wrong_usage(company: Company) -> None:
    for name in ("nothing", "a:b:c/d", "", ":"):
        with pytest.raises(UsageError):
            show(company.deps().ledger, name)
