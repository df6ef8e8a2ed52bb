"""A stand-in for Vault on loopback: the key-value engine, version 2, as its HTTP API is documented. A simulator."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "made-up-token"
ROLE = ("made-up-role", "made-up-secret-id")


@dataclass
class Vault:
    """What it holds: versions by path. `answers` are statuses to answer with instead, the first first."""

    url: str = ""
    kept: dict[str, list[dict[str, str]]] = field(default_factory=dict)
    answers: list[int] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)


def _handler(vault: Vault) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

        def answer(self, status: int, body: object) -> None:
            content = b"" if status == 204 else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def body(self) -> dict[str, object]:
            found: object = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            assert isinstance(found, dict)
            return found

        def handle_one(self) -> None:
            body = self.body()
            vault.seen.append(f"{self.command} {self.path}")
            if vault.answers:
                return self.answer(vault.answers.pop(0), {"errors": [json.dumps(body)]})
            if self.path == "/v1/auth/approle/login":
                if (body.get("role_id"), body.get("secret_id")) != ROLE:
                    return self.answer(400, {"errors": ["invalid role or secret ID"]})
                return self.answer(200, {"auth": {"client_token": TOKEN}})
            if self.headers.get("X-Vault-Token") != TOKEN:
                return self.answer(403, {"errors": ["permission denied"]})
            part = self.path.removeprefix("/v1/kv/data/")
            if self.command in ("POST", "PUT") and part != self.path:
                data = body["data"]
                assert isinstance(data, dict)
                vault.kept.setdefault(part, []).append(data)
                return self.answer(200, {"data": {"version": len(vault.kept[part])}})
            if self.command == "GET" and part in vault.kept:
                return self.answer(200, {"data": {"data": vault.kept[part][-1], "metadata": {}}})
            if self.command == "DELETE":
                vault.kept.pop(self.path.removeprefix("/v1/kv/metadata/"), None)
                return self.answer(204, None)
            return self.answer(404, {"errors": []})

        do_GET = do_POST = do_PUT = do_DELETE = handle_one

    return Handler


@contextmanager
def vault_server() -> Iterator[Vault]:
    """One on loopback, for as long as it is entered."""
    vault = Vault()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(vault))
    vault.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield vault
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
