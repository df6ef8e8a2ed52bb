"""The HTTP interface, as a WSGI application without state outside its counters."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable
from threading import Lock
from urllib.parse import unquote

SERVICE = "{{ cookiecutter.name }}"
LONGEST_NAME = 80

StartResponse = Callable[[str, list[tuple[str, str]]], object]
Answer = tuple[str, str, str]


class Application:
    """Routes a request, answers in JSON, and counts what it answered."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._answers: Counter[tuple[str, str]] = Counter()

    def __call__(self, environ: dict[str, object], start_response: StartResponse) -> Iterable[bytes]:
        method = str(environ.get("REQUEST_METHOD", "GET"))
        path = str(environ.get("PATH_INFO", "/"))
        status, content_type, body = self._answer(method, path)
        if path.startswith("/v1/"):
            with self._lock:
                self._answers[(method if method in ("GET", "HEAD") else "other", status[:3])] += 1
        data = body.encode()
        start_response(status, [("Content-Type", content_type), ("Content-Length", str(len(data)))])
        return [b"" if method == "HEAD" else data]

    def _answer(self, method: str, path: str) -> Answer:
        if method not in ("GET", "HEAD"):
            return _problem("405 Method Not Allowed", "only GET is served here")
        if path == "/healthz":
            return _json("200 OK", {"status": "ok"})
        if path == "/metrics":
            return "200 OK", "text/plain; version=0.0.4; charset=utf-8", self._metrics()
        prefix = "/v1/greetings/"
        if path.startswith(prefix):
            name = unquote(path[len(prefix) :])
            if not name or len(name) > LONGEST_NAME or "/" in name:
                return _problem("400 Bad Request", f"a name has 1 to {LONGEST_NAME} characters and no slash")
            return _json("200 OK", {"greeting": f"Welcome aboard, {name}"})
        return _problem("404 Not Found", "nothing is served here")

    def _metrics(self) -> str:
        with self._lock:
            answers = sorted(self._answers.items())
        lines = [
            "# HELP http_requests_total Requests answered, by method and code.",
            "# TYPE http_requests_total counter",
        ]
        for (method, code), count in answers:
            labels = f'service="{SERVICE}",method="{method}",code="{code}"'
            lines.append("http_requests_total{" + labels + "} " + str(count))
        return "\n".join(lines) + "\n"


def _json(status: str, value: dict[str, str]) -> Answer:
    return status, "application/json", json.dumps(value)


def _problem(status: str, detail: str) -> Answer:
    body = {"type": "about:blank", "title": status[4:], "detail": detail}
    return status, "application/problem+json", json.dumps(body)
