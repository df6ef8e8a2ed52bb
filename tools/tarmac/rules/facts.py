"""What a policy's expressions see of one entity.

- `object`: the document (a request's config with its type's defaults); `ref`: its full reference;
- `old`: the document as the base has it, {} where it is new; without a base of its own, the same as `object`;
- `owner`: its team (catalog/facts.py says what of it), for a group the group itself, {} where there is none;
- `platform`: the platform's `spec`, {} where there is none; `now`: the instant of the run;
- `git`: `changed`, the instant (a text, for `timestamp()`) at which a person last committed a change of the document's
  file; {} where nobody asked git, the clone is too shallow to tell, or no person ever did;
- `entity(ref)`: another document, {} where there is none; `exists(ref)`; `targets(ref, "dependsOn")`: the full
  references in a field of an entity, in the order written, those of things that do not exist included;
  `referring(ref, "SLA")`: the entities of a kind that refer to it; `dependents(ref)`: what depends on it, nearest
  first; `needs(ref)`: what it cannot work without, one step away, an API standing for who provides it;
- `together(ref)`: the entities of its file, itself among them, in the order written; `version(ref)`: the version of the
  resource type or golden path that it is made from (catalog/questions.py says what of it);
- `past("2026-12-31")`: whether that day is over, or that instant reached.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from tarmac.catalog.facts import filled_in, object_facts, owner_facts
from tarmac.catalog.keys import AGE, ALL, ENTITY, OBJECT, OWNER
from tarmac.catalog.questions import needs, version
from tarmac.catalog.requests import type_of
from tarmac.catalog.view import CatalogView, owner_among
from tarmac.model.ages import Aging
from tarmac.model.documents import Entity
from tarmac.model.expressions import POLICY_FACTS, POLICY_FUNCTIONS, Calls, Fact, fact_of
from tarmac.model.json_value import JsonValue
from tarmac.model.refs import Ref
from tarmac.model.values import end_of_day, parse_day, parse_instant, show_instant
from tarmac.rules.kept_answers import Extracts, KeptAnswers
from tarmac.rules.policy_reads import EVERYTHING, KeyPath, Part, Reads

_NOTHING: Mapping[str, Fact] = MappingProxyType({})
_ALL = Reads(
    frozenset(POLICY_FACTS), frozenset({EVERYTHING}), frozenset({()}), frozenset({()}), frozenset(POLICY_FUNCTIONS)
)
_FILLED_IN = frozenset({("spec",), ("spec", "config")})


class PolicyFacts:
    """The facts of every entity of a catalog, made when asked for and kept: many policies look at each entity.

    The platform is the base's, everything else the judged catalog's. `reached` says whether an instant has come, and
    may note that it was asked; `ages` is None where git was not asked.
    """

    def __init__(
        self,
        catalog: CatalogView,
        base: CatalogView,
        now: datetime,
        reached: Callable[[datetime], bool] | None = None,
        ages: Aging | None = None,
        extracts: Extracts | None = None,
    ) -> None:
        self._catalog = catalog
        self._base = base
        self._now = now
        self._reached = reached or (lambda instant: now >= instant)
        self._ages = ages
        self._platform: Fact = None
        self._reads = _ALL
        self._objects: dict[Ref, Fact] = {}
        self._filled: dict[Ref, Mapping[str, JsonValue]] = {}
        self._sections: dict[tuple[Ref, frozenset[KeyPath]], Fact] = {}
        self._refs: dict[str, Ref] = {}
        self._ends: dict[str, datetime] = {}
        self._plans: dict[frozenset[KeyPath], Part] = {}
        # What entity() gave, for the paths read last, where nobody notes what is asked.
        self._noted = catalog.memory() is None
        self._given: dict[str, Fact] = {}
        self._given_for: frozenset[KeyPath] | None = None
        self._shown: tuple[datetime | None, Mapping[str, Fact]] = (None, _NOTHING)
        self._owners: dict[Ref, Mapping[str, Fact]] = {}
        self.calls: Calls = {
            "entity": self._entity,
            "exists": lambda text: self._catalog.exists(Ref.parse(text)),
            "targets": self._targets,
            "referring": self._referring,
            "dependents": self._dependents,
            "needs": lambda text: [str(found) for found in needs(self._catalog, Ref.parse(text))],
            "together": self._together,
            "version": self._version,
            "past": self._past,
        }
        # The variables of the entity at hand, and the functions beside them.
        self._plain: dict[str, Any] = {**self.calls, "entity": self._plain_entity, "now": now}
        # For what is read of an entity: old, owner, platform and git, or not.
        self._plain_for: Reads | None = None
        self._made = False, False, False, False
        self._kept = None if self._noted else KeptAnswers(catalog, self._filled_in, extracts)
        self._extracts = extracts
        if self._kept is not None:
            self._plain |= self._kept.functions

    def let_go(self) -> None:
        """Forget everything: the functions know these facts, which know them."""
        self.calls = {}
        self._plain.clear()
        self._kept = None

    def plain(self, entity: Entity, reads: Reads, part: Mapping[str, JsonValue] | None = None) -> dict[str, Any]:
        """What `of` gives of what is read, and the functions, for a short cut (model/expressions.py): documents are as
        they were read, but of the entity's own no more than `part` where that is given. The same mapping each time."""
        self._reads = reads
        plain = self._plain
        if reads is not self._plain_for:
            # Many entities follow each other of which the same is read.
            self._plain_for, read = reads, reads.variables
            plain |= dict.fromkeys(("old", "owner", "platform", "git"), _NOTHING)
            self._made = "old" in read, bool(reads.owner), "platform" in read, "git" in read
            if self._extracts is not None:
                self._extracts.reading(reads.entity)
        old, owner, platform, git = self._made
        plain["object"] = self._filled_in(entity) if part is None else part
        plain["ref"] = text = str(entity.ref)
        if self._kept is not None:
            self._kept.about(text, entity)
        if old:
            plain["old"] = self._plain_old(entity)
        if owner:
            plain["owner"] = self._owner(entity, reads)
        if platform:
            plain["platform"] = self._platform_fact()
        if git:
            plain["git"] = self._git(entity)
        return plain

    def of(self, entity: Entity, reads: Reads = _ALL) -> Mapping[str, Fact]:
        """The facts of one entity, by name; of those that are dear to make only what is read."""
        self._reads = reads
        return {
            "object": self._parts(entity, reads.object),
            "old": self._old(entity) if "old" in reads.variables else _NOTHING,
            "ref": str(entity.ref),
            "owner": self._owner(entity, reads) if reads.owner else _NOTHING,
            "platform": self._platform_fact() if "platform" in reads.variables else _NOTHING,
            "git": self._git(entity) if "git" in reads.variables else _NOTHING,
            "now": self._now,
        }

    def _platform_fact(self) -> Fact:
        if self._platform is not None and self._base.memory() is not None:
            return self._platform
        platform = self._base.platform()
        if self._platform is None:
            self._platform = fact_of(platform.mapping("spec")) if platform is not None else _NOTHING
        return self._platform

    def _plan(self, paths: frozenset[KeyPath]) -> Part:
        found = self._plans.get(paths)
        if found is None:
            found = self._plans[paths] = Part.of(paths)
        return found

    def _parts(self, entity: Entity, paths: frozenset[KeyPath]) -> Fact:
        """Of the document what is read: most policies read a few fields, and facts are made of every value."""
        part = self._plan(paths)
        if part.whole:
            return self._object(entity)
        if entity.ref.kind == "resourcerequest" and not _FILLED_IN.isdisjoint(path[:2] for path in paths):
            return self._object(entity)
        return fact_of(part.taken(entity.data))

    def _object(self, entity: Entity) -> Fact:
        if entity.ref not in self._objects:
            self._objects[entity.ref] = fact_of(self._filled_in(entity))
        elif entity.ref.kind == "resourcerequest":
            self._note_type(entity)
        return self._objects[entity.ref]

    def _filled_in(self, entity: Entity) -> Mapping[str, JsonValue]:
        if entity.ref.kind != "resourcerequest":
            return entity.document.data
        if not self._noted:
            # Made anew, it takes less time than the room to keep it.
            return filled_in(self._catalog, entity)
        self._note_type(entity)
        known = self._filled.get(entity.ref)
        if known is None:
            with self._catalog.aside(OBJECT, str(entity.ref)):
                known = self._filled[entity.ref] = filled_in(self._catalog, entity)
        return known

    def _note_type(self, request: Entity) -> None:
        """What is filled in comes from the type, whose content this verdict rests on as well."""
        found = type_of(self._catalog, request) if self._noted else None
        if found is not None:
            found.items("spec", "versions")

    def _old(self, entity: Entity) -> Fact:
        if self._base is self._catalog:
            return self._object(entity)
        old = self._base.get(entity.ref)
        return _NOTHING if old is None else object_facts(self._base, old)

    def _plain_old(self, entity: Entity) -> Mapping[str, Any]:
        if self._base is self._catalog:
            return self._filled_in(entity)
        old = self._base.get(entity.ref)
        return _NOTHING if old is None else filled_in(self._base, old)

    def owner(self, entity: Entity, reads: Reads) -> Ref | None:
        """Whose facts `owner` are; the verdict at hand rests on those of them that are read."""
        is_group = entity.ref.kind == "group"
        owner = entity.ref if is_group else owner_among(self._catalog.references_of(entity.ref))
        if owner is not None and self._noted:
            self._catalog.note(OWNER, str(owner), ",".join(sorted(reads.owner)))
        return owner

    def changed(self, entity: Entity) -> datetime | None:
        """When a person last changed the document's file; the verdict at hand rests on that."""
        if self._ages is None:
            return None
        self._catalog.note(AGE, entity.path)
        return self._ages.of(entity.path)

    def _owner(self, entity: Entity, reads: Reads) -> Mapping[str, Fact]:
        owner = self.owner(entity, reads)
        if owner is None:
            return _NOTHING
        known = self._owners.get(owner)
        if known is None:
            with self._catalog.aside(OWNER, owner.kind, owner.namespace, owner.name):
                known = self._owners[owner] = owner_facts(self._catalog, self._catalog.get(owner))
        return known

    def _git(self, entity: Entity) -> Mapping[str, Fact]:
        changed = self.changed(entity)
        if changed is None:
            return _NOTHING
        # One commit changes many files.
        if changed != self._shown[0]:
            self._shown = (changed, {"changed": show_instant(changed)})
        return self._shown[1]

    def _find(self, text: str) -> Entity | None:
        """The entity that a full reference names.

        Raises:
            BadReference: a ValueError, which the engine makes the expression's error.
        """
        ref = self._refs.get(text)
        if ref is None:
            ref = self._refs[text] = Ref.parse(text)
        return self._catalog.get(ref)

    def _entity(self, text: str) -> Fact:
        if self._noted:
            return self._entity_noted(text)
        if self._given_for is not self._reads.entity:
            self._given_for, self._given = self._reads.entity, {}
        known = self._given.get(text)
        if known is None:
            known = self._given[text] = self._entity_noted(text)
        return known

    def _plain_entity(self, text: str) -> Mapping[str, Any]:
        found = self._find(text)
        if found is None:
            return _NOTHING
        self._note_parts(found)
        if found.ref.kind == "resourcerequest":
            return self._filled_in(found)
        known = self._filled.get(found.ref)
        if known is None:
            with self._catalog.aside(OBJECT, str(found.ref)):
                known = self._filled[found.ref] = found.data
        return known

    def _note_parts(self, found: Entity) -> None:
        part = self._plan(self._reads.entity)
        for section in (ALL, *part.sections) if part.whole else part.sections:
            self._catalog.note(ENTITY, str(found.ref), section)

    def _entity_noted(self, text: str) -> Fact:
        found = self._find(text)
        if found is None:
            return _NOTHING
        part = self._plan(self._reads.entity)
        self._note_parts(found)
        if part.whole or found.ref.kind == "resourcerequest":
            return self._object(found)
        key = (found.ref, self._reads.entity)
        known = self._sections.get(key)
        if known is None:
            known = self._sections[key] = fact_of(part.taken(found.data))
        return known

    def _targets(self, text: str, field: str) -> Fact:
        found = self._find(text)
        if found is None:
            return []
        targets = [
            reference.target
            for reference in self._catalog.references_of(found.ref)
            if reference.field.name == field and reference.target is not None
        ]
        return [str(target) for target in (dict.fromkeys(targets) if len(targets) > 1 else targets)]

    def _referring(self, text: str, kind: str) -> Fact:
        return sorted(map(str, self._catalog.sources_to(Ref.parse(text), kind.lower())))

    def _together(self, text: str) -> Fact:
        found = self._find(text)
        if found is None:
            return []
        refs = self._catalog.in_file(found.path)
        return [str(ref) for ref in refs]

    def _version(self, text: str) -> Fact:
        found = self._find(text)
        return _NOTHING if found is None else version(self._catalog, found)

    def _past(self, text: str) -> Fact:
        """Raises BadValue, a ValueError, for what is neither a day nor an instant."""
        end = self._ends.get(text)
        if end is None:
            end = self._ends[text] = parse_instant(text) if "T" in text else end_of_day(parse_day(text))
        return self._reached(end)

    def _dependents(self, text: str) -> Fact:
        # Loaded when a policy asks: the whole graph's words come with it.
        from tarmac.catalog.reach import dependents

        return list(map(str, dependents(self._catalog, Ref.parse(text)).refs()))
