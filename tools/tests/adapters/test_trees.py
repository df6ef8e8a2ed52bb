"""The working tree and git trees: the same files, the same bytes, and nothing followed out of them."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tarmac.adapters.files import WorkingTree, write_text
from tarmac.adapters.git_history import GitHistory
from tarmac.errors import ConfigurationError, GitError, UsageError
from tarmac.model.commits import ChangedPath
from tarmac.model.trees import SPECIAL, SUBMODULE, SYMLINK, TreeEntry


def git(root: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=root, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(root: Path, files: dict[str, str | None], message: str = "change") -> str:
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if text is None:
            target.unlink()
        else:
            target.write_text(text, encoding="utf-8")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", message)
    return git(root, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main")
    commit(
        tmp_path,
        {"catalog/a.yaml": "a: 1\n", "catalog/ü b.yaml": "b: 2\n", "README.md": "hello\n", ".gitignore": "*.log\n"},
    )
    return tmp_path


def test_working_tree_and_revision_hold_the_same(repository: Path) -> None:
    (repository / "noise.log").write_text("ignored", encoding="utf-8")
    tree, here = GitHistory.find(repository).tree("HEAD"), WorkingTree.at(repository)
    assert [e.path for e in tree.entries()] == [".gitignore", "README.md", "catalog/a.yaml", "catalog/ü b.yaml"]
    assert [e.path for e in here.entries()] == [e.path for e in tree.entries()]
    contents = [[content for _, content in source.read(source.entries(), 100)] for source in (tree, here)]
    assert contents[0] == contents[1] == [b"*.log\n", b"hello\n", b"a: 1\n", b"b: 2\n"]


def test_an_untracked_file_is_read_and_a_deleted_one_is_not(repository: Path) -> None:
    (repository / "catalog/new.yaml").write_text("n: 1\n", encoding="utf-8")
    (repository / "catalog/a.yaml").unlink()
    paths = [entry.path for entry in WorkingTree.at(repository).entries()]
    assert "catalog/new.yaml" in paths
    assert "catalog/a.yaml" not in paths


def test_a_folder_inside_a_repository_can_be_the_root(repository: Path) -> None:
    below = GitHistory.find(repository / "catalog")
    assert [entry.path for entry in below.tree("HEAD").entries()] == ["a.yaml", "ü b.yaml"]
    head = commit(repository, {"catalog/a.yaml": "a: 2\n", "README.md": "changed\n"})
    assert below.changed_paths("HEAD~1", head) == (ChangedPath("M", "../README.md"), ChangedPath("M", "a.yaml"))
    moved = commit(repository, {"catalog/a.yaml": None, "other/deep/a.yaml": "a: 2\n"})
    assert below.changed_paths(head, moved) == (ChangedPath("R", "../other/deep/a.yaml", "a.yaml"),)


@pytest.mark.parametrize("names", [("main", "side"), ("main", "main"), ("side", "main"), ("main", "gone")])
def test_where_a_change_begins_and_ends_is_what_git_says(repository: Path, names: tuple[str, str]) -> None:
    """By branches, by ids, ahead by one commit, beside, the same, and without anything in common."""
    git(repository, "checkout", "-q", "-b", "side")
    commit(repository, {"catalog/a.yaml": "a: 2\n"})
    git(repository, "checkout", "-q", "--orphan", "gone")
    commit(repository, {"catalog/a.yaml": "a: 3\n"})
    base, head = (git(repository, "rev-parse", name) for name in names)
    ends = GitHistory.find(repository).ends(*names)
    assert (ends.base, ends.head) == tuple(f"{git(repository, 'rev-parse', f'{one}^{{tree}}')}:" for one in names)
    assert ends.head_commit == head
    common = subprocess.run(["git", "merge-base", base, head], cwd=repository, capture_output=True, text=True).stdout
    assert ends.fork_commit == (common.strip() or base)
    assert ends == GitHistory.find(repository).ends(base, head)
    git(repository, "checkout", "-q", "side")
    git(repository, "merge", "-q", "-m", "both", "--allow-unrelated-histories", "-s", "ours", "gone")
    assert GitHistory.find(repository).ends("gone", "side").fork == ends_of(repository, "gone")


def ends_of(repository: Path, name: str) -> str:
    return f"{git(repository, 'rev-parse', f'{name}^{{tree}}')}:"


def test_what_differs_is_told_without_the_index(repository: Path) -> None:
    """It is as large as the repository, and may be torn: commits do not need it."""
    first, second = git(repository, "rev-parse", "HEAD"), commit(repository, {"catalog/a.yaml": "a: 2\n"})
    (repository / ".git/index").write_bytes(b"torn")
    history = GitHistory.find(repository)
    assert [one.path for one in history.changed_paths(first, second)] == ["catalog/a.yaml"]
    (there,) = history.differences([(second, first)])
    assert there == history.tree_changes(history.tree_name(first), history.tree_name(second))
    assert [side.path for one in there for side in (one.before, one.after) if side is not None] == [
        "catalog/a.yaml"
    ] * 2


def test_commits_are_told_in_the_order_asked_for(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    second = commit(repository, {"catalog/a.yaml": "a: 2\n"})
    history = GitHistory.find(repository)
    assert [one.id for one in history.commits("main", first)] == [second, first]
    assert [one.id for one in history.commits(first, "main")] == [first, second]
    assert [one.id for one in history.commits("main", "HEAD", first)] == [second, second, first]
    for name, said in (("none", "'none' names no commit"), ("--all", "'--all' is no revision")):
        with pytest.raises(UsageError, match=said):
            history.commits("main", name)


def test_what_goes_on_from_the_base_merges_into_itself(repository: Path) -> None:
    """Told without git where it is known, and the same as git tells."""
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "-q", "-b", "side")
    commit(repository, {"catalog/a.yaml": None, "catalog/moved/a.yaml": "a: 1\n"})
    git(repository, "checkout", "-q", "main")
    other = commit(repository, {"catalog/new.yaml": "n: 1\n"})
    git(repository, "merge", "-q", "-m", "both", "side")
    both = git(repository, "rev-parse", "HEAD")
    pairs = ((first, "side"), (first, other), (other, both), ("side", both), ("side", other), (other, "side"))
    for ours, theirs in pairs:
        asked, known = GitHistory.find(repository), GitHistory.find(repository)
        known.commits(ours, theirs)
        assert known.merge_base(ours, theirs) == asked.merge_base(ours, theirs)
        assert known.merge_tree(ours, theirs) == asked.merge_tree(ours, theirs)


def test_a_tag_does_not_take_a_branchs_place(repository: Path) -> None:
    """Whoever may push a tag could choose by which base a change is judged."""
    branch = git(repository, "symbolic-ref", "--short", "HEAD")
    first = git(repository, "rev-parse", "HEAD")
    second = commit(repository, {"catalog/a.yaml": "a: 2\n"})
    git(repository, "update-ref", "refs/remotes/origin/x@y", second)
    for name in (branch, "origin/x@y", "only"):
        git(repository, "update-ref", f"refs/tags/{name}", first)
    meant = {branch: second, f"{branch}~1": first, f"{branch}^{{commit}}": second, "origin/x@y": second, "only": first}
    for name, commit_id in {**meant, f"refs/tags/{branch}": first, first: first}.items():
        found = GitHistory.find(repository)
        assert found.commit(name).id == commit_id
        ends = GitHistory.find(repository).ends(name, name)
        assert (ends.fork_commit, ends.head_commit) == (commit_id, commit_id)


def test_git_goes_no_further_back_than_to_a_commit_that_is_older(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So nothing need be asked of a tip that is known to be older, whatever its parents are."""
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2026-01-02T00:00:00Z")
    tip, at = commit(repository, {"more.yaml": "a: 1\n"}), datetime(2026, 1, 2, tzinfo=UTC)
    seen = []
    for seconds in (-1.0, 0.0, 0.5, 1.0):
        asked, known = GitHistory.find(repository), GitHistory.find(repository)
        assert known.commit(tip).committed_at == at
        found = asked.first_parents(tip, at + timedelta(seconds=seconds))
        assert known.first_parents(tip, at + timedelta(seconds=seconds)) == found
        seen.append(len(found.commits))
    assert seen == [2, 2, 2, 0]


