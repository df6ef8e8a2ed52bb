"""GitHub's rules once more, slowly, and as plainly as they can be written: one pattern, one path, no index."""

from __future__ import annotations

from collections.abc import Sequence


def owned_by(lines: Sequence[tuple[str, tuple[str, ...]]], path: str) -> int | None:
    """The index of the last of (pattern, owners) that matches a path, or None."""
    return next((at for at in reversed(range(len(lines))) if pattern_matches(lines[at][0], path)), None)


def pattern_matches(pattern: str, path: str) -> bool:
    """Whether a valid pattern matches the path of a file."""
    below_only = pattern.endswith("/")
    text = pattern.rstrip("/")
    steps = text.lstrip("/").split("/")
    if "/" not in text:
        steps = ["**", *steps]
    parts = path.split("/")
    if below_only:
        steps = [*steps, "**"]
    if steps[-1] == "**":
        return any(_all(_without_end(steps), parts[:size]) for size in range(len(parts)))
    if steps[-1] == "*":
        return _all(steps, parts)
    return any(_all(steps, parts[:size]) for size in range(1, len(parts) + 1))


def _without_end(steps: list[str]) -> list[str]:
    while steps and steps[-1] == "**":
        steps = steps[:-1]
    return steps


def _all(steps: list[str], parts: list[str]) -> bool:
    if not steps:
        return not parts
    if steps[0] == "**":
        return any(_all(steps[1:], parts[taken:]) for taken in range(len(parts) + 1))
    return bool(parts) and _one(steps[0], parts[0]) and _all(steps[1:], parts[1:])


def _one(glob: str, name: str) -> bool:
    if not glob:
        return not name
    if glob[0] == "*":
        return any(_one(glob[1:], name[taken:]) for taken in range(len(name) + 1))
    return bool(name) and glob[0] in ("?", name[0]) and _one(glob[1:], name[1:])
