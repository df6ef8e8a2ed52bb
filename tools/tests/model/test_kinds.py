"""Every kind is known, documented, has an example, and its model and its schema say the same."""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

import tarmac.model
from tarmac.adapters.schema_check import load_kinds
from tarmac.adapters.schema_export import editor_schema, file_name, kind_name, kinds
from tarmac.adapters.yaml_reader import read_documents
from tarmac.model import KINDS, load_model
from tarmac.model.base import Kind
from tarmac.model.documents import Document
from tarmac.model.entity_meta import EntityLink, EntityMeta, Meta, NoSettings

EXAMPLES = Path(__file__).parents[1] / "examples"


def example(kind: str) -> tuple[Document, ...]:
    """The documents of the kind's example file."""
    path = EXAMPLES / file_name(kind).replace(".schema.json", ".yaml")
    found, findings = read_documents(path.name, path.read_bytes())
    assert findings == ()
    return found


def test_kinds_names_every_kind_in_the_folder() -> None:
    modules = [import_module(f"tarmac.model.{module.name}") for module in pkgutil.iter_modules(tarmac.model.__path__)]
    found = {
        f"{module.__name__}:{name}"
        for module in modules
        for name, value in inspect.getmembers(module, inspect.isclass)
        if issubclass(value, Kind) and value.__module__ == module.__name__ and "kind" in value.model_fields
    }
    assert found == set(KINDS.values())


def test_kinds_are_named_as_they_name_themselves() -> None:
    assert [kind_name(model) for model in kinds()] == list(KINDS)


def test_load_model_wants_the_right_pair() -> None:
    assert load_model("backstage.io/v1beta1", "Component").__name__ == "Component"
    with pytest.raises(KeyError):
        load_model("tarmac/v1", "Component")
    with pytest.raises(KeyError):
        load_model("tarmac/v1", "Componnet")


@pytest.mark.parametrize("kind", KINDS)
def test_the_model_takes_the_example_and_gives_it_back(kind: str) -> None:
    for document in example(kind):
        assert document.kind_key in load_kinds()
        model = load_model(*(document.kind_key or ("", "")))
        read = model.model_validate(document.data)
        assert read.model_dump(by_alias=True, exclude_unset=True, mode="json") == document.data


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_shows_every_field(kind: str) -> None:
    found = [model for document in example(kind) for model in _models(_read(document))]
    given: dict[type[BaseModel], set[str]] = {}
    for model in found:
        given.setdefault(type(model), set()).update(model.model_fields_set)
    specs = {model: fields for model, fields in given.items() if model.__module__.startswith("tarmac.model.")}
    missing = {
        f"{model.__name__}.{name}"
        for model, fields in specs.items()
        for name, field in model.model_fields.items()
        if name not in fields
        and not field.deprecated
        and field.annotation != NoSettings | None
        and not (issubclass(model, Meta | EntityMeta | EntityLink) and name != "uid")
    }
    assert missing - _SHOWN_BY_ANOTHER.get(kind, set()) == set()


# Fields that exclude those of the example, or that only make sense in another kind's example.
_SHOWN_BY_ANOTHER = {
    "SLO": {"RatioMetric.bad", "IndicatorSpec.description", "IndicatorSpec.threshold_metric", "SloSpec.indicator_ref",
            "PolicySpec.description", "PolicySpec.alert_when_no_data", "PolicySpec.alert_when_breaching",
            "PolicySpec.alert_when_resolved", "SloMeta.display_name", "SloMeta.labels", "SloMeta.annotations"},
    "SLI": {"IndicatorSpec.ratio_metric", "MetricSource.type", "SloMeta.display_name", "SloMeta.labels",
            "SloMeta.annotations"},
    "DataSource": {"SloMeta.display_name", "SloMeta.labels", "SloMeta.annotations"},
    "Service": {"SloMeta.labels", "SloMeta.annotations"},
    "AlertPolicy": {"SloMeta.display_name", "SloMeta.labels", "SloMeta.annotations", "ConditionSpec.description"},
    "AlertCondition": {"SloMeta.display_name", "SloMeta.labels", "SloMeta.annotations"},
    "Exemption": {"ExemptionSpec.target"},
    "AlertNotificationTarget": {"SloMeta.display_name", "SloMeta.labels", "SloMeta.annotations"},
}  # fmt: skip


def _read(document: Document) -> BaseModel:
    return load_model(*(document.kind_key or ("", ""))).model_validate(document.data)


def _models(value: object) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
        for name in value.model_fields_set & set(type(value).model_fields):
            yield from _models(getattr(value, name))
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _models(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _models(item)


@pytest.mark.parametrize("model", tuple(kinds()), ids=kind_name)
def test_an_editor_has_a_sentence_for_every_field(model: type[Kind]) -> None:
    schema = editor_schema(model)
    silent = [place for place, node in _properties(schema, "") if not _description(node, schema)]
    assert silent == []


def _description(node: Mapping[str, Any], schema: Mapping[str, Any]) -> str | None:
    target = schema["$defs"].get(node.get("$ref", "").removeprefix("#/$defs/"), {})
    found: str | None = node.get("description") or target.get("description")
    return found


def _properties(node: Any, place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(node, list):
        for item in node:
            yield from _properties(item, place)
    if not isinstance(node, dict):
        return
    for name, sub in node.get("properties", {}).items():
        yield f"{place}.{name}", sub
    for key, sub in node.items():
        if key == "properties" or key == "$defs":
            for name, inner in sub.items():
                yield from _properties(inner, f"{place}.{name}")
        elif key not in ("examples", "default", "enum", "oneOf"):
            yield from _properties(sub, place)


@pytest.mark.parametrize("model", tuple(kinds()), ids=kind_name)
def test_every_model_is_frozen_and_strict_about_unknown_fields(model: type[Kind]) -> None:
    assert model.model_config["frozen"]
    assert model.model_config["extra"] == "forbid"


def test_a_number_is_no_amount_and_a_text_no_number() -> None:
    (document,) = example("Budget")
    text = {**document.data, "spec": {**_spec(document), "amounts": [{"from": "2026-01-01", "limit": 12.5}]}}
    number = {**document.data, "spec": {**_spec(document), "quota": {"requests": "many"}}}
    for data in (text, number):
        with pytest.raises(ValidationError):
            load_model("tarmac/v1", "Budget").model_validate(data)


def _spec(document: Document) -> Mapping[str, Any]:
    spec = document.data["spec"]
    assert isinstance(spec, dict)
    return spec
