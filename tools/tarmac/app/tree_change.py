"""What another tree has otherwise than the one that is kept, parsed as far as it differs."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from tarmac.app.deps import Reading
from tarmac.app.load import Known, parts_of
from tarmac.app.parts import Part
from tarmac.catalog.index import entity_of
from tarmac.catalog.stored import NO_CHANGE, Standing, TreeChange
from tarmac.model.documents import Entity
from tarmac.model.frozen import Frozen, field
from tarmac.model.refs import Ref
from tarmac.model.trees import FileChange, Source, TreeEntry
from tarmac.rules.kept import Kept


class Difference(Frozen):
    """A tree beside the kept one: what its changed files add now (None: the file is gone), and what follows from that
    for the catalog."""

    parts: Mapping[str, Part | None] = field(default_factory=dict)
    change: TreeChange = NO_CHANGE


SAME = Difference()


def difference(
    kept: Kept, source: Source, changes: Iterable[FileChange], reading: Reading, known: Known | None = None
) -> Difference:
    """Read the changed files of `source`, and those whose meaning changes with them. `known` is filled with what is
    parsed, and spares the files that are there already.

    A file that another one names by a placeholder is data. So where such a name comes or goes, the file that it names
    is looked at again, though its bytes are the same.

    Raises:
        CacheFault: what is kept cannot be trusted.
        GitError: a file cannot be read from git.
    """
    after = {side.path: change.after for change in changes for side in (change.before, change.after) if side}
    entries = [entry for entry in after.values() if entry is not None]
    kept.ahead_files(after)

    def named(path: str) -> bool:
        return not kept.named_by(path) <= after.keys()

    parts: dict[str, Part | None] = {path: None for path, entry in after.items() if entry is None}
    parts |= parts_of(source, entries, kept.ignore, reading, known, named)
    new_names = {name for part in parts.values() if part is not None for name in part.names}
    turned = [path for path in _perhaps_turned(kept, after, new_names) if _turns(kept, path, new_names, named)]
    again = [found.entry for path in turned if (found := kept.file(path)) is not None]
    parts |= parts_of(source, again, kept.ignore, reading, known, lambda path: path in new_names or named(path))
    return Difference(parts, _change(kept, after, parts, reading))


def _perhaps_turned(kept: Kept, after: Collection[str], new_names: set[str]) -> Iterator[str]:
    """The files that did not change and that a changed one named or names."""
    old_names = {name for path in after for name in kept.names_of(path)}
    return (path for path in sorted(old_names | new_names) if path not in after)


def _turns(kept: Kept, path: str, new_names: set[str], still: Callable[[str], bool]) -> bool:
    return bool(kept.named_by(path)) != (path in new_names or still(path))


def _change(
    kept: Kept, after: Mapping[str, TreeEntry | None], parts: Mapping[str, Part | None], reading: Reading
) -> TreeChange:
    new: dict[Ref, list[Entity]] = {}
    for part in parts.values():
        for document in part.documents if part is not None else ():
            entity = entity_of(document, reading.gate.kinds)
            if entity is not None:
                new.setdefault(entity.ref, []).append(entity)
    for path in parts:
        for ref in kept.at(path):
            new.setdefault(ref, [])
    kept.ahead(new)
    entities = {}
    for ref, found in new.items():
        before = kept.standing_for(ref)
        left = [entity for entity in before if entity.path not in parts]
        ordered = sorted((*left, *found), key=lambda entity: (entity.path, entity.document.index))
        entities[ref] = Standing(before, tuple(ordered))
    there = {path for path in after if kept.has_file(path)}
    gone = frozenset(path for path, entry in after.items() if entry is None and path in there)
    return TreeChange(entities, frozenset(after.keys() - there) - gone, gone)
