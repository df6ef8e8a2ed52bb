"""What a word that is not known most likely means: a misspelling, or a part of a longer name."""

from __future__ import annotations

from collections.abc import Iterable

from tarmac.model.shown import nearest

_SHORTEST_PART = 3


def suggestion(word: str, words: Iterable[str]) -> str | None:
    """The name that `word` is a misspelling of, else the first of those that begin with it, else of those that hold
    it (`redis` and `redis-cache`), else of those that it begins with; case aside. None where there is none."""
    known = sorted(words)
    near = nearest(word, known)
    if near is not None:
        return near
    part = word.casefold()
    if len(part) < _SHORTEST_PART:
        return None
    tests = (
        lambda name: name.startswith(part),
        lambda name: part in name,
        lambda name: len(name) >= _SHORTEST_PART and part.startswith(name),
    )
    for fits in tests:
        found = next((name for name in known if fits(name.casefold())), None)
        if found is not None:
            return found
    return None
