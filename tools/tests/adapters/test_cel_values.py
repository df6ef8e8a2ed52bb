"""Facts reach the expression engine as lists and dictionaries of plain values, or not at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.cel_values import to_cel
from tarmac.model.expressions import Fact

TEXTS = st.text(max_size=8) | st.sampled_from(["", "a (b)", "<b>", "\\x00", "\0", "\1", "a\1", "it's", 'say "x0"'])
PLAIN = st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 63) - 1) | TEXTS
OTHERS = (
    st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-1000, max_value=1000)
    | st.just(datetime(2026, 11, 2, tzinfo=UTC))
    | st.just(timedelta(hours=3))
)
FACTS: st.SearchStrategy[Fact] = st.recursive(
    PLAIN | OTHERS,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(TEXTS, inner, max_size=3)
        | st.dictionaries(TEXTS, inner, max_size=3).map(MappingProxyType)
    ),
    max_leaves=12,
)


def outcome(value: Fact) -> object:
    try:
        return to_cel(value)
    except ValueError as error:
        return str(error)


def is_plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(type(key) is str and is_plain(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(map(is_plain, value))
    return value is None or type(value) in (bool, int, str, bytes)


@given(st.dictionaries(TEXTS, FACTS, max_size=4))
def test_a_document_is_converted_as_every_part_of_it_is(document: dict[str, Fact]) -> None:
    whole, in_a_list = outcome(document), outcome([document])
    assert whole == (in_a_list if isinstance(in_a_list, str) else in_a_list[0])  # type: ignore[index]


@given(FACTS)
def test_only_plain_values_reach_the_engine(fact: Fact) -> None:
    converted = outcome({"fact": fact})
    assert isinstance(converted, str) or is_plain(converted)


@pytest.mark.parametrize("text", ["production\0x", "\0"])
@pytest.mark.parametrize("wrap", [lambda text: {"a": text}, lambda text: {text: 1}, lambda text: {"a": [{"b": text}]}])
def test_a_text_that_the_engine_would_cut_short_is_refused(text: str, wrap: object) -> None:
    assert callable(wrap)
    with pytest.raises(ValueError, match="control character"):
        to_cel(wrap(text))


def test_money_and_instants_inside_a_document_are_converted() -> None:
    converted = to_cel({"amount": Decimal("1.5"), "at": datetime(2026, 11, 2, tzinfo=UTC), "for": timedelta(minutes=1)})
    assert isinstance(converted, dict)
    assert (converted["at"], converted["for"]) == ("2026-11-02T00:00:00Z", "60s")
    assert converted["amount"] == b"0" + b"1500000000000000000".zfill(38)
