"""What is said to write instead of an expression of another language, or with a slip of the hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.cel import Cel
from tarmac.errors import ExpressionError
from tarmac.model.expressions import POLICY_FACTS, POLICY_FUNCTIONS
from tarmac.model.scalars import offset_of
from tarmac.rules.expression_fixes import suggest

NAMES = (*POLICY_FACTS, *POLICY_FUNCTIONS)


def told(source: str) -> tuple[int, str]:
    """(where, what to write) of an expression that does not compile."""
    with pytest.raises(ExpressionError) as caught:
        Cel().compile(source, POLICY_FACTS, POLICY_FUNCTIONS)
    offset = min(offset_of(source, caught.value.line, caught.value.column), len(source.rstrip()))
    _, at, fix = suggest(str(caught.value), source, offset, NAMES)
    return at, fix


@pytest.mark.parametrize(
    ("source", "at", "fix"),
    [
        ('object.a = "x"', 9, "write == for ="),
        ("object.a === 1", 11, "write == for ==="),
        ("object.a <> 1", 10, "write != for <>"),
        ("object.a & true", 9, "write && for &"),
        ("object.a | true", 9, "write || for |"),
        ("object.a and true", 9, "write && for and"),
        ("not object.a", 4, "write ! for not"),
        ('object.a.startWith("x")', 9, "write startsWith"),
        ("object.a.exsts(y, y)", 9, "write exists"),
        ("sze(object) == 1", 0, "write size"),
        ('targts(ref, "x") == []', 0, "write targets"),
        ("objct.a == 1", 0, "write object"),
        ("object.spec.pricing.0.quantity == 1", 19, "write object.spec.pricing[0]"),
        ('object.labels.data-class == "x"', 19, 'write ["data-class"] for the key data-class: in a name, - is minus'),
        ('object.a == "x', 12, "close the quote"),
        ("(object.a", 9, "add the ) that is missing"),
        ("object.a)", 8, "take the ) out, or add the bracket that it closes"),
        ("True", 0, "write true"),
        ("object.a &&", 11, "write what comes behind &&, or take it out"),
        ("object.a ==  ", 11, "write what comes behind ==, or take it out"),
        ("object.a && || true", 12, "correct the expression at this place"),
    ],
)
def test_a_fix_says_what_to_write(source: str, at: int, fix: str) -> None:
    assert told(source) == (at, fix)


def test_a_function_that_there_is_is_not_called_unknown() -> None:
    assert told('object.a.startsWith("a", "b")') == (9, "look up what it takes")


def test_a_value_in_the_place_of_a_function_is_written_without_brackets() -> None:
    for source in ("object() == 1", "object( ) == 1"):
        assert told(source) == (0, "write object without brackets if it is a value, else what it takes")
    assert told("object(1) == 1") == (0, "look up what it takes")


@given(st.text(alphabet="object.a=&|()[]'\"0!-exists, \n\x1b", max_size=80), st.integers(0, 80))
def test_a_place_is_within_the_expression_whatever_it_is(source: str, offset: int) -> None:
    for message in ("nothing is called 'a' here", "syntax error: x", "anything"):
        _, at, fix = suggest(message, source, min(offset, len(source)), NAMES)
        assert 0 <= at <= len(source)
        assert fix.isprintable()
