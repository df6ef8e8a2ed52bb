"""People are told of a state once: when it begins, not every night, and again only when it comes back."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tarmac.adapters.ledger_notices import _read as read
from tarmac.app.notices import unwell
from tarmac.app.plan import Deps
from tarmac.app.reconcile import reconcile
from tarmac.errors import LedgerError, ProviderError
from tarmac.model.frozen import replace
from tarmac.model.ledger import Event, Head, Phase
from tarmac.model.notice import Letter, Notice, Topic, Unsent
from tarmac.model.plan import Plan, Result, Verb
from tarmac.planning.life import fold
from tarmac.providers.base import Health, Provider
from tarmac.reports.plan_json import run_json
from tarmac.reports.plan_text import told_text
from tests.planning.worlds import DAY, NOW, entry, subject_of, wish
from tests.reconcile.company import GROUP, PLATFORM, Company
from tests.reconcile.test_reconcile import Wrapped, nothing, with_provider


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


@dataclass
class Carrier:
    """Keeps letters; `busy` names the channels that are not reached."""

    busy: set[str] = field(default_factory=set)
    letters: list[Letter] = field(default_factory=list)

    def deliver(self, letters: Sequence[Letter]) -> Sequence[str | None]:
        reached = [letter for letter in letters if letter.channel.name not in self.busy]
        self.letters += reached
        return [None if letter in reached else "the line is busy" for letter in letters]

    def heard(self) -> list[tuple[str, str, list[str]]]:
        """(channel, address, names of what it was told about) of each letter since last asked."""
        heard = [
            (letter.channel.name, letter.address, [one.request.rpartition("/")[2] for one in letter.notices])
            for letter in self.letters
        ]
        self.letters.clear()
        return heard


def with_channels(company: Company, said: str) -> None:
    company.write("policies/platform.yaml", PLATFORM + "  notices:\n" + said)
    company.commit()


CHAT = "    chat: {via: slack, env: TARMAC_NOTICES_CHAT}\n"
ISSUES = "    issues: {via: github, env: TARMAC_NOTICES_ISSUES, topics: [refused, expires]}\n"


def test_a_channel_that_was_not_reached_is_told_later_and_the_others_not_again(company: Company) -> None:
    company.ask("one", config="size: enormous")
    with_channels(company, CHAT + "    events: {via: webhook, env: TARMAC_NOTICES_EVENTS}\n" + ISSUES)
    carrier = Carrier({"chat"})
    deps = replace(company.deps(), courier=carrier)
    result = company.reconcile(deps=deps)
    assert result.told is not None
    assert [str(one.topic) for one in result.told.news] == ["held"]
    assert (result.told.sent, result.told.unsent) == (1, (Unsent("chat", 1, "the line is busy"),))
    assert not result.failed
    assert carrier.heard() == [("events", "", ["one"])]
    # It is no news any more, and waits until the line is free.
    company.ask("two", config="size: enormous")
    company.commit()
    assert run(company, deps) == ["held"]
    assert carrier.heard() == [("events", "", ["two"])]
    carrier.busy.clear()
    assert run(company, deps) == []
    assert carrier.heard() == [("chat", "", ["one", "two"])]
    head = company.git("rev-parse", "tarmac/ledger")
    assert run(company, deps) == []
    assert carrier.heard() == []
    assert company.git("rev-parse", "tarmac/ledger") == head


def test_a_channel_that_is_written_wrongly_is_told_of_and_tells_once_it_is_mended(company: Company) -> None:
    wrong = "    chat: {via: slack, env: SLACK_TOKEN}\n"
    with_channels(company, wrong + ISSUES)
    carrier = Carrier()
    deps = replace(company.deps(), courier=carrier)
    result = company.reconcile(deps=deps)
    assert result.told is not None
    why = "policies/platform.yaml:18:11: env must be TARMAC_NOTICES_ and 1 to 40 capitals, digits or '_'"
    assert result.told.unsent == (Unsent("chat", 0, why, mend=True),)
    assert not result.failed
    assert told_text(*result.told.said) == (
        f"  Channel chat: no notice can be sent, as {why}; mend that, and what waits is sent.\n"
    )
    company.ask("one", config="size: enormous")
    company.commit()
    for news in (["held"], []):
        result = company.reconcile(deps=deps)
        assert result.told is not None
        assert [str(one.topic) for one in result.told.news] == news
        assert result.told.unsent == (Unsent("chat", 1, why, mend=True),)
    assert carrier.heard() == []
    assert told_text((), 0, (Unsent("chat", 1, why, mend=True),)) == (
        f"  Channel chat: 1 notice not sent, as {why}; mend that, and what waits is sent.\n"
    )
    with_channels(company, CHAT + ISSUES)
    assert run(company, deps) == []
    assert carrier.heard() == [("chat", "", ["one"])]
    assert run(company, deps) == []
    assert carrier.heard() == []


def test_a_channel_that_is_new_hears_of_what_begins_then(company: Company) -> None:
    company.ask("one", config="size: enormous")
    company.commit()
    carrier = Carrier()
    deps = replace(company.deps(), courier=carrier)
    assert run(company, deps) == ["held"]
    with_channels(company, CHAT)
    assert run(company, deps) == []
    company.ask("two", config="size: enormous")
    company.commit()
    assert run(company, deps) == ["held"]
    assert carrier.heard() == [("chat", "", ["two"])]


def test_what_waits_for_a_topic_that_nobody_asked_about_is_tried_again_too(company: Company) -> None:
    company.ask("one", environment="production")
    with_channels(company, CHAT)
    run(company)

    class Sick(Wrapped):
        def health(self, uid: str) -> Health:
            return Health(False, "no answer")

    carrier = Carrier({"chat"})
    sick = with_provider(company, lambda inside: Sick(inside, nothing, nothing))
    assert run(company, replace(sick, courier=carrier), health=True) == ["unhealthy"]
    carrier.busy.clear()
    assert run(company, replace(sick, courier=carrier)) == []
    assert carrier.heard() == [("chat", "", ["one"])]


def test_each_owner_hears_of_its_own_and_the_platform_of_the_rest(company: Company) -> None:
    team = GROUP.partition("---")[0].replace("spec: {type", "spec: {profile: {email: EMAIL}, type")
    team = team.replace("labels:", 'annotations: {tarmac/slack-channel: "CHANNEL"}, labels:')

    def group(name: str, email: str, channel: str) -> str:
        return team.replace("platform", name).replace("EMAIL", email).replace("CHANNEL", channel)

    company.write("teams/shop/team.yaml", group("shop", "shop@small.example", "#team-shop"))
    company.write("teams/quiet/team.yaml", group("quiet", '"a@b.example, c@d.example"', "@ceo"))
    company.write("teams/platform/team.yaml", group("platform", "ops@small.example", "ops"))
    component = GROUP.partition("---\n")[2]
    company.write("catalog/shop.yaml", component)
    for name in ("shop", "quiet"):
        company.ask(f"{name}-db", config="size: enormous")
        path = company.root / company.path(f"{name}-db")
        path.write_text(path.read_text().replace("group:default/platform", f"group:default/{name}"))
    mail = "    mail: {via: email, env: TARMAC_NOTICES_MAIL}\n"
    all_of_it = "    all: {via: slack, env: TARMAC_NOTICES_ALL, to: platform}\n"
    with_channels(company, CHAT + mail + all_of_it + ISSUES)
    carrier = Carrier()
    run(company, replace(company.deps(), courier=carrier))
    assert carrier.heard() == [
        ("all", "ops", ["quiet-db", "shop-db"]),
        ("chat", "#team-shop", ["shop-db"]),
        ("chat", "ops", ["quiet-db"]),
        ("mail", "ops@small.example", ["quiet-db"]),
        ("mail", "shop@small.example", ["shop-db"]),
    ]


def test_a_ledger_may_begin_with_notices(company: Company) -> None:
    company.ask("one", config="size: enormous")
    company.commit()
    assert run(company) == ["held"]
    assert run(company) == []
    ledger = company.deps().ledger
    assert (ledger.head().entries, ledger.verify(ledger.head())) == (0, ())
    company.ask("two")
    company.commit()
    assert run(company) == []
    assert ledger.head().entries > 0
    assert ledger.verify(ledger.head()) == ()


def test_news_and_what_was_not_sent_are_reported() -> None:
    notice = Notice("k", Topic.HELD, "group:default/platform", "resourcerequest:default/one", "it is held: \x1b[1m")
    unsent = Unsent("chat", 2, "the line is busy\x1b")
    text = told_text([notice], 1, [unsent])
    assert text.splitlines() == [
        "  Notice for group:default/platform about one: it is held: \\x1b[1m",
        "  1 message sent.",
        "  Channel chat: 2 notices not sent, as the line is busy\\x1b; the next run tries again.",
    ]
    said = json.loads(run_json(Plan("c", ()), (), "r", None, Head(None, 0, ""), told=([notice], 1, [unsent])))
    assert said["notices"] == {
        "news": [
            {
                "topic": "held",
                "owner": "group:default/platform",
                "request": "resourcerequest:default/one",
                "text": "it is held: \x1b[1m",
            }
        ],
        "sent": 1,
        "unsent": [{"channel": "chat", "notices": 2, "reason": "the line is busy\x1b"}],
    }


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
