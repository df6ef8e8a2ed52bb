"""The cache as it is read: the index of one tree and the verdicts on it, a little at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from tarmac.adapters.cache_catalog import CachedCatalog, number_of, text_of
from tarmac.adapters.cache_codec import finding_of, read, read_ref, stamp, unpacked, written, written_ref
from tarmac.adapters.cache_rows import Row, Rows
from tarmac.adapters.cache_schema import APPLICATION, cache_file, tool
from tarmac.errors import CacheFault
from tarmac.model.ages import Aged
from tarmac.model.findings import Finding
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, dig, items, mapping, text, texts
from tarmac.model.refs import Ref
from tarmac.model.trees import TreeEntry
from tarmac.rules.kept import Locate, Totals
from tarmac.rules.rule import Knot


class Header(Frozen):
    """What the file says of itself."""

    tree: str
    ignore: tuple[str, ...]
    totals: Totals
    facets: tuple[str, ...]
    aged: Aged | None
    kinds: Mapping[str, int]
    stale: tuple[Finding, ...]


# How many bytes are read where they lie, without a call a page: more than any cache has. Nobody shortens the file.
_MAPPED = 1 << 40


class Cache(CachedCatalog):
    """One cache file, open for reading. Every verb raises CacheFault when it is not as it was written."""

    def __init__(self, database: sqlite3.Connection, locate: Locate) -> None:
        super().__init__(Rows(database), locate)
        if self._rows.one("PRAGMA application_id") != (APPLICATION,):
            raise CacheFault("the file is no cache of Tarmac")
        self._header = _header(self._rows.one("SELECT value FROM header"))

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
            database.execute(f"PRAGMA mmap_size = {_MAPPED}")
        except sqlite3.Error as fault:
            raise CacheFault(f"the cache cannot be opened: {fault}") from None
        return cls(database, locate)

    def close(self) -> None:
        """Let go of the file."""
        self._rows.close()

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

    @property
    def repeats(self) -> bool:
        return self._header.totals.entities > sum(self._header.kinds.values())

    def kinds(self) -> Mapping[str, int]:
        return self._header.kinds

    def entries(self) -> Iterator[TreeEntry]:
        for path, mode, blob in self._rows.each("SELECT path, mode, blob FROM files ORDER BY path"):
            yield TreeEntry(read(path), text_of(mode), text_of(blob))

    def named_by(self, path: str) -> frozenset[str]:
        rows = self._rows.all("SELECT path FROM names WHERE target = ?", written(path))
        return frozenset(read(source) for (source,) in rows)

    def readers(self, keys: Collection[int]) -> tuple[frozenset[Ref], frozenset[tuple[str, ...]]]:
        documents: set[int] = set()
        topics: set[tuple[str, ...]] = set()
        for (reader,) in self._rows.among("SELECT DISTINCT reader FROM reads WHERE key IN", sorted(keys)):
            number = number_of(reader)
            if number >= 0:
                documents.add(number)
            else:
                row = self._rows.one("SELECT topic FROM asides WHERE id = ?", -number)
                topics.add(texts(unpacked(row[0])))
        return self._refs_of(documents), frozenset(topics)

    def untimely(self, now: datetime) -> frozenset[Ref]:
        query = "SELECT document FROM times WHERE since > ? UNION SELECT document FROM times WHERE until <= ?"
        instant = stamp(now)
        return self._refs_of({number_of(document) for (document,) in self._rows.all(query, instant, instant)})

    def ruled(self, ref: Ref) -> tuple[Finding, ...]:
        if not self._header.totals.ruled:
            return ()
        query = "SELECT finding FROM findings JOIN documents ON id = document WHERE ref = ?"
        return tuple(finding_of(unpacked(found)) for (found,) in self._rows.all(query, written_ref(ref)))

    def all_ruled(self) -> Iterator[tuple[Ref, Finding]]:
        for ref, found in self._rows.each("SELECT ref, finding FROM findings JOIN documents ON id = document"):
            yield read_ref(ref), finding_of(unpacked(found))

    def all_form(self) -> Iterator[tuple[str, tuple[Finding, ...]]]:
        for path, found in self._rows.each("SELECT path, findings FROM files WHERE findings IS NOT NULL ORDER BY path"):
            yield read(path), tuple(map(finding_of, items(unpacked(found))))

    def by_rule(self, rule: str) -> tuple[tuple[Ref, Finding], ...]:
        query = "SELECT ref, finding FROM findings JOIN documents ON id = document WHERE rule = ?"
        rows = self._rows.all(query, written(rule))
        return tuple((read_ref(ref), finding_of(unpacked(found))) for ref, found in rows)

    def knots(self) -> tuple[Knot, ...]:
        return tuple(
            Knot(text_of(by), frozenset(map(_ref, items(unpacked(members)))), finding_of(unpacked(finding)))
            for by, members, finding in self._rows.all("SELECT steps, members, finding FROM knots")
        )

    def _refs_of(self, documents: Collection[int]) -> frozenset[Ref]:
        rows = self._rows.among("SELECT ref FROM documents WHERE id IN", sorted(documents))
        return frozenset(read_ref(ref) for (ref,) in rows)


def _header(row: Row) -> Header:
    said = unpacked(row[0])
    if text(said, "tool") != tool():
        raise CacheFault("the cache is of another version of Tarmac")
    totals = (number_of(dig(said, "totals", name)) for name in Totals.__struct_fields__)
    kinds = {kind: number_of(count) for kind, count in mapping(said, "kinds").items()}
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
