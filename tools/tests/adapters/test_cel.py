"""Expressions: what they give, and that no hostile one passes, hangs or ends the process."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.cel import Cel
from tarmac.errors import ExpressionError
from tarmac.model.expressions import Fact, fact_of

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)
OBJECT: Mapping[str, Fact] = {
    "a": 1,
    "s": "orders-db",
    "é": "ü",
    "list": [1, 2, 3],
    "nothing": None,
    "yes": True,
    "text": "true",
    "ratio": Decimal("0.25"),
    "at": NOW,
    "span": timedelta(hours=2),
    "matches": "a field of that name",
    "spec": {"config": {"size": "small"}},
}
FACTS: Mapping[str, Fact] = {"object": OBJECT, "now": NOW}
CROWD: Mapping[str, Fact] = {"object": {"many": list(range(20_000))}, "now": NOW}


def value(source: str, facts: Mapping[str, Fact] = FACTS) -> Fact:
    return Cel().compile(source, ("object", "now")).evaluate(facts)


def outcome(source: str, facts: Mapping[str, Fact] = FACTS) -> Fact:
    """The value, or `error` where the expression has none."""
    try:
        return value(source, facts)
    except ExpressionError as error:
        return "error" if str(error) else "an error that says nothing"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("object.a + 1", 2),
        ("object.s.startsWith('orders') && object.yes", True),
        ("object.nothing == null", True),
        ("object.?zz.orValue('none')", "none"),
        ("object.?spec.?nope.?size.orValue(3)", 3),
        ("object.list.map(x, x * 2)", [2, 4, 6]),
        ("object.spec", {"config": {"size": "small"}}),
        ("now", NOW),
        ("now + days(30)", NOW + timedelta(days=30)),
        ("span('2w') == duration('336h')", True),
        ("timestamp(object.at) == now", True),
        ("duration(object.span)", timedelta(hours=2)),
        ('money("500.00")', 500_000_000),
        ('money("0.000001")', 1),
        ('decimal("1.50")', Decimal("1.5")),
        ('decimal("1.5") * object.a', Decimal("1.5")),
        ('3 * decimal("0.1")', Decimal("0.3")),
        ('decimal("-2.5") * decimal("2")', Decimal(-5)),
        ('decimal("1.5").plus(2)', Decimal("3.5")),
        ('object.ratio < decimal("0.3") && object.ratio == decimal("0.250")', True),
        ("'ORDERS É'.lowerAscii()", "orders É"),
        ("object.s.matches('^[a-z-]+$')", True),
        ("object.s.matches('^[a-z]+$')", False),
        ("matches(object.s, 'x')", None),
        ("object.matches", "a field of that name"),
        ("'it.matches(x)' == \"it.matches(x)\" && r'\\d'.matches('.')", True),
        ("true // object.matches('(')", True),
        ("size('é💥')", 2),
    ],
)
def test_gives(source: str, expected: Fact) -> None:
    if expected is None:
        with pytest.raises(ExpressionError):
            value(source)
    else:
        assert value(source) == expected


@pytest.mark.parametrize(
    ("source", "line", "column", "message"),
    [
        ("nobody == 1", 1, 1, "nothing is called 'nobody' here; an expression of this field reads object, now"),
        ("object.a ==\n  'x' + 1", 2, 7, "'+' cannot be used on (string, int)"),
        ("object.a ++", 1, 11, "syntax error: mismatched input '+'"),
        ("", 1, 1, "syntax error: mismatched input end"),
        ("é == 1", 1, 1, "syntax error: token recognition error at: 'é'"),
        ("object.a == objct.spec.type", 1, 13, "nothing is called 'objct' here"),
        ("object.list.map(x, y)", 1, 20, "nothing is called 'y' here; an expression of this field reads object, now"),
        ("1.5", 1, 1, "the result is of type double, and no fact can be: "),
        ("(" * 500 + "1" + ")" * 500, 1, 1, "the expression is nested too deeply: at most 32 levels are read"),
        ("1" + "+1" * 500, 1, 1, "the expression is nested too deeply: at most 32 levels are read"),
        ("'" + "x" * 4095 + "'", 1, 1, "the expression has 4097 bytes, and at most 4096 are read"),
        ("object.?zz", 1, 1, "the result is an optional: end it by .orValue(...)"),
        ("'\ud800'", 1, 1, "the expression is no text that can be read"),
        ("1 == '\x00", 1, 6, "syntax error: "),
        ("9223372036854775808 > 1", 1, 1, "invalid int literal"),
        ("decimal('1.5') + decimal('2')", 1, 16, "'+' cannot be used on (bytes, bytes)"),
    ],
)
def test_a_compile_error_has_its_place(source: str, line: int, column: int, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        Cel().compile(source, ("object", "now"))
    assert (caught.value.line, caught.value.column) == (line, column)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("source", "missing", "message"),
    [
        ("object.zz", True, 'the key "zz" is not there'),
        ("object.zz.deeper || false", True, 'the key "zz" is not there'),
        ("object.list.all(x, object.zz == x)", True, 'the key "zz" is not there'),
        ("object.list[7] == 1", False, "Index error"),
        ("object.a / 0 == 1", False, "divide by zero"),
        ("object.nothing.size == 1", False, "a field is read from a value that is no mapping"),
        ("object.s + 1 > object.a", False, "'+' cannot be used on (string, int)"),
        ("duration('30d') == duration('1h')", False, "String to Duration"),
        ("object.s.matches('(')", False, "'(' is no pattern"),
        ("object.s.matches('(a{1,1000}){1,1000}')", False, "'(a{1,1000}){1,1000}' is no pattern"),
        ("object.yes ? dyn(object.?zz) : dyn(1)", False, "the result is an optional"),
        ("[object.list, [1.5]]", False, "the result holds a double"),
        ("{'x': b'y'}", False, "bytes are no number"),
        ('money("1e3") > 1', False, "'1e3' is no amount"),
        ('money("0.0000001") > 1', False, "'0.0000001' has more than six decimals"),
        ("object.ratio + object.ratio == object.ratio", False, "+ does not add such: write a.plus(b)"),
        ("[object.ratio + object.ratio] == [object.ratio]", False, "+ does not add such: write a.plus(b)"),
        ("object.s * 2 == object.s", False, "'*' cannot be used on (string, int)"),
        ("object.s < decimal('2') || object.s >= decimal('2')", False, "cannot be used on (string, bytes)"),
        ("object.a < decimal('2')", False, "cannot be used on (int, bytes)"),
        ("b'xy'", False, 'bytes are no number: write decimal("1.5")'),
        ("b'xy' * 2", False, 'bytes are no number: write decimal("1.5")'),
        ("days(9223372036854775807) > days(1)", False, "more than a calendar holds"),
        ("9223372036854775807 + object.a > 0", False, "integer overflow"),
    ],
)
def test_an_error_is_raised_and_never_a_value(source: str, missing: bool, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        value(source)
    assert caught.value.missing is missing
    assert message in str(caught.value)


@pytest.mark.parametrize("fact", [2**63, -(2**63) - 1, 2**1000, float("nan"), float("inf"), 0.1, 1e300, "\ud800"])
def test_a_fact_that_the_engine_cannot_hold_is_never_true(fact: int | float | str) -> None:
    facts: Mapping[str, Fact] = {"object": {"x": fact_of(fact), "y": 1}, "now": NOW}
    for source in ("object.x > 0", "object.x < 0", "object.x == 0"):
        assert outcome(source, facts) in (False, "error")


@pytest.mark.parametrize("text", ["production\0x", "\0"])
def test_a_text_that_the_engine_would_read_otherwise_is_an_error(text: str) -> None:
    objects: tuple[Mapping[str, Fact], ...] = ({"x": text}, {text: 1, "x": "production"})
    for found in objects:
        facts: Mapping[str, Fact] = {"object": found, "now": NOW}
        assert outcome("object.x == 'production' || object.x != 'production'", facts) == "error"


def test_a_number_of_a_document_becomes_an_exact_fact() -> None:
    assert fact_of([20.0, 0.1, 2**63 - 1, 2**63, float("nan"), float("-inf"), True, None, "x"]) == [
        20, Decimal("0.1"), 2**63 - 1, Decimal(2**63), ".nan", "-.inf", True, None, "x",
    ]  # fmt: skip
    assert isinstance(fact_of(20.0), int)


def test_a_regular_expression_costs_time_in_proportion_to_its_text() -> None:
    facts: Mapping[str, Fact] = {"object": {"s": "a" * 200_000}, "now": NOW}
    start = time.process_time()
    assert value("object.s.matches('^(a+)+(a|aa)+b$')", facts) is False
    assert time.process_time() - start < 0.5


def test_the_step_budget_ends_an_endless_expression_soon() -> None:
    source = "true"
    for depth in range(5):
        source = f"object.many.all(v{depth}, {source})"
    start = time.process_time()
    with pytest.raises(ExpressionError, match="too many steps"):
        value(source, CROWD)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    "source",
    [
        "object.list.all(x, x + 1 > 0 && 1 + x > 0)",
        "object.list.all(x, x in [1, 2, 3] && !(string(x) in ['a+b', \"c\", null, true]))",
        "(object.list + [object.a]).all(x, object.list[x - 1] > 0) // + [x]",
        "object.s + '' + object.s == 'orders-dborders-db' && {'a': object.a}.a == 1",
        "object.list.all(x, 'a + b' != string(x)) && [object.a] == [1]",
        "object.list.all(x, {} != object.spec)",
    ],
)
def test_a_loop_that_only_looks_is_fine(source: str) -> None:
    assert value(source) is True


def test_long_texts_are_read_but_not_in_loops_and_long_sums() -> None:
    facts: Mapping[str, Fact] = {"object": {"s": "a" * 65_537, "list": [1]}, "now": NOW}
    assert value("object.s.startsWith('a') && object.s + 'b' != 'b'", facts) is True
    for source in ("object.list.all(x, object.s != 'b')", "object.s == 'a'" + " + 'b'" * 5):
        with pytest.raises(ExpressionError, match="longer than 65,536"):
            value(source, facts)
    shorter: Mapping[str, Fact] = {"object": {"s": "a" * 65_536, "list": [1]}, "now": NOW}
    assert value("object.list.all(x, object.s != 'b')", shorter) is True


def test_functions_of_the_use_case_are_declared_and_bound_to_each_evaluation() -> None:
    engine = Cel()
    expression = engine.compile("entity(object.s).spec.tier == 'critical'", ("object",), {"entity": 1})
    assert expression.evaluate(FACTS, {"entity": lambda ref: {"spec": {"tier": "critical"}}}) is True
    assert expression.evaluate(FACTS, {"entity": lambda ref: {"spec": {"tier": ref}}}) is False
    with pytest.raises(ExpressionError) as caught:
        expression.evaluate(FACTS, {"entity": lambda ref: {}})
    assert caught.value.missing
    with pytest.raises(ExpressionError):
        expression.evaluate(FACTS)
    with pytest.raises(ExpressionError, match="nothing is called 'entity'"):
        engine.compile("entity('x')", ("object",))
    with pytest.raises(ExpressionError, match="cannot be used on"):
        engine.compile("entity(1)", ("object",), {"entity": 1})


def test_facts_of_one_evaluation_do_not_leak_into_the_next() -> None:
    engine = Cel()
    expression = engine.compile("object.a", ("object", "now"))
    assert [expression.evaluate({"object": {"a": n}, "now": NOW}) for n in range(3)] == [0, 1, 2]


def test_the_compiler_says_what_an_expression_gives() -> None:
    engine = Cel()
    for source, gives in [("object.a", "dyn"), ("object.a == 1", "bool"), ("[1]", "list"), ("null", "null")]:
        assert engine.compile(source, ("object",)).gives == gives


decimals = st.decimals("-99999999", "99999999", places=6, allow_nan=False)


@given(decimals, decimals)
def test_decimals_keep_their_order_and_their_product(one: Decimal, other: Decimal) -> None:
    facts: Mapping[str, Fact] = {"object": {"one": one, "other": other}, "now": NOW}
    assert value("object.one < object.other", facts) is (one < other)
    assert value("object.one == object.other", facts) is (one == other)
    assert value("object.one * object.other", facts) == one * other
    assert value("object.one.plus(object.other)", facts) == one + other


@given(st.text(max_size=200))
def test_any_text_compiles_or_says_why_not(source: str) -> None:
    assert outcome(source) != "an error that says nothing"
