"""JSON Schema made from the models: for editors with prose, for the gate without; the same bytes each time."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any, get_args

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from tarmac.model import KINDS
from tarmac.model.base import ELSEWHERE_KEY, REF_KEY, SAYS_KEY, Kind
from tarmac.model.kinds import KindLine

DIALECT = "https://json-schema.org/draft/2020-12/schema"
ALL_FILE = "tarmac.schema.json"
BUNDLE_VERSION = 1

# Marks whole numbers for the gate.
WHOLE_KEY = "x-tarmac-whole"

# What the gate has no use for.
_PROSE = ("description", "title", "examples", "deprecated")


class _Generator(GenerateJsonSchema):
    """Optional means that a field may be left out, never that it may be null; keys are judged by propertyNames."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        inner = self.generate_inner(schema["schema"])
        return inner if schema.get("default") is None else super().default_schema(schema)

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        found: JsonSchemaValue = {"type": "object"}
        if "keys_schema" in schema:
            keys = self.generate_inner(schema["keys_schema"])
            found["propertyNames"] = {name: value for name, value in keys.items() if name != "type"}
        values = self.generate_inner(schema["values_schema"]) if "values_schema" in schema else {}
        if values:
            found["additionalProperties"] = values
        self.update_with_validations(found, schema, self.ValidationsMapping.object)
        return found

    def field_title_should_be_set(self, schema: object) -> bool:
        return False


def kinds() -> Iterator[type[Kind]]:
    """Every kind's model, in the order of KINDS."""
    return map(_model, KINDS.values())


def kind_name(model: type[Kind]) -> str:
    """The value of `kind`."""
    (name,) = _values(model, "kind")
    return name


def file_name(kind: str) -> str:
    """`resource-request.schema.json` for ResourceRequest."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", kind).lower() + ".schema.json"


def editor_schema(model: type[Kind]) -> dict[str, Any]:
    """The schema of one kind, for people and editors: with prose, and with our words as error messages."""
    name = kind_name(model)
    found = _generated(model)
    head = {
        "$schema": DIALECT,
        "$id": file_name(name),
        "title": name,
        "description": found.get("description", ""),
    }
    rest: dict[str, Any] = _mapped(found, _for_editor)
    del rest["description"]
    for field, values in (("apiVersion", _values(model, "api_version")), ("kind", (name,))):
        rest["properties"][field] |= {
            "description": "The format." if field == "apiVersion" else "What it is.",
            "default": values[0],
        }
    return head | rest


def catalog_schema() -> dict[str, Any]:
    """One schema for every kind: picks the kind's own by apiVersion and kind. It needs no other file."""
    models = tuple(kinds())
    versions = sorted({version for model in models for version in model.api_versions()})
    definitions: dict[str, Any] = {}
    for model in models:
        _define(definitions, kind_name(model), editor_schema(model))
    return {
        "$schema": DIALECT,
        "$id": ALL_FILE,
        "title": "Any document of a Tarmac repository",
        "description": "What a document is, it says itself by apiVersion and kind.",
        "type": "object",
        "required": ["apiVersion", "kind"],
        "properties": {
            "apiVersion": {"description": "The format.", "enum": versions},
            "kind": {"description": "What it is.", "enum": [kind_name(model) for model in models]},
        },
        "allOf": [
            {
                "if": {"required": ["kind"], "properties": {"kind": {"const": kind_name(model)}}},
                "then": {"$ref": f"#/$defs/{kind_name(model)}"},
            }
            for model in models
        ],
        "$defs": definitions,
    }


def _define(definitions: dict[str, Any], kind: str, schema: dict[str, Any]) -> None:
    """Add a kind's schema and its definitions; those that several kinds share stand once."""
    own = schema.pop("$defs", {})
    apart = {name for name, sub in own.items() if name in KINDS or definitions.get(name, sub) != sub}
    # What refers to a definition that has to stand apart has to stand apart itself.
    while more := {name for name, sub in own.items() if name not in apart and _targets(sub) & apart}:
        apart |= more
    names = {name: f"{kind}.{name}" if name in apart else name for name in own}

    def renamed(node: dict[str, Any]) -> dict[str, Any]:
        target = _target(node)
        return {**node, "$ref": f"#/$defs/{names[target]}"} if target else node

    for name, sub in own.items():
        definitions[names[name]] = _mapped(sub, renamed)
    root = {key: value for key, value in schema.items() if key not in ("$schema", "$id")}
    definitions[kind] = _mapped(root, renamed)


def _target(node: Mapping[str, Any]) -> str:
    found: str = node.get("$ref", "").removeprefix("#/$defs/")
    return found


def _targets(schema: dict[str, Any]) -> set[str]:
    """The definitions that a schema refers to."""
    found: set[str] = set()

    def seen(node: dict[str, Any]) -> dict[str, Any]:
        found.add(_target(node))
        return node

    _mapped(schema, seen)
    return found - {""}


def bundle() -> dict[str, Any]:
    """What the gate reads: for each kind its versions, its references and its schema without prose."""
    return {
        "version": BUNDLE_VERSION,
        "kinds": [
            {
                "kind": kind_name(model),
                "apiVersions": list(model.api_versions()),
                "references": list(_references(found := _generated(model), found, (), ())),
                "schema": _mapped(found, _for_gate),
            }
            for model in kinds()
        ],
    }


