"""A key that `require` asks for and does not find is named with its whole path, where that can be told."""

from __future__ import annotations

from typing import Any

import pytest

from tarmac.rules.policy_missing import missing_path, missing_words

DATA: dict[str, Any] = {"kind": "A", "spec": {"type": "a", "none": None, "list": [{"a": 1}, "b"], "tarmac": {}}}


def found(source: str, key: str) -> tuple[str | int, ...] | None:
    return missing_path(source, DATA, f'the key "{key}" is not there')


@pytest.mark.parametrize(
    ("source", "key", "path"),
    [
        ("object.spec.zz", "zz", ("spec", "zz")),
        ("object.spec.zz.deeper == 1", "zz", ("spec", "zz", "deeper")),
        ("object.spec.type == 'b' && object.spec.zz == 1", "zz", ("spec", "zz")),
        ("object.spec.yy == 'b' && object.spec.zz == 1", "zz", ("spec", "zz")),
        ("object.spec.yy == 'b' && object.spec.zz == 1", "yy", ("spec", "yy")),
        ("object.zz.a || object.spec.zz", "zz", ("zz", "a")),
        ("object.spec['a/b'].size() > 1", "a/b", ("spec", "a/b")),
        ("object.spec.list[0].zz == 1", "zz", ("spec", "list", 0, "zz")),
        ("object.spec.list[1].zz == 1", "zz", None),
        ("object.spec.list[2].zz == 1", "zz", None),
        ("object.spec.list.zz == 1", "zz", None),
        ("object.spec[0] == 1", "0", None),
        ("object.spec.none.zz == 1", "zz", None),
        ("object.spec.type.zz == 1", "zz", None),
        ("has(object.spec.zz) ? object.spec.zz.b : object.kind.zz", "zz", ("spec", "zz", "b")),
        ("has(object.spec.zz) || object.spec.tarmac.zz", "zz", ("spec", "tarmac", "zz")),
        ("object.spec.?zz.orValue('') == '' && entity(ref).zz", "zz", None),
        ("object.spec.tarmac[?'zz'].a == '' && object.spec.tarmac.zz", "zz", ("spec", "tarmac", "zz")),
        ("object.spec.list.all(one, one.zz == 1)", "zz", None),
        ("owner.zz == 1", "zz", None),
        ("object.spec.type == 1", "type", None),
    ],
)
def test_the_path_of_the_key(source: str, key: str, path: tuple[str | int, ...] | None) -> None:
    assert found(source, key) == path


def test_the_path_in_words() -> None:
    fault = 'the key "z\x1b" is not there'
    assert missing_words(("spec", "a_b", 0, "c/d", "e", "f g"), fault) == 'spec.a_b[0]["c/d"].e["f g"] is not there'
    assert missing_words(("a/b", "c"), fault) == '["a/b"].c is not there'
    assert missing_words(None, fault) == 'the key "z\\u001b" is not there'
    assert missing_words(("a" * 300,), fault) == "a" * 200 + "... is not there"
    assert missing_words(None, "b" * 300) == "b" * 200 + "..."
