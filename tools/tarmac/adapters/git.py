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
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Self

from tarmac.errors import ConfigurationError, GitError, UsageError
from tarmac.model.frozen import Frozen, field, replace
from tarmac.model.trees import ChangeEnds, FileChange, TreeEntry

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "core.fsmonitor=false",
    "i18n.logOutputEncoding=UTF-8",
    "protocol.allow=never",
)
_TIMEOUT = 300
_HEX = frozenset("0123456789abcdef")
# No name of a reference holds a blank.
_TIP = "--format=%(refname) %(objectname) %(tree) %(parent)"
# `git diff-tree` reads the whole index, and needs nothing of it; git takes a file that is not there for an empty one.
NO_INDEX = MappingProxyType({"GIT_INDEX_FILE": "/.tarmac-needs-no-index"})
# What a revision begins with before it says which of its ancestors or files is meant.
_NAME = re.compile(r"(?:(?!@\{)[^~^:])+")


def environment() -> dict[str, str]:
    """The environment of every git call: nothing of `GIT_*`, no prompt, no replacement objects, no grafts."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    return kept | {
        "LC_ALL": "C",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_GRAFT_FILE": os.devnull,
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
        UsageError: `root` is no folder.
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
            # In a session of its own: Ctrl-C is for us, and git finishes what it has begun.
            start_new_session=True,
        )
    except OSError as fault:
        if not root.is_dir():
            raise UsageError(f"{root} is no folder: name the root of a repository") from None
        if isinstance(fault, FileNotFoundError):
            raise GitError("git is not installed: install git 2.38 or newer") from None
        raise GitError(f"git cannot be started in {root}: {fault.strerror or fault}") from None
    except subprocess.TimeoutExpired:
        raise GitError(f"git {_verb(arguments)} took longer than {timeout} seconds") from None
    if done.returncode not in accept:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise GitError(f"git {_verb(arguments)}: {said[0] if said else f'exit code {done.returncode}'}")
    return done.stdout


def _verb(arguments: Sequence[str]) -> str:
    """What git is asked to do: the first argument that is no setting."""
    place = 0
    while arguments[place] == "-c":
        place += 2
    return arguments[place]


class _Tip(Frozen):
    """A branch by its full name, and the commit that it ended in when git was asked."""

    ref: str
    commit: str
    tree: str
    parents: tuple[str, ...]


class GitRepository(Frozen, eq=False):
    """One repository's objects. `prefix` is the folder inside it that is the root of the data ("" or "a/b/")."""

    top: Path
    prefix: str = ""
    # What a full id is, taken as a commit or a tree: an id never means anything else.
    _ids: dict[tuple[str, str], str] = field(default_factory=dict)
    _meant: dict[str, _Tip | None] = field(default_factory=dict)

    @classmethod
    def find(cls, root: Path) -> Self:
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

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor's id, or None."""
        arguments = ["merge-base", self._resolve(one, "commit"), self._resolve(other, "commit")]
        return run_git(self.top, arguments, accept=(0, 1)).decode().strip() or None

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
        if any(is_none(revision) for revision in revisions):
            return self._ends_asked_for_singly(*revisions)
        named = self._branches_first(*revisions)
        old, new = (self._meant.get(revision) for revision in revisions)
        if old is not None and new is not None and old.tree and old.commit in (new.commit, *new.parents):
            # What is among the ancestors of the head is where the head has left it.
            tree = self._name(old.tree)
            return ChangeEnds(tree, tree, self._name(new.tree), old.commit, new.commit)
        try:
            names = [f"{name}^{{{kind}}}" for name in named for kind in ("commit", "tree")]
            said = run_git(self.top, ["rev-parse", "--end-of-options", *names, "...".join(named)]).decode().split()
            # Older versions repeat the option. Of the three dots come both ends again, and each common ancestor.
            ids = [line for line in said if line != "--end-of-options"]
            tip, tip_tree, head_commit, head_tree, _, _, *forks = ids
            if not all(is_id(line.removeprefix("^")) for line in ids) or len(forks) > 1:
                raise GitError("more than one")
        except (GitError, ValueError):
            return self._ends_asked_for_singly(*named)
        fork = forks[0].removeprefix("^") if forks else tip
        fork_tree = tip_tree if fork == tip else self._resolve(fork, "tree")
        return ChangeEnds(self._name(tip_tree), self._name(fork_tree), self._name(head_tree), fork, head_commit)

    def _ends_asked_for_singly(self, base: str, head: str) -> ChangeEnds:
        tip, fork = self._resolve(base, "commit"), self.merge_base(base, head)
        base_tree, fork_tree, head_tree = (
            self._name(self._resolve(revision, "tree")) for revision in (tip, fork or tip, head)
        )
        return ChangeEnds(base_tree, fork_tree, head_tree, fork or tip, self._resolve(head, "commit"))

    def keeps(self, path: str) -> bool:
        """Whether the commit that is checked out holds something at a path below the root. Without one, it may."""
        try:
            return bool(run_git(self.top, ["ls-tree", "-z", "HEAD", "--", f"{self.prefix}{path}"]))
        except GitError:
            return True

    def shallow(self) -> bool:
        """Whether the clone lacks history."""
        folder = self.top / ".git"
        # An ordinary clone says so by a file; of a linked working tree git has to be asked.
        if folder.is_dir() and not (folder / "commondir").exists():
            return (folder / "shallow").is_file()
        return run_git(self.top, ["rev-parse", "--is-shallow-repository"]).strip() == b"true"

    def commit_id(self, revision: str) -> str:
        """The id of the commit that `revision` names. Raises UsageError where it names none."""
        return self._resolve(revision, "commit")

    def root_at(self, revision: str) -> tuple[str, str] | None:
        """The commit that a revision names, and the folder in it that is the root; None where the clone lacks history.

        Raises:
            UsageError: it names none.
        """
        commit = self._resolve(revision, "commit")
        return None if self.shallow() else (commit, self.prefix)

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
            said = run_git(self.top, arguments, extra=NO_INDEX).decode("utf-8", "surrogateescape")
        except GitError:
            return None
        parts = iter(said.split("\x00"))
        return tuple(file_change(part, self._relative(next(parts))) for part in parts if part)

    def _name(self, tree: str) -> str:
        return f"{tree}:{self.prefix.rstrip('/')}"

    def tree(self, revision: str) -> GitTree:
        """The files of a commit or a tree, below the root."""
        tree = self._resolve(revision, "tree")
        name = revision if revision == tree else self._resolve(revision, "commit", fall_back=tree)
        return GitTree(self.top, name, f"{tree}:{self.prefix.rstrip('/')}" if self.prefix else tree)

    def _resolve(self, revision: str, kind: str, fall_back: str | None = None) -> str:
        known = self._ids.get((revision, kind))
        if known is not None:
            return known
        if is_none(revision):
            raise UsageError(f"{revision!r} is no revision")
        (name,) = self._branches_first(revision)
        try:
            arguments = ["rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{{kind}}}"]
            found = run_git(self.top, arguments).decode().strip()
        except GitError:
            if fall_back is not None:
                return fall_back
            if revision == "HEAD":
                raise UsageError("nothing is committed here yet: commit first, as only commits are read") from None
            raise UsageError(f"{revision!r} names no {kind} here: is the clone complete (fetch-depth: 0)?") from None
        self._ids[found, kind] = found
        if is_id(revision):
            self._ids[revision, kind] = found
        return found

    def _branches_first(self, *revisions: str) -> tuple[str, ...]:
        """The revisions with a branch in full, here or as it was fetched. git takes a tag of that name before it, and
        whoever may push a tag could call it `main`, and so choose what judges."""
        names = tuple(map(_branch_in, revisions))
        self.tips(ahead=revisions)
        found = (self._meant[name] if name else None for name in names)
        return tuple(
            revision if tip is None else tip.ref + revision[len(name) :]
            for revision, name, tip in zip(revisions, names, found, strict=True)
        )

    def tips(self, *refs: str, ahead: Iterable[str] = ()) -> dict[str, str]:
        """The commits of those references, by their full names, that there are. In the same call it is found out which
        branches the revisions `ahead` mean.

        Raises:
            GitError: git fails.
        """
        names = dict.fromkeys(name for name in map(_branch_in, ahead) if name and name not in self._meant)
        branches = {f"{where}{name}": name for name in names for where in ("refs/heads/", "refs/remotes/")}
        wanted = dict.fromkeys((*refs, *branches))
        if not wanted:
            return {}
        there = {tip.ref: tip for tip in _tips(run_git(self.top, ["for-each-ref", _TIP, *wanted]))}
        self._meant.update(dict.fromkeys(names))
        for branch, name in branches.items():
            self._meant[name] = self._meant[name] or there.get(branch)
        return {ref: there[ref].commit for ref in refs if ref in there}

    def _relative(self, path: str) -> str:
        return path.removeprefix(self.prefix)