def test_what_branches_mean_is_told_along_with_others(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one call of git, and by their full names: a tag can be called like a branch, or like its full name."""
    ledger, gone = "refs/heads/tarmac/ledger", "refs/heads/gone"
    tip = commit(repository, {"more.yaml": "a: 1\n"})
    for arguments in (("branch", "tarmac/ledger/old"), ("tag", "main", "HEAD~1"), ("tag", gone)):
        git(repository, *arguments)
    found = GitHistory.find(repository)
    assert found.tips(ledger, gone, ahead=("main", "nowhere", "HEAD", tip)) == {}
    git(repository, "branch", "-m", "tarmac/ledger/old", "tarmac/other")
    git(repository, "branch", "tarmac/ledger", "HEAD~1")
    with monkeypatch.context() as nothing_is_asked:
        nothing_is_asked.delattr("tarmac.adapters.git.run_git")
        assert found.tips(ahead=("main~1", "nowhere", "HEAD", tip)) == {}
    assert found.tips(ledger, gone, ahead=("main",)) == {ledger: git(repository, "rev-parse", "HEAD~1")}
    assert found.commit("main").id == tip


@pytest.mark.parametrize(("setting", "value"), [("i18n.logOutputEncoding", "UTF-16"), ("color.ui", "always")])
def test_what_is_set_in_the_clone_changes_nothing_that_is_read(repository: Path, setting: str, value: str) -> None:
    before = GitHistory.find(repository).commit("HEAD")
    git(repository, "config", setting, value)
    assert GitHistory.find(repository).commit("HEAD") == before


def test_a_conflict_outside_the_root_is_one(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    ours = commit(repository, {"README.md": "ours\n"})
    git(repository, "checkout", "-q", first)
    theirs = commit(repository, {"README.md": "theirs\n"})
    assert GitHistory.find(repository / "catalog").merge_tree(ours, theirs).conflicts == ("../README.md",)


def test_a_folder_outside_git_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "deep/er").mkdir(parents=True)
    (tmp_path / "deep/er/x.yaml").write_text("x: 1\n", encoding="utf-8")
    assert [entry.path for entry in WorkingTree.at(tmp_path).entries()] == ["deep/er/x.yaml"]
    with pytest.raises(ConfigurationError, match="no git repository"):
        GitHistory.find(tmp_path)


def test_links_pipes_and_nested_repositories_are_seen_and_never_followed(repository: Path, tmp_path: Path) -> None:
    outside = tmp_path.parent / "outside.yaml"
    outside.write_text("secret: 1\n", encoding="utf-8")
    (repository / "catalog/link.yaml").symlink_to(outside)
    os.mkfifo(repository / "catalog/pipe.yaml")
    (repository / "catalog/nested").mkdir()
    git(repository / "catalog/nested", "init", "-q")
    here = WorkingTree.at(repository)
    modes = {entry.path: entry.mode for entry in here.entries()}
    assert modes["catalog/link.yaml"] == SYMLINK
    assert modes["catalog/nested"] == SUBMODULE
    assert modes.get("catalog/pipe.yaml", SPECIAL) == SPECIAL
    read = dict(here.read([e for e in here.entries() if e.path.endswith(("link.yaml", "pipe.yaml"))], 100))
    assert all(isinstance(content, str) for content in read.values())


def test_files_are_read_in_any_order_whatever_lies_behind_a_folder_that_is_gone(tmp_path: Path) -> None:
    there = {"a/b/x": b"1", "a/b/y": b"2", "a/x": b"3", "x": b"4", "a/bb/x": b"5"}
    for path, content in there.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(content)
    gone = ("a/gone/x", "a/gone/b/x", "a/gone/x", "a//x", "a/x/x")
    order = ["a/b/x", "a/b/y", "a/gone/x", "a/x", "x", "a/bb/x", *gone, "a/b/x", "a/x/x", "a/x", "x", "x", "a/b/y"]
    read = WorkingTree.at(tmp_path).read([TreeEntry(path, "100644", "") for path in order], 100)
    told = [(entry.path, content if isinstance(content, bytes) else None) for entry, content in read]
    assert told == [(path, there.get(path)) for path in order]


def test_a_large_file_is_told_without_being_held(repository: Path) -> None:
    commit(repository, {"catalog/big.yaml": "x" * 5000})
    tree = GitHistory.find(repository).tree("HEAD")
    answers = {entry.path: content for entry, content in tree.read(tree.entries(), 100)}
    assert answers["catalog/big.yaml"] == "larger than 100 bytes"
    assert answers["catalog/a.yaml"] == b"a: 1\n"
    here = WorkingTree.at(repository)
    assert all(len(content) <= 101 for _, content in here.read(here.entries(), 100))


def test_changes_between_revisions_and_renames(repository: Path) -> None:
    before = git(repository, "rev-parse", "HEAD")
    text = "".join(f"line {n}\n" for n in range(20))
    middle = commit(repository, {"teams/x.yaml": text, "catalog/a.yaml": None})
    after = commit(repository, {"teams/x.yaml": None, "teams/y.yaml": text})
    found = GitHistory.find(repository)
    assert found.changed_paths(before, middle) == (ChangedPath("D", "catalog/a.yaml"), ChangedPath("A", "teams/x.yaml"))
    assert found.changed_paths(middle, after) == (ChangedPath("R", "teams/y.yaml", "teams/x.yaml"),)


@pytest.mark.parametrize("below", ["", "catalog"])
def test_what_differs_is_told_the_same_where_the_files_are_known(repository: Path, below: str) -> None:
    """Files that come, go, change, become executable or a link, and get another name."""
    ends = [git(repository, "rev-parse", "HEAD")]
    ends.append(commit(repository, {"catalog/c.yaml": "c: 3\n", "README.md": "changed\n"}))
    ends.append(commit(repository, {"catalog/c.yaml": None, "catalog/a.yaml": "a: 2\n"}))
    (repository / "catalog/a.yaml").chmod(0o755)
    (repository / "README.md").unlink()
    (repository / "README.md").symlink_to("catalog/a.yaml")
    ends.append(commit(repository, {}))
    ends.append(commit(repository, {"catalog/ü b.yaml": None, "catalog/z.yaml": "b: 2\n"}))
    trees = [git(repository, "rev-parse", f"{end}^{{tree}}") for end in ends]
    said = []
    for before, after in [*pairwise(trees), (trees[1], trees[0]), (trees[0], trees[0])]:
        known, anew = (GitHistory.find(repository / below) for _ in range(2))
        assert known.tree_changes(known.tree_name(before), known.tree_name(after)) is not None
        said.append(known.changed_paths(before, after))
        assert said[-1] == anew.changed_paths(before, after)
    assert {one.status for found in said for one in found} == set("AMDTR")


def test_commits_are_told_by_whatever_names_them(repository: Path) -> None:
    first = git(repository, "rev-parse", "HEAD")
    second = commit(repository, {"catalog/a.yaml": "a: 2\n"}, "the second")
    found = GitHistory.find(repository)
    assert [one.id for one in found.commits("main", first)] == [second, first]
    assert [one.id for one in found.commits("main", "HEAD", first)] == [second, second, first]
    assert found.commit("main").subject == "the second"


def test_a_merge_is_tried_without_touching_anything(repository: Path) -> None:
    base = git(repository, "rev-parse", "HEAD")
    ours = commit(repository, {"catalog/a.yaml": "a: ours\n"})
    git(repository, "checkout", "-q", "-b", "other", base)
    clean = commit(repository, {"README.md": "other\n"})
    theirs = commit(repository, {"catalog/a.yaml": "a: theirs\n"})
    found = GitHistory.find(repository)
    status = git(repository, "status", "--porcelain")
    merged = found.merge_tree(ours, clean)
    assert merged.conflicts == ()
    assert {e.path: c for e, c in found.tree(merged.tree).read(found.tree(merged.tree).entries(), 99)} == {
        ".gitignore": b"*.log\n",
        "README.md": b"other\n",
        "catalog/a.yaml": b"a: ours\n",
        "catalog/ü b.yaml": b"b: 2\n",
    }
    assert found.merge_tree(ours, theirs).conflicts == ("catalog/a.yaml",)
    assert found.merge_base(ours, theirs) == base
    assert git(repository, "status", "--porcelain") == status


def test_a_commit_is_told_in_utc(repository: Path) -> None:
    found = GitHistory.find(repository).commit("HEAD")
    assert (found.author_email, found.subject, found.parents) == ("author@example.com", "change", ())
    assert found.committed_at.tzinfo is not None


@pytest.mark.parametrize("revision", ["nowhere", "", "--help", "-n1", "HEAD\n", "a\x00b", "main:README.md", "@{-9}"])
def test_what_is_no_revision_is_a_usage_error(repository: Path, revision: str) -> None:
    with pytest.raises(UsageError):
        GitHistory.find(repository).tree(revision)


def test_the_caller_s_git_environment_does_not_leak_in(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", "/nowhere/index")
    assert len(GitHistory.find(repository).tree("HEAD").entries()) == 4


def test_a_missing_object_is_an_outside_error(repository: Path) -> None:
    tree = GitHistory.find(repository).tree("HEAD")
    entry = tree.entries()[1]
    (repository / ".git/objects" / entry.blob[:2] / entry.blob[2:]).unlink()
    with pytest.raises(GitError):
        list(tree.read([entry], 100))


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    write_text(tmp_path / "a/b/c.yaml", "x: ü\n")
    assert (tmp_path / "a/b/c.yaml").read_bytes() == "x: ü\n".encode()
    assert [path.name for path in (tmp_path / "a/b").iterdir()] == ["c.yaml"]


def test_before_the_first_commit_that_is_said(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "-b", "main")
    with pytest.raises(UsageError, match="nothing is committed here yet: commit first"):
        GitHistory.find(tmp_path).tree("HEAD")
    with pytest.raises(UsageError, match="names no tree here"):
        GitHistory.find(tmp_path).tree("main")
