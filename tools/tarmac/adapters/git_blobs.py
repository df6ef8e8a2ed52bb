"""The bytes of git's blobs: many in a stream, or one at a time."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from tarmac.adapters.git import command, environment
from tarmac.errors import GitError

_CHUNK = 1 << 20
# POSIX lets no pipe hold less.
_PIPE = 512


def read_blobs(top: Path, blobs: Sequence[str], limit: int) -> Iterator[bytes | None]:
    """The bytes of each blob, in the order asked for, through one git; None for one of more than `limit` bytes.

    No more than one of them is held at a time.

    Raises:
        GitError: git fails, or an object is missing (a partial clone).
    """
    if not blobs:
        return
    with _asked("".join(f"{blob}\n" for blob in blobs).encode()) as asked, _started(top, asked) as git:
        try:
            for blob in blobs:
                yield _next(_out(git), blob, limit)
        finally:
            # Somebody who has read enough, or nothing: git is not waited for.
            git.kill()


class Blobs:
    """One blob at a time, by one git that waits for the next; it is started when the first is asked for."""

    def __init__(self, top: Path) -> None:
        self._top = top
        self._git: subprocess.Popen[bytes] | None = None

    def read(self, blob: str) -> bytes:
        """The bytes of a blob.

        Raises:
            GitError: there is none, or git fails.
        """
        if self._git is None:
            self._git = _started(self._top, subprocess.PIPE)
        stdin = self._git.stdin
        try:
            if stdin is not None:
                stdin.write(f"{blob}\n".encode())
                stdin.flush()
        except OSError as fault:
            raise GitError(f"git cat-file ended early: {fault.strerror or fault}") from None
        return _next(_out(self._git), blob, None) or b""

    def close(self) -> None:
        """End git, if it was started."""
        if self._git is not None:
            self._git.kill()
            self._git.__exit__(None, None, None)
            self._git = None


@contextmanager
def _asked(names: bytes) -> Iterator[int | IO[bytes]]:
    """Something to read the names from: a pipe where they fit into it unread, else a file (in memory, where the system
    has such)."""
    if len(names) <= _PIPE:
        out, into = os.pipe()
        try:
            os.write(into, names)
            os.close(into)
            yield out
        finally:
            os.close(out)
        return
    with _file() as file:
        file.write(names)
        file.seek(0)
        yield file


def _file() -> IO[bytes]:
    in_memory: Callable[[str], int] | None = getattr(os, "memfd_create", None)
    if in_memory is not None:
        return open(in_memory("names"), "w+b")  # whoever asks closes it
    from tempfile import TemporaryFile

    return TemporaryFile()


def _started(top: Path, asked: IO[bytes] | int) -> subprocess.Popen[bytes]:
    arguments = command(["cat-file", "--batch", *(["--buffer"] if asked != subprocess.PIPE else [])])
    try:
        return subprocess.Popen(
            arguments,
            cwd=top,
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment(),
            start_new_session=True,
            bufsize=_CHUNK if asked != subprocess.PIPE else -1,
        )
    except FileNotFoundError:
        raise GitError("git is not installed, or the folder is gone: install git 2.38 or newer") from None


def _out(git: subprocess.Popen[bytes]) -> IO[bytes]:
    if git.stdout is None:
        raise GitError("git cat-file says nothing")
    return git.stdout


def _next(out: IO[bytes], blob: str, limit: int | None) -> bytes | None:
    header = out.readline().decode("ascii", "replace").split()
    if len(header) != 3 or header[1] != "blob":
        what = header[-1] if header else "not to be had"
        raise GitError(f"object {blob} is {what}: is this a partial clone? Fetch it whole")
    size = int(header[2])
    if limit is not None and size > limit:
        left = size + 1
        while left:
            left -= len(out.read(min(left, _CHUNK))) or left
        return None
    content = out.read(size + 1)
    if len(content) != size + 1:
        raise GitError(f"git cat-file ended within object {blob}")
    return content[:-1]
