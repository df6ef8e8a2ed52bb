"""Whether a document has its kind's form, told in parts: compiling a kind's schema takes as long as judging a hundred
documents, and most of that goes into the patterns of `metadata`, which are the same for many kinds and of which a
document needs few.

`properties` of a schema says the same of each value whether it is asked together with the rest or by itself, so what is
said of `metadata`, and of each of its properties that has a pattern deep inside, is compiled apart: once for all kinds
that say the same, and not before a document has that property. When very many documents have come, what is said of
metadata is compiled as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs
from msgspec import json

from tarmac.model.documents import Document

_METADATA, _PATTERN = "metadata", "pattern"
_REFERENCE = re.compile(rb'"#/\$defs/([^"]+)"')
_ANYTHING: Mapping[str, Any] = {}
PLACEHOLDERS = ("$text", "$json", "$yaml")
_PLAIN = "-plain"
# True of data without placeholders.
_WITHOUT_PLACEHOLDERS: Mapping[str, Any] = {
    "$ref": f"#/$defs/{_PLAIN}",
    "$defs": {
        _PLAIN: {
            "if": {"type": "object", "maxProperties": 1, "anyOf": [{"required": [key]} for key in PLACEHOLDERS]},
            "then": False,
            "else": {
                "additionalProperties": {"$ref": f"#/$defs/{_PLAIN}"},
                "items": {"$ref": f"#/$defs/{_PLAIN}"},
            },
        }
    },
}
# To compile metadata as a whole takes as long as so many documents are slower without.
_MANY = 1_000
Compile = Callable[[Mapping[str, Any]], jsonschema_rs.Draft202012Validator]


class Forms:
    """The forms of kinds, compiled as far as documents need them: metadata as a whole after so `many`."""

    def __init__(self, compiled: Compile, many: int = _MANY) -> None:
        self._compiled, self._many = compiled, many
        # By what the schema says, as JSON.
        self._parts: dict[bytes, _Part] = {}
        self._whole: dict[str, tuple[_Part, _Part]] = {}
        self._plain = _Part(compiled, _WITHOUT_PLACEHOLDERS)

    def has(self, document: Document, kind: str, schema: Mapping[str, Any], *, backstage: bool) -> bool:
        """Whether the document is as the schema of its kind says; of one that Backstage reads, whether it has no
        placeholders besides: what these stand for is for others to say."""
        if kind not in self._whole:
            self._whole[kind] = self._split(schema)
        body, metadata = self._whole[kind]
        data = document.data
        if not body.holds_of(data) or not metadata.holds_of(data.get(_METADATA)):
            return False
        return not (backstage and document.dollar) or self._plain.holds_of(data)

    def _split(self, schema: Mapping[str, Any]) -> tuple[_Part, _Part]:
        """What is said of the document without its metadata, and of those."""
        properties, defs = schema["properties"], schema.get("$defs", {})
        name = properties[_METADATA]["$ref"].rpartition("/")[2]
        body = {**schema, "properties": {**properties, _METADATA: _ANYTHING}}
        return _Part(self._compiled, body), self._metadata(_with(defs[name], defs))

    def _metadata(self, schema: Mapping[str, Any]) -> _Part:
        """What is said of metadata, the same for all kinds that say the same."""
        key = json.encode(schema)
        if key not in self._parts:
            defs = schema.get("$defs", {})
            inner: dict[str, _Part] = {}
            for name, said in schema.get("properties", {}).items():
                text = json.encode(apart := _with(said, defs))
                if _PATTERN not in said and b'"pattern"' in text:
                    inner[name] = self._parts.setdefault(text, _Part(self._compiled, apart))
            left = {**schema, "properties": {**schema.get("properties", {}), **dict.fromkeys(inner, _ANYTHING)}}
            self._parts[key] = _Part(self._compiled, left, inner, schema, self._many)
        return self._parts[key]


class _Part:
    """One schema without what `inner` says of properties; compiled when it is asked.

    `whole` says it all. It is compiled when more than `many` have asked: to ask one takes less than to ask several.
    """

    def __init__(
        self,
        compiled: Compile,
        schema: Mapping[str, Any],
        inner: Mapping[str, _Part] | None = None,
        whole: Mapping[str, Any] = _ANYTHING,
        many: int = _MANY,
    ) -> None:
        self._compiled, self._schema, self._whole, self._many = compiled, schema, whole, many
        self._inner = tuple((inner or {}).items())
        self._asked = 0
        self._own: Callable[[Any], bool] = self._first
        self.holds_of: Callable[[Any], bool] = self._first

    def _first(self, value: Any) -> bool:
        """Compile it, and from here on ask that alone."""
        self._own = self._compiled(self._schema).is_valid
        self.holds_of = self._apart if self._inner else self._own
        return self.holds_of(value)

    def _apart(self, value: Any) -> bool:
        """Ask what is said of the properties that are there, each by itself."""
        self._asked += 1
        if self._asked > self._many:
            self.holds_of = self._compiled(self._whole).is_valid
            return self.holds_of(value)
        if not self._own(value):
            return False
        # A generator would take as long as most of what it asks.
        for name, part in self._inner:  # noqa: SIM110
            if name in value and not part.holds_of(value[name]):
                return False
        return True


def _with(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema with the definitions that it refers to, and no others."""
    own = {name: value for name, value in schema.items() if name != "$defs"}
    named: dict[str, Any] = {}
    waiting = [json.encode(own)]
    while waiting:
        for name in {found.decode() for found in _REFERENCE.findall(waiting.pop())} - named.keys():
            named[name] = defs[name]
            waiting.append(json.encode(defs[name]))
    return {**own, "$defs": {name: named[name] for name in sorted(named)}} if named else own
