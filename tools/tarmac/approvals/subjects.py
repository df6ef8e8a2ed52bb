"""What a change asks approval for, one by one: entities, and files that are not entities."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tarmac.approvals.owners import PathOwners, owners_of
from tarmac.catalog.changes import CatalogChange, Changed, Renamed
from tarmac.catalog.view import CatalogView, ReviewView
from tarmac.model.documents import Entity
from tarmac.model.frozen import Frozen
from tarmac.model.refs import Ref

FILE = "File"


class Subject(Frozen):
    """One changed entity, or one changed file (`kind` is then File, and there is no `object`).

    `operation` is add, change, remove, rename or move. Of a removal, `object` and `old` are both what was there.
    `paths` are the files touched, old ones and new ones; `fields` the paths of the values that differ; `owners` whose
    it was and whose it will be, the earlier first.
    """

    kind: str
    operation: str
    paths: tuple[str, ...]
    object: Entity | None = None
    old: Entity | None = None
    fields: tuple[str, ...] = ()
    owners: tuple[Ref, ...] = ()
    hidden: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """The entity's reference, or the file's path."""
        return self.paths[-1] if self.object is None else str(self.object.ref)

    @property
    def environment(self) -> str:
        """The environment of what is there after the change, or before it where it goes."""
        return "" if self.object is None else self.object.text("spec", "environment") or ""

    @property
    def environments(self) -> tuple[str, ...]:
        """The environments before and after, each once."""
        found = (entity.text("spec", "environment") for entity in (self.old, self.object) if entity is not None)
        return tuple(dict.fromkeys(name for name in found if name))


def subjects(change: CatalogChange, paths: Iterable[str], before: ReviewView, after: ReviewView) -> tuple[Subject, ...]:
    """Everything the change touches: each entity once, and each of the touched `paths` that no entity accounts for.

    A file stands for itself as well where it holds, on either side, a second document of a name that is taken, and
    where all entities left a file that is still there: what is not indexed must not pass unseen.
    """
    found = sorted(_entities(change, before, after), key=lambda subject: (subject.name, subject.operation))
    accounted = dict.fromkeys(path for subject in found for path in subject.paths)
    seen = {path for path in accounted if after.in_file(path) or not after.has_file(path)}
    owners = PathOwners(before)
    for path in sorted(set(paths)):
        kinds = frozenset(entity.kind for side in (before, after) for entity in side.repeated_in(path))
        if path not in seen or kinds:
            operation = "change" if before.has_file(path) and after.has_file(path) else "add"
            if not after.has_file(path):
                # What stands outside the root is in neither catalog, and what happened to it is not told.
                operation = "change" if path.startswith("../") else "remove"
            found.append(Subject(FILE, operation, (path,), owners=owners.of(path), hidden=kinds))
    return tuple(found)


def _entities(change: CatalogChange, before: CatalogView, after: CatalogView) -> Iterator[Subject]:
    for entity in change.added:
        yield Subject(entity.kind, "add", (entity.path,), entity, None, (), owners_of(after, entity))
    for entity in change.removed:
        yield Subject(entity.kind, "remove", (entity.path,), entity, entity, (), owners_of(before, entity))
    for changed in change.changed:
        yield _changed("change", changed, before, after)
    for renamed in change.renamed:
        yield _changed("rename", renamed, before, after)
    known = {changed.new.ref for changed in change.changed}
    for moved in change.moved:
        if moved.ref not in known:
            yield _changed("move", Changed(moved.old, moved.new, ()), before, after)


def _changed(operation: str, changed: Changed | Renamed, before: CatalogView, after: CatalogView) -> Subject:
    owners = (*owners_of(before, changed.old), *owners_of(after, changed.new))
    return Subject(
        kind=changed.new.kind,
        operation=operation,
        paths=tuple(dict.fromkeys((changed.old.path, changed.new.path))),
        object=changed.new,
        old=changed.old,
        fields=tuple(field.name for field in changed.fields),
        owners=tuple(dict.fromkeys(owners)),
    )
