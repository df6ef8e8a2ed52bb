"""The catalog: an immutable index of entities by reference, at one revision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from tarmac.model.documents import Document, Entity
from tarmac.model.json_value import JsonValue, Path, items, mapping
from tarmac.model.kinds import KindInfo, RefField
from tarmac.model.places import Place
from tarmac.model.refs import BadReference, Ref


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference as it stands in a document: where, what it says, and what that means.

    `target` is None where `fault` says why the text is no reference.
    """

    source: Entity
    field: RefField
    path: Path
    text: str
    target: Ref | None
    fault: str | None = None

    @property
    def place(self) -> Place:
        return self.source.place(*self.path)


@dataclass(frozen=True, slots=True)
class Catalog:
    """What exists at one revision.

    `entities` holds the first document of each reference, `repeated` every later one with a reference that is taken.
    `files` are the paths of all files of the tree, `focus` the references that rules are to judge (None: all of them).
    """

    revision: str
    kinds: Mapping[tuple[str, str], KindInfo]
    entities: Mapping[Ref, Entity]
    by_kind: Mapping[str, tuple[Entity, ...]]
    repeated: tuple[Entity, ...]
    files: frozenset[str]
    outgoing: Mapping[Ref, tuple[Reference, ...]]
    incoming: Mapping[Ref, tuple[Reference, ...]]
    focus: frozenset[Ref] | None = None

    def get(self, ref: Ref | str | None, default_kind: str | None = None) -> Entity | None:
        """The entity that `ref` names, or None; a text that is no reference names nothing."""
        if ref is None:
            return None
        if isinstance(ref, str):
            try:
                ref = Ref.parse(ref, default_kind=default_kind)
            except BadReference:
                return None
        return self.entities.get(ref)

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

    def references_of(self, ref: Ref) -> tuple[Reference, ...]:
        """What the entity refers to, in the order of its fields."""
        return self.outgoing.get(ref, ())

    def references_to(self, ref: Ref) -> tuple[Reference, ...]:
        """Who refers to the entity, in order of path and place."""
        return self.incoming.get(ref, ())

    def owner_of(self, entity: Entity) -> Entity | None:
        """The Group or User in the entity's `owner` field."""
        for reference in self.references_of(entity.ref):
            if reference.field.path == ("spec", "owner") and reference.target is not None:
                return self.entities.get(reference.target)
        return None

    def platform(self) -> Entity | None:
        """The one Platform document, or None."""
        return next(self.of_kind("platform"), None)

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
        found = tuple(_references(entity, info))
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
        files=frozenset(files),
        outgoing=outgoing,
        incoming={ref: tuple(found) for ref, found in incoming.items()},
    )


def _references(entity: Entity, info: KindInfo) -> Iterator[Reference]:
    for field in info.references:
        for path, text in _texts_at(entity.data, field.path, ()):
            if text in field.words:
                continue
            name = text.partition("@")[0] if field.versioned else text
            try:
                target = Ref.parse(name, default_kind=field.default_kind, default_namespace=entity.ref.namespace)
            except BadReference as fault:
                yield Reference(entity, field, path, text, None, str(fault))
            else:
                yield Reference(entity, field, path, text, target)


def _texts_at(data: JsonValue, pattern: tuple[str, ...], done: Path) -> Iterator[tuple[Path, str]]:
    if not pattern:
        if isinstance(data, str):
            yield done, data
        return
    step, rest = pattern[0], pattern[1:]
    if step != "*":
        following = mapping(data).get(step)
        if following is not None:
            yield from _texts_at(following, rest, (*done, step))
        return
    for key, value in mapping(data).items():
        yield from _texts_at(value, rest, (*done, key))
    for index, value in enumerate(items(data)):
        yield from _texts_at(value, rest, (*done, index))
