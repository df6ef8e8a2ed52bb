"""The cache's file: its tables, and what makes one usable.

One SQLite file holds the index and the verdicts of one tree, as one version of the tool makes them. It is written whole
beside its place and then takes it, so whoever reads sees one state or another, and an interrupted write leaves nothing.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from pathlib import Path
from zlib import adler32, crc32

# Says that an SQLite file is ours: "tarm".
APPLICATION = 0x7461726D
# Goes up when the tables change.
FORMAT = 5

TABLES = """
CREATE TABLE header (value TEXT NOT NULL);
CREATE TABLE files (path BLOB PRIMARY KEY, folder BLOB NOT NULL, mode TEXT NOT NULL, blob TEXT NOT NULL,
  counted INTEGER NOT NULL, documents INTEGER NOT NULL, findings TEXT) WITHOUT ROWID;
CREATE TABLE names (target BLOB NOT NULL, path BLOB NOT NULL, PRIMARY KEY (target, path)) WITHOUT ROWID;
CREATE TABLE documents (id INTEGER PRIMARY KEY, ref BLOB NOT NULL, kind TEXT NOT NULL, name BLOB NOT NULL,
  path BLOB NOT NULL, at INTEGER NOT NULL, is_first INTEGER NOT NULL, login BLOB, email BLOB,
  spelled TEXT NOT NULL, data TEXT NOT NULL);
CREATE TABLE refs (target BLOB NOT NULL, kind TEXT NOT NULL, field TEXT NOT NULL, source BLOB NOT NULL,
  number INTEGER NOT NULL, PRIMARY KEY (target, kind, field, source)) WITHOUT ROWID;
CREATE TABLE needs (things TEXT NOT NULL, numbers BLOB NOT NULL);
CREATE TABLE ages (path BLOB PRIMARY KEY, changed TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE reads (key INTEGER NOT NULL, reader INTEGER NOT NULL, PRIMARY KEY (key, reader)) WITHOUT ROWID;
CREATE TABLE asides (id INTEGER PRIMARY KEY, topic TEXT NOT NULL);
CREATE TABLE times (document INTEGER PRIMARY KEY, since TEXT, until TEXT);
CREATE TABLE findings (document INTEGER NOT NULL, rule BLOB NOT NULL, finding TEXT NOT NULL);
CREATE TABLE knots (steps TEXT NOT NULL, members TEXT NOT NULL, finding TEXT NOT NULL);
"""
# What is asked most often is in the index itself, so that no document's row is read for it.
INDEXES = """
CREATE INDEX files_folder ON files (folder);
CREATE INDEX files_findings ON files (path) WHERE findings IS NOT NULL;
CREATE INDEX names_path ON names (path);
CREATE INDEX documents_ref ON documents (ref, path, at);
CREATE INDEX documents_user ON documents (ref, is_first, login) WHERE login IS NOT NULL;
CREATE INDEX documents_kind ON documents (kind, name);
CREATE INDEX documents_path ON documents (path, at, ref);
CREATE INDEX documents_login ON documents (login) WHERE login IS NOT NULL;
CREATE INDEX documents_email ON documents (email) WHERE email IS NOT NULL;
CREATE INDEX times_since ON times (since);
CREATE INDEX times_until ON times (until);
CREATE INDEX findings_document ON findings (document);
CREATE INDEX findings_rule ON findings (rule);
"""

# The rooms whose code a verdict can depend on, and the libraries that do its work. A plan can depend on any room.
EVERY_ROOM = ("",)
_ROOMS = ("adapters", "app", "approvals", "catalog", "model", "rules")
_LIBRARIES = ("cel_expr_python-", "google_re2-", "jsonschema_rs-", "pyyaml-")
# More than nearly every file of code is long, in bytes.
_AT_ONCE = 128 * 1024


@cache
def tool(rooms: tuple[str, ...] = _ROOMS) -> str:
    """What made a verdict: two check sums over the code and data of these rooms, the libraries' versions, and the
    interpreter, 16 hexadecimal digits. They tell versions apart; who can write here may write what he likes anyway."""
    digest = _Sums()
    digest.update(f"{FORMAT} {sys.version}".encode())
    package = str(Path(__file__).parent.parent)
    start = len(package)
    for room in rooms:
        for path in sorted(_files(os.path.join(package, room))):
            content = _content(path)
            digest.update(f"{path[start:]} {len(content)}\n".encode("utf-8", "surrogateescape"))
            digest.update(content)
    for name in _libraries():
        digest.update(name.encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


class _Sums:
    """Two check sums with nothing in common. The library's digests take longer to load than these to compute."""

    def __init__(self) -> None:
        self._one, self._other = crc32(b""), adler32(b"")

    def update(self, content: bytes) -> None:
        self._one, self._other = crc32(content, self._one), adler32(content, self._other)

    def hexdigest(self) -> str:
        return f"{self._one:08x}{self._other:08x}"


def cache_file(folder: Path) -> Path:
    """Where a folder keeps the cache of this version of the tool."""
    return folder / f"{tool()}.sqlite"


def _files(folder: str) -> list[str]:
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                found += [] if entry.name == "__pycache__" else _files(entry.path)
            elif not entry.name.endswith(".pyc"):
                found.append(entry.path)
    return found


def _content(path: str) -> bytes:
    """What a file holds: there are hundreds, and a file object for each takes as long as to read it."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        content = read = os.read(descriptor, _AT_ONCE)
        while read:
            read = os.read(descriptor, _AT_ONCE)
            content += read
    finally:
        os.close(descriptor)
    return content


def _libraries() -> list[str]:
    """`PyYAML-6.0.2.dist-info` and the like, wherever such a library stands."""
    found = []
    for folder in dict.fromkeys(sys.path):
        if os.path.isdir(folder):
            found += [name for name in os.listdir(folder) if name.lower().startswith(_LIBRARIES)]
    return sorted(found)
