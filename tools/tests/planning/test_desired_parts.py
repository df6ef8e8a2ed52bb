"""From a request of a composed type to the wishes for its parts, through the real catalog."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from tarmac.model.plan import Desired
from tarmac.planning.desired import desired
from tests.trees import DISK, catalog_of, company, request

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


def wishes(
    stack: str = STACK, files: Mapping[str, str] | None = None, holds: Mapping[str, str] | None = None
) -> dict[str, Desired]:
    texts = company() | {"catalog/stack.yaml": stack, "requests/one/staging/env.yaml": REQUEST}
    found = desired(catalog_of(texts | dict(files or {})), holds or {})
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
    data, logs = wishes(files={"requests/one/staging/env.yaml": renamed}).values()
    assert data.previously == ("resourcerequest:default/old#data",)
    assert logs.previously == ("resourcerequest:default/old#logs",)


def test_who_depends_on_the_whole_depends_on_every_part() -> None:
    user = request("user", "gb: 1") + "  dependsOn: [resourcerequest:env]\n"
    assert wishes(files={"requests/one/staging/user.yaml": user})["resourcerequest:default/user"].needs == (
        f"{ENV}#data",
        f"{ENV}#logs",
    )


def test_what_ends_and_how_is_said_by_the_whole_and_how_old_a_credential_gets_by_the_part() -> None:
    stack = STACK.replace("ttl: {default: 3d}", "ttl: {default: 3d, grace: 1d}").replace(
        "  category: compute\n", "  category: compute\n  rotation: 9d\n"
    )
    disk = DISK.replace("  category: storage\n", "  category: storage\n  rotation: 30d\n").replace(
        "staging: {ttl: {default: 7d, max: 30d}}", "staging: {}"
    )
    for part in wishes(stack, {"catalog/types/disk.yaml": disk}).values():
        assert (part.grace, part.temporary) == (timedelta(days=1), ("staging",))
        assert part.rotation == timedelta(days=30)


def test_what_holds_the_whole_holds_each_part() -> None:
    found = wishes(holds={ENV: "an error"})
    assert {want.request: want.hold for want in found.values()} == dict.fromkeys(
        (f"{ENV}#data", f"{ENV}#logs"), "an error"
    )
    (whole,) = wishes(STACK.replace("name: logs", "name: data"), holds={ENV: "an error"}).values()
    assert (whole.request, whole.hold) == (ENV, "an error")


def test_a_part_comes_after_the_needs_of_the_whole_and_of_its_own_each_once() -> None:
    needy = REQUEST + "  dependsOn: [resourcerequest:net]\n"
    files = {"requests/one/staging/env.yaml": needy, "requests/one/staging/net.yaml": request("net", "gb: 1")}
    data, logs, net = wishes(STACK.replace("needs: [data]", "needs: [data, data]"), files).values()
    assert (data.needs, net.needs) == (("resourcerequest:default/net",), ())
    assert logs.needs == ("resourcerequest:default/net", f"{ENV}#data")


def test_a_type_that_is_made_of_nothing_holds_the_whole() -> None:
    nothing = (
        STACK[: STACK.index("    - {name: data")].replace("compose:", "compose: []") + STACK[STACK.index("  vers") :]
    )
    (whole,) = wishes(nothing).values()
    assert (whole.request, whole.hold) == (ENV, "its type has no parts")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("{gb: 1}", '{gb: "{config.x}y"}', "the config of its part logs cannot be told: config.x is not there"),
        ("needs: [data]", "needs: [date]", "its part logs needs date, which is no part"),
        ("needs: [data]", "needs: [data, z, date]", "its part logs needs date, which is no part"),
        ("name: logs", "name: data", "two parts of its type have one name"),
    ],
)
def test_parts_that_cannot_all_be_told_hold_the_whole(old: str, new: str, why: str) -> None:
    assert old in STACK
    (whole,) = wishes(STACK.replace(old, new)).values()
    assert (whole.request, whole.hold) == (ENV, why)


@pytest.mark.parametrize("kind", ["disk@7.0.0", "none@1.0.0", "stack@1.0.0"])
def test_a_part_whose_type_cannot_be_had_holds_the_whole(kind: str) -> None:
    (whole,) = wishes(STACK.replace("type: disk@1.0.0, config: {gb: 1}", f"type: {kind}")).values()
    assert (whole.request, whole.hold) == (ENV, f"its part logs is of {kind}, which cannot be had")
