"""A stand-in for GitHub's REST API on loopback, made of GitHub's own examples of its answers. A simulator: what it was
asked and what it answered is held to GitHub's OpenAPI description by `hold`."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest, MockResponse

HERE = Path(__file__).parent
ANSWERS: Mapping[str, Any] = json.loads((HERE / "answers.json").read_text("utf-8"))
TOKEN = "made-up-token"
BOT = "tarmac[bot]"
REPO = "/repos/acme/platform"
PAGE = 2


@cache
def contract() -> OpenAPI:
    """GitHub's description."""
    return OpenAPI.from_dict(json.loads((HERE / "openapi.json").read_text("utf-8")))


def example(key: str) -> Any:
    """One of GitHub's own examples: `GET .../pulls/{pull_number}` goes for the whole path."""
    method, path = key.split(" ")
    whole = f"{method} {path.replace('...', '/repos/{owner}/{repo}')} "
    return deepcopy(next(value for name, value in ANSWERS.items() if name.startswith(whole)))


@dataclass(frozen=True)
class Asked:
    """A request as it came in, and the answer's status and body; `recorded` says that the answer was scripted."""

    method: str
    path: str
    query: Mapping[str, str]
    token: str
    body: Any
    status: int
    answer: Any
    recorded: bool


@dataclass(frozen=True)
class Scripted:
    """What to answer once instead to a method and a path that contains `part`; `then` runs first."""

    method: str
    part: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b'{"message": "scripted"}'
    then: Callable[[], None] = lambda: None
    cut: bool = False
    drop: bool = False


@dataclass
class Hub:
    """What the stand-in knows of one repository."""

    url: str = ""
    login: str = BOT
    pulls: list[Any] = field(default_factory=list)
    reviews: list[Any] = field(default_factory=list)
    commits: list[Any] = field(default_factory=list)
    comments: list[Any] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)
    requested_teams: list[str] = field(default_factory=list)
    strangers: set[str] = field(default_factory=set)
    checks: list[dict[str, Any]] = field(default_factory=list)
    script: list[Scripted] = field(default_factory=list)
    seen: list[Asked] = field(default_factory=list)
    user_status: int = 200
    expires: str = "2026-12-01T07:00:00Z"

    def add_pull(self, number: int, head: str, base: str = "main", state: str = "open", author: str = "dev") -> None:
        """A pull request, filled up from GitHub's example."""
        made = example("GET .../pulls/{pull_number}")
        made |= {"number": number, "state": state, "draft": False}
        made["head"]["sha"], made["base"]["ref"] = head, base
        made["base"]["repo"]["default_branch"] = "main"
        made["user"]["login"] = author
        self.pulls.append(made)

    def add_review(self, login: str, state: str, commit: str) -> None:
        """A review, filled up likewise."""
        made = example("GET .../pulls/{pull_number}/reviews")[0]
        made |= {"id": len(self.reviews) + 1, "state": state, "commit_id": commit}
        made["submitted_at"] = "2026-11-30T10:00:00Z"
        made["user"] = made["user"] | {"login": login, "type": "User"}
        self.reviews.append(made)

    def add_commit(self, sha: str, author: str) -> None:
        """A commit of the pull request, filled up likewise."""
        made = example("GET .../pulls/{pull_number}/commits")[0]
        made |= {"sha": sha}
        made["author"] = made["author"] | {"login": author}
        made["committer"] = {}
        self.commits.append(made)

    def add_comment(self, login: str, body: str) -> Any:
        """A comment, filled up likewise."""
        made = example("GET .../issues/{issue_number}/comments")[0]
        number = max((one["id"] for one in self.comments), default=0) + 1
        made |= {"id": number, "body": body, "html_url": f"https://github.example/comments/{number}"}
        made["user"] = made["user"] | {"login": login}
        self.comments.append(made)
        return made

    def asked(self, method: str = "", part: str = "") -> list[Asked]:
        """The requests of a method whose path holds a text."""
        return [one for one in self.seen if method in ("", one.method) and part in one.path]

    def hold(self) -> None:
        """Every request, and every answer that was not made wrong on purpose, is as GitHub's description has it."""
        assert self.seen
        for one in self.seen:
            body = None if one.body is None else json.dumps(one.body).encode()
            request = MockRequest(
                "https://api.github.com", one.method.lower(), one.path, args=dict(one.query), data=body
            )
            contract().validate_request(request)
            if not one.recorded:
                content = b"" if one.answer is None else json.dumps(one.answer).encode()
                contract().validate_response(request, MockResponse(content, one.status))

    # --- answers

    def answer(self, method: str, path: str, query: Mapping[str, str], body: Any) -> tuple[int, Any]:
        """Status and body for a request that nothing is scripted for."""
        rest = path.removeprefix(REPO)
        parts = rest.strip("/").split("/")
        if path == "/user":
            return (self.user_status, example("GET /user") | {"login": self.login})
        if path == "/app":
            return 200, example("GET /app") | {"slug": self.login.removesuffix("[bot]")}
        if rest == "/installation":
            return 200, example("GET .../installation") | {"id": 77}
        if path == "/app/installations/77/access_tokens":
            made = example("POST /app/installations/{installation_id}/access_tokens")
            return 201, made | {"token": TOKEN, "expires_at": self.expires}
        if rest == "/teams":
            return 200, [*example("GET .../teams")]
        if parts[0] == "commits" or rest == "/pulls":
            wanted = [one for one in self.pulls if parts[0] == "pulls" or one["head"]["sha"] == parts[1]]
            whole = example("GET .../pulls")[0]
            return 200, [whole | {key: one[key] for key in ("number", "state", "head", "base")} for one in wanted]
        if parts[0] == "pulls":
            return self._pull(method, parts, body)
        if parts[0] == "check-runs":
            return self._check(method, parts, body)
        return self._issue(method, parts, body)

    def _pull(self, method: str, parts: list[str], body: Any) -> tuple[int, Any]:
        if len(parts) == 2:
            return 200, next(one for one in self.pulls if str(one["number"]) == parts[1])
        if parts[2] == "reviews":
            return 200, self.reviews
        if parts[2] == "commits":
            return 200, self.commits
        if method == "GET":
            found = example("GET .../pulls/{pull_number}/requested_reviewers")
            user, team = found["users"][0], found["teams"][0]
            return 200, {
                "users": [user | {"login": name} for name in self.requested],
                "teams": [team | {"slug": name} for name in self.requested_teams],
            }
        people, teams = body.get("reviewers", []), body.get("team_reviewers", [])
        if self.strangers & {*people, *teams}:
            return 422, {"message": "Reviews may only be requested from collaborators."}
        self.requested += people
        self.requested_teams += teams
        return 201, example("POST .../pulls/{pull_number}/requested_reviewers")

    def _check(self, method: str, parts: list[str], body: Any) -> tuple[int, Any]:
        made = example("POST .../check-runs")
        self.checks.append(body)
        return (201 if method == "POST" else 200), made | {"id": 9}

    def _issue(self, method: str, parts: list[str], body: Any) -> tuple[int, Any]:
        if parts[1] == "comments":
            found = next((one for one in self.comments if str(one["id"]) == parts[2]), None)
            if found is None:
                return 404, {"message": "Not Found"}
            found["body"] = body["body"]
            return 200, found
        if parts[2] == "comments":
            return (200, self.comments) if method == "GET" else (201, self.add_comment(self.login, body["body"]))
        if method == "DELETE":
            self.labels.remove(unquote(parts[3]))
        if method == "POST":
            self.labels += body["labels"]
        label = example("GET .../issues/{issue_number}/labels")[0]
        return 200, [label | {"name": name} for name in self.labels]


