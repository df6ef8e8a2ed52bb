"""Where two documents differ: nowhere else, and in every way that a reader of them could tell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.catalog.differing import differing
from tarmac.model.json_value import Path


@pytest.mark.parametrize(
    ("before", "after", "paths"),
    [
        ({"a": 1}, {"a": 1}, set()),
        ({"a": 1}, {"a": True}, {("a",)}),
        ({"a": 1}, {"a": 1.0}, {("a",)}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {("a", "c")}),
        ({"a": {"b": 1}}, {"a": {}}, {("a", "b")}),
        ({"a": {}}, {"a": {"b": None}}, {("a", "b")}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 2, "b": 1}}, {("a",)}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"c": 2, "x": 0, "b": 1}}, {("a",)}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "x": 0, "c": 2}}, {("a", "x")}),
        ({"a": [1, 2]}, {"a": [1, 3]}, {("a", 1)}),
        ({"a": [1, 2]}, {"a": [1]}, {("a",)}),
        ({"a": [1]}, {"a": {}}, {("a",)}),
        ({"a": {}}, {"a": []}, {("a",)}),
        ({"a": None}, {"a": ""}, {("a",)}),
    ],
)
def test_where_documents_differ(before: Any, after: Any, paths: set[Path]) -> None:
    assert set(differing(before, after)) == paths


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=6,
)


def at(value: Any, path: Path) -> Any:
    for step in path:
        value = value.get(step, at) if isinstance(value, Mapping) else value[step]
    return value


@given(VALUES, VALUES)
def test_values_are_the_same_text_but_for_where_they_differ(before: Any, after: Any) -> None:
    found = list(differing(before, after))
    assert (not found) == (repr(before) == repr(after))
    assert all(repr(at(before, path)) != repr(at(after, path)) for path in found)
