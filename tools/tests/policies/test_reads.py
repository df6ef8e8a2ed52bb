"""What an expression can read is never told as too little, and mostly exactly."""

from __future__ import annotations

import pytest

from tarmac.model.expressions import Fact
from tarmac.rules.policy_reads import NOTHING, Part, Reads, facet, named, names_in, object_paths, reads_of


def reads(*sources: str) -> Reads:
    return reads_of(sources)


def test_an_expression_reads_the_facts_that_it_names_wherever_their_names_stand() -> None:
    assert reads("object.a == now && git.changed != 'ref'").variables == {"object", "now", "git", "ref"}
    assert reads("objects.a == x.nowhere").variables == frozenset()
    assert reads("ref == 'a'", "platform.a").variables == {"ref", "platform"}
    assert names_in("a.b1 + 'c' // d") == {"a", "b1", "c", "d"}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("object.spec.owner == a[0].now && f(x).ref != a.?git", {"object"}),
        ("targets(ref, 'owner') == entity(a).version", {"targets", "ref", "owner", "entity"}),
        ("object1 == co_owner + nowhere", set()),
        (".now == old.kind && a in.platform.regions && b in .git", {"now", "old", "platform", "git"}),
        ("a.begin.owner == a._in.owner", set()),
    ],
)
def test_an_expression_names_facts_and_functions_where_they_are_no_fields(source: str, names: set[str]) -> None:
    assert named(source) == names


@pytest.mark.parametrize(
    ("source", "facts"),
    [
        ("owner.email != ''", {"email"}),
        ("owner.?slack.orValue('') == owner . ? costCenter.orValue('')", {"slack", "costCenter"}),
        ("owner.ref + owner.kind + owner.name", {"ref", "kind", "name"}),
        ("owner.members == [] && owner.memberCount == 0 && owner.roles == {}", {"members", "memberCount", "roles"}),
        ("owner.requests < owner.quota", {"requests", "quota"}),
        ("owner.something", {"*"}),
        ("owner == {}", {"*"}),
        ("owner['email'] == ''", {"*"}),
        ("owner.size() > 0", {"size"}),
        ("owner.size () > 0", {"size"}),
        ("owner.size == 0", {"*"}),
        ("size(owner) > 0", {"size"}),
        ("size( owner ) > 0 && owner.email == ''", {"size", "email"}),
        ("resize(owner)", {"*"}),
        ("object.size(owner)", {"*"}),
        ("'owner' in object.spec", set()),
        ('targets(ref, "owner") == []', set()),
        ("'owner.email' == ref", {"email"}),
        ("'owner\" == ref", {"*"}),
        ("(owner)", {"*"}),
        ("object.spec.owner == object.spec.?owner", set()),
        ("f(x).owner == a[0].owner && f(x).?owner == a[0].?owner", set()),
        ("owners + co_owner + owner1", set()),
        ("-.owner == 1", {"*"}),
        ("'a' in.owner.roles", {"roles"}),
        ("a.begin.owner == a._in.owner", set()),
        ("true", set()),
    ],
)
def test_which_facts_of_the_owner(source: str, facts: set[str]) -> None:
    assert reads(source).owner == facts


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("object.spec.type == 'a'", {("spec", "type")}),
        ("object.spec.?tarmac.?tier == object . metadata . name", {("spec", "tarmac", "tier"), ("metadata", "name")}),
        ('object.metadata.annotations["a/b"] == object[?"kind"]', {("metadata", "annotations", "a/b"), ("kind",)}),
        ('object[ "spec" ][ ? "a" ]', {("spec", "a")}),
        ("object.spec.type.startsWith('a')", {("spec", "type")}),
        ("object.spec.type.size ()", {("spec", "type")}),
        ("object.spec.list[0].a", {("spec", "list")}),
        ("object.spec[ref].a", {("spec",)}),
        ("object == {}", {()}),
        ("dyn(object).spec", {()}),
        ("'object.spec.a'", {("spec", "a")}),
        ("objects.a == my_object.b || object1.c", set()),
        ("x.object.spec", {("spec",)}),
    ],
)
def test_which_parts_of_the_object(source: str, paths: set[tuple[str, ...]]) -> None:
    assert set(object_paths(source)) == paths
    assert reads("true", source).object == paths


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("entity(ref).spec.type == 'a'", {("spec", "type")}),
        ("entity (ref).metadata.?name", {("metadata", "name")}),
        ("entity(object.spec.list[0]).kind + entity('a').apiVersion", {("kind",), ("apiVersion",)}),
        ("entity(string(f(1))).spec", {("spec",)}),
        ("entity('a)').spec.b", {("spec", "b")}),
        ("entity('a\\'').spec.b", {("spec", "b")}),
        ('entity("a)\\"").spec.b', {("spec", "b")}),
        ("entity('a') == {}", {()}),
        ("entity('a').status.b", {()}),
        ("entity('a').spec.size()", {("spec",)}),
        ("entity('a').size()", {()}),
        ("entity(entity('a').spec.b).spec.c", {("spec", "b"), ("spec", "c")}),
        ("[entity('a')].map(x, x.spec)", {()}),
        ("entity(r'a').spec.b", {()}),
        ("entity(bR'a').spec.b", {()}),
        ("entity(Rb'a').spec.b", {()}),
        ("entity('''a''').spec.b", {()}),
        ('entity("""a""").spec.b', {()}),
        ("entity('a').spec.b // c", {()}),
        ("entity(ref", {()}),
        ("identity(ref).spec.b", set()),
        ("'entity'", set()),
    ],
)
def test_which_parts_of_other_entities(source: str, paths: set[tuple[str, ...]]) -> None:
    assert reads(source).entity == paths


