"""What belongs to a working tree is what git says of it, also where git need not be asked of each folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tarmac.adapters import files
from tarmac.adapters.files import WorkingTree
from tarmac.adapters.git import run_git
from tarmac.model.trees import SPECIAL, SUBMODULE, SYMLINK
from tests.adapters.test_trees import commit, git

DEEP = "/".join(str(level) for level in range(60))


def _nothing(root: Path) -> None:
    """As it was committed."""


def _gone(root: Path) -> None:
    (root / "a/b/y.yaml").unlink()


def _new(root: Path) -> None:
    (root / "a/new.yaml").write_text("1\n", "utf-8")


def _ignored(root: Path) -> None:
    (root / "a/x.log").write_text("1\n", "utf-8")


def _empty(root: Path) -> None:
    (root / "a/empty/er").mkdir(parents=True)


def _link(root: Path) -> None:
    (root / "a/x.yaml").unlink()
    (root / "a/x.yaml").symlink_to("b")


def _linked_folder(root: Path) -> None:
    (root / "a").rename(root / "elsewhere")
    (root / "a").symlink_to("elsewhere")


def _pipe(root: Path) -> None:
    (root / "a/x.yaml").unlink()
    os.mkfifo(root / "a/x.yaml")


def _folder_for_a_file(root: Path) -> None:
    (root / "a/x.yaml").unlink()
    (root / "a/x.yaml").mkdir()
    (root / "a/x.yaml/z.yaml").write_text("1\n", "utf-8")


def _nested(root: Path) -> None:
    (root / "a/nested").mkdir()
    git(root / "a/nested", "init", "-q")


def _submodule(root: Path) -> None:
    _nested(root)
    commit(root / "a/nested", {"x.yaml": "1\n"})
    git(root, "add", "a/nested")


def _deep(root: Path) -> None:
    commit(root, {f"{DEEP}/x.yaml": "1\n"})


# What is done to a tree, and whether git is asked for more than what it keeps.
CHANGES: list[tuple[Callable[[Path], None], bool]] = [
    (_nothing, False),
    (_gone, False),
    (_new, True),
    (_ignored, True),
    (_empty, False),
    (_link, False),
    (_linked_folder, True),
    (_pipe, False),
    (_folder_for_a_file, True),
    (_nested, True),
    (_submodule, True),
    (_deep, True),
]


def by_git(root: Path) -> dict[str, int]:
    """What git lists, and is there, with its type."""
    said = git(root, "-c", "core.quotePath=false", "ls-files", "--cached", "--others", "--exclude-standard", "--", ".")
    found = {}
    for line in sorted({line.rstrip("/") for line in said.splitlines()}):
        at = root / line
        if at.is_symlink() or (at.exists() and at.parent.resolve() == at.parent):
            found[line] = stat.S_IFMT(at.lstat().st_mode)
    return found


MODES = {stat.S_IFREG: "100644", stat.S_IFLNK: SYMLINK, stat.S_IFDIR: SUBMODULE, stat.S_IFIFO: SPECIAL}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository, by no name that leads through a link."""
    folder = tmp_path.resolve() / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    names = ("a/x.yaml", "a/b/y.yaml", "a/b/ü z.yaml", "a.yaml", "b/x.yaml")
    commit(folder, {**dict.fromkeys(names, "1\n"), ".gitignore": "*.log\n"})
    return folder


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """For what git is asked."""
    seen: list[str] = []

    def asking(root: Path, arguments: list[str], *, timeout: int = 30) -> bytes:
        seen.extend(one for one in arguments if one.startswith("--") and one != "--")
        return run_git(root, arguments, timeout=timeout)

    monkeypatch.setattr(files, "run_git", asking)
    return seen


@pytest.mark.parametrize(("change", "more"), CHANGES, ids=[change.__name__ for change, _ in CHANGES])
def test_what_is_there_is_what_git_says(
    root: Path, asked: list[str], change: Callable[[Path], None], more: bool
) -> None:
    change(root)
    expected = {path: MODES[kind] for path, kind in by_git(root).items()}
    entries = WorkingTree.at(root).entries()
    assert {entry.path: entry.mode for entry in entries} == expected
    assert [entry.path for entry in entries] == sorted(expected)
    assert asked == ["--cached", *(("--others", "--exclude-standard") if more else ())]


def test_a_folder_of_the_repository_and_another_work_tree_are_told_the_same_way(root: Path, asked: list[str]) -> None:
    assert [entry.path for entry in WorkingTree.at(root / "a").entries()] == ["b/y.yaml", "b/ü z.yaml", "x.yaml"]
    git(root, "worktree", "add", "-q", str(root.parent / "second"), "-b", "second")
    assert (root.parent / "second/.git").is_file()
    assert [entry.path for entry in WorkingTree.at(root.parent / "second").entries()] == sorted(by_git(root))
    assert asked == ["--cached", "--cached"]


def test_a_folder_that_cannot_be_read_is_gits_to_tell(
    root: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(folder: int) -> None:
        raise PermissionError

    monkeypatch.setattr("tarmac.adapters.files.os.scandir", refused)
    assert [entry.path for entry in WorkingTree.at(root).entries()] == sorted(by_git(root))
    assert asked == ["--cached", "--others", "--exclude-standard"]
