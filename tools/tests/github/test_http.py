"""What goes over the wire to whom: hosts beyond the loopback, which no test may ask."""

from __future__ import annotations

import httpx2
import pytest

from tarmac.adapters.http import Http
from tarmac.errors import ForgeError
from tests.github.test_github import Time


def asking(redirects: dict[str, str]) -> tuple[Http, list[tuple[str, str | None]]]:
    """A client of https://api.example, and what is asked of whom with which token."""
    seen: list[tuple[str, str | None]] = []

    def answer(request: httpx2.Request) -> httpx2.Response:
        address = str(request.url)
        seen.append((address, request.headers.get("Authorization")))
        if address in redirects:
            return httpx2.Response(302, headers={"Location": redirects[address]}, content=iter([b""]))
        return httpx2.Response(200, content=iter([b'{"ok": true}']))

    return Http("https://api.example", Time().waiting(), {}, httpx2.MockTransport(answer)), seen


def test_a_redirect_to_another_host_is_followed_without_the_token() -> None:
    for other in ("https://other.example/b", "https://api.example:444/b", "https://api.example.evil.example/b"):
        http, seen = asking({"https://api.example/a": other})
        with http:
            assert http.send("GET", "/a", "secret").data == {"ok": True}
        assert seen == [("https://api.example/a", "Bearer secret"), (other, None)]


def test_a_redirect_back_carries_it_again_and_one_within_the_host_all_along() -> None:
    http, seen = asking({"https://api.example/a": "/b", "https://api.example/b": "https://API.example/c"})
    with http:
        http.send("GET", "/a", "secret")
    assert {token for _, token in seen} == {"Bearer secret"}
    assert len(seen) == 3


@pytest.mark.parametrize("where", ["http://api.example/b", "http://other.example/b", "ftp://other.example/b"])
def test_a_redirect_out_of_https_is_refused(where: str) -> None:
    http, seen = asking({"https://api.example/a": where})
    with http, pytest.raises(ForgeError, match="without https"):
        http.send("GET", "/a", "secret")
    assert len(seen) == 1


@pytest.mark.parametrize("address", ["https://other.example/x", "http://api.example/x", "https://api.example:444/x"])
def test_a_question_goes_to_the_base_alone(address: str) -> None:
    http, seen = asking({})
    with http, pytest.raises(ForgeError, match="is not where questions go"):
        http.send("GET", address, "secret")
    assert seen == []
