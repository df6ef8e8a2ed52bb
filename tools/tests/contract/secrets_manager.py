"""A stand-in for AWS Secrets Manager on loopback: the four calls that the sink makes, as its API documents them. A
simulator of our own, so that the suite needs nothing else."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class SecretsManager:
    """What it holds, by name. `answers` are (status, code) to answer with instead, the first first."""

    url: str = ""
    kept: dict[str, str] = field(default_factory=dict)
    answers: list[tuple[int, str]] = field(default_factory=list)
    seen: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def answer(self, call: str, body: dict[str, object]) -> tuple[int, dict[str, object]]:
        self.seen.append((call, body))
        if self.answers:
            status, code = self.answers.pop(0)
            return status, {"__type": code, "Message": json.dumps(body)}
        name = str(body.get("Name") or body.get("SecretId"))
        if call == "CreateSecret":
            if name in self.kept:
                return 400, {"__type": "ResourceExistsException"}
            self.kept[name] = str(body["SecretString"])
            return 200, {"Name": name}
        if name not in self.kept:
            return 400, {"__type": "ResourceNotFoundException"}
        if call == "PutSecretValue":
            self.kept[name] = str(body["SecretString"])
        if call == "GetSecretValue":
            return 200, {"Name": name, "SecretString": self.kept[name]}
        if call == "DeleteSecret":
            del self.kept[name]
        return 200, {"Name": name}


def _handler(manager: SecretsManager) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

        def do_POST(self) -> None:
            body: object = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            assert isinstance(body, dict)
            status, answer = manager.answer(str(self.headers["X-Amz-Target"]).rpartition(".")[2], body)
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


@contextmanager
def secrets_manager() -> Iterator[SecretsManager]:
    """One on loopback, for as long as it is entered."""
    manager = SecretsManager()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(manager))
    manager.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield manager
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
