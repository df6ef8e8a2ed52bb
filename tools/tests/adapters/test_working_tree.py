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
from tarmac.model import together
from tarmac.model.trees import SPECIAL, SUBMODULE, SYMLINK, TreeEntry
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


@pytest.mark.parametrize("sized", [0, 3, 9, 11])
def test_a_file_that_changes_its_size_while_it_is_read_is_read_to_its_end_or_the_limit(
    tmp_path: Path, sized: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").write_bytes(b"0123456789")
    about = list(os.stat(tmp_path / "x"))
    about[stat.ST_SIZE] = sized
    monkeypatch.setattr("tarmac.adapters.files.os.fstat", lambda handle: os.stat_result(about))
    read = {}
    for limit in (100, 11, 10, 9, 5):
        [(_, read[limit])] = WorkingTree.at(tmp_path).read([TreeEntry("x", "100644", "")], limit)
    # One byte more than the limit tells whoever asked that there is more.
    whole = b"0123456789"
    told = {limit: f"larger than {limit} bytes" if sized > limit else whole[: limit + 1] for limit in read}
    assert read == told


def test_many_files_are_all_read_each_once_and_few_bytes_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "MOST", 7)
    monkeypatch.setattr(together, "MOST_BYTES", 100)
    sizes = {f"{number:03}": number % 13 * (9 if number > 60 else 1) for number in range(100)}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(b"x" * size)
    opened: list[str] = []
    one = files._read

    def noted(folders: files._Folders, path: str, limit: int) -> bytes | str:
        opened.append(path)
        return one(folders, path, limit)

    monkeypatch.setattr(files, "_read", noted)
    entries = [TreeEntry(name, "100644", "") for name in [*sizes, "gone"]]
    told: list[tuple[str, bytes | str]] = []
    for entry, content in WorkingTree.at(tmp_path).read(entries, 1000):
        told.append((entry.path, content))
        ahead = opened[len(told) - 1 :]
        assert len(ahead) <= 7
        assert sum(sizes.get(path, 0) for path in ahead[:-1]) <= 100
    assert told == [*((name, b"x" * size) for name, size in sizes.items()), ("gone", "No such file or directory")]
