"""What the pure layers know of JSON Schema: a value has problems, or a schema has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from tarmac.model.documents import Document
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, Path


class SchemaProblem(Frozen):
    """One fault of a value against a schema.

    `path` leads to the value at fault; for a missing field to the object that lacks it (`missing` names the field),
    for an unknown field to that field (`unknown` is true). `keyword` is the JSON Schema keyword that failed. `at_key`
    says that the key at `path` is at fault and is to be pointed at, not the value; so it is for an unknown field.
    `unquoted` says that the value is an amount without its quotes; `misspelt` is the name under which the field that is
    missing seems to be there.
    """

    path: Path
    keyword: str
    message: str
    fix: str | None = None
    missing: str | None = None
    unknown: bool = False
    at_key: bool = False
    unquoted: bool = False
    misspelt: str | None = None


class Schemas(Protocol):
    """JSON Schema 2020-12, patterns in a linear-time engine, no reference ever fetched."""

    def problems(self, schema: Mapping[str, JsonValue], value: JsonValue, at: Path = ()) -> tuple[SchemaProblem, ...]:
        """Every fault of `value`, sorted by path and message. A schema that is itself at fault has none to give:
        ask `faults` first. `at` is where the value stands in its document: paths and words begin there."""
        ...

    def faults(self, schema: Mapping[str, JsonValue]) -> tuple[SchemaProblem, ...]:
        """Every fault of the schema itself, against the meta-schema; a remote `$ref` is one."""
        ...

    def of_kind(self, kind: str) -> Mapping[str, JsonValue] | None:
        """The schema of a kind (by its name, case aside) that Tarmac reads; None for any other."""
        ...

    def formed(self, document: Document) -> bool:
        """Whether the document has the form of its kind: without that, what it means is not known."""
        ...
