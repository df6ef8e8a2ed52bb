"""What a policy said of a document stands exactly where the document changed in nothing that the policy reads."""

from __future__ import annotations

import pytest

from tarmac.model.expressions import POLICY_FUNCTIONS
from tarmac.model.json_value import Path
from tarmac.model.kinds import KindInfo, RefField
from tarmac.rules.policy_reads import reads_of
from tarmac.rules.policy_unread import unread

INFO = KindInfo(
    ("a/v1",),
    "A",
    (
        RefField(("spec", "owner"), "group"),
        RefField(("spec", "uses", "*"), None),
        RefField(("spec", "by", "*", "x"), None),
    ),
)
CALLS = {
    "entity": "entity(ref).kind == ''",
    "exists": "exists(ref)",
    "targets": "targets(ref, 'uses') == []",
    "referring": "referring(ref, 'A') == []",
    "dependents": "dependents(ref) == []",
    "needs": "needs(ref) == []",
    "together": "together(ref) == []",
    "version": "version(ref) == {}",
    "past": "past('2026-01-01')",
}


def still(source: str, *path: str | int) -> bool:
    return unread(reads_of((source,)), INFO, [("metadata", "title"), path])


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("object.spec.a == 1", ("spec", "b")),
        ("object.spec.a == 1", ("metadata", "a")),
        ("object.spec.?a.?b.orValue(1) == object.spec.c", ("spec", "a", "d")),
        ("object.spec.a == 1", ("spec", "owner")),
        ("owner.email == ''", ("spec", "a")),
        ("platform.a == 1 && git.changed == '' && now == now", ("spec", "a")),
        ("true", ("spec", "a", 0)),
    ],
)
def test_what_is_not_read_is_nothing_to_a_policy(source: str, path: Path) -> None:
    assert still(source, *path)


@pytest.mark.parametrize(
    ("source", "path"),
    [
        ("object.spec.a == 1", ("spec", "a")),
        ("object.spec.a == 1", ("spec",)),
        ("object.spec.a == 1", ()),
        ("object.spec.a == 1", ("spec", "a", "b")),
        ("object.spec.a[0] == 1", ("spec", "a", 0)),
        ("object.metadata == {}", ("metadata", "title")),
        ("object == {}", ("spec", "b")),
        ("[object].exists(it, it.spec.b == 1)", ("spec", "b")),
        ("object.spec.owner == ''", ("spec", "owner")),
        ("owner.email == ''", ("spec", "owner")),
        ("size(owner) > 0", ("spec", "uses", 1)),
        ("old == {}", ("spec", "b")),
        ("entity(ref).spec.b == 1", ("spec", "b")),
        ("entity(ref) == {}", ("spec", "b")),
        ("true", ("spec", "type")),
        ("true", ("spec", "environment")),
        ("true", ("kind",)),
        ("true", ("apiVersion",)),
        ("true", ("metadata", "name")),
    ],
)
def test_what_may_be_read_is_asked_anew(source: str, path: Path) -> None:
    assert still(source, *path) is False


@pytest.mark.parametrize("name", POLICY_FUNCTIONS)
def test_what_each_function_reads_of_the_document_itself(name: str) -> None:
    refers = name in ("targets", "needs", "dependents")
    assert still(CALLS[name], "spec", "a")
    for path in (("spec", "uses", 0), ("spec", "by", "k"), ("spec", "owner"), ("spec", "tarmac", "dependencies", 0)):
        assert still(CALLS[name], *path) is not refers
    assert still(CALLS[name], "metadata", "annotations", "x") is (name != "version")
    assert still(CALLS[name], "kind") is False
