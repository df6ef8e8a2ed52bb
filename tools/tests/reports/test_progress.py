"""A long run shows signs of life on a terminal; a short one, and one that nobody watches, shows and loads nothing."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest

from tarmac.adapters.terminal import Terminal
from tarmac.app.wire import reading
from tarmac.cli.progress import progress

HEAVY = ("cel_expr_python", "jinja2", "jsonschema", "jsonschema_rs", "pydantic", "re2", "rich", "ruamel", "yaml")
LOADED = """
import sys
from tarmac.cli.main import run
try:
    code = run()
finally:
    print("LOADED", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@contextmanager
def terminal() -> Iterator[tuple[int, TextIO]]:
    """Both ends of a terminal: what is seen can be read from the first."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        yield ours, stream
    os.close(ours)


def ended(arguments: list[str], **environment: str) -> tuple[str, set[str]]:
    """What a command says, and the top modules that it has loaded when it ends."""
    run = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )
    return run.stdout, set(run.stderr.rpartition("LOADED ")[2].split())


def test_a_long_run_shows_how_many_files_were_read_and_then_nothing() -> None:
    with terminal() as (ours, stream):
        with progress(True, after=0, stream=stream) as seen:
            read = seen.counted(reading()).read
            assert read("a.yaml", b"kind: Component\n")[0]
            said = b""
            while b"1 file read, judging ..." not in said:
                said += os.read(ours, 10_000)
        os.write(stream.fileno(), b"END")
        after = b""
        while b"END" not in after:
            after += os.read(ours, 10_000)
    assert b"\x1b[2K" in after
    assert b"read" not in after.rpartition(b"\x1b[2K")[2]


def test_a_short_run_shows_nothing() -> None:
    with terminal() as (ours, stream):
        with progress(True, after=60, stream=stream) as seen:
            seen.counted(reading()).read("a.yaml", b"kind: Component\n")
        os.write(stream.fileno(), b"END")
        assert os.read(ours, 10_000) == b"END"


def test_without_a_watcher_the_reader_is_left_as_it_is() -> None:
    given = reading()
    with progress(False) as seen:
        assert seen.counted(given) is given


@pytest.mark.parametrize(
    ("err", "environment", "expected"),
    [
        (True, {}, True),
        (False, {}, False),
        (True, {"CI": "true"}, False),
        (True, {"CI": "1"}, False),
        (True, {"CI": "false"}, True),
        (True, {"TERM": "dumb"}, False),
    ],
)
def test_only_a_terminal_outside_ci_is_watched(err: bool, environment: Mapping[str, str], expected: bool) -> None:
    assert Terminal(out=False, err=err, environment=environment).watched is expected


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["check", "--help"], ["nonsense"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    _, loaded = ended(arguments)
    assert "click" in loaded
    assert loaded & set(HEAVY) == set()


@pytest.mark.parametrize(
    ("words", "some"),
    [
        ("tarmac ", "plain,reconcile"),
        ("tarmac che", "plain,check"),
        ("tarmac check --o", "plain,--output"),
        ("tarmac check --format s", "plain,sarif"),
    ],
)
def test_completion_knows_verbs_options_and_formats_and_loads_nothing_heavy(words: str, some: str) -> None:
    at = str(len(words.split(" ")) - 1)
    said, loaded = ended([], _TARMAC_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=at)
    assert some in said.splitlines()
    assert loaded & set(HEAVY) == set()


def test_a_check_that_nobody_watches_never_loads_rich_or_models() -> None:
    said, loaded = ended(["check", "--root", str(Path(__file__).parents[1] / "repos" / "missing-fields")])
    assert "2 errors" in said
    assert loaded & {"rich", "pydantic"} == set()
