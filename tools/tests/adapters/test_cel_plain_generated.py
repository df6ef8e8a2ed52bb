"""Whatever is told of a generated expression without the engine is what the engine tells, and so is its type."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tarmac.adapters.cel_late import LateCel
from tarmac.adapters.cel_plain import type_of
from tarmac.adapters.cel_plain_types import DYN, MIXED, OPTIONAL, TIMESTAMP
from tarmac.errors import ExpressionError
from tarmac.model.expressions import POLICY_FACTS, POLICY_FUNCTIONS, Fact, fact_of
from tests.adapters.test_cel_plain import CALLS, ENGINE, NOW, engine, sure
from tests.examples import examples

NAMES = ["object", "ref", "owner"]
KEYS = ["a", "b", "c", "for"]
TEXTS = st.sampled_from(
    ["", "a", "b", "x", "y", "1", "a\n", "é", "2026-01-01", "2026-01-31T00:00:00Z", "0999-12-31T00:00:00Z"]
)
SCALARS = TEXTS | st.sampled_from([None, True, False, 0, 1, 2, -1, 1.0, 1.5, 1 << 63, (1 << 63) - 1])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=8,
)
LITERALS = st.sampled_from(['"x"', "'a'", '""', "1", "0", "2", "true", "false", '["x", "a"]', "[]", '"1"', "null"])
VARIABLES = st.sampled_from([*NAMES, "one", "now"])


def _extended(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def put(form: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.tuples(*parts).map(lambda taken: form.format(*taken))

    key = st.sampled_from(KEYS)
    loop = st.sampled_from(["all", "exists", "filter"])
    sign = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "&&", "||", "+", "*"])
    call = st.sampled_from(["startsWith", "endsWith", "contains"])
    pattern = st.sampled_from(["^[a-z]$", "a|x", "^.+$", "("])
    function = st.sampled_from(["entity", "exists", "past"])
    return st.one_of(
        put("{}.{}", inner, key),
        put("{}.?{}.orValue({})", inner, key, inner),
        put("{}.?{}.?{}.orValue({})", inner, key, key, inner),
        put("{}.?{}.hasValue()", inner, key),
        put("{}[?{}].orValue({})", inner, inner, inner),
        put("{}[{}]", inner, inner),
        put("has({}.{})", st.sampled_from([*NAMES, "object.a"]), key),
        put("({} {} {})", inner, sign, inner),
        put("{} {} {}", inner, sign, inner),
        put("!{}", inner),
        put("({} ? {} : {})", inner, inner, inner),
        put('{} in ({} ? ["x"] : ["a", "b"])', inner, inner),
        put("{}.for", inner),
        put("{}.filter(one, {})[0]", inner, inner),
        put("{}.size()", inner),
        put("size({})", inner),
        put("{}.{}({})", inner, call, inner),
        put('{}.matches("{}")', inner, pattern),
        put("{}.{}(one, {})", inner, loop, inner),
        put("{}({})", function, inner),
        put("{}({})", st.sampled_from(["string", "timestamp", "days", "money"]), inner),
        put("[{}, {}]", inner, inner),
        put("now < {}", inner),
        put("string(timestamp({}) + days({}))", inner, inner),
        put("{}.matches({})", inner, inner),
        put('targets({}, "{}")', inner, key),
    )


EXPRESSIONS = st.recursive(LITERALS | VARIABLES, _extended, max_leaves=7)


@settings(max_examples=examples(1500), deadline=None)
@given(EXPRESSIONS, VALUES, VALUES)
def test_the_engine_says_whatever_is_told(source: str, content: Any, owner: Any) -> None:
    try:
        ENGINE.compile(source, POLICY_FACTS, POLICY_FUNCTIONS)
    except ExpressionError:
        return
    told = sure(source, object=content, owner=owner)
    if told is not None:
        assert engine(source, object=content, owner=owner) is told


LATE = LateCel()


def told(source: str, **facts: Any) -> Fact | str:
    """What comes of it without a word to the engine that is compared with, or why nothing does."""
    seen = {name: fact_of(value) for name, value in facts.items()} | {"now": NOW}
    calls = {name: (lambda *texts, call=call: fact_of(call(*texts))) for name, call in CALLS.items()}
    calls |= {name: (lambda *texts: []) for name in POLICY_FUNCTIONS if name not in CALLS}
    try:
        return LATE.compile(source, POLICY_FACTS, POLICY_FUNCTIONS).evaluate(seen, calls)
    except ExpressionError as error:
        return str(error)


@settings(max_examples=examples(1500), deadline=None)
@given(EXPRESSIONS, VALUES, VALUES)
def test_what_compiles_for_certain_compiles_to_the_type_that_was_found(source: str, content: Any, owner: Any) -> None:
    types = {name: TIMESTAMP if name == "now" else DYN for name in POLICY_FACTS}
    try:
        found = type_of(source, types, POLICY_FUNCTIONS)
    except ExpressionError as refused:
        with pytest.raises(ExpressionError, match=re.escape(str(refused))):
            ENGINE.compile(source, POLICY_FACTS, POLICY_FUNCTIONS)
        return
    if found is OPTIONAL:
        with pytest.raises(ExpressionError, match=r"end it by .orValue"):
            ENGINE.compile(source, POLICY_FACTS, POLICY_FUNCTIONS)
    elif found is not None:
        compiled = ENGINE.compile(source, POLICY_FACTS, POLICY_FUNCTIONS)
        assert found is MIXED or compiled.gives == found.name
        said = engine(source, object=content, owner=owner, now=NOW)
        assert told(source, object=content, ref="x", owner=owner) == (
            str(said) if isinstance(said, Exception) else said
        )
