"""The engine's edges: exact bounds and words, what is kept from one evaluation to the next, and what functions give."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from tarmac.adapters.cel import Cel
from tarmac.adapters.cel_values import INSTEAD
from tarmac.errors import Defect, ExpressionError
from tarmac.model.expressions import Fact, told_by

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)
ADDED = "a number with a fraction is among the facts, and + does not add such: write a.plus(b)"
STEPS = "it takes too many steps: it looks at too much in all(), map() and the like"


def value(source: str, facts: Mapping[str, Fact], **functions: Callable[[str], Fact]) -> Fact:
    expression = Cel().compile(source, ("object", "now"), dict.fromkeys(functions, 1))
    return expression.evaluate(facts, functions)


def fault(source: str, facts: Mapping[str, Fact], **functions: Callable[[str], Fact]) -> str:
    with pytest.raises(ExpressionError) as caught:
        value(source, facts, **functions)
    return str(caught.value)


@pytest.mark.parametrize(
    ("source", "gives"),
    [
        ("true", "bool"), ("1", "int"), ("'a'", "string"), ("decimal('1')", "decimal"), ("null", "null"),
        ("now", "timestamp"), ("days(1)", "duration"), ("[1]", "list"), ("{'a': 1}", "map"), ("object", "dyn"),
    ],
)  # fmt: skip
def test_what_an_expression_gives(source: str, gives: str) -> None:
    assert Cel().compile(source, ("object", "now")).gives == gives


def test_refusals_in_their_words() -> None:
    engine = Cel()
    longest = "'" + "é" * 2047 + "'"
    assert engine.compile(longest, ()).gives == "string"
    for source, message in [
        (longest + " ", "the expression has 4097 bytes, and at most 4096 are read"),
        ("1.5", f"the result is of type double, and no fact can be: {INSTEAD}"),
        ("object.?a", "the result is an optional: end it by .orValue(...)"),
        (
            "object.?a" + ".optMap(x, x)" * 4 + ".orValue(1)",
            "an expression has at most 3 optMap() and optFlatMap(): write .?field and orValue()",
        ),
    ]:
        with pytest.raises(ExpressionError) as caught:
            engine.compile(source, ("object",))
        assert str(caught.value) == message


def test_a_name_that_the_engine_cannot_hold_is_a_fault_of_ours_and_says_so() -> None:
    with pytest.raises(Defect, match=r"^the expression environment cannot be made: NewEnv\(\)"):
        Cel().compile("true", ("\ud800",))


def test_an_expression_knows_what_it_was_written_as() -> None:
    source = "object.s.matches('a')  // so"
    assert Cel().compile(source, ("object",)).source == source


def test_what_is_plain_is_told_without_evaluating() -> None:
    told = Cel().sure("object.s == 'a' && f(object.s)", ("object",), {"f": 1})
    assert told is not None
    assert told({"object": {"s": "a"}, "f": lambda text: text == "a"}) is True
    assert told({"object": {"s": "b"}, "f": lambda text: text == "a"}) is False
    assert told_by(told, {"object": {"s": 1}, "f": lambda text: text == "a"}) is None
    assert Cel().sure("object.s", ("other",)) is None


def test_facts_that_are_not_given_are_missed_only_where_they_are_read() -> None:
    facts: Mapping[str, Fact] = {"object": {"l": [1, 2], "n": 1, "s": "a"}}
    for source in ("object.n == 1", "object.l.all(x, object.s != 'b')", "object.l.map(x, x).size() == 2"):
        assert value(source, facts) is True
    assert value("object.n + object.n", facts) == 2
    assert fault("now == now", facts) != ""


def test_the_longest_text_and_the_most_elements() -> None:
    for size, refused in ((65_536, False), (65_537, True)):
        facts: Mapping[str, Fact] = {"object": {"s": "a" * size, "l": [1]}, "now": NOW}
        source = "object.l.all(x, object.s != 'b')"
        if refused:
            assert fault(source, facts) == "a text among the facts is longer than 65,536 characters"
        else:
            assert value(source, facts) is True
    for count, refused in ((1_998, False), (1_999, False), (2_000, False), (2_001, True)):
        facts = {"object": list(range(count)), "now": NOW}
        if refused:
            assert fault("object.map(x, x).size() > 0", facts).startswith("facts of more than 2,000 elements are not")
        else:
            assert value("object.map(x, x).size() > 0", facts) is True
    # An expression that reads no facts has none too many, however little it may read.
    sums = ", ".join(["'a'+'b'"] * 300)
    assert value(f"[1].map(x, x).map(y, y) == [1] && [{sums}].size() == 300", {}) is True
    # Commas in a text are no elements.
    assert value("object.l.map(x, x) == [1]", {"object": {"l": [1], "s": "," * 5000}, "now": NOW}) is True


def test_no_expression_is_given_more_than_any_document_holds() -> None:
    many = list(range(25_001))
    said = "a fact has more than 25,000 elements, and no expression works on so many"
    for fact in (many, {"l": many}, tuple(many)):
        assert fault("object != null", {"object": fact}) == said
    assert fault("f('a') != null", {}, f=lambda text: {"l": many}) == said
    assert fault("f('a') != null", {}, f=lambda text: tuple(many)) == said


@pytest.mark.parametrize("one", [[[[1]]], {"a": {"b": {"c": 1}}}, ((1, 2),)], ids=repr)
def test_what_stands_within_elements_is_counted_as_well(one: Fact) -> None:
    source = "object.map(x, x).size() > 0"
    assert value(source, {"object": [one] * 500}) is True
    assert fault(source, {"object": [one] * 501}).startswith("facts of more than 2,000 elements are not worked on")


@pytest.mark.parametrize("pattern", ["a" * 1000, "a" * 1001])
def test_a_pattern_has_at_most_a_thousand_characters(pattern: str) -> None:
    facts: Mapping[str, Fact] = {"object": {"s": "a" * 1000, "p": pattern}}
    if len(pattern) > 1000:
        assert fault("object.s.matches(object.p)", facts) == "a pattern has at most 1000 characters"
    else:
        assert value("object.s.matches(object.p)", facts) is True


def test_functions_that_look_at_texts_again_and_again_end_in_too_many_steps() -> None:
    facts: Mapping[str, Fact] = {"object": {"l": ["a"] * 1000, "s": "A" * 2000, "p": "a" + "|a" * 499}}
    assert STEPS in fault("object.l.all(x, x.matches(object.p))", facts)
    assert STEPS in fault("object.l.all(x, object.s.lowerAscii().startsWith('a'))", facts)
    assert value("object.l.all(x, x.matches('a'))", facts) is True


def test_functions_of_the_catalog_are_counted_with_what_they_give() -> None:
    facts: Mapping[str, Fact] = {"object": ["a"] * 6_000}
    source = "object.all(x, f(x))"
    assert STEPS in fault(source, facts, f=lambda text: True)
    assert value(source, {"object": ["a"] * 4_000}, f=lambda text: True) is True
    few: Mapping[str, Fact] = {"object": ["a"] * 300}
    texts: list[Fact] = ["b"] * 20
    given: list[tuple[Fact, bool]] = [
        (texts, True), ([*texts, 1], True), ({"a": list(texts)}, False), (tuple(texts), True), ("b" * 2000, False),
    ]  # fmt: skip
    for fact, dear in given:
        if dear:
            assert STEPS in fault("object.all(x, f(x) != null)", few, f=lambda text, fact=fact: fact)  # type: ignore[misc]
        else:
            assert value("object.all(x, f(x) != null)", few, f=lambda text, fact=fact: fact) is True  # type: ignore[misc]


def test_no_function_gives_more_elements_than_the_expression_works_on() -> None:
    source = "f('a').x.map(x, x).size() > 0"
    assert value(source, {}, f=lambda text: {"x": list(range(1_990))}) is True
    assert "facts of more than 2,000 elements" in fault(source, {}, f=lambda text: {"x": list(range(2_001))})
    listed = "f('a').map(x, x).size() > 0"
    assert "facts of more than 2,000 elements" in fault(listed, {}, f=lambda text: ["b"] * 2_001)
    assert "facts of more than 2,000 elements" in fault(listed, {}, f=lambda text: [1] * 2_001)


@pytest.mark.parametrize(
    ("given", "source", "expected"),
    [
        (True, "f('a')", True),
        (False, "f('a')", False),
        (None, "f('a')", None),
        (3, "f('a') + 1", 4),
        ("x", "f('a') + 'y'", "xy"),
        (Decimal("1.5"), "f('a') == decimal('1.5')", True),
        (["x", "y"], "f('a')", ["x", "y"]),
        ([], "f('a')", []),
        ([Decimal("1.5")], "f('a')[0] == decimal('1.5')", True),
        ([NOW], "timestamp(f('a')[0]) == now", True),
        (NOW, "f('a').startsWith('2026-12-01T06:00:00')", True),
        ({"n": Decimal("1.5")}, "f('a').n", Decimal("1.5")),
        ({"n": 1}, "f('a').n + f('a').n", 2),
    ],
)
def test_what_functions_give_is_what_the_expression_sees(given: Fact, source: str, expected: Fact) -> None:
    assert value(source, {"now": NOW}, f=lambda text: given) == expected


@pytest.mark.parametrize("given", [["production\0x"], ["\0"], "production\0x", {"a": "production\0x"}])
def test_a_text_with_a_nul_from_a_function_is_an_error_and_not_its_beginning(given: Fact) -> None:
    assert fault(
        "f('a') == ['production'] || f('a') == 'production' || f('a').a == 'production'", {}, f=lambda _: given
    )


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Decimal("1.5"), Decimal("1.5")),
        ({"n": Decimal("1.5")}, {"n": Decimal("1.5")}),
        (Decimal("1.5"), 1),
        (1, Decimal("1.5")),
    ],
)
def test_a_sum_of_what_functions_give_is_refused_where_a_fraction_is_among_it(first: Fact, second: Fact) -> None:
    facts = {"a": first, "b": second}
    assert fault("[f('a') == f('b'), dyn(1) + dyn(1) == 2] == [true]", {}, f=lambda text: facts[text]) == ADDED
    # What was given before says nothing of the next evaluation.
    engine, functions = Cel(), {"f": lambda text: facts[text]}
    sums = engine.compile("dyn(1) + dyn(1) == 2", ("object",), {"f": 1})
    with pytest.raises(ExpressionError):
        engine.compile(
            "dyn(f('a')) == f('b') && dyn(1) + dyn(1) == 2 && dyn(1) + dyn(2) == 4", ("object",), {"f": 1}
        ).evaluate({"object": first}, functions)
    assert sums.evaluate({"object": {}}, functions) is True


def test_a_sum_is_refused_for_a_fraction_among_the_facts_and_for_nothing_else() -> None:
    source = "object.n + object.n"
    assert fault(source, {"object": {"n": 1, "r": [{"s": Decimal("0.5")}]}}) == ADDED
    others: list[Fact] = [NOW, None, "0.5", [1], {"a": {}}]
    for other in others:
        facts: Mapping[str, Fact] = {"object": {"n": 1, "other": other}, "now": NOW}
        assert value(source, facts) == 2
    assert value("object.n * 2", {"object": {"n": 1, "r": Decimal("0.5")}}) == 2


class Seen(dict[str, Any]):
    """A fact that can be watched."""


def test_what_was_seen_before_is_not_kept_without_functions() -> None:
    engine = Cel()
    expression = engine.compile("object.n * 2", ("object",))
    # What holds a fraction is converted.
    first = Seen(n=1, r=Decimal("0.5"))
    watched = weakref.ref(first)
    assert expression.evaluate({"object": first}) == 2
    del first
    assert expression.evaluate({"object": {"n": 2}}) == 4
    gc.collect()
    assert watched() is None


class Counted(Mapping[str, Fact]):
    """A fact that counts how often it is gone through."""

    def __init__(self) -> None:
        self.times = 0

    def __getitem__(self, key: str) -> Fact:
        return {"n": 1}[key]

    def __iter__(self) -> Iterator[str]:
        self.times += 1
        return iter(("n",))

    def __len__(self) -> int:
        return 1


def test_what_several_facts_have_in_common_is_converted_once_for_the_same_functions() -> None:
    engine = Cel()
    expression = engine.compile("object.n == 1 && f('a')", ("object", "ref"), {"f": 1})
    shared, calls = Counted(), {"f": lambda text: True}
    assert expression.evaluate({"object": shared, "ref": "a"}, calls) is True
    once = shared.times
    assert once > 0
    assert expression.evaluate({"object": shared, "ref": "b"}, calls) is True
    assert shared.times == once


def test_the_same_functions_over_other_facts_and_other_functions_over_the_same() -> None:
    engine = Cel()
    expression = engine.compile("f(object.n)", ("object",), {"f": 1})
    calls: dict[str, Callable[[str], Fact]] = {"f": lambda text: text + "!"}
    one: Mapping[str, Fact] = {"object": {"n": "one"}}
    two: Mapping[str, Fact] = {"object": {"n": "two"}}
    assert [expression.evaluate(facts, calls) for facts in (one, two, one, one)] == ["one!", "two!", "one!", "one!"]
    assert expression.evaluate(one, {"f": lambda text: text + "?"}) == "one?"


def test_an_error_leaves_the_engine_as_it_was() -> None:
    engine = Cel()
    facts: Mapping[str, Fact] = {"object": {"l": ["a"] * 6_000, "n": 1}}
    with pytest.raises(ExpressionError):
        engine.compile("object.l.all(x, f(x))", ("object",), {"f": 1}).evaluate(facts, {"f": lambda text: True})
    assert engine.compile("f('a')", ("object",), {"f": 1}).evaluate(facts, {"f": lambda text: True}) is True
