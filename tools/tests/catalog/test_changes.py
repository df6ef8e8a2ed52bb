"""What changed between two catalogs: entities, not text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.catalog.changes import CatalogChange, changes, changes_among, differences
from tarmac.catalog.differing import differing, same
from tarmac.catalog.view import CatalogView
from tarmac.model.documents import Document, Entity
from tarmac.model.json_value import JsonValue
from tarmac.model.places import Places
from tarmac.model.refs import Ref
from tests.trees import catalog_of, component, request

VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.floats(0, 2) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab", max_size=1), inner, max_size=3),
    max_leaves=8,
)


def change(base: Mapping[str, str], head: Mapping[str, str], renamed: Mapping[str, str] | None = None) -> CatalogChange:
    return changes(catalog_of(base), catalog_of(head), renamed)


def test_comments_order_and_quotes_are_no_change() -> None:
    one = "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata: {name: a}\nspec: {type: team, children: []}\n"
    two = "# why\nkind: Group\napiVersion: 'backstage.io/v1alpha1'\nspec:\n  children: []\n  type: team\n"
    two += "metadata: {name: a}\n"
    assert not change({"teams/a.yaml": one}, {"teams/a.yaml": two})


def test_added_changed_and_removed_are_told_by_reference_with_each_value() -> None:
    base = {"a.yaml": component("a"), "b.yaml": component("b", "dependsOn: [component:a]")}
    head = {"b.yaml": component("b", "dependsOn: [component:c]"), "c.yaml": component("c")}
    found = change(base, head)
    assert [entity.ref.name for entity in found.added] == ["c"]
    assert [entity.ref.name for entity in found.removed] == ["a"]
    (changed,) = found.changed
    assert [(field.name, field.before, field.after) for field in changed.fields] == [
        ("spec.dependsOn[0]", "component:a", "component:c")
    ]


def test_an_entity_in_another_file_has_moved_and_is_not_new() -> None:
    found = change({"a.yaml": component("a")}, {"b/a.yaml": component("a")})
    assert [(moved.old_path, moved.new_path) for moved in found.moved] == [("a.yaml", "b/a.yaml")]
    assert not found.added
    assert not found.removed
    assert not found.changed


def test_a_request_that_says_its_old_name_is_renamed() -> None:
    found = change({"a.yaml": request("old")}, {"b.yaml": request("new", "gb: 20", more="  previously: [old]\n")})
    (renamed,) = found.renamed
    assert (renamed.old.ref.name, renamed.new.ref.name, renamed.declared) == ("old", "new", True)
    assert not found.added
    assert not found.removed


def test_a_name_that_still_exists_cannot_be_an_old_name() -> None:
    both = {"a.yaml": request("old"), "b.yaml": request("new", more="  previously: [old]\n")}
    found = change({"a.yaml": request("old")}, both)
    assert [entity.ref.name for entity in found.added] == ["new"]
    assert not found.renamed


@pytest.mark.parametrize(("config", "renamed"), [("gb: 10", True), ("gb: 11", False)])
def test_a_renamed_file_renames_its_entity_only_when_nothing_else_differs(config: str, renamed: bool) -> None:
    found = change({"a.yaml": request("old", "gb: 10")}, {"b.yaml": request("new", config)}, {"a.yaml": "b.yaml"})
    assert [one.declared for one in found.renamed] == ([False] if renamed else [])
    assert len(found.added) == len(found.removed) == (0 if renamed else 1)


def test_each_part_is_in_order_of_reference() -> None:
    base = {f"{name}.yaml": component(name) for name in ("e", "d", "b", "a")}
    base |= {"y.yaml": request("y"), "x.yaml": request("x")}
    head = {f"{name}.yaml": component(name) for name in ("j", "i")}
    head |= {
        "z/e.yaml": component("e", "dependsOn: [component:q]"),
        "z/d.yaml": component("d", "dependsOn: [component:q]"),
    }
    head |= {"w.yaml": request("w", more="  previously: [y]\n"), "v.yaml": request("v", more="  previously: [x]\n")}
    found = change(base, head)
    assert [entity.ref.name for entity in found.added] == ["i", "j"]
    assert [one.new.ref.name for one in found.changed] == ["d", "e"]
    assert [entity.ref.name for entity in found.removed] == ["a", "b"]
    assert [(one.old.ref.name, one.new.ref.name) for one in found.renamed] == [("x", "v"), ("y", "w")]
    assert [(one.ref.name, one.old_path, one.new_path) for one in found.moved] == [
        ("d", "d.yaml", "z/d.yaml"),
        ("e", "e.yaml", "z/e.yaml"),
    ]


ONE = component("a")


@pytest.mark.parametrize(
    ("base", "head"),
    [
        ({}, {"a.yaml": ONE}),
        ({"a.yaml": ONE}, {}),
        ({"a.yaml": ONE}, {"a.yaml": component("a", "dependsOn: [component:q]")}),
        ({"a.yaml": ONE}, {"b.yaml": ONE}),
        ({"a.yaml": request("a")}, {"a.yaml": request("b", more="  previously: [a]\n")}),
    ],
)
def test_any_part_of_it_is_a_change(base: Mapping[str, str], head: Mapping[str, str]) -> None:
    assert change(base, head)
    assert not change(base, base)


def test_a_rename_tells_what_else_differs() -> None:
    found = change({"a.yaml": request("old")}, {"b.yaml": request("new", "gb: 20", more="  previously: [old]\n")})
    assert [(field.name, field.before, field.after) for field in found.renamed[0].fields] == [
        ("metadata.name", "old", "new"),
        ("spec.config.gb", None, 20),
        ("spec.previously", None, ["old"]),
    ]


def test_of_several_old_names_the_first_that_is_gone_is_taken() -> None:
    base = {"b.yaml": request("b"), "c.yaml": request("c")}
    found = change(base, {"n.yaml": request("n", more="  previously: [a, b, c]\n")})
    assert [(one.old.ref.name, one.new.ref.name) for one in found.renamed] == [("b", "n")]
    assert [entity.ref.name for entity in found.removed] == ["c"]
    # Two that claim one name: the first of them was it, the other is new.
    both = {name: request(name[0], more="  previously: [b]\n") for name in ("m.yaml", "n.yaml")}
    found = change({"b.yaml": request("b")}, both)
    assert [(one.old.ref.name, one.new.ref.name) for one in found.renamed] == [("b", "m")]
    assert [entity.ref.name for entity in found.added] == ["n"]


def two(first: str, second: str) -> str:
    return f"{first}---\n{second}"


@pytest.mark.parametrize(
    ("base", "head", "renamed"),
    [
        # The same document of the file, of the same kind.
        (two(request("a"), request("b")), two(request("c"), request("d")), [("a", "c"), ("b", "d")]),
        (two(request("a"), component("s")), two(component("s"), request("c")), []),
        (request("a"), component("a"), []),
        (request("a"), request("c", owner="two"), []),
    ],
)
def test_a_renamed_file_renames_document_by_document(base: str, head: str, renamed: list[tuple[str, str]]) -> None:
    found = change({"old.yaml": base}, {"new.yaml": head}, {"old.yaml": "new.yaml"})
    assert [(one.old.ref.name, one.new.ref.name) for one in found.renamed] == renamed
    assert not change({"old.yaml": base}, {"new.yaml": head}, {"other.yaml": "new.yaml"}).renamed


def test_what_says_its_old_name_is_not_renamed_by_its_file_as_well() -> None:
    base = {"a.yaml": request("a"), "b.yaml": request("b")}
    head = {"c.yaml": request("c", more="  previously: [b]\n")}
    found = change(base, head, {"a.yaml": "c.yaml"})
    assert [(one.old.ref.name, one.declared) for one in found.renamed] == [("b", True)]
    assert [entity.ref.name for entity in found.removed] == ["a"]


def test_only_what_may_differ_is_looked_at() -> None:
    base, head = catalog_of({"a.yaml": ONE}), catalog_of({"b.yaml": component("b")})
    found = changes_among(base, head, [Ref.of("component", "b")])
    assert ([one.ref.name for one in found.added], found.removed) == (["b"], ())


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"a": 1, "b": 2}, {"a": 1, "c": 2}, [(".b", 2, None), (".c", None, 2)]),
        ({"X": 1}, {"X": 2}, [(".X", 1, 2)]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, [(".a.b[1]", 2, 3)]),
        ([1, 2], [1, 2, 3], [("", [1, 2], [1, 2, 3])]),
        ([1, 2], [2, 1], [("[0]", 1, 2), ("[1]", 2, 1)]),
        ("ab", "ac", [("", "ab", "ac")]),
        ("ab", ["a", "b"], [("", "ab", ["a", "b"])]),
        (["a", "b"], "ab", [("", ["a", "b"], "ab")]),
        ({}, [], [("", {}, [])]),
        ([], {}, [("", [], {})]),
        ({"b": 1, "a": 1}, {"b": 2, "a": 2}, [(".a", 1, 2), (".b", 1, 2)]),
    ],
)
def test_each_value_that_differs_is_told_in_order_of_path(
    before: JsonValue, after: JsonValue, expected: list[tuple[str, JsonValue, JsonValue]]
) -> None:
    found = [(one.name, one.before, one.after) for one in differences(before, after)]
    assert found == [(name.removeprefix("."), old, new) for name, old, new in expected]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": 1}, {"b": 1}),
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": True}),
        ([1], [1, 2]),
        ([1], [2]),
        ([1], [1.0]),
        ("a", ["a"]),
        ({}, []),
        ("a", "b"),
    ],
)
def test_other_values_are_not_the_same(one: JsonValue, other: JsonValue) -> None:
    assert not same(one, other)
    assert not same(other, one)
    assert same(one, one)
    assert same([one, {"x": other}], [one, {"x": other}])


def test_true_is_not_one_and_one_is_not_one_point_nought() -> None:
    values: list[JsonValue] = [True, 1, 1.0, "1", None, [], {}]
    for index, one in enumerate(values):
        assert [same(one, other) for other in values] == [index == place for place in range(len(values))]


@given(VALUES, VALUES)
def test_there_are_differences_exactly_where_values_are_not_the_same(one: JsonValue, other: JsonValue) -> None:
    there, back = list(differences(one, other)), list(differences(other, one))
    assert bool(there) == (not same(one, other))
    assert [(d.path, d.before, d.after) for d in there] == [(d.path, d.after, d.before) for d in back]


REF = Ref.of("component", "a")
DATA = st.dictionaries(st.text("ab", max_size=1), VALUES, max_size=4)


class Only:
    """A catalog of one entity."""

    def __init__(self, data: Mapping[str, JsonValue]) -> None:
        self.entity = Entity(REF, "Component", Document("a.yaml", 0, data, Places("a.yaml", lambda: (1, 1, None))))

    def get(self, ref: Ref) -> Entity:
        assert ref == REF
        return self.entity


@given(DATA, DATA)
def test_what_is_told_of_where_they_differ_changes_nothing(
    one: Mapping[str, JsonValue], other: Mapping[str, JsonValue]
) -> None:
    sides = cast(CatalogView, Only(one)), cast(CatalogView, Only(other))
    there = list(differing(one, other))
    assert changes_among(*sides, [REF], known=lambda ref: there if ref == REF else None) == changes_among(*sides, [REF])
