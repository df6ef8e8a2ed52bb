"""What is told of an expression without the engine is what the engine tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest

from tarmac.adapters.cel import Cel
from tarmac.adapters.cel_plain import sure_of
from tarmac.errors import ExpressionError
from tarmac.model.expressions import POLICY_FACTS, POLICY_FUNCTIONS, Fact, fact_of, told_by

ENGINE = Cel()
THINGS: dict[str, Any] = {"x": {"a": "1", "b": {"a": "x", "c": ["x", "y"]}}, "y": {"a": 2, "b": None}}
NOW = datetime(2026, 3, 1, 0, 0, 0, 5, tzinfo=UTC)
THINGS["fixed"] = MappingProxyType({"a": "x"})


def entity(name: str) -> Any:
    if name == "":
        raise ValueError("no reference")
    return THINGS.get(name, MappingProxyType({}))


CALLS: Mapping[str, Any] = {
    "entity": entity,
    "exists": lambda name: name in THINGS,
    "targets": lambda name, field: ["x", "y", "z"] if field == "a" else [],
    "past": lambda day: day == "x",
}


def sure(source: str, **facts: Any) -> bool | None:
    told = ENGINE.sure(source, POLICY_FACTS, POLICY_FUNCTIONS)
    return told_by(told, {"object": {}, "ref": "x", "owner": {}, **CALLS, **facts})


def engine(source: str, **facts: Any) -> Fact | ExpressionError:
    given = {"object": {}, "ref": "x", "owner": {}, **facts}
    seen = {name: value if isinstance(value, datetime) else fact_of(value) for name, value in given.items()}
    calls = {name: (lambda *texts, call=call: fact_of(call(*texts))) for name, call in CALLS.items()}
    calls |= {name: (lambda *texts: []) for name in POLICY_FUNCTIONS if name not in CALLS}
    try:
        return ENGINE.compile(source, POLICY_FACTS, POLICY_FUNCTIONS).evaluate(seen, calls)
    except ExpressionError as error:
        return error


# --- what is told -----------------------------------------------------------------------------------

OBJECT = {
    "a": {"b": "x", "n": 3, "yes": True, "list": ["x", "y"], "things": [{"k": "v"}, {"k": "w"}]},
    "e": {},
    "n1": "x",
    "_n": "y",
    "p": "[x-y]",
    "k": "b",
    "field": "a",
    "at": "2026-03-01T00:00:00Z",
    "long": "x|" * 499 + "xyz",
}
TOLD = [
    ('object.a.b == "x"', True),
    ("object.a.b == 'y'", False),
    ('object.a.b != "y"', True),
    ("object.a.b != object._n", True),
    ("object.a.b != object.n1", False),
    ("object.a.b in ['x', 'y']", True),
    ("object.a.b in object.a.list", True),
    ("'z' in object.a.list", False),
    ("object.a.n > 2 && object.a.n < 4", True),
    ("object.a.n >= 4 || object.a.n <= 2", False),
    ("object.a.n == 3", True),
    ("object.a.yes", True),
    ("!object.a.yes", False),
    ("!!object.a.yes", True),
    ("object.?a.orValue(object.e).b == 'x'", True),
    ("object.a[?object.k].orValue('v') == 'x'", True),
    ("object.a[?object._n].orValue('v') == 'v'", True),
    ("object.a[?object._n].hasValue()", False),
    ("object.a[?object.k].hasValue()", True),
    ("object[?object.a.b].?k[?object.k].hasValue()", False),
    ("entity('fixed')[?object.a.b].orValue('v') == 'v'", True),
    ("entity('fixed').?a.orValue('v') + entity('fixed')[?object._n].orValue('w') == 'xw'", True),
    ("object.a.b in (object.a.yes ? ['x'] : ['y'])", True),
    ("object.a.b in (!object.a.yes ? ['x'] : ['y'])", False),
    ("object.a.?b.orValue('y') in (object.a.yes ? ['y'] : ['x'])", False),
    ("entity(ref).?b.?a.orValue('') in (object.a.yes ? ['y', 'x'] : [])", True),
    ("entity(ref).?z.orValue('v') in ['v']", True),
    ("entity(ref).?z.orValue('v') in ['w']", False),
    ("entity(ref).?z.orValue('v') != 'v'", False),
    ("entity(ref).?z.orValue('v') != 'w'", True),
    ("entity(ref).a != '1'", False),
    ("entity(ref).b.?a.orValue('v') == 'x'", True),
    ("object.?none.orValue(object.a.b) == 'x'", True),
    ("object.a.?list.orValue([]).size() + object.?none.orValue([]).size() == 2", True),
    ("object.a.yes == true", True),
    ("object.a.yes == false", False),
    ("has(object.a.b)", True),
    ("has(object.a.z)", False),
    ('object.?a.?z.orValue("") == ""', True),
    ('object.?z.?z.orValue("none") == "none"', True),
    ('object.a[?"b"].hasValue()', True),
    ('object.a[?"z"].hasValue()', False),
    ('object.a["b"] == "x"', True),
    ("object.a.list[1] == 'y'", True),
    ("object.a.list.size() == 2 && size(object.a.list) == 2", True),
    ("object.a.list == ['x', 'y']", True),
    ("size(object.e) == 0", True),
    ("object.a.b.size() == 1", True),
    ("object.a.list.all(one, one in ['x', 'y', 'z'])", True),
    ("object.a.things.exists(one, one.k == 'w')", True),
    ("object.a.things.filter(one, one.k == 'w')[0].k == 'w'", True),
    ("object.a.things[1].k == 'w'", True),
    ("(object.a.list + ['z']).size() == 3", True),
    ("object.a.b + 'y' == 'xy'", True),
    ("object.a.n + 1 == 4", True),
    ("object.a.b.matches('^[x-z]$')", True),
    ("object.a.b.matches('^[a-w]$')", False),
    ("object.a.b.startsWith('x') && object.a.b.endsWith('x') && object.a.b.contains('x')", True),
    ("(object.a.yes ? 'p' : 'q') == 'p'", True),
    ("exists(ref) && !exists('nothing')", True),
    ("entity('y').a == 2", True),
    ("targets(ref, 'a').exists(one, exists(one))", True),
    ("targets(ref, object.field).size() == 3", True),
    ("size(owner) == 0", True),
    ("object.n1 == 'x' && object._n == 'y'", True),
    ('object.a.b in ["x"]', True),
    ("entity('fixed').?a.orValue('z') == 'x'", True),
    ("entity('fixed').?b.orValue('z') == 'z'", True),
    ("entity('fixed').?a.hasValue()", True),
    ("entity('fixed').?b.hasValue()", False),
    ("entity('fixed').a == 'x'", True),
    ("true || false", True),
    ("false || true", True),
    ("false || false", False),
    ("true && false", False),
    ("false && true", False),
    ("object.a.list.all(one, one == 'x')", False),
    ("object.a.list.exists(one, one == 'z')", False),
    ("object.a.b.matches('^(?:' + object.p + ')$')", True),
    ("object.a.b.matches(object.p) && !'z'.matches(object.p)", True),
    ('string(timestamp("2026-01-31T12:30:00Z") + days(1)) == "2026-02-01T12:30:00Z"', True),
    ('string(timestamp(object.at)) == object.at', True),
    ('string(timestamp("1000-01-01T00:00:00Z")) == "1000-01-01T00:00:00Z"', True),
    ('string(timestamp("2000-01-01T00:00:00Z") + days(2900000)) == "9939-12-07T00:00:00Z"', True),
    ("string(object.a.b) == 'x'", True),
    ("object.a.list == [object.a.b, object.n1 + '']", False),
    ("object.a.list == [object.a.b, object._n]", True),
    ("'y' in [object.a.b, object._n]", True),
    ("[1, 2].size() == 2", True),
    ("object.a.n * 2 + 1 == 7", True),
    ("1 + object.a.n * 2 == 7", True),
    ("object.a.n > money('0.000002') && money('1.5') == 1500000", True),
    ("(object.?z).orValue('x') == 'x'", True),
    ("(object.?a.?b).hasValue()", True),
]  # fmt: skip


@pytest.mark.parametrize(("source", "expected"), TOLD, ids=[source for source, _ in TOLD])
def test_what_is_plain_is_told(source: str, expected: bool) -> None:
    assert sure(source, object=OBJECT) is expected
    assert engine(source, object=OBJECT) is expected


# --- what is left to the engine ----------------------------------------------------------------------

LEFT = [
    ("object.a.z == 'x'", "a key that is not there"),
    ("object.a.b == 1", "values of two types"),
    ("object.a.n == 'x'", "the same, with a text"),
    ("object.a.yes == 1", "which Python takes for the same"),
    ("object.a.n == true", "the same, the other way round"),
    ("object.a.b && true", "no truth value"),
    ("object.a.b", "a result that is none"),
    ("object.a.list[2] == 'x'", "an index behind the end"),
    ("object.a.list[0 + 0] == object.a.n", "a text and an int"),
    ("entity('') == object", "a function that refuses"),
    ("object.a.b.matches('(')", "what is no pattern"),
    ("has(object.z.b)", "a path that ends before"),
    ("object.?a.?b.?z.hasValue()", "a key of a text"),
    ("object.e == object.e", "mappings compared"),
    ("object.a.things == object.a.things", "lists of mappings compared"),
    ("object.a.b.x == 'y'", "a field of a text that holds the field's name"),
    ("object.a.list[0].x == 'y'", "the same, of an element"),
    ("object.a.things[0].z == 'y'", "a key that an element has not"),
    ("object.a.b <= 'x'", "texts in an order"),
    ("object.a.b in 'x'", "a text in a text"),
    ("object.a.all(one, true)", "a loop over a mapping"),
    ("object.a.b.all(one, true)", "a loop over a text"),
    ("object.a.b || true", "no truth value beside one that decides"),
    ("object.a.n && false", "no truth value before one that decides"),
    ("object.a.b.matches(object.a.n)", "a pattern that is no text"),
    ("object.a.b.matches(object.long)", "a pattern that is too long for the engine"),
    ('timestamp("2026-02-30T00:00:00Z") == timestamp(object.at)', "a day that there is not"),
    ('string(timestamp("2026-01-01")) == ""', "a day where an instant should be"),
    ('string(timestamp("2026-01-01T00:00:00.5Z")) == ""', "a fraction of a second"),
    ('string(timestamp("2026-01-01T00:00:00+01:00")) == ""', "another zone"),
    ('string(timestamp("2026-01-01T00:00:00ZX")) == ""', "more behind an instant"),
    ('string(timestamp("0999-01-01T00:00:00Z")) == ""', "a year of three digits"),
    ('string(timestamp("9999-12-31T00:00:00Z") + days(1)) == ""', "an instant behind the last"),
    ("timestamp(object.at) == timestamp(object.at)", "instants compared"),
    ("timestamp(object.at) < timestamp(object.at) + days(1)", "instants in an order"),
    ("string(timestamp(object.at) + days(object.a.b)) == ''", "days that are no int"),
    ("string(timestamp(object.at) + days(3650001)) == ''", "more days than a calendar holds"),
    ("string(timestamp(object.at) + 1) == ''", "an instant and an int"),
    ("string(days(1)) == ''", "a duration as a text"),
    ("string(object.a.n) == '3'", "an int as a text"),
    ("string(now) == ''", "an instant with a fraction"),
    ("object.a.b == null", "what is not there on purpose"),
    ("[1] == [1]", "lists of ints"),
    ("[object.a.b] == [object.a.n]", "a list with an int"),
    ("money('1.0000001') == 1", "an amount of more than millionths"),
    ("money('x') == 1", "no amount"),
    ("money('999999999999999') * 1 == 1", "an amount beyond 64 bits"),
    ("object.a.n * 900000000000000000 * 4 == 1", "a product beyond 64 bits"),
    ("object.a.b * 2 == 2", "a text times two"),
    ("timestamp(object.at) + days(3650000) == object.at", "an instant behind the last, compared"),
]


@pytest.mark.parametrize(("source", "why"), LEFT, ids=[why for _, why in LEFT])
def test_what_may_mean_more_is_left_to_the_engine(source: str, why: str) -> None:
    assert ENGINE.sure(source, POLICY_FACTS, POLICY_FUNCTIONS) is not None
    assert sure(source, object=OBJECT, now=NOW) is None


def test_a_pattern_that_is_put_together_is_found_anew_for_each_value() -> None:
    told = ENGINE.sure("object.s.matches('^' + object.p + '$')", POLICY_FACTS, POLICY_FUNCTIONS)
    assert told is not None
    assert [told_by(told, {"object": {"s": "ab", "p": pattern}}) for pattern in ("ab", "a", "a.", "(")] == [
        True,
        False,
        True,
        None,
    ]
    assert told({"object": {"s": "ab", "p": "ab"}}) is True


def test_a_function_that_is_not_given_is_left_to_the_engine() -> None:
    told = ENGINE.sure("exists(ref)", POLICY_FACTS, POLICY_FUNCTIONS)
    assert told is not None
    assert [told_by(told, {"ref": "x", **calls}) for calls in ({}, {"exists": lambda name: name == "x"})] == [
        None,
        True,
    ]


def test_a_pattern_that_is_written_out_is_made_once() -> None:
    made: list[str] = []

    def finder(pattern: str) -> Callable[[str], bool]:
        made.append(pattern)
        return lambda text: text == "x"

    told = sure_of("object.s.matches('[x]')", POLICY_FACTS, POLICY_FUNCTIONS, finder)
    assert told is not None
    assert [told_by(told, {"object": {"s": text}}) for text in "xyx"] == [True, False, True]
    assert made == ["[x]"]


def test_an_instant_of_another_zone_is_left_to_the_engine() -> None:
    whole = datetime(2026, 3, 1, tzinfo=UTC)
    source = "string(now) == object.at"
    assert sure(source, object=OBJECT, now=whole) is True
    for other in (
        whole.replace(microsecond=1),
        whole.astimezone(timezone(timedelta(hours=1))),
        whole.replace(tzinfo=None),
    ):
        assert sure(source, object=OBJECT, now=other) is None


@pytest.mark.parametrize(
    "value",
    [1.0, 1.5, None, 1 << 63, "a\0", "a" * 2001, ("x",), [1], {"a": 1}, [["x"]], ["x\0"], ["x"] * 201],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("source", ["object.v == object.v", "object.v in ['x']", "object.v < 3", "'x' in object.v"])
def test_values_of_which_more_could_be_meant_are_left_to_the_engine(source: str, value: Any) -> None:
    assert sure(source, object={"v": value}) is None


WRITTEN_OTHERWISE = [
    "object.a == 1.5", "object.a == -1", "object.a == 1u", "object.a == 0x10", "object.a == r'x'", "object.a == b'x'",
    "object.a == '''x'''", '"\\n" == object.a', "object.a // so", "object.a - 1 == 2", "object.a / 2 == 2",
    "(object.?a).b == 'x'", "object.list.map(one, one) == []", "object.list.exists_one(one, true)",
    "{'a': 1} == object.a", "duration(object.a) > now", "object.?a == object.?a", "object.?a.b == 'x'",
    "dyn(object.a) == 1", "unknown == 1", "object.a.lowerAscii() == 'x'", "object.?a.orValue('x') == 'x' ? true",
    "has(object)", "timestamp('x', 'y') == now", "targets('x') == []", "['x', ] == object.a //", "object.in == 1",
    "(object.a", "'a' in {}", "[?object.?a] == []", "true true", "", "object.a.", "&&", "object.all(1, true)",
    "object.?a", "object.null == 1", "object.true == 1", "object.l.all(while, true)", "has(object a)",
    "dyn() == 1", "object.a.orValue(true)", "object.a.hasValue()",
    "referring('x') == []", "past('x', 'y')", "size('x', 'y') == 1",
]  # fmt: skip


@pytest.mark.parametrize("source", WRITTEN_OTHERWISE)
def test_what_is_written_otherwise_has_no_short_cut(source: str) -> None:
    assert ENGINE.sure(source, POLICY_FACTS, POLICY_FUNCTIONS) is None


def test_a_name_of_a_loop_hides_another_and_is_gone_behind_it() -> None:
    source = "object.a.list.exists(ref, ref == 'y') && ref == 'x'"
    assert sure(source, object=OBJECT) is True
    assert engine(source, object=OBJECT) is True
    assert ENGINE.sure("object.all(one, true) && one", POLICY_FACTS, POLICY_FUNCTIONS) is None
    # A function of the same name could be meant.
    assert ENGINE.sure("object.a.all(exists, exists('x'))", POLICY_FACTS, POLICY_FUNCTIONS) is None


@pytest.mark.parametrize("loop", ["all(one, true)", "exists(one, false)", "filter(one, true).size() == 200"])
def test_so_many_rounds_are_made_and_no_more(loop: str) -> None:
    expected = loop[0] != "e"
    assert sure(f"object.l.{loop}", object={"l": ["x"] * 200}) is expected
    assert sure(f"object.l.{loop}", object={"l": ["x"] * 201}) is None
    # Counted anew for each evaluation, and together where loops stand within loops.
    assert sure(f"object.l.{loop}", object={"l": ["x"] * 200}) is expected
    assert sure("object.l.all(a, object.l.all(b, true))", object={"l": ["x"] * 13}) is True
    assert sure("object.l.all(a, object.l.all(b, true))", object={"l": ["x"] * 14}) is None


def test_what_is_made_of_a_text_is_made_of_that_text() -> None:
    source = "string(timestamp(object.at) + days(2)) == object.then"
    day = "2026-01-{}T00:00:00Z".format
    for first, then, word in [("01", "03", True), ("02", "04", True), ("01", "04", False), ("01", "03", True)]:
        assert sure(source, object={"at": day(first), "then": day(then)}) is word
    for at in (None, 1, "2026-01-01", ["2026-01-01T00:00:00Z"]):
        assert sure(source, object={"at": at, "then": day("03")}) is None
    source = "string(timestamp(object.at) + days(object.n)) == object.then"
    assert sure(source, object={"at": day("01"), "n": 2, "then": day("03")}) is True
    assert sure(source, object={"at": day("01"), "n": 3, "then": day("03")}) is False


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("object.v", "x"), ("object.v ? 'x' : 'y'", True), ("object.?v.orValue('x')", "y"), ("object.v.size()", "x"),
        ("timestamp(object.v)", "2026-01-01T00:00:00Z"), ("!timestamp(object.v)", "2026-01-01T00:00:00Z"),
        ("object.v + 1", 1), ("object.v > 'x'", 1), ("object.v > 1", "x"), ("object.v > 1", True), ("object.v", None),
    ],
)  # fmt: skip
def test_what_is_neither_true_nor_false_is_for_the_engine(source: str, value: object) -> None:
    assert sure(source, object={"v": value}) is None


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">="])
def test_numbers_are_compared_with_one_that_is_written_out(sign: str) -> None:
    expected = {
        "<": [True, False, False],
        "<=": [True, True, False],
        ">": [False, False, True],
        ">=": [False, True, True],
    }
    assert [sure(f"object.n {sign} 3", object={"n": number}) for number in (2, 3, 4)] == expected[sign]
    assert [sure(f"3 {sign} object.n", object={"n": number}) for number in (4, 3, 2)] == expected[sign]


def test_functions_give_so_much_and_no_more() -> None:
    def told(count: int, source: str) -> bool | None:
        return sure(source, object={"l": ["x"] * 4}, dependents=lambda name: ["y"] * count)

    assert told(2000, "dependents(ref).size() > 0") is True
    assert told(2001, "dependents(ref).size() > 0") is None
    assert told(500, "object.l.all(one, dependents(one).size() > 0)") is True
    assert told(501, "object.l.all(one, dependents(one).size() > 0)") is None
    assert told(500, "object.l.all(one, dependents(one).size() > 0)") is True


def test_long_and_deep_texts_are_left_to_the_engine() -> None:
    assert sure(" && ".join(["true"] * 100)) is True
    assert sure(" && ".join(["true"] * 101)) is None
    assert sure("(" * 23 + "true" + ")" * 23) is True
    assert sure("(" * 24 + "true" + ")" * 24) is None
    assert sure("!" * 198 + "true") is True
    assert sure("!" * 200 + "true") is None
    # Only what stands within another counts as deeper.
    assert sure(" && ".join(["(true)"] * 30)) is True
    assert sure("(true) && " * 9 + "(" * 24 + "true" + ")" * 24) is None


def test_facts_are_as_they_were() -> None:
    facts = {"object": OBJECT, "ref": "x", "owner": {}, **CALLS}
    before = dict(facts)
    told = ENGINE.sure("object.a.list.exists(object, object == 'y')", POLICY_FACTS, POLICY_FUNCTIONS)
    assert told is not None
    assert told(facts) is True
    assert facts == before


@pytest.mark.parametrize(
    "path", ["object.a.b", "object.a.b.x", "object.a.none", "object.none.x", "object.a.list", "object.a.n"]
)
@pytest.mark.parametrize(
    "whole",
    ["{}.?x.orValue('v').size() == 1", "{}.?x.hasValue()", "{}.?x.orValue('v') == 'v'", "has({}.x)", "{}.x == 'v'"],
)
def test_what_is_no_mapping_or_not_there_is_left_to_the_engine(path: str, whole: str) -> None:
    assert sure(whole.format(path), object=OBJECT) is None
    assert isinstance(engine(whole.format(path), object=OBJECT), ExpressionError)


@pytest.mark.parametrize("loop", ["all(one, one)", "exists(one, one)", "filter(one, one).size() == 2"])
def test_what_a_loop_asks_has_to_be_true_or_false(loop: str) -> None:
    assert sure(f"object.a.list.{loop}", object=OBJECT) is None
    assert isinstance(engine(f"object.a.list.{loop}", object=OBJECT), ExpressionError)
    assert sure(f"object.a.list.{loop.replace(', one)', ', object.a.yes)')}", object=OBJECT) is True
