"""An entity that says which sections of its document were looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from tarmac.catalog.keys import ALL, PATH, PLACES, section_of
from tarmac.model.documents import Document, Entity
from tarmac.model.json_value import JsonValue, Path, Step
from tarmac.model.places import Place

# Hears the name of a section: a top-level key of the document, a key of its metadata behind that, or one of keys.py.
Seen: TypeAlias = Callable[..., None]


class Watched(Entity):
    """The same entity; every look at its content is told before it is answered."""

    inside: Entity
    seen: Seen

    @classmethod
    def of(cls, entity: Entity, seen: Seen) -> Watched:
        """Watch an entity."""
        return cls(entity.ref, entity.kind, entity.document, entity, seen)

    @property  # type: ignore[misc]  # A look at it is told, unlike one at the field of that name.
    def document(self) -> Document:
        self.seen(ALL)
        self.seen(PLACES)
        return self.inside.document

    @property
    def data(self) -> Mapping[str, JsonValue]:
        self.seen(ALL)
        return self.inside.data

    @property
    def path(self) -> str:
        self.seen(PATH)
        return self.inside.path

    def get(self, *path: Step) -> JsonValue:
        self._look(path)
        return self.inside.get(*path)

    def text(self, *path: Step) -> str | None:
        self._look(path)
        return self.inside.text(*path)

    def mapping(self, *path: Step) -> Mapping[str, JsonValue]:
        self._look(path)
        return self.inside.mapping(*path)

    def items(self, *path: Step) -> Sequence[JsonValue]:
        self._look(path)
        return self.inside.items(*path)

    def texts(self, *path: Step) -> tuple[str, ...]:
        self._look(path)
        return self.inside.texts(*path)

    def place(self, *path: Step) -> Place:
        self.seen(PLACES)
        return self.inside.place(*path)

    def place_within(self, path: Path, offset: int) -> Place:
        self.seen(PLACES)
        return self.inside.place_within(path, offset)

    def key_place(self, *path: Step) -> Place:
        self.seen(PLACES)
        return self.inside.key_place(*path)

    def _look(self, path: tuple[Step, ...]) -> None:
        self.seen(*section_of(path))
