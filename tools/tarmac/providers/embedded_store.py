"""The embedded provider's disk: one folder an instance, made whole or not at all, never through a link.

<folder>/.lock                 held while something changes; what it leaves half-done is swept by the next holder
<folder>/<uid>/instance.json   tags, type, config: written last and replaced in one step
<folder>/<uid>/...             the thing itself
<folder>/.making-<uid>         being made; becomes <uid> by a rename
<folder>/.removing-<uid>       was <uid> until a rename, on its way out
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tarmac.errors import ProviderError
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue
from tarmac.providers.base import Mark

UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
RECORD = "instance.json"
_LIMIT = 2 * 1024 * 1024
_PROOF = ".proof"
_MAKING = ".making-"
_REMOVING = ".removing-"
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Unreadable(Exception):
    """A record that is there and cannot be read. The text says why."""


class Store(Frozen):
    """The folder. Every method raises ProviderError where the disk refuses."""

    folder: Path

    def prepare(self) -> None:
        """Make the folder, and prove that something can be made in it."""
        try:
            with self._changing(), _disk(f"write in {self.folder}"):
                proof = self.folder / _PROOF
                proof.mkdir(mode=0o700, exist_ok=True)
                proof.rmdir()
        except ProviderError as fault:
            raise ProviderError(f"{fault}: name another folder with --instances", transient=fault.transient) from None

    def uids(self) -> tuple[str, ...]:
        """Every name in the folder that is a uid, sorted. A folder that does not exist yet is empty."""
        with _disk(f"list {self.folder}"):
            if not self._exists(self.folder):
                return ()
            _real_folder(self.folder)
            return tuple(sorted(name for name in os.listdir(self.folder) if UID.match(name)))

    def mark(self) -> Mark:
        """Of every uid what stands there, of its record which file it is and when it last changed, and who reads it: a
        record is replaced whole, and whatever else is done to it the disk notes the time. What it says is not read."""
        with _disk(f"list {self.folder}"):
            if not self._exists(self.folder):
                return Mark("nothing", _BEGINNING)
            _real_folder(self.folder)
            with os.scandir(self.folder) as entries:
                found = sorted(
                    (entry.name, entry.inode(), entry.is_dir(follow_symlinks=False), _stamp(f"{entry.path}/{RECORD}"))
                    for entry in entries
                    if UID.match(entry.name)
                )
        last = max((stamp[-1] for *_, stamp in found), default=0)
        seen = f"{os.geteuid()} {found}"
        return Mark(hashlib.sha256(seen.encode()).hexdigest(), _BEGINNING + timedelta(microseconds=last // 1000))

    def place(self, uid: str) -> Path:
        """Where the instance stands.

        Raises:
            ProviderError: the uid is none, so it could lead elsewhere.
        """
        if not UID.match(uid):
            raise ProviderError(f"{uid[:60]!r} is no uid", transient=False)
        return self.folder / uid

    def has(self, uid: str) -> bool:
        with _disk(f"look for {uid}"):
            return self._exists(self.place(uid))

    def record(self, uid: str) -> JsonValue:
        """The instance's record.

        Raises:
            Unreadable: it is missing, no plain file, too large, or no JSON.
        """
        place = self.place(uid)
        try:
            if not stat.S_ISDIR(os.lstat(place).st_mode):
                raise Unreadable("it is no folder of its own (a link is never followed)")
            handle = os.open(place / RECORD, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as fault:
            raise Unreadable(f"{RECORD}: {fault.strerror}") from None
        with os.fdopen(handle, "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise Unreadable(f"{RECORD} is no plain file")
            content = file.read(_LIMIT + 1)
        if len(content) > _LIMIT:
            raise Unreadable(f"{RECORD} is larger than {_LIMIT} bytes")
        try:
            found: JsonValue = json.loads(content)
        except (ValueError, RecursionError):
            raise Unreadable(f"{RECORD} is no JSON") from None
        return found

    def make(self, uid: str, record: Mapping[str, JsonValue], fill: Callable[[Path], None]) -> bool:
        """Make the instance whole: filled and recorded under another name, then renamed. False: it was there."""
        place = self.place(uid)
        with self._changing(), _disk(f"make {uid}"):
            if self._exists(place):
                return False
            making = self.folder / f"{_MAKING}{uid}"
            making.mkdir(mode=0o700)
            fill(making)
            _write(making, record)
            making.rename(place)
            _settle(self.folder)
            return True

    def change(self, uid: str, record: Mapping[str, JsonValue], alter: Callable[[Path], None]) -> None:
        """Alter what is inside, then replace the record in one step."""
        place = self.place(uid)
        with self._changing(), _disk(f"change {uid}"):
            _real_folder(place)
            alter(place)
            _write(place, record)

    def remove(self, uid: str) -> None:
        """Take it away in one step, then clear what is left."""
        place = self.place(uid)
        with self._changing(), _disk(f"remove {uid}"):
            if not self._exists(place):
                return
            _real_folder(place)
            going = self.folder / f"{_REMOVING}{uid}"
            place.rename(going)
            _settle(self.folder)
            shutil.rmtree(going)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with _disk(f"open {self.folder}"):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _real_folder(self.folder)
            lock = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        try:
            with _disk(f"lock {self.folder}"):
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._sweep()
            yield
        finally:
            os.close(lock)

    def _sweep(self) -> None:
        # Under the lock, what is half-made or half-removed belongs to a run that is dead.
        for name in os.listdir(self.folder):
            prefix = _MAKING if name.startswith(_MAKING) else _REMOVING
            if name.startswith(prefix) and UID.match(name.removeprefix(prefix)):
                left = self.folder / name
                if stat.S_ISDIR(os.lstat(left).st_mode):
                    shutil.rmtree(left)
                else:
                    left.unlink()

    def _exists(self, path: Path) -> bool:
        return os.path.lexists(path)


def _stamp(path: str) -> tuple[int, ...]:
    """Which file stands there, and when it last changed (nanoseconds); where none can be seen, why."""
    try:
        there = os.lstat(path)
    except OSError as fault:
        return (fault.errno or 0, 0)
    return (there.st_mode, there.st_dev, there.st_ino, there.st_size, there.st_mtime_ns, there.st_ctime_ns)


def _real_folder(path: Path) -> None:
    if not stat.S_ISDIR(os.lstat(path).st_mode):
        raise ProviderError(f"{path.name} is no folder of its own: a link is never followed", transient=False)


def _write(place: Path, record: Mapping[str, JsonValue]) -> None:
    new = place / f".{RECORD}.new"
    with open(new, "w", encoding="utf-8") as file:
        json.dump(record, file, indent=2, sort_keys=True)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, place / RECORD)
    _settle(place)


def _settle(folder: Path) -> None:
    """Have the folder's own entries on disk: a rename is only then done for good."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _disk(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        raise ProviderError(f"the disk does not let us {what}: {fault.strerror}", transient=True) from fault
