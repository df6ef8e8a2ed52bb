"""What is told at once of a request's tags: that they are right, where they are, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tarmac.catalog.index import Catalog
from tarmac.model.json_value import JsonValue
from tarmac.rules.tag_right import RightTags
from tests.tags.test_tags import policy, world
from tests.trees import catalog_of, request

PATH = "requests/one/staging/r.yaml"


def told(entries: str, labels: str = "", normalize: str = "{}", **files: str) -> tuple[bool, list[tuple[str, Any]]]:
    """Whether all is right where `fits` takes what an entry names as `values`, and what that was asked of."""
    catalog: Catalog = catalog_of({**world(labels, policy(entries, normalize)), **files})
    asked: list[tuple[str, Any]] = []

    def fits(value: str, entry: JsonValue) -> bool:
        assert isinstance(entry, dict)
        asked.append((value, entry["key"]))
        return value in entry["values"]

    (tags,) = catalog.of_kind("tagpolicy")
    right = RightTags(catalog, tags, fits)
    entity = catalog.get("resourcerequest:default/r")
    assert entity is not None
    found = right.tells(entity)
    assert right.tells(entity) is found
    return found, asked


@pytest.mark.parametrize(
    ("entries", "labels", "right", "asked"),
    [
        ("", "", True, []),
        ("{key: team, values: [one]}", "", True, [("one", "team")]),
        ("{key: team, values: [one]}", "team: two", True, [("one", "team")]),
        ("{key: team, values: [two]}", "team: two", False, [("one", "team")]),
        ("{key: cost-center, values: [CC-1234]}", "", True, [("CC-1234", "cost-center")]),
        ("{key: service, values: [shop]}", "", True, [("shop", "service")]),
        ("{key: environment, values: [staging]}", "", True, [("staging", "environment")]),
        ("{key: request, values: [r]}", "", True, [("r", "request")]),
        ("{key: managed-by, values: [tarmac]}", "", True, [("tarmac", "managed-by")]),
        ("{key: colour, values: [red]}", "colour: red", True, [("red", "colour")]),
        ("{key: colour, values: [red]}", "colour: blue", False, [("blue", "colour")]),
        ("{key: colour, values: [red]}", "", True, []),
        ("{key: colour, required: true, values: [red]}", "", False, []),
        ("{key: colour, required: false, values: [red]}", "", True, []),
        ("{key: colour, required: true, values: ['']}", "colour: ''", True, [("", "colour")]),
        ("{key: backup, values: [nightly]}", "", True, [("nightly", "backup")]),
        ("{key: backup, values: [nightly]}", "backup: never", False, [("never", "backup")]),
        ("{key: colour, required: true, values: [red], environments: [production]}", "", True, []),
        ("{key: colour, required: true, values: [red], environments: [staging]}", "", False, []),
        ("{key: a, values: [x]}, {key: b, values: [y]}", "a: x, b: y", True, [("x", "a"), ("y", "b")]),
        ("{key: a, values: [x]}, {key: b, values: [y]}", "a: x, b: x", False, [("x", "a"), ("x", "b")]),
        ("{key: a, values: [x], environments: [production]}, {key: a, values: [y]}", "a: y", True, [("y", "a")]),
    ],
)
def test_it_is_told_that_all_is_right(entries: str, labels: str, right: bool, asked: list[tuple[str, str]]) -> None:
    assert told(entries, labels) == (right, asked)


def test_names_that_are_one_are_not_right_with_two_values() -> None:
    normalize = "{trim: true, case: lower}"
    assert told("{key: colour, values: [red]}", "Colour: red, colour: red", normalize) == (True, [("red", "colour")])
    assert told("{key: colour, values: [red]}", "Colour: red, colour: blue", normalize) == (False, [])
    assert told("{key: other, values: [red]}", "Colour: red, colour: blue", normalize) == (False, [])


def test_of_a_type_that_there_is_not_nothing_is_told() -> None:
    asked = {PATH: request("r").replace("disk@", "none@")}
    assert told("{key: backup, values: [nightly]}", **asked) == (True, [])
    assert told("{key: backup, required: true, values: [nightly]}", **asked) == (False, [])


def test_what_cannot_be_known_is_no_value() -> None:
    asked = {PATH: request("r").replace("component:default/shop", "component:default/none")}
    assert told("{key: service, required: true, values: [shop]}", **asked) == (False, [])