class SchemaExport:
    """The schemas of all kinds, made from the models now."""

    def lines(self) -> tuple[KindLine, ...]:
        """Every kind, in the order of KINDS."""
        return tuple(
            KindLine(kind_name(model), model.api_versions(), (model.__doc__ or "").partition("\n")[0])
            for model in kinds()
        )

    def one(self, kind: str) -> str:
        """The schema of one kind, as JSON text.

        Raises:
            KeyError: there is no such kind.
        """
        return _pretty(editor_schema(_model(KINDS[kind]))).decode("ascii")

    def files(self) -> Mapping[str, bytes]:
        """Every generated file with its bytes, by path from the root of the source tree."""
        found = {f"tools/schemas/{ALL_FILE}": _pretty(catalog_schema())}
        for model in kinds():
            found[f"tools/schemas/{file_name(kind_name(model))}"] = _pretty(editor_schema(model))
        found["tools/tarmac/adapters/data/kinds.json"] = _compact(bundle())
        return found


def _model(entry: str) -> type[Kind]:
    module, _, name = entry.partition(":")
    found: type[Kind] = getattr(import_module(module), name)
    return found


@cache
def _generated(model: type[Kind]) -> dict[str, Any]:
    found = model.model_json_schema(by_alias=True, mode="validation", schema_generator=_Generator)
    # In the order in which people write them.
    first = ("apiVersion", "kind", "metadata", "spec")
    found["properties"] = {name: found["properties"][name] for name in first}
    return found


def _values(model: type[Kind], field: str) -> tuple[str, ...]:
    return get_args(model.model_fields[field].annotation)


def _mapped(schema: Any, change: Any) -> Any:
    """The schema with `change` applied to each subschema; maps of names to subschemas are walked, not changed."""
    if isinstance(schema, list):
        return [_mapped(item, change) for item in schema]
    if not isinstance(schema, dict):
        return schema
    found = {}
    for key, value in change(schema).items():
        if key in ("properties", "$defs", "patternProperties"):
            found[key] = {name: _mapped(sub, change) for name, sub in value.items()}
        elif key in ("enum", "const", "examples", "default", "required", SAYS_KEY, REF_KEY):
            found[key] = value
        else:
            found[key] = _mapped(value, change)
    return found


def _for_gate(schema: dict[str, Any]) -> dict[str, Any]:
    found = {
        key: value
        for key, value in schema.items()
        if key not in (*_PROSE, REF_KEY, ELSEWHERE_KEY) and (key, value) != ("additionalProperties", True)
    }
    # To JSON Schema 2.0 is an integer; to the code that counts with it, it is not.
    return {**found, WHOLE_KEY: True} if found.get("type") == "integer" else found


def _for_editor(schema: dict[str, Any]) -> dict[str, Any]:
    if schema.get(ELSEWHERE_KEY):
        text = _for_editor({key: value for key, value in schema.items() if key not in (ELSEWHERE_KEY, "description")})
        path = {"type": "string", "description": "The path of the file, relative to this one."}
        elsewhere = {"type": "object", "required": ["$text"], "properties": {"$text": path}}
        return {"description": schema.get("description", ""), "anyOf": [text, elsewhere]}
    # Titles are the names of classes: no word for people.
    found = {key: value for key, value in schema.items() if key not in (SAYS_KEY, "title")}
    says = schema.get(SAYS_KEY)
    if says:
        # Understood by the YAML and JSON language servers of common editors.
        found["errorMessage"] = f"This is not {says['what']}: write {says['write']}."
        if "pattern" in schema:
            found["patternErrorMessage"] = found["errorMessage"]
    return found


def _references(
    root: Mapping[str, Any], schema: Any, path: tuple[str, ...], through: tuple[str, ...]
) -> Iterator[dict[str, Any]]:
    """The reference fields below `schema`, each with its path from the document's root."""
    if not isinstance(schema, dict):
        return
    if REF_KEY in schema:
        yield {"path": list(path), **schema[REF_KEY]}
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        if name in through:
            raise ValueError(f"{name} holds itself: a reference field in it would have no end of paths")
        yield from _references(root, root["$defs"][name], path, (*through, name))
    for name, sub in schema.get("properties", {}).items():
        yield from _references(root, sub, (*path, name), through)
    for key in ("items", "additionalProperties"):
        yield from _references(root, schema.get(key), (*path, "*"), through)
    for key in ("anyOf", "oneOf", "allOf"):
        for sub in schema.get(key, ()):
            yield from _references(root, sub, path, through)


def _pretty(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, indent=2, ensure_ascii=True) + "\n").encode("ascii")


def _compact(value: Mapping[str, Any]) -> bytes:
    # A line a kind: a change of one kind is a change of one line.
    lines = ",\n".join(json.dumps(kind, separators=(",", ":"), ensure_ascii=True) for kind in value["kinds"])
    return f'{{"version":{value["version"]},"kinds":[\n{lines}\n]}}\n'.encode("ascii")
