"""What a stored catalog answers, and a change over it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias

from tarmac.catalog.keys import touched_by_entity, touched_by_files
from tarmac.catalog.references import Reference, references
from tarmac.catalog.strength import Strength, strengths
from tarmac.catalog.view import Need
from tarmac.model.documents import Entity
from tarmac.model.frozen import Frozen, field
from tarmac.model.kinds import KindInfo
from tarmac.model.refs import Ref


class StoredCatalog(Protocol):
    """A catalog on disk, asked for a little at a time. Kinds and logins are in lower case.

    `outgoing` and `layers` are room for who asks: what entities refer to as they are stored, and catalogs over this one
    by the identity of their change.
    """

    outgoing: dict[Ref, tuple[Reference, ...]]
    layers: dict[int, Any]

    @property
    def repeats(self) -> bool:
        """Whether there is a document with a reference that is taken."""
        ...

    def standing_for(self, ref: Ref) -> tuple[Entity, ...]:
        """Every document of that reference, in order; the first is the entity."""
        ...

    def of_kind(self, kind: str) -> tuple[Entity, ...]:
        """Every entity of the kind, in order."""
        ...

    def names(self, kind: str) -> tuple[Ref, ...]: ...

    def named(self, kind: str, name: str) -> tuple[Ref, ...]:
        """The entities of the kind with that name as written."""
        ...

    def kinds(self) -> Mapping[str, int]:
        """How many entities there are of each kind."""
        ...

    def referrers(self, ref: Ref, kind: str | None, field: str | None) -> Mapping[Ref, int]:
        """Who refers to it and how often: entities of the kind, or in fields of that name, if one is given."""
        ...

    def with_login(self, login: str) -> tuple[Ref, ...]: ...

    def login_of(self, user: Ref) -> str | None:
        """The login of a user who has one."""
        ...

    def saying(self, kind: str, key: str) -> tuple[Ref, ...]:
        """The entities of the kind whose documents have a key of that name (ASCII letters) anywhere."""
        ...

    def with_email(self, address: str) -> tuple[Ref, ...]:
        """The users of that address, as `people.address` writes it."""
        ...

    def needed_by(self, ref: Ref) -> tuple[Need, ...]:
        """Who needs it, and which documents say so."""
        ...

    def standing_of(self, ref: Ref) -> tuple[str | None, Ref | None]:
        """The tier and the owner of an entity, as far as it has them."""
        ...

    def at(self, path: str) -> tuple[Ref, ...]:
        """The references of all documents of a file, repeated ones included."""
        ...

    def below(self, folder: str) -> Iterator[Ref]:
        """The entities that stand anywhere below a folder, read one by one."""
        ...

    def has_file(self, path: str) -> bool: ...

    def files_in(self, folder: str) -> tuple[str, ...]: ...

    def files_below(self, folder: str) -> Iterator[str]:
        """The paths below a folder, read one by one."""
        ...


class Standing(Frozen):
    """What stands for one reference: every document, in order, before and after a change."""

    before: tuple[Entity, ...]
    after: tuple[Entity, ...]


class TreeChange(Frozen):
    """What another tree has otherwise than the stored one: every reference that a changed file holds, and the files
    that came and went."""

    entities: Mapping[Ref, Standing] = field(default_factory=dict)
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()

    def rewired(self, kinds: Mapping[tuple[str, str], KindInfo]) -> frozenset[Ref]:
        """The entities that refer to others than before, or need them in another strength; those that come or go."""
        return frozenset(
            ref
            for ref, standing in self.entities.items()
            if _wires(first(standing.before), kinds) != _wires(first(standing.after), kinds)
        )

    def touched(self, kinds: Mapping[tuple[str, str], KindInfo]) -> Iterator[tuple[str, ...]]:
        """The keys (keys.py) that it touches."""
        for ref, standing in self.entities.items():
            yield from touched_by_entity(ref, first(standing.before), first(standing.after), kinds)
        yield from touched_by_files(self.added | self.removed)


NO_CHANGE = TreeChange()


def first(entities: Iterable[Entity]) -> Entity | None:
    """The entity among the documents of one reference."""
    return next(iter(entities), None)


_Wires: TypeAlias = "tuple[list[tuple[tuple[str, ...], Ref | None]], dict[Ref, Strength]] | None"


def _wires(entity: Entity | None, kinds: Mapping[tuple[str, str], KindInfo]) -> _Wires:
    if entity is None:
        return None
    found = references(entity, kinds[entity.document.kind_key or ("", "")])
    return [(one.field.path, one.target) for one in found], strengths(entity)
