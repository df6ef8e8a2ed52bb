"""What goes over the wire to whom: hosts beyond the loopback, which no test may ask."""

from __future__ import annotations

import httpx2
import pytest

from tarmac.adapters.http import Answer, Http
from tarmac.errors import ForgeError
from tests.github.test_github import Time


def asking(redirects: dict[str, str], status: int = 302) -> tuple[Http, list[tuple[str, str | None]]]:
    """A client of https://api.example, and what is asked of whom with which token."""
    seen: list[tuple[str, str | None]] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        address = str(request.url)
        seen.append((address, request.headers.get("Authorization")))
        if address in redirects:
            return httpx2.Response(status, headers={"Location": redirects[address]}, content=iter([b""]))
        return httpx2.Response(200, content=iter([b'{"ok": true}']))

    return Http("https://api.example", Time().waiting(), {}, httpx2.MockTransport(answer)), seen


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize(
    "other",
    [
        "https://other.example/b", "https://api.example:444/b", "https://api.example.evil.example/b",
        "http://api.example/b", "http://other.example/b", "ftp://other.example/b", "//other.example/b",
    ],
)  # fmt: skip
def test_a_redirect_to_another_host_is_refused_and_never_asked(method: str, other: str) -> None:
    """What decides comes from where it was asked for."""
    http, seen = asking({"https://api.example/a": other}, 307)
    with http, pytest.raises(ForgeError, match=r"^a redirect leads to .*/b, away from https://api\.example$"):
        http.send(method, "/a", "secret", None if method == "GET" else {})
    assert seen == [("https://api.example/a", "Bearer secret")]


def test_a_redirect_within_the_host_carries_the_token_all_along() -> None:
    http, seen = asking({"https://api.example/a": "/b", "https://api.example/b": "https://API.example/c"})
    with http:
        http.send("GET", "/a", "secret")
    assert {token for _, token in seen} == {"Bearer secret"}
    assert len(seen) == 3


@pytest.mark.parametrize("address", ["https://other.example/x", "http://api.example/x", "https://api.example:444/x"])
def test_a_question_goes_to_the_base_alone(address: str) -> None:
    http, seen = asking({})
    with http, pytest.raises(ForgeError, match="is not where questions go"):
        http.send("GET", address, "secret")
    assert seen == []


def linked(link: str) -> Answer:
    def answer(request: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(200, headers={"Link": link}, content=iter([b"[]"]))

    with Http("https://api.example", Time().waiting(), {}, httpx2.MockTransport(answer)) as http:
        return http.send("GET", "/a", "secret")


NEXT = "https://api.example/a?page=2"


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        (f'<{NEXT}>; rel="next", <https://api.example/a?page=9>; rel="last"', NEXT),
        (f'<https://api.example/a?page=9>; rel="last",<{NEXT}>;rel="next"', NEXT),
        (f"<{NEXT}>; rel=next", NEXT),
        (f'<{NEXT}>; title="x"; REL = "prefetch Next"', NEXT),
        (f'<{NEXT}&state=open,closed>; rel="next"', f"{NEXT}&state=open,closed"),
        (f'<https://api.example/a?page=1>; rel="prev", <{NEXT}>; rel="next"', NEXT),
        ('<https://api.example/next>; rel="last"', None),
        ("", None),
    ],
)
def test_which_page_comes_next(link: str, expected: str | None) -> None:
    found = linked(link)
    assert (found.next, found.fault) == (expected, "")


@pytest.mark.parametrize(
    "link", [f'{NEXT}; rel="next"', f'<{NEXT}; rel="next"', 'rel="next"', f'<{NEXT}>; rev="next"', f"<{NEXT}>; Next"]
)
def test_a_next_page_that_cannot_be_told_is_no_last_one(link: str) -> None:
    found = linked(link)
    assert found.next is None
    assert found.fault == f"an answer whose next page cannot be told from {link}"
