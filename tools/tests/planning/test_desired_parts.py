"""From a request of a composed type to the wishes for its parts, through the real catalog."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tarmac.model.plan import Desired
from tarmac.planning.desired import desired
from tests.trees import catalog_of, company, request

STACK = """apiVersion: tarmac/v1
kind: ResourceType
metadata: {name: stack}
spec:
  owner: one
  category: compute
  compose:
    - {name: data, type: disk@1.0.0, config: {gb: "{config.gb}"}}
    - {name: logs, type: disk@1.0.0, config: {gb: 1}, needs: [data]}
  versions: [{name: 1.0.0, status: active, schema: {type: object, properties: {gb: {default: 5}}}}]
  environments: {staging: {ttl: {default: 3d}}}
"""
REQUEST = request("env", "").replace("disk@1.0.0", "stack@1.0.0")
ENV = "resourcerequest:default/env"


def wishes(stack: str = STACK, **files: str) -> dict[str, Desired]:
    texts = company() | {"catalog/stack.yaml": stack, "requests/one/staging/env.yaml": REQUEST}
    found = desired(catalog_of(texts | files), {})
    return {want.request: want for want in found}


def test_each_part_is_a_wish_of_its_own_type_with_the_values_of_the_whole() -> None:
    found = wishes()
    assert list(found) == [f"{ENV}#data", f"{ENV}#logs"]
    data, logs = found.values()
    assert (data.type_text, data.category, data.provider) == ("disk@1.0.0", "storage", "embedded")
    assert (data.config["gb"], logs.config["gb"]) == (5, 1)
    assert data.owner == logs.owner == "group:default/one"
    assert data.ttl == logs.ttl == timedelta(days=3)
    assert data.temporary == logs.temporary == ("staging",)
    assert (data.needs, logs.needs) == ((), (f"{ENV}#data",))
    assert data.hold is None


def test_earlier_names_are_those_of_the_parts() -> None:
    renamed = REQUEST + "  previously: [old]\n"
    data, logs = wishes(**{"requests/one/staging/env.yaml": renamed}).values()
    assert data.previously == ("resourcerequest:default/old#data",)
    assert logs.previously == ("resourcerequest:default/old#logs",)


def test_who_depends_on_the_whole_depends_on_every_part() -> None:
    user = request("user", "gb: 1") + "  dependsOn: [resourcerequest:env]\n"
    assert wishes(**{"requests/one/staging/user.yaml": user})["resourcerequest:default/user"].needs == (
        f"{ENV}#data",
        f"{ENV}#logs",
    )


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        (
            "type: disk@1.0.0, config: {gb: 1}",
            "type: disk@7.0.0",
            "its part logs is of disk@7.0.0, which cannot be had",
        ),
        ("type: disk@1.0.0, config: {gb: 1}", "type: none@1.0.0", "its part logs is of none@1.0.0, which cannot be"),
        ("type: disk@1.0.0, config: {gb: 1}", "type: stack@1.0.0", "its part logs is of stack@1.0.0, which cannot be"),
        ("{gb: 1}", '{gb: "{config.x}y"}', "the config of its part logs cannot be told: config.x is not there"),
        ("needs: [data]", "needs: [date]", "its part logs needs date, which is no part"),
        ("name: logs", "name: data", "two parts of its type have one name"),
    ],
)
def test_parts_that_cannot_all_be_told_hold_the_whole(old: str, new: str, why: str) -> None:
    assert old in STACK
    (whole,) = wishes(STACK.replace(old, new)).values()
    assert whole.request == ENV
    assert whole.hold is not None
    assert whole.hold.startswith(why)
