"""What the functions of policies answer, kept by the texts that they are asked with.

For short cuts over a catalog that nobody notes the reading of: a name stands in many documents, and finding what it
means takes longer than comparing what is found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.json_value import JsonValue
from tarmac.model.refs import Ref

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class KeptAnswers:
    """`entity`, `exists`, `targets` and `together` (facts.py says what they are). `filled_in` gives a document as
    expressions see it."""

    def __init__(self, catalog: CatalogView, filled_in: Callable[[Entity], Mapping[str, JsonValue]]) -> None:
        self._catalog = catalog
        self._filled_in = filled_in
        self._entities: dict[str, Entity | None] = {}
        self._documents: dict[str, Mapping[str, Any]] = {}
        self._targets: dict[tuple[str, str], list[str]] = {}
        self._together: dict[str, list[str]] = {}
        self.functions: Mapping[str, Callable[..., Any]] = {
            "entity": self.entity,
            "exists": self.exists,
            "targets": self.targets,
            "together": self.together,
        }

    def entity(self, text: str) -> Mapping[str, Any]:
        """Raises BadReference, as all do, for what is no full reference."""
        known = self._documents.get(text)
        if known is None:
            found = self._find(text)
            known = self._documents[text] = _NOTHING if found is None else self._filled_in(found)
        return known

    def exists(self, text: str) -> bool:
        return self._find(text) is not None

    def targets(self, text: str, field: str) -> list[str]:
        known = self._targets.get((text, field))
        if known is None:
            found = self._find(text)
            references = () if found is None else self._catalog.references_of(found.ref)
            named = [str(one.target) for one in references if one.field.name == field and one.target is not None]
            known = self._targets[text, field] = list(dict.fromkeys(named))
        return known

    def together(self, text: str) -> list[str]:
        known = self._together.get(text)
        if known is None:
            found = self._find(text)
            refs = () if found is None else self._catalog.in_file(found.path)
            known = self._together[text] = [str(ref) for ref in refs]
        return known

    def _find(self, text: str) -> Entity | None:
        if text not in self._entities:
            self._entities[text] = self._catalog.get(Ref.parse(text))
        return self._entities[text]
