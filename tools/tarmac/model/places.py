"""Where things stand in a file: lines and columns from 1, columns in code points."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tarmac.model.frozen import Frozen
from tarmac.model.json_value import Path
from tarmac.model.scalars import position

# line, column, children: key -> (key line, key column, node) for a mapping, nodes for a list; for a scalar how it is
# written, as model/scalars.py says: None where it is plain and on one line.
PlaceNode: TypeAlias = "tuple[int, int, dict[str, tuple[int, int, PlaceNode]] | list[PlaceNode] | str | None]"


# Finds the places of one document of a file, given the file's path and text.
Locate: TypeAlias = "Callable[[str, str], PlaceNode]"


class Place(Frozen, order=True):
    """A point in a file. `path` is relative to the root, with `/`."""

    path: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}"


class Places:
    """The places of a document's keys and values.

    Most documents have nothing said about them, so places are found when the first is asked for: `locate` gives the
    document's root node then.
    """

    __slots__ = ("_locate", "_root", "path")

    def __init__(self, path: str, locate: Callable[[], PlaceNode]) -> None:
        self.path = path
        self._locate = locate
        self._root: PlaceNode | None = None

    @property
    def root(self) -> PlaceNode:
        """The place of the document itself, and below it those of everything in it."""
        if self._root is None:
            self._root = self._located()
        return self._root

    def _located(self) -> PlaceNode:
        return self._locate()

    def value(self, path: Path = ()) -> Place:
        """The first character of the value at `path`; of its nearest ancestor where the path leaves the data."""
        here = self.root
        for step in path:
            following = _child(here, step)
            if following is None:
                break
            here = following
        return Place(self.path, here[0], here[1])

    def key(self, path: Path) -> Place:
        """The key that holds the value at `path`; a list item has no key, so there the item itself."""
        here = self.root
        place = self.first()
        for step in path:
            children = here[2]
            following = _child(here, step)
            if following is None:
                break
            if isinstance(children, dict) and isinstance(step, str):
                line, column, _ = children[step]
                place = Place(self.path, line, column)
            else:
                place = Place(self.path, following[0], following[1])
            here = following
        return place

    def within(self, path: Path, text: str, offset: int) -> Place:
        """The character at `offset` (code points from 0) of the text at `path`."""
        here = self.root
        for step in path:
            following = _child(here, step)
            if following is None:
                return self.value(path)
            here = following
        line, column, raw = here
        if isinstance(raw, (dict, list)):
            return Place(self.path, line, column)
        below, beside = position(raw, text, offset)
        return Place(self.path, line + below, beside + (1 if below else column))

    def missing(self, parent: Path) -> Place:
        """Where to say that a field is missing below `parent`: the key that should hold it."""
        return self.key(parent) if parent else self.first()

    def first(self) -> Place:
        """The document's first key, or its first character."""
        children = self.root[2]
        if isinstance(children, dict) and children:
            line, column, _ = next(iter(children.values()))
            return Place(self.path, line, column)
        return Place(self.path, self.root[0], self.root[1])


class PlacesInText(Places):
    """The places of a document whose file's text is at hand."""

    __slots__ = ("locate", "text")

    def __init__(self, path: str, text: str, locate: Locate) -> None:
        # Without the call of a call: there is one for each document.
        self.path = path
        self.text = text
        self.locate = locate
        self._root = None

    def _located(self) -> PlaceNode:
        return self.locate(self.path, self.text)


def nowhere(path: str, text: str) -> PlaceNode:
    """The beginning of a file, for whatever it holds."""
    return 1, 1, None


def _child(node: PlaceNode, step: str | int) -> PlaceNode | None:
    children = node[2]
    if isinstance(children, dict) and isinstance(step, str):
        entry: tuple[int, int, PlaceNode] | None = children.get(step)
        return None if entry is None else entry[2]
    if isinstance(children, list) and isinstance(step, int) and 0 <= step < len(children):
        item: PlaceNode = children[step]
        return item
    return None
