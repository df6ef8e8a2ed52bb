"""Who owns a path, as the model means it.

The first that gives an answer:

1. policies/, tools/, .github/ and what stands in the root belong to the platform's owner, whatever is in the file;
2. the owners of the entities in the file;
3. teams/<team>/ and requests/<team>/ belong to the group of that name, or to the platform's owner;
4. the nearest folder above with entities below it, where all of those have one owner;
5. the platform's owner.
"""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.catalog.view import CatalogView, ReviewView
from tarmac.model.documents import Entity
from tarmac.model.refs import Ref

# Where who may change a thing must not depend on what the thing says.
_PLATFORM = ("policies", "tools", ".github")
_TEAM_FOLDERS = ("teams", "requests")
# What these say decides about other documents, wherever they stand.
_JUDGES = frozenset(
    {
        "approvalrule",
        "budget",
        "deletionapproval",
        "exemption",
        "platform",
        "policy",
        "ratecard",
        "resourcetype",
        "scorecard",
        "sharedcost",
        "tagpolicy",
        "template",
    }
)
# Where GitHub looks for a CODEOWNERS file, in this order; the first there is counts.
LOCATIONS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
# The field of each kind that says whose the document is; other kinds say it in spec.owner.
_SERVICE = ("spec", "service")
_TEAM = ("spec", "team")
_OWNER = ("spec", "owner")
OWNING = (_SERVICE, _TEAM, _OWNER)


def is_judge(kind: str) -> bool:
    """Whether documents of a kind decide about others."""
    return kind.lower() in _JUDGES


def platform_owner(catalog: CatalogView) -> Ref | None:
    """The owner of the platform, or None in a repository without one."""
    platform = catalog.platform()
    return None if platform is None else next(_targets(catalog, platform, _OWNER), None)


def parent_of(catalog: CatalogView, group: Ref) -> Ref | None:
    """The group above, as the group itself says, whether there is one of that name or not; None where it says none."""
    entity = catalog.get(group)
    return None if entity is None else next(_targets(catalog, entity, ("spec", "parent")), None)


def owners_of(catalog: CatalogView, entity: Entity) -> tuple[Ref, ...]:
    """Whose an entity is: its owner; of a Group itself, of a User the groups it is in, of a budget its team,
    of an SLA its service's owner. Empty where it does not say, as an SLO never does: it belongs where it stands."""
    if entity.kind == "Group":
        return (entity.ref,)
    if entity.kind == "User":
        listed = catalog.references_to(entity.ref, "group")
        groups = [one.source.ref for one in listed if one.field.path == ("spec", "members", "*")]
        return tuple(sorted({*_targets(catalog, entity, ("spec", "memberOf", "*")), *groups}))
    for field in (_OWNER, _TEAM):
        found = tuple(_targets(catalog, entity, field))
        if found:
            return found
    for service in _targets(catalog, entity, _SERVICE):
        target = catalog.get(service)
        if target is not None:
            return tuple(_targets(catalog, target, _OWNER))
    return ()


class PathOwners:
    """The owners of every path of one catalog."""

    def __init__(self, catalog: ReviewView) -> None:
        self._catalog = catalog
        self._owned: dict[Ref, tuple[Ref, ...]] = {}
        self._files: dict[str, tuple[Ref, ...]] = {}
        self._folders: dict[str, frozenset[Ref]] = {}
        self._platform = platform_owner(catalog)

    def of(self, path: str) -> tuple[Ref, ...]:
        """The owners of a file (of `folder/` itself: those of a new file in it). Empty: nobody can be told."""
        top, _, rest = path.partition("/")
        fallback = () if self._platform is None else (self._platform,)
        inside = self._inside(path)
        if top in _PLATFORM or not rest:
            return inside if self._platform is None else fallback
        if inside:
            return inside
        if top in _TEAM_FOLDERS:
            group = self._catalog.get(Ref.of("group", rest.partition("/")[0])) if "/" in rest else None
            return fallback if group is None else (group.ref,)
        for folder in _folders(path):
            owners = self._below(folder)
            if owners:
                return tuple(owners) if len(owners) == 1 else fallback
        return fallback

    def _of(self, ref: Ref) -> tuple[Ref, ...]:
        """The owners of an entity as they count for its file: a person may be in several teams, and the file with the
        person's document belongs to the folder's."""
        if ref not in self._owned:
            entity = None if ref.kind == "user" else self._catalog.get(ref)
            self._owned[ref] = () if entity is None else owners_of(self._catalog, entity)
        return self._owned[ref]

    def _inside(self, path: str) -> tuple[Ref, ...]:
        """The owners of the entities in a file."""
        if path not in self._files:
            found = {owner for ref in self._catalog.in_file(path) for owner in self._of(ref)}
            self._files[path] = tuple(sorted(found))
        return self._files[path]

    def _below(self, folder: str) -> frozenset[Ref]:
        """The owners of the entities below a folder; where there are several, two of them or more."""
        if folder not in self._folders:
            found: set[Ref] = set()
            for ref in self._catalog.below(folder):
                found.update(self._of(ref))
                if len(found) > 1:
                    break
            self._folders[folder] = frozenset(found)
        return self._folders[folder]


def _folders(path: str) -> Iterator[str]:
    """The folders above a path, nearest first, without the root."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _targets(catalog: CatalogView, entity: Entity, field: tuple[str, ...]) -> Iterator[Ref]:
    for reference in catalog.references_of(entity.ref):
        if reference.field.path == field and reference.target is not None:
            yield reference.target
