"""Servers on loopback that keep what they are sent: one speaks HTTP, one SMTP."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Heard:
    """What came in: (path, headers, JSON) of each question over HTTP, (recipients, text) of each mail. `answers` are
    the statuses to give, one after the other, the last one for good; `body` is the answer's text."""

    port: int = 0
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    mails: list[tuple[list[str], str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=lambda: [200])
    body: str = '{"ok": true, "channel": "C1"}'

    def answer(self) -> int:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def http_server() -> Iterator[Heard]:
    heard = Heard()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            heard.asked.append((self.path, dict(self.headers), json.loads(content)))
            status = heard.answer()
            self.send_response(status)
            if status in (301, 302, 307):
                self.send_header("location", "/elsewhere")
            self.send_header("content-length", str(len(heard.body)))
            self.end_headers()
            self.wfile.write(heard.body.encode())

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        yield from _served(server, heard)


@contextmanager
def mail_server() -> Iterator[Heard]:
    """As much of SMTP (RFC 5321) as a client needs that trusts the line. The first of `answers` other than 200
    refuses the next mail."""
    heard = Heard()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 here")
            recipients: list[str] = []
            for line in self.rfile:
                command = line.decode().strip()
                verb = command.upper()
                if verb == "DATA":
                    self._say("354 go on")
                    text = b"".join(iter(self.rfile.readline, b".\r\n")).decode()
                    if heard.answer() == 200:
                        heard.mails.append((recipients, text))
                        self._say("250 taken")
                    else:
                        self._say("554 refused")
                    recipients = []
                elif verb == "QUIT":
                    self._say("221 bye")
                    return
                else:
                    if verb.startswith("RCPT TO:"):
                        recipients.append(command[8:].strip("<>"))
                    self._say("250 well")

        def _say(self, text: str) -> None:
            self.wfile.write(f"{text}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        yield from _served(server, heard)


def _served(server: socketserver.BaseServer, heard: Heard) -> Iterator[Heard]:
    heard.port = server.server_address[1]  # type: ignore[index,assignment]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield heard
    finally:
        server.shutdown()
        thread.join()
