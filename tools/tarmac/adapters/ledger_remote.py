"""A branch at a remote: fetched, and pushed with lease. Of the user's configuration only the credentials count."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tarmac.adapters.git import run_git
from tarmac.errors import GitError, LedgerConflict, UsageError
from tarmac.model.patterns import lazily

_NAME = lazily(r"[A-Za-z0-9][-A-Za-z0-9_.]*\Z")
_PROTOCOLS = ("https", "ssh", "file")
_NO_USER = {"GIT_CONFIG_GLOBAL": "/dev/null"}


def must_be_a_remote(top: Path, remote: str) -> None:
    """Raises UsageError where the repository knows no remote of that name."""
    known = run_git(top, ["remote"], extra=_NO_USER).decode("utf-8", "replace").split()
    if _NAME.match(remote) is None or remote not in known:
        listed = ", ".join(sorted(known)) or "none"
        raise UsageError(f"there is no remote {remote[:60]!r} here (there is {listed}): see git remote -v")


def fetched(top: Path, remote: str, ref: str, here: str | None) -> str | None:
    """The branch's commit at the remote, brought here; None where it has no such branch.

    Raises:
        GitError: the remote cannot be reached, or holds another history than the branch here.
    """
    said = _speak(top, ["ls-remote", "--refs", remote, ref]).decode().split()
    there = said[0] if said else None
    if there is None or there == here:
        return here if there is None else there
    _speak(top, ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, ref])
    if here is not None and not _follows(top, here, there):
        # What is here and was never pushed is not thrown away.
        move = f"git fetch {remote} +{ref}:{ref}"
        raise GitError(f"{ref} here and at {remote} have parted: look at both; this drops what is only here: {move}")
    run_git(top, ["update-ref", "--no-deref", ref, there, here or "0" * len(there)], extra=_NO_USER)
    return there


def brought(top: Path, remote: str, ref: str) -> str | None:
    """The branch's commit at the remote, its objects brought here and no branch here touched; None where it has none.

    Raises:
        GitError: the remote cannot be reached.
    """
    said = _speak(top, ["ls-remote", "--refs", remote, ref]).decode().split()
    if said:
        _speak(top, ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", remote, ref])
    return said[0] if said else None


def deleted(top: Path, remote: str, ref: str, commit: str | None) -> None:
    """Take the remote's branch away, if it is still at the commit.

    Raises:
        GitError: it is not, or the remote cannot be reached.
    """
    lease = f"--force-with-lease={ref}:{commit or ''}"
    _speak(top, ["push", "--quiet", "--porcelain", "--no-verify", lease, remote, f":{ref}"])


def _follows(top: Path, here: str, there: str) -> bool:
    common = run_git(top, ["merge-base", here, there], extra=_NO_USER, accept=(0, 1)).decode().strip()
    return common == here


def pushed(top: Path, remote: str, ref: str, commit: str, parent: str | None) -> None:
    """Have the remote's branch move from `parent` (None: from nothing) to the commit.

    Raises:
        LedgerConflict: it is no longer at `parent`; nothing has happened.
        GitError: the remote cannot be reached. Whether it took the commit is not known then.
    """
    try:
        _push(top, remote, ref, commit, parent)
    except GitError as fault:
        said = _speak(top, ["ls-remote", "--refs", remote, ref]).decode().split()
        there = said[0] if said else None
        if there == commit:
            return
        if there is None and parent is not None:
            # So far it was only here, or somebody took it away there.
            _push(top, remote, ref, commit, None)
            return
        if there != parent:
            raise LedgerConflict("another run wrote to the ledger at the same time: run again") from None
        raise fault


def _push(top: Path, remote: str, ref: str, commit: str, parent: str | None) -> None:
    lease = f"--force-with-lease={ref}:{parent or ''}"
    _speak(top, ["push", "--quiet", "--porcelain", "--no-verify", lease, remote, f"{commit}:{ref}"])


def _speak(top: Path, arguments: Sequence[str]) -> bytes:
    allowed = [part for name in _PROTOCOLS for part in ("-c", f"protocol.{name}.allow=always")]
    return run_git(top, [*allowed, *_credentials(top), *arguments], extra=_NO_USER)


def _credentials(top: Path) -> list[str]:
    """The user's credential helpers, as options: the one thing of theirs that a push needs."""
    found = run_git(top, ["config", "--global", "-z", "--get-regexp", "^credential[.]"], accept=(0, 1))
    options = []
    for record in found.decode("utf-8", "surrogateescape").split("\x00"):
        key, _, value = record.partition("\n")
        if key:
            options += ["-c", f"{key}={value}"]
    return options
