"""Channels from the repository to the wire: one message a state, and the address nowhere but in the environment."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.notices.servers import http_server, mail_server
from tests.reconcile.company import PLATFORM, Company

SECRET = "s3cret-t0ken"


def run(company: Company, hour: int, **variables: str) -> str:
    command = [sys.executable, "-m", "tarmac", "reconcile", "--apply", "--now", f"2026-12-01T{hour:02}:00:00Z"]
    done = subprocess.run(
        command, cwd=company.root, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_state_is_one_message_and_the_address_stands_nowhere(tmp_path: Path) -> None:
    company = Company.found(tmp_path)
    said = (
        "  notices:\n    events: {via: webhook, env: TARMAC_NOTICES_EVENTS}\n"
        "    mail: {via: email, env: TARMAC_NOTICES_MAIL, topics: [held]}\n"
        "    gone: {via: slack, env: TARMAC_NOTICES_GONE}\n"
    )
    company.write("policies/platform.yaml", PLATFORM + said)
    company.ask("bad", config="size: enormous")
    company.ask("good", environment="production")
    company.commit()
    with http_server() as web, mail_server() as post:
        addresses = {
            "TARMAC_NOTICES_EVENTS": f"json://tarmac:{SECRET}@127.0.0.1:{web.port}/{SECRET}",
            "TARMAC_NOTICES_MAIL": f"mailto://127.0.0.1:{post.port}?from=t@small.example&to=a@small.example&mode=insecure",
            "TARMAC_NOTICES_GONE": f"slack://{SECRET}",
        }
        web.answers = [503]
        first = run(company, 1, **addresses)
        assert "Channel events: 1 notice not sent, as the service answered 503; the next run tries again." in first
        assert "Channel gone: 1 notice not sent, as TARMAC_NOTICES_GONE holds no address such as slack://" in first
        assert "  1 message sent.\n" in first
        assert len(post.mails) == 1
        web.answers = [200]
        second = run(company, 2, **addresses)
        assert "Notice for" not in second
        third = run(company, 3, **addresses)
        assert "message sent" not in third
        assert [body["title"] for _, _, body in web.asked] == ["small: 1 held", "small: 1 held"]
        assert len(post.mails) == 1
        assert web.asked[-1][0] == f"/{SECRET}"
    every = ["git", "cat-file", "--batch-all-objects", "--batch"]
    kept = subprocess.run(every, cwd=company.root, capture_output=True, check=True).stdout
    assert b'"topic":"held"' in kept
    files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    for content in (kept, *files, *(text.encode() for text in (first, second, third))):
        assert SECRET.encode() not in content