def test_what_two_read_together() -> None:
    one, other = reads("owner.email == object.spec.a && entity(ref).kind"), reads("owner.ref == object.kind")
    assert one.and_those(other) == Reads(
        frozenset({"owner", "object", "ref"}),
        frozenset({"email", "ref"}),
        frozenset({("kind",)}),
        frozenset({("spec", "a"), ("kind",)}),
        frozenset({"entity"}),
    )
    assert one.and_those(NOTHING) == NOTHING.and_those(one) == one


DOCUMENT = {"kind": "A", "metadata": {"name": "a", "labels": {"x": 1, "y": None}}, "spec": {"a": [1], "b": 2, "c": {}}}


@pytest.mark.parametrize(
    ("paths", "taken"),
    [
        ([], {}),
        ([("kind",)], {"kind": "A"}),
        ([("metadata", "labels", "x")], {"metadata": {"labels": {"x": 1}}}),
        ([("metadata", "labels", "y")], {"metadata": {"labels": {"y": None}}}),
        ([("metadata", "labels", "z")], {"metadata": {"labels": {}}}),
        ([("spec", "a", "deeper")], {"spec": {"a": [1]}}),
        ([("spec", "b"), ("spec",), ("spec", "c", "d")], {"spec": DOCUMENT["spec"]}),
        ([("spec", "a", "x", "y"), ("spec", "a"), ("spec", "c")], {"spec": {"a": [1], "c": {}}}),
        ([("status", "a")], {}),
    ],
)
def test_of_a_document_what_is_on_the_paths(paths: list[tuple[str, ...]], taken: object) -> None:
    part = Part.of(paths)
    assert part.taken(DOCUMENT) == taken  # type: ignore[arg-type]
    assert part.whole is False
    assert part.sections == tuple(sorted({path[0] for path in paths}))


def test_the_empty_path_is_all_of_it() -> None:
    part = Part.of([("spec", "a"), ()])
    assert (part.whole, part.sections) == (True, ("spec",))
    assert Part.of([()]).whole is True


def test_a_facet_holds_the_facts_that_are_compared() -> None:
    facts: dict[str, Fact] = {"email": "a@b.c", "name": "one", "quota": 3}
    assert facet(facts, ["quota", "email"]) == ("a@b.c", 3)
    assert facet(facts, ["size"]) == (3,)
    assert facet(facts, ["slack"]) == (None,)
    assert facet(facts, ["*", "name"]) == (facts, "one")
    assert facet(facts, []) == ()
