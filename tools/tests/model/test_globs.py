"""Globs match what their words say, by another reading of them."""

from __future__ import annotations

import re

from hypothesis import example, given
from hypothesis import strategies as st

from tarmac.model.globs import matches

STEPS = st.lists(st.text("ab.", max_size=3), min_size=1, max_size=4)
PATTERNS = st.lists(st.one_of(st.text("ab.*?", max_size=3), st.just("**")), min_size=1, max_size=4)


def stands_for(patterns: list[str], steps: list[str]) -> bool:
    if not patterns:
        return not steps
    first, *others = patterns
    if first == "**" and not others:
        # Behind a folder: what is below it, and not the folder.
        return bool(steps)
    if first == "**":
        return any(stands_for(others, steps[taken:]) for taken in range(len(steps) + 1))
    pattern = "".join({"*": "[^/]*", "?": "[^/]"}.get(sign, re.escape(sign)) for sign in first)
    return bool(steps) and re.fullmatch(pattern, steps[0]) is not None and stands_for(others, steps[1:])


@given(PATTERNS, STEPS)
@example(["a", "**"], ["a"])
@example(["a", "**"], ["a", ""])
@example(["a", "**", "b"], ["a", "b"])
@example(["a", "?"], ["a", "b"])
@example(["a", "*"], ["b", "a"])
@example(["?a", "*"], ["?a", "b"])
@example(["a*?"], ["a"])
@example(["a"], ["a"])
@example(["a"], ["ab"])
@example(["a*b"], ["ab"])
@example(["*b"], ["ab"])
@example(["*b"], ["ba"])
def test_a_glob_matches_as_its_words_say(patterns: list[str], steps: list[str]) -> None:
    assert matches("/".join(patterns), "/".join(steps)) is stands_for(patterns, steps)
