"""The application, called as a WSGI server calls it."""

from __future__ import annotations

import json
import unittest

from service.app import LONGEST_NAME, SERVICE, Application


def call(app: Application, path: str, method: str = "GET") -> tuple[int, dict[str, str], str]:
    """Answer of the application: status code, headers, body."""
    seen: list[tuple[str, list[tuple[str, str]]]] = []
    body = b"".join(
        app({"REQUEST_METHOD": method, "PATH_INFO": path}, lambda status, headers: seen.append((status, headers)))
    )
    status, headers = seen[0]
    return int(status[:3]), dict(headers), body.decode()


class ApplicationTest(unittest.TestCase):
    def test_greets_by_name(self) -> None:
        code, headers, body = call(Application(), "/v1/greetings/Ada%20L")
        assert (code, headers["Content-Type"]) == (200, "application/json")
        assert json.loads(body) == {"greeting": "Welcome aboard, Ada L"}

    def test_refuses_a_name_that_is_too_long(self) -> None:
        assert call(Application(), "/v1/greetings/" + "x" * LONGEST_NAME)[0] == 200
        assert call(Application(), "/v1/greetings/" + "x" * (LONGEST_NAME + 1))[0] == 400

    def test_says_what_is_wrong(self) -> None:
        assert call(Application(), "/nowhere")[0] == 404
        code, headers, _ = call(Application(), "/v1/greetings/Ada", "DELETE")
        assert (code, headers["Content-Type"]) == (405, "application/problem+json")

    def test_is_healthy(self) -> None:
        assert call(Application(), "/healthz")[0] == 200

    def test_counts_answers_but_not_its_own_upkeep(self) -> None:
        app = Application()
        call(app, "/v1/greetings/Ada")
        call(app, "/v1/greetings/")
        call(app, "/healthz")
        lines = call(app, "/metrics")[2].splitlines()
        assert len(lines) == 4
        for line, code in zip(lines[2:], ("200", "400"), strict=True):
            labels = f'service="{SERVICE}",method="GET",code="{code}"'
            assert line == "http_requests_total{" + labels + "} 1"


if __name__ == "__main__":
    unittest.main()
