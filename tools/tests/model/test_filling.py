"""Templates of data: values go in as they are, and nothing that a value says is ever read as a template."""

from __future__ import annotations

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from tarmac.errors import ExpressionError
from tarmac.model.filling import LONGEST, MOST, fill, holes
from tarmac.model.json_value import JsonValue

HOSTILE = ["{{7*7}}", "{config.other}", "{% x %}", "${HOME}", "../x", "\x1b[31m", "a: b\n- c", "'\"`$(id)"]

VALUES: st.SearchStrategy[JsonValue] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(), below, max_size=3),
    max_leaves=8,
)


@for_all(VALUES)
def test_a_text_that_is_one_hole_becomes_the_value_whatever_it_is(value: JsonValue) -> None:
    assert fill("{config.x}", {"config": {"x": value}}) == value
    assert fill({"a": ["{config.x}"]}, {"config": {"x": value}}) == {"a": [value]}


@for_all(st.text())
def test_a_value_within_a_text_stands_there_as_it_is(value: str) -> None:
    assert fill("<{config.x}>", {"config": {"x": value}}) == f"<{value}>"


@pytest.mark.parametrize("value", HOSTILE)
def test_what_a_value_says_is_never_a_template(value: str) -> None:
    facts = {"config": {"x": value, "other": "secret"}}
    assert fill(["{config.x}", "-{config.x}-"], facts) == [value, f"-{value}-"]


def test_what_is_no_text_stays_and_keys_are_never_filled() -> None:
    template: JsonValue = {"{config.x}": 1, "b": [True, None, 2.5], "c": {}}
    assert fill(template, {"config": {"x": "y"}}) == template


def test_braces_are_doubled() -> None:
    assert fill("{{{config.x}}}", {"config": {"x": 3}}) == "{3}"


def test_numbers_and_truth_become_text_within_a_text() -> None:
    facts: dict[str, JsonValue] = {"config": {"n": 12, "yes": True, "no": False}}
    assert fill("{config.n}Gi {config.yes} {config.no}", facts) == "12Gi true false"


def test_what_is_not_there_is_left_out_of_mappings_and_lists_and_refused_in_a_text() -> None:
    assert fill({"a": "{config.x}", "b": ["{config.x}", 1]}, {"config": {}}) == {"b": [1]}
    assert fill("{config.x}", {}) is None
    with pytest.raises(ExpressionError, match=r"config\.x is not there"):
        fill("a{config.x}", {"config": {}})


@pytest.mark.parametrize("value", [None, [1], {"a": 1}, 1.5])
def test_what_has_no_plain_text_is_refused_within_one(value: JsonValue) -> None:
    with pytest.raises(ExpressionError, match="no text and no whole number"):
        fill("a{config.x}", {"config": {"x": value}})


def test_a_choice_takes_what_stands_under_the_value() -> None:
    template: JsonValue = {
        "$choose": "{config.size}",
        "from": {"small": {"cpu": "{config.n}"}, "true": 1, "7": "seven"},
    }
    assert fill(template, {"config": {"size": "small", "n": 2}}) == {"cpu": 2}
    assert fill(template, {"config": {"size": True}}) == 1
    assert fill(template, {"config": {"size": 7}}) == "seven"


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ({"$choose": "{config.size}", "from": {"small": 1}}, "huge is none of small"),
        ({"$choose": "{config.none}", "from": {"small": 1}}, "nothing is none of small"),
        ({"$choose": "{config.size}"}, "stands beside from"),
        ({"$choose": "{config.size}", "from": {"huge": 1}, "else": 2}, "and no more"),
        ({"$choose": "{config.size}", "from": ["huge"]}, "stands beside from"),
    ],
)
def test_a_choice_that_is_not_offered_is_refused(template: JsonValue, why: str) -> None:
    with pytest.raises(ExpressionError, match=why):
        fill(template, {"config": {"size": "huge"}})


@pytest.mark.parametrize("text", ["{1 + 1}", "{config.x()}", "{config['x']}", "{config.x", "}", "{}", "{.x}", "{a..b}"])
def test_only_paths_of_names_are_holes(text: str) -> None:
    with pytest.raises(ExpressionError):
        fill(text, {"config": {"x": 1}})
    with pytest.raises(ExpressionError):
        tuple(holes([{"deep": text}]))


def test_the_holes_of_a_template_are_told_in_order() -> None:
    template: JsonValue = {"a": "{config.x}-{config.y.z}", "b": [{"c": "{ uid }"}], "d": 3}
    assert tuple(holes(template)) == (("config", "x"), ("config", "y", "z"), ("uid",))


def test_values_cannot_make_a_flood_of_a_template() -> None:
    with pytest.raises(ExpressionError, match=f"more than {LONGEST} characters"):
        fill("{config.x}{config.x}", {"config": {"x": "x" * (LONGEST // 2 + 1)}})
    with pytest.raises(ExpressionError, match=f"more than {MOST} characters"):
        fill(["{config.x}"] * 100, {"config": {"x": "x" * 10_000}})
