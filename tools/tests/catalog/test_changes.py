"""What changed between two catalogs: entities, not text."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.catalog.changes import CatalogChange, changes, differences, same
from tarmac.model.json_value import JsonValue
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


def test_true_is_not_one_and_one_is_not_one_point_nought() -> None:
    values: list[JsonValue] = [True, 1, 1.0, "1", None, [], {}]
    for index, one in enumerate(values):
        assert [same(one, other) for other in values] == [index == place for place in range(len(values))]


@given(VALUES, VALUES)
def test_there_are_differences_exactly_where_values_are_not_the_same(one: JsonValue, other: JsonValue) -> None:
    there, back = list(differences(one, other)), list(differences(other, one))
    assert bool(there) == (not same(one, other))
    assert [(d.path, d.before, d.after) for d in there] == [(d.path, d.after, d.before) for d in back]
