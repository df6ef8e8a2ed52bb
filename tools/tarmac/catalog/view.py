"""What rules ask of a catalog: a narrow set of questions, so that whoever answers can note what a verdict rests on.

Three answer: `Catalog` (index.py) holds everything, `Layered` (layered.py) a stored catalog with a change over it, and
`Traced` (traced.py) passes each question on and notes it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Protocol

from tarmac.catalog.references import Reference
from tarmac.model.documents import Entity
from tarmac.model.kinds import KindInfo
from tarmac.model.refs import BadReference, Ref

if TYPE_CHECKING:
    from tarmac.catalog.needs import Needs

PLATFORM_FILE = "policies/platform.yaml"
_OWNER = ("spec", "owner")
# What is kept of entities (`memory`): what requests mean, the facts of owners, and the versions of resource types.
REQUESTS, OWNERS, VERSIONS = "requests", "owners", "versions"


class CatalogView(Protocol):
    """A catalog at one revision. Everything that is given in order is in order of path and place."""

    @property
    def kinds(self) -> Mapping[tuple[str, str], KindInfo]:
        """What is known of each (apiVersion, kind)."""
        ...

    @property
    def focus(self) -> frozenset[Ref] | None:
        """The references that rules are to judge; None: all of them."""
        ...

    @property
    def in_turns(self) -> bool:
        """Whether its entities are better judged some at a time, as `turns` has them."""
        ...

    def turns(self) -> Iterator[CatalogView]:
        """The same catalog, several times: each is to judge some of the entities, and all of them each once."""
        ...

    @property
    def amiss(self) -> Collection[Ref] | None:
        """The entities of which a reference is none, names what does not exist, or is of a kind that the field does not
        take; None where that is to be looked for."""
        ...

    def judged(self, *kinds: str) -> Iterator[Entity]:
        """The entities that a rule is to look at: those of the kinds (all kinds if none is named) in focus.

        What a rule's verdict on an entity rests on is asked for while that entity is at hand.
        """
        ...

    def get(self, ref: Ref | str | None, default_kind: str | None = None) -> Entity | None:
        """The entity that `ref` names, or None; a text that is no reference names nothing."""
        ...

    def exists(self, ref: Ref) -> bool:
        """Whether there is an entity of that reference."""
        ...

    def of_kind(self, *kinds: str) -> Iterator[Entity]:
        """Every entity of the kinds. Dear where a kind has many: `names` and `named` ask for less."""
        ...

    def names(self, kind: str) -> tuple[Ref, ...]:
        """The references of every entity of a kind, sorted."""
        ...

    def role_names(self) -> tuple[str, ...]:
        """Every role that a group has, sorted."""
        ...

    def named(self, kind: str, name: str) -> bool:
        """Whether an entity of the kind has this `metadata.name`, as written, in whatever namespace."""
        ...

    def kinds_present(self) -> tuple[str, ...]:
        """The kinds (lower case) of which there is an entity, sorted."""
        ...

    def references_of(self, ref: Ref) -> tuple[Reference, ...]:
        """What the entity refers to, in the order of its fields."""
        ...

    def references_to(self, ref: Ref, kind: str | None = None, field: str | None = None) -> tuple[Reference, ...]:
        """Who refers to the entity, in order; only entities of `kind`, or in fields of that name, if one is given."""
        ...

    def count_references(self, ref: Ref, kind: str, field: str) -> int:
        """How often entities of the kind refer to `ref` in the field of that name."""
        ...

    def sources_to(self, ref: Ref, kind: str, field: str | None = None) -> tuple[Ref, ...]:
        """The entities of the kind that refer to `ref`, sorted; only in the field of that name, if one is given."""
        ...

    def repeated_of(self, ref: Ref) -> tuple[Entity, ...]:
        """Every later document with the reference of an entity that is there already, in order."""
        ...

    def with_login(self, login: str) -> tuple[Entity, ...]:
        """The users with that login (lower case) at the forge."""
        ...

    def login(self, user: Entity) -> str | None:
        """The login at the forge of a user of this catalog, as `people.login` has it."""
        ...

    def owner_of(self, entity: Entity) -> Entity | None:
        """The Group or User in the entity's `owner` field."""
        ...

    def platform(self) -> Entity | None:
        """The Platform document that holds, or None; see `platform_among`."""
        ...

    def has_file(self, path: str) -> bool:
        """Whether the tree has this file, document or not."""
        ...

    def files_in(self, folder: str) -> tuple[str, ...]:
        """The paths of the files right in a folder, sorted."""
        ...

    def has_folder(self, folder: str) -> bool:
        """Whether there is a file below the folder."""
        ...

    def in_file(self, path: str) -> tuple[Ref, ...]:
        """The entities that stand in the file, in the order written."""
        ...

    def alone(self, entity: Entity) -> bool:
        """Whether it is known that nothing else stands in the entity's file."""
        ...

    def needs(self) -> Needs | None:
        """Who needs whom; None where that is to be told by the references."""
        ...

    def note(self, topic: str, *parts: str) -> None:
        """Say what the verdict at hand rests on, where that was not asked for through this view (see keys.py)."""
        ...

    def memory(self, topic: str = REQUESTS) -> dict[int, tuple[Entity, Any]] | None:
        """A place to keep what follows from an entity and this catalog, by the entity's identity, one a topic; None
        where every question has to be asked again, so that it is noted."""
        ...

    def aside(self, topic: str, *parts: str) -> AbstractContextManager[None]:
        """While entered, what is asked for belongs to this topic, and not to the verdict at hand."""
        ...


