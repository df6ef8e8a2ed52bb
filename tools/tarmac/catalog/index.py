"""The catalog: an immutable index of entities by reference, at one revision."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, nullcontext
from posixpath import dirname
from typing import Any, TypeAlias

from tarmac.catalog.people import address, email, login, role_names
from tarmac.catalog.references import Reference, references
from tarmac.catalog.view import OWNERS, REQUESTS, VERSIONS, owner_among, platform_among, ref_of, tier_of
from tarmac.model.documents import Document, Entity
from tarmac.model.frozen import Frozen, field, replace
from tarmac.model.json_value import JsonValue, mapping
from tarmac.model.kinds import KindInfo
from tarmac.model.refs import Ref


class Catalog(Frozen, eq=False):
    """What exists at one revision.

    `entities` holds the first document of each reference, `repeated` every later one with a reference that is taken.
    `files` are the paths of all files of the tree, `amiss` the entities with a reference that names nothing or what
    its field does not take, `several` the paths of files with more than one document, `focus` the references that
    rules are to judge (None: all of them).
    """

    revision: str
    kinds: Mapping[tuple[str, str], KindInfo]
    entities: Mapping[Ref, Entity]
    by_kind: Mapping[str, tuple[Entity, ...]]
    repeated: tuple[Entity, ...]
    files: Set[str]
    outgoing: Mapping[Ref, tuple[Reference, ...]]
    incoming: Mapping[Ref, tuple[Reference, ...]]
    amiss: frozenset[Ref]
    several: frozenset[str]
    focus: frozenset[Ref] | None = None
    _turn: Mapping[str, Sequence[Entity]] | None = None
    _put_away: bool = False
    _logins: Mapping[str, tuple[Entity, ...]] = field(default_factory=dict)
    _stated: Mapping[Ref, str] = field(default_factory=dict)
    _roles: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _written: dict[str, frozenset[str]] = field(default_factory=dict)
    _repeats: dict[Ref, tuple[Entity, ...]] = field(default_factory=dict)
    _memory: dict[str, dict[int, tuple[Entity, Any]]] = field(default_factory=dict)
    _by_file: dict[str, Ref | list[Ref]] = field(default_factory=dict)
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
        if self._turn is not None:
            for kind in wanted:
                yield from self._turn.get(kind.lower(), ())
            return
        for entity in self.of_kind(*wanted):
            if self.focus is None or entity.ref in self.focus:
                yield entity

    def names(self, kind: str) -> tuple[Ref, ...]:
        """The references of every entity of a kind, sorted."""
        return tuple(sorted(entity.ref for entity in self.of_kind(kind)))

    def role_names(self) -> tuple[str, ...]:
        """Every role that a group has, sorted; they are looked for when first asked for."""
        if "group" not in self._roles:
            self._roles["group"] = role_names(self.of_kind("group"))
        return self._roles["group"]

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
            found = {
                one.source.ref
                for one in self.incoming.get(ref, ())
                if one.source.ref.kind == kind and (field is None or one.field.name == field)
            }
            known = self._sources[ref, kind, field] = tuple(sorted(found) if len(found) > 1 else found)
        return known

    def repeated_of(self, ref: Ref) -> tuple[Entity, ...]:
        """Every later document with the reference of an entity that is there already."""
        if self.repeated and not self._repeats:
            for entity in self.repeated:
                self._repeats[entity.ref] = (*self._repeats.get(entity.ref, ()), entity)
        return self._repeats.get(ref, ())

    def with_login(self, name: str) -> tuple[Entity, ...]:
        """The users with that login (lower case) at the forge."""
        return self._logins.get(name, ())

    def login(self, user: Entity) -> str | None:
        """The login at the forge of a user, as it was read."""
        return self._stated[user.ref] if user.ref in self._stated else login(user)

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
            for ref, entity in self.entities.items():
                at = entity.document.path
                known = self._by_file.setdefault(at, ref)
                # In most files stands one, which is kept as it is.
                if known is not ref:
                    self._by_file[at] = [*(known if isinstance(known, list) else [known]), ref]
        found = self._by_file.get(path)
        if not isinstance(found, list):
            return () if found is None else (found,)
        return tuple(sorted(found, key=lambda ref: self.entities[ref].document.index))

    def alone(self, entity: Entity) -> bool:
        """Whether nothing else stands in the entity's file; told without the index of files."""
        return entity.document.path not in self.several

    def login_of(self, user: Ref) -> str | None:
        """The login of a user."""
        entity = self.get(user) if user.kind == "user" else None
        return None if entity is None else self.login(entity)

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

    @property
    def in_turns(self) -> bool:
        """Whether its entities are better judged some at a time, as `turns` has them."""
        return self._put_away and self.focus is None

    def turns(self) -> Iterator[Catalog]:
        """The same catalog several times, each to judge some of the entities, in order of path: those of a folder name
        each other."""
        if not self.in_turns:
            yield self
            return
        turn: dict[str, list[Entity]] = {}
        count = 0
        for entity in self.entities.values():
            turn.setdefault(entity.ref.kind, []).append(entity)
            count += 1
            if count == _TURN:
                yield self._turned(turn)
                turn, count = {}, 0
        yield self._turned(turn)

    def _turned(self, turn: Mapping[str, Sequence[Entity]]) -> Catalog:
        return replace(self, _turn=turn, _memory=self._lasting())

    def _lasting(self) -> dict[str, dict[int, tuple[Entity, Any]]]:
        """What is kept beyond a turn: of types and owners there are few."""
        return {topic: self._memory.setdefault(topic, {}) for topic in (OWNERS, VERSIONS)}

    def focused(self, focus: Iterable[Ref] | None) -> Catalog:
        """The same catalog, with rules looking only at `focus`."""
        return replace(self, focus=None if focus is None else frozenset(focus))


