"""A catalog that notes what it is asked: what the verdict on each entity rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from msgspec import Struct, field

from tarmac.catalog import keys
from tarmac.catalog.people import login
from tarmac.catalog.references import Reference
from tarmac.catalog.view import PLATFORM_FILE, REQUESTS, CatalogView, owner_among, ref_of
from tarmac.catalog.watched import Watched
from tarmac.errors import Defect
from tarmac.model.documents import Entity
from tarmac.model.frozen import replace
from tarmac.model.kinds import KindInfo
from tarmac.model.refs import Ref


class Rest(Struct):
    """What a verdict rests on: the keys that were read, and from when until when (exclusive) it holds."""

    keys: set[int] = field(default_factory=set)
    since: datetime | None = None
    until: datetime | None = None


class ReadLog:
    """What was read, by what it was read for: an entity's reference, or a topic of its own (`aside`)."""

    def __init__(self) -> None:
        # `facets` are the facts of owners that are read together.
        self.found: dict[Ref, Rest] = {}
        self.asides: dict[tuple[str, ...], Rest] = {}
        self.facets: set[str] = set()
        self.at_hand: Ref | None = None
        self._here: Rest | None = None
        self._self = ""
        self._known: dict[tuple[str, ...], int] = {}

    def enter(self, entity: Entity) -> None:
        """What is read from now on is read for this entity."""
        self._self = str(entity.ref)
        self.at_hand = entity.ref
        self._here = self.found.setdefault(entity.ref, Rest())

    def leave(self) -> None:
        """Nothing is at hand."""
        self._here, self._self, self.at_hand = None, "", None

    def read(self, side: str, topic: str, *parts: str) -> None:
        """Note a key. An entity's own document needs none: when that changes, everything is judged anew.

        Raises:
            Defect: nothing is at hand, so that nobody would know whose verdict this changes.
        """
        if self._here is None:
            raise Defect(f"a rule reads {topic} {' '.join(parts)} while it has no entity at hand")
        name = (side, topic, *parts)
        key = self._known.get(name)
        if key is None:
            key = self._known[name] = keys.number(name)
        self._here.keys.add(key)

    def read_entity(self, side: str, topic: str, ref: Ref, *section: str) -> None:
        """Note a key that is about one entity."""
        name = str(ref)
        if name != self._self or side != keys.JUDGED:
            self.read(side, topic, name, *section)

    def holds(self, since: datetime | None, until: datetime | None) -> None:
        """Note how long the verdict at hand is good for; more than one such word is kept together."""
        here = self._here
        if here is None:
            raise Defect("a rule reads the time while it has no entity at hand")
        if since is not None and (here.since is None or since > here.since):
            here.since = since
        if until is not None and (here.until is None or until < here.until):
            here.until = until

    @contextmanager
    def aside(self, *name: str) -> Iterator[None]:
        """While entered, what is read is read for a topic of its own."""
        before = (self._here, self._self)
        self._here, self._self = self.asides.setdefault(name, Rest()), ""
        try:
            yield
        finally:
            self._here, self._self = before


