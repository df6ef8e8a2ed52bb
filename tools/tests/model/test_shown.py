"""Values in messages: short, on one line, visible."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.model.json_value import JsonValue, Path
from tarmac.model.shown import a_kind_of, nearest, one_of, shown, visible, where


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", '"a"'),
        ("", '""'),
        ("a\nb\x1b[0m", r'"a\u000ab\u001b[0m"'),
        ("\U000e0001", r'"\U000e0001"'),
        ("x" * 100, '"' + "x" * 60 + '..."'),
        (True, "true"),
        (None, "null"),
        (5, "5"),
        (-2.5, "-2.5"),
        ([1], "a list"),
        ({}, "a mapping"),
    ],
)
def test_shown(value: JsonValue, text: str) -> None:
    assert shown(value) == text


def test_a_giant_number_is_not_written_out() -> None:
    assert shown(10**5000) == "a number of more than 38 digits"


@given(st.text(), st.integers(1, 80))
def test_visible_is_printable_and_bounded(text: str, limit: int) -> None:
    found = visible(text, limit)
    assert found.isprintable()
    assert len(found) <= limit + 3


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), "the document"),
        (("spec", "thresholds", 2, "at"), "spec.thresholds[2].at"),
        (("metadata", "labels", "a.b/c"), 'metadata.labels."a.b/c"'),
        ((0, "a"), "[0].a"),
        (("metadata", "cost-center"), "metadata.cost-center"),
        (("x\n",), r'"x\u000a"'),
    ],
)
def test_where(path: Path, text: str) -> None:
    assert where(path) == text


def test_where_keeps_the_end_of_a_long_path() -> None:
    found = where(("spec", *["deeper"] * 30, "end"))
    assert found.startswith("...")
    assert found.endswith(".deeper.end")
    assert len(found) == 63


@pytest.mark.parametrize(
    ("word", "words", "expected"),
    [
        ("ownr", ["owner", "other"], "owner"),
        ("Production", ["production", "staging"], "production"),
        ("zzz", ["owner"], None),
        ("owner", [], None),
        ("a" * 10_000, ["a" * 64], "a" * 64),
    ],
)
def test_nearest(word: str, words: list[str], expected: str | None) -> None:
    assert nearest(word, words) == expected


@pytest.mark.parametrize(
    ("choices", "text"),
    [
        (["a"], "a"),
        (["a", "b", "c"], "a, b or c"),
        ([True, 5, ""], 'true, 5 or ""'),
        ([*"abcdefghijklmn"], "a, b, c, d, e, f, g, h, i, j, k, l or 2 more"),
    ],
)
def test_one_of(choices: list[JsonValue], text: str) -> None:
    assert one_of(choices) == text


def test_a_kind_of_knows_every_kind_of_value() -> None:
    values: list[JsonValue] = [None, True, 1, 1.5, "a", {}, []]
    assert [a_kind_of(value) for value in values] == [
        "nothing", "true or false", "a number", "a number", "a text", "a mapping", "a list",
    ]  # fmt: skip


def test_no_choice_is_said_as_nothing() -> None:
    assert one_of(()) == "nothing"
