"""The catalog: an immutable index of entities by reference, at one revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from contextlib import AbstractContextManager, nullcontext
from posixpath import dirname
from typing import Any

from tarmac.catalog.people import address, email, login, role_names
from tarmac.catalog.references import Reference, references
from tarmac.catalog.view import REQUESTS, owner_among, platform_among, ref_of, tier_of
from tarmac.model.documents import Document, Entity
from tarmac.model.frozen import Frozen, field, replace
from tarmac.model.json_value import mapping
from tarmac.model.kinds import KindInfo
from tarmac.model.refs import Ref


class Catalog(Frozen, eq=False):
    """What exists at one revision.

    `entities` holds the first document of each reference, `repeated` every later one with a reference that is taken.
    `files` are the paths of all files of the tree, `focus` the references that rules are to judge (None: all of them).
    """

    revision: str
    kinds: Mapping[tuple[str, str], KindInfo]
    entities: Mapping[Ref, Entity]
    by_kind: Mapping[str, tuple[Entity, ...]]
    repeated: tuple[Entity, ...]
    files: Set[str]
    outgoing: Mapping[Ref, tuple[Reference, ...]]
    incoming: Mapping[Ref, tuple[Reference, ...]]
    focus: frozenset[Ref] | None = None
    _logins: dict[str, tuple[Entity, ...]] = field(default_factory=dict)
    _written: dict[str, frozenset[str]] = field(default_factory=dict)
    _repeats: dict[Ref, tuple[Entity, ...]] = field(default_factory=dict)
    _memory: dict[str, dict[int, tuple[Entity, Any]]] = field(default_factory=dict)
    _by_file: dict[str, tuple[Ref, ...]] = field(default_factory=dict)
    _referring: dict[tuple[Ref, str | None, str | None], tuple[Reference, ...]] = field(default_factory=dict)
    _sources: dict[tuple[Ref, str, str | None], tuple[Ref, ...]] = field(default_factory=dict)
    _by_folder: dict[str, list[Ref]] = field(default_factory=dict)
    _again: dict[str, list[Entity]] = field(default_factory=dict)
    _emails: dict[str, tuple[Entity, ...]] = field(default_factory=dict)

    def get(self, ref: Ref | str | None, default_kind: str | None = None) -> Entity | None:
        """The entity that `ref` names, or None; a text that is no reference names nothing."""
        found = ref if isinstance(ref, Ref) else ref_of(ref, default_kind)
        return None if found is None else self.entities.get(found)

    def exists(self, ref: Ref) -> bool:
        """Whether there is an entity of that reference."""
        return ref in self.entities

    def of_kind(self, *kinds: str) -> Iterator[Entity]:
        """Every entity of the kinds, in order of path and place."""
        for kind in kinds:
            yield from self.by_kind.get(kind.lower(), ())

    def judged(self, *kinds: str) -> Iterator[Entity]:
        """The entities that a rule is to look at: those of the kinds (all kinds if none is named) in focus."""
        wanted = kinds or tuple(self.by_kind)
        for entity in self.of_kind(*wanted):
            if self.focus is None or entity.ref in self.focus:
                yield entity

    def names(self, kind: str) -> tuple[Ref, ...]:
        """The references of every entity of a kind, sorted."""
        return tuple(sorted(entity.ref for entity in self.of_kind(kind)))

    def role_names(self) -> tuple[str, ...]:
        """Every role that a group has, sorted."""
        return role_names(self.of_kind("group"))

    def named(self, kind: str, name: str) -> bool:
        """Whether an entity of the kind has this `metadata.name`, as written, in whatever namespace."""
        if kind not in self._written:
            self._written[kind] = frozenset(entity.name for entity in self.of_kind(kind))
        return name in self._written[kind]

    def kinds_present(self) -> tuple[str, ...]:
        """The kinds (lower case) of which there is an entity, sorted."""
        return tuple(sorted(self.by_kind))

    def references_of(self, ref: Ref) -> tuple[Reference, ...]:
        """What the entity refers to, in the order of its fields."""
        return self.outgoing.get(ref, ())

    def references_to(self, ref: Ref, kind: str | None = None, field: str | None = None) -> tuple[Reference, ...]:
        """Who refers to the entity, in order; only entities of `kind`, or in fields of that name, if one is given."""
        found = self.incoming.get(ref, ())
        if not found or (kind is None and field is None):
            return found
        known = self._referring.get((ref, kind, field))
        if known is None:
            known = self._referring[ref, kind, field] = tuple(
                one
                for one in found
                if (kind is None or one.source.ref.kind == kind) and (field is None or one.field.name == field)
            )
        return known

    def count_references(self, ref: Ref, kind: str, field: str) -> int:
        """How often entities of the kind refer to `ref` in the field of that name."""
        return sum(one.source.ref.kind == kind and one.field.name == field for one in self.incoming.get(ref, ()))

    def sources_to(self, ref: Ref, kind: str, field: str | None = None) -> tuple[Ref, ...]:
        """The entities of the kind that refer to `ref`, sorted; only in the field of that name, if one is given."""
        known = self._sources.get((ref, kind, field))
        if known is None:
            found = {one.source.ref for one in self.references_to(ref, kind, field)}
            known = self._sources[ref, kind, field] = tuple(sorted(found) if len(found) > 1 else found)
        return known

    def repeated_of(self, ref: Ref) -> tuple[Entity, ...]:
        """Every later document with the reference of an entity that is there already."""
        if self.repeated and not self._repeats:
            for entity in self.repeated:
                self._repeats[entity.ref] = (*self._repeats.get(entity.ref, ()), entity)
        return self._repeats.get(ref, ())

    def with_login(self, name: str) -> tuple[Entity, ...]:
        """The users with that login (lower case) at the forge; the index is made when first asked for."""
        if not self._logins:
            for user in self.of_kind("user"):
                stated = login(user)
                if stated is not None:
                    self._logins[stated] = (*self._logins.get(stated, ()), user)
        return self._logins.get(name, ())

    def owner_of(self, entity: Entity) -> Entity | None:
        """The Group or User in the entity's `owner` field."""
        return self.get(owner_among(self.references_of(entity.ref)))

    def platform(self) -> Entity | None:
        """The Platform document that holds, or None."""
        return platform_among(self.of_kind("platform"), self.has_file)

    def has_file(self, path: str) -> bool:
        """Whether the tree has this file, document or not."""
        return path in self.files

    def files_in(self, folder: str) -> tuple[str, ...]:
        """The paths of the files right in a folder, sorted."""
        return tuple(sorted(path for path in self.files if dirname(path) == folder))

    def has_folder(self, folder: str) -> bool:
        """Whether there is a file below the folder."""
        return any(path.startswith(f"{folder}/") for path in self.files)

    def in_file(self, path: str) -> tuple[Ref, ...]:
        """The entities that stand in the file, in the order written; the index is made when first asked for."""
        if not self._by_file:
            several: dict[str, list[tuple[int, Ref]]] = {}
            for ref, entity in self.entities.items():
                document = entity.document
                at = document.path
                # In most files stands one.
                if at in self._by_file:
                    first = self._by_file[at][0]
                    several.setdefault(at, [(self.entities[first].document.index, first)]).append((document.index, ref))
                else:
                    self._by_file[at] = (ref,)
            for at, found in several.items():
                self._by_file[at] = tuple(ref for _, ref in sorted(found))
        return self._by_file.get(path, ())

    def login_of(self, user: Ref) -> str | None:
        """The login of a user."""
        entity = self.get(user) if user.kind == "user" else None
        return None if entity is None else login(entity)

    def repeated_in(self, path: str) -> tuple[Entity, ...]:
        """The later documents with a reference that is taken which stand in the file, in the order written."""
        if self.repeated and not self._again:
            for entity in self.repeated:
                self._again.setdefault(entity.path, []).append(entity)
        return tuple(sorted(self._again.get(path, ()), key=lambda entity: entity.document.index))

    def below(self, folder: str) -> Iterator[Ref]:
        """The entities that stand in files below the folder; the index is made when first asked for."""
        if not self._by_folder:
            for ref, entity in self.entities.items():
                above = dirname(entity.path)
                while above:
                    self._by_folder.setdefault(above, []).append(ref)
                    above = dirname(above)
        return iter(self._by_folder.get(folder, ()))

    def saying(self, kind: str, key: str) -> Iterator[Entity]:
        """The entities of the kind: whether they have such a key is not looked at."""
        return self.of_kind(kind)

    def with_email(self, address_: str) -> tuple[Entity, ...]:
        """The users of that address; the index is made when first asked for."""
        if not self._emails:
            for user in self.of_kind("user"):
                stated = address(email(user) or "")
                if stated:
                    self._emails[stated] = (*self._emails.get(stated, ()), user)
        return self._emails.get(address_, ())

    def needs(self) -> None:
        """Told by the references."""
        return None

    def ahead(self, refs: Iterable[Ref]) -> None:
        """Everything is there already."""

    def ahead_sources(self, refs: Iterable[Ref], kind: str, field: str | None = None) -> None:
        """Everything is there already."""

    def ahead_logins(self, refs: Iterable[Ref]) -> None:
        """Everything is there already."""

    def standing_of(self, ref: Ref) -> tuple[str | None, Ref | None]:
        """The tier and the owner of an entity."""
        entity = self.get(ref)
        return (None, None) if entity is None else (tier_of(entity), owner_among(self.references_of(ref)))

    def note(self, topic: str, *parts: str) -> None:
        """Nobody listens: this catalog holds everything."""

    def memory(self, topic: str = REQUESTS) -> dict[int, tuple[Entity, Any]] | None:
        """A place to keep what follows from an entity and this catalog, by the entity's identity."""
        return self._memory.setdefault(topic, {})

    def aside(self, topic: str, *parts: str) -> AbstractContextManager[None]:
        """Nobody listens: this catalog holds everything."""
        return nullcontext()

    def focused(self, focus: Iterable[Ref] | None) -> Catalog:
        """The same catalog, with rules looking only at `focus`."""
        return replace(self, focus=None if focus is None else frozenset(focus))


