"""git as a store of objects: read without a checkout, and never under anybody's configuration.

Every call clears `GIT_*` from the environment, sets `LC_ALL=C`, turns hooks, text conversion and external diffs off,
and speaks NUL-separated bytes.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from tarmac.errors import ConfigurationError, GitError, UsageError
from tarmac.model.trees import (
    ChangedPath,
    ChangeEnds,
    Commit,
    Contribution,
    FileChange,
    History,
    MergedTree,
    Position,
    TreeEntry,
)

_SETTINGS = ("core.hooksPath=/dev/null", "core.quotePath=false", "core.fsmonitor=false", "protocol.allow=never")
_TIMEOUT = 300
_LOCAL, _ORIGIN = "refs/heads/", "refs/remotes/origin/"
_BRANCHES = (_LOCAL, _ORIGIN)
_ID = re.compile("[0-9a-f]{40}(?:[0-9a-f]{24})?")
_COMMIT = "--format=tformat:%H%x00%T%x00%P%x00%ct%x00%ae%x00%s%x00"
_CONTRIBUTION = "--format=tformat:%H%x00%T%x00%P%x00%ae%x00%ce%x00%B%x00"


def environment() -> dict[str, str]:
    """The environment of every git call: nothing of `GIT_*`, no prompt, no replacement objects."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_ATTR_NOSYSTEM": "1",
    }


def command(arguments: Sequence[str]) -> list[str]:
    """A git command that heeds nobody's configuration."""
    return ["git", *(part for setting in _SETTINGS for part in ("-c", setting)), *arguments]


def run_git(
    root: Path,
    arguments: Sequence[str],
    *,
    stdin: bytes = b"",
    extra: Mapping[str, str] | None = None,
    accept: tuple[int, ...] = (0,),
    timeout: int = _TIMEOUT,
) -> bytes:
    """Standard output of one git command in `root`.

    Raises:
        GitError: git is missing, is too slow, or ends with a code that is not in `accept`; with what it said.
    """
    try:
        done = subprocess.run(
            command(arguments),
            cwd=root,
            input=stdin,
            capture_output=True,
            env=environment() | dict(extra or {}),
            timeout=timeout,
            check=False,
        )
    except FileNotFoundError:
        raise GitError("git is not installed, or the folder is gone: install git 2.38 or newer") from None
    except subprocess.TimeoutExpired:
        raise GitError(f"git {arguments[0]} took longer than {timeout} seconds") from None
    if done.returncode not in accept:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(f"git {arguments[0]}: {said[0] if said else f'exit code {done.returncode}'}")
    return done.stdout