# So many entities are judged at a time.
_TURN = 200


def entity_of(document: Document, kinds: Mapping[tuple[str, str], KindInfo]) -> Entity | None:
    """The entity that a document holds, or None when its kind is not known or it has no usable name."""
    key = document.kind_key
    return None if key is None or key not in kinds else _named(document, document.data, key[1], None)


def _named(document: Document, data: Mapping[str, JsonValue], kind: str, known: dict[Ref, Ref] | None) -> Entity | None:
    """The entity of a kind that is known, if it has a usable name. Of references that are `known` there is one of
    each."""
    stated = data.get("metadata")
    metadata = stated if type(stated) is dict else mapping(stated)
    name, namespace = metadata.get("name"), metadata.get("namespace", "default")
    if not isinstance(name, str) or not name or not isinstance(namespace, str) or not namespace:
        return None
    ref = Ref.of(kind, name, namespace)
    return Entity(ref if known is None else known.setdefault(ref, ref), kind, document)


# An entity, its references in the order of its fields, and the login of a user.
Described: TypeAlias = tuple[Entity, tuple[Reference, ...], str | None]


class Indexing:
    """What documents describe and refer to, told while what they hold is at hand. `hear` is told of the
    entities then, and says which documents will be asked for their data, by `id`."""

    def __init__(
        self,
        kinds: Mapping[tuple[str, str], KindInfo],
        hear: Callable[[Iterable[Entity]], Container[int]] | None = None,
    ) -> None:
        self.kinds = kinds
        self._hear = hear
        # By the document's identity, until it is asked for; the document is kept too, so that nothing else can get it.
        self._told: dict[int, Described | Document] = {}
        # One of each: most of what documents name is named by several.
        self._refs: dict[Ref, Ref] = {}

    def add(self, documents: Sequence[Document]) -> Container[int]:
        """Look at documents that will be asked about; the answer holds the `id` of each whose data will be."""
        heard, known, look, refs = [], self._told, self._look, self._refs
        for document in documents:
            told = look(document, refs)
            if told is None:
                known[id(document)] = document
            else:
                known[id(document)] = told
                heard.append(told[0])
        return set(map(id, documents)) if self._hear is None else self._hear(heard)

    def of(self, document: Document) -> Described | None:
        """What the document describes; None where it describes no entity."""
        told = self._told.pop(id(document), None)
        if told is None:
            return self._look(document, None)
        return told if type(told) is tuple else None

    def _look(self, document: Document, known: dict[Ref, Ref] | None) -> Described | None:
        key, data = document.kind_key, document.data
        info = None if key is None else self.kinds.get(key)
        entity = None if info is None else _named(document, data, info.kind, known)
        if info is None or entity is None:
            return None
        found = tuple(references(entity, info, data, known))
        return entity, found, login(entity) if entity.ref.kind == "user" else None


def build(
    revision: str,
    documents: Iterable[Document],
    files: Iterable[str],
    kinds: Mapping[tuple[str, str], KindInfo],
    indexing: Indexing | None = None,
) -> Catalog:
    """Index documents that the schema gate has seen, those of a file in a row; what cannot be named is left out (the
    gate has said why). `indexing` has looked at some of them already.
    """
    indexing = indexing or Indexing(kinds)
    entities: dict[Ref, Entity] = {}
    repeated: list[Entity] = []
    by_kind: dict[str, list[Entity]] = {}
    outgoing: dict[Ref, tuple[Reference, ...]] = {}
    incoming: dict[Ref, list[Reference]] = {}
    logins: dict[str, tuple[Entity, ...]] = {}
    said: dict[Ref, str] = {}
    amiss: set[Ref] = set()
    several: set[str] = set()
    put_away, last = False, ""
    for document in documents:
        if document.index > 0 or document.path == last:
            several.add(document.path)
        last = document.path
        put_away = put_away or document.number >= 0
        told = indexing.of(document)
        if told is None:
            continue
        entity, found, stated = told
        if entity.ref in entities:
            repeated.append(entity)
            continue
        entities[entity.ref] = entity
        if stated is not None:
            said[entity.ref] = stated
            logins[stated] = (*logins.get(stated, ()), entity)
        by_kind.setdefault(entity.ref.kind, []).append(entity)
        if found:
            outgoing[entity.ref] = found
        for reference in found:
            target, allowed = reference.target, reference.field.allowed
            if target is None or (allowed and target.kind not in allowed):
                amiss.add(entity.ref)
            if target is not None:
                others = incoming.get(target)
                if others is None:
                    incoming[target] = [reference]
                else:
                    others.append(reference)
    for target in incoming.keys() - entities.keys():
        amiss.update(reference.source.ref for reference in incoming[target])
    return Catalog(
        revision=revision,
        kinds=kinds,
        entities=entities,
        by_kind={kind: tuple(found) for kind, found in by_kind.items()},
        repeated=tuple(repeated),
        files=files if isinstance(files, Set) else frozenset(files),
        outgoing=outgoing,
        incoming={ref: tuple(found) for ref, found in incoming.items()},
        amiss=frozenset(amiss),
        several=frozenset(several),
        _logins=logins,
        _stated=said,
        _put_away=put_away,
    )
