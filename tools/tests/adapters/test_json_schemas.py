"""JSON Schema of others: what is said of values, and which schemas are refused before they judge anything."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.schema_check import JsonSchemas
from tarmac.model.json_value import JsonValue, Path
from tarmac.model.schemas import SchemaProblem, Schemas

SCHEMAS: Schemas = JsonSchemas()
CONFIG: dict[str, JsonValue] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["size"],
    "properties": {
        "size": {"enum": ["small", "medium", "large"]},
        "storageGb": {"type": "integer", "minimum": 10, "maximum": 2000, "multipleOf": 5},
        "branch": {"type": "string", "minLength": 2, "maxLength": 5, "pattern": "^[a-z]+$"},
        "share": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        "public": {"type": "boolean"},
        "mail": {"type": "string", "format": "email"},
        "zones": {"type": "array", "minItems": 1, "maxItems": 2, "uniqueItems": True, "items": {"type": "string"}},
        "tags": {"type": "object", "minProperties": 1, "maxProperties": 1, "propertyNames": {"pattern": "^[a-z]+$"}},
        "mode": {"const": "fixed"},
        "either": {"anyOf": [{"type": "string"}, {"type": "array"}]},
        "never": False,
        "needs": {"type": "array", "contains": {"const": 1}},
    },
}


def problem(path: Path, message: str, fix: str | None) -> tuple[Path, str, str | None]:
    return path, message, fix


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({"size": "small"}, []),
        ({}, [problem((), "the document lacks size", "add size: small, medium or large")]),
        (
            {"size": "smal"},
            [
                problem(
                    ("size",), 'size is "smal", and must be small, medium or large; did you mean small?', "write small"
                )
            ],
        ),
        (
            {"size": 5},
            [problem(("size",), "size is 5, and must be small, medium or large", "write small, medium or large")],
        ),
        ({"size": None}, [problem(("size",), "size has no value", "write small, medium or large, or leave it out")]),
        (
            {"size": "small", "storage": 5},
            [problem(("storage",), 'the document has no field "storage"; did you mean storageGb?', "write storageGb")],
        ),
        (
            {"size": "small", "storageGb": 5},
            [problem(("storageGb",), "storageGb is 5, and must be at least 10", "write at least 10")],
        ),
        (
            {"size": "small", "storageGb": 2001},
            [
                problem(("storageGb",), "storageGb is 2001, and must be a multiple of 5", "write a multiple of 5"),
                problem(("storageGb",), "storageGb is 2001, and must be at most 2000", "write at most 2000"),
            ],
        ),
        (
            {"size": "small", "storageGb": "20"},
            [
                problem(
                    ("storageGb",), "storageGb is a text, and must be a whole number", "write a number, without quotes"
                )
            ],
        ),
        (
            {"size": "small", "branch": "A"},
            [
                problem(("branch",), 'branch has 1 character, and must have at least 2', "write at least 2 characters"),
                problem(
                    ("branch",), 'branch is "A", which is not of the form that is asked for',
                    "write a text that matches ^[a-z]+$",
                ),
            ],
        ),
        (
            {"size": "small", "branch": "abcdef"},
            [problem(("branch",), "branch has 6 characters, and must have at most 5", "write at most 5 characters")],
        ),
        (
            {"size": "small", "share": 1},
            [problem(("share",), "share is 1, and must be less than 1", "write less than 1")],
        ),
        (
            {"size": "small", "share": 0.0},
            [problem(("share",), "share is 0.0, and must be more than 0", "write more than 0")],
        ),
        (
            {"size": "small", "public": "yes"},
            [
                problem(
                    ("public",), "public is a text, and must be true or false", "write true or false, without quotes"
                )
            ],
        ),
        (
            {"size": "small", "mail": "x"},
            [problem(("mail",), 'mail is "x", which is no email', "write a text of the format email")],
        ),
        ({"size": "small", "zones": []}, [problem(("zones",), "zones is empty", "write at least 1 item")]),
        (
            {"size": "small", "zones": ["a", "a", "b"]},
            [
                problem(("zones",), "zones has 3 items, and must have at most 2", "write at most 2 items"),
                problem(("zones",), "zones holds the same item twice", "leave the second one out"),
            ],
        ),
        ({"size": "small", "tags": {}}, [problem(("tags",), "tags is empty", "write at least 1 field")]),
        (
            {"size": "small", "tags": {"A": 1}},
            [
                problem(
                    ("tags", "A"), 'the key "A" in tags is not one that is allowed here',
                    "write a text that matches ^[a-z]+$",
                )
            ],
        ),
        ({"size": "small", "mode": "x"}, [problem(("mode",), 'mode is "x", and must be fixed', "write fixed")]),
        (
            {"size": "small", "either": 5},
            [problem(("either",), "either is a number, and must be a text or a list", "write a text or a list")],
        ),
        ({"size": "small", "never": 5}, [problem(("never",), "never cannot stand here", "leave it out")]),
        (
            {"size": "small", "needs": []},
            [problem(("needs",), "needs lacks an item that must be in it", "add one that the schema asks for")],
        ),
        ([], [problem((), "the document is a list, and must be a mapping", "write a mapping")]),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_value(config: JsonValue, expected: list[tuple[Path, str, str | None]]) -> None:
    assert [(found.path, found.message, found.fix) for found in SCHEMAS.problems(CONFIG, config)] == expected


def test_paths_and_words_begin_where_the_value_stands() -> None:
    lacks, unknown = SCHEMAS.problems(CONFIG, {"zzz": 1}, ("spec", "config"))
    assert (lacks.path, lacks.message) == (("spec", "config"), "spec.config lacks size")
    assert (unknown.path, unknown.message) == (("spec", "config", "zzz"), 'spec.config has no field "zzz"')
    (either,) = SCHEMAS.problems(CONFIG, {"size": "small", "either": 5}, ("spec",))
    assert (either.path, either.message) == (
        ("spec", "either"),
        "spec.either is a number, and must be a text or a list",
    )


def test_what_a_problem_points_at() -> None:
    lacks, unknown = SCHEMAS.problems(CONFIG, {"zzz": 1})
    assert (lacks.path, lacks.missing, lacks.unknown, lacks.at_key) == ((), "size", False, False)
    assert (unknown.path, unknown.missing, unknown.unknown, unknown.at_key) == (("zzz",), None, True, True)


def test_a_right_schema_has_no_faults() -> None:
    assert SCHEMAS.faults(CONFIG) == ()
    shared: dict[str, JsonValue] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$defs": {"name": {"type": "string"}, "names": {"type": "array", "items": {"$ref": "#/$defs/name"}}},
        "properties": {"a": {"$ref": "#/$defs/names"}, "b": {"$ref": "#/$defs/name"}, "c": {"$ref": "#/properties/b"}},
    }
    assert SCHEMAS.faults(shared) == ()
    assert [found.path for found in SCHEMAS.problems(shared, {"a": [5], "c": 5})] == [("a", 0), ("c",)]


ENDLESS = "references that lead back to themselves"
FAULTS: dict[str, tuple[dict[str, JsonValue], Path, str]] = {
    "no such type": ({"type": "objekt"}, ("type",), "did you mean object?"),
    "no such type, far": ({"type": 5}, ("type",), "must be array, boolean, integer"),
    "a bound that is a text": ({"maximum": "5"}, ("maximum",), "maximum is a text, and JSON Schema wants number there"),
    "properties that are a list": ({"properties": []}, ("properties",), "a list, and JSON Schema wants object there"),
    "a subschema that is a text": ({"properties": {"a": "b"}}, ("properties", "a"), "wants object or boolean there"),
    "a required that is a text": ({"required": "a"}, ("required",), "wants array there"),
    "a misspelt keyword": ({"maximun": 5}, ("maximun",), "did you mean maximum?"),
    "a reference to an address": ({"$ref": "https://a.example/s.json"}, ("$ref",), "leads to nothing in this schema"),
    "a reference to a file": ({"$ref": "file:///etc/passwd"}, ("$ref",), "leads to nothing in this schema"),
    "a reference to nothing": ({"$ref": "#/$defs/a"}, ("$ref",), "leads to nothing in this schema"),
    "a reference to an anchor": ({"$ref": "#a", "$defs": {"x": {"$anchor": "a"}}}, ("$ref",), "leads to nothing"),
    "a base of its own": ({"$id": "https://a.example/s.json"}, ("$id",), "$id is not taken here"),
    "a dynamic reference": ({"$dynamicRef": "#a"}, ("$dynamicRef",), "$dynamicRef is not taken here"),
    "another dialect": ({"$schema": "http://json-schema.org/draft-07/schema#"}, ("$schema",), "of 2020-12"),
    "another dialect, further down": (
        {"not": {"$schema": "http://json-schema.org/draft-04/schema#"}}, ("not", "$schema"), "of 2020-12",
    ),
    "the whole schema again": ({"properties": {"a": {"$ref": "#"}}}, ("properties", "a", "$ref"), "leads to nothing"),
    "itself, by a definition": (
        {"$defs": {"a": {"items": {"$ref": "#/$defs/a"}}}, "$ref": "#/$defs/a"}, ("$defs", "a"), ENDLESS,
    ),
    "itself, at once": ({"$defs": {"a": {"$ref": "#/$defs/a"}}}, ("$defs", "a"), ENDLESS),
    "each other": (
        {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"not": {"$ref": "#/$defs/a"}}}}, ("$defs", "a"), ENDLESS,
    ),
    "an unbalanced pattern": ({"pattern": "("}, ("pattern",), "no pattern that runs in linear time"),
    "a look-ahead": ({"pattern": "(?=a)"}, ("pattern",), "no pattern that runs in linear time"),
    "a back-reference": ({"pattern": r"(a)\1"}, ("pattern",), "no pattern that runs in linear time"),
    "a pattern that grows": ({"pattern": "((a{200}){200}){200}"}, ("pattern",), "no pattern that runs in linear time"),
    "a pattern as a key": ({"patternProperties": {"(?!a)": {}}}, ("patternProperties", "(?!a)"), "no pattern"),
    "a pattern deep down": (
        {"properties": {"a": {"items": {"pattern": "["}}}}, ("properties", "a", "items", "pattern"), "no pattern",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_what_is_wrong_with_a_schema(case: str) -> None:
    schema, path, words = FAULTS[case]
    found = SCHEMAS.faults(schema)
    assert any(fault.path == path and words in fault.message for fault in found), found
    assert SCHEMAS.problems(schema, {"a": [1]}) == ()


def nested(levels: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(levels):
        found = {"not": found}
    return found


def doubling(levels: int) -> dict[str, Any]:
    """Each definition refers twice to the next: small to write, 2 ** levels to evaluate."""
    return {
        "$ref": "#/$defs/d0",
        "$defs": {
            **{f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(levels)},
            f"d{levels}": {"type": "string"},
        },
    }


def chain(length: int) -> dict[str, Any]:
    definitions: dict[str, Any] = {f"d{n}": {"$ref": f"#/$defs/d{n + 1}"} for n in range(length)}
    return {"$ref": "#/$defs/d0", "$defs": {**definitions, f"d{length}": {}}}


BOMBS: dict[str, dict[str, Any]] = {
    "deep": nested(60),
    "deep and wrong": {"properties": {"a": nested(60)}, "type": "x"},
    "deep properties": {"properties": {"a": {"properties": {"b": nested(40)}}}},
    "wide": {"properties": {f"p{n}": {"type": "string"} for n in range(20_000)}},
    "wide alternatives": {"anyOf": [{"type": "string"}] * 20_000},
    "doubling": doubling(40),
    "a long chain": chain(1500),
    "many wrong": {"properties": {f"p{n}": {"type": "x"} for n in range(1500)}},
    "many patterns": {"properties": {f"p{n}": {"pattern": f"a{{{n % 100 + 1}}}"} for n in range(1500)}},
}


@pytest.mark.parametrize("case", BOMBS)
def test_a_bomb_is_refused_in_bounded_time(case: str) -> None:
    started = time.process_time()
    found = SCHEMAS.faults(BOMBS[case])
    assert SCHEMAS.problems(BOMBS[case], {"a": "b"}) == ()
    assert time.process_time() - started < 5
    assert bool(found) is (case != "many patterns")


def test_no_bomb_ends_the_process() -> None:
    script = """
import sys
sys.path.insert(0, sys.argv[1])
from test_json_schemas import BOMBS, SCHEMAS
print(all(isinstance(SCHEMAS.faults(schema), tuple) for schema in BOMBS.values()))
"""
    folder = __file__.rpartition("/")[0]
    done = subprocess.run([sys.executable, "-c", script, folder], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"


keywords = st.sampled_from(
    ["type", "properties", "items", "anyOf", "$ref", "$defs", "pattern", "required", "enum", "not", "a", "$id"]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["string", "#/$defs/a", "a", "(", "#", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keywords, inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(keywords, anything, max_size=4), anything)
def test_any_schema_gets_an_answer_and_only_faultless_ones_judge(schema: dict[str, Any], value: Any) -> None:
    schemas = JsonSchemas()
    found = schemas.faults(schema)
    problems = schemas.problems(schema, value)
    assert not (found and problems)
    for fault in (*found, *problems):
        assert isinstance(fault, SchemaProblem)
        assert fault.message.isprintable()
