"""What an expression may read follows from what it does with it in loops and sums; a loop that builds is refused."""

from __future__ import annotations

import pytest

from tarmac.adapters.cel_growth import NO_BOUNDS, Bounds, bounds_of, refuse_expansion
from tarmac.errors import ExpressionError

TEN = "[1,2,3,4,5,6,7,8,9,10]"
REFUSED = (
    "a loop builds a new text, list or map in each round: within all(), map() and the like write + only with a "
    "number, and lists only of constants"
)


@pytest.mark.parametrize(
    ("source", "at"),
    [
        ("object.list.all(x, size(object.s + object.s) > 0)", "+ object.s)"),
        ("['aa'].map(a, a + a).map(a, a + a).size() > 0", "+ a).map"),
        (f"{TEN}.all(a, [a, a] == [a, a])", "[a, a] =="),
        (f"{TEN}.all(a, f([a]))", "[a]"),
        (f"{TEN}.all(a, a == [1, a, 2])", "[1, a"),
        (f"{TEN}.map(a, {{'k': a}}).size() > 0", "{'k'"),
        (f"{TEN}.map(a, {{ k", "{ k"),
        (f"{TEN}.exists(a, a in [a])", "[a])"),
        (f"{TEN}.exists(a, a in\n[a])", "[a])"),
        ("object.list.filter(x, {'a': x}.size() > 0 ? true : false).size() > 0", "{'a'"),
        ("object.list\n  . exists_one (x, x in[object.a])", "[object.a"),
        ("a.all(x, (true) && [x] == b)", "[x] =="),
        ("a.all(x, b.all(y, true) && c + d == x)", "+ d"),
        ("a.all(x, f(x) + g(x) == x)", "+ g(x)"),
        ("a.all(x, x2 + y == x)", "+ y"),
        ("a.all(x, x.2 + y == x)", "+ y"),
        ("a.all(x, '1' + y == x)", "+ y"),
        ("a.all(x, y + '1' == x)", "+ '1'"),
        ("'\\n'\n + a.all(x,\n 'b' != c + d)", "+ d"),
        ("// a\n a.all(x, c +d)", "+d"),
        ("a.all(x, truer in [truer])", "[truer]"),
        ("a.all(x, x\nin [a])", "[a]"),
        ("a.all(x, (x)in[a])", "[a]"),
        ("a.all(x, x.in[a] && begin[a] && [a] == b)", "[a] =="),
        ("a.all(x, T{k: x})", "{k"),
        ("a.all(x, T {k: x}", "{k"),
        ("a.all(x, X && b + c)", "+ c"),
        (".all(x, b + c)", "+ c"),
        ("\na.all(x, b + c)", "+ c"),
        ("\n\n a.all(x,\n\n b + c)", "+ c"),
        ("a.all // z\n(x, b + c)", "+ c"),
        (f"a.{' ' * 50}all{' ' * 50}(x, b + c)", "+ c"),
        ("a.map(x, b.filter(y, y) + c)", "+ c"),
    ],
)  # fmt: skip
def test_a_loop_that_builds_values_is_refused_where_it_does(source: str, at: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        bounds_of(source)
    assert str(caught.value) == REFUSED
    assert source.split("\n")[caught.value.line - 1][caught.value.column - 1 :].startswith(at)


@pytest.mark.parametrize(
    "source",
    [
        "object.list.all(x, x + 1 > 0 && 1 + x > 0 && x+0xF > 1 && 0xF + x > 2 && 1.5 + x > 2)",
        "object.list.all(x, x in [1, 2.5, -3] && !(string(x) in ['a+b', \"c\", null, true, false]))",
        "(object.list + [object.a]).all(x, object.list[x - 1] > 0) // + [x]",
        "a.all(x, b[x] && b [x] && f()[x] && b[0][x] && 'a'[x])",
        "object.s + '' + object.s == 'orders' && {'a': object.a}.a == 1",
        "object.list.all(x, 'a + b' != string(x)) && [object.a] == [1]",
        "object.list.all(x, '''a'[b + c]''' != string(x) && r\"\\\" != x) && a + b == c",
        "object.list.all(x, {} != object.spec && { } != x && [] == x)",
        "a.all(x, (b) && (x))",
        "a.allx(x, b + c) && all(x, b + c) && mapped.smap(x, [x] == {'a': x})",
        "a.all(x, x) || ) + b",
        "a[b.all(x, x)] + c",
        "a.all(X, X > 0) && b + c == d",
    ],
)
def test_what_builds_nothing_in_a_loop_is_fine(source: str) -> None:
    assert isinstance(bounds_of(source), Bounds)


def test_what_neither_loops_nor_adds_has_no_bounds() -> None:
    for source in ("", "object.s.size() > 0 && object.s == object.s", "a == b && [a, b] == [{'c': d}]"):
        assert bounds_of(source) is NO_BOUNDS
    assert Bounds() == Bounds(None, None, False)


def test_what_the_engine_would_write_out_again_and_again_is_refused() -> None:
    for source in ("", "a.?b.optMap(x, x).optFlatMap(y, y).orValue(1)", "a.optMap(x, 1)" * 3, "myoptMap(x)" * 4):
        refuse_expansion(source)
    refuse_expansion("a.optMap (x, 'optMap(') // optMap( optMap(\n" * 3)
    with pytest.raises(ExpressionError) as caught:
        refuse_expansion("a.optMap(x, x)\n .optFlatMap(x, x) . optMap (x, x)\n  .optMap(x, x).optMap(x, x)")
    assert (caught.value.line, caught.value.column) == (3, 4)
    assert str(caught.value) == "an expression has at most 3 optMap() and optFlatMap(): write .?field and orValue()"


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("a + 'b' + 'c' + 'd' + 'e' == f", None),
        ("a + 'b' + 'c' + 'd' + 'e' + 'f' == g", 65_536),
        ("a + '+' + '+' + '+' == f", None),
        ("a + 'b' + 'c' + 'd' + 'e' + f.lowerAscii() == g", 65_536),
        ("a.all(x, x > 0)", 65_536),
        ("a.exists(x, x > 0)", 65_536),
        ("a.exists_one(x, x > 0)", 65_536),
        ("a .\n all (x, x > 0)", 65_536),
        ("a.all(x, x.matches('a'))", 2_048),
        ("a.all(x, b.lowerAscii() == 'a')", 2_048),
        ("b.lowerAscii().all(x, x == 'a')", 65_536),
        ("a.all(x, x) && b.lowerAscii() == 'a'", 65_536),
        *(
            (f"a.all(x, {call})", 65_536)
            for call in (
                "has(x.b)", "dyn(x)", "x.?b.orValue(1) == 1", "x.?b.hasValue()", "x.?b.or(x.?c).hasValue()",
                "x.?b.optMap(y, 1).hasValue()", "x.startsWith('a')", "x.endsWith('a')", "x.contains('a')", "bool(x)",
            )
        ),
        ("a.all(x, size(x) > 0)", 2_048),
        ("a.all(x, x.size() > 0)", 2_048),
        ("a.all(x, targets(x, 'b').size() > 0)", 65_536),
        ("a.all(x, dependents(x).size() > 0 && referring(x, 'b') . size() > 0)", 65_536),
        ("a.all(x, needs(x).size() > 0 && together(x).size() > 0)", 65_536),
        ("a.all(x, size(targets(x, 'b')) > 0)", 2_048),
        ("a.all(x, version(x).size() > 0)", 2_048),
        ("a.all(x, targets(x, 'b').matches('c'))", 2_048),
        ("a.all(x, exists(x) && entity(x).b && version(x).c)", 65_536),
        ("a.all(x, exists(object.s))", 2_048),
        *((f"a.all(x, exists({fact}.s))", 2_048) for fact in ("old", "owner", "platform", "git", "change", "cost")),
        ("a.all(x, exists(budget.s))", 2_048),
        ("a.all(x, exists(objects.s))", 65_536),
        ("a.all(x, x.exists('a'))", 65_536),
        ("a.all(x, x.entity('a'))", 2_048),
        ("a.all(x, b.all(y, exists(y)))", 2_048),
        ("a.all(x, b.all(y, c.filter(z, z)))", 65_536),
        ("a.all(x, exists(x))", 65_536),
    ],
)  # fmt: skip
def test_how_long_texts_may_be_that_it_reads(source: str, texts: int | None) -> None:
    assert bounds_of(source).texts == texts


