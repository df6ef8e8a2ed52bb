"""git as a record of who did what when, and of what differs and merges."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from tarmac.adapters.git import NO_INDEX, GitRepository, file_change, instant_of, is_none, run_git
from tarmac.errors import GitError, UsageError
from tarmac.model.commits import ChangedPath, Commit, Contribution, History, MergedTree, Position
from tarmac.model.frozen import field
from tarmac.model.trees import FileChange

_LOCAL, _ORIGIN = "refs/heads/", "refs/remotes/origin/"
_BRANCHES = (_LOCAL, _ORIGIN)
# How many digits of a mode say who may do what.
_RIGHTS = 4
_COMMIT = "--format=tformat:%H%x00%T%x00%P%x00%ct%x00%ae%x00%s%x00"
_CONTRIBUTION = "--format=tformat:%H%x00%T%x00%P%x00%ae%x00%ce%x00%B%x00"


class GitHistory(GitRepository, eq=False):
    """One repository's objects and its history."""

    # What differs between two trees, and commits by their ids: neither ever changes.
    _changed: dict[tuple[str, str], tuple[ChangedPath, ...]] = field(default_factory=dict)
    _commits: dict[str, Commit] = field(default_factory=dict)

    def commit(self, revision: str) -> Commit:
        """The commit that `revision` names.

        Raises:
            UsageError: it names none.
        """
        name = self._resolve(revision, "commit")
        if name not in self._commits:
            self._shown(name)
        return self._commits[name]

    def commits(self, *revisions: str) -> tuple[Commit, ...]:
        """The commits that these name, in as few calls as can be.

        Raises:
            UsageError: one of them names none.
        """
        if not any(is_none(revision) for revision in revisions):
            named = [f"{name}^{{commit}}" for name in self._branches_first(*revisions)]
            with suppress(GitError):
                found = self._shown(*named)
                if len(found) == len(revisions):
                    return found
        return tuple(map(self.commit, revisions))

    def _shown(self, *names: str) -> tuple[Commit, ...]:
        """The commits of these names, in order: of those that name the same one, only the first."""
        # `git show` compares each with its parent first, though nothing of that is asked for.
        options = ["--no-walk=unsorted", "--no-show-signature", _COMMIT]
        said = run_git(self.top, ["log", *options, "--end-of-options", *names, "--"])
        found = _commits(said)
        for one in found:
            self._commits[one.id] = one
            self._ids[one.id, "commit"] = one.id
            self._ids[one.id, "tree"] = self._ids[one.tree, "tree"] = one.tree
        return found

    def merge_base(self, one: str, other: str) -> str | None:
        ours, theirs = self._resolve(one, "commit"), self._resolve(other, "commit")
        known = self._commits.get(theirs)
        # What is among the ancestors of the other is where the two have parted.
        return ours if known is not None and ours in known.parents else super().merge_base(ours, theirs)

    def position(self) -> Position:
        """Where HEAD stands. The default branch is the one that origin/HEAD names, else main, else master.

        Raises:
            UsageError: there is no commit yet.
        """
        head = self._resolve("HEAD", "commit")
        said = run_git(self.top, ["symbolic-ref", "--quiet", "HEAD"], accept=(0, 1)).decode("utf-8", "replace")
        found = self._refs(f"{_ORIGIN}HEAD", *(f"{where}{name}" for where in _BRANCHES for name in ("main", "master")))
        named = found.get(f"{_ORIGIN}HEAD", ("", ""))[1].removeprefix(_ORIGIN)
        known = [name for name in ("main", "master") if any(f"{where}{name}" in found for where in _BRANCHES)]
        default = named or next(iter(known), None)
        tips = {} if default is None else self._refs(*(f"{where}{default}" for where in _BRANCHES))
        at_tip = any(commit == head for commit, _ in tips.values())
        return Position(said.strip().removeprefix(_LOCAL) or None, default, at_tip)

    def _refs(self, *names: str) -> dict[str, tuple[str, str]]:
        """(commit, the ref that it stands for or "") of those refs that there are."""
        said = run_git(self.top, ["for-each-ref", "--format=%(refname)%00%(objectname)%00%(symref)", *names])
        lines = [line.split("\x00") for line in said.decode("utf-8", "replace").splitlines()]
        return {name: (commit, target) for name, commit, target in lines if name in names}

    def first_parents(self, revision: str, since: datetime) -> History:
        """The first-parent line back to `since`; incomplete where a shallow clone ends it earlier."""
        start, begin = self._resolve(revision, "commit"), int(since.timestamp())
        tip = self._commits.get(start)
        if tip is not None and tip.committed_at.timestamp() < begin:
            # git goes no further back than to the first one that is older.
            return History((), complete=True)
        options = ["--first-parent", "--no-show-signature", f"--since={begin}"]
        commits = _commits(run_git(self.top, ["log", *options, _COMMIT, start, "--"]))
        cut = bool(commits) and not commits[-1].parents and self.shallow()
        return History(commits, complete=not cut)

    def line(self, since: str, revision: str) -> tuple[Commit, ...] | None:
        """The first-parent line from behind the commit `since` (a full id) to `revision`, oldest first; None where
        `since` is not on it, or not here."""
        start = self._resolve(revision, "commit")
        if start == since:
            return ()
        try:
            ends = [start, f"^{self._resolve(since, 'commit')}"]
        except UsageError:
            return None
        options = ["--first-parent", "--reverse", "--no-show-signature"]
        found = _commits(run_git(self.top, ["log", *options, _COMMIT, *ends, "--"]))
        return found if found and found[0].parents[:1] == (since,) else None

    def between(self, base: str, head: str) -> tuple[Commit, ...]:
        """What `head` has and `base` has not."""
        ends = [self._resolve(head, "commit"), "^" + self._resolve(base, "commit")]
        return _commits(run_git(self.top, ["log", "--no-show-signature", _COMMIT, *ends, "--"]))

    def contributions(self, base: str, head: str) -> tuple[Contribution, ...]:
        """Who made what `head` has and `base` has not; refused where a shallow clone hides some of it."""
        ends = [self._resolve(head, "commit"), "^" + self._resolve(base, "commit")]
        found = _contributions(run_git(self.top, ["log", "--no-show-signature", _CONTRIBUTION, *ends, "--"]))
        if any(not one.parents for one in found) and self.shallow():
            raise UsageError("the clone is too shallow to tell who made this change: fetch it whole (fetch-depth: 0)")
        return found

    def is_ancestor(self, one: str, other: str) -> bool:
        """Whether a commit, by its full id, is another one or its ancestor."""
        try:
            if self._resolve(one, "commit") != one:
                return False
        except UsageError:
            return False
        # git answers by its exit code alone, so the answer is asked for as a commit instead.
        return self.merge_base(one, other) == one

    def merge_tree(self, ours: str, theirs: str) -> MergedTree:
        """What merging `theirs` into `ours` would give (git merge-tree --write-tree)."""
        commits = [self._resolve(ours, "commit"), self._resolve(theirs, "commit")]
        known = self._commits.get(commits[1])
        if known is not None and commits[0] in known.parents:
            return MergedTree(known.tree, ())
        arguments = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", "--allow-unrelated-histories"]
        said = run_git(self._outside(), [*arguments, *commits], accept=(0, 1)).decode("utf-8", "surrogateescape")
        first, *conflicts = [part for part in said.split("\x00") if part]
        tree = first.strip()
        self._ids[tree, "tree"] = tree
        return MergedTree(tree, tuple(sorted(map(self._seen, conflicts))))

    def _outside(self) -> Path:
        """The repository's own folder. In a working tree git lets the .gitattributes that is checked out choose how
        files are merged, and what is checked out may be what is to be judged."""
        folder = self.top / ".git"
        if folder.is_dir():
            return folder
        return Path(os.fsdecode(run_git(self.top, ["rev-parse", "--absolute-git-dir"]).removesuffix(b"\n")))

    def differences(self, pairs: Sequence[tuple[str, str]]) -> tuple[tuple[FileChange, ...], ...]:
        """The files that differ between each commit and the one to compare it with, by one `git diff-tree`."""
        if not pairs:
            return ()
        stdin = "".join(f"{commit} {other}\n" for commit, other in pairs).encode()
        arguments = ["diff-tree", "--stdin", "--always", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"]
        said = run_git(self.top, arguments, stdin=stdin, extra=NO_INDEX).decode("utf-8", "surrogateescape")
        found: list[list[FileChange]] = []
        parts = iter(said.split("\x00"))
        for part in parts:
            if part.startswith(":"):
                path = next(parts)
                if path.startswith(self.prefix):
                    found[-1].append(file_change(part, self._relative(path)))
            elif part:
                found.append([])
        return tuple(tuple(changes) for changes in found)

    def tree_changes(self, before: str, after: str) -> tuple[FileChange, ...] | None:
        found = super().tree_changes(before, after)
        # Where nothing goes or nothing comes, nothing can have another name.
        if found and not self.prefix and (all(one.before for one in found) or all(one.after for one in found)):
            trees = before.partition(":")[0], after.partition(":")[0]
            self._changed[trees] = tuple(sorted(map(_changed_path, found), key=lambda change: change.path))
        return found

    def changed_paths(self, before: str, after: str) -> tuple[ChangedPath, ...]:
        """What differs between two commits or trees, renames found. Paths are as seen from the root: what stands
        outside of it begins with `../`, as merging takes it along whatever the root is."""
        trees = self._resolve(before, "tree"), self._resolve(after, "tree")
        if trees not in self._changed:
            self._changed[trees] = tuple(self._look_for_changes(*trees))
        return self._changed[trees]

    def _look_for_changes(self, *trees: str) -> list[ChangedPath]:
        arguments = ["diff-tree", "-r", "-z", "--find-renames", "--name-status", "--ignore-submodules=none"]
        said = run_git(self.top, [*arguments, *trees, "--"], extra=NO_INDEX).decode("utf-8", "surrogateescape")
        parts = iter(said.split("\x00"))
        found = []
        for status in parts:
            if not status:
                continue
            path = next(parts)
            if status[0] in "RC":
                new = next(parts)
                found.append(ChangedPath("R", self._seen(new), self._seen(path)))
            else:
                found.append(ChangedPath(status[0], self._seen(path)))
        return sorted(found, key=lambda change: (change.path, change.old_path or ""))

    def _seen(self, path: str) -> str:
        """A path of the repository as seen from the root."""
        return posixpath.relpath(path, self.prefix) if self.prefix else path


def _changed_path(change: FileChange) -> ChangedPath:
    """A change without a rename, as git calls it."""
    before, after = change.before, change.after
    if before is None or after is None:
        return ChangedPath("A" if before is None else "D", next(side.path for side in (before, after) if side))
    # The first digits of a mode say what it is: a file, a link, a submodule.
    return ChangedPath("M" if before.mode[:-_RIGHTS] == after.mode[:-_RIGHTS] else "T", after.path)


def _commits(said: bytes) -> tuple[Commit, ...]:
    """Commits as `_COMMIT` writes them: six fields each, every one ended by NUL."""
    fields = [part.removeprefix("\n") for part in said.decode("utf-8", "replace").split("\x00")]
    found = []
    for start in range(0, len(fields) - 1, 6):
        sha, tree, parents, seconds, email, subject = fields[start : start + 6]
        when = instant_of(seconds)
        found.append(Commit(sha, tree, tuple(parents.split()), when, email, subject))
    return tuple(found)


def _contributions(said: bytes) -> tuple[Contribution, ...]:
    """Commits as `_CONTRIBUTION` writes them: six fields each, every one ended by NUL."""
    fields = [part.removeprefix("\n") for part in said.decode("utf-8", "replace").split("\x00")]
    return tuple(
        Contribution(sha, tree, tuple(parents.split()), author, committer, message)
        for sha, tree, parents, author, committer, message in (
            fields[start : start + 6] for start in range(0, len(fields) - 1, 6)
        )
    )
