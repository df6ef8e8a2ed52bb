"""`check --base` as it is run: with a real git, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.trees import company, component, request

_MAIN = (
    "import sys, tarmac.cli.main as main\ncode = main._run()\n"
    "heavy = ('pydantic', 'rich', 'jsonschema', 'ruamel', 'tarmac.catalog.graph')\n"
    "print([name for name in heavy if name in sys.modules], file=sys.stderr)\nsys.exit(code)"
)


def git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def tarmac(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`tarmac check --format json`; what is loaded of the heavy modules is its last line of errors."""
    command = [sys.executable, "-c", _MAIN, "check", "--format", "json", "--now", "2026-12-01T06:00:00Z", *arguments]
    return subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A company on main, with a fault; a branch of five files with another; main has moved on since."""
    root = tmp_path / "root"
    root.mkdir()
    git(root, "init", "-q", "-b", "main")
    write(root, company() | {"catalog/old.yaml": component("old", "system: none"), ".gitignore": ".tarmac/\n"})
    git(root, "add", ".")
    git(root, "commit", "-qm", "company")
    git(root, "checkout", "-qb", "change")
    write(root, {f"catalog/new-{number}.yaml": component(f"new-{number}") for number in range(3)})
    write(root, {"requests/one/staging/r.yaml": request("r", "size: huge")})
    write(root, {"catalog/old.yaml": "# a line more\n" + component("old", "system: none")})
    git(root, "add", ".")
    git(root, "commit", "-qm", "change")
    git(root, "checkout", "-q", "main")
    write(root, {"catalog/later.yaml": component("later", "system: gone")})
    git(root, "add", ".")
    git(root, "commit", "-qm", "later")
    return root


def test_a_change_answers_for_what_it_brings(repository: Path) -> None:
    cold = tarmac(repository, "--base", "main", "--head", "change", "--no-cache")
    assert cold.returncode == 1, cold.stderr
    answer = json.loads(cold.stdout)
    assert [finding["rule"] for finding in answer["findings"]] == ["request-config"]
    # What main has got since is not the change's, and what only moved is not new.
    assert answer["summary"]["known"] == 1
    kept = tarmac(repository, "--rev", "main", "--write-cache")
    assert kept.stdout == tarmac(repository, "--rev", "main").stdout
    cached = tarmac(repository, "--base", "main", "--head", "change")
    assert cached.stdout == cold.stdout
    assert (cached.returncode, cached.stderr.strip()) == (1, "[]")


def test_the_files_as_they_are_are_a_head_too(repository: Path) -> None:
    tarmac(repository, "--rev", "main", "--write-cache")
    write(repository, {"catalog/mine.yaml": component("mine", "system: none")})
    (repository / "catalog/later.yaml").unlink()
    cached, cold = (tarmac(repository, "--base", "main", *more) for more in ((), ("--no-cache",)))
    assert cached.stdout == cold.stdout
    assert [finding["path"] for finding in json.loads(cached.stdout)["findings"]] == ["catalog/mine.yaml"]


def test_a_folder_below_the_top_is_a_root_of_its_own(repository: Path) -> None:
    git(repository, "checkout", "-qb", "deep")
    (repository / "deep").mkdir()
    git(repository, "mv", "-k", "catalog", "policies", "teams", "deep")
    git(repository, "commit", "-qam", "deep")
    write(repository, {"deep/catalog/mine.yaml": component("mine", "system: none")})
    git(repository, "add", ".")
    git(repository, "commit", "-qm", "mine")
    tarmac(repository, "--root", "deep", "--rev", "deep~1", "--write-cache")
    said = [
        tarmac(repository, "--root", "deep", "--base", "deep~1", "--rev", "deep", *more).stdout
        for more in ((), ("--no-cache",))
    ]
    assert said[0] == said[1]
    assert [finding["path"] for finding in json.loads(said[0])["findings"]] == ["catalog/mine.yaml"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--base", "nowhere"), "nowhere"),
        (("--base", "main..change"), "main..change"),
        (("--base", "--all"), "--all"),
        (("--base", "main", "--fix"), "choose one"),
        (("--write-cache",), "--rev"),
        (("--rev", "main", "--no-cache", "--write-cache"), "--no-cache"),
    ],
)
def test_what_cannot_be_is_refused(repository: Path, arguments: tuple[str, ...], words: str) -> None:
    done = tarmac(repository, *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
