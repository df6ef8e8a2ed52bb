"""What the functions of policies answer, kept by the texts that they are asked with.

For short cuts over a catalog that nobody notes the reading of: a name stands in many documents, and finding what it
means takes longer than comparing what is found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tarmac.catalog.questions import needs, providers
from tarmac.catalog.strength import strengths
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.json_value import JsonValue
from tarmac.model.refs import Ref
from tarmac.rules.policy_reads import KeyPath, Part

_NOTHING: Mapping[str, Any] = MappingProxyType({})
_DEPENDS, _CONSUMES = "dependsOn", "consumesApis"
# So many extracts are kept: some ten megabytes.
_MOST = 16_384


class Extracts:
    """What policies read of documents that they ask for by name: little, of documents that many others name. Kept from
    one turn to the next (CatalogView.turns), as the documents themselves are not. With `told` it stands with a document
    where it was told before that was put away (policy_early.py)."""

    def __init__(self, told: bool = False) -> None:
        self._told = told
        self.known: dict[str, Mapping[str, Any]] = {}
        self._paths: frozenset[KeyPath] | None = None
        self._part = Part.of(frozenset({()}))
        self._by_paths: dict[frozenset[KeyPath], dict[str, Mapping[str, Any]]] = {}

    def reading(self, paths: frozenset[KeyPath]) -> None:
        """What is asked for next is asked for these paths."""
        if paths is not self._paths:
            self._paths, self._part = paths, Part.of(paths)
            self.known = self._by_paths.setdefault(paths, {})

    def suffice(self, entity: Entity) -> bool:
        """Whether it is known what is read of the entity, and that is not all of it; of a request what its type adds is
        read too."""
        return not self._part.whole and entity.ref.kind != "resourcerequest"

    def given(self, entity: Entity) -> Mapping[str, Any] | None:
        """What any policy reads of the entity, where that was told with its document."""
        told = entity.document.told if self._told else None
        return None if told is None else told.given

    def of(self, text: str, entity: Entity) -> Mapping[str, Any]:
        """What is read of the entity that the text names."""
        if len(self.known) >= _MOST:
            self.known.clear()
        taken = self.known[text] = self._part.taken(entity.data)
        return taken


class KeptAnswers:
    """`entity`, `exists`, `targets`, `needs`, `referring` and `together` (facts.py says what they are). `filled_in`
    gives a document as expressions see it."""

    def __init__(
        self,
        catalog: CatalogView,
        filled_in: Callable[[Entity], Mapping[str, JsonValue]],
        extracts: Extracts | None = None,
    ) -> None:
        self._catalog = catalog
        self._filled_in = filled_in
        self._extracts = extracts
        self._entities: dict[str, Entity | None] = {}
        self._documents: dict[str, Mapping[str, Any]] = {}
        # By the name of the field; where little is asked of each entity, of those fields that were asked for.
        self._targets: dict[str, Mapping[str, list[str]]] = {}
        self._fields: set[str] | None = None if extracts is None else set()
        self._together: dict[str, list[str]] = {}
        self._providers: dict[str, list[str]] = {}
        # What is given is asked about next.
        self._texts: dict[Ref, str] = {}
        self._refs: dict[str, Ref] = {}

    @property
    def functions(self) -> Mapping[str, Callable[..., Any]]:
        """All of them, by name."""
        return {
            "entity": self.entity,
            "exists": self.exists,
            "targets": self.targets,
            "needs": self.needs,
            "referring": self.referring,
            "together": self.together,
        }

    def about(self, text: str, entity: Entity) -> None:
        """What is asked next is asked about this entity of the catalog, whose full reference is the text."""
        if _can_be_read(entity.ref):
            self._entities[text] = entity

    def entity(self, text: str) -> Mapping[str, Any]:
        """Raises BadReference, as all do, for what is no full reference."""
        known = self._documents.get(text)
        if known is None:
            extracts = self._extracts
            known = None if extracts is None else extracts.known.get(text)
            if known is None:
                found = self._find(text)
                if found is None:
                    known = _NOTHING
                elif extracts is None or not extracts.suffice(found):
                    known = self._filled_in(found)
                elif (known := extracts.given(found)) is None:
                    return extracts.of(text, found)
                self._documents[text] = known
        return known

    def exists(self, text: str) -> bool:
        return self._find(text) is not None

    def targets(self, text: str, field: str) -> list[str]:
        fields = self._fields
        if fields is not None and field not in fields:
            self._ask(fields, field)
        known = self._targets.get(text)
        return (self._targets_of(text) if known is None else known).get(field) or []

    def needs(self, text: str) -> list[str]:
        entity, ref = self._find(text), self._ref(text)
        if entity is None or strengths(entity):
            return [self._text_of(found) for found in needs(self._catalog, ref)]
        fields = self._fields
        if fields is not None and not (_DEPENDS in fields and _CONSUMES in fields):
            self._ask(fields, _DEPENDS, _CONSUMES)
        # It needs all of them, and what they are called is known.
        found: list[str] = []
        known = self._targets.get(text)
        for field, targets in (self._targets_of(text) if known is None else known).items():
            if field == _DEPENDS:
                found += targets
            elif field == _CONSUMES:
                for api in targets:
                    provided = self._providers.get(api)
                    found += self._providers_of(api) if provided is None else provided
        found += [self._text_of(one.source.ref) for one in self._catalog.references_to(ref, field="dependencyOf")]
        return list(dict.fromkeys(found))

    def referring(self, text: str, kind: str) -> list[str]:
        wanted = kind.lower()
        sources = [one.source.ref for one in self._catalog.references_to(self._ref(text))]
        return sorted({self._text_of(ref) for ref in sources if ref.kind == wanted})

    def together(self, text: str) -> list[str]:
        found = self._find(text)
        if found is None:
            return []
        if self._catalog.alone(found):
            return [self._text_of(found.ref)]
        refs = self._catalog.in_file(found.path)
        known = self._together.get(found.path)
        if known is None:
            known = self._together[found.path] = [self._text_of(ref) for ref in refs]
        return known

    def _providers_of(self, api: str) -> list[str]:
        found = self._providers[api] = [self._text_of(ref) for ref in providers(self._catalog, self._ref(api))]
        return found

    def _ask(self, fields: set[str], *more: str) -> None:
        """More fields are asked for from now on."""
        fields.update(more)
        self._targets.clear()

    def _targets_of(self, text: str) -> Mapping[str, list[str]]:
        """By the name of the field."""
        entity = self._find(text)
        found: dict[str, list[str]] = {}
        known, fields = self._texts, self._fields
        for one in self._catalog.references_of(entity.ref) if entity is not None else ():
            name = one.field.name
            if one.target is not None and (fields is None or name in fields):
                # Most have been named before, and a call takes as long as to look.
                target = known.get(one.target) or self._text_of(one.target)
                if name in found:
                    found[name].append(target)
                else:
                    found[name] = [target]
        for texts in found.values():
            if len(texts) > 1:
                texts[:] = dict.fromkeys(texts)
        self._targets[text] = found
        return found

    def _find(self, text: str) -> Entity | None:
        if text not in self._entities:
            self._entities[text] = self._catalog.get(self._ref(text))
        return self._entities[text]

    def _ref(self, text: str) -> Ref:
        entity = self._entities.get(text)
        if entity is not None:
            return entity.ref
        return self._refs.get(text) or Ref.parse(text)

    def _text_of(self, ref: Ref) -> str:
        text = self._texts.get(ref)
        if text is None:
            text = self._texts[ref] = str(ref)
            if _can_be_read(ref):
                self._refs[text] = ref
        return text


def _can_be_read(ref: Ref) -> bool:
    """Whether the full reference, read again, is the reference: a namespace may be written wrongly."""
    return "/" not in ref.namespace