@pytest.mark.parametrize(
    ("source", "elements"),
    [
        ("a.all(x, x > 0) && b == c", None),
        ("a == b && b in c", None),
        *(
            (f"a.all(x, {comparison})", None)
            for comparison in (
                "x == 1", "1 == x", "x != -1", "-1 != x", "x == 'a'", "'a' == x", "x == true", "true == x",
                "x != false", "null == x", "x != null", "x == [1]", "[1] == x", "x == {}", "{} == x", "x in [1]",
                "0xF == x", "x == 0xF", "x < b", "x > b", "inner(x)",
            )
        ),
        *(
            (f"a.all(x, {comparison})", 1_000)
            for comparison in (
                "x == b", "x != b", "x in b", "x == truer", "untrue == x", "x.1 == b", "b2 == x", "x == b && x == 1",
            )
        ),
        ("a.map(x, 1)", 2_000),
        ("a.filter(x, true)", 2_000),
        ("a .\n filter (x, true)", 2_000),
        ("a.map(x, 1) + b", 1_000),
        ("a.map(x, 1) + b + c", 666),
        ("a.map(x, 1) + [1] == b", 1_000),
        ("a.map(x, x + 1)", 2_000),
        ("a.map(x, 1 + x)", 2_000),
        ("a.map(x, x).map(y, y)", 300),
        ("a.map(x, x).map(y, y) + b", 150),
        ("a.all(x, b.map(y, y).c)", 300),
        ("a.all(x, x == b).map(y, y)", 1_000),
        ("a.map(x, x == b)", 1_000),
        ("a.map(x, x == b) + c + d", 666),
        ("a.map(x, x).filter(y, y == b)", 300),
    ],
)  # fmt: skip
def test_how_many_elements_facts_may_have_that_it_reads(source: str, elements: int | None) -> None:
    assert bounds_of(source).elements == elements


