"""The working tree as a source: what git would call tracked or new, read without following a link out of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Container, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from tarmac.adapters.git import run_git
from tarmac.errors import GitError, OutsideError, UsageError
from tarmac.model.frozen import Frozen
from tarmac.model.together import together
from tarmac.model.trees import SPECIAL, SUBMODULE, SYMLINK, WORKING_TREE, TreeEntry

_REGULAR = "100644"
# More than that, and no repository to say which files are meant, is a folder of folders that somebody named by mistake.
_MOST_UNKNOWN = 100_000
_GIT = ".git"
_A_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# To open a pipe does not wait for who writes into it.
_A_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
# So deep are folders looked into while git need not be asked: what nests deeper is for git to list.
_DEEPEST = 50
# As git says it under LC_ALL=C.
_NO_REPOSITORY = "not a git repository"


class _Folders:
    """Opens what lies below a root one step at a time, so that no link on the way is ever followed.

    The folders down to the last path asked for stay open: paths in order open each folder once.
    """

    def __init__(self, root: Path) -> None:
        # The root itself may be reached by a link: who runs the command names it.
        self._open: list[tuple[str, int]] = [("", os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))]
        # The folder that the last of these is; None where it was not reached.
        self._here: str | None = ""

    def __enter__(self) -> _Folders:
        return self

    def __exit__(self, *_: object) -> None:
        while self._open:
            os.close(self._open.pop()[1])

    def stat(self, path: str) -> os.stat_result:
        """Raises OSError or ValueError where there is nothing, or a link stands for one of the folders."""
        folder, name = self._folder(path)
        return os.stat(name, dir_fd=folder, follow_symlinks=False)

    def open(self, path: str) -> int:
        """A descriptor that reads the file; never blocks on a pipe. Raises as `stat` does."""
        folder, name = self._folder(path)
        return os.open(name, _A_FILE, dir_fd=folder)

    def _folder(self, path: str) -> tuple[int, str]:
        folder, _, name = path.rpartition("/")
        if folder != self._here:
            self._here = None
            self._enter(folder.split("/") if folder else [])
            self._here = folder
        return self._open[-1][1], name

    def _enter(self, steps: Sequence[str]) -> None:
        common = 1
        for step, (name, _) in zip(steps, self._open[1:], strict=False):
            if step != name:
                break
            common += 1
        while len(self._open) > common:
            os.close(self._open.pop()[1])
        for step in steps[common - 1 :]:
            self._open.append((step, os.open(step, _A_FOLDER, dir_fd=self._open[-1][1])))


def _count(root: Path, known: Container[str], odd: dict[str, str]) -> int | None:
    """How many files are below a root, and of the `odd` ones, which are no regular files, the modes; None as soon as
    there is what git has to be asked of: a file that it does not know, another repository, a folder where it knows
    something else, or one that is nested very deeply. To look for what is not known, and for what is left out of that,
    is most of what git would do.

    Folders are named by their paths, which takes half of what to open each from the one above takes. Names alone come
    of it: no file is read this way.
    """
    count, top = 0, os.path.join(root, "")
    waiting = [("", 0)]
    while waiting:
        above, level = waiting.pop()
        with os.scandir(top + above) as entries:
            for entry in entries:
                name = entry.name
                path = above + name
                if entry.is_file(follow_symlinks=False):
                    if path in known:
                        count += 1
                    elif path != _GIT:
                        return None
                elif entry.is_dir(follow_symlinks=False):
                    if path == _GIT:
                        continue
                    if name == _GIT or path in known or level == _DEEPEST:
                        return None
                    waiting.append((path + "/", level + 1))
                elif path in known:
                    odd[path] = SYMLINK if entry.is_symlink() else SPECIAL
                    count += 1
                elif path != _GIT:
                    return None
    return count


class WorkingTree(Frozen):
    """The files below a folder as they are now. `patience` is how long git may take to list them, in seconds; `most`
    how many files there may be where no git repository says which are meant."""

    root: Path
    patience: int = 30
    most: int = _MOST_UNKNOWN

    @classmethod
    def at(cls, root: Path) -> WorkingTree:
        """Raises UsageError when `root` is no folder."""
        if not root.is_dir():
            raise UsageError(f"{root} is no folder: name the root of a repository")
        return cls(root)

    @property
    def revision(self) -> str:
        return WORKING_TREE

    def entries(self) -> tuple[TreeEntry, ...]:
        """Every file that git does not ignore; outside git, every file below the root.

        Raises:
            UsageError: outside git, there are too many to be one repository.
            GitError: there is a repository, and git cannot or will not list its files.
        """
        try:
            known = self._listed("--cached")
        except GitError as fault:
            if _NO_REPOSITORY not in str(fault):
                raise
            paths = set(self._walk())
        else:
            odd: dict[str, str] = {}
            count = self._counted(known, odd)
            if count == len(known):
                # Git has them in order, nearly always the same as this one.
                return tuple([TreeEntry(path, odd.get(path, _REGULAR), "") for path in sorted(known)])
            paths = set(known)
            if count is None:
                paths.update(self._listed("--others", "--exclude-standard"))
            if not paths and self._ignored():
                paths = set(self._walk())
        with self._folders() as folders:
            found = (_entry(folders, path) for path in sorted(paths))
            return tuple(entry for entry in found if entry is not None)

    def _counted(self, known: Container[str], odd: dict[str, str]) -> int | None:
        """As `_count` says; None too where a folder cannot be read."""
        try:
            return _count(self.root, known, odd)
        except OSError:
            return None

    def _listed(self, *which: str) -> dict[str, None]:
        """Each path once, in the order in which git has them."""
        said = run_git(self.root, ["ls-files", "-z", *which, "--", "."], timeout=self.patience)
        return dict.fromkeys(said.decode("utf-8", "surrogateescape").split("\0")[:-1])

    def _folders(self) -> _Folders:
        try:
            return _Folders(self.root)
        except OSError as fault:
            raise OutsideError(f"{self.root} cannot be read: {fault.strerror or fault}") from None

    def _ignored(self) -> bool:
        """Whether git ignores the root itself: then its rules say nothing about what is below."""
        try:
            run_git(self.root, ["check-ignore", "-q", "."])
        except GitError:
            return False
        return True

    def _walk(self) -> Iterator[str]:
        seen = 0
        for folder, folders, files in os.walk(self.root, followlinks=False):
            folders[:] = [name for name in folders if name != _GIT]
            links = [name for name in folders if (Path(folder) / name).is_symlink()]
            seen += len(files) + len(links)
            if seen > self.most:
                raise UsageError(
                    f"{self.root} holds more than {self.most:,} files that belong to no git repository: "
                    "name the repository's root with --root"
                )
            for name in (*files, *links):
                yield os.path.relpath(os.path.join(folder, name), self.root).replace(os.sep, "/")

    def read(self, entries: Iterable[TreeEntry], limit: int) -> Iterator[tuple[TreeEntry, bytes | str]]:
        """The bytes of each; a file that is no regular file by the time it is opened is not read."""
        with self._folders() as folders:
            for some in together((entry, _read(folders, entry.path, limit)) for entry in entries):
                yield from some


def _entry(folders: _Folders, path: str) -> TreeEntry | None:
    path = path.rstrip("/")
    try:
        mode = folders.stat(path).st_mode
    except (OSError, ValueError):
        return None
    if stat.S_ISREG(mode):
        return TreeEntry(path, _REGULAR, "")
    if stat.S_ISLNK(mode):
        return TreeEntry(path, SYMLINK, "")
    return TreeEntry(path, SUBMODULE if stat.S_ISDIR(mode) else SPECIAL, "")


def _read(folders: _Folders, path: str, limit: int) -> bytes | str:
    """What a file holds, or why it is not read."""
    try:
        handle = folders.open(path)
    except (OSError, ValueError) as fault:
        return fault.strerror if isinstance(fault, OSError) and fault.strerror else "cannot be opened"
    try:
        return _content(handle, limit)
    except OSError as fault:
        return fault.strerror or "cannot be read"
    finally:
        os.close(handle)


def _content(handle: int, limit: int) -> bytes | str:
    """What a descriptor holds, or why it is not read; a file that grows meanwhile is cut behind the limit."""
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode):
        return "is no regular file"
    size = about.st_size
    if size > limit:
        return f"larger than {limit} bytes"
    # One more than there should be is asked for: a regular file that gives less has come to its end.
    content = os.read(handle, size + 1)
    if len(content) <= size:
        return content
    pieces = [content]
    held = len(content)
    while held <= limit:
        piece = os.read(handle, limit + 1 - held)
        if not piece:
            break
        pieces.append(piece)
        held += len(piece)
    return b"".join(pieces)


def write_text(path: Path, text: str) -> None:
    """Write a file of the repository whole or not at all; its folder is made where there is none.

    Raises:
        OutsideError: the disk or its permissions refuse.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise OutsideError(f"{path} cannot be written: {fault.strerror or fault}") from None
    replace_text(path, text)


def replace_text(path: Path, text: str) -> None:
    """Write a file whole or not at all, in a folder that is there: a sibling is written first and takes its place.

    Raises:
        OutsideError: the disk or its permissions refuse.
    """
    beside = path.with_name(f".{path.name}.tarmac-new")
    try:
        # Made anew: a link of that name, left by somebody else, would be followed.
        beside.unlink(missing_ok=True)
        with open(beside, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
        beside.replace(path)
    except OSError as fault:
        raise OutsideError(f"{path} cannot be written: {fault.strerror or fault}") from None
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