@dataclass(frozen=True, slots=True)
class GitRepository:
    """One repository's objects. `prefix` is the folder inside it that is the root of the data ("" or "a/b/")."""

    top: Path
    prefix: str = ""

    @classmethod
    def find(cls, root: Path) -> GitRepository:
        """The repository that holds `root`.

        Raises:
            ConfigurationError: `root` is in no git repository.
        """
        near = _top_above(root)
        if near is not None:
            return cls(*near)
        try:
            said = run_git(root, ["rev-parse", "--show-toplevel", "--show-prefix"]).decode("utf-8", "surrogateescape")
        except GitError:
            raise ConfigurationError(f"{root} is in no git repository: run the command in a clone") from None
        top, _, prefix = said.rstrip("\n").partition("\n")
        return cls(Path(top), prefix)

    def commit(self, revision: str) -> Commit:
        """The commit that `revision` names.

        Raises:
            UsageError: it names none.
        """
        arguments = ["show", "-s", "--no-show-signature", _COMMIT, self._resolve(revision, "commit"), "--"]
        return _commits(run_git(self.top, arguments))[0]

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
        limit = f"--since={int(since.timestamp())}"
        start = self._resolve(revision, "commit")
        commits = _commits(
            run_git(self.top, ["log", "--first-parent", "--no-show-signature", limit, _COMMIT, start, "--"])
        )
        cut = bool(commits) and not commits[-1].parents and self._shallow()
        return History(commits, complete=not cut)

    def between(self, base: str, head: str) -> tuple[Commit, ...]:
        """What `head` has and `base` has not."""
        ends = [self._resolve(head, "commit"), "^" + self._resolve(base, "commit")]
        return _commits(run_git(self.top, ["log", "--no-show-signature", _COMMIT, *ends, "--"]))

    def contributions(self, base: str, head: str) -> tuple[Contribution, ...]:
        """Who made what `head` has and `base` has not; refused where a shallow clone hides some of it."""
        ends = [self._resolve(head, "commit"), "^" + self._resolve(base, "commit")]
        found = _contributions(run_git(self.top, ["log", "--no-show-signature", _CONTRIBUTION, *ends, "--"]))
        if any(not one.parents for one in found) and self._shallow():
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

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor's id, or None."""
        arguments = ["merge-base", self._resolve(one, "commit"), self._resolve(other, "commit")]
        return run_git(self.top, arguments, accept=(0, 1)).decode().strip() or None

    def merge_tree(self, ours: str, theirs: str) -> MergedTree:
        """What merging `theirs` into `ours` would give (git merge-tree --write-tree)."""
        commits = [self._resolve(ours, "commit"), self._resolve(theirs, "commit")]
        arguments = ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", "--allow-unrelated-histories"]
        said = run_git(self.top, [*arguments, *commits], accept=(0, 1)).decode("utf-8", "surrogateescape")
        tree, *conflicts = [part for part in said.split("\x00") if part]
        return MergedTree(tree.strip(), tuple(sorted(self._inside(conflicts))))

    def differences(self, pairs: Sequence[tuple[str, str]]) -> tuple[tuple[FileChange, ...], ...]:
        """The files that differ between each commit and the one to compare it with, by one `git diff-tree`."""
        if not pairs:
            return ()
        stdin = "".join(f"{commit} {other}\n" for commit, other in pairs).encode()
        arguments = ["diff-tree", "--stdin", "--always", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"]
        said = run_git(self.top, arguments, stdin=stdin).decode("utf-8", "surrogateescape")
        found: list[list[FileChange]] = []
        parts = iter(said.split("\x00"))
        for part in parts:
            if part.startswith(":"):
                path = next(parts)
                if path.startswith(self.prefix):
                    found[-1].append(_file_change(part, self._relative(path)))
            elif part:
                found.append([])
        return tuple(tuple(changes) for changes in found)

    @contextmanager
    def blobs(self) -> Iterator[Callable[[str], bytes]]:
        """While entered, reads one blob by its id at a time."""
        from tarmac.adapters.git_blobs import Blobs

        blobs = Blobs(self.top)
        try:
            yield blobs.read
        finally:
            blobs.close()

    def ends(self, base: str, head: str | None) -> ChangeEnds:
        """Where a change begins and ends: the commits' trees, in as few calls as can be."""
        revisions = (base, head or "HEAD")
        names = [f"{name}^{{{kind}}}" for name in revisions for kind in ("commit", "tree")]
        try:
            if any(name.startswith("-") or "\n" in name or "\x00" in name for name in names):
                raise GitError("no revision")
            said = run_git(self.top, ["rev-parse", "--end-of-options", *names, "...".join(revisions)]).decode().split()
            # Older versions repeat the option. Of the three dots come both ends again, and each common ancestor.
            ids = [line for line in said if line != "--end-of-options"]
            tip, tip_tree, _, head_tree, _, _, *forks = ids
            if not all(_ID.fullmatch(line.removeprefix("^")) for line in ids) or len(forks) > 1:
                raise GitError("more than one")
        except (GitError, ValueError):
            return self._ends_asked_for_singly(*revisions)
        fork_tree = tip_tree if forks in ([], [f"^{tip}"]) else self._resolve(forks[0].removeprefix("^"), "tree")
        return ChangeEnds(self._name(tip_tree), self._name(fork_tree), self._name(head_tree))

    def _ends_asked_for_singly(self, base: str, head: str) -> ChangeEnds:
        tip, fork = self._resolve(base, "commit"), self.merge_base(base, head)
        trees = (self._resolve(revision, "tree") for revision in (tip, fork or tip, head))
        return ChangeEnds(*map(self._name, trees))

    def tree_name(self, revision: str) -> str:
        """The name under which the tree of a revision is kept: its id, and the folder that is the root."""
        return self._name(self._resolve(revision, "tree"))

    def tree_named(self, name: str) -> GitTree:
        """The tree of such a name."""
        tree = name.partition(":")[0]
        return GitTree(self.top, tree, name if self.prefix else tree)

    def tree_changes(self, before: str, after: str) -> tuple[FileChange, ...] | None:
        """The files that differ between two trees by their names; None where the first is not of this repository."""
        if before == after:
            return ()
        if before.partition(":")[2] != after.partition(":")[2]:
            return None
        trees = [name.partition(":")[0] for name in (before, after)]
        arguments = ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev", *trees, "--", self.prefix or "."]
        try:
            said = run_git(self.top, arguments).decode("utf-8", "surrogateescape")
        except GitError:
            return None
        parts = iter(said.split("\x00"))
        return tuple(_file_change(part, self._relative(next(parts))) for part in parts if part)

    def _name(self, tree: str) -> str:
        return f"{tree}:{self.prefix.rstrip('/')}"

    def changed_paths(self, before: str, after: str) -> tuple[ChangedPath, ...]:
        """What differs below the root between two commits or trees, renames found."""
        trees = [self._resolve(before, "tree"), self._resolve(after, "tree")]
        arguments = ["diff-tree", "-r", "-z", "--find-renames", "--name-status", "--ignore-submodules=none"]
        said = run_git(self.top, [*arguments, *trees, "--", self.prefix or "."]).decode("utf-8", "surrogateescape")
        parts = iter(said.split("\x00"))
        found = []
        for status in parts:
            if not status:
                continue
            path = next(parts)
            if status[0] in "RC":
                new = next(parts)
                found.append(ChangedPath("R", self._relative(new), self._relative(path)))
            else:
                found.append(ChangedPath(status[0], self._relative(path)))
        return tuple(sorted(found, key=lambda change: (change.path, change.old_path or "")))

    def tree(self, revision: str) -> GitTree:
        """The files of a commit or a tree, below the root."""
        tree = self._resolve(revision, "tree")
        name = revision if revision == tree else self._resolve(revision, "commit", fall_back=tree)
        return GitTree(self.top, name, f"{tree}:{self.prefix.rstrip('/')}" if self.prefix else tree)

    def _resolve(self, revision: str, kind: str, fall_back: str | None = None) -> str:
        if revision.startswith("-") or not revision or "\x00" in revision or "\n" in revision:
            raise UsageError(f"{revision!r} is no revision")
        try:
            arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{{kind}}}"]
            return run_git(self.top, arguments).decode().strip()
        except GitError:
            if fall_back is not None:
                return fall_back
            raise UsageError(f"{revision!r} names no {kind} here: is the clone complete (fetch-depth: 0)?") from None

    def _shallow(self) -> bool:
        return run_git(self.top, ["rev-parse", "--is-shallow-repository"]).strip() == b"true"

    def _relative(self, path: str) -> str:
        return path.removeprefix(self.prefix)

    def _inside(self, paths: Iterable[str]) -> Iterator[str]:
        return (self._relative(path) for path in paths if path.startswith(self.prefix))


