"""Trees in memory that answer as git would, for what a check of a change asks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from tarmac.app.load import blob_id
from tarmac.model.ages import Ages, Later
from tarmac.model.trees import FileChange, TreeEntry

Files = Mapping[str, bytes]


def entries(files: Files) -> tuple[TreeEntry, ...]:
    """The files as git lists them."""
    return tuple(TreeEntry(path, "100644", blob_id(files[path])) for path in sorted(files))


@dataclass(frozen=True, slots=True)
class MemoryTree:
    """The files of one tree; `revision` is its name."""

    revision: str
    files: Files
    listed: list[str] = field(default_factory=list)

    def entries(self) -> tuple[TreeEntry, ...]:
        self.listed.append(self.revision)
        return entries(self.files)

    def read(self, entries: Iterable[TreeEntry], limit: int) -> Iterator[tuple[TreeEntry, bytes | str]]:
        for entry in entries:
            content = self.files[entry.path]
            yield entry, f"larger than {limit} bytes" if len(content) > limit else content


@dataclass(slots=True)
class MemoryGit:
    """Trees by name; `listed` are the names of those that somebody asked for all files of."""

    listed: list[str] = field(default_factory=list)
    trees: dict[str, Files] = field(default_factory=dict)
    contents: dict[str, bytes] = field(default_factory=dict)

    def keep(self, name: str, files: Files) -> None:
        """Have a tree of these files."""
        self.trees[name] = dict(files)
        self.contents.update({blob_id(content): content for content in files.values()})

    def tree_named(self, name: str) -> MemoryTree:
        return MemoryTree(name, self.trees[name], self.listed)

    def tree_changes(self, before: str, after: str) -> tuple[FileChange, ...] | None:
        if before not in self.trees:
            return None
        old, new = ({entry.path: entry for entry in entries(self.trees[name])} for name in (before, after))
        return tuple(
            FileChange(old.get(path), new.get(path))
            for path in sorted(old.keys() | new.keys())
            if old.get(path) != new.get(path)
        )

    @contextmanager
    def blobs(self) -> Iterator[Callable[[str], bytes]]:
        yield self.contents.__getitem__


@dataclass(slots=True)
class MemoryHistories:
    """When files were changed, by the name of a commit."""

    ages: dict[str, Mapping[str, datetime]] = field(default_factory=dict)

    def at(self, revisions: Sequence[str], bots: Collection[str]) -> Ages:
        (revision,) = revisions
        return Ages(self.ages[revision], commit=revision)

    def since(self, start: str, commits: Sequence[str], bots: Collection[str]) -> Later | None:
        (commit,) = commits
        old, new = self.ages[start], self.ages[commit]
        later = {path: when for path, when in new.items() if path not in old or when > old[path]}
        return Later(later, {path: new.get(path) for path in old if path not in new or new[path] < old[path]})

    def along(self, commits: Sequence[str], bots: Collection[str]) -> Iterator[Ages]:
        return (self.at((commit,), bots) for commit in commits)
