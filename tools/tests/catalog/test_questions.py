"""What policies ask of a catalog: what a thing needs, and which version it is made from."""

from __future__ import annotations

import pytest

from tarmac.catalog.questions import needs, version
from tarmac.model.refs import Ref
from tests.trees import api, catalog_of, company, component, request

WORLD = company(
    **{
        "catalog/a/catalog-info.yaml": component(
            "a",
            "consumesApis: [b-api, c-api, lost], dependsOn: ['component:d', 'resource:feed', 'component:e'], "
            "tarmac: {dependencies: [{ref: 'api:c-api', strength: soft}, "
            "{anyOf: ['component:d', 'component:e']}]}",
        ),
        "catalog/b/catalog-info.yaml": component("b", "providesApis: [b-api]"),
        "catalog/b2/catalog-info.yaml": component("b2", "providesApis: [b-api]"),
        "catalog/c/catalog-info.yaml": component("c", "providesApis: [c-api]"),
        "catalog/d/catalog-info.yaml": component("d", "dependencyOf: ['component:e']"),
        "catalog/e/catalog-info.yaml": component("e"),
        "catalog/apis.yaml": api("b-api") + "---\n" + api("c-api"),
        "requests/one/staging/r.yaml": request("r"),
        "requests/one/staging/s.yaml": request("s").replace("disk@1.0.0", "disk@9.0.0"),
    }
)
TEMPLATE = """\
apiVersion: scaffolder.backstage.io/v1beta3
kind: Template
metadata: {name: path, annotations: {tarmac/version: "1.10.0", tarmac/oldest-supported: "1.9.0"}}
spec: {type: service, owner: one, steps: []}
"""


@pytest.mark.parametrize(
    ("name", "needed"),
    [
        ("a", ["component:default/b", "component:default/b2", "resource:default/feed"]),
        ("d", []),
        ("e", ["component:default/d"]),
    ],
)
def test_what_is_needed_is_what_is_hard_and_one_step_away(name: str, needed: list[str]) -> None:
    assert [str(ref) for ref in needs(catalog_of(WORLD), Ref.of("component", name))] == needed


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("resourcerequest:default/r", {"of": "resourcetype:default/disk", "name": "1.0.0", "status": "active"}),
        ("resourcerequest:default/s", {}),
        ("component:default/a", {}),
    ],
)
def test_the_version_of_a_request_is_its_types(name: str, seen: dict[str, str]) -> None:
    catalog = catalog_of(WORLD)
    entity = catalog.get(name)
    assert entity is not None
    assert version(catalog, entity) == seen


@pytest.mark.parametrize(
    ("stated", "status"),
    [
        ("path@1.9.0", "active"),
        ("path@1.10.0", "active"),
        ("path@1.8.11", "deprecated"),
        ("path@0.99.99", "deprecated"),
        ("path@latest", "unknown"),
        ("path", None),
        ("other@1.9.0", None),
        ("path@", None),
    ],
)
def test_versions_of_golden_paths_are_compared_as_numbers(stated: str, status: str | None) -> None:
    made = component("a").replace("{name: a}", f'{{name: a, annotations: {{tarmac/golden-path: "{stated}"}}}}')
    catalog = catalog_of({**WORLD, "catalog/a/catalog-info.yaml": made, "templates/path/template.yaml": TEMPLATE})
    entity = catalog.get("component:default/a")
    assert entity is not None
    found = version(catalog, entity)
    assert found.get("status") == status
    assert found == ({} if status is None else {**found, "of": "template:default/path", "latest": "1.10.0"})


def test_what_stands_in_a_file_is_in_the_order_written() -> None:
    catalog = catalog_of(WORLD)
    assert [str(ref) for ref in catalog.in_file("catalog/apis.yaml")] == ["api:default/b-api", "api:default/c-api"]
    assert catalog.in_file("catalog/none.yaml") == ()
