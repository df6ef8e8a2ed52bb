"""The cache as it is read: the index of one tree and the verdicts on it, a little at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from tarmac.adapters.cache_codec import (
    finding_of,
    instant,
    need_of,
    read,
    read_ref,
    stamp,
    unpacked,
    written,
    written_ref,
)
from tarmac.adapters.cache_schema import APPLICATION, cache_file, tool
from tarmac.catalog.references import Reference
from tarmac.catalog.view import Need
from tarmac.errors import CacheFault
from tarmac.model.ages import Aged
from tarmac.model.documents import Document, Entity
from tarmac.model.findings import Finding
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, dig, items, mapping, text, texts
from tarmac.model.places import PlaceNode, Places
from tarmac.model.refs import Ref
from tarmac.model.trees import TreeEntry
from tarmac.rules.kept import KeptFile, Locate, Totals
from tarmac.rules.rule import Knot

# SQLite takes no more parameters at once in its older versions.
_AT_ONCE = 500
_Row: TypeAlias = tuple[object, ...]
_FIRST = "SELECT ref, spelled, path, at, data FROM documents WHERE "


class Header(Frozen):
    """What the file says of itself."""

    tree: str
    ignore: tuple[str, ...]
    totals: Totals
    facets: tuple[str, ...]
    aged: Aged | None
    kinds: Mapping[str, int]
    stale: tuple[Finding, ...]


class Cache:
    """One cache file, open for reading. Every verb raises CacheFault when it is not as it was written."""

    def __init__(self, database: sqlite3.Connection, locate: Locate) -> None:
        self._database = database
        self._locate = locate
        if self._one("PRAGMA application_id") != (APPLICATION,):
            raise CacheFault("the file is no cache of Tarmac")
        self._header = _header(self._one("SELECT value FROM header"))
        self._standing: dict[Ref, tuple[Entity, ...]] = {}
        self.outgoing: dict[Ref, tuple[Reference, ...]] = {}
        self.layers: dict[int, Any] = {}

    @classmethod
    def open(cls, folder: Path, locate: Locate) -> Cache | None:
        """The cache that this version of the tool has in a folder, or None where there is none.

        Raises:
            CacheFault: what is there is of no use.
        """
        file = cache_file(folder)
        if not file.is_file():
            return None
        try:
            # The file is never written in place, so nobody needs to be kept from it.
            database = sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
        except sqlite3.Error as fault:
            raise CacheFault(f"the cache cannot be opened: {fault}") from None
        return cls(database, locate)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    @property
    def tree(self) -> str:
        return self._header.tree

    @property
    def ignore(self) -> tuple[str, ...]:
        return self._header.ignore

    @property
    def totals(self) -> Totals:
        return self._header.totals

    @property
    def facets(self) -> tuple[str, ...]:
        return self._header.facets

    @property
    def aged(self) -> Aged | None:
        return self._header.aged

    @property
    def stale(self) -> tuple[Finding, ...]:
        return self._header.stale

    def age(self, path: str) -> datetime | None:
        rows = self._rows("SELECT changed FROM ages WHERE path = ?", written(path))
        return instant(rows[0][0]) if rows else None

    # --- the catalog ---------------------------------------------------------------------------------------------

    @property
    def repeats(self) -> bool:
        return self._header.totals.entities > sum(self._header.kinds.values())

    def standing_for(self, ref: Ref) -> tuple[Entity, ...]:
        if ref not in self._standing:
            rows = self._rows(_FIRST + "ref = ? ORDER BY path, at", written_ref(ref))
            self._standing[ref] = tuple(map(self._entity, rows))
        return self._standing[ref]

    def of_kind(self, kind: str) -> tuple[Entity, ...]:
        rows = self._rows(_FIRST + "kind = ? AND is_first ORDER BY path, at", kind)
        return tuple(map(self._entity, rows))

    def names(self, kind: str) -> tuple[Ref, ...]:
        return self._refs("SELECT ref FROM documents WHERE kind = ? AND is_first", kind)

    def named(self, kind: str, name: str) -> tuple[Ref, ...]:
        return self._refs("SELECT ref FROM documents WHERE kind = ? AND name = ? AND is_first", kind, written(name))

    def kinds(self) -> Mapping[str, int]:
        return self._header.kinds

    def referrers(self, ref: Ref, kind: str | None, field: str | None) -> Mapping[Ref, int]:
        query = "SELECT source, number FROM refs WHERE target = ?"
        given: list[object] = [written_ref(ref)]
        if kind is not None:
            query += " AND kind = ?"
            given.append(kind)
        if field is not None:
            query += " AND field = ?"
            given.append(field)
        found: dict[Ref, int] = {}
        for source, number in self._rows(query, *given):
            who = read_ref(source)
            found[who] = found.get(who, 0) + _number(number)
        return found

    def with_login(self, login: str) -> tuple[Ref, ...]:
        return self._refs("SELECT ref FROM documents WHERE login = ? AND is_first", written(login))

    def login_of(self, user: Ref) -> str | None:
        rows = self._rows("SELECT login FROM documents WHERE ref = ? AND is_first", written_ref(user))
        return read(rows[0][0]) if rows and rows[0][0] is not None else None

    def saying(self, kind: str, key: str) -> tuple[Ref, ...]:
        # As JSON is written here, letters stand for themselves.
        query = "SELECT ref FROM documents WHERE kind = ? AND is_first AND instr(data, ?)"
        return self._refs(query, kind, f'"{key}"')

    def with_email(self, address: str) -> tuple[Ref, ...]:
        return self._refs("SELECT ref FROM documents WHERE email = ? AND is_first", written(address))

    def below(self, folder: str) -> Iterator[Ref]:
        query = "SELECT ref FROM documents WHERE path > ? AND path < ? AND is_first"
        for (ref,) in self._each(query, *_below(folder)):
            yield read_ref(ref)

    def needed_by(self, ref: Ref) -> tuple[Need, ...]:
        rows = self._rows("SELECT needs FROM needs WHERE target = ?", written_ref(ref))
        return tuple(need_of(one) for (needs,) in rows for one in items(unpacked(needs)))

    def standing_of(self, ref: Ref) -> tuple[str | None, Ref | None]:
        for tier, owner in self._rows("SELECT tier, owner FROM documents WHERE ref = ? AND is_first", written_ref(ref)):
            return None if tier is None else read(tier), None if owner is None else read_ref(owner)
        return None, None

    def at(self, path: str) -> tuple[Ref, ...]:
        return self._refs("SELECT ref FROM documents WHERE path = ? ORDER BY at", written(path))

    def has_file(self, path: str) -> bool:
        return bool(self._rows("SELECT 1 FROM files WHERE path = ?", written(path)))

    def files_in(self, folder: str) -> tuple[str, ...]:
        rows = self._rows("SELECT path FROM files WHERE folder = ? ORDER BY path", written(folder))
        return tuple(read(path) for (path,) in rows)

    def files_below(self, folder: str) -> Iterator[str]:
        for (path,) in self._each("SELECT path FROM files WHERE path > ? AND path < ?", *_below(folder)):
            yield read(path)

    # --- the files -----------------------------------------------------------------------------------------------

    def file(self, path: str) -> KeptFile | None:
        query = "SELECT mode, blob, counted, documents, findings FROM files WHERE path = ?"
        for mode, blob, counted, documents, findings in self._rows(query, written(path)):
            said = () if findings is None else tuple(map(finding_of, items(unpacked(findings))))
            return KeptFile(TreeEntry(path, _text(mode), _text(blob)), counted == 1, _number(documents), said)
        return None

    def entries(self) -> Iterator[TreeEntry]:
        for path, mode, blob in self._each("SELECT path, mode, blob FROM files ORDER BY path"):
            yield TreeEntry(read(path), _text(mode), _text(blob))

    def named_by(self, path: str) -> frozenset[str]:
        rows = self._rows("SELECT path FROM names WHERE target = ?", written(path))
        return frozenset(read(source) for (source,) in rows)

    def names_of(self, path: str) -> frozenset[str]:
        rows = self._rows("SELECT target FROM names WHERE path = ?", written(path))
        return frozenset(read(target) for (target,) in rows)

    # --- the verdicts --------------------------------------------------------------------------------------------

    def readers(self, keys: Collection[int]) -> tuple[frozenset[Ref], frozenset[tuple[str, ...]]]:
        documents: set[int] = set()
        topics: set[tuple[str, ...]] = set()
        wanted = sorted(keys)
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            query = f"SELECT DISTINCT reader FROM reads WHERE key IN ({','.join('?' * len(some))})"  # noqa: S608
            for (reader,) in self._rows(query, *some):
                number = _number(reader)
                if number >= 0:
                    documents.add(number)
                else:
                    row = self._one("SELECT topic FROM asides WHERE id = ?", -number)
                    topics.add(texts(unpacked(row[0])))
        return self._refs_of(documents), frozenset(topics)

    def untimely(self, now: datetime) -> frozenset[Ref]:
        query = "SELECT document FROM times WHERE since > ? UNION SELECT document FROM times WHERE until <= ?"
        instant = stamp(now)
        return self._refs_of({_number(document) for (document,) in self._rows(query, instant, instant)})

    def ruled(self, ref: Ref) -> tuple[Finding, ...]:
        query = "SELECT finding FROM findings JOIN documents ON id = document WHERE ref = ?"
        return tuple(finding_of(unpacked(found)) for (found,) in self._rows(query, written_ref(ref)))

    def all_ruled(self) -> Iterator[tuple[Ref, Finding]]:
        for ref, found in self._each("SELECT ref, finding FROM findings JOIN documents ON id = document"):
            yield read_ref(ref), finding_of(unpacked(found))

    def all_form(self) -> Iterator[tuple[str, tuple[Finding, ...]]]:
        for path, found in self._each("SELECT path, findings FROM files WHERE findings IS NOT NULL ORDER BY path"):
            yield read(path), tuple(map(finding_of, items(unpacked(found))))

    def by_rule(self, rule: str) -> tuple[tuple[Ref, Finding], ...]:
        query = "SELECT ref, finding FROM findings JOIN documents ON id = document WHERE rule = ?"
        rows = self._rows(query, written(rule))
        return tuple((read_ref(ref), finding_of(unpacked(found))) for ref, found in rows)

    def knots(self) -> tuple[Knot, ...]:
        return tuple(
            Knot(_text(by), frozenset(map(_ref, items(unpacked(members)))), finding_of(unpacked(finding)))
            for by, members, finding in self._rows("SELECT steps, members, finding FROM knots")
        )

    # --- rows ----------------------------------------------------------------------------------------------------

    def _entity(self, row: _Row) -> Entity:
        ref, spelled, path, at, data = row
        where, index = read(path), _number(at)
        locate = partial(self._place, where, index)
        return Entity(
            read_ref(ref), _text(spelled), Document(where, index, mapping(unpacked(data)), Places(where, locate))
        )

    def _place(self, path: str, index: int) -> PlaceNode:
        kept = self.file(path)
        if kept is None:
            raise CacheFault(f"the cache has a document of {path} and no such file")
        return self._locate(path, kept.entry.blob, index)

    def _refs_of(self, documents: Collection[int]) -> frozenset[Ref]:
        found: set[Ref] = set()
        wanted = sorted(documents)
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            query = f"SELECT ref FROM documents WHERE id IN ({','.join('?' * len(some))})"  # noqa: S608
            found.update(self._refs(query, *some))
        return frozenset(found)

    def _refs(self, query: str, *given: object) -> tuple[Ref, ...]:
        return tuple(read_ref(ref) for (ref,) in self._rows(query, *given))

    def _one(self, query: str, *given: object) -> _Row:
        rows = self._rows(query, *given)
        if len(rows) != 1:
            raise CacheFault("the cache lacks a row")
        return rows[0]

    def _rows(self, query: str, *given: object) -> list[_Row]:
        try:
            return self._database.execute(query, given).fetchall()
        except (sqlite3.Error, OverflowError) as fault:
            raise CacheFault(f"the cache cannot be read: {fault}") from None

    def _each(self, query: str, *given: object) -> Iterator[_Row]:
        try:
            yield from self._database.execute(query, given)
        except (sqlite3.Error, OverflowError) as fault:
            raise CacheFault(f"the cache cannot be read: {fault}") from None


def _below(folder: str) -> tuple[bytes, bytes]:
    """The ends between which the paths below a folder stand: "0" is the character behind "/"."""
    return written(f"{folder}/"), written(f"{folder}0")


def _header(row: _Row) -> Header:
    said = unpacked(row[0])
    if text(said, "tool") != tool():
        raise CacheFault("the cache is of another version of Tarmac")
    totals = (_number(dig(said, "totals", name)) for name in Totals.__struct_fields__)
    kinds = {kind: _number(count) for kind, count in mapping(said, "kinds").items()}
    commit, *bots = texts(said, "aged") or ("",)
    aged = Aged(commit, tuple(bots)) if commit else None
    return Header(
        tree=text(said, "tree") or "",
        ignore=texts(said, "ignore"),
        totals=Totals(*totals),
        facets=texts(said, "facets"),
        aged=aged,
        kinds=kinds,
        stale=tuple(map(finding_of, items(dig(said, "stale")))),
    )


def _ref(row: JsonValue) -> Ref:
    parts = texts(row)
    if len(parts) != len(Ref._fields):
        raise CacheFault("a reference of the cache cannot be read")
    return Ref(*parts)


def _number(value: object) -> int:
    if not isinstance(value, int):
        raise CacheFault("a number of the cache is none")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise CacheFault("a text of the cache is none")
    return value
