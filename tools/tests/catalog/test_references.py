"""References are found wherever the fields of a kind say, in the order of the fields."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tarmac.catalog.references import references
from tarmac.model.documents import Document, Entity
from tarmac.model.json_value import JsonValue
from tarmac.model.kinds import KindInfo, RefField
from tarmac.model.places import Places
from tarmac.model.refs import Ref

FIELDS = (
    ("spec", "owner"),
    ("spec", "uses", "*"),
    ("spec", "by"),
    ("spec", "by", "*"),
    ("spec", "deep", "*", "ref"),
    ("spec", "deep", "*", "anyOf", "*"),
    ("metadata", "about", "*"),
    ("spec", "*"),
    ("spec", "late"),
)
INFO = KindInfo(("tarmac/v1",), "Thing", tuple(RefField(path, "thing") for path in FIELDS))


def found(data: Mapping[str, JsonValue], info: KindInfo = INFO) -> list[tuple[str, str]]:
    document = Document("x.yaml", 0, data, Places("x.yaml", lambda: (1, 1, None)))
    entity = Entity(Ref.of("thing", "x"), "Thing", document)
    told = references(entity, info)
    assert all(one.target == Ref.of("thing", one.text) for one in told)
    return [("/".join(one.field.path), "/".join(map(str, one.path))) for one in told]


def test_they_stand_in_the_order_of_the_fields_whatever_the_order_of_the_keys() -> None:
    deep: list[JsonValue] = [{"anyOf": ["f", "g"]}, {"ref": "e"}, {"anyOf": ["h"], "ref": "i"}]
    data: dict[str, JsonValue] = {
        "spec": {"deep": deep, "by": ["c", 1, "d"], "uses": ["b"], "owner": "a"},
        "metadata": {"about": ["k"]},
    }
    assert found(data) == [
        ("spec/owner", "spec/owner"),
        ("spec/uses/*", "spec/uses/0"),
        ("spec/by/*", "spec/by/0"),
        ("spec/by/*", "spec/by/2"),
        ("spec/deep/*/ref", "spec/deep/1/ref"),
        ("spec/deep/*/ref", "spec/deep/2/ref"),
        ("spec/deep/*/anyOf/*", "spec/deep/0/anyOf/0"),
        ("spec/deep/*/anyOf/*", "spec/deep/0/anyOf/1"),
        ("spec/deep/*/anyOf/*", "spec/deep/2/anyOf/0"),
        ("metadata/about/*", "metadata/about/0"),
        ("spec/*", "spec/owner"),
    ]


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ({"by": "a"}, [("spec/by", "spec/by"), ("spec/*", "spec/by")]),
        ({"uses": {"a": "b", "c": 1, "d": "e"}}, [("spec/uses/*", "spec/uses/a"), ("spec/uses/*", "spec/uses/d")]),
        ({"by": {"a": "b"}}, [("spec/by/*", "spec/by/a")]),
        ({"deep": {"a": {"ref": "b"}}}, [("spec/deep/*/ref", "spec/deep/a/ref")]),
        ({"uses": [["a"], {"b": "c"}], "owner": ["a"], "deep": ["a"]}, []),
        ({"late": "a"}, [("spec/*", "spec/late"), ("spec/late", "spec/late")]),
        (["a", {"owner": "b"}], [("spec/*", "spec/0")]),
        ({"owner": None, "uses": None, "deep": [None, {"ref": None, "anyOf": None}]}, []),
        ("owner", []),
        (None, []),
    ],
)
def test_they_are_found_in_every_shape_that_a_field_may_have(spec: JsonValue, wanted: list[tuple[str, str]]) -> None:
    assert found({"spec": spec}) == wanted


def test_kinds_of_one_name_keep_their_own_fields() -> None:
    for path in FIELDS[:4]:
        info = KindInfo(("tarmac/v1",), "Thing", (RefField(path, "thing"),))
        assert found({"spec": {"owner": "a"}}, info) == ([("spec/owner", "spec/owner")] if path[1] == "owner" else [])
