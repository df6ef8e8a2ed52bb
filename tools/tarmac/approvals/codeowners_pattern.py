"""One pattern of a CODEOWNERS file, taken apart: which steps a path must have, and what may come behind them.

A pattern reads like one of gitignore, with these differences: no classes, no negation, no escapes, and a last step `*`
stays on its level. Source: GitHub, "About code owners".
"""

from __future__ import annotations

import re
from enum import Enum, auto

from tarmac.model.frozen import Frozen

ANY_DEPTH = "**"
_WILD = re.compile(r"[*?]")
_BLANK = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")


class Reach(Enum):
    """What of a path a pattern's steps must cover: all of it, a folder above it, or either."""

    WHOLE = auto()
    START = auto()
    ABOVE = auto()


class Pattern(Frozen):
    """Steps from the root: literal, with `*` and `?`, or `**` for any number of steps, none included. A `**` is never
    last, and never beside another."""

    steps: tuple[str, ...]
    reach: Reach


class BadPattern(ValueError):
    """No pattern: `offset` code points into its text. `fix` says what to write instead."""

    def __init__(self, message: str, offset: int, fix: str) -> None:
        super().__init__(message)
        self.offset = offset
        self.fix = fix


def is_wild(step: str) -> bool:
    """Whether a step stands for more than itself."""
    return _WILD.search(step) is not None


def parse_pattern(text: str) -> Pattern:
    """Take a pattern apart.

    Raises:
        BadPattern: GitHub does not read it, or reads it in a way that it does not tell.
    """
    _refuse(text)
    anchored = "/" in text.rstrip("/")
    steps = text.removeprefix("/").split("/")
    if steps[-1] == "":
        steps[-1] = ANY_DEPTH
    if "" in steps:
        raise BadPattern("an empty step matches nothing", text.index("//"), "write one slash")
    if not anchored:
        steps.insert(0, ANY_DEPTH)
    wanted = [step for at, step in enumerate(steps) if step != ANY_DEPTH or steps[at - 1 : at] != [ANY_DEPTH]]
    if wanted[-1] == ANY_DEPTH:
        return Pattern(tuple(wanted[:-1]), Reach.ABOVE)
    return Pattern(tuple(wanted), Reach.WHOLE if wanted[-1] == "*" else Reach.START)


def _refuse(text: str) -> None:
    """Raise for what GitHub does not read as gitignore does."""
    if text.strip("/") == "":
        raise BadPattern("a slash alone matches nothing", 0, "write * for everything, /* for the files of the root")
    if text.strip("/") == ANY_DEPTH and text.endswith("/"):
        raise BadPattern("every folder at once is not told what it matches", 0, "write * for everything")
    if text.startswith("!"):
        raise BadPattern("there is no negation", 0, "write the path with its own owners, or with none, further down")
    for found, message, fix in (
        ("***", "three stars are not read", "write ** for any depth"),
        ("\\", "there are no escapes", "own the folder above"),
        ("[", "there are no classes of characters", "own the folder above, or write one line for each"),
        ("]", "there are no classes of characters", "own the folder above, or write one line for each"),
        ("#", "a # cannot be part of a path", "own the folder above"),
    ):
        if found in text:
            raise BadPattern(message, text.index(found), fix)
    blank = _BLANK.search(text)
    if blank is not None:
        message = f"character U+{ord(blank[0]):04X} cannot be part of a path"
        raise BadPattern(message, blank.start(), "own the folder above")
