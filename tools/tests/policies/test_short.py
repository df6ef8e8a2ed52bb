"""What short cuts say of the policies that look at a document, and how often each is asked."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tarmac.model.expressions import Sure, Unsure
from tarmac.rules.policy_short import ShortCuts


class One:
    """A policy whose short cuts tell what the mapping says of their texts; without a word there is no short cut."""

    def __init__(self, require: str, when: str | None = None, asked: Counter[str] | None = None) -> None:
        self.require_text, self.when_text = require, when
        self.asked = Counter[str]() if asked is None else asked

    def _sure(self, text: str | None) -> Sure | None:
        word = (text or "").partition(" ")[0]
        if word not in ("yes", "no", "unsure"):
            return None

        def told(plain: dict[str, Any]) -> bool:
            self.asked[str(text)] += 1
            if word == "unsure":
                raise Unsure
            return word == "yes"

        return told

    @property
    def surely_applies(self) -> Sure | None:
        return self._sure(self.when_text)

    @property
    def surely_kept(self) -> Sure | None:
        return self._sure(self.require_text)


def plain(owner: object = None) -> dict[str, Any]:
    return {"owner": owner}


CASES = [
    ([], True, []),
    ([("yes object", None)], True, [True]),
    ([("no object", None)], False, [None]),
    ([("unsure object", None)], False, [None]),
    ([("engine object", None)], False, [None]),
    ([("yes object", "yes object")], True, [True]),
    ([("yes object", "no object")], True, [False]),
    ([("no object", "no object")], True, [False]),
    ([("yes object", "unsure object")], False, [None]),
    ([("yes object", "engine object")], False, [None]),
    ([("engine object", "no object")], False, [False]),
    ([("yes object", None), ("no object", "yes object")], False, [True, None]),
    ([("yes object", "no object"), ("no object", "no object"), ("yes ref", None)], True, [False, False, True]),
    ([("yes owner", None)], True, [True]),
    ([("no owner", None)], False, [None]),
    ([("no owner", "no owner"), ("no object", None)], False, [False, None]),
    ([("no owner", "yes object"), ("yes object", None)], False, [None, True]),
    ([("yes owner", "engine owner")], False, [None]),
    ([("yes owner", "unsure owner")], False, [None]),
]  # fmt: skip


@pytest.mark.parametrize(("policies", "well", "told"), CASES)
def test_all_is_well_where_each_policy_passes_or_skips_for_sure(
    policies: list[tuple[str, str | None]], well: bool, told: list[bool | None]
) -> None:
    short = ShortCuts([One(require, when) for require, when in policies])
    for _ in range(2):
        assert short.well(plain()) is well
        assert short.told(plain()) == told


def test_what_several_policies_ask_first_is_asked_once_for_each_document() -> None:
    asked = Counter[str]()
    short = ShortCuts([One(f"yes object {number}", "yes object", asked) for number in range(3)])
    assert short.well(plain())
    assert asked == {"yes object": 1, **{f"yes object {number}": 1 for number in range(3)}}
    asked.clear()
    assert short.told(plain()) == [True, True, True]
    assert asked == {"yes object": 1, **{f"yes object {number}": 1 for number in range(3)}}


@pytest.mark.parametrize("word", ["yes", "no"])
def test_what_reads_the_owner_alone_is_asked_once_for_each_owner(word: str) -> None:
    asked = Counter[str]()
    texts = [f"{word} owner.kind == platform.kind", "yes object owner", "yes owner needs", "yes owner now"]
    short = ShortCuts([One(text, "yes owner", asked) for text in texts])
    owners = [{"name": "a"}, {"name": "b"}]
    for owner in (*owners, *owners):
        assert short.well(plain(owner)) is (word == "yes")
    assert [asked[text] for text in texts] == [2, 4, 4, 4]


def test_owners_that_have_gone_are_not_taken_for_others() -> None:
    short = ShortCuts([One("yes owner", "yes owner")])
    for _ in range(100):
        # Nobody else keeps it: the next one could stand where it stood.
        assert short.well(plain({}))
    assert len(short._of_owner) == 100


def test_where_one_policy_has_no_short_cut_no_other_is_asked_ahead() -> None:
    asked = Counter[str]()
    short = ShortCuts([One("yes object", None, asked), One("engine", None, asked)])
    assert not short.well(plain())
    assert asked == {}
