"""The bench's generator: exactly as many documents as asked for, right by the shipped policies, the same every time."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import planning
from bench.generate import ROOT, commit_files, core, documents, write
from bench.shipped import Shipped, shipped
from tests.examples import examples

NOW = "2026-11-02T00:00:00Z"
SOURCE = shipped(ROOT)
LEAST = len(list(core(SOURCE)))


@pytest.fixture(scope="module")
def source() -> Shipped:
    return SOURCE


def git(repository: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=repository, capture_output=True, text=True, check=True).stdout


def test_two_hundred_documents_are_two_hundred_without_a_finding(tmp_path: Path, source: Shipped) -> None:
    write(200, tmp_path / "repository", source)
    command = [sys.executable, "-m", "tarmac", "check", "--root", str(tmp_path / "repository"), "--now", NOW]
    done = subprocess.run([*command, "--format", "json"], capture_output=True, text=True, check=False)
    said = json.loads(done.stdout)
    assert said["findings"] == []
    assert (said["summary"]["files"], said["summary"]["documents"], said["summary"]["entities"]) == (200, 200, 200)
    assert done.returncode == 0


def test_a_generated_repository_has_rules_to_break(tmp_path: Path, source: Shipped) -> None:
    root = tmp_path / "repository"
    write(200, root, source)
    path = next(root.glob("catalog/*/*/*/catalog-info.yaml"))
    path.write_text(path.read_text("utf-8").replace("owner: group:default/", "owner: group:default/un"), "utf-8")
    command = [sys.executable, "-m", "tarmac", "check", "--root", str(root), "--now", NOW, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "unknown-reference" in {finding["rule"] for finding in json.loads(done.stdout)["findings"]}
    assert done.returncode == 1


@settings(max_examples=examples(25))
@given(st.integers(min_value=LEAST, max_value=1500))
def test_the_count_is_exact_and_no_path_stands_twice(wanted: int) -> None:
    paths = [path for path, _ in documents(wanted, SOURCE)]
    assert len(paths) == len(set(paths)) == wanted


def test_a_repository_to_plan_asks_for_exactly_so_much_without_a_finding(tmp_path: Path) -> None:
    files = dict(planning.documents(33, SOURCE))
    assert sum(path.startswith("requests/") for path in files) == 33
    commit_files(files, tmp_path / "repository")
    command = [sys.executable, "-m", "tarmac", "check", "--root", str(tmp_path / "repository"), "--now", NOW]
    done = subprocess.run([*command, "--format", "json"], capture_output=True, text=True, check=False)
    assert json.loads(done.stdout)["findings"] == []


def test_every_file_holds_one_document(source: Shipped) -> None:
    texts = [text for _, text in documents(1000, source)]
    assert [text for text in texts if len(re.findall(r"^kind:", text, re.MULTILINE)) != 1] == []
    assert [text for text in texts if re.search(r"\n---$", text, re.MULTILINE)] == []


def test_kinds_are_mixed_and_documents_are_about_36_lines(source: Shipped) -> None:
    texts = [text for _, text in documents(10_000, source)]
    kinds = Counter(found[1] for text in texts if (found := re.search(r"^kind: (\w+)", text, re.MULTILINE)))
    assert len(kinds) >= 15
    assert max(kinds.values()) < len(texts) / 3
    assert 33 < sum(text.count("\n") for text in texts) / len(texts) < 39


def test_the_same_size_gives_the_same_commits(tmp_path: Path, source: Shipped) -> None:
    for name in ("one", "two"):
        write(2100, tmp_path / name, source)
    refs = [git(tmp_path / name, "for-each-ref", "--format=%(refname) %(objectname)") for name in ("one", "two")]
    assert refs[0] == refs[1]
    assert len(refs[0].splitlines()) == 3


@pytest.mark.parametrize("size", [5, 200])
def test_a_branch_changes_as_many_files_as_its_name_says_and_breaks_nothing(
    size: int, tmp_path: Path, source: Shipped
) -> None:
    root = tmp_path / "repository"
    write(2100, root, source)
    assert git(root, "status", "--porcelain") == ""
    changes = git(root, "diff", "--name-status", "main", f"change-{size}").splitlines()
    assert len(changes) == size
    assert {line[0] for line in changes} == {"M"}
    assert len({line.split("/")[1] for line in changes}) > 3
    command = [sys.executable, "-m", "tarmac", "check", "--root", str(root), "--rev", f"change-{size}", "--now", NOW]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_too_few_documents_are_refused(source: Shipped) -> None:
    with pytest.raises(ValueError, match="too few"):
        list(documents(LEAST - 1, source))
