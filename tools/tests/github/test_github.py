"""GitHub through the adapter: what is read, what is written, and what becomes of trouble. Every request of every test
is held to GitHub's own OpenAPI description."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tarmac.adapters.github import GitHub
from tarmac.adapters.github_access import Access, access_from
from tarmac.adapters.http import LIMIT, Waiting
from tarmac.errors import ForgeError, UsageError
from tarmac.model.facts import Opinion
from tarmac.model.findings import Finding, Severity
from tarmac.model.forge import CheckRun, Conclusion
from tarmac.model.places import Place
from tests.github.forge_server import BOT, TOKEN, Hub, Scripted, serving
from tests.trees import NOW

HEAD, OTHER = "a" * 40, "b" * 40
MARKER = "<!-- ours -->"
BODY = f"said\n{MARKER}"


@dataclass
class Time:
    """A clock that rests move on."""

    now: datetime = NOW
    rests: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.rests.append(seconds)
        self.now += timedelta(seconds=seconds)

    def waiting(self) -> Waiting:
        return Waiting(now=lambda: self.now, sleep=self.sleep, chance=lambda: 0.5)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def hub() -> Iterator[Hub]:
    with serving(Hub()) as made:
        made.add_pull(7, HEAD)
        yield made
        made.hold()


@pytest.fixture
def forge(hub: Hub, time: Time) -> Iterator[GitHub]:
    with GitHub(access(hub), time.waiting()) as made:
        yield made


def access(hub: Hub) -> Access:
    return access_from({"GITHUB_REPOSITORY": "acme/platform", "GITHUB_TOKEN": TOKEN, "GITHUB_API_URL": hub.url})


def run(findings: int = 0, conclusion: Conclusion = Conclusion.SUCCESS) -> CheckRun:
    told = tuple(
        Finding("service-name", Severity.ERROR if n % 2 else Severity.INFO, f"number {n}", Place("a.yaml", n + 1, 3))
        for n in range(findings)
    )
    return CheckRun("tarmac", HEAD, conclusion, "approved", "summary", told, "https://ci.example/1")


# --- reading


def test_the_pull_request_of_a_head_comes_with_every_page_of_its_reviews(hub: Hub, forge: GitHub) -> None:
    for n in range(5):
        hub.add_review(f"person-{n}", "APPROVED", HEAD)
        hub.add_commit(f"{n}" * 40, "Dev")
    found = forge.pull_with_head(HEAD)
    assert (found.number, found.author, found.head, found.draft) == (7, "dev", HEAD, False)
    assert [one.login for one in found.reviews] == [f"person-{n}" for n in range(5)]
    assert {one.opinion for one in found.reviews} == {Opinion.APPROVED}
    assert len(found.commits) == 5
    assert found.commits["0" * 40].author == "dev"
    assert all(one.token == TOKEN for one in hub.seen)


def test_a_head_that_only_the_list_of_open_ones_knows_is_found(hub: Hub, forge: GitHub) -> None:
    hub.script.append(Scripted("GET", f"/commits/{HEAD}/pulls", 200, body=b"[]"))
    assert forge.pull_with_head(HEAD).number == 7


@pytest.mark.parametrize(("state", "base"), [("closed", "main"), ("open", "weaker")])
def test_what_is_closed_or_goes_elsewhere_is_no_pull_request_to_judge(
    hub: Hub, forge: GitHub, state: str, base: str
) -> None:
    hub.add_pull(8, OTHER, base, state)
    with pytest.raises(ForgeError, match=f"no open pull request into the default branch has the head {OTHER}"):
        forge.pull_with_head(OTHER)


def test_two_pull_requests_of_one_head_cannot_share_a_verdict(hub: Hub, forge: GitHub) -> None:
    hub.add_pull(8, HEAD, author="friend")
    with pytest.raises(ForgeError, match="#7, #8 have the same head"):
        forge.pull_with_head(HEAD)


def test_a_second_one_from_a_fork_is_found_where_only_the_list_knows_it(hub: Hub, forge: GitHub) -> None:
    listed = hub.answer("GET", f"/repos/acme/platform/commits/{HEAD}/pulls", {}, None)[1]
    hub.add_pull(8, HEAD, author="friend")
    hub.script.append(Scripted("GET", f"/commits/{HEAD}/pulls", 200, body=_json(listed)))
    with pytest.raises(ForgeError, match="#7, #8 have the same head"):
        forge.pull_with_head(HEAD)


def test_a_head_that_was_pushed_to_meanwhile_is_not_judged(hub: Hub, forge: GitHub) -> None:
    def push() -> None:
        hub.pulls[0]["head"]["sha"] = OTHER

    hub.script.append(Scripted("GET", "/pulls/7/reviews", 502, then=push))
    assert forge.pull(7).head == HEAD
    hub.pulls[0]["head"]["sha"] = HEAD
    listed = hub.answer("GET", f"/repos/acme/platform/commits/{HEAD}/pulls", {}, None)[1]
    hub.script.append(Scripted("GET", "/commits", 200, body=_json(listed), then=push))
    with pytest.raises(ForgeError, match=f"the head of #7 is {OTHER} by now"):
        forge.pull_with_head(HEAD)


def test_an_answer_that_lacks_something_is_an_error_and_no_empty_list(hub: Hub, forge: GitHub) -> None:
    for body, said in (
        (b'{"message": "ok"}', "about the reviews is no list"),
        (b"[{}]", "lack user in reviews"),
        (
            b'[{"user": {"login": "a", "type": "User"}, "state": "GUESS", "commit_id": null, "submitted_at": "x"}]',
            "GUESS|APPROVED",
        ),
        (b"", "about the reviews is no list"),
    ):
        hub.script.append(Scripted("GET", "/reviews", 200, body=body))
        with pytest.raises(ForgeError, match=said):
            forge.pull(7)


def test_which_pull_requests_a_commit_has_to_do_with(hub: Hub, forge: GitHub) -> None:
    hub.add_pull(9, HEAD, state="closed")
    assert forge.pulls_of(HEAD) == (7, 9)
    assert forge.pulls_of(OTHER) == ()


def test_teams_are_told_or_nobody_may_ask(hub: Hub, forge: GitHub) -> None:
    assert forge.teams() == frozenset({"justice-league"})
    for status in (403, 404):
        hub.script.append(Scripted("GET", "/teams", status))
        assert forge.teams() is None


# --- the comment


def test_one_comment_is_made_and_then_only_updated(hub: Hub, forge: GitHub) -> None:
    first = forge.comment(7, MARKER, BODY)
    assert forge.comment(7, MARKER, BODY) == first
    assert forge.comment(7, MARKER, f"more\n{MARKER}") == first
    assert [one["body"] for one in hub.comments] == [f"more\n{MARKER}"]
    assert (len(hub.asked("POST", "/comments")), len(hub.asked("PATCH", "/comments"))) == (1, 1)


def test_a_comment_of_somebody_else_that_holds_the_marker_is_never_touched(hub: Hub, forge: GitHub) -> None:
    for login in ("mallory", "tarmac", "tarmac-bot", "x" + BOT):
        hub.add_comment(login, BODY)
    hub.add_comment(BOT, f"{MARKER} is quoted here")
    before = [one["body"] for one in hub.comments]
    forge.comment(7, MARKER, f"new\n{MARKER}")
    assert [one["body"] for one in hub.comments[:-1]] == before
    assert hub.comments[-1]["user"]["login"] == BOT


def test_ours_is_found_on_a_later_page(hub: Hub, forge: GitHub) -> None:
    for n in range(5):
        hub.add_comment("somebody", f"talk {n}")
    hub.add_comment(BOT, f"old\n{MARKER}")
    forge.comment(7, MARKER, BODY)
    assert len(hub.comments) == 6
    assert hub.comments[-1]["body"] == BODY


def test_a_comment_that_is_deleted_meanwhile_is_made_anew(hub: Hub, forge: GitHub) -> None:
    hub.add_comment(BOT, f"old\n{MARKER}")
    hub.script.append(Scripted("PATCH", "/issues/comments/1", 404, then=hub.comments.clear))
    forge.comment(7, MARKER, BODY)
    assert [one["body"] for one in hub.comments] == [BODY]


def test_a_comment_that_was_made_though_the_answer_got_lost_is_not_made_twice(hub: Hub, forge: GitHub) -> None:
    for lost in (Scripted("POST", "/comments", 502), Scripted("POST", "/comments", 0, drop=True)):
        hub.comments.clear()
        hub.script.append(dataclasses.replace(lost, then=lambda: hub.add_comment(BOT, BODY)))
        forge.comment(7, MARKER, BODY)
        assert len(hub.comments) == 1


def test_a_comment_that_nobody_would_find_again_says_what_to_set(hub: Hub, forge: GitHub) -> None:
    hub.user_status = 403
    with pytest.raises(ForgeError, match=r"TARMAC_GITHUB_LOGIN=tarmac\[bot\]"):
        forge.comment(7, MARKER, BODY)


def test_a_comment_that_cannot_be_made_is_given_up(hub: Hub, forge: GitHub) -> None:
    hub.script += [Scripted("POST", "/comments", 500) for _ in range(3)]
    with pytest.raises(ForgeError, match="at a comment, 3 times: status 500, scripted"):
        forge.comment(7, MARKER, BODY)
    hub.script.append(Scripted("POST", "/comments", 403))
    with pytest.raises(ForgeError, match="at a comment: status 403, scripted"):
        forge.comment(7, MARKER, BODY)


# --- the check run


@pytest.mark.parametrize(("number", "sizes"), [(0, [0]), (1, [1]), (50, [50]), (51, [50, 1]), (120, [50, 50, 20])])
def test_annotations_go_in_batches_and_the_verdict_with_the_last(
    hub: Hub, forge: GitHub, number: int, sizes: list[int]
) -> None:
    forge.check(run(number))
    assert [len(one["output"]["annotations"]) for one in hub.checks] == sizes
    assert [one.get("conclusion") for one in hub.checks] == [None] * (len(sizes) - 1) + ["success"]
    assert {one["status"] for one in hub.checks[:-1]} <= {"in_progress"}
    assert (hub.checks[0]["name"], hub.checks[0]["head_sha"]) == ("tarmac", HEAD)
    levels = [one["annotation_level"] for check in hub.checks for one in check["output"]["annotations"]]
    assert levels == sorted(levels)


def test_of_more_annotations_than_anybody_reads_the_rest_is_counted(hub: Hub, forge: GitHub) -> None:
    forge.check(run(507, Conclusion.FAILURE))
    assert sum(len(one["output"]["annotations"]) for one in hub.checks) == 500
    assert all(one["output"]["summary"].endswith("7 more findings have no annotation.") for one in hub.checks)
    assert hub.checks[-1]["conclusion"] == "failure"


def test_a_batch_that_fails_leaves_no_verdict(hub: Hub, forge: GitHub) -> None:
    hub.script.append(Scripted("PATCH", "/check-runs/9", 422))
    with pytest.raises(ForgeError, match="the check run's findings: status 422"):
        forge.check(run(60))
    assert [one.get("conclusion") for one in hub.checks] == [None]


# --- reviewers and labels


def test_only_who_is_not_asked_yet_is_asked(hub: Hub, forge: GitHub) -> None:
    hub.requested, hub.requested_teams = ["ana"], ["platform"]
    assert forge.request(7, ["Ana", "ben"], ["platform", "data"]) == ()
    assert forge.request(7, ["ana", "ben"], ["data"]) == ()
    assert (hub.requested, hub.requested_teams) == (["ana", "ben"], ["platform", "data"])
    assert len(hub.asked("POST", "/requested_reviewers")) == 1


def test_one_who_cannot_be_asked_does_not_keep_the_others_from_it(hub: Hub, forge: GitHub) -> None:
    hub.strangers = {"gone", "hidden"}
    left = forge.request(7, ["ana", "gone"], ["data", "hidden"])
    assert (hub.requested, hub.requested_teams) == (["ana"], ["data"])
    assert [one.partition(":")[0] for one in left] == ["gone", "hidden"]
    assert "only be requested from collaborators" in left[0]


def test_labels_of_ours_are_replaced_and_others_stay(hub: Hub, forge: GitHub) -> None:
    hub.labels = ["bug", "tarmac/risk-low", "tarmac/cost-none", "tarmac/x y&z"]
    forge.label(7, "tarmac/", ["tarmac/risk-high", "tarmac/cost-none"])
    assert sorted(hub.labels) == ["bug", "tarmac/cost-none", "tarmac/risk-high"]
    hub.labels.append("tarmac/old")
    hub.script.append(Scripted("DELETE", "/labels", 404))
    forge.label(7, "tarmac/", ["tarmac/risk-high", "tarmac/cost-none"])
    assert len(hub.asked("POST", "/labels")) == 1


# --- trouble


@pytest.mark.parametrize(
    ("status", "headers", "body", "rest"),
    [
        (429, {"Retry-After": "7"}, b"{}", 7.0),
        (429, {"Retry-After": "Tue, 01 Dec 2026 06:00:09 GMT"}, b"{}", 9.0),
        (403, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(NOW.timestamp()) + 20)}, b"{}", 21.0),
        (403, {}, b'{"message": "You have exceeded a secondary rate limit."}', 60.0),
        (403, {"Retry-After": "3"}, b'{"message": "You have exceeded a secondary rate limit."}', 3.0),
        (503, {"Retry-After": "4"}, b"{}", 4.0),
        (500, {}, b"<html>", 1.0),
        (502, {}, b"", 1.0),
        (200, {}, b'[{"login": ', 1.0),
    ],
)
def test_what_passes_is_waited_for(
    hub: Hub, forge: GitHub, time: Time, status: int, headers: dict[str, str], body: bytes, rest: float
) -> None:
    hub.add_review("ana", "APPROVED", HEAD)
    hub.script.append(Scripted("GET", "/reviews", status, headers, body))
    assert len(forge.pull(7).reviews) == 1
    assert time.rests == [rest]


def test_a_limit_is_waited_for_where_doing_it_twice_would_be_two(hub: Hub, forge: GitHub, time: Time) -> None:
    hub.script += [
        Scripted("POST", "/comments", 429, {"Retry-After": "2"}),
        Scripted("POST", "/comments", 403, {"Retry-After": "5"}),
    ]
    forge.comment(7, MARKER, BODY)
    assert time.rests == [2.0, 5.0]
    assert len(hub.comments) == 1


@pytest.mark.parametrize("trouble", [{"cut": True}, {"drop": True}])
def test_an_answer_that_was_cut_off_or_never_came_is_asked_for_again(
    hub: Hub, forge: GitHub, time: Time, trouble: dict[str, bool]
) -> None:
    hub.add_review("ana", "APPROVED", HEAD)
    hub.script.append(Scripted("GET", "/reviews", 200, body=b"[]", **trouble))  # type: ignore[arg-type]
    assert len(forge.pull(7).reviews) == 1
    assert time.rests == [1.0]


def test_a_later_page_that_fails_fails_all_of_it(hub: Hub, forge: GitHub) -> None:
    for n in range(5):
        hub.add_review(f"person-{n}", "APPROVED", HEAD)
    link = {"Link": f'<{hub.url}/repos/acme/platform/pulls/7/reviews?per_page=100&page=9>; rel="next"'}
    hub.script += [Scripted("GET", "/reviews", 200, link, b"[]"), *(Scripted("GET", "/reviews", 500) for _ in range(5))]
    with pytest.raises(ForgeError, match="the reviews: status 500, scripted"):
        forge.pull(7)


def test_rests_grow_and_end(hub: Hub, forge: GitHub, time: Time) -> None:
    hub.script += [Scripted("GET", "/reviews", 500) for _ in range(9)]
    with pytest.raises(ForgeError, match="refused or failed at the reviews: status 500, scripted"):
        forge.pull(7)
    assert time.rests == [1.0, 2.0, 4.0, 8.0]


def test_nobody_waits_for_an_hour(hub: Hub, forge: GitHub, time: Time) -> None:
    hub.script.append(Scripted("GET", "/reviews", 429, {"Retry-After": "3600"}))
    with pytest.raises(ForgeError, match="it asks to wait 3600 seconds"):
        forge.pull(7)
    assert time.rests == []


def test_what_is_refused_is_not_asked_again_and_says_why_on_one_line(hub: Hub, forge: GitHub, time: Time) -> None:
    hub.script.append(Scripted("GET", "/reviews", 403, body=b'{"message": "Resource not\\n\\u001b[31maccessible"}'))
    with pytest.raises(ForgeError) as fault:
        forge.pull(7)
    assert (
        str(fault.value)
        == "GitHub refused or failed at the reviews: status 403, Resource not\\u000a\\u001b[31maccessible"
    )
    assert time.rests == []


def test_an_answer_without_bound_is_not_read_to_its_end(hub: Hub, forge: GitHub) -> None:
    hub.script.append(Scripted("GET", "/reviews", 200, body=b" " * (LIMIT + 1)))
    with pytest.raises(ForgeError, match="larger than 16 MiB"):
        forge.pull(7)


def test_pages_without_end_are_left(hub: Hub, forge: GitHub) -> None:
    link = {"Link": f'<{hub.url}/repos/acme/platform/pulls/7/reviews?page=1>; rel="next"'}
    hub.script += [Scripted("GET", "/reviews", 200, link, b"[]") for _ in range(101)]
    with pytest.raises(ForgeError, match="more than 100 pages"):
        forge.pull(7)


def test_a_next_page_on_another_host_is_refused(hub: Hub, forge: GitHub) -> None:
    hub.script.append(Scripted("GET", "/reviews", 200, {"Link": '<https://evil.example/x>; rel="next"'}, b"[]"))
    with pytest.raises(ForgeError, match=r"evil\.example is not where questions go"):
        forge.pull(7)


def test_a_full_page_that_names_no_next_one_is_asked_for_it(hub: Hub, forge: GitHub) -> None:
    """Whatever stands between may drop a header: an objection on the second page would go with it."""
    for number in range(100):
        hub.add_review(f"person-{number}", "COMMENTED", HEAD)
    full = json.dumps(hub.reviews).encode()
    hub.reviews = []
    hub.add_review("zoe", "CHANGES_REQUESTED", HEAD)
    hub.reviews[0]["id"] = 101
    objection = json.dumps(hub.reviews).encode()
    hub.script += [Scripted("GET", "/reviews", 200, {}, full), Scripted("GET", "/reviews", 200, {}, objection)]
    found = forge.pull(7)
    assert (len(found.reviews), found.reviews[-1].login) == (101, "zoe")
    assert [dict(one.query) for one in hub.asked("GET", "/reviews")] == [
        {"per_page": "100"}, {"per_page": "100", "page": "2"}
    ]  # fmt: skip
    hub.script += [Scripted("GET", "/reviews", 200, {}, full), Scripted("GET", "/reviews", 200, {}, b"[]")]
    assert len(forge.pull(7).reviews) == 100
    hub.script += [Scripted("GET", "/reviews", 200, {}, full), Scripted("GET", "/reviews", 403)]
    with pytest.raises(ForgeError, match="the reviews: status 403"):
        forge.pull(7)


@pytest.mark.parametrize("status", [202, 203, 205, 206, 226, 299])
def test_what_is_no_whole_answer_of_githubs_own_is_none(hub: Hub, forge: GitHub, status: int) -> None:
    hub.script.append(Scripted("GET", "/reviews", status, {}, b"[]"))
    with pytest.raises(ForgeError, match=f"refused or failed at the reviews: status {status}"):
        forge.pull(7)


def test_a_page_whose_next_one_cannot_be_told_is_not_all_there_is(hub: Hub, forge: GitHub) -> None:
    hub.script.append(Scripted("GET", "/reviews", 200, {"Link": '<https://api; rel="next"'}, b"[]"))
    with pytest.raises(ForgeError, match="refused or failed at the reviews: an answer whose next page cannot be told"):
        forge.pull(7)


def test_an_app_without_a_name_makes_no_comment(hub: Hub, time: Time) -> None:
    """It would be made anew in each run, as nobody's."""
    pem, _ = _pem()
    app = dataclasses.replace(access(hub), token="", app="12", key=pem)
    with GitHub(app, time.waiting()) as forge:
        hub.script.append(Scripted("GET", "/app", 200, {}, b'{"slug": null}'))
        with pytest.raises(ForgeError, match=r"GitHub's answer has no slug"):
            forge.comment(7, MARKER, "text")
    assert hub.comments == []


