"""A revision that no honest git would have made: objects are read as they are, and nothing on the disk is touched."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.hostile.cases import ENTITY, put
from tests.hostile.folders import git


def stored(root: Path, kind: str, content: bytes) -> bytes:
    """The id (raw) of an object that is written as it is, however wrong it may be."""
    command = ["git", "hash-object", "-t", kind, "-w", "--stdin", "--literally"]
    done = subprocess.run(command, cwd=root, input=content, capture_output=True, check=True)
    return bytes.fromhex(done.stdout.decode().strip())


def crafted(root: Path, entries: Mapping[bytes, tuple[bytes, bytes]]) -> bytes:
    """A tree of name -> (mode, id), without any of git's own checks."""
    content = b"".join(mode + b" " + name + b"\x00" + identity for name, (mode, identity) in entries.items())
    return stored(root, "tree", content)


def check(root: Path, revision: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "tarmac", "check", "--root", str(root), "--rev", revision, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    put(root, ENTITY, "README.md")
    git(root, "init", "-q")
    put(tmp_path / "outside", ENTITY.replace("here", "secret"), "catalog-info.yaml")
    return root


def commit(root: Path, tree: bytes) -> str:
    command = ["git", "commit-tree", tree.hex(), "-m", "crafted"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=True).stdout.strip()


def test_links_modules_and_wrong_names_are_findings(tmp_path: Path) -> None:
    root = repository(tmp_path)
    sound = stored(root, "blob", ENTITY.encode())
    other = stored(root, "blob", ENTITY.replace("here", "there").encode())
    link = stored(root, "blob", b"../../outside/catalog-info.yaml")
    folder = crafted(
        root,
        {
            b"catalog-info.yaml": (b"100644", sound),
            b"link.yaml": (b"120000", link),
            b"module": (b"160000", sound),
            b"two\nlines.yaml": (b"100644", other),
            b"\xff.yaml": (b"100644", other),
        },
    )
    code, out, err = check(root, commit(root, crafted(root, {b"catalog": (b"40000", folder)})))
    assert (code, err) == (1, "")
    found = {(row["rule"], row["path"]) for row in json.loads(out)["findings"]}
    assert found == {
        ("unreadable-file", "catalog/link.yaml"),
        ("unreadable-file", "catalog/module"),
        ("unreadable-file", "catalog/two\\nlines.yaml"),
        ("unreadable-file", "catalog/\\udcff.yaml"),
    }
    assert json.loads(out)["summary"]["entities"] == 1


def test_names_that_lead_out_are_only_names(tmp_path: Path) -> None:
    root = repository(tmp_path)
    sound = stored(root, "blob", ENTITY.encode())
    up = crafted(root, {b"catalog-info.yaml": (b"100644", sound)})
    outside = crafted(root, {b"outside": (b"40000", up)})
    tree = crafted(root, {b"..": (b"40000", outside), b"catalog": (b"40000", up)})
    code, out, err = check(root, commit(root, tree))
    assert err == ""
    assert code in (0, 1)
    assert "secret" not in out
    assert (tmp_path / "outside/catalog-info.yaml").read_text("utf-8") == ENTITY.replace("here", "secret")


def test_an_object_that_is_not_there_is_an_error_of_the_outside(tmp_path: Path) -> None:
    root = repository(tmp_path)
    folder = crafted(root, {b"catalog-info.yaml": (b"100644", b"\x11" * 20)})
    code, out, err = check(root, commit(root, crafted(root, {b"catalog": (b"40000", folder)})))
    assert (code, out) == (4, "")
    assert err.startswith("tarmac: ")
    assert "defect" not in err


def test_a_file_too_large_is_not_held(tmp_path: Path) -> None:
    root = repository(tmp_path)
    large = stored(root, "blob", b"#" * (20 * 1024 * 1024))
    folder = crafted(root, {b"catalog-info.yaml": (b"100644", large)})
    code, out, err = check(root, commit(root, crafted(root, {b"catalog": (b"40000", folder)})))
    assert (code, err) == (1, "")
    assert [(row["rule"], row["path"]) for row in json.loads(out)["findings"]] == [
        ("yaml-limit", "catalog/catalog-info.yaml")
    ]
