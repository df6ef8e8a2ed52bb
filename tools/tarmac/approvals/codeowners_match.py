"""Which line of a CODEOWNERS file counts for a path: the last one whose pattern matches.

The patterns become one tree of steps. A path walks it step by step with all patterns at once, and where a folder led
to is kept, so that a look-up asks about the file's own name only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tarmac.approvals.codeowners_pattern import ANY_DEPTH, Reach, is_wild
from tarmac.approvals.codeowners_text import OwnerLine
from tarmac.model.frozen import Frozen

_STARS = re.compile(r"\*+")
_NONE = -1


class Matcher:
    """Answers for one file's lines. It keeps what it learns of each folder that it is asked about."""

    def __init__(self, lines: Iterable[OwnerLine]) -> None:
        self._lines = tuple(lines)
        root = _Node()
        for at, line in enumerate(self._lines):
            root.add(line, at)
        root.close()
        self._folders: dict[str, _There] = {"": _There(root.all_here(), root.above)}

    def line(self, path: str) -> OwnerLine | None:
        """The line that counts for a file (its path from the root, without a slash before it), or None."""
        folder, _, name = path.rpartition("/")
        there = self._folders.get(folder) or self._walk(folder)
        best = there.best
        for node in there.nodes:
            if node.highest > best:
                best = max(best, node.of_file(name, best))
        return None if best == _NONE else self._lines[best]

    def _walk(self, folder: str) -> _There:
        """Go down to a folder from the nearest one above it that is known."""
        way: list[tuple[str, str]] = []
        while folder not in self._folders:
            above, _, step = folder.rpartition("/")
            way.append((folder, step))
            folder = above
        there = self._folders[folder]
        for folder, step in reversed(way):
            there = self._folders[folder] = there.into(step)
        return there


class _There(Frozen):
    """Where a folder leads: the nodes that are reached, and the last line that takes everything below."""

    nodes: tuple[_Node, ...]
    best: int

    def into(self, step: str) -> _There:
        found: dict[int, _Node] = {}
        best = self.best
        for node in self.nodes:
            for child in node.after(step):
                for one in child.all_here():
                    found[id(one)] = one
                    best = max(best, one.above)
        return _There(tuple(found.values()), best)


@dataclass(slots=True, eq=False)
class _Node:
    """A place in the tree of steps. `whole` and `above` are the last lines that end here (-1: none): for a file of
    that path, and for everything below a folder of that path. `deep` is the node behind a `**`."""

    literals: dict[str, _Node] = field(default_factory=dict)
    globs: dict[str, _Node] = field(default_factory=dict)
    any_step: _Node | None = None
    deep: _Node | None = None
    loops: bool = False
    whole: int = _NONE
    above: int = _NONE
    highest: int = _NONE
    index: _Globs | None = None

    def add(self, line: OwnerLine, at: int) -> None:
        """Enter a line, the `at`-th. Later lines are entered later."""
        node = self
        for step in line.pattern.steps:
            node = node._child(step)
        if line.pattern.reach is not Reach.ABOVE:
            node.whole = at
        if line.pattern.reach is not Reach.WHOLE:
            node.above = at

    def _child(self, step: str) -> _Node:
        if step == ANY_DEPTH:
            self.deep = self.deep or _Node(loops=True)
            return self.deep
        if step == "*":
            self.any_step = self.any_step or _Node()
            return self.any_step
        return (self.globs if is_wild(step) else self.literals).setdefault(step, _Node())

    def close(self) -> None:
        """Once all lines are in: index the globs, and note the last line for a file of each node's children."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            children = [*node.literals.values(), *node.globs.values()]
            children += [] if node.any_step is None else [node.any_step]
            node.highest = max((child.whole for child in children), default=_NONE)
            node.index = _Globs(node.globs) if node.globs else None
            waiting += children if node.deep is None else [*children, node.deep]

    def all_here(self) -> tuple[_Node, ...]:
        """This node, and the one that is reached without a step."""
        return (self,) if self.deep is None else (self, self.deep)

    def after(self, step: str) -> Iterator[_Node]:
        """The nodes that one step leads to."""
        if self.loops:
            yield self
        if step in self.literals:
            yield self.literals[step]
        if self.any_step is not None:
            yield self.any_step
        if self.index is not None:
            yield from self.index.of(step, _NONE - 1)

    def of_file(self, name: str, best: int) -> int:
        """The last line, behind the `best`-th, that a file of that name in this folder matches, or `best`."""
        literal = self.literals.get(name)
        if literal is not None:
            best = max(best, literal.whole)
        if self.any_step is not None:
            best = max(best, self.any_step.whole)
        if self.index is not None:
            for node in self.index.of(name, best):
                best = max(best, node.whole)
        return best


class _Globs:
    """The steps with wildcards of one node, found by the longest literal piece of each: at the name's end, at its
    start, or within. Few of many are then tried."""

    def __init__(self, globs: Mapping[str, _Node]) -> None:
        self._ends: dict[str, list[_Glob]] = {}
        self._starts: dict[str, list[_Glob]] = {}
        self._within: dict[str, list[_Glob]] = {}
        self._others: list[_Glob] = []
        for text, node in globs.items():
            pieces = re.split(r"[*?]", text)
            start, end, longest = pieces[0], pieces[-1], max(pieces, key=len)
            glob = _Glob(compiled(text), node)
            if end and len(end) == len(longest):
                self._ends.setdefault(end, []).append(glob)
            elif start and len(start) == len(longest):
                self._starts.setdefault(start, []).append(glob)
            elif longest:
                self._within.setdefault(longest, []).append(glob)
            else:
                self._others.append(glob)
        self._end_lengths, self._start_lengths, self._within_lengths = (
            sorted({len(piece) for piece in pieces}) for pieces in (self._ends, self._starts, self._within)
        )

    def of(self, name: str, behind: int) -> Iterator[_Node]:
        """The nodes of the globs that match, of those that end a line behind that one."""
        for glob in self._near(name):
            if glob.node.whole > behind and glob.match(name):
                yield glob.node

    def _near(self, name: str) -> Iterator[_Glob]:
        """The globs that may match, some maybe twice."""
        size = len(name)
        for length in self._end_lengths:
            if length <= size:
                yield from self._ends.get(name[size - length :], ())
        for length in self._start_lengths:
            if length <= size:
                yield from self._starts.get(name[:length], ())
        for length in self._within_lengths:
            for at in range(size - length + 1):
                yield from self._within.get(name[at : at + length], ())
        yield from self._others


class _Glob(Frozen):
    match: Callable[[str], re.Match[str] | None]
    node: _Node


def compiled(glob: str) -> Callable[[str], re.Match[str] | None]:
    """A test of one step against `*` (any characters, none included) and `?` (one).

    It takes time in proportion to the product of both lengths at most: what stands between two stars is taken where it
    is found first, and never looked for again.
    """
    first, *others = _STARS.split(glob)
    found = _exactly(first)
    for piece in others[:-1]:
        found += f"(?>.*?{_exactly(piece)})"
    if others:
        found += f".*{_exactly(others[-1])}" if others[-1] else ".*"
    return re.compile(found, re.DOTALL).fullmatch


def _exactly(piece: str) -> str:
    return "".join("." if character == "?" else re.escape(character) for character in piece)
