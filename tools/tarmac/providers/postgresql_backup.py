"""Backups as files of pg_dump's custom format: made, kept for their time, and restored to see that they can be.

<folder>/<platform uid>/<uid>/<instant>.dump         the scheduled ones
<folder>/<platform uid>/<uid>/<instant>.last.dump    made before the database was removed

Mode 0600 in folders of mode 0700; a file that is not whole yet ends in .part. Restore one into an empty database with
`pg_restore --no-owner --role=OWNER --dbname=DATABASE FILE`.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tarmac.errors import ProviderError
from tarmac.model.frozen import Frozen
from tarmac.model.shown import visible
from tarmac.providers.postgresql_names import UID

_FILE = re.compile(r"(\d{8}T\d{6}Z)(\.last)?\.dump\Z")
_PART = ".part"
_STAMP = "%Y%m%dT%H%M%SZ"


class Backup(Frozen, order=True):
    """One file. `last` says that its database was removed after it."""

    at: datetime
    last: bool
    path: Path


class Backups(Frozen):
    """The platform's folder, and how long pg_dump and pg_restore may take, in seconds. `find` says where a program is,
    None where it is not installed."""

    folder: Path
    patience: int
    find: Callable[[str], str | None] = shutil.which

    def uids(self) -> tuple[str, ...]:
        """Of which instances there are any, sorted."""
        if not self.folder.is_dir():
            return ()
        return tuple(sorted(path.name for path in self.folder.iterdir() if UID.match(path.name) and path.is_dir()))

    def of(self, uid: str) -> tuple[Backup, ...]:
        """Those of one instance, oldest first."""
        place = self.folder / uid
        found = []
        for path in place.iterdir() if place.is_dir() else ():
            match = _FILE.match(path.name)
            at = None if match is None else _instant(match[1])
            if match is not None and at is not None:
                found.append(Backup(at, match[2] is not None, path))
        return tuple(sorted(found))

    def make(self, uid: str, at: datetime, environment: Mapping[str, str], role: str, *, last: bool = False) -> Backup:
        """Dump the database that the environment names, with the rights of `role`.

        Raises:
            ProviderError: pg_dump or the disk refused; there is no file then.
        """
        place = self.folder / uid
        path = place / f"{at.strftime(_STAMP)}{'.last' if last else ''}.dump"
        part = place / (path.name + _PART)
        try:
            for folder in (self.folder.parent, self.folder, place):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for left in place.glob(f"*{_PART}"):
                left.unlink()
            # The mode stands before the first byte does.
            os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
            self._run("pg_dump", ["--format=custom", "--no-password", f"--role={role}", f"--file={part}"], environment)
            _on_disk(part)
            part.rename(path)
            _on_disk(place)
        except OSError as fault:
            raise ProviderError(f"the disk does not take the backup: {fault.strerror}", transient=True) from None
        return Backup(at, last, path)

    def restore(self, backup: Backup, environment: Mapping[str, str]) -> None:
        """Restore into the empty database that the environment names: all of it, or an error.

        Raises:
            ProviderError: pg_restore refused.
        """
        # Extensions stand there already, with comments that belong to whoever put them there.
        arguments = ["--exit-on-error", "--no-owner", "--no-privileges", "--no-comments", "--no-password"]
        database = environment["PGDATABASE"]
        self._run("pg_restore", [*arguments, f"--dbname={database}", str(backup.path)], environment)

    def prune(self, uid: str, now: datetime, kept: timedelta, *, last: bool) -> int:
        """Remove those of one kind (`last` or scheduled) that are older than `kept`; how many they were."""
        gone = 0
        for backup in self.of(uid):
            if backup.last is last and now - backup.at >= kept:
                try:
                    backup.path.unlink(missing_ok=True)
                except OSError as fault:
                    raise ProviderError(f"an old backup stays: {fault.strerror}", transient=True) from None
                gone += 1
        return gone

    def _run(self, program: str, arguments: Sequence[str], environment: Mapping[str, str]) -> None:
        where = self.find(program)
        if where is None:
            raise ProviderError(f"there is no {program} on this machine: install PostgreSQL's client", transient=True)
        try:
            # A password goes by the environment, which only this user's processes can read: arguments everybody sees.
            done = subprocess.run(
                [where, *arguments],
                env={**environment, "LC_ALL": "C", "PATH": os.defpath},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=self.patience,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise ProviderError(f"{program} took longer than {self.patience} s", transient=True) from None
        except OSError as fault:
            raise ProviderError(f"{program} could not be started: {fault.strerror}", transient=True) from None
        if done.returncode != 0:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines() or ["it said nothing"]
            raise ProviderError(f"{program} failed: {visible(lines[0], 300)}", transient=True)


def _instant(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None  # the digits of no day: somebody else's file


def _on_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
