"""A tree with a file more, or with files changed: how documents are judged before they are written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tarmac.model.frozen import Frozen
from tarmac.model.trees import Source, TreeEntry


class WithFile(Frozen):
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


class WithContents(Frozen):
    """`inside`, as if these of its files held other bytes."""

    inside: Source
    contents: Mapping[str, bytes]

    @property
    def revision(self) -> str:
        return self.inside.revision

    def entries(self) -> tuple[TreeEntry, ...]:
        """Every file of `inside`; the blob ids of changed ones are not known."""
        return tuple(
            TreeEntry(entry.path, entry.mode, "") if entry.path in self.contents else entry
            for entry in self.inside.entries()
        )

    def read(self, entries: Iterable[TreeEntry], limit: int) -> Iterator[tuple[TreeEntry, bytes | str]]:
        """The bytes of each, in the order asked for."""
        for entry in entries:
            changed = self.contents.get(entry.path)
            if changed is None:
                yield from self.inside.read((entry,), limit)
            else:
                yield entry, changed[: limit + 1]
