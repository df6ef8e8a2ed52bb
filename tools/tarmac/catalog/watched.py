"""An entity that says which sections of its document were looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from tarmac.catalog.keys import ALL, PATH, PLACES
from tarmac.model.documents import Document, Entity
from tarmac.model.json_value import JsonValue, Path, Step
from tarmac.model.places import Place

# Hears the name of a section: a top-level key of the document, or one of keys.py.
Seen: TypeAlias = Callable[[str], None]


class Watched(Entity):
    """The same entity; every look at its content is told before it is answered."""

    __slots__ = ("_inside", "_seen")

    _inside: Entity
    _seen: Seen

    @classmethod
    def of(cls, entity: Entity, seen: Seen) -> Watched:
        """Watch an entity."""
        watched = object.__new__(cls)
        # Frozen, and its document is a property here.
        for name, value in (("ref", entity.ref), ("kind", entity.kind), ("_inside", entity), ("_seen", seen)):
            object.__setattr__(watched, name, value)
        return watched

    @property
    def document(self) -> Document:
        self._seen(ALL)
        self._seen(PLACES)
        return self._inside.document

    @property
    def data(self) -> Mapping[str, JsonValue]:
        self._seen(ALL)
        return self._inside.data

    @property
    def path(self) -> str:
        self._seen(PATH)
        return self._inside.path

    def get(self, *path: Step) -> JsonValue:
        self._look(path)
        return self._inside.get(*path)

    def text(self, *path: Step) -> str | None:
        self._look(path)
        return self._inside.text(*path)

    def mapping(self, *path: Step) -> Mapping[str, JsonValue]:
        self._look(path)
        return self._inside.mapping(*path)

    def items(self, *path: Step) -> Sequence[JsonValue]:
        self._look(path)
        return self._inside.items(*path)

    def texts(self, *path: Step) -> tuple[str, ...]:
        self._look(path)
        return self._inside.texts(*path)

    def place(self, *path: Step) -> Place:
        self._seen(PLACES)
        return self._inside.place(*path)

    def place_within(self, path: Path, offset: int) -> Place:
        self._seen(PLACES)
        return self._inside.place_within(path, offset)

    def key_place(self, *path: Step) -> Place:
        self._seen(PLACES)
        return self._inside.key_place(*path)

    def _look(self, path: tuple[Step, ...]) -> None:
        self._seen(str(path[0]) if path else ALL)
