"""Path patterns of our own formats: `*` within one step, `?` one character of it, `**` any number of steps."""

from __future__ import annotations

from functools import lru_cache


def matches(glob: str, path: str) -> bool:
    """Whether the whole path matches, case and all. Takes time in proportion to the product of both
    lengths at most, whatever they hold.

    `a/**` matches everything below `a`, `a/**/b` also `a/b`.
    """
    # Every file of a tree is asked, and few begin like that.
    return path.startswith(_beginning(glob)) and _walk(tuple(glob.split("/")), tuple(path.split("/")))


@lru_cache(maxsize=256)
def _beginning(glob: str) -> str:
    """What stands before the first wildcard: `**` may stand for no step, but not for the `/` before it."""
    return glob[: min(at if (at := glob.find(sign)) >= 0 else len(glob) for sign in "*?")]


def _walk(patterns: tuple[str, ...], steps: tuple[str, ...]) -> bool:
    # The classic two-pointer walk: only the last wildcard ever needs another try.
    at = here = 0
    star = mark = -1
    while here < len(steps):
        if at < len(patterns) and patterns[at] == "**":
            star, mark = at, here
            at += 1
        elif at < len(patterns) and _step(patterns[at], steps[here]):
            at += 1
            here += 1
        elif star >= 0:
            mark += 1
            at, here = star + 1, mark
        else:
            return False
    return at == len(patterns)


def _step(pattern: str, text: str) -> bool:
    at = here = 0
    star = mark = -1
    while here < len(text):
        if at < len(pattern) and pattern[at] == "*":
            star, mark = at, here
            at += 1
        elif at < len(pattern) and pattern[at] in ("?", text[here]):
            at += 1
            here += 1
        elif star >= 0:
            mark += 1
            at, here = star + 1, mark
        else:
            return False
    return all(character == "*" for character in pattern[at:])
