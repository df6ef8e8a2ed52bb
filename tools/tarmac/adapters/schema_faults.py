"""What is wrong with a JSON Schema that somebody else wrote, before it is trusted to judge anything.

Such a schema comes from a repository, so besides being one it must be bounded: references stay inside it, none leads
back to itself, and what they unfold to is not more than a person would write. Then judging a value is linear.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import jsonschema_rs

from tarmac.adapters.schema_check import compiled
from tarmac.adapters.schema_choice import wrong_choice
from tarmac.adapters.schema_problems import SAYS as _OURS
from tarmac.adapters.schema_problems import order
from tarmac.model.json_value import JsonValue, Path, dig
from tarmac.model.schemas import SchemaProblem
from tarmac.model.shown import a_kind_of, nearest, one_of, shown, visible, where

MOST_SUBSCHEMAS = 2_000
MOST_UNFOLDED = 10_000
MOST_NESTED = 24

_IN_NAMES = ("$defs", "properties", "patternProperties", "dependentSchemas")
_IN_LISTS = ("allOf", "anyOf", "oneOf", "prefixItems")
_IN_ONE = (
    "additionalProperties", "propertyNames", "items", "contains", "not", "if", "then", "else", "unevaluatedItems",
    "unevaluatedProperties",
)  # fmt: skip
_OTHER = (
    "$schema", "$comment", "$ref", "title", "description", "default", "deprecated", "readOnly", "writeOnly", "examples",
    "type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength",
    "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxContains", "minContains", "maxProperties",
    "minProperties", "required", "dependentRequired", "format", "contentEncoding", "contentMediaType", "contentSchema",
)  # fmt: skip
# They change what a reference means, and no schema of a config needs them.
_REFUSED = ("$id", "$anchor", "$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor", "$vocabulary")
_KNOWN = (*_IN_NAMES, *_IN_LISTS, *_IN_ONE, *_OTHER)
_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def faults(schema: Mapping[str, JsonValue]) -> tuple[SchemaProblem, ...]:
    """Every fault of the schema: too large, not by the meta-schema, references and patterns that cannot be taken."""
    nodes: list[tuple[Path, Mapping[str, JsonValue]]] = []
    for level, path, node in _subschemas(schema):
        nodes.append((path, node))
        if level > MOST_NESTED or len(nodes) > MOST_SUBSCHEMAS:
            size = f"{MOST_NESTED} levels" if level > MOST_NESTED else f"{MOST_SUBSCHEMAS} subschemas"
            words = f"the schema has more than {size}"
            return (SchemaProblem((), "size", words, "split the type into several, or make it simpler"),)
    found = [*_against_meta_schema(schema)]
    for path, node in nodes:
        found += _faults_of(path, node, schema)
    if not found:
        found += _unfolding(schema)
    if not found:
        found += _uncompilable(schema)
    return tuple(sorted(dict.fromkeys(found), key=order))


def _subschemas(schema: JsonValue) -> Iterator[tuple[int, Path, Mapping[str, JsonValue]]]:
    waiting: list[tuple[int, Path, JsonValue]] = [(1, (), schema)]
    while waiting:
        level, path, node = waiting.pop()
        if isinstance(node, Mapping):
            yield level, path, node
            waiting += [(level + 1, (*path, *steps), below) for steps, below in _children(node)]


def _children(node: Mapping[str, JsonValue]) -> Iterator[tuple[Path, JsonValue]]:
    for key, value in node.items():
        if key in _IN_NAMES and isinstance(value, Mapping):
            yield from (((key, name), sub) for name, sub in value.items())
        elif key in _IN_LISTS and isinstance(value, list):
            yield from (((key, index), sub) for index, sub in enumerate(value))
        elif key in _IN_ONE:
            yield (key,), value


def _against_meta_schema(schema: Mapping[str, JsonValue]) -> Iterator[SchemaProblem]:
    """Asked of the quick validator first: the thorough one is loaded only when there is something to say."""
    if jsonschema_rs.meta.is_valid({**schema, "$schema": _DIALECT}):
        return
    from jsonschema import Draft202012Validator

    validator = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    for error in validator.iter_errors(dict(schema)):
        path = tuple(error.absolute_path)
        value = dig(schema, *path)
        words = f"{where(path)} is {shown(value)}, which JSON Schema does not allow there"
        fix = None
        if error.validator in ("anyOf", "enum") and path[-1:] == ("type",):
            yield wrong_choice(path, "enum", _TYPES, value)
            continue
        if error.validator == "type":
            kinds = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
            words = f"{where(path)} is {a_kind_of(value)}, and JSON Schema wants {one_of(kinds)} there"
        yield SchemaProblem(path, str(error.validator), words, fix)


def _faults_of(path: Path, node: Mapping[str, JsonValue], schema: Mapping[str, JsonValue]) -> Iterator[SchemaProblem]:
    for key in node:
        if key in _REFUSED:
            yield SchemaProblem((*path, key), key, f"{where((*path, key))}: {key} is not taken here", "leave it out")
        elif key not in _KNOWN and key != _OURS and (near := nearest(key, _KNOWN)):
            words = f"{where(path)} has {shown(key)}, which is no word of JSON Schema; did you mean {near}?"
            yield SchemaProblem((*path, key), "keyword", words, f"write {near}", unknown=True, at_key=True)
    dialect = node.get("$schema")
    if dialect is not None and dialect != _DIALECT:
        words = f"{where((*path, '$schema'))} is {shown(dialect)}: schemas here are of 2020-12"
        yield SchemaProblem((*path, "$schema"), "$schema", words, f"write {_DIALECT}, or leave it out")
    reference = node.get("$ref")
    if isinstance(reference, str) and _target(reference, schema) is None:
        words = f"{where((*path, '$ref'))} is {shown(reference)}, which leads to nothing in this schema"
        yield SchemaProblem((*path, "$ref"), "$ref", words, "write #/$defs/name; nothing is fetched from elsewhere")
    yield from _patterns(path, node)


def _patterns(path: Path, node: Mapping[str, JsonValue]) -> Iterator[SchemaProblem]:
    keyed = node.get("patternProperties")
    patterns = [((*path, "patternProperties", key), key) for key in keyed] if isinstance(keyed, Mapping) else []
    pattern = node.get("pattern")
    if isinstance(pattern, str):
        patterns.append(((*path, "pattern"), pattern))
    for place, text in patterns:
        try:
            compiled({"pattern": text})
        except jsonschema_rs.ValidationError:
            words = f"{where(place)} is {shown(text)}, which is no pattern that runs in linear time"
            fix = "use no look-around and no back-references, balance the brackets, and keep repeats small"
            yield SchemaProblem(place, "pattern", words, fix)


def _target(reference: str, schema: Mapping[str, JsonValue]) -> tuple[Path, JsonValue] | None:
    if not reference.startswith("#/"):
        return None
    here: JsonValue = schema
    steps: list[str | int] = []
    for part in reference[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        step: str | int = int(name) if isinstance(here, list) and name.isdecimal() and len(name) < 6 else name
        here = dig(here, step)
        steps.append(step)
    return None if here is None else (tuple(steps), here)


def _unfolding(schema: Mapping[str, JsonValue]) -> Iterator[SchemaProblem]:
    """A reference that leads back to itself, or references that unfold to too much."""
    sizes: dict[Path, int] = {}
    under_way: set[Path] = set()

    def size(path: Path, node: JsonValue, level: int) -> int:
        if not isinstance(node, Mapping):
            return 1
        if path in sizes:
            return sizes[path]
        if path in under_way or level > 4 * MOST_NESTED:
            raise _Endless(path)
        under_way.add(path)
        total = 1 + sum(size((*path, *steps), sub, level + 1) for steps, sub in _children(node) if steps[0] != "$defs")
        reference = node.get("$ref")
        found = _target(reference, schema) if isinstance(reference, str) else None
        if found is not None:
            total += size(*found, level + 1)
        under_way.discard(path)
        sizes[path] = min(total, MOST_UNFOLDED + 1)
        return sizes[path]

    try:
        everything = size((), schema, 1)
        for name, sub in _definitions(schema):
            everything = max(everything, size(("$defs", name), sub, 1))
    except _Endless as endless:
        words = f"{visible(where(endless.path))} holds references that lead back to themselves, or too far"
        yield SchemaProblem(endless.path, "$ref", words, "write out as many levels as there are")
        return
    if everything > MOST_UNFOLDED:
        words = f"the schema unfolds to more than {MOST_UNFOLDED} subschemas"
        yield SchemaProblem((), "size", words, "use fewer references to references")


def _definitions(schema: Mapping[str, JsonValue]) -> Sequence[tuple[str, JsonValue]]:
    definitions = schema.get("$defs")
    return tuple(definitions.items()) if isinstance(definitions, Mapping) else ()


def _uncompilable(schema: Mapping[str, JsonValue]) -> Iterator[SchemaProblem]:
    try:
        compiled(schema)
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
        yield SchemaProblem((), "schema", "the schema cannot be used", "make it simpler: it is refused as a whole")


class _Endless(Exception):
    def __init__(self, path: Path) -> None:
        super().__init__(where(path))
        self.path = path
