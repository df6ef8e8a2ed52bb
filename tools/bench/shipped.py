"""What a generated repository takes from this one: its policies, prices and resource types, one document a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TAKEN = frozenset({"ApprovalRule", "Platform", "Policy", "RateCard", "ResourceType", "TagPolicy"})
FOLDERS = ("policies", "catalog/resource-types")

_CUT = re.compile(r"^---[ \t]*\n", re.MULTILINE)
_KIND = re.compile(r"^kind: *(\w+)", re.MULTILINE)
_NAME = re.compile(r"^metadata:\n(?: .*\n)*?  name: *([\w.-]+)", re.MULTILINE)
_INLINE_NAME = re.compile(r"^metadata: *\{.*?name: *([\w.-]+)", re.MULTILINE)
_GROUP = re.compile(r"group:default/([a-z][a-z0-9-]*)")
_COST_CENTER = re.compile(r"\bCC-[0-9]{4}\b")
_VERSION = re.compile(r"^  versions:\n(?: *#.*\n)*    - name: *(\S+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Shipped:
    """Documents by path, the groups that they name, the cost centres, and the newest version of each resource type."""

    documents: tuple[tuple[str, str], ...]
    groups: tuple[str, ...]
    cost_centers: tuple[str, ...]
    versions: dict[str, str]


def shipped(root: Path) -> Shipped:
    """Read the folders that every company needs from the repository at `root`.

    A file of several documents becomes several files, because some peers read only the first.

    Raises:
        ValueError: a document has no kind or name that could be found, or no cost centre is listed.
    """
    documents: list[tuple[str, str]] = []
    groups: set[str] = set()
    centers: list[str] = []
    versions: dict[str, str] = {}
    for path, kind, name, text in _documents(root):
        place = "policies/platform.yaml" if kind == "Platform" else f"{path.parent.as_posix()}/{path.stem}/{name}.yaml"
        documents.append((place, text))
        groups.update(_GROUP.findall(text))
        if kind == "Platform":
            centers = _COST_CENTER.findall(text)
        elif kind == "ResourceType" and (found := _VERSION.search(text)) is not None:
            versions[name] = found[1]
    if not centers:
        raise ValueError("policies/platform.yaml lists no cost centre")
    return Shipped(tuple(documents), tuple(sorted(groups)), tuple(centers), versions)


def _documents(root: Path) -> Iterator[tuple[Path, str, str, str]]:
    for folder in FOLDERS:
        for file in sorted((root / folder).rglob("*.yaml")):
            for text in _CUT.split(file.read_text("utf-8")):
                kind = _KIND.search(text)
                name = _NAME.search(text) or _INLINE_NAME.search(text)
                if kind is None:
                    continue
                if name is None:
                    raise ValueError(f"{file} holds a {kind[1]} whose name stands somewhere unusual")
                if kind[1] in TAKEN:
                    yield file.relative_to(root), kind[1], name[1], text
