"""Patterns that Python's own engine tells: those that take it no longer than the linear one, with the same word."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarmac.adapters.cel_patterns import plain_pattern
from tarmac.adapters.cel_values import compile_pattern, finder
from tests.examples import examples

PLAIN = [
    ("^[a-z][a-z0-9-]{2,62}$", "a-1", "a-"),
    ("^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "2026-01-31", "2026-01-3"),
    ("^(?:CC-[0-9]{4})$", "CC-1234", "CC-12345"),
    ("^$", "", "\n"),
    ("^a\\.b$", "a.b", "a-b"),
    ("^[A-Z_./]+:x$", "A_./:x", ":x"),
    ("^x{0,100}$", "", "y"),
    ("^x{1,}$", "xx", ""),
    ("^[a-]$", "-", "b"),
    ("^-/:_$", "-/:_", ""),
    ("^" + "a" * 98 + "$", "a" * 98, "a" * 97),
]
OTHER = [
    "a+", "^a+", "a+$", "a{1,2}$", "a|b", "^a|b$", "^a+b+$", "^a?b?$", "^(a)$", "^(?:a$", "^a)$", "^(?:a)(?:b)$", "^.$",
    "^\\d$", "^[^a]$",
    "^[é]$", "^é$", "^[z-a]$", "^a{2}{3}$", "^a{101}$", "^a{0,101}$", "^a{3,2}$", "^a**$", "^[]$", "^[a-Z]$",
    "^[[:alpha:]]$", "^(?i:a)$", "^ $", "^a$\n", "^" + "a" * 99 + "$", "^a{1000}$",
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "matched", "other"), PLAIN)
def test_what_has_one_part_of_more_than_one_number_is_told(pattern: str, matched: str, other: str) -> None:
    told = plain_pattern(pattern)
    assert told is not None
    assert (told(matched), told(other), told(f"{matched}\n")) == (True, False, False)
    assert (finder(pattern)(matched), finder(pattern)(other), finder(pattern)(f"{matched}\n")) == (True, False, False)


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        ("CC-[0-9]{4}", {"CC-1234": True, "xCC-12345": True, "CC-123": False, "": False}),
        ("^CC", {"CC": True, "CCx": True, "xCC": False, "x\nCC": False}),
        ("CC$", {"CC": True, "xCC": True, "CCx": False, "CC\n": False}),
        ("(?:a)", {"a": True, "bab": True, "b": False}),
        ("", {"": True, "a": True}),
    ],
)
def test_what_has_no_such_part_may_stand_anywhere(pattern: str, texts: Mapping[str, bool]) -> None:
    told = plain_pattern(pattern)
    assert told is not None
    for text, word in texts.items():
        assert told(text) is word is (compile_pattern(pattern).search(text) is not None)


@pytest.mark.parametrize("pattern", [*OTHER, "^a*b?$"])
def test_whatever_else_is_left_to_the_linear_engine(pattern: str) -> None:
    assert plain_pattern(pattern) is None


def test_a_text_beyond_ascii_is_left_to_the_linear_engine() -> None:
    found = finder("^[a-z]+$")
    assert [found(text) for text in ("a", "é", "aé", "\u212a", "b")] == [True, False, False, False, True]
    with pytest.raises(UnicodeEncodeError):
        found("\ud800")


PIECES = [
    "a", "b", "-", "_", ".", ":", "/", "\\.", "[a-z]", "[a-c0-9-]", "[A-Z_]", "[z-a]", "{2}", "{1,3}", "{2,}", "{3,1}",
    "*", "+", "?", "(?:", ")", "^", "$", "[", "]", "{0}", "[:a:]", "\n", "|",
]  # fmt: skip


@settings(max_examples=examples(2000), deadline=None)
@given(
    st.sampled_from(["^", "^", ""]),
    st.lists(st.sampled_from(PIECES), max_size=5),
    st.sampled_from(["$", "$", ""]),
    st.lists(st.sampled_from([*"ab-_.:/A09", "\n"]), max_size=5),
)
def test_both_engines_say_the_same(begin: str, pieces: list[str], end: str, letters: list[str]) -> None:
    pattern, text = f"{begin}{''.join(pieces)}{end}", "".join(letters)
    told = plain_pattern(pattern)
    if told is not None:
        assert told(text) is (compile_pattern(pattern).search(text) is not None)
