"""The generated schemas: fresh, right by JSON Schema itself, of one opinion with the gate and with a second engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.schema_check import Gate, load_kinds
from tarmac.adapters.schema_export import (
    SchemaExport,
    bundle,
    catalog_schema,
    editor_schema,
    file_name,
    kind_name,
    kinds,
)
from tarmac.adapters.schema_files import SchemaFolder
from tarmac.adapters.yaml_reader import read_documents
from tarmac.app import schema
from tarmac.model import KINDS
from tarmac.model.base import Kind
from tarmac.model.documents import Document

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "tools" / "tests" / "examples"
MODELS = tuple(kinds())


def examples(model: type[Kind]) -> tuple[Document, ...]:
    path = EXAMPLES / file_name(kind_name(model)).replace(".schema.json", ".yaml")
    return read_documents(path.name, path.read_bytes())[0]


def test_generated_files_are_fresh() -> None:
    assert schema.stale(SchemaExport(), SchemaFolder(ROOT)) == ()


def test_the_same_bytes_each_time() -> None:
    assert SchemaExport().files() == SchemaExport().files()


@pytest.mark.parametrize("model", MODELS, ids=kind_name)
def test_schemas_are_right_by_the_meta_schema(model: type[Kind]) -> None:
    jsonschema.Draft202012Validator.check_schema(editor_schema(model))


def test_the_bundle_is_compact_and_speaks_to_nobody() -> None:
    text = json.dumps(bundle())
    assert '"description"' not in text.replace('"description":{', "").replace('"description": {', "")
    assert len(text) < 200_000


@pytest.mark.parametrize("model", MODELS, ids=kind_name)
def test_an_editor_takes_what_the_gate_takes(model: type[Kind]) -> None:
    validator = jsonschema.Draft202012Validator(editor_schema(model))
    for document in examples(model):
        assert [error.message for error in validator.iter_errors(document.data)] == []


def test_the_schema_of_everything_picks_by_kind() -> None:
    everything = jsonschema_rs.Draft202012Validator(catalog_schema(), offline=True)
    for model in MODELS:
        for document in examples(model):
            assert everything.is_valid(document.data), document.path
            assert not everything.is_valid({**document.data, "unknown": 1}), document.path
            assert not everything.is_valid({**document.data, "apiVersion": "nobody/v1"}), document.path


def test_references_in_the_bundle_lead_to_kinds() -> None:
    known = {name.lower() for name in KINDS}
    for info in load_kinds().values():
        for field in info.references:
            assert field.default_kind in known | {None}
            assert set(field.allowed) <= known
            assert not field.allowed or field.default_kind in (*field.allowed, None)


def test_reference_fields_of_a_component() -> None:
    found = {".".join(field.path): field for field in load_kinds()["backstage.io/v1alpha1", "Component"].references}
    assert set(found) == {
        "spec.owner", "spec.system", "spec.subcomponentOf", "spec.providesApis.*", "spec.consumesApis.*",
        "spec.dependsOn.*", "spec.dependencyOf", "spec.dependencyOf.*", "spec.tarmac.dependencies.*.ref",
        "spec.tarmac.dependencies.*.anyOf.*",
    }  # fmt: skip
    assert found["spec.dependsOn.*"].default_kind is None
    assert found["spec.owner"].allowed == ("group", "user")


small = st.recursive(
    st.sampled_from([None, True, False, -1, 0, 5, 0.5, 2.5, "", "a", "A b", "1d", "5%", "2026-12-31"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["a", "name", "ref", "from"]), inner, max_size=2)
    ),
    max_leaves=4,
)


@st.composite
def mutated(draw: st.DrawFn) -> Mapping[str, Any]:
    """A document of an example with one node dropped or replaced."""
    document = draw(st.sampled_from([document for model in MODELS for document in examples(model)]))

    def changed(value: Any, depth: int) -> Any:
        if depth == 0 or not isinstance(value, (dict, list)) or not value:
            return draw(small)
        keys = list(value) if isinstance(value, dict) else range(len(value))
        at = draw(st.sampled_from(keys))
        items = {key: changed(value[key], depth - 1) if key == at else value[key] for key in keys}
        if depth == 1 and draw(st.booleans()):
            del items[at]
        return items if isinstance(value, dict) else list(items.values())

    found = changed(document.data, draw(st.integers(1, 7)))
    assert isinstance(found, dict)
    return found


# The bundle's schemas under the reference implementation; patterns there run in Python's own engine.
REFERENCE = {
    entry["kind"]: jsonschema.Draft202012Validator(
        entry["schema"], format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    for entry in bundle()["kinds"]
}
GATE = Gate()


@given(mutated())
def test_the_fast_engine_agrees_with_the_reference(data: Mapping[str, Any]) -> None:
    key = (data.get("apiVersion"), data.get("kind"))
    info = GATE.kinds.get(key) if all(isinstance(part, str) for part in key) else None  # type: ignore[arg-type]
    if info is None or "$text" in json.dumps(data):
        return
    document = Document("catalog/x.yaml", 0, data, examples(MODELS[0])[0].places)
    assert (GATE.problems(document) == ()) == REFERENCE[info.kind].is_valid(data)
