"""--format and --output in pairs, from the command line to the files."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import click
import pytest

from tarmac.adapters.report_files import write_report
from tarmac.adapters.terminal import Terminal
from tarmac.cli.check import command
from tarmac.cli.outputs import Output
from tarmac.errors import OutsideError, UsageError

BROKEN = Path(__file__).parents[1] / "repos" / "missing-fields"
CHECK = (sys.executable, "-m", "tarmac", "check", "--root", str(BROKEN))
PLAIN = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "CI")}


def asked(*arguments: str) -> tuple[Output, ...]:
    """What `tarmac check` takes these arguments for."""
    outputs = command.make_context("check", list(arguments)).params["outputs"]
    return tuple(outputs.all)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), (Output("text"),)),
        (("--format", "json"), (Output("json"),)),
        (("--output", "a"), (Output("text", Path("a")),)),
        (("--format", "json", "--output", "a"), (Output("json", Path("a")),)),
        (("--format", "json", "--output", "-"), (Output("json"),)),
        (
            ("--format=text", "--rev=x", "--format=sarif", "--root=.", "--output=b"),
            (Output("text"), Output("sarif", Path("b"))),
        ),
        (
            ("--format", "junit", "--output", "a", "--format", "github"),
            (Output("junit", Path("a")), Output("github")),
        ),
        (
            ("--format", "json", "--output", "a", "--format", "json", "--output", "b"),
            (Output("json", Path("a")), Output("json", Path("b"))),
        ),
    ],
)
def test_an_output_belongs_to_the_format_before_it(arguments: tuple[str, ...], expected: tuple[Output, ...]) -> None:
    assert asked(*arguments) == expected


@pytest.mark.parametrize(
    "arguments",
    [
        ("--format", "text", "--format", "json"),
        ("--format", "text", "--output", "-", "--format", "json"),
        ("--format", "text", "--output", "a", "--format", "json", "--output", "a"),
        ("--output", "a", "--format", "text"),
        ("--output", "a", "--output", "b"),
        ("--format", "json", "--output", "a", "--output", "b"),
        ("--format", "json", "--statistics"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_read(arguments: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        asked(*arguments)


def test_an_unknown_format_lists_those_that_exist() -> None:
    with pytest.raises(click.UsageError, match="'yaml' is no format: choose one of text, json, sarif, github"):
        asked("--format", "yaml")


def test_one_run_writes_several_reports(tmp_path: Path) -> None:
    sarif, junit = tmp_path / "x.sarif", tmp_path / "x.xml"
    run = subprocess.run(
        [*CHECK, "--format", "sarif", "--output", sarif, "--format", "json", "--format", "junit", "--output", junit],
        capture_output=True,
        check=False,
    )
    assert (run.returncode, run.stderr) == (1, b"")
    rows = json.loads(run.stdout)["findings"]
    results = json.loads(sarif.read_text("utf-8"))["runs"][0]["results"]
    assert len(rows) == len(results) == junit.read_text("utf-8").count("<failure ") == 2
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["x.sarif", "x.xml"]


def test_the_same_revision_gives_the_same_text_as_its_files(tmp_path: Path) -> None:
    target = tmp_path / "catalog" / "catalog-info.yaml"
    target.parent.mkdir()
    target.write_bytes((BROKEN / "catalog" / "catalog-info.yaml").read_bytes())
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "all"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    files, revision = (
        subprocess.run(
            [sys.executable, "-m", "tarmac", "check", *arguments], cwd=tmp_path, capture_output=True, check=False
        ).stdout
        for arguments in ([], ["--rev", "HEAD"])
    )
    assert files == revision
    assert b"  5 | spec:\n    | ^\n" in files


def test_a_device_is_written_to_and_stays_one() -> None:
    run = subprocess.run([*CHECK, "--format", "json", "--output", "/dev/stderr"], capture_output=True, check=False)
    assert run.stdout == b""
    assert len(json.loads(run.stderr)["findings"]) == 2
    assert Path("/dev/stderr").is_symlink()


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        write_report(pipe, "whole\n")
        assert reader.communicate()[0] == b"whole\n"
    assert pipe.is_fifo()


def test_a_link_where_a_report_goes_is_replaced_and_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("kept")
    for name in ("report", ".report.tarmac-new"):
        (tmp_path / name).symlink_to(secret)
    write_report(tmp_path / "report", "new\n")
    assert secret.read_text() == "kept"
    assert not (tmp_path / "report").is_symlink()
    assert (tmp_path / "report").read_text() == "new\n"


@pytest.mark.parametrize("name", ["n" * 300, "file/below"])
def test_what_cannot_be_written_is_said_and_no_defect(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutsideError, match="cannot be written"):
        write_report(tmp_path / name, "text")


@pytest.mark.parametrize(
    ("choice", "terminal", "environment", "expected"),
    [
        ("auto", True, {}, True),
        ("auto", False, {}, False),
        ("auto", True, {"NO_COLOR": "1"}, False),
        ("auto", True, {"NO_COLOR": ""}, True),
        ("auto", False, {"FORCE_COLOR": "1"}, True),
        ("auto", False, {"FORCE_COLOR": ""}, False),
        ("auto", True, {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("auto", True, {"TERM": "dumb"}, False),
        ("always", False, {"NO_COLOR": "1"}, True),
        ("never", True, {"FORCE_COLOR": "1"}, False),
    ],
)
def test_flag_then_no_color_then_force_color_then_terminal(
    choice: str, terminal: bool, environment: Mapping[str, str], expected: bool
) -> None:
    assert Terminal(out=terminal, err=False, environment=environment).colour(choice) is expected


def test_a_terminal_gets_colour_and_a_file_beside_it_does_not(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    arguments = ["--format", "text", "--format", "text", "--output", str(tmp_path / "x")]
    subprocess.run([*CHECK, *arguments], stdout=theirs, env={**PLAIN, "TERM": "xterm"}, check=False)
    os.close(theirs)
    assert b"\x1b[1;31merror\x1b[0m" in os.read(ours, 10_000)
    os.close(ours)
    assert b"\x1b" not in (tmp_path / "x").read_bytes()


def test_an_output_that_cannot_say_a_character_gets_its_escape(tmp_path: Path) -> None:
    (tmp_path / "catalog").mkdir()
    (tmp_path / "catalog" / "注文.yaml").write_text("name: orders\n", encoding="utf-8")
    environment = {**PLAIN, "PYTHONIOENCODING": "iso-8859-1"}
    run = subprocess.run(
        [sys.executable, "-m", "tarmac", "check", "--root", tmp_path], capture_output=True, env=environment, check=False
    )
    assert (run.returncode, run.stderr) == (1, b"")
    assert b"catalog/\\u6ce8\\u6587.yaml:1:1: error:" in run.stdout
