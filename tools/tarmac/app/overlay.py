"""A tree with one file more: how a document is judged before it is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tarmac.model.trees import Source, TreeEntry


@dataclass(frozen=True, slots=True)
class WithFile:
    """`inside`, as if it also held `path` with these bytes."""

    inside: Source
    path: str
    content: bytes

    @property
    def revision(self) -> str:
        return self.inside.revision

    def entries(self) -> tuple[TreeEntry, ...]:
        """Every file of both, sorted by path."""
        others = [entry for entry in self.inside.entries() if entry.path != self.path]
        return tuple(sorted([*others, TreeEntry(self.path, "100644", "")], key=lambda entry: entry.path))

    def read(self, entries: Iterable[TreeEntry], limit: int) -> Iterator[tuple[TreeEntry, bytes | str]]:
        """The bytes of each, in the order asked for."""
        for entry in entries:
            if entry.path == self.path:
                large = len(self.content) > limit
                yield entry, f"larger than {limit} bytes" if large else self.content
            else:
                yield from self.inside.read((entry,), limit)
