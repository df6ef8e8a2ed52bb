"""Whatever is told of a generated expression without the engine is what the engine tells."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tarmac.errors import ExpressionError
from tarmac.model.expressions import POLICY_FACTS, POLICY_FUNCTIONS
from tests.adapters.test_cel_plain import ENGINE, engine, sure

NAMES = ["object", "ref", "owner"]
KEYS = ["a", "b", "c"]
TEXTS = st.sampled_from(
    ["", "a", "b", "x", "y", "1", "a\n", "é", "2026-01-01", "2026-01-31T00:00:00Z", "0999-12-31T00:00:00Z"]
)
SCALARS = TEXTS | st.sampled_from([None, True, False, 0, 1, 2, -1, 1.0, 1.5, 1 << 63, (1 << 63) - 1])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=8,
)
LITERALS = st.sampled_from(['"x"', "'a'", '""', "1", "0", "2", "true", "false", '["x", "a"]', "[]", '"1"'])
VARIABLES = st.sampled_from([*NAMES, "one"])


def _extended(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def put(form: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        return st.tuples(*parts).map(lambda taken: form.format(*taken))

    key = st.sampled_from(KEYS)
    loop = st.sampled_from(["all", "exists", "filter"])
    sign = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "&&", "||", "+"])
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
        put("{}.size()", inner),
        put("size({})", inner),
        put("{}.{}({})", inner, call, inner),
        put('{}.matches("{}")', inner, pattern),
        put("{}.{}(one, {})", inner, loop, inner),
        put("{}({})", function, inner),
        put("{}({})", st.sampled_from(["string", "timestamp", "days"]), inner),
        put("string(timestamp({}) + days({}))", inner, inner),
        put("{}.matches({})", inner, inner),
        put('targets({}, "{}")', inner, key),
    )


EXPRESSIONS = st.recursive(LITERALS | VARIABLES, _extended, max_leaves=7)


@settings(max_examples=1500, deadline=None)
@given(EXPRESSIONS, VALUES, VALUES)
def test_the_engine_says_whatever_is_told(source: str, content: Any, owner: Any) -> None:
    try:
        ENGINE.compile(source, POLICY_FACTS, POLICY_FUNCTIONS)
    except ExpressionError:
        return
    told = sure(source, object=content, owner=owner)
    if told is not None:
        assert engine(source, object=content, owner=owner) is told
