"""Placeholders: an object whose only key is `$text`, `$json` or `$yaml` stands for a file or an address."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator

from tarmac.model.documents import Document
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, Path

KEYS = ("$text", "$json", "$yaml")
_KEYS = frozenset(KEYS)


class Placeholder(Frozen):
    """One placeholder: where it stands (the path of the object), its key, and what it names."""

    path: Path
    key: str
    target: str

    @property
    def remote(self) -> bool:
        """Whether it names an address: those are never fetched."""
        scheme, separator, _ = self.target.partition("://")
        return bool(separator) and scheme.isalnum()

    def local_path(self, document_path: str) -> str | None:
        """The repository path that it names, seen from its document; None where that leaves the repository."""
        if "\x00" in self.target or "\\" in self.target or self.target.startswith("/"):
            return None
        joined = posixpath.normpath(posixpath.join(posixpath.dirname(document_path), self.target))
        return None if joined == ".." or joined.startswith(("../", "/")) else joined


def placeholders(document: Document) -> Iterator[Placeholder]:
    """Every placeholder of a document, in the order it is written."""
    # Hardly any document has one, and all are asked: that is told without paths first.
    if document.dollar and _has_one(document.data):
        yield from _below(document.data, ())


def _has_one(data: JsonValue) -> bool:
    stack: list[object] = [data]
    while stack:
        here = stack.pop()
        if isinstance(here, dict):
            if len(here) == 1 and not _KEYS.isdisjoint(here):
                return True
            stack += [value for value in here.values() if isinstance(value, (dict, list))]
        elif isinstance(here, list):
            stack += [value for value in here if isinstance(value, (dict, list))]
    return False


def _below(data: JsonValue, path: Path) -> Iterator[Placeholder]:
    steps: Iterable[tuple[str | int, JsonValue]] = ()
    if isinstance(data, dict):
        if len(data) == 1:
            key, target = next(iter(data.items()))
            if key in KEYS:
                if isinstance(target, str):
                    yield Placeholder(path, key, target)
                return
        steps = data.items()
    elif isinstance(data, list):
        steps = enumerate(data)
    for step, value in steps:
        if isinstance(value, (dict, list)):
            yield from _below(value, (*path, step))
