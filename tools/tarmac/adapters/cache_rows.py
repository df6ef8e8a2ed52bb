"""The rows of a cache's file: a few at a time, or those of many keys at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from tarmac.errors import CacheFault

# SQLite takes no more parameters at once in its older versions.
_AT_ONCE = 500
Row: TypeAlias = tuple[object, ...]


class Rows:
    """What queries give. Every verb raises CacheFault where the file cannot be read."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def all(self, query: str, *given: object) -> list[Row]:
        """Every row."""
        try:
            return self._database.execute(query, given).fetchall()
        except (sqlite3.Error, OverflowError) as fault:
            raise _fault(fault) from None

    def each(self, query: str, *given: object) -> Iterator[Row]:
        """Row by row."""
        try:
            yield from self._database.execute(query, given)
        except (sqlite3.Error, OverflowError) as fault:
            raise _fault(fault) from None

    def one(self, query: str, *given: object) -> Row:
        """The only row."""
        rows = self.all(query, *given)
        if len(rows) != 1:
            raise CacheFault("the cache lacks a row")
        return rows[0]

    def among(self, query: str, keys: Sequence[object], order: str = "", given: Sequence[object] = ()) -> Iterator[Row]:
        """The rows of a query that ends before the list of its keys, as in `SELECT a FROM b WHERE c IN`; in the order
        of `order` among those of one key. `given` are the other values that it names."""
        for start in range(0, len(keys), _AT_ONCE):
            some = list(keys[start : start + _AT_ONCE])
            # A few lengths only, so that SQLite knows the statement already; who asks twice is told once.
            some += some[-1:] * (min(_AT_ONCE, 1 << (len(some) - 1).bit_length()) - len(some))
            yield from self.all(f"{query} ({','.join('?' * len(some))}){order}", *given, *some)


def _fault(fault: Exception) -> CacheFault:
    return CacheFault(f"the cache cannot be read: {fault}")
