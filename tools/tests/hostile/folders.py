"""What a folder can hold besides files: links that leave it, pipes, names that nobody would give."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

from tests.hostile.cases import ENTITY, HEAD, Case, files, put

SECRET = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: {name: secret}\nspec: {}\n"


def git(root: Path, *arguments: str) -> None:
    """One git command in a folder."""
    subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True)


def _outside(root: Path) -> Path:
    """A file outside of the repository that a link could reach."""
    return put(root.parent / "outside", SECRET, "catalog-info.yaml").parent


def _link_to_file(root: Path) -> None:
    put(root, ENTITY)
    (root / "catalog/link.yaml").symlink_to(_outside(root) / "catalog-info.yaml")


def _link_to_folder(root: Path) -> None:
    put(root, ENTITY)
    (root / "catalog/far").symlink_to(_outside(root), target_is_directory=True)


def _data_folder_is_a_link(root: Path) -> None:
    put(root, ENTITY)
    (root / "teams").symlink_to(_outside(root), target_is_directory=True)


def _folder_of_tracked_file_became_a_link(root: Path) -> None:
    put(root, ENTITY)
    put(root, ENTITY.replace("here", "there"), "catalog/far/catalog-info.yaml")
    git(root, "init", "-q")
    git(root, "add", ".")
    (root / "catalog/far/catalog-info.yaml").unlink()
    (root / "catalog/far").rmdir()
    (root / "catalog/far").symlink_to(_outside(root), target_is_directory=True)


def _link_loop(root: Path) -> None:
    put(root, ENTITY)
    (root / "catalog/one.yaml").symlink_to("two.yaml")
    (root / "catalog/two.yaml").symlink_to("one.yaml")


def _link_upwards(root: Path) -> None:
    put(root, ENTITY)
    (root / "catalog/up").symlink_to("..", target_is_directory=True)


def _link_to_nothing(root: Path) -> None:
    put(root, ENTITY)
    (root / "catalog/gone.yaml").symlink_to("/nowhere/at/all.yaml")


def _link_to_endless_device(root: Path) -> None:
    put(root, ENTITY)
    (root / "catalog/zero.yaml").symlink_to("/dev/zero")


def _pipe(root: Path) -> None:
    put(root, ENTITY)
    os.mkfifo(root / "catalog/pipe.yaml")


def _pipe_in_git(root: Path) -> None:
    put(root, ENTITY)
    put(root, ENTITY.replace("here", "there"), "catalog/pipe.yaml")
    git(root, "init", "-q")
    git(root, "add", ".")
    (root / "catalog/pipe.yaml").unlink()
    os.mkfifo(root / "catalog/pipe.yaml")


def _socket(root: Path) -> None:
    put(root, ENTITY)
    here = Path.cwd()
    os.chdir(root / "catalog")
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind("s.yaml")
    finally:
        os.chdir(here)


def _hard_link(root: Path) -> None:
    first = put(root, ENTITY)
    os.link(first, root / "catalog/other.yaml")


def _folder_named_as_a_file(root: Path) -> None:
    put(root, ENTITY)
    put(root, ENTITY.replace("here", "there"), "catalog/folder.yaml/catalog-info.yaml")


def _nested_repository(root: Path) -> None:
    put(root, ENTITY)
    put(root, SECRET, "catalog/nested/catalog-info.yaml")
    git(root, "init", "-q")
    git(root / "catalog/nested", "init", "-q")


def _git_that_points_elsewhere(root: Path) -> None:
    put(root, ENTITY)
    put(root, "gitdir: /nowhere/at/all\n", ".git")


def _git_that_runs_programs(root: Path) -> None:
    put(root, ENTITY)
    git(root, "init", "-q")
    mark = root / "owned"
    put(root, f"#!/bin/sh\ntouch {mark}\n", "run.sh").chmod(0o755)
    for key in ("core.fsmonitor", "core.sshCommand", "diff.external", "core.editor", "core.pager", "filter.x.clean"):
        git(root, "config", key, str(root / "run.sh"))
    put(root, "* filter=x diff=x\n", ".gitattributes")


def ignore_bomb(root: Path) -> None:
    """A pattern that git's own matching takes for ever to see through."""
    put(root, ENTITY)
    git(root, "init", "-q")
    put(root, "a" * 200, "catalog/" + "a" * 100 + ".txt")
    put(root, "*a" * 60 + "b\n" + "**/" * 60 + "b\n", ".gitignore")


def _named(name: bytes | str) -> Case:
    path = name if isinstance(name, str) else os.fsdecode(name)
    shown = path.encode("unicode_escape", "surrogateescape").decode() if path.isprintable() is False else path
    return files(f"a file named {shown[:40]}", **{"catalog/catalog-info.yaml": ENTITY, f"catalog/{path}": SECRET})


CASES: tuple[Case, ...] = (
    Case("a link to a file outside", _link_to_file),
    Case("a link to a folder outside", _link_to_folder),
    Case("a data folder that is a link", _data_folder_is_a_link),
    Case("a tracked file behind a link to the outside", _folder_of_tracked_file_became_a_link),
    Case("links in a circle", _link_loop),
    Case("a link to the folder above", _link_upwards),
    Case("a link to nothing", _link_to_nothing),
    Case("a link to an endless device", _link_to_endless_device),
    Case("a pipe that nobody writes to", _pipe),
    Case("a tracked file that became a pipe", _pipe_in_git),
    Case("a socket", _socket),
    Case("a hard link", _hard_link),
    Case("a folder named as a file", _folder_named_as_a_file),
    Case("a nested repository", _nested_repository),
    Case("a .git that points elsewhere", _git_that_points_elsewhere),
    Case("a git configuration that runs programs", _git_that_runs_programs),
    _named("two\nlines.yaml"),
    _named("\x1b[2Jclear.yaml"),
    _named(b"latin-\xe9.yaml"),
    _named("-rf.yaml"),
    _named("::warning file=x::y.yaml"),
    _named("\u202elmay.yaml"),
    _named("blank .yaml"),
    _named("n" * 250 + ".yaml"),
    _named("CATALOG-INFO.yaml"),
    _named(".yaml"),
    _named("..yaml"),
    _named("upper.YAML"),
    files("folders 100 deep", **{"catalog/" + "d/" * 100 + "c.yaml": ENTITY}),
    files(
        "names that differ in case only",
        **{"catalog/a.yaml": HEAD + "spec: {}\n", "catalog/A.yaml": HEAD.replace("here", "HERE") + "spec: {}\n"},
    ),
)
