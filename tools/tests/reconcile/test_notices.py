"""People are told of a state once: when it begins, not every night, and again only when it comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tarmac.adapters.ledger_notices import _read as read
from tarmac.app.notices import unwell
from tarmac.app.plan import Deps
from tarmac.app.reconcile import reconcile
from tarmac.errors import LedgerError, ProviderError
from tarmac.model.ledger import Event, Phase
from tarmac.model.notice import Notice, Topic
from tarmac.model.plan import Breach, Desired, Drift, Outcome, Result, Verb
from tarmac.planning.life import fold
from tarmac.planning.notices import notices
from tarmac.providers.base import Health, Provider
from tarmac.reports.plan_text import told_text
from tests.planning.worlds import DAY, NOW, Model, entry, instance, subject_of, wish
from tests.reconcile.company import PLATFORM, Company
from tests.reconcile.test_reconcile import Wrapped, nothing, with_provider


def told(world: Model, wishes: list[Desired], days: timedelta = timedelta(0)) -> list[Notice]:
    now = NOW + days
    return list(notices(world.plan(wishes, now), {want.request: want for want in wishes}, now))


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (8 * DAY, None),
        (7 * DAY + timedelta(seconds=1), None),
        (7 * DAY, 7),
        (3 * DAY + timedelta(seconds=1), 7),
        (3 * DAY, 3),
        (DAY, 1),
        (timedelta(seconds=1), 1),
    ],
)
def test_owners_are_told_seven_three_and_one_day_before_an_end(left: timedelta, days: int | None) -> None:
    want = wish("db", ttl=30 * DAY)
    world = Model()
    world.apply(world.plan([want]), [want])
    found = told(world, [want], 30 * DAY - left)
    if days is None:
        assert found == []
        return
    (notice,) = found
    assert (notice.topic, notice.owner, notice.request) == (Topic.EXPIRES, want.owner, want.request)
    assert f"within {days} day{'s' if days > 1 else ''}: tarmac request renew db" in notice.text
    assert notice.key.endswith(f":2026-12-31T06:00:00Z:{days}")


def test_of_an_end_that_has_come_they_are_told_while_grace_lasts() -> None:
    want = wish("db", ttl=7 * DAY, grace=2 * DAY)
    world = Model()
    world.apply(world.plan([want]), [want])
    (notice,) = told(world, [want], 7 * DAY)
    assert notice.topic is Topic.ENDED
    assert "ended on 2026-12-08T06:00:00Z and it is removed on 2026-12-10T06:00:00Z" in notice.text
    assert told(world, [want], 9 * DAY) == []


def test_what_is_held_drifted_orphaned_failed_unwell_or_refused_is_told() -> None:
    world = Model()
    want = wish("db", drift=Drift.REPORT)
    world.apply(world.plan([want]), [want])
    ((uid, there),) = world.instances.items()
    world.instances[uid] = replace(there, config={"size": "odd", "encrypted": True})
    world.instances["lonely"] = instance("lonely", wish("lonely"))
    wishes = [want, wish("bad", hold="an error")]
    made = world.plan(wishes)
    failed = Outcome(next(action for action in made.actions if action.uid == uid), Result.FAILED, "busy", True)
    found = notices(
        made,
        {one.request: one for one in wishes},
        NOW,
        outcomes=[failed, replace(failed, result=Result.DONE)],
        breaches=[Breach("the whole run", 9, 4, 3, ())],
        unhealthy={uid: "no answer", "nobody": "x"},
    )
    assert {str(notice.topic): notice.text for notice in found} == {
        "held": "it is held: an error",
        "drifted": "somebody changed config.size",
        "orphaned": "an instance at embedded is nobody's: lonely",
        "failed": "it could not none: busy",
        "unhealthy": "it is not well: no answer",
        "refused": "a run would remove more than it may (the whole run): nothing was done",
    }
    assert len({notice.key for notice in found}) == len(found)


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company.found(tmp_path)


def run(company: Company, deps: Deps | None = None, days: int = 0, *, health: bool = False) -> list[str]:
    """What one run tells."""
    result = reconcile(
        deps or company.deps(),
        "HEAD",
        NOW + days * DAY,
        apply=True,
        made_up_time=True,
        health=health,
        stop=lambda: False,
        planned=lambda made: None,
        tell=lambda outcome: None,
    )
    assert result.told is not None
    return [str(notice.topic) for notice in result.told.news]


def test_nobody_is_told_twice_of_a_state_that_lasts(company: Company) -> None:
    company.ask("one")
    company.commit()
    assert run(company) == []
    assert run(company, days=3) == []
    assert run(company, days=4) == ["expires"]
    assert run(company, days=5) == []
    assert run(company, days=6) == ["expires"]
    company.ask("bad", config="size: enormous")
    company.commit()
    assert run(company, days=6) == ["held"]
    head = company.git("rev-parse", "tarmac/ledger")
    assert run(company, days=6) == []
    assert company.git("rev-parse", "tarmac/ledger") == head
    company.withdraw("bad")
    company.commit()
    assert run(company, days=6) == []
    company.ask("bad", config="size: enormous")
    company.commit()
    assert run(company, days=6) == ["held"]


def test_what_could_not_be_sent_is_news_again(company: Company) -> None:
    company.ask("one", config="size: enormous")
    company.commit()
    company.ask("two")
    company.commit()
    deps = replace(company.deps(), send=lambda notice: "the line is busy")
    result = company.reconcile(deps=deps)
    assert result.told is not None
    ((notice, why),) = result.told.untold
    assert (result.told.news, why) == ((), "the line is busy")
    assert run(company) == ["held"]
    text = told_text([notice], [(notice, "x\x1b[1m")])
    assert text.count("\n") == 2
    assert "\x1b" not in text
    assert "Notice for group:default/platform about one: it is held: " in text


def test_failures_and_illness_stay_told_while_they_last_and_while_nobody_asks(company: Company) -> None:
    company.ask("one", environment="production")
    company.commit()
    run(company)

    class Sick(Wrapped):
        def health(self, uid: str) -> Health:
            return Health(False, "no answer")

    sick = with_provider(company, lambda inside: Sick(inside, nothing, nothing))
    assert run(company, sick, health=True) == ["unhealthy"]
    assert run(company, sick) == []
    assert run(company, sick, health=True) == []
    assert run(company, health=True) == []
    assert run(company, sick, health=True) == ["unhealthy"]

    def busy(verb: str, what: str) -> None:
        raise ProviderError("busy", transient=True)

    company.ask("two", environment="production")
    company.commit()
    failing = with_provider(company, lambda inside: Wrapped(inside, busy, nothing))
    assert run(company, failing) == ["failed"]
    assert run(company, failing) == []
    company.write("policies/platform.yaml", PLATFORM.replace("count: 10", "count: 0"))
    company.write(company.path("one", "production"), "")
    company.commit()
    assert "failed" not in run(company, failing)


def test_instances_whose_provider_cannot_be_asked_are_not_called_ill() -> None:
    ready = fold({}, [entry(subject_of(wish("db"), "uid"), Verb.CREATE, Event.OUTCOME, result=Result.DONE)])
    (state,) = ready.values()
    assert state.phase is Phase.READY

    class Silent:
        def __init__(self, verbs: frozenset[str]) -> None:
            self.capabilities = type("Verbs", (), {"verbs": verbs})

        def health(self, uid: str) -> Health:
            raise ProviderError("gone", transient=True)

    def asked(verbs: frozenset[str], *, stop: bool = False) -> list[tuple[str, str]]:
        providers: dict[str, Provider] = {"embedded": Silent(verbs)}  # type: ignore[dict-item]
        return list(unwell(providers, [state], lambda: stop))

    assert asked(frozenset()) == []
    assert asked(frozenset({"health"})) == [("uid", "gone")]
    assert asked(frozenset({"health"}), stop=True) == []
    assert list(unwell({}, [state], lambda: False)) == []


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"version":1,"open":{"k":{}}}', '{"version":1,"open":{"k":{"topic":"held","owner":""}}}']
)
def test_a_file_that_holds_no_notices_is_said(text: str) -> None:
    with pytest.raises(LedgerError, match=r"notices\.json"):
        read(text.encode())
