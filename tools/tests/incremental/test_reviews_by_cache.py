"""A review by what is kept: as it is run, and where what is kept is of no use."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest

from tarmac.adapters.cache_schema import cache_file
from tarmac.adapters.cache_write import write_cache
from tarmac.app import wire
from tarmac.app.check_change import Cache
from tarmac.app.keep import check_and_keep
from tarmac.app.review import review
from tarmac.reports.reviews import load
from tests.incremental.test_torn_caches import DAMAGES, sql
from tests.review.repository import Repository
from tests.trees import NOW, READING, company, component, request

CODEOWNERS = ".github/CODEOWNERS"


def changed(path: Path, **more: str) -> Repository:
    """A company, and a branch `feature` of it with a request, a fault and a component that goes."""
    base = company(**more) | {"catalog/old.yaml": component("old", "dependsOn: [component:shop]")}
    repository = Repository.of(path, base)
    files = base | {
        "requests/one/staging/r.yaml": request("r", "gb: 5"),
        "catalog/till.yaml": component("till", "dependsOn: [component:none]"),
    }
    del files["catalog/old.yaml"]
    repository.commit(files, "feature", onto="main")
    repository.git("checkout", "--quiet", "main")
    return repository


def keep(repository: Repository, folder: Path, revision: str = "main") -> None:
    git, root = wire.git(repository.path), repository.path
    ages = partial(wire.histories(root).at, (revision,))
    kept = partial(write_cache, folder)
    check_and_keep(git.tree(revision), git.tree_name(revision), READING, NOW, ages, kept)


def told(repository: Repository, cache: Cache | None) -> str:
    root = repository.path
    found = review(wire.git(root), READING, "main", "feature", NOW, (), None, None, wire.histories(root), cache)
    return load("json")(found)


# Only a review asks for these.
NEEDS: Mapping[str, Callable[[Path], None]] = {
    "needs that are none": sql("UPDATE needs SET numbers = x'00'"),
    "needs of nothing": sql("UPDATE needs SET things = '00000000[]'"),
    "needs twice": sql("INSERT INTO needs SELECT things, numbers FROM needs"),
    "no needs": sql("DELETE FROM needs"),
}


@pytest.mark.parametrize("damage", [*DAMAGES, *NEEDS, "nothing"])
def test_what_is_of_no_use_is_noticed_and_done_without(damage: str, tmp_path: Path) -> None:
    root, folder = tmp_path / "root", tmp_path / "cache"
    root.mkdir()
    repository = changed(root)
    keep(repository, folder)
    done = DAMAGES.get(damage) or NEEDS.get(damage)
    if done is not None:
        done(cache_file(folder))
    said = told(repository, wire.cache_reader(root, folder))
    assert said == told(repository, None)
    assert '"rule": "unknown-reference"' in said
    assert '"entity": "resourcerequest:default/r"' in said


def test_a_stale_codeowners_file_is_told_with_and_without(tmp_path: Path) -> None:
    root, folder = tmp_path / "root", tmp_path / "cache"
    root.mkdir()
    repository = changed(root, **{CODEOWNERS: "* @acme/one\n"})
    for revision in ("main", "feature"):
        # Of the feature's own tree nothing is left to read, and its file is as stale as main's.
        keep(repository, folder, revision)
        said = told(repository, wire.cache_reader(root, folder))
        assert said == told(repository, None)
        assert '"rule": "codeowners-stale"' in said


def test_what_a_commit_brings_along_is_not_read_from_the_usual_place(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    repository = changed(root)
    usual = root / wire.CACHE
    keep(repository, usual)

    def there(cache: Cache) -> bool:
        with cache(lambda path, blob, index: (1, 1, None)) as kept:
            return kept is not None

    assert there(wire.cache_reader(root))
    repository.git("add", "--force", ".tarmac")
    repository.git("commit", "--quiet", "--message=a cache")
    assert not there(wire.cache_reader(root))
    # Who names a folder has reasons to trust it.
    assert there(wire.cache_reader(root, usual))


def test_as_it_is_run(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    changed(root)

    def tarmac(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "tarmac", *arguments, "--now", "2026-12-01T06:00:00Z"]
        return subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)

    asked = ("review", "--base", "main", "--head", "feature", "--format", "markdown")
    cold = tarmac(*asked)
    assert tarmac("check", "--rev", "main", "--write-cache").returncode in (0, 1)
    for more in ((), ("--cache", ".tarmac/cache"), ("--no-cache",), ("--cache", "nowhere")):
        found = tarmac(*asked, *more)
        assert (found.returncode, found.stdout, found.stderr) == (cold.returncode, cold.stdout, cold.stderr)
    wrong = tarmac(*asked, "--no-cache", "--cache", "nowhere")
    assert wrong.returncode == 2
    assert "--no-cache goes with no other word about a cache" in wrong.stderr