def test_a_redirect_within_the_host_carries_the_token(hub: Hub, forge: GitHub) -> None:
    hub.script.append(Scripted("GET", "/teams", 301, {"Location": "/repos/acme/platform/teams?per_page=100"}))
    assert forge.teams() == frozenset({"justice-league"})
    assert [one.token for one in hub.asked("GET", "/teams")] == [TOKEN, TOKEN]


def test_the_token_stays_where_it_belongs(hub: Hub, forge: GitHub) -> None:
    with serving(Hub()) as elsewhere:
        hub.script.append(Scripted("GET", "/teams", 302, {"Location": f"{elsewhere.url}/repos/acme/platform/teams"}))
        with pytest.raises(ForgeError, match=f"a redirect leads to {elsewhere.url}/repos/acme/platform/teams, away"):
            forge.teams()
        hub.script.append(Scripted("POST", "/check-runs", 307, {"Location": f"{elsewhere.url}/x"}))
        with pytest.raises(ForgeError, match=f"a redirect leads to {elsewhere.url}/x, away from {hub.url}"):
            forge.check(run())
        assert elsewhere.seen == []


def test_redirects_have_an_end(hub: Hub, forge: GitHub) -> None:
    hub.script += [Scripted("GET", "/teams", 302, {"Location": "/repos/acme/platform/teams"}) for _ in range(9)]
    with pytest.raises(ForgeError, match="more than 4 redirects"):
        forge.teams()


