"""What a stored catalog answers, and a change over it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from tarmac.catalog.differing import differing
from tarmac.catalog.keys import Stated, touched_by_entity, touched_by_files
from tarmac.catalog.references import Reference
from tarmac.catalog.strength import Strength, strengths
from tarmac.model.documents import Entity
from tarmac.model.frozen import Frozen, field
from tarmac.model.json_value import Path
from tarmac.model.refs import Ref

if TYPE_CHECKING:
    from tarmac.catalog.needs import KeptNeeds


class StoredCatalog(Protocol):
    """A catalog on disk, asked for a little at a time. Kinds and logins are in lower case.

    Where it is known what will be asked, `ahead` and its like read that at once; no answer is another for it.

    `outgoing` and `layers` are room for who asks: what entities refer to by their identity, each kept beside it, and
    catalogs over this one by the identity of their change.
    """

    outgoing: dict[int, tuple[Entity, tuple[Reference, ...]]]
    layers: dict[int, Any]

    @property
    def repeats(self) -> bool:
        """Whether there is a document with a reference that is taken."""
        ...

    def standing_for(self, ref: Ref) -> tuple[Entity, ...]:
        """Every document of that reference, in order; the first is the entity."""
        ...

    def exists(self, ref: Ref) -> bool:
        """Whether anything stands for it."""
        ...

    def ahead(self, refs: Iterable[Ref]) -> None:
        """`standing_for` or `exists` will be asked of these."""
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

    def ahead_referrers(self, refs: Iterable[Ref], kind: str | None, field: str | None) -> None:
        """`referrers` will be asked of these, of this kind and field."""
        ...

    def ahead_all_referrers(self, refs: Iterable[Ref]) -> None:
        """`referrers` will be asked of these, of whatever kind and field."""
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

    def needs(self) -> KeptNeeds:
        """Who needs whom."""
        ...

    def ahead_logins(self, refs: Iterable[Ref]) -> None:
        """`login_of` will be asked of these."""
        ...

    def at(self, path: str) -> tuple[Ref, ...]:
        """The references of all documents of a file, repeated ones included."""
        ...

    def ahead_at(self, paths: Iterable[str]) -> None:
        """`at` will be asked of these."""
        ...

    def below(self, folder: str) -> Iterator[Ref]:
        """The entities that stand anywhere below a folder, read one by one."""
        ...

    def has_file(self, path: str) -> bool: ...

    def files_in(self, folder: str) -> tuple[str, ...]: ...

    def files_below(self, folder: str) -> Iterator[str]:
        """The paths below a folder, read one by one."""
        ...


class Standing(Frozen, dict=True):
    """What stands for one reference: every document, in order, before and after a change."""

    before: tuple[Entity, ...]
    after: tuple[Entity, ...]

    @cached_property
    def differing(self) -> frozenset[Path]:
        """Where the entity's document differs; the whole of it where there is none on one side."""
        old, new = first(self.before), first(self.after)
        return frozenset(differing(None if old is None else old.data, None if new is None else new.data))


class TreeChange(Frozen):
    """What another tree has otherwise than the stored one: every reference that a changed file holds, and the files
    that came and went."""

    entities: Mapping[Ref, Standing] = field(default_factory=dict)
    added: frozenset[str] = frozenset()
    removed: frozenset[str] = frozenset()

    def rewired(self, stated: Stated) -> frozenset[Ref]:
        """The entities that refer to others than before, or need them in another strength; those that come or go."""
        return frozenset(
            ref
            for ref, standing in self.entities.items()
            if _wires(first(standing.before), stated) != _wires(first(standing.after), stated)
        )

    def touched(self, stated: Stated) -> Iterator[tuple[str, ...]]:
        """The keys (keys.py) that it touches."""
        for ref, standing in self.entities.items():
            sides = first(standing.before), first(standing.after)
            yield from touched_by_entity(ref, *sides, standing.differing, stated)
        yield from touched_by_files(self.added | self.removed)


NO_CHANGE = TreeChange()


def first(entities: Iterable[Entity]) -> Entity | None:
    """The entity among the documents of one reference."""
    return next(iter(entities), None)


_Wires: TypeAlias = "tuple[list[tuple[tuple[str, ...], Ref | None]], dict[Ref, Strength]] | None"


def _wires(entity: Entity | None, stated: Stated) -> _Wires:
    if entity is None:
        return None
    return [(one.field.path, one.target) for one in stated(entity)], strengths(entity)
