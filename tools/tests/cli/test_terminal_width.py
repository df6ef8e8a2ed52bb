"""What is shown on a terminal of 80 columns fits there; whatever is no terminal gets each line whole."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import sys
import termios
from collections.abc import Sequence
from pathlib import Path

import pytest

from tarmac.reports.folding import all_folded, folded
from tests.reconcile.company import Company

AT = ("--now", "2026-12-01T06:00:00Z")
TOOLS = Path(__file__).resolve().parents[2]
LONG = "a-name-of-which-few-are-longer"


def on_terminal(company: Company, columns: int, *arguments: str) -> list[str]:
    """The lines that a command writes to a terminal of so many columns."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    try:
        program = subprocess.Popen(
            command(company, arguments), stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, env=environment()
        )
        os.close(theirs)
        said = b""
        while True:
            try:
                part = os.read(ours, 65536)
            except OSError:
                # So Linux says that the other side is closed.
                break
            said += part
            if not part:
                break
        assert program.wait(60) == 0, said.decode()
    finally:
        os.close(ours)
    return said.decode().replace("\r\n", "\n").splitlines()


def piped(company: Company, *arguments: str) -> list[str]:
    done = subprocess.run(
        command(company, arguments), capture_output=True, text=True, check=True, env=environment(), timeout=60
    )
    return done.stdout.splitlines()


def command(company: Company, arguments: Sequence[str]) -> list[str]:
    more = ["--instances", str(company.instances)] if arguments[0] in ("plan", "reconcile") else []
    program = [sys.executable, "-c", "from tarmac.cli.main import main; main()"]
    return [*program, *arguments, "--root", str(company.root), *more]


def environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "COLUMNS"} | {
        "PYTHONPATH": str(TOOLS), "NO_COLOR": "1", "TERM": "xterm"
    }  # fmt: skip


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    company = Company.found(tmp_path_factory.mktemp("company"))
    company.ask(LONG, "bucket", "staging")
    file = company.root / company.path(LONG, "staging")
    why = "reason: a load test of everything that passengers see, before the summer and again behind it"
    file.write_text(file.read_text("utf-8").replace("reason: a test", why), "utf-8")
    company.commit()
    company.reconcile()
    company.ask(f"{LONG}2", "bucket", "staging")
    company.commit()
    return company


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", *AT),
        ("request", "list", *AT),
        ("ledger", "log"),
        ("ledger", "show", LONG),
        ("request", "show", LONG, *AT),
    ],
)
def test_no_line_is_wider_than_the_terminal(company: Company, arguments: tuple[str, ...]) -> None:
    whole, shown = piped(company, *arguments), on_terminal(company, 80, *arguments)
    assert max(map(len, whole)) > 80
    assert [line for line in shown if len(line) > 80] == []
    assert sorted(words(whole)) == sorted(words(shown))
    assert on_terminal(company, 400, *arguments) == whole


def words(lines: Sequence[str]) -> list[str]:
    return re.findall(r"[\w#@./-]+", " ".join(lines))


def test_a_line_is_folded_between_words_and_behind_its_beginning() -> None:
    line = "    + create   a-name  [of-a-type, embedded] and what it is for"
    assert folded(line, None) == folded(line, len(line)) == line
    assert folded(line, 50, 15) == ("    + create   a-name  [of-a-type, embedded] and\n               what it is for")
    assert folded(f"x {'y' * 60} z", 50, 1) == f"x\n {'y' * 60}\n z"
    # So narrow a terminal breaks lines itself.
    assert folded(line, 39) == line
    assert all_folded([f"  {'a ' * 30}b", "c"], 41) == f"  {'a ' * 19}a\n    {'a ' * 10}b\nc\n"
    assert all_folded([], 80) == ""
