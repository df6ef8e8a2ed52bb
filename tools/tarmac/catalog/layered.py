"""A stored catalog with a change over it, of which only what is asked for is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from functools import cached_property
from posixpath import dirname
from typing import TYPE_CHECKING, Any

from tarmac.catalog.people import address, email, login, role_names
from tarmac.catalog.references import Reference, references
from tarmac.catalog.stored import NO_CHANGE, StoredCatalog, TreeChange, first
from tarmac.catalog.view import OWNERS, PLATFORM_FILE, REQUESTS, owner_among, platform_among, ref_of, tier_of
from tarmac.model.documents import Entity
from tarmac.model.kinds import KindInfo
from tarmac.model.refs import Ref

if TYPE_CHECKING:
    from tarmac.catalog.needs import Needs


class Layered:
    """The answers of `CatalogView` over what is stored, what has changed, and a focus."""

    def __init__(
        self,
        stored: StoredCatalog,
        change: TreeChange,
        kinds: Mapping[tuple[str, str], KindInfo],
    ) -> None:
        self._stored = stored
        self._change = change
        self._kinds = kinds
        self._focus: frozenset[Ref] | None = None
        # The entities that the change brings or alters.
        self._new = {ref: found for ref, standing in change.entities.items() if (found := first(standing.after))}
        # What has been asked for; of what the change touches all.
        self._entities: dict[Ref, Entity | None] = {ref: self._new.get(ref) for ref in change.entities}
        self._stated: dict[Ref, tuple[Reference, ...]] = {}
        self._of_kind: dict[str, tuple[Entity, ...]] = {}
        self._memory: dict[str, dict[int, tuple[Entity, Any]]] = {}
        self._again: dict[str, list[Entity]] | None = None
        self._references_to: dict[tuple[Ref, str | None, str | None], tuple[Reference, ...]] = {}

    @classmethod
    def over(cls, stored: StoredCatalog, change: TreeChange, kinds: Mapping[tuple[str, str], KindInfo]) -> Layered:
        """The catalog of a change over what is stored; the same one each time, so that nothing is looked up twice."""
        found: Layered | None = stored.layers.get(id(change))
        if found is None:
            # It keeps the change, so nothing else can get its id.
            found = stored.layers[id(change)] = cls(stored, change, kinds)
        return found

    @cached_property
    def _incoming(self) -> Mapping[Ref, dict[Ref, None]]:
        """Who of what the change brings or alters refers to what."""
        found: dict[Ref, dict[Ref, None]] = {}
        for ref in self._new:
            for reference in self.references_of(ref):
                if reference.target is not None:
                    found.setdefault(reference.target, {})[ref] = None
        return found

    @property
    def kept(self) -> StoredCatalog:
        """What lies below the change."""
        return self._stored

    @property
    def kinds(self) -> Mapping[tuple[str, str], KindInfo]:
        return self._kinds

    @property
    def focus(self) -> frozenset[Ref] | None:
        return self._focus

    def focused(self, focus: Iterable[Ref]) -> Layered:
        """The same catalog, with rules looking only at `focus`."""
        same = copy(self)
        same._focus = frozenset(focus)
        return same

    @property
    def in_turns(self) -> bool:
        return False

    @property
    def amiss(self) -> None:
        return None

    def turns(self) -> Iterator[Layered]:
        yield self

    def judged(self, *kinds: str) -> Iterator[Entity]:
        if self._focus is None:
            yield from self.of_kind(*(kinds or self.kinds_present()))
            return
        wanted = [ref for ref in self._focus if not kinds or ref.kind in kinds]
        yield from _ordered(entity for ref in wanted if (entity := self.get(ref)) is not None)

    def get(self, ref: Ref | str | None, default_kind: str | None = None) -> Entity | None:
        found = ref if isinstance(ref, Ref) else ref_of(ref, default_kind)
        if found is None:
            return None
        try:
            return self._entities[found]
        except KeyError:
            entity = self._entities[found] = first(self._stored.standing_for(found))
            return entity

    def ahead(self, refs: Iterable[Ref]) -> None:
        """`get` will be asked of these: what is stored of them is read at once. No answer is another for it."""
        self._stored.ahead(ref for ref in refs if ref not in self._entities)

    def ahead_around(self, refs: Iterable[Ref]) -> None:
        """`get` will be asked of these and of all that they refer to."""
        found = list(refs)
        self.ahead(found)
        references = (reference for ref in found for reference in self.references_of(ref))
        self.ahead(reference.target for reference in references if reference.target is not None)

    def ahead_asked(self, refs: Iterable[Ref]) -> None:
        """The functions of policies will ask who refers to these and what stands beside them, and who provides the
        APIs that they use."""
        found = list(refs)
        named = (reference.target for ref in found for reference in self.references_of(ref))
        apis = dict.fromkeys(target for target in named if target is not None and target.kind == "api")
        self._stored.ahead_all_referrers(dict.fromkeys((*found, *apis)))
        self.ahead(source for api in apis for source in self._stored.referrers(api, "component", "providesApis"))
        self._stored.ahead_at(entity.path for ref in found if (entity := self.get(ref)) is not None)

    def exists(self, ref: Ref) -> bool:
        return self._entities[ref] is not None if ref in self._entities else self._stored.exists(ref)

    def of_kind(self, *kinds: str) -> Iterator[Entity]:
        for kind in map(str.lower, kinds):
            if kind not in self._of_kind:
                stored = [entity for entity in self._stored.of_kind(kind) if entity.ref not in self._change.entities]
                new = (entity for ref, entity in self._new.items() if ref.kind == kind)
                self._of_kind[kind] = _ordered((*stored, *new))
            yield from self._of_kind[kind]

    def names(self, kind: str) -> tuple[Ref, ...]:
        stored = [ref for ref in self._stored.names(kind) if ref not in self._change.entities]
        return tuple(sorted((*stored, *(ref for ref in self._new if ref.kind == kind))))

    def role_names(self) -> tuple[str, ...]:
        return role_names(self.of_kind("group"))

    def named(self, kind: str, name: str) -> bool:
        if (kind, name) in self._new_names:
            return True
        return any(ref not in self._change.entities for ref in self._stored.named(kind, name))

    def kinds_present(self) -> tuple[str, ...]:
        counts = dict(self._stored.kinds())
        for ref, standing in self._change.entities.items():
            counts[ref.kind] = counts.get(ref.kind, 0) + bool(standing.after) - bool(standing.before)
        return tuple(sorted(kind for kind, count in counts.items() if count > 0))

    def references_of(self, ref: Ref) -> tuple[Reference, ...]:
        known = self._stated.get(ref)
        if known is None:
            entity = self.get(ref)
            known = self._stated[ref] = () if entity is None else self.stated(entity)
        return known

    def stated(self, entity: Entity) -> tuple[Reference, ...]:
        """What an entity refers to, of this catalog or of what is stored."""
        known = self._stored.outgoing.get(id(entity))
        if known is None:
            info = self._kinds.get(entity.document.kind_key or ("", ""))
            found = () if info is None else tuple(references(entity, info))
            known = self._stored.outgoing[id(entity)] = (entity, found)
        return known[1]

    def references_to(self, ref: Ref, kind: str | None = None, field: str | None = None) -> tuple[Reference, ...]:
        key = (ref, kind, field)
        known = self._references_to.get(key)
        if known is None:
            found = self._referrers(ref, kind, field)
            self.ahead(found)
            sources = _ordered(entity for who in found if (entity := self.get(who)) is not None)
            known = self._references_to[key] = tuple(
                reference
                for source in sources
                for reference in self.references_of(source.ref)
                if reference.target == ref and field in (None, reference.field.name)
            )
        return known

    def count_references(self, ref: Ref, kind: str, field: str) -> int:
        return sum(self._referrers(ref, kind, field).values())

    @cached_property
    def _new_names(self) -> frozenset[tuple[str, str]]:
        """Of what the change brings or alters: kind, and name as written."""
        return frozenset((ref.kind, entity.name) for ref, entity in self._new.items())

    @cached_property
    def _new_at(self) -> Mapping[str, list[Entity]]:
        """What the change brings or alters, by the file it is in."""
        found: dict[str, list[Entity]] = {}
        for entity in self._new.values():
            found.setdefault(entity.path, []).append(entity)
        return found

    def sources_to(self, ref: Ref, kind: str, field: str | None = None) -> tuple[Ref, ...]:
        return tuple(sorted(who for who, count in self._referrers(ref, kind, field).items() if count))

    def repeated_of(self, ref: Ref) -> tuple[Entity, ...]:
        standing = self._change.entities.get(ref)
        if standing is None:
            return self._stored.standing_for(ref)[1:] if self._stored.repeats else ()
        return standing.after[1:]

    def with_login(self, name: str) -> tuple[Entity, ...]:
        stored = [ref for ref in self._stored.with_login(name) if ref not in self._change.entities]
        users = [entity for ref in stored if (entity := self.get(ref)) is not None]
        return _ordered((*users, *(one for ref, one in self._new.items() if ref.kind == "user" and login(one) == name)))

    def owner_of(self, entity: Entity) -> Entity | None:
        return self.get(owner_among(self.references_of(entity.ref)))

    def platform(self) -> Entity | None:
        return platform_among(self.of_kind("platform"), self.has_file)

    def has_file(self, path: str) -> bool:
        if path in self._change.added:
            return True
        return path not in self._change.removed and self._stored.has_file(path)

    def files_in(self, folder: str) -> tuple[str, ...]:
        stored = [path for path in self._stored.files_in(folder) if path not in self._change.removed]
        return tuple(sorted({*stored, *(path for path in self._change.added if dirname(path) == folder)}))

    def has_folder(self, folder: str) -> bool:
        if any(path.startswith(f"{folder}/") for path in self._change.added):
            return True
        return any(path not in self._change.removed for path in self._stored.files_below(folder))

    def in_file(self, path: str) -> tuple[Ref, ...]:
        stored = [ref for ref in dict.fromkeys(self._stored.at(path)) if ref not in self._change.entities]
        new = self._new_at.get(path, ())
        if not stored or not (new or self._stored.repeats):
            # Each stands there and nowhere else, in order.
            return (*stored, *(entity.ref for entity in _ordered(new)))
        found = [entity for ref in stored if (entity := self.get(ref)) is not None and entity.path == path]
        return tuple(entity.ref for entity in _ordered((*found, *new)))

    def login(self, user: Entity) -> str | None:
        return login(user)

    def login_of(self, user: Ref) -> str | None:
        if user not in self._change.entities:
            return self._stored.login_of(user)
        entity = self._new.get(user) if user.kind == "user" else None
        return None if entity is None else login(entity)

    def repeated_in(self, path: str) -> tuple[Entity, ...]:
        if not self._stored.repeats and not self._repeating:
            return ()
        if self._again is None:
            self._again = {}
            for standing in self._change.entities.values():
                for entity in standing.after[1:]:
                    self._again.setdefault(entity.path, []).append(entity)
        refs = (ref for ref in dict.fromkeys(self._stored.at(path)) if ref not in self._change.entities)
        stored = (entity for ref in refs for entity in self.repeated_of(ref) if entity.path == path)
        return tuple(sorted((*stored, *self._again.get(path, ())), key=lambda entity: entity.document.index))

    @cached_property
    def _repeating(self) -> bool:
        return any(len(standing.after) > 1 for standing in self._change.entities.values())

    def below(self, folder: str) -> Iterator[Ref]:
        yield from (ref for ref, entity in self._new.items() if entity.path.startswith(f"{folder}/"))
        for ref in self._stored.below(folder):
            if ref not in self._change.entities:
                yield ref

    def saying(self, kind: str, key: str) -> Iterator[Entity]:
        refs = (ref for ref in self._stored.saying(kind, key) if ref not in self._change.entities)
        stored = (entity for ref in refs if (entity := self.get(ref)) is not None)
        yield from _ordered((*stored, *(entity for ref, entity in self._new.items() if ref.kind == kind)))

    def with_email(self, address_: str) -> tuple[Entity, ...]:
        stored = [ref for ref in self._stored.with_email(address_) if ref not in self._change.entities]
        users = [entity for ref in stored if (entity := self.get(ref)) is not None]
        new = (one for ref, one in self._new.items() if ref.kind == "user" and address(email(one) or "") == address_)
        return _ordered((*users, *new))

    @cached_property
    def rewired(self) -> frozenset[Ref]:
        """The entities that refer to others than in what is stored, or need them in another strength."""
        return self._change.rewired(self.stated)

    def alone(self, entity: Entity) -> bool:
        """That is looked for."""
        return False

    def needs(self) -> Needs:
        # Loaded here: only a review asks.
        from tarmac.catalog.needs import Needs

        anew = {*self.rewired}
        for ref in self.rewired & self._new.keys():
            anew.update(one.target for one in self.references_of(ref) if one.target is not None)
        return Needs(self._stored.needs(), self.rewired, anew, self._change.entities.keys())

    def ahead_sources(self, refs: Iterable[Ref], kind: str, field: str | None = None) -> None:
        found = list(refs)
        self._stored.ahead_referrers(found, kind, field)
        if field is None:
            self.ahead(source for ref in found for source in self._stored.referrers(ref, kind, field))

    def ahead_logins(self, refs: Iterable[Ref]) -> None:
        self._stored.ahead_logins(ref for ref in refs if ref not in self._change.entities)

    def standing_of(self, ref: Ref) -> tuple[str | None, Ref | None]:
        entity = self.get(ref)
        return (None, None) if entity is None else (tier_of(entity), owner_among(self.references_of(ref)))

    def memory(self, topic: str = REQUESTS) -> dict[int, tuple[Entity, Any]] | None:
        """A place to keep what follows from an entity and this catalog, by the entity's identity."""
        if topic not in self._memory:
            stored = self.over(self._stored, NO_CHANGE, self._kinds)
            shares = topic == OWNERS and stored is not self and self._leaves_owners()
            known = stored.memory(topic) if shares else None
            self._memory[topic] = {} if known is None else known
        return self._memory[topic]

    def _leaves_owners(self) -> bool:
        """Whether the facts of an owner with the same document are those of what is stored: who refers to whom is as
        it was, and so are all budgets and the platform."""
        files = self._change.added | self._change.removed
        kinds = {ref.kind for ref in self._change.entities}
        return not self.rewired and PLATFORM_FILE not in files and kinds.isdisjoint(("budget", "platform"))

    def note(self, topic: str, *parts: str) -> None:
        """Nobody listens."""

    def aside(self, topic: str, *parts: str) -> AbstractContextManager[None]:
        """Nobody listens."""
        return nullcontext()

    def _referrers(self, ref: Ref, kind: str | None, field: str | None) -> Mapping[Ref, int]:
        stored = self._stored.referrers(ref, kind, field)
        if not self._change.entities:
            return stored
        found = {who: count for who, count in stored.items() if who not in self._change.entities}
        for who in self._incoming.get(ref, ()):
            if kind in (None, who.kind):
                found[who] = sum(
                    reference.target == ref and field in (None, reference.field.name)
                    for reference in self.references_of(who)
                )
        return found


def _ordered(entities: Iterable[Entity]) -> tuple[Entity, ...]:
    found = tuple(entities)
    # Mostly there is one, or none.
    return found if len(found) < 2 else tuple(sorted(found, key=lambda one: (one.path, one.document.index)))
