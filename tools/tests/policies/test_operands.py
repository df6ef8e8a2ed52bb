"""An expression is taken apart where a person would, not where a text, a comment or a bracket only looks like it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.cel import Cel
from tarmac.errors import ExpressionError
from tarmac.rules.policy_operands import Part, fact_paths, parts

FACTS = ("object", "owner", "ref", "now")


def shape(part: Part) -> object:
    """(operator, pieces...), or the text where it is not taken apart."""
    return (part.operator, *map(shape, part.children)) if part.children else part.source


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a", "a"),
        ("a && b", ("&&", "a", "b")),
        ("a && b || c && d", ("||", ("&&", "a", "b"), ("&&", "c", "d"))),
        ("(a || b) && (c)", ("&&", ("||", "a", "b"), "c")),
        ("((a && b))", ("&&", "a", "b")),
        ("(a) && (b)", ("&&", "a", "b")),
        ("!(a && b)", "!(a && b)"),
        ("x.all(y, y && z) && b", ("&&", "x.all(y, y && z)", "b")),
        ("'a && b' == c || \"||\" == d", ("||", "'a && b' == c", '"||" == d')),
        ("a && b // && c", ("&&", "a", "b")),
        ("a // ||\n && b", ("&&", "a", "b")),
        ("a ? b : c", ("?:", "a", "b", "c")),
        ("a ? b ? c : d : e", ("?:", "a", ("?:", "b", "c", "d"), "e")),
        ("a ? b && c : d || e", ("?:", "a", ("&&", "b", "c"), ("||", "d", "e"))),
        ("object.?a.orValue(true) && b", ("&&", "object.?a.orValue(true)", "b")),
        ("object[?'a'].orValue(true) || {'k': 1}.k == 1", ("||", "object[?'a'].orValue(true)", "{'k': 1}.k == 1")),
        ("a ? b", "a ? b"),
        ("a?b:c", ("?:", "a", "b", "c")),
        ("a ?(b): c", ("?:", "a", "b", "c")),
        ("a ? {k: b}[k] : c", ("?:", "a", "{k: b}[k]", "c")),
        ("a ? b.?c.orValue(d) : e", ("?:", "a", "b.?c.orValue(d)", "e")),
        ("((X && Y)) || X", ("||", ("&&", "X", "Y"), "X")),
        ("X ? Y : X ? Y : X", ("?:", "X", "Y", ("?:", "X", "Y", "X"))),
        ("Y ? X : Y", ("?:", "Y", "X", "Y")),
        ("(", "("),
        ("", ""),
    ],
)
def test_it_is_taken_apart_at_its_logical_operators(source: str, expected: object) -> None:
    found = parts(source)
    assert shape(found) == expected
    assert found.operator == ("" if isinstance(expected, str) else expected[0])  # type: ignore[index]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("object.spec.type == 'x'", ["object.spec.type"]),
        ("object.spec.?tarmac.?tier.orValue('') == ''", ["object.spec.?tarmac.?tier"]),
        ("owner.roles[\"on-call\"].size() > 0", ['owner.roles["on-call"]']),
        ("object.list[0] == object.list[i] && object.l[12] == 1", ["object.list[0]", "object.list", "object.l[12]"]),
        ("object.metadata.links.exists(link, link.url == ref)", ["object.metadata.links", "ref"]),
        ("object.list.all(object, object.x)", []),
        ("entity(object.spec.system).owner == 'object.x' // owner.y", ["object.spec.system"]),
        ("x.object.y && x.?owner == 1 && now > now", ["now"]),
        ("object . spec\n . type == 1", ["object . spec . type"]),
        ("owner(1) == 2 || ref {a: 1} == now", ["now"]),
    ],
)  # fmt: skip
def test_the_facts_that_it_reads(source: str, expected: list[str]) -> None:
    assert list(fact_paths(source, FACTS)) == expected


texts = st.text(st.sampled_from("ab()&|?:.,'\"\\\n !+"), max_size=40)


@given(texts)
def test_any_text_is_taken_apart_without_losing_a_letter(source: str) -> None:
    def leaves(part: Part) -> list[str]:
        return [leaf for child in part.children for leaf in leaves(child)] if part.children else [part.source]

    def bare(text: str) -> str:
        return "".join(char for char in text if char not in "()&|?: \n")

    assert bare("".join(leaves(parts(source)))) == bare(source)
    fact_paths(source, FACTS)


operands = st.sampled_from(["true", "false", "object.a", "!object.b", "object.a == object.b", "'&&' != '||'"])
expressions = st.recursive(
    operands,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from([" && ", " || "]), inner).map("".join),
        inner.map(lambda one: f"({one})"),
        st.tuples(inner, inner, inner).map(lambda three: f"({three[0]} ? {three[1]} : {three[2]})"),
    ),
    max_leaves=8,
)


def value(source: str) -> object:
    try:
        return Cel().compile(source, ("object",)).evaluate({"object": {"a": True, "b": False}})
    except ExpressionError as error:
        return str(error)


def recomputed(part: Part) -> object:
    if not part.children:
        return value(part.source)
    found = [recomputed(child) for child in part.children]
    if part.operator == "?:":
        return found[1] if found[0] else found[2]
    return all(found) if part.operator == "&&" else any(found)


@given(expressions)
def test_the_pieces_put_together_have_the_value_of_the_whole(source: str) -> None:
    assert recomputed(parts(source)) == value(source)
