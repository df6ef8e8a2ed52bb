"""A branch without a working tree: files read from and committed to git objects, and nothing else of git touched.

With a remote the branch lives there: it is fetched before it is read, and what is written is pushed first, with lease
(git refuses it where the branch has moved on), and only then written here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from tarmac.adapters.git import run_git
from tarmac.adapters.ledger_remote import fetched, pushed
from tarmac.errors import GitError, LedgerConflict
from tarmac.model.frozen import Frozen

REF = "refs/heads/tarmac/ledger"
# Where a clone has what it last fetched, though it never wrote a ledger itself.
FETCHED = "refs/remotes/origin/tarmac/ledger"
_AUTHOR = ("Tarmac", "tarmac@tarmac.invalid")
# As many folders as one call is asked about: a command line is not endless.
_AT_ONCE = 500
_FILE, _FOLDER = "100644", "40000"
# Nobody's configuration but the repository's own decides how the ledger is written.
NO_USER = {"GIT_CONFIG_GLOBAL": "/dev/null"}

# mode, name, object id: one entry of a tree
_Entry = tuple[str, bytes, str]


def tips(top: Path, *refs: str) -> dict[str, str]:
    """The commits of those references that there are. By their full names only: where there is no such branch, git
    elsewhere takes a tag of that name for it, and whoever may push one could write what nobody has recorded.

    Raises:
        GitError: git fails.
    """
    said = run_git(top, ["for-each-ref", "--format=%(objectname) %(refname)", *refs], extra=NO_USER)
    found = (line.split(" ", 1) for line in said.decode("utf-8", "replace").splitlines())
    return {ref: commit for commit, ref in found if ref in refs}


class Branch(Frozen):
    """One branch of the repository at `top`, written by plumbing as `author` (name, mail). Every method raises
    GitError."""

    top: Path
    ref: str
    remote: str | None = None
    author: tuple[str, str] = _AUTHOR
    # Where it stood when it was opened to be read: its commit, if any.
    seen: tuple[str | None] | None = None

    def tip(self) -> str | None:
        """The branch's commit, or None when there is no such branch."""
        if self.seen is not None:
            return self.seen[0]
        return self._here() if self.remote is None else fetched(self.top, self.remote, self.ref, self._here())

    def _here(self) -> str | None:
        return tips(self.top, self.ref).get(self.ref)

    def files(self, commit: str, *folders: str) -> tuple[tuple[str, str], ...]:
        """(path, blob) of every file below the folders, sorted by path; a folder that is not there holds none."""
        found = []
        for start in range(0, len(folders), _AT_ONCE):
            named = [f"{folder}/" for folder in folders[start : start + _AT_ONCE]]
            said = run_git(self.top, ["ls-tree", "-r", "-z", "--full-tree", commit, *named], extra=NO_USER)
            for record in said.split(b"\x00"):
                if record:
                    about, _, path = record.partition(b"\t")
                    found.append((path.decode("utf-8", "replace"), about.decode().split(" ")[2]))
        return tuple(sorted(found))

    def read(self, specs: Sequence[str]) -> tuple[bytes | None, ...]:
        """The bytes of each object, None for one that is not there; all by one process."""
        if not specs:
            return ()
        stdin = "".join(f"{spec}\n" for spec in specs).encode()
        said = run_git(self.top, ["cat-file", "--batch"], stdin=stdin, extra=NO_USER)
        found: list[bytes | None] = []
        position = 0
        for _ in specs:
            end = said.index(b"\n", position)
            header = said[position:end]
            position = end + 1
            if header.endswith((b" missing", b" ambiguous")):
                found.append(None)
                continue
            size = int(header.rsplit(b" ", 1)[1])
            found.append(said[position : position + size])
            position += size + 1
        return tuple(found)

    def commit(
        self,
        parent: str | None,
        files: Mapping[str, bytes | None],
        message: str,
        when: datetime,
    ) -> str:
        """Write the files (None removes one) on top of `parent`, and move the branch from there.

        Only the folders that hold a written file are read and written again.

        Raises:
            LedgerConflict: the branch is no longer at `parent`; nothing has happened.
        """
        made = self.make(parent, files, message, when)
        if self.remote is not None:
            pushed(self.top, self.remote, self.ref, made, parent)
        self.move(made, parent)
        return made

    def make(self, parent: str | None, files: Mapping[str, bytes | None], message: str, when: datetime) -> str:
        """The commit alone: no branch shows it yet."""
        tree = self._tree(parent, files)
        stamp = f"{int(when.timestamp())} +0000"
        identity = {
            f"GIT_{who}_{what}": value
            for who in ("AUTHOR", "COMMITTER")
            for what, value in (("NAME", self.author[0]), ("EMAIL", self.author[1]), ("DATE", stamp))
        }
        parents = [] if parent is None else ["-p", parent]
        said = run_git(self.top, ["commit-tree", tree, *parents], stdin=message.encode(), extra=NO_USER | identity)
        return said.decode().strip()

    def move(self, commit: str | None, old: str | None) -> None:
        """Have the branch here at the commit (None: have none), from where it was (None: nowhere).

        Raises:
            LedgerConflict: it was somewhere else; nothing has happened.
        """
        what = [self.ref, commit] if commit is not None else ["-d", self.ref]
        before = old or "0" * len(commit or "")
        try:
            run_git(self.top, ["update-ref", "--no-deref", *what, before], extra=NO_USER)
        except GitError as fault:
            if self._here() != old:
                raise LedgerConflict("another run wrote to the ledger at the same time: run again") from None
            raise fault

    def _tree(self, parent: str | None, files: Mapping[str, bytes | None]) -> str:
        written = {path: content for path, content in files.items() if content is not None}
        blobs = dict(zip(written, self._blobs(written.values()), strict=True))
        folders = sorted({folder for path in files for folder in _above(path)}, key=_depth, reverse=True)
        entries = self._entries(parent, folders)
        for path in files:
            folder, _, name = path.rpartition("/")
            _set(entries[folder], name, _FILE, blobs.get(path))
        while folders:
            deepest = [folder for folder in folders if _depth(folder) == _depth(folders[0])]
            folders = folders[len(deepest) :]
            ids = self._trees([entries[folder] for folder in deepest])
            for folder, tree in zip(deepest, ids, strict=True):
                if not folder:
                    return tree
                above, _, name = folder.rpartition("/")
                _set(entries[above], name, _FOLDER, tree if entries[folder] else None)
        return self._trees([{}])[0]

    def _blobs(self, contents: Iterable[bytes]) -> list[str]:
        from tempfile import TemporaryDirectory

        with TemporaryDirectory(prefix="tarmac-ledger-") as scratch:
            paths = []
            for number, content in enumerate(contents):
                path = Path(scratch) / str(number)
                path.write_bytes(content)
                paths.append(path)
            if not paths:
                return []
            stdin = "".join(f"{path}\n" for path in paths).encode()
            arguments = ["hash-object", "-w", "--no-filters", "--stdin-paths"]
            return run_git(self.top, arguments, stdin=stdin, extra=NO_USER).decode().split()

    def _entries(self, parent: str | None, folders: Sequence[str]) -> dict[str, dict[bytes, _Entry]]:
        if parent is None:
            return {folder: {} for folder in folders}
        raw = self.read([f"{parent}:{folder}" for folder in folders])
        return {folder: _parse(content or b"", len(parent) // 2) for folder, content in zip(folders, raw, strict=True)}

    def _trees(self, folders: Sequence[Mapping[bytes, _Entry]]) -> list[str]:
        records = []
        for folder in folders:
            for mode, name, found in folder.values():
                kind = "tree" if mode == _FOLDER else "blob"
                records.append(f"{mode} {kind} {found}\t".encode() + name + b"\x00")
            records.append(b"\x00")
        # --missing: entries that stay as they were need not be looked at.
        said = run_git(self.top, ["mktree", "-z", "--batch", "--missing"], stdin=b"".join(records), extra=NO_USER)
        return said.decode().split()


def _above(path: str) -> list[str]:
    steps = path.split("/")[:-1]
    return ["/".join(steps[:count]) for count in range(len(steps) + 1)]


def _depth(folder: str) -> int:
    return folder.count("/") + 1 if folder else 0


def _set(entries: dict[bytes, _Entry], name: str, mode: str, found: str | None) -> None:
    key = name.encode()
    if found is None:
        entries.pop(key, None)
    else:
        entries[key] = (mode, key, found)


def _parse(raw: bytes, size: int) -> dict[bytes, _Entry]:
    """A tree object: `mode SP name NUL id` one after the other, the id in `size` bytes."""
    entries: dict[bytes, _Entry] = {}
    position = 0
    while position < len(raw):
        blank = raw.index(b" ", position)
        end = raw.index(b"\x00", blank)
        name = raw[blank + 1 : end]
        following = end + 1 + size
        entries[name] = (raw[position:blank].decode(), name, raw[end + 1 : following].hex())
        position = following
    return entries