# --- who asks


def _pem() -> tuple[str, rsa.RSAPublicKey]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    return key.private_bytes(*form).decode(), key.public_key()


def test_an_app_gets_a_token_for_the_one_repository_and_a_new_one_in_time(hub: Hub, time: Time) -> None:
    pem, public = _pem()
    said = {"GITHUB_REPOSITORY": "acme/platform", "GITHUB_API_URL": hub.url, "GITHUB_TOKEN": "not this one"}
    given = access_from({**said, "TARMAC_GITHUB_APP_ID": "12", "TARMAC_GITHUB_APP_KEY": pem.replace("\n", "\\n")})
    assert pem[60:90] not in repr(given)
    with GitHub(given, time.waiting()) as forge:
        forge.comment(7, MARKER, BODY)
        forge.pull(7)
        assert len(hub.asked("POST", "/access_tokens")) == 1
        time.sleep(56 * 60)
        hub.expires = "2026-12-01T07:56:00Z"
        forge.pull(7)
    asked = hub.asked("POST", "/access_tokens")
    assert len(asked) == 2
    assert asked[0].body == {"repositories": ["platform"]}
    told = jwt.decode(asked[0].token, public, algorithms=["RS256"], options={"verify_exp": False, "verify_iat": False})
    assert told == {"iss": "12", "iat": NOW.timestamp() - 60, "exp": NOW.timestamp() + 540}
    assert hub.comments[0]["user"]["login"] == BOT
    assert {one.token for one in hub.asked("GET", "/pulls/7")} == {TOKEN}


