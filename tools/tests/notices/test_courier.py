"""Letters reach Slack, mail, GitHub and webhooks over real connections, as text that nobody's program acts upon."""

from __future__ import annotations

import io
import logging
import quopri
from collections.abc import Iterator
from typing import Any

import pytest
from apprise import AppriseAsset, NotifyBase
from apprise.plugins.github import NotifyGitHub
from apprise.plugins.slack import NotifySlack

from tarmac.adapters.courier import MOST_LETTERS, Courier, open_service
from tarmac.model.notice import Channel, Letter, Notice, Topic, Via
from tarmac.planning.letters import MOST_NOTICES
from tarmac.reports.letter import markdown_body, text_body, title
from tests.notices.servers import Heard, http_server, mail_server

EVIL = (
    "it is held: <!channel> @here <http://evil.example|ok> *bold* `code` [x](http://evil.example) \x1b[1m\r\nBcc: all"
)
VARIABLE = "TARMAC_NOTICES_X"


@pytest.fixture
def web() -> Iterator[Heard]:
    with http_server() as heard:
        yield heard


@pytest.fixture
def post() -> Iterator[Heard]:
    with mail_server() as heard:
        yield heard


def letter(via: Via, address: str = "", text: str = EVIL, count: int = 1, name: str = "x") -> Letter:
    notices = [
        Notice(f"k{number}", Topic.HELD, "group:default/shop", f"resourcerequest:default/db-{number}", text)
        for number in range(count)
    ]
    return Letter(Channel(name, via, VARIABLE), address, "small", tuple(notices))


def sent(value: str, *letters: Letter) -> tuple[str | None, ...]:
    return Courier({VARIABLE: value}).deliver(letters)


def test_a_webhook_gets_json_with_the_notices_as_data(web: Heard) -> None:
    assert sent(f"json://127.0.0.1:{web.port}/hook?format=html", letter(Via.WEBHOOK, count=2)) == (None,)
    ((path, headers, body),) = web.asked
    assert (path, headers["Content-Type"]) == ("/hook", "application/json")
    assert body["title"] == "small: 2 held"
    assert [one["request"] for one in body["notices"]] == [
        "resourcerequest:default/db-0",
        "resourcerequest:default/db-1",
    ]
    assert body["notices"][0] == {
        "topic": "held",
        "owner": "group:default/shop",
        "request": "resourcerequest:default/db-0",
        "text": EVIL.replace("\x1b", "\\u001b").replace("\r", "\\u000d").replace("\n", "\\u000a"),
        "key": "k0",
    }


def test_mail_is_plain_text_to_one_address(post: Heard) -> None:
    value = f"mailto://127.0.0.1:{post.port}?from=tarmac@small.example&to=all@small.example&mode=insecure&format=html"
    assert sent(value, letter(Via.EMAIL, "shop@small.example"), letter(Via.EMAIL)) == (None, None)
    (first, text), (second, _) = post.mails
    assert (first, second) == (["shop@small.example"], ["all@small.example"])
    head, _, body = text.partition("\r\n\r\n")
    assert 'Content-Type: text/plain; charset="utf-8"' in head
    assert "Subject: small: 1 held" in head
    assert "Bcc" not in head
    shown = quopri.decodestring(body.encode()).decode()
    assert "- db-0 of shop: it is held: <!channel> @here" in shown
    assert "\x1b" not in shown


class Here:
    """The library's services, asked on loopback: they know only their own servers' names."""

    def __init__(self, port: int) -> None:
        class Slack(NotifySlack):  # type: ignore[no-untyped-call]
            webhook_url = f"http://127.0.0.1:{port}/services"
            api_url = f"http://127.0.0.1:{port}/api/{{}}"

        class GitHub(NotifyGitHub):  # type: ignore[no-untyped-call]
            notify_url = f"http://127.0.0.1:{port}/repos/{{owner}}/{{repo}}/issues"

        self.services: dict[str, type[NotifyBase]] = {"slack": Slack, "github": GitHub}

    def __call__(self, tokens: dict[str, Any], asset: AppriseAsset) -> NotifyBase | None:
        service = self.services.get(tokens["schema"])
        return open_service(tokens, asset) if service is None else service(asset=asset, **tokens)


def test_slack_gets_text_in_which_nobody_is_called(web: Heard) -> None:
    courier = Courier({VARIABLE: "slack://xoxb-1234-abcd/#general?blocks=yes&format=markdown"}, Here(web.port))
    assert courier.deliver([letter(Via.SLACK, "#team-shop"), letter(Via.SLACK)]) == (None, None)
    (path, headers, first), (_, _, second) = web.asked
    assert (path, headers["Authorization"]) == ("/api/chat.postMessage", "Bearer xoxb-1234-abcd")
    assert (first["channel"], second["channel"]) == ("#team-shop", "#general")
    (said,) = first["attachments"]
    assert first["mrkdwn"] is False
    assert "&lt;!channel&gt; @here &lt;http://evil.example|ok&gt; *bold*" in said["text"]
    assert "<" not in said["text"]
    assert "mrkdwn_in" not in said


def test_a_slack_webhook_has_its_own_channel_and_a_bot_needs_one(web: Heard) -> None:
    here = Here(web.port)
    web.body = "ok"
    hook = "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    assert Courier({VARIABLE: hook}, here).deliver([letter(Via.SLACK)]) == (None,)
    assert web.asked[0][0] == "/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    (why,) = Courier({VARIABLE: "slack://xoxb-1234-abcd"}, here).deliver([letter(Via.SLACK)])
    assert why == f"neither a team nor {VARIABLE} names a Slack channel"
    web.body = '{"ok": false, "error": "channel_not_found"}'
    courier = Courier({VARIABLE: "slack://xoxb-1234-abcd/#general"}, here)
    assert courier.deliver([letter(Via.SLACK)]) != (None,)


