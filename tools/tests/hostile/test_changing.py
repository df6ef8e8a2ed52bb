"""Files that change while they are read: whatever is met is data or a finding, and nothing outside is ever reached."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tarmac.adapters.files import WorkingTree
from tarmac.app.load import load
from tarmac.app.wire import reading
from tarmac.errors import GitError
from tarmac.model.trees import TreeEntry
from tests.hostile.cases import ENTITY, FILE, put
from tests.hostile.folders import SECRET, git, ignore_bomb
from tests.hostile.running import Runner

LIMIT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Changing:
    """A working tree that something happens to between listing it and reading it."""

    tree: WorkingTree
    happens: Callable[[], object]

    @property
    def revision(self) -> str:
        return self.tree.revision

    def entries(self) -> tuple[TreeEntry, ...]:
        found = self.tree.entries()
        self.happens()
        return found

    def read(self, entries: Iterable[TreeEntry], limit: int) -> Iterator[tuple[TreeEntry, bytes | str]]:
        return self.tree.read(entries, limit)


def _shrinks(file: Path) -> None:
    file.write_text("", encoding="utf-8")


def _grows(file: Path) -> None:
    file.write_text(ENTITY + "# " + "x" * LIMIT, encoding="utf-8")


def _is_cut_within_a_character(file: Path) -> None:
    file.write_bytes(ENTITY.encode() + b"# \xf0\x9f\x98")


def _goes(file: Path) -> None:
    file.unlink()


def _becomes_a_link(file: Path) -> None:
    file.unlink()
    file.symlink_to(put(file.parents[2] / "outside", SECRET, "catalog-info.yaml"))


def _becomes_a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


def _becomes_a_folder(file: Path) -> None:
    file.unlink()
    put(file, SECRET, "catalog-info.yaml")


def _lies_behind_a_link(file: Path) -> None:
    outside = put(file.parents[2] / "outside", SECRET, "catalog-info.yaml").parent
    shutil.rmtree(file.parent)
    file.parent.symlink_to(outside, target_is_directory=True)


@pytest.mark.parametrize(
    ("happens", "rules"),
    [
        (_shrinks, []),
        (_grows, ["yaml-limit"]),
        (_is_cut_within_a_character, ["yaml-bytes"]),
        (_goes, ["unreadable-file"]),
        (_becomes_a_link, ["unreadable-file"]),
        (_becomes_a_pipe, ["unreadable-file"]),
        (_becomes_a_folder, ["unreadable-file"]),
        (_lies_behind_a_link, ["unreadable-file"]),
    ],
)
def test_a_file_that_is_another_by_the_time_it_is_read(
    happens: Callable[[Path], None], rules: list[str], tmp_path: Path
) -> None:
    file = put(tmp_path / "repository", ENTITY)
    tree = Changing(WorkingTree.at(tmp_path / "repository"), lambda: happens(file))
    loaded = load(tree, reading())
    assert [(finding.rule, finding.place.path) for finding in loaded.findings] == [(rule, FILE) for rule in rules]
    assert not list(loaded.catalog.of_kind("location"))


def test_a_file_that_changes_all_the_time_gives_data_or_findings(tmp_path: Path) -> None:
    runner = Runner(tmp_path / "runner")
    root = tmp_path / "repository"
    file = put(root, ENTITY)
    contents = (ENTITY.encode(), b"", b"a: [", b"\xff" * 4096, ENTITY.encode() + b"#" * 200_000)
    over = threading.Event()

    def change() -> None:
        while not over.is_set():
            for content in contents:
                file.write_bytes(content)

    changing = threading.Thread(target=change)
    changing.start()
    try:
        runs = [runner.run(root) for _ in range(20)]
    finally:
        over.set()
        changing.join()
        runner.close()
    assert {run.err for run in runs} == {""}
    assert {run.code for run in runs} <= {0, 1}
    assert all(run.entities() in (0, 1) for run in runs)


def test_a_list_of_files_that_git_does_not_finish_is_an_error_of_the_outside(tmp_path: Path) -> None:
    ignore_bomb(tmp_path)
    with pytest.raises(GitError, match="ls-files took longer than 1 second"):
        WorkingTree(tmp_path, patience=1).entries()


def test_a_repository_that_git_will_not_read_is_not_read_as_a_folder(tmp_path: Path) -> None:
    put(tmp_path, ENTITY)
    git(tmp_path, "init", "-q")
    (tmp_path / ".git/index").write_bytes(b"no index")
    with pytest.raises(GitError, match="index"):
        WorkingTree.at(tmp_path).entries()