@dataclass(frozen=True, slots=True)
class GitTree:
    """The files of one git tree, read from objects."""

    top: Path
    revision: str
    spec: str
    paths: tuple[str, ...] = ()
    _listed: list[TreeEntry] = field(default_factory=list, repr=False, compare=False)

    def only(self, paths: Iterable[str]) -> GitTree:
        """The same tree as if it had no other files than these."""
        return replace(self, paths=tuple(paths), _listed=[])

    def entries(self) -> tuple[TreeEntry, ...]:
        """Every file, sorted by path; a name that is not UTF-8 keeps its bytes as lone surrogates."""
        if not self._listed:
            said = run_git(self.top, ["ls-tree", "-r", "-z", self.spec, "--", *self.paths])
            for record in said.split(b"\x00"):
                if record:
                    about, _, path = record.partition(b"\t")
                    mode, _, blob = about.decode().split(" ")
                    self._listed.append(TreeEntry(path.decode("utf-8", "surrogateescape"), mode, blob))
            self._listed.sort(key=lambda entry: entry.path)
        return tuple(self._listed)

    def read(self, entries: Iterable[TreeEntry], limit: int) -> Iterator[tuple[TreeEntry, bytes | str]]:
        """The bytes of each blob, through one git; no more than one is held at a time.

        Raises:
            GitError: git fails, or an object is missing (a partial clone).
        """
        from tarmac.adapters.git_blobs import read_blobs

        wanted = list(entries)
        contents = read_blobs(self.top, [entry.blob for entry in wanted], limit)
        for entry, content in zip(wanted, contents, strict=True):
            yield entry, f"larger than {limit} bytes" if content is None else content


def _top_above(root: Path) -> tuple[Path, str] | None:
    """The top of an ordinary clone that holds `root`, and the way down from there; None where git has to be asked."""
    try:
        here = root.resolve(strict=True)
    except OSError:
        return None
    for folder in (here, *here.parents):
        if os.path.isfile(folder / ".git" / "HEAD"):
            down = "" if folder == here else f"{here.relative_to(folder).as_posix()}/"
            return folder, down
        if os.path.lexists(folder / ".git") or os.path.isfile(folder / "HEAD"):
            return None
    return None


def _commits(said: bytes) -> tuple[Commit, ...]:
    """Commits as `_COMMIT` writes them: six fields each, every one ended by NUL."""
    fields = [part.removeprefix("\n") for part in said.decode("utf-8", "replace").split("\x00")]
    found = []
    for start in range(0, len(fields) - 1, 6):
        sha, tree, parents, seconds, email, subject = fields[start : start + 6]
        when = datetime.fromtimestamp(int(seconds), UTC)
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


def _file_change(raw: str, path: str) -> FileChange:
    """One raw line of diff-tree, `:mode mode blob blob status`; mode 000000 is no file."""
    old_mode, new_mode, old_blob, new_blob, _ = raw.removeprefix(":").split(" ")
    sides = [
        None if mode == "000000" else TreeEntry(path, mode, blob)
        for mode, blob in ((old_mode, old_blob), (new_mode, new_blob))
    ]
    return FileChange(*sides)