def test_github_gets_an_issue_that_mentions_and_links_nothing(web: Heard) -> None:
    web.answers = [201]
    courier = Courier({VARIABLE: "github://ghp_token@acme/platform?labels=tarmac"}, Here(web.port))
    assert courier.deliver([letter(Via.GITHUB)]) == (None,)
    ((path, headers, body),) = web.asked
    assert (path, headers["Authorization"]) == ("/repos/acme/platform/issues", "Bearer ghp_token")
    assert (body["title"], body["labels"]) == ("small: 1 held", ["tarmac"])
    assert body["body"] == markdown_body(letter(Via.GITHUB))
    for mark in ("<", "@here", "](", "`", "*bold*", "http://"):
        assert mark not in body["body"], mark


@pytest.mark.parametrize(
    ("via", "value", "why"),
    [
        (Via.WEBHOOK, "", f"the environment has no variable {VARIABLE}"),
        (Via.WEBHOOK, "slack://xoxb-s3cret/#x", f"{VARIABLE} holds no address such as jsons://SERVER/PATH"),
        (Via.SLACK, "slack://s3cret", f"{VARIABLE} holds no address such as slack://TOKEN/#channel"),
        (Via.SLACK, "https://s3cret.example", f"{VARIABLE} holds no address such as slack://TOKEN/#channel"),
        (Via.GITHUB, "github://s3cret@acme", f"{VARIABLE} holds no address such as github://TOKEN@OWNER/REPOSITORY"),
        (Via.EMAIL, "s3cret", f"{VARIABLE} holds no address such as mailtos://USER:PASSWORD@SERVER?from=ADDRESS"),
        (Via.EMAIL, "mailto://", f"{VARIABLE} holds no address such as mailtos://USER:PASSWORD@SERVER?from=ADDRESS"),
        (Via.APPRISE, "s3cret://x", f"{VARIABLE} holds no address that apprise knows"),
        (Via.APPRISE, "\x00s3cret", f"{VARIABLE} holds no address that apprise knows"),
    ],
)
def test_a_wrong_address_is_said_by_its_variable_and_never_shown(
    via: Via, value: str, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    logged = io.StringIO()
    handler, root = logging.StreamHandler(logged), logging.getLogger()
    root.addHandler(handler)
    try:
        assert sent(value, letter(via)) == (why,)
    finally:
        root.removeHandler(handler)
    assert "s3cret" not in logged.getvalue() + "".join(capfd.readouterr()) + repr(Courier({VARIABLE: value}))


def test_any_other_service_gets_text(web: Heard) -> None:
    assert sent(f"form://127.0.0.1:{web.port}", letter(Via.APPRISE)) != (None,)
    assert sent(f"json://127.0.0.1:{web.port}", letter(Via.APPRISE, text="x")) == (None,)
    assert web.asked[-1][2]["message"] == "- db-0 of shop: x"


def test_an_answer_that_is_none_or_a_refusal_is_told_by_its_status(web: Heard, post: Heard) -> None:
    where = f"json://u:s3cret@127.0.0.1:{web.port}/hook"
    web.answers = [404]
    assert sent(where, letter(Via.WEBHOOK)) == ("the service answered 404",)
    # What is written is not sent on, and a question in its place is no success.
    web.answers = [301, 200]
    assert sent(where, letter(Via.WEBHOOK)) == ("the service answered 301",)
    web.answers = [307, 200]
    assert sent(where, letter(Via.WEBHOOK)) == ("the service answered 307",)
    assert sent("json://127.0.0.1:9/hook", letter(Via.WEBHOOK)) == ("the service could not be reached, or refused",)
    post.answers = [500]
    value = f"mailto://127.0.0.1:{post.port}?from=tarmac@small.example&mode=insecure"
    assert sent(value, letter(Via.EMAIL, "a@b.example")) == ("the service could not be reached, or refused",)


def test_a_channel_that_fails_three_times_is_left_alone_and_the_others_are_not(web: Heard) -> None:
    web.answers = [500]
    other = Letter(Channel("other", Via.WEBHOOK, "TARMAC_NOTICES_Y"), "", "small", letter(Via.WEBHOOK).notices)
    courier = Courier({VARIABLE: f"json://127.0.0.1:{web.port}"})
    done = courier.deliver([*[letter(Via.WEBHOOK)] * 5, other])
    assert done[:3] == ("the service answered 500",) * 3
    assert done[3:5] == ("3 messages before it could not be sent",) * 2
    assert done[5] == "the environment has no variable TARMAC_NOTICES_Y"
    assert len(web.asked) == 3
    web.answers = [500, 500, 200, 500, 500, 500]
    assert courier.deliver([letter(Via.WEBHOOK)] * 6).count(None) == 1
    assert len(web.asked) == 9


def test_a_run_sends_only_so_many() -> None:
    done = Courier({}).deliver([letter(Via.WEBHOOK, name=str(number)) for number in range(MOST_LETTERS + 1)])
    assert done[MOST_LETTERS] == f"one run sends {MOST_LETTERS} messages at most"
    assert set(done[:MOST_LETTERS]) == {f"the environment has no variable {VARIABLE}"}


def test_a_letter_is_bounded() -> None:
    long = letter(Via.GITHUB, text="<" * 5000, count=MOST_NOTICES + 7)
    for body in (text_body(long), markdown_body(long)):
        assert len(body) < 40_000
        assert body.endswith("And 7 more notices: the report of the run has them all.")
    assert title(long) == f"small: {MOST_NOTICES + 7} held"