class ReviewView(CatalogView, Protocol):
    """What a review asks besides: it looks at whatever a change touches, and notes nothing.

    `ahead` and its like say what will be asked of many things, so that it can be looked up at once; no answer is
    another for it.
    """

    def ahead(self, refs: Iterable[Ref]) -> None:
        """`get` will be asked of these."""
        ...

    def ahead_sources(self, refs: Iterable[Ref], kind: str, field: str | None = None) -> None:
        """Who of the kind refers to these, in that field if one is given, will be asked; and `get` of whoever does,
        where no field is given."""
        ...

    def ahead_logins(self, refs: Iterable[Ref]) -> None:
        """`login_of` will be asked of these."""
        ...

    def standing_of(self, ref: Ref) -> tuple[str | None, Ref | None]:
        """The tier and the owner of an entity, as far as it has them."""
        ...

    def login_of(self, user: Ref) -> str | None:
        """The login at the forge of a user, as `people.login` has it; None too where there is no such user."""
        ...

    def repeated_in(self, path: str) -> tuple[Entity, ...]:
        """The later documents with a reference that is taken which stand in the file, in the order written."""
        ...

    def below(self, folder: str) -> Iterator[Ref]:
        """The entities that stand in files anywhere below the folder, in no order."""
        ...

    def saying(self, kind: str, key: str) -> Iterator[Entity]:
        """The entities of the kind whose documents have a key of that name, and perhaps others, in order."""
        ...

    def with_email(self, address: str) -> tuple[Entity, ...]:
        """The users of that address (as `people.address` writes it), in order."""
        ...


def ref_of(text: str | None, default_kind: str | None = None) -> Ref | None:
    """The reference that a text is, or None where it is none."""
    if text is None:
        return None
    try:
        return Ref.parse(text, default_kind=default_kind)
    except BadReference:
        return None


def platform_among(platforms: Iterable[Entity], has_file: Callable[[str], bool]) -> Entity | None:
    """The Platform that holds. Where its own file is there, no other takes its place, whatever is wrong with that file;
    where it is not, one that stands elsewhere does, unless there are several."""
    found = list(platforms)
    at_home = [platform for platform in found if platform.path == PLATFORM_FILE]
    if at_home or has_file(PLATFORM_FILE):
        return at_home[0] if at_home else None
    return found[0] if len(found) == 1 else None


def owner_among(references: Iterable[Reference]) -> Ref | None:
    """What the `owner` field refers to, if it is among the references."""
    for reference in references:
        field = reference.field
        if field.name == "owner" and field.path == _OWNER and reference.target is not None:
            return reference.target
    return None


def tier_of(entity: Entity) -> str | None:
    """How much the company depends on it, as it says itself."""
    return entity.text("spec", "tarmac", "tier")