def test_a_key_that_is_none_is_not_told(hub: Hub, time: Time) -> None:
    said = {"GITHUB_REPOSITORY": "acme/platform", "GITHUB_API_URL": hub.url}
    given = access_from({**said, "TARMAC_GITHUB_APP_ID": "12", "TARMAC_GITHUB_APP_KEY": "secret stuff"})
    with GitHub(given, time.waiting()) as forge, pytest.raises(UsageError) as fault:
        forge.pull(7)
    assert "secret" not in str(fault.value)
    with GitHub(access(hub), time.waiting()) as other:
        other.teams()


GOOD = {"GITHUB_REPOSITORY": "acme/platform", "GITHUB_TOKEN": "t"}


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({}, "GITHUB_REPOSITORY must name"),
        ({**GOOD, "GITHUB_REPOSITORY": "../x"}, "GITHUB_REPOSITORY must name"),
        ({**GOOD, "GITHUB_REPOSITORY": "acme/.."}, "GITHUB_REPOSITORY must name"),
        ({**GOOD, "GITHUB_REPOSITORY": "acme/x/y"}, "GITHUB_REPOSITORY must name"),
        ({"GITHUB_REPOSITORY": "acme/x"}, "asked with a token"),
        ({**GOOD, "GITHUB_TOKEN": "two\nlines"}, "asked with a token"),
        ({**GOOD, "TARMAC_GITHUB_APP_ID": "1"}, "needs both"),
        ({**GOOD, "TARMAC_GITHUB_APP_KEY": "k"}, "needs both"),
    ],
)
def test_what_the_environment_lacks_is_said(environment: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        access_from(environment)


@pytest.mark.parametrize("api", ["http://github.example/api", "ftp://x", "github.example", "http://10.0.0.1"])
def test_a_token_goes_by_https_alone(time: Time, api: str) -> None:
    with pytest.raises(UsageError, match="is no address of an API"):
        GitHub(access_from({**GOOD, "GITHUB_API_URL": api}), time.waiting())


def test_an_enterprise_server_has_its_api_below_a_path(hub: Hub, time: Time) -> None:
    given = dataclasses.replace(access(hub), api=f"{hub.url}/api/v3/", server="https://github.example")
    served: Callable[..., tuple[int, object]] = hub.answer
    hub.answer = lambda method, path, query, body: served(method, path.removeprefix("/api/v3"), query, body)  # type: ignore[method-assign]
    with GitHub(given, time.waiting()) as forge:
        assert forge.teams() == frozenset({"justice-league"})
    assert hub.seen[0].path == "/api/v3/repos/acme/platform/teams"
    hub.seen = [dataclasses.replace(one, path=one.path.removeprefix("/api/v3")) for one in hub.seen]
    assert given.page == "https://github.example/acme/platform"


def _json(data: object) -> bytes:
    return json.dumps(data).encode()