def entity_of(document: Document, kinds: Mapping[tuple[str, str], KindInfo]) -> Entity | None:
    """The entity that a document holds, or None when its kind is not known or it has no usable name."""
    key = document.kind_key
    if key is None or key not in kinds:
        return None
    metadata = mapping(document.data, "metadata")
    name, namespace = metadata.get("name"), metadata.get("namespace", "default")
    if not isinstance(name, str) or not name or not isinstance(namespace, str) or not namespace:
        return None
    return Entity(Ref.of(key[1], name, namespace), key[1], document)


def build(
    revision: str,
    documents: Iterable[Document],
    files: Iterable[str],
    kinds: Mapping[tuple[str, str], KindInfo],
) -> Catalog:
    """Index documents that the schema gate has seen; what cannot be named is left out (the gate has said why)."""
    entities: dict[Ref, Entity] = {}
    repeated: list[Entity] = []
    by_kind: dict[str, list[Entity]] = {}
    outgoing: dict[Ref, tuple[Reference, ...]] = {}
    incoming: dict[Ref, list[Reference]] = {}
    for document in documents:
        entity = entity_of(document, kinds)
        if entity is None:
            continue
        if entity.ref in entities:
            repeated.append(entity)
            continue
        entities[entity.ref] = entity
        by_kind.setdefault(entity.ref.kind, []).append(entity)
        info = kinds[document.kind_key or ("", "")]
        found = tuple(references(entity, info))
        if found:
            outgoing[entity.ref] = found
        for reference in found:
            if reference.target is not None:
                incoming.setdefault(reference.target, []).append(reference)
    return Catalog(
        revision=revision,
        kinds=kinds,
        entities=entities,
        by_kind={kind: tuple(found) for kind, found in by_kind.items()},
        repeated=tuple(repeated),
        files=files if isinstance(files, Set) else frozenset(files),
        outgoing=outgoing,
        incoming={ref: tuple(found) for ref, found in incoming.items()},
    )
