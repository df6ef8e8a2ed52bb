"""What a case of hostile input is. What check has to say of each stands in expected.json, written by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

FILE = "catalog/catalog-info.yaml"
HEAD = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: here\n"
ENTITY = HEAD + "spec: {}\n"


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile repository: `make` writes it below a folder."""

    name: str
    make: Callable[[Path], None]


def put(root: Path, content: bytes | str, path: str = FILE) -> Path:
    """Write a file below `root`, with the folders that it needs."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)
    return target


def text(name: str, content: bytes | str | Callable[[], bytes | str]) -> Case:
    """A case of one file; a large content is given as a function, so that it is made when it is used."""

    def make(root: Path) -> None:
        put(root, content() if callable(content) else content)

    return Case(name, make)


def files(name: str, **contents: bytes | str | Callable[[], bytes | str]) -> Case:
    """A case of several files, named by their paths."""

    def make(root: Path) -> None:
        for path, content in contents.items():
            put(root, content() if callable(content) else content, path)

    return Case(name, make)