class Traced:
    """Passes every question on to another catalog, and notes it in the log under its side (keys.py)."""

    def __init__(self, inside: CatalogView, side: str, log: ReadLog) -> None:
        self._inside = inside
        self._side = side
        self._log = log

    @property
    def kinds(self) -> Mapping[tuple[str, str], KindInfo]:
        return self._inside.kinds

    @property
    def focus(self) -> frozenset[Ref] | None:
        return self._inside.focus

    @property
    def in_turns(self) -> bool:
        return False

    @property
    def amiss(self) -> None:
        return None

    def turns(self) -> Iterator[CatalogView]:
        yield self

    def judged(self, *kinds: str) -> Iterator[Entity]:
        for entity in self._inside.judged(*kinds):
            self._log.enter(entity)
            yield entity
        self._log.leave()

    def get(self, ref: Ref | str | None, default_kind: str | None = None) -> Entity | None:
        found = ref if isinstance(ref, Ref) else ref_of(ref, default_kind)
        if found is None:
            return None
        self._log.read_entity(self._side, keys.EXISTS, found)
        entity = self._inside.get(found)
        return None if entity is None else self._watched(entity)

    def exists(self, ref: Ref) -> bool:
        self._log.read_entity(self._side, keys.EXISTS, ref)
        return self._inside.exists(ref)

    def _watched(self, entity: Entity) -> Entity:
        return Watched.of(entity, partial(self._log.read_entity, self._side, keys.ENTITY, entity.ref))

    def _sources_watched(self, references: Iterable[Reference]) -> tuple[Reference, ...]:
        return tuple(replace(reference, source=self._watched(reference.source)) for reference in references)

    def of_kind(self, *kinds: str) -> Iterator[Entity]:
        for kind in kinds:
            self._log.read(self._side, keys.KIND, kind.lower())
        return self._inside.of_kind(*kinds)

    def names(self, kind: str) -> tuple[Ref, ...]:
        self._log.read(self._side, keys.NAMES, kind)
        return self._inside.names(kind)

    def role_names(self) -> tuple[str, ...]:
        self._log.read(self._side, keys.ROLES)
        return self._inside.role_names()

    def named(self, kind: str, name: str) -> bool:
        self._log.read(self._side, keys.NAMED, kind, name)
        return self._inside.named(kind, name)

    def kinds_present(self) -> tuple[str, ...]:
        self._log.read(self._side, keys.KINDS)
        return self._inside.kinds_present()

    def references_of(self, ref: Ref) -> tuple[Reference, ...]:
        self._log.read_entity(self._side, keys.EXISTS, ref)
        self._log.read_entity(self._side, keys.ENTITY, ref, keys.REFERENCES)
        return self._sources_watched(self._inside.references_of(ref))

    def references_to(self, ref: Ref, kind: str | None = None, field: str | None = None) -> tuple[Reference, ...]:
        self._log.read(self._side, keys.REFERRERS, str(ref), kind or keys.ANY)
        return self._sources_watched(self._inside.references_to(ref, kind, field))

    def count_references(self, ref: Ref, kind: str, field: str) -> int:
        self._log.read(self._side, keys.REFERRERS, str(ref), kind)
        return self._inside.count_references(ref, kind, field)

    def sources_to(self, ref: Ref, kind: str, field: str | None = None) -> tuple[Ref, ...]:
        self._log.read(self._side, keys.REFERRERS, str(ref), kind)
        return self._inside.sources_to(ref, kind, field)

    def repeated_of(self, ref: Ref) -> tuple[Entity, ...]:
        self._log.read_entity(self._side, keys.EXISTS, ref)
        self._log.read_entity(self._side, keys.ENTITY, ref, keys.PLACES)
        return self._inside.repeated_of(ref)

    def login(self, user: Entity) -> str | None:
        return login(user)

    def with_login(self, login: str) -> tuple[Entity, ...]:
        self._log.read(self._side, keys.LOGIN, login)
        return tuple(map(self._watched, self._inside.with_login(login)))

    def owner_of(self, entity: Entity) -> Entity | None:
        return self.get(owner_among(self.references_of(entity.ref)))

    def platform(self) -> Entity | None:
        self._log.read(self._side, keys.KIND, "platform")
        self._log.read(self._side, keys.FILE, PLATFORM_FILE)
        return self._inside.platform()

    def has_file(self, path: str) -> bool:
        self._log.read(self._side, keys.FILE, path)
        return self._inside.has_file(path)

    def files_in(self, folder: str) -> tuple[str, ...]:
        self._log.read(self._side, keys.FOLDER, folder)
        return self._inside.files_in(folder)

    def has_folder(self, folder: str) -> bool:
        self._log.read(self._side, keys.BELOW, folder)
        return self._inside.has_folder(folder)

    def in_file(self, path: str) -> tuple[Ref, ...]:
        self._log.read(self._side, keys.IN_FILE, path)
        return self._inside.in_file(path)

    def alone(self, entity: Entity) -> bool:
        """That is looked for."""
        return False

    def needs(self) -> None:
        """Told by the references, which are noted."""
        return None

    def memory(self, topic: str = REQUESTS) -> None:
        """Nothing is kept: what a verdict rests on is noted for each entity."""
        return None

    def note(self, topic: str, *parts: str) -> None:
        if topic == keys.OWNER:
            self._log.facets.add(parts[1])
        self._log.read(self._side, topic, *parts)
        self._inside.note(topic, *parts)

    @contextmanager
    def aside(self, topic: str, *parts: str) -> Iterator[None]:
        with self._log.aside(self._side, topic, *parts):
            yield
