"""One run at a time in a clone: a lock that ends with its process, and the clone's name in leases."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tarmac.adapters.git import run_git
from tarmac.errors import GitError, LedgerConflict

_NAME = "tarmac-ledger.lock"


def clone_name(top: Path) -> str:
    """What marks this clone among all: a digest of the machine's name and of where its git folder is."""
    return hashlib.sha256(f"{platform.node()}:{_folder(top)}".encode()).hexdigest()[:16]


@contextmanager
def only_run(top: Path) -> Iterator[None]:
    """While entered, no other run of this clone is.

    Raises:
        LedgerConflict: one is at work.
        GitError: its folder cannot be written.
    """
    place = _folder(top) / _NAME
    try:
        handle = os.open(place, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as fault:
        raise GitError(f"{place} cannot be written: {fault.strerror}") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise LedgerConflict("another run is at work in this clone: run again when it has ended") from None
        yield
    finally:
        os.close(handle)


def _folder(top: Path) -> Path:
    said = run_git(top, ["rev-parse", "--git-common-dir"]).decode("utf-8", "surrogateescape").rstrip("\n")
    return (top / said).resolve()
