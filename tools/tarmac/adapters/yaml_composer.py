"""libyaml's composer, bounded: it recurses in C and builds whatever it reads, so it has to be stopped from inside."""

from __future__ import annotations

import operator
from itertools import chain

from yaml.cyaml import CParser  # type: ignore[attr-defined]  # it is there, only its stub does not say so
from yaml.nodes import Node

MAX_DEPTH = 64
# Composing and building a node costs about two microseconds: this bounds a document's time, far above any real one's.
MAX_NODES = 10_000
# All documents of a file together: a thousand people in one file are fine.
MAX_NODES_OF_FILE = 40_000
# A text of this many characters has no more levels than C's stack bears, and no more values than MAX_NODES.
SMALL = 4096


_SPLIT = "split it into smaller documents"


class Refused(Exception):
    """A document is beyond a bound. `node` is what it was in by then; `final` that nothing more of the file is read."""

    def __init__(self, message: str, node: Node | None, fix: str, *, final: bool = False) -> None:
        super().__init__(message)
        self.node = node
        self.fix = fix
        self.final = final


def too_deep(node: Node | None) -> Refused:
    """Deeper than MAX_DEPTH."""
    return Refused(f"nested deeper than {MAX_DEPTH} levels", node, _SPLIT)


def too_many(node: Node) -> Refused:
    """More in the whole file than MAX_NODES_OF_FILE."""
    message = f"more than {MAX_NODES_OF_FILE:,} keys and values in one file"
    return Refused(message, node, "split it into several files", final=True)


class Composer(CParser):
    """Asks these hooks about every node before it goes deeper. Whoever takes a document sets `nodes` back to 0."""

    depth = 0
    nodes = 0

    def resolve(self, kind: object, value: object, implicit: object) -> str:
        return ""

    def descend_resolver(self, parent: Node | None, index: object) -> None:
        self.depth += 1
        self.nodes += 1
        if self.depth > MAX_DEPTH:
            raise too_deep(parent)
        if self.nodes > MAX_NODES:
            raise Refused(f"more than {MAX_NODES:,} keys and values in one document", parent, _SPLIT)

    def ascend_resolver(self) -> None:
        self.depth -= 1


class SmallComposer(CParser):
    """The same for a text that is too short to nest dangerously or to hold too much.

    The hooks have to exist and are never heard: functions of the interpreter cost a third of our own, and every node
    of every ordinary file passes through them. Depth is bounded again when data is built.
    """

    nodes = 0
    resolve = staticmethod(slice)
    descend_resolver = staticmethod(operator.is_)
    ascend_resolver = staticmethod(tuple)


def shielded(text: str) -> tuple[str, dict[int, int]]:
    """A text as libyaml has to be shown it, and how to translate back.

    NEL, LS and PS are line breaks to libyaml and plain characters to YAML 1.2: characters that the text does not hold
    take their place.
    """
    found = [char for char in "\x85\u2028\u2029" if char in text]
    if not found:
        return text, {}
    used = set(text)
    # From the private areas on; a file is too short to hold every character that there is.
    free = (chr(code) for code in chain(range(0xE000, 0xF900), range(0x10000, 0x110000)) if chr(code) not in used)
    back = {}
    for char in found:
        stand_in = next(free)
        text = text.replace(char, stand_in)
        back[ord(stand_in)] = ord(char)
    return text, back
