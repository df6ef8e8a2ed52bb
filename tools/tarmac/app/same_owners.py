"""Whether a change can make a CODEOWNERS file stale: told without asking whose every file is."""

from __future__ import annotations

from collections.abc import Mapping

from tarmac.approvals.owners import LOCATIONS, OWNING
from tarmac.catalog.differing import same
from tarmac.catalog.references import references
from tarmac.catalog.stored import Standing, TreeChange, first
from tarmac.catalog.view import ReviewView
from tarmac.model.documents import Entity
from tarmac.model.kinds import KindInfo
from tarmac.model.refs import Ref


def is_asked(catalog: ReviewView, base: ReviewView) -> bool:
    """Whether anything may be said of a tree's CODEOWNERS file: GitHub is the forge, and the tree or its base has
    one."""
    platform = catalog.platform()
    if platform is None or platform.text("spec", "forge") != "github":
        return False
    return any(side.has_file(path) for side in (catalog, base) for path in LOCATIONS)


def same_owners(change: TreeChange, kinds: Mapping[tuple[str, str], KindInfo]) -> bool:
    """Whether a change leaves all files with the owners that they had, under the names that these had at GitHub."""
    if change.added or change.removed:
        return False
    return all(_same_owner(standing, kinds) for standing in change.entities.values())


def _same_owner(standing: Standing, kinds: Mapping[tuple[str, str], KindInfo]) -> bool:
    before, after = first(standing.before), first(standing.after)
    if before is None or after is None or before.path != after.path or before.kind != after.kind:
        return False
    if before.ref.kind == "platform":
        return same(before.data, after.data)
    if before.ref.kind in ("group", "user"):
        return same(before.get("metadata", "annotations"), after.get("metadata", "annotations"))
    return _owning(before, kinds) == _owning(after, kinds)


def _owning(entity: Entity, kinds: Mapping[tuple[str, str], KindInfo]) -> list[tuple[tuple[str, ...], Ref | None]]:
    info = kinds[entity.document.kind_key or ("", "")]
    return [(one.field.path, one.target) for one in references(entity, info) if one.field.path in OWNING]
