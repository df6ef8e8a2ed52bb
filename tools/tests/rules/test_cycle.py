"""Circles of what needs what: hard ones, told once each, whoever of them is looked at."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from tarmac.catalog.index import Catalog
from tarmac.model.refs import Ref
from tarmac.rules.cycle import RULE, check, knots
from tests.rules.worlds import catalog_of, settings_of


def component(
    name: str, *depends: str, soft: Iterable[str] = (), of: Iterable[str] = (), kind: str = "Component"
) -> str:
    stated = [{"ref": one, "strength": "soft"} for one in soft]
    lines = [
        "apiVersion: backstage.io/v1alpha1", f"kind: {kind}", f"metadata: {{name: {name}}}", "spec:", "  type: service",
        "  lifecycle: production", "  owner: one", f"  dependsOn: {json.dumps(depends)}",
        f"  dependencyOf: {json.dumps(list(of))}", f"  tarmac: {{dependencies: {json.dumps(stated)}}}", "---", "",
    ]  # fmt: skip
    return "\n".join(lines)


API = """\
apiVersion: backstage.io/v1alpha1
kind: API
metadata: {name: x}
spec: {type: openapi, lifecycle: production, owner: one, definition: x}
---
"""


def found(catalog: Catalog) -> list[str]:
    messages = [finding.message.rpartition(": ")[0] for finding in check(catalog, settings_of(catalog))]
    members = [sorted(ref.name for ref in knot.members) for knot in knots(catalog)]
    assert len(messages) == len(members)
    assert set(messages) <= {"a circle of dependencies that are all hard"}
    return ["".join(names) for names in members]


A, B, C, D = (f"component:{name}" for name in "abcd")


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (component("a", B) + component("b"), []),
        (component("a", B) + component("b", A), ["ab"]),
        (component("a", A), ["a"]),
        (component("a", A, soft=[A]), []),
        (component("a", B, soft=[B]) + component("b", A), []),
        (component("a", B) + component("b", of=[A]), []),
        (component("a", of=[B]) + component("b", of=[A]), ["ab"]),
        (component("a", B) + component("b", of=["component:c"]) + component("c", A) + component("d", C), []),
        (component("a", B) + component("b", C) + component("c", A) + component("d", C), ["abc"]),
        # One that is soft leaves a smaller circle.
        (component("a", B) + component("b", A, C, soft=[C]) + component("c", A, D) + component("d", C), ["ab", "cd"]),
        (component("a", B) + component("b", A) + component("c", D) + component("d", C), ["ab", "cd"]),
        (component("r", "component:a", kind="Resource") + component("a", "resource:r"), ["ar"]),
        # Of an API only others say what it depends on.
        (component("a", "api:x", of=["api:x"]) + API, ["ax"]),
        (component("a", "api:x", "component:none") + API, []),
    ],
)
def test_hard_circles_are_found(content: str, expected: list[str]) -> None:
    assert sorted(found(catalog_of(content))) == expected


def test_each_member_of_a_circle_leads_to_it_and_no_other_entity_does() -> None:
    content = component("a", "api:x", of=["api:x"]) + API + component("b", A) + component("c")
    catalog = catalog_of(content)
    for name, kind, members in [
        ("a", "component", ["ax"]),
        ("x", "api", ["ax"]),
        ("b", "component", []),
        ("c", "component", []),
    ]:
        assert found(catalog.focused([Ref.of(kind, name)])) == members


def test_the_way_round_is_shown_and_where_it_begins() -> None:
    catalog = catalog_of(component("b", A) + component("a", C) + component("c", B))
    (finding,) = RULE.find(catalog, settings_of(catalog))
    way = " -> ".join(f"component:default/{name}" for name in "acba")
    assert finding.message == f"a circle of dependencies that are all hard: {way}"
    assert finding.entity == "component:default/a"
