"""What is known to compile, to which type, and what is left to the engine's compiler."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tarmac.adapters.cel import Cel
from tarmac.adapters.cel_late import LateCel
from tarmac.adapters.cel_plain import type_of
from tarmac.adapters.cel_plain_types import DYN, TIMESTAMP
from tarmac.errors import ExpressionError
from tarmac.model.expressions import APPROVAL_FACTS, PRICING_FACTS, told_by

ENGINE = Cel()
FUNCTIONS = {"entity": 1, "targets": 2}
TYPES = {name: TIMESTAMP if name == "now" else DYN for name in APPROVAL_FACTS}

CERTAIN = [
    ("object", "dyn"),
    ("now", "timestamp"),
    ("true", "bool"),
    ("null", "null"),
    ("12", "int"),
    ("'x'", "string"),
    ("[]", "list"),
    ("['x', object.a]", "list"),
    ("object.a.b", "dyn"),
    ("object['a']", "dyn"),
    ("object[1]", "dyn"),
    ("object[object.a]", "dyn"),
    ("object.?a.orValue('x')", "dyn"),
    ("object.?a.?b.orValue(null)", "dyn"),
    ("object.?a[?'b'].orValue('x')", "string"),
    ("object.?a[?object.b].orValue(object)", "dyn"),
    ("object[?'a'].?b.orValue(1)", "dyn"),
    ("object[?'a'].orValue(['x'])", "list"),
    ("object[?'a'].orValue(true)", "bool"),
    ("object.?a.hasValue()", "bool"),
    ("has(object.a.b)", "bool"),
    ("!object.a", "bool"),
    ("!(1 == 1)", "bool"),
    ("size(object)", "int"),
    ("'x'.size()", "int"),
    ("[].size()", "int"),
    ("timestamp(object.a)", "timestamp"),
    ("timestamp('x')", "timestamp"),
    ("days(1)", "duration"),
    ("days(object.a)", "duration"),
    ("string(1)", "string"),
    ("string(true)", "string"),
    ("string('x')", "string"),
    ("string(now)", "string"),
    ("string(object)", "string"),
    ("money('1.50')", "int"),
    ("money(object.a)", "int"),
    ("1 + 2", "int"),
    ("'x' + 'y'", "string"),
    ("['x'] + [object.a]", "list"),
    ("object.a + object.b", "dyn"),
    ("object.a + 'x'", "string"),
    ("'x' + object.a", "string"),
    ("timestamp(object.a + 'T00:00:00Z')", "timestamp"),
    ("object.spec.for", "dyn"),
    ("!!object.a", "dyn"),
    ("!!true", "bool"),
    ("!!!object.a", "bool"),
    ("object.a.filter(one, true)[0]", "dyn"),
    ("object.a.filter(one, true)[object.b]", "dyn"),
    ("(object.a.filter(one, true) + ['x'])[0]", "dyn"),
    ("(['x'] + object.a.filter(one, true))[0]", "dyn"),
    ("(object.a ? ['x'] : object.a.filter(one, true))[0]", "dyn"),
    ("(object.a ? object.a.filter(one, true) : ['x'])[0]", "dyn"),
    ("object.a.filter(one, true) + object.b.filter(one, true)", "list"),
    ("object.a ? object.a.filter(one, true) : object.b.filter(one, true)", "list"),
    ("object.a.filter(one, true) == ['x']", "bool"),
    ("['x'] != object.a.filter(one, true)", "bool"),
    ("'x' in object.a.filter(one, true)", "bool"),
    ("object.a.filter(one, true).size()", "int"),
    ("object[?'a'].orValue(object.a.filter(one, true))", "list"),
    ("now + days(1)", "timestamp"),
    ("2 * 3", "int"),
    ("object.a * object.b", "dyn"),
    ("object.a.startsWith('x')", "bool"),
    ("'x'.endsWith(object.a)", "bool"),
    ("'x'.contains('y')", "bool"),
    ("object.a.matches('x')", "bool"),
    ("'x' in object.a", "bool"),
    ("object.a in ['x']", "bool"),
    ("object.a in object.b", "bool"),
    ("object.a == 1", "bool"),
    ("1 == 2", "bool"),
    ("true != object.a", "bool"),
    ("object.a != 'x'", "bool"),
    ("object.a == ['x']", "bool"),
    ("now == object.a", "bool"),
    ("object.a < 1", "bool"),
    ("'x' >= object.a", "bool"),
    ("now <= timestamp(object.a)", "bool"),
    ("object.a ? 'x' : 'y'", "string"),
    ("true ? 1 : 2", "int"),
    ("true ? true : false", "bool"),
    ("1 == 1 ? ['x'] : []", "list"),
    ("object.a ? object.b : object.c", "dyn"),
    ("object.a && true", "bool"),
    ("false || object.a", "bool"),
    ("object.a.all(one, one == 'x')", "bool"),
    ("object.a.exists(one, one)", "bool"),
    ("object.a.filter(one, one in ['x'])", "list"),
    ("entity(object.a).b", "dyn"),
    ("targets('x', object.a)", "dyn"),
]
MIXED = [
    "object.a ? ['x'] : object.b",
    "object.a ? object.b : object.b.filter(one, true)",
    "object.a ? object.b : 0",
    "object.a ? 'x' : object.b",
]
UNCERTAIN = [
    "(1 == 1).startsWith('x')", "true ? null : object.a", "true ? object.a : null", "true ? null : null",
    "null == object.a", "[] < object.a",
    "[1]", "['x', true]", "'x'.a", "1.a", "now.a", "'x'['a']", "object[true]", "object['a' == 'b']",
    "'x'.?a.orValue('x')", "object[?1].orValue('x')", "object.?a.orValue(now)", "object.?a.orValue(days(1))",
    "has(now.a)", "!1", "!'x'", "size(1)", "size(true)", "timestamp(1)", "days('x')", "string([])", "string(days(1))",
    "string(null)", "money(1)", "1 + 'x'", "1 + object.a",
    "object.a + ['x']", "'x' + [object.a]", "object.a + true", "!!1", "['x'] == 'y'", "'y' != ['x']",
    "object.a.filter(one, true)['x']",
    "['x'][0]", "object.a.filter(one, true) + object.b", "true + true", "null + null",
    "days(1) + now", "now + now", "'x' * 'y'", "1 * object.a", "object.a * 1", "'x' + now", "now + 1",
    "1.startsWith('x')", "'x'.startsWith(1)", "object.a.matches(1)", "1 in object.a", "object.a in 'x'",
    "object.a in 1", "'x' in now", "1 == 'x'", "'x' == now", "object.a == null", "true < false", "[] < []", "1 < 'x'",
    "object.a < null", "object.a > [object.b]", "1 ? 'x' : 'y'", "true ? 'x' : 1", "true ? null : 1", "true ? 1 : now",
    "1 && true", "true && 1", "'x' || true", "false || 'x'", "['x'].all(one, one == 'x')", "'x'.exists(one, true)",
    "object.a.all(one, 1)", "object.a.filter(one, 'x')", "entity(1)", "targets('x', 1)",
    "(object.a ? object.b : 0) == 0", "object.a / 1", "object.?a == 1",
]  # fmt: skip


def found(source: str) -> str | None:
    kind = type_of(source, TYPES, FUNCTIONS)
    return None if kind is None else kind.name


@pytest.mark.parametrize(("source", "kind"), CERTAIN, ids=[source for source, _ in CERTAIN])
def test_the_type_is_the_compilers(source: str, kind: str) -> None:
    assert found(source) == kind == ENGINE.compile(source, APPROVAL_FACTS, FUNCTIONS).gives
    assert LateCel().compile(source, APPROVAL_FACTS, FUNCTIONS).gives == kind


@pytest.mark.parametrize("source", MIXED)
def test_that_two_types_meet_is_certain_and_what_they_give_is_the_engines_word(source: str) -> None:
    gives = ENGINE.compile(source, APPROVAL_FACTS, FUNCTIONS).gives
    assert found(source) == "mixed"
    assert LateCel().compile(source, APPROVAL_FACTS, FUNCTIONS).gives == gives


@pytest.mark.parametrize("source", UNCERTAIN)
def test_where_the_compiler_may_have_something_against_it_it_is_asked(source: str) -> None:
    assert found(source) is None
    said: list[str] = []
    for engine in (ENGINE, LateCel()):
        try:
            said.append(engine.compile(source, APPROVAL_FACTS, FUNCTIONS).gives)
        except ExpressionError as refused:
            said.append(str(refused))
    assert said[0] == said[1]


def test_what_ends_in_an_optional_is_refused_as_the_engine_refuses_it() -> None:
    for source in ("object.?a", "object[?'a'].?b"):
        assert found(source) == "optional"
        with pytest.raises(ExpressionError) as asked:
            ENGINE.compile(source, APPROVAL_FACTS)
        with pytest.raises(ExpressionError) as told:
            LateCel().compile(source, APPROVAL_FACTS)
        assert str(asked.value) == str(told.value)
    late = LateCel()
    with pytest.raises(ExpressionError):
        late.compile("object.?a", APPROVAL_FACTS)
    assert late._engine is None


def test_a_short_cut_is_the_same_whether_it_compiles_for_certain_or_not() -> None:
    for source in ("object.a == 1", "(object.a ? object.b : 1) == 1"):
        told = LateCel().sure(source, APPROVAL_FACTS, FUNCTIONS)
        assert told is not None
        assert [told_by(told, {"object": {"a": a, "b": 1}}) for a in (1, True, "x")] == (
            [True, None, None] if source.startswith("object") else [None, True, None]
        )
        assert LateCel().compile(source, APPROVAL_FACTS, FUNCTIONS).source == source
    assert LateCel().sure("object.a / 1 == 1", APPROVAL_FACTS, FUNCTIONS) is None


def test_a_loop_that_builds_is_refused_as_the_engine_refuses_it() -> None:
    source = "object.a.all(one, one + one == object.b)"
    with pytest.raises(ExpressionError) as asked:
        ENGINE.compile(source, APPROVAL_FACTS)
    with pytest.raises(ExpressionError) as told:
        LateCel().compile(source, APPROVAL_FACTS)
    assert (str(asked.value), asked.value.column) == (str(told.value), told.value.column)
    assert found("object.a + object.b == object.c") == "bool"


# How many there may be in a row so that it is certain.
ROWS: list[tuple[Callable[[int], str], int]] = [
    (lambda count: "object" + ".a" * count, 23),
    (lambda count: "object" + ".?a" * count + ".hasValue()", 21),
    (lambda count: "object" + "['a']" * count, 22),
    (lambda count: "!" * count + "true", 23),
    (lambda count: "(" * count + "true" + ")" * count, 23),
    (lambda count: "+".join(["1"] * (count + 1)), 23),
    (lambda count: "*".join(["1"] * (count + 1)), 23),
    (lambda count: "==".join(["object"] * (count + 1)), 23),
    (lambda count: "(object.a.b == " * count + "true" + ")" * count, 5),
    (lambda count: "entity(" * count + "'x'" + ")" * count, 23),
    (lambda count: "[object].size() == 1 || " * count + "['x', object.a.b.c.d] == [object.e, 'y']", 17),
]


ROWS += [
    (lambda count, sign=sign: f"object{'.a' * count} {sign} object", 22)  # type: ignore[misc]
    for sign in ("==", "!=", "<", "<=", ">", ">=", "in")
]
ROWS += [
    (lambda count: "true ? 'a' : " * count + "'b'", 23),
    (lambda count: "object" + "[?'a']" * count + ".hasValue()", 21),
    (lambda count: f"true ? object{'.a' * count} : object", 22),
    (lambda count: f"[object.a.b.c, object{'.a' * count}].size() == 1", 19),
    (lambda count: f"['x', 'y', object{'.a' * count}].size() == 1 && object.a.b", 19),
    (lambda count: f"object.a.b.c && object{'.a' * count} && object.b.a.c", 23),
    (lambda count: f"object.a.b.c || object{'.a' * count} || object.b.a.c", 23),
    (lambda count: f"(object.a.b) == (object{'.a' * count}) || (object.a.b.c == object)", 21),
]


@pytest.mark.parametrize(("row", "most"), ROWS, ids=[row(1) for row, _ in ROWS])
def test_what_may_be_too_deep_for_the_engine_is_its_to_say(row: Callable[[int], str], most: int) -> None:
    assert found(row(most)) is not None
    ENGINE.compile(row(most), APPROVAL_FACTS, FUNCTIONS)
    assert found(row(most + 1)) is None


def test_what_is_long_is_read_by_the_engine() -> None:
    late = LateCel()
    late.compile("object.a == '" + "x" * 986 + "'", APPROVAL_FACTS)
    assert late._engine is None
    late.compile("object.a == '" + "x" * 987 + "'", APPROVAL_FACTS)
    assert late._engine is not None


# --- evaluated ---------------------------------------------------------------------------------------

CONFIG: dict[str, Any] = {"size": "small", "gb": 20, "on": True, "none": None, "list": ["a"], "map": {"x": 1}}
VALUES: list[tuple[str, object]] = [
    ("config.size", "small"),
    ("config.gb", 20),
    ("config.none", None),
    ("config.list", ["a"]),
    ("hours * config.gb", 14_600),
    ("config.on ? hours : 0", 730),
    ("1", 1),
    ("'x'", "x"),
]


@pytest.mark.parametrize(("source", "value"), VALUES, ids=[source for source, _ in VALUES])
def test_what_is_plain_needs_no_engine(source: str, value: object) -> None:
    late = LateCel()
    facts: dict[str, Any] = {"config": CONFIG, "hours": 730, "usage": {}}
    assert late.compile(source, PRICING_FACTS).evaluate(facts) == value
    assert late._engine is None
    assert ENGINE.compile(source, PRICING_FACTS).evaluate(facts) == value


def test_a_key_that_is_missing_is_told_as_the_engine_tells_it() -> None:
    late = LateCel()
    for source in ("usage.requests", " usage.requests.more ", "config.map.y"):
        for engine in (late, ENGINE):
            with pytest.raises(ExpressionError) as missed:
                engine.compile(source, PRICING_FACTS).evaluate({"config": CONFIG, "hours": 730, "usage": {}})
            assert missed.value.missing
            assert str(missed.value) == f'the key "{"y" if "map" in source else "requests"}" is not there'
    assert late._engine is None


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("config.map", {"x": 1}),
        ("usage.rate", Decimal("1.5")),
        ("config.size + 'x' == 'smallx' ? usage.rate : 0", Decimal("1.5")),
    ],
)
def test_a_value_of_another_kind_is_the_engines_to_give(source: str, value: object) -> None:
    late = LateCel()
    facts: dict[str, Any] = {"config": CONFIG, "hours": 730, "usage": {"rate": Decimal("1.5")}}
    assert late.compile(source, PRICING_FACTS).evaluate(facts) == value
    assert late._engine is not None


@pytest.mark.parametrize("source", ["config.size.x", "other", "other.size", "config.none.x == 1", "config.gone == 1"])
def test_what_fails_otherwise_fails_as_it_does_in_the_engine(source: str) -> None:
    said = []
    for engine in (LateCel(), ENGINE):
        with pytest.raises(ExpressionError) as failed:
            engine.compile(source, (*PRICING_FACTS, "other")).evaluate({"config": CONFIG, "hours": 730, "usage": {}})
        said.append((str(failed.value), failed.value.missing))
    assert said[0] == said[1]