@pytest.mark.parametrize(
    ("source", "sums"),
    [
        ("a + b > 0", True),
        ("a + 1 > 0", False),
        ("1 + a > 0", False),
        ("0xF + a > 0", False),
        ("a1 + b > 0", True),
        ("a.1 + b > 0", True),
        ("'a' + b != ''", False),
        ("a + \"b\" != ''", False),
        ("[a] + b == c", False),
        ("a + [b] == c", False),
        ("{} + b == c", False),
        ("a + {} == c", False),
        ("a +{} == c", False),
        ("a +now > b", False),
        (f"1{' ' * 39}+ a > 0", False),
        (f"1{' ' * 40}+ a > 0", True),
        (f"now{' ' * 197}+ a > b", False),
        (f"now{' ' * 198}+ a > b", True),
        ("true + a == b || a + true == b || null + a == b || a + null == b || false + a == b", False),
        ("a + truer == b", True),
        ("now + days(3) > a && a + now > b", False),
        ("nows + a > b", True),
        ("x.now + a > b", True),
        ("a + nowhere > b", True),
        *((f"{name}(a) + b == c && b + {name}(a) == c", False) for name in (
            "days", "span", "duration", "timestamp", "string", "size", "int", "money", "targets", "dependents",
            "referring", "needs", "together",
        )),
        ("decimal(a) + b == c", True),
        ("b + decimal(a) == c", True),
        ("xdays(a) + b == c", True),
        ("b + days (a) == c", False),
        ("days(f(a)) + b == c", True),
        ("a + b + 1 == c", True),
        ("// a + b\n a == 'b + c'", False),
    ],
)  # fmt: skip
def test_whether_it_adds_facts_to_facts(source: str, sums: bool) -> None:
    assert bounds_of(source).sums is sums
