"""Whether a change of a document is nothing to a policy, so that what it said of the document before stands.

A policy says the same of two documents that differ only where it reads nothing, as long as all else that it reads is as
it was. What it reads is told from the text of its expressions (policy_reads.py), never too little.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from tarmac.model.frozen import Frozen
from tarmac.model.json_value import Path
from tarmac.model.kinds import KindInfo
from tarmac.rules.policy_reads import KeyPath, Reads

_TYPE, _ENVIRONMENT, _ANNOTATIONS = ("spec", "type"), ("spec", "environment"), ("metadata", "annotations")
# Which policies look at a document is told by these.
_MATCHED: tuple[KeyPath, ...] = (("apiVersion",), ("kind",), _TYPE, _ENVIRONMENT, ("metadata", "name"))
_STRENGTHS: KeyPath = ("spec", "tarmac", "dependencies")
_NOTHING: tuple[KeyPath, ...] = ()
# What a function reads of the very document that is judged, besides what is noted of every document (catalog/keys.py);
# None: its references. `entity` reads the keys behind it, which are told apart.
_OF_ITSELF: Mapping[str, tuple[KeyPath, ...] | None] = MappingProxyType(
    {
        "entity": _NOTHING,
        "exists": _NOTHING,
        "past": _NOTHING,
        "referring": _NOTHING,
        "together": _NOTHING,
        "dependents": None,
        "needs": None,
        "targets": None,
        "version": (_TYPE, _ANNOTATIONS),
    }
)


class Altered(Frozen):
    """A document of a kind that stands where it stood and differs at `paths`; `said` are the rules that found something
    in it before. Nothing else has changed on which what was said of it rests."""

    kind: KindInfo
    paths: frozenset[Path]
    said: frozenset[str]


def unread(reads: Reads, kind: KindInfo, paths: Iterable[Path]) -> bool:
    """Whether what a policy said of a document of the kind stands where the document differs at `paths`, as long as it
    had nothing against it."""
    if "old" in reads.variables:
        return False
    own: list[KeyPath] = [*_MATCHED, *reads.object, *reads.entity]
    referring = bool(reads.owner)
    for function in reads.functions:
        found = _OF_ITSELF[function]
        if found is None:
            referring = True
        else:
            own += found
    if referring:
        own += [_STRENGTHS, *(_until_each(field.path) for field in kind.references)]
    return not any(_meet(path, key) for path in paths for key in own)


def _until_each(path: KeyPath) -> KeyPath:
    return path[: path.index("*")] if "*" in path else path


def _meet(path: Path, key: KeyPath) -> bool:
    """Whether one lies within the other."""
    return all(step == other for step, other in zip(path, key, strict=False))