def _handler(hub: Hub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

        def handle_one(self) -> None:
            split = urlsplit(self.path)
            query = {key: values[-1] for key, values in parse_qs(split.query).items()}
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            body = json.loads(content) if content else None
            token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
            scripted = next((one for one in hub.script if one.method == self.command and one.part in split.path), None)
            if scripted is not None:
                hub.script.remove(scripted)
                scripted.then()
                kept = Asked(self.command, split.path, query, token, body, scripted.status, None, True)
                hub.seen.append(kept)
                return None if scripted.drop else self.reply(scripted.status, scripted.headers, scripted.body, scripted)
            status, answer = hub.answer(self.command, split.path, query, body)
            headers: dict[str, str] = {}
            if isinstance(answer, list) and "per_page" in query:
                answer, headers = self.page(answer, split.path, query)
            kept = Asked(self.command, split.path, query, token, body, status, deepcopy(answer), status >= 300)
            hub.seen.append(kept)
            return self.reply(status, headers, json.dumps(answer).encode(), None)

        def page(self, entries: list[Any], path: str, query: Mapping[str, str]) -> tuple[list[Any], dict[str, str]]:
            number = int(query.get("page", "1"))
            here = entries[(number - 1) * PAGE : number * PAGE]
            if len(entries) <= number * PAGE:
                return here, {}
            rest = "&".join(f"{key}={value}" for key, value in query.items() if key != "page")
            return here, {
                "Link": f'<{hub.url}{path}?{rest}&page={number + 1}>; rel="next", <{hub.url}/last>; rel="last"'
            }

        def reply(self, status: int, headers: Mapping[str, str], content: bytes, scripted: Scripted | None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(content) * (2 if scripted and scripted.cut else 1)))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_DELETE = handle_one

    return Handler


@contextmanager
def serving(hub: Hub) -> Iterator[Hub]:
    """The stand-in, reachable while entered."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    hub.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield hub
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