class GitTree(Frozen, eq=False):
    """The files of one git tree, read from objects."""

    top: Path
    revision: str
    spec: str
    paths: tuple[str, ...] = ()
    _listed: list[TreeEntry] = field(default_factory=list)

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


def is_none(revision: str) -> bool:
    """Whether a text cannot be a revision, whatever there is."""
    return revision.startswith("-") or not revision or "\x00" in revision or "\n" in revision


def is_id(text: str) -> bool:
    """Whether a text is a full object id, of SHA-1 or SHA-256."""
    return len(text) in (40, 64) and _HEX.issuperset(text)


def _branch_in(revision: str) -> str:
    """What may be the name of a branch in a revision; "" where it is said already what is meant."""
    found = _NAME.match(revision)
    name = found[0] if found is not None else ""
    return "" if name == "HEAD" or name.startswith("refs/") or is_id(name) else name


def _tips(said: bytes) -> Iterator[_Tip]:
    for line in said.decode("utf-8", "replace").splitlines():
        ref, commit, tree, parents = line.split(" ", 3)
        yield _Tip(ref, commit, tree, tuple(parents.split()))


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


def file_change(raw: str, path: str) -> FileChange:
    """One raw line of diff-tree, `:mode mode blob blob status`; mode 000000 is no file."""
    old_mode, new_mode, old_blob, new_blob, _ = raw.removeprefix(":").split(" ")
    sides = [
        None if mode == "000000" else TreeEntry(path, mode, blob)
        for mode, blob in ((old_mode, old_blob), (new_mode, new_blob))
    ]
    return FileChange(*sides)


def instant_of(seconds: str) -> datetime:
    """A commit's time as git writes it in seconds. Anybody can write anything there: what no calendar has is the first
    day of the last year that there is, and what is no time at all, of which git writes nothing, the first of 1970."""
    try:
        return datetime.fromtimestamp(int(seconds or 0), UTC)
    except (OverflowError, OSError, ValueError):
        return datetime(9999, 1, 1, tzinfo=UTC)
