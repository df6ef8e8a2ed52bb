"""On the format of Backstage's kinds, our verdict is Backstage's own.

The verdicts were taken from its default policies and kind validators (npm @backstage/catalog-model 1.10.1 and
@backstage/plugin-scaffolder-common), by running them over the examples and tens of thousands of mutations of them; here
stands one case of each class in which a plain reading of its schemas goes wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tarmac.adapters.schema_check import Gate
from tarmac.model.documents import Document
from tarmac.model.places import Places

GATE = Gate()
SPECS: dict[str, dict[str, Any]] = {
    "Component": {"type": "a", "lifecycle": "b", "owner": "c"},
    "API": {"type": "a", "lifecycle": "b", "owner": "c", "definition": "d"},
    "Resource": {"type": "a", "owner": "c"},
    "System": {"owner": "c"},
    "Domain": {"owner": "c"},
    "Group": {"type": "a", "children": []},
    "User": {"memberOf": []},
    "Location": {},
    "Template": {"type": "a", "steps": []},
}


def takes(
    kind: str = "Component",
    *,
    metadata: Mapping[str, Any] | None = None,
    version: str | None = None,
    spec: Mapping[str, Any] | None = None,
    without: str | None = None,
) -> bool:
    """Whether the gate takes an otherwise right document."""
    usual = "scaffolder.backstage.io/v1beta3" if kind == "Template" else "backstage.io/v1alpha1"
    return accepted(
        {
            "apiVersion": version or usual,
            "kind": kind,
            "metadata": {"name": "x", **(metadata or {})},
            "spec": {key: value for key, value in (SPECS[kind] | dict(spec or {})).items() if key != without},
        }
    )


def accepted(data: Mapping[str, Any]) -> bool:
    return GATE.problems(Document("x.yaml", 0, data, Places("x.yaml", lambda: (1, 1, None)))) == ()


@pytest.mark.parametrize("kind", SPECS)
def test_the_least_that_a_kind_needs(kind: str) -> None:
    assert takes(kind)
    for field in SPECS[kind]:
        assert not takes(kind, without=field), field
        assert not takes(kind, spec={field: None}), field
    assert takes(kind, spec={"extra": {"anything": [None]}})
    assert takes(kind, metadata={"extra": None})


@pytest.mark.parametrize("kind", [kind for kind in SPECS if kind != "Template"])
def test_both_versions(kind: str) -> None:
    assert takes(kind, version="backstage.io/v1beta1")
    assert not takes(kind, version="backstage.io/v1beta2")
    assert not takes(kind, version="scaffolder.backstage.io/v1beta3")


def test_a_template_is_of_the_scaffolder_only() -> None:
    assert not takes("Template", version="backstage.io/v1alpha1")


@pytest.mark.parametrize("field", ["relations", "status", "extra", ""])
def test_nothing_else_at_the_root(field: str) -> None:
    right = {"apiVersion": "backstage.io/v1alpha1", "kind": "Location", "metadata": {"name": "x"}, "spec": {}}
    assert accepted(right)
    assert not accepted({**right, field: []})


METADATA: list[tuple[dict[str, Any], bool]] = [
    ({"namespace": None}, False),
    ({"namespace": "a--b"}, True),
    ({"namespace": "A"}, False),
    ({"namespace": "a_b"}, False),
    ({"title": " "}, True),
    ({"title": ""}, False),
    ({"title": None}, False),
    ({"description": ""}, True),
    ({"description": None}, False),
    ({"uid": ""}, False),
    ({"etag": 1}, False),
    ({"labels": None}, False),
    ({"labels": []}, False),
    ({"labels": {}}, True),
    ({"labels": {"a": ""}}, True),
    ({"labels": {"a": " "}}, False),
    ({"labels": {"a": 1}}, False),
    ({"labels": {"a": None}}, False),
    ({"labels": {"a/b/c": "d"}}, False),
    ({"labels": {"": "d"}}, False),
    ({"labels": {"a\n": "d"}}, False),
    ({"labels": {"a": "d\n"}}, False),
    ({"annotations": {"a": ""}}, True),
    ({"annotations": {"a": "any thing\n"}}, True),
    ({"annotations": {"a": {}}}, False),
    ({"annotations": {"A.b/c": "d"}}, False),
    ({"tags": []}, True),
    ({"tags": ["a:b#c+"]}, True),
    ({"tags": ["a--b"]}, False),
    ({"tags": [""]}, False),
    ({"tags": [None]}, False),
    ({"tags": "a"}, False),
    ({"links": [{}]}, False),
    ({"links": [{"url": "https://a.example", "extra": 1}]}, True),
    ({"links": [{"url": "https://a.example", "title": " "}]}, False),
    ({"links": [{"url": "https://a.example", "title": "\ufeff"}]}, False),
    ({"links": [{"url": "https://a.example", "icon": ""}]}, False),
    ({"links": [{"url": "https://a.example", "type": " "}]}, True),
    ({"links": [{"url": "https://a.example", "type": ""}]}, False),
    ({"links": [{"url": "./docs"}]}, False),
    ({"links": [{"url": "//a.example"}]}, False),
    ({"links": [{"url": "a.example"}]}, False),
    ({"links": [{"url": "https:a.example"}]}, True),
    ({"links": [{"url": "https://"}]}, False),
    ({"links": [{"url": "https://a b"}]}, False),
    ({"links": [{"url": "https://a.example:99999"}]}, False),
    ({"links": [{"url": "javascript:alert(1)"}]}, True),
    ({"links": [{"url": " https://a.example \n"}]}, True),
    ({"links": ["https://a.example"]}, False),
]


@pytest.mark.parametrize(("metadata", "taken"), METADATA, ids=repr)
def test_metadata(metadata: dict[str, Any], taken: bool) -> None:
    assert takes(metadata=metadata) is taken


@pytest.mark.parametrize(
    ("name", "taken"),
    [("a--b", True), ("A.b_c", True), ("a", True), ("x" * 63, True), ("x" * 64, False), ("", False), ("a ", False),
     ("-a", False), ("a.", False), ("a\n", False), ("é", False), (1, False), (None, False)],
)  # fmt: skip
def test_names(name: Any, taken: bool) -> None:
    assert takes(metadata={"name": name}) is taken


SPEC: list[tuple[str, dict[str, Any], bool]] = [
    ("Component", {"type": " "}, True),
    ("Component", {"type": ""}, False),
    ("Component", {"owner": "a b:c/d/e"}, True),
    ("Component", {"system": None}, False),
    ("Component", {"dependsOn": ["foo"]}, True),
    ("Component", {"dependsOn": [""]}, False),
    ("Component", {"dependsOn": "component:a"}, False),
    ("Component", {"dependencyOf": None}, True),
    ("Component", {"dependencyOf": "component:a"}, True),
    ("Component", {"dependencyOf": [None, 5]}, True),
    ("Resource", {"dependencyOf": {}}, True),
    ("Resource", {"lifecycle": None}, True),
    ("API", {"definition": " "}, True),
    ("API", {"definition": {}}, False),
    ("Domain", {"type": ""}, False),
    ("Group", {"profile": {}}, True),
    ("Group", {"profile": {"email": ""}}, False),
    ("Group", {"profile": {"email": "no address"}}, True),
    ("Group", {"profile": None}, False),
    ("Group", {"members": [None]}, False),
    ("User", {"memberOf": ["", ""]}, False),
    ("User", {"profile": []}, False),
    ("Location", {"presence": "maybe"}, False),
    ("Location", {"presence": "optional"}, True),
    ("Location", {"target": ""}, False),
    ("Location", {"targets": []}, True),
    ("Template", {"owner": ""}, False),
    ("Template", {"parameters": []}, True),
    ("Template", {"parameters": [5]}, False),
    ("Template", {"parameters": None}, False),
    ("Template", {"parameters": {"backstage:permissions": {"tags": "a"}}}, False),
    ("Template", {"steps": [{}]}, False),
    ("Template", {"steps": [{"action": ""}]}, True),
    ("Template", {"steps": [{"action": "a", "if": 5}]}, False),
    ("Template", {"steps": [{"action": "a", "if": False}]}, True),
    ("Template", {"steps": [{"action": "a", "input": []}]}, False),
    ("Template", {"output": {"links": [{}]}}, True),
    ("Template", {"output": {"links": [{"url": ""}]}}, False),
    ("Template", {"output": {"other": 5}}, False),
    ("Template", {"output": {"other": ""}}, True),
    ("Template", {"secrets": {"schema": []}}, False),
    ("Template", {"EXPERIMENTAL_recovery": {"EXPERIMENTAL_strategy": ""}}, True),
    ("Template", {"EXPERIMENTAL_formDecorators": [{"id": 1}]}, False),
]


@pytest.mark.parametrize(("kind", "spec", "taken"), SPEC, ids=repr)
def test_spec(kind: str, spec: dict[str, Any], taken: bool) -> None:
    assert takes(kind, spec=spec) is taken


@pytest.mark.parametrize("kind", SPECS)
def test_only_our_own_part_is_stricter(kind: str) -> None:
    assert takes(kind, spec={"tarmac": {}})
    assert not takes(kind, spec={"tarmac": None})
    assert not takes(kind, spec={"tarmac": {"unknown": 1}})
