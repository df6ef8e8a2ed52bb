"""What tells at once that the tags of a request are right, as those of nearly every request are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

from tarmac.catalog.requests import resolve
from tarmac.catalog.tags import DERIVED, derived, written
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Entity
from tarmac.model.json_value import JsonValue, mapping, text, texts
from tarmac.model.refs import Ref

# How many values are remembered.
_KEPT = 4096


class RightTags:
    """The tags of one tag policy; `fits` says whether a value is one that an entry of it allows."""

    def __init__(self, catalog: CatalogView, policy: Entity, fits: Callable[[str, JsonValue], bool]) -> None:
        self._catalog = catalog
        self._normalize = (policy.mapping("spec", "normalize"),)
        self._entries = [
            (place, key, frozenset(texts(entry, "environments")), mapping(entry).get("required") is True)
            for place, entry in enumerate(policy.items("spec", "tags"))
            if (key := text(entry, "key")) is not None
        ]
        entries = policy.items("spec", "tags")
        self._fits = lru_cache(_KEPT)(lambda value, place: fits(value, entries[place]))
        self._of_types: dict[Ref, Mapping[str, str]] = {}

    def tells(self, entity: Entity) -> bool:
        """Whether nothing is wrong with the tags of the request, for sure."""
        labels: dict[str, str] = {}
        for name, stated, _ in written(entity, ("metadata", "labels"), self._normalize):
            if labels.setdefault(name, stated) != stated:
                return False
        request = resolve(self._catalog, entity)
        for place, key, scope, required in self._entries:
            if scope and request.environment not in scope:
                continue
            value = (derived(self._catalog, request, key) if key in DERIVED else None) or labels.get(key)
            if value is None and request.type is not None:
                value = self._of_type(request.type).get(key)
            if required if value is None else not self._fits(value, place):
                return False
        return True

    def _of_type(self, of: Entity) -> Mapping[str, str]:
        known = self._of_types.get(of.ref)
        if known is None:
            found = written(of, ("spec", "tags"), self._normalize)
            known = self._of_types[of.ref] = {key: value for key, value, _ in found}
        return known
