"""What changed between two revisions of a catalog, told of entities and not of text."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from tarmac.catalog.differing import PLAIN, is_list, same
from tarmac.catalog.index import Catalog
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, Path
from tarmac.model.refs import Ref


class FieldChange(Frozen):
    """One value that differs. `before` or `after` is None where the field was not, or is no longer, there."""

    path: Path
    before: JsonValue
    after: JsonValue

    @property
    def name(self) -> str:
        """The path as people write it: spec.owners[0].name."""
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path).lstrip(".")


class Changed(Frozen):
    """One entity with other data than before. In a rename `old` and `new` differ in their references."""

    old: Entity
    new: Entity
    fields: tuple[FieldChange, ...]


class Renamed(Changed):
    """One entity under another name. `declared` says that its `previously` tells so; otherwise git's file rename
    does, and where a provider has made the thing, that alone means: one goes, another comes."""

    declared: bool


class Moved(Frozen):
    """One entity in another file, before and after; its data may have changed too."""

    old: Entity
    new: Entity

    @property
    def ref(self) -> Ref:
        """What it is called on both sides."""
        return self.new.ref

    @property
    def old_path(self) -> str:
        """The file that it left."""
        return self.old.path

    @property
    def new_path(self) -> str:
        """The file that it is in now."""
        return self.new.path


class CatalogChange(Frozen):
    """From one catalog to another, each part in order of reference."""

    added: tuple[Entity, ...]
    changed: tuple[Changed, ...]
    removed: tuple[Entity, ...]
    renamed: tuple[Renamed, ...]
    moved: tuple[Moved, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed or self.renamed or self.moved)


def changes(base: Catalog, head: Catalog, renamed_files: Mapping[str, str] | None = None) -> CatalogChange:
    """What leads from `base` to `head`. `renamed_files` maps old paths to new ones, as git found them."""
    return changes_among(base, head, base.entities.keys() | head.entities.keys(), renamed_files)


def changes_among(
    base: CatalogView,
    head: CatalogView,
    refs: Collection[Ref],
    renamed_files: Mapping[str, str] | None = None,
    known: Callable[[Ref], Collection[Path] | None] = lambda ref: None,
) -> CatalogChange:
    """The same where all that may differ is among `refs`. `known` gives where the two documents of a reference differ
    (differing.py), as far as that has been told already."""
    sides = [(ref, base.get(ref), head.get(ref)) for ref in refs]
    gone = {ref: old for ref, old, new in sides if old is not None and new is None}
    come = {ref: new for ref, old, new in sides if old is None and new is not None}
    renamed = [*_declared(gone, come), *_by_file(gone, come, renamed_files or {})]
    changed, moved = [], []
    for ref, old, new in sides:
        if old is None or new is None:
            continue
        if old.path != new.path:
            moved.append(Moved(old, new))
        # The same blob read once for both sides is the same object, and needs no comparing.
        fields = () if old.data is new.data else tuple(_differences(old, new, known(ref)))
        if fields:
            changed.append(Changed(old, new, fields))
    return CatalogChange(
        added=tuple(come[ref] for ref in sorted(come)),
        changed=tuple(sorted(changed, key=lambda found: found.new.ref)),
        removed=tuple(gone[ref] for ref in sorted(gone)),
        renamed=tuple(sorted(renamed, key=lambda found: found.new.ref)),
        moved=tuple(sorted(moved, key=lambda found: found.ref)),
    )


def _differences(old: Entity, new: Entity, paths: Collection[Path] | None) -> Iterator[FieldChange]:
    if paths is None:
        yield from differences(old.data, new.data)
        return
    for path in sorted(paths):
        before, after = old.get(*path), new.get(*path)
        if isinstance(before, Mapping) and isinstance(after, Mapping):
            # Their keys stand in another order, which is no difference here; within there may be some.
            yield from differences(before, after, path)
        else:
            yield FieldChange(path, before, after)


def differences(before: JsonValue, after: JsonValue, path: Path = ()) -> Iterator[FieldChange]:
    """Every value that differs, in order of path: mappings key by key, lists of one length item by item, other lists
    as a whole (an item put in front would otherwise look as if every item had changed)."""
    if isinstance(before, PLAIN):
        if not same(before, after):
            yield FieldChange(path, before, after)
    elif isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted(before.keys() | after.keys()):
            old, new = before.get(key), after.get(key)
            if key not in before or key not in after:
                yield FieldChange((*path, key), old, new)
            # Most values are texts that are as they were.
            elif not (type(old) is str and type(new) is str and old == new):
                yield from differences(old, new, (*path, key))
    elif is_list(before) and is_list(after) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, (*path, index))
    elif not same(before, after):
        yield FieldChange(path, before, after)


def _declared(gone: dict[Ref, Entity], come: dict[Ref, Entity]) -> Iterator[Renamed]:
    """Renames that the new entity tells of itself; what is matched leaves both lists."""
    for ref in sorted(come):
        new = come[ref]
        for name in new.texts("spec", "previously"):
            old = gone.pop(Ref.of(ref.kind, name, ref.namespace), None)
            if old is not None:
                del come[ref]
                yield Renamed(old, new, tuple(differences(old.data, new.data)), declared=True)
                break


def _by_file(gone: dict[Ref, Entity], come: dict[Ref, Entity], files: Mapping[str, str]) -> Iterator[Renamed]:
    """Renames that a renamed file shows: the same document, but for its name."""
    arrived = {(entity.path, entity.document.index, entity.ref.kind): entity for entity in come.values()}
    for ref in sorted(gone):
        old = gone[ref]
        path = files.get(old.path)
        new = None if path is None else arrived.get((path, old.document.index, ref.kind))
        if new is None or new.ref not in come:
            continue
        fields = tuple(differences(old.data, new.data))
        if all(change.path == ("metadata", "name") for change in fields):
            del gone[ref], come[new.ref]
            yield Renamed(old, new, fields, declared=False)
