"""What the command line does before and after a verb: finding the root, suggesting, ending with the right code."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from tarmac.adapters.files import WorkingTree
from tarmac.adapters.root import root_above
from tarmac.cli.main import tarmac
from tarmac.errors import UsageError
from tarmac.model.suggested import suggestion
from tests.reconcile.company import Company

TARMAC = (sys.executable, "-m", "tarmac")


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company.found(tmp_path)


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*TARMAC, *arguments], cwd=folder, capture_output=True, text=True, timeout=60, check=False)


def test_below_the_root_a_command_answers_as_it_does_there_and_says_where_it_reads(company: Company) -> None:
    company.ask("orders-db")
    above = run(company.root, "check")
    below = run(company.root / "teams" / "platform", "check")
    assert above.stderr == ""
    assert (below.returncode, below.stdout) == (above.returncode, above.stdout)
    assert below.stderr == f"tarmac: the root is {company.root}; --root names another\n"


def test_a_root_that_is_named_is_taken_as_it_is(company: Company) -> None:
    company.ask("orders-db")
    named = run(company.root / "requests", "catalog", "list", "--root", ".")
    assert (named.returncode, named.stderr) == (0, "")
    assert "orders-db" in named.stdout
    assert named.stdout.endswith("\n1 entity\n")


def test_the_root_is_the_nearest_with_a_platform_then_the_top_with_data(tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    inner = outer / "inner" / "catalog" / "deep"
    inner.mkdir(parents=True)
    assert root_above(lambda: inner) is None
    (outer / ".git").mkdir()
    assert root_above(lambda: inner) is None, "nothing at the top says that it is a root"
    (outer / "teams").mkdir()
    assert root_above(lambda: inner) == outer
    assert root_above(lambda: outer) is None
    for root in (outer, outer / "inner"):
        (root / "policies").mkdir()
        (root / "policies" / "platform.yaml").write_text("")
        assert root_above(lambda: inner) == root


def test_what_lies_above_a_repository_is_never_its_root(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "platform.yaml").write_text("")
    inner = tmp_path / "clone" / "docs"
    inner.mkdir(parents=True)
    (tmp_path / "clone" / ".git").write_text("gitdir: elsewhere\n")
    assert root_above(lambda: inner) is None


def test_a_current_folder_that_is_gone_has_no_root_above_it() -> None:
    def gone() -> Path:
        raise FileNotFoundError

    assert root_above(gone) is None


def on_a_full_disk(company: Company, file: Path, stream: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """One command that cannot write a byte into the file that one of its streams is."""
    full = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)); "
    command = [sys.executable, "-B", "-c", f"{full}from tarmac.cli.main import main; main()", *arguments]
    with file.open("w") as opened:
        out, err = (opened, subprocess.PIPE) if stream == "stdout" else (subprocess.PIPE, opened)
        return subprocess.run(command, cwd=company.root, stdout=out, stderr=err, text=True, check=False)


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("request", "list"), ("catalog", "list")])
def test_a_full_disk_behind_standard_output_is_no_defect(
    company: Company, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    company.ask("orders-db")
    done = on_a_full_disk(company, tmp_path / "out", "stdout", *arguments)
    assert done.returncode == 4
    assert done.stderr == "tarmac: standard output cannot be written: File too large\n"


@pytest.mark.parametrize("arguments", [("chek",), ("request", "list", "--rev", "nowhere")])
def test_where_nothing_can_be_said_the_exit_code_still_is_right(
    company: Company, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    assert on_a_full_disk(company, tmp_path / "err", "stderr", *arguments).returncode == 2


def test_a_reader_that_goes_away_is_no_fault() -> None:
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run([*TARMAC, "--help"], stdout=write, stderr=subprocess.PIPE, check=False)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("chek",), "tarmac has no verb 'chek': did you mean check?"),
        (("request", "shw"), "has no verb 'shw': did you mean show?"),
        (("xyzzy\x1b[2J",), "choose one of check, explain, review"),
    ],
)
def test_an_unknown_verb_is_met_with_what_is_meant(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = run(tmp_path, *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert "\x1b" not in done.stderr


def test_the_help_of_a_group_cuts_no_sentence() -> None:
    told = " ".join(CliRunner().invoke(tarmac, ["catalog", "--help"]).stdout.split())
    assert "who owns that, and how bad losing REF would be." in told


def test_the_help_of_check_names_every_format() -> None:
    assert "text|json|sarif|github|junit|markdown" in CliRunner().invoke(tarmac, ["check", "--help"]).stdout


@pytest.mark.parametrize(
    ("word", "names", "meant"),
    [
        ("postgress", ["postgres", "bucket"], "postgres"),
        ("redis", ["redis-cache", "bucket"], "redis-cache"),
        ("cache", ["redis-cache", "bucket"], "redis-cache"),
        ("bucket-public", ["redis-cache", "bucket"], "bucket"),
        ("zz", ["jazz", "buzz"], None),
        ("", ["a"], None),
    ],
)
def test_a_part_of_a_name_is_a_name_misspelt(word: str, names: list[str], meant: str | None) -> None:
    assert suggestion(word, names) == meant


def test_no_folder_is_made_for_a_report(company: Company, tmp_path: Path) -> None:
    done = run(company.root, "check", "--output", str(tmp_path / "missing" / "x.txt"))
    assert (done.returncode, done.stdout) == (2, "")
    assert "there is no folder" in done.stderr
    assert not (tmp_path / "missing").exists()
    for place, said in ((Path(), "it is a folder"), (company.root / ".git" / "HEAD" / "x", "is no folder")):
        done = run(company.root, "check", "--output", str(place) if place.name else "")
        assert done.returncode == 2
        assert said in done.stderr


def test_outside_git_a_folder_of_too_much_is_refused(tmp_path: Path) -> None:
    for number in range(4):
        (tmp_path / f"{number}.yaml").write_text("")
    assert len(WorkingTree(tmp_path, most=4).entries()) == 4
    with pytest.raises(UsageError, match="more than 3 files that belong to no git repository: name the"):
        WorkingTree(tmp_path, most=3).entries()
