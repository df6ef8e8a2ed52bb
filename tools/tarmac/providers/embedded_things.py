"""What the embedded provider makes for each category of resource type: real things, as small as they can be."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from types import MappingProxyType

from tarmac.errors import ProviderError
from tarmac.model.json_value import JsonValue

# Everything that is written about an instance, as text by name.
About = Mapping[str, str]

_DATABASE = "CREATE TABLE IF NOT EXISTS records (id INTEGER PRIMARY KEY, body TEXT NOT NULL)"
_QUEUE = (
    "CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY AUTOINCREMENT, body BLOB NOT NULL, "
    "visible_from TEXT NOT NULL, received INTEGER NOT NULL DEFAULT 0)"
)
_CACHE = "CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB NOT NULL, expires_at TEXT)"
_ABOUT = "CREATE TABLE IF NOT EXISTS tarmac_tags (name TEXT PRIMARY KEY, value TEXT NOT NULL)"

# category -> the SQLite file and the statement that makes its table
_FILES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "database": ("database.sqlite3", _DATABASE),
        "queue": ("queue.sqlite3", _QUEUE),
        "cache": ("cache.sqlite3", _CACHE),
    }
)
# category -> the folder that stands for it
_FOLDERS: Mapping[str, str] = MappingProxyType({"storage": "objects", "compute": "machine", "network": "network"})

CATEGORIES = frozenset(_FILES) | frozenset(_FOLDERS)


def put(category: str, config: Mapping[str, JsonValue], about: About) -> Callable[[Path], None]:
    """What to do to an instance's folder so that it holds the thing, with these settings; twice is the same."""

    def act(place: Path) -> None:
        if category in _FILES:
            file, table = _FILES[category]
            _sqlite(place / file, table, about)
            return
        inside = place / _FOLDERS[category]
        inside.mkdir(exist_ok=True)
        if category != "storage":
            settings = json.dumps(config, indent=2, sort_keys=True)
            (inside / "settings.json").write_text(settings + "\n", "utf-8")

    return act


def usage(category: str, place: Path) -> Mapping[str, int]:
    """What it holds, where that is cheap to know: bytes of a file, objects at the top of a bucket."""
    try:
        if category in _FILES:
            return {"sizeBytes": (place / _FILES[category][0]).stat().st_size}
        if category == "storage":
            return {"objects": sum(1 for _ in (place / _FOLDERS[category]).iterdir())}
    except OSError:
        return {}
    return {}


def ailment(category: str, place: Path) -> str:
    """What is wrong with the thing, or nothing."""
    if category not in _FILES:
        missing = not (place / _FOLDERS.get(category, "")).is_dir()
        return f"its folder {_FOLDERS.get(category, category)} is gone" if missing else ""
    file = place / _FILES[category][0]
    if not file.is_file() or file.is_symlink():
        return f"its file {file.name} is gone"
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            row: tuple[object, ...] | None = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as fault:
        return f"SQLite says: {fault}"
    said = "nothing" if row is None else str(row[0])
    return "" if said == "ok" else f"SQLite says: {said}"


def _sqlite(file: Path, table: str, about: About) -> None:
    if file.is_symlink():
        raise ProviderError(f"{file.name} is a link, which is never followed", transient=False)
    try:
        with closing(sqlite3.connect(file)) as connection, connection:
            connection.execute(table)
            connection.execute(_ABOUT)
            connection.execute("DELETE FROM tarmac_tags")
            connection.executemany("INSERT INTO tarmac_tags VALUES (?, ?)", sorted(about.items()))
    except sqlite3.Error as fault:
        raise ProviderError(f"SQLite could not write {file.name}: {fault}", transient=True) from fault
