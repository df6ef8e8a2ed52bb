"""The names under which reads of a catalog are noted, and which of them a change touches.

A verdict on an entity rests on what was asked while it was made. Each question has a key here; a change of the tree
touches keys; a verdict whose keys are not touched stands. What a question is about is in its key, so that a change of a
thing's content does not touch the verdicts that rest on its being there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import blake2b
from posixpath import dirname

from tarmac.catalog.people import login
from tarmac.catalog.references import references
from tarmac.model.documents import Entity
from tarmac.model.kinds import KindInfo
from tarmac.model.refs import Ref

# The catalog that is judged, and the one whose policies judge.
JUDGED, JUDGING = "judged", "judging"
ANY = "*"

ENTITY = "entity"  # ref: everything that its document says, and where it stands
EXISTS = "exists"  # ref
KIND = "kind"  # kind: every entity of it
NAMES = "names"  # kind: which entities of it there are
NAMED = "named"  # kind, name as written
KINDS = "kinds"  # which kinds there are
REFERRERS = "referrers"  # ref, kind of who refers, or "*": the documents that refer to it
LOGIN = "login"  # login (lower case): which users have it
FILE = "file"  # path: whether it is there
FOLDER = "folder"  # folder: which files are right in it
BELOW = "below"  # folder: whether there is a file below it
IN_FILE = "in-file"  # path: which entities stand in it
POLICIES = "policies"  # kind that policies look at, or "*": what they say
OWNER = "owner"  # ref, names of facts joined by commas: those facts of a team


def kinds_of(policy: Entity) -> frozenset[str]:
    """The kinds (lower case) that a Policy document looks at; none means any."""
    return frozenset(kind.lower() for kind in policy.texts("spec", "match", "kinds"))


def number(name: Sequence[str]) -> int:
    """A key as a number of 64 bits. Two keys that share one cost a verdict that is made anew, and nothing else."""
    text = "\0".join(name).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "big", signed=True)


def touched_by_entity(
    ref: Ref, before: Entity | None, after: Entity | None, kinds: Mapping[tuple[str, str], KindInfo]
) -> Iterator[tuple[str, ...]]:
    """The keys that a change of what stands for a reference touches; None where nothing does."""
    yield ENTITY, str(ref)
    yield KIND, ref.kind
    if (before is None) != (after is None):
        yield EXISTS, str(ref)
        yield NAMES, ref.kind
    sides = [side for side in (before, after) if side is not None]
    if len({side.name for side in sides}) != 1 or len(sides) == 1:
        for side in sides:
            yield NAMED, ref.kind, side.name
    for side in sides:
        yield IN_FILE, side.path
        for reference in references(side, kinds[side.document.kind_key or ("", "")]):
            if reference.target is not None:
                yield REFERRERS, str(reference.target), ref.kind
                yield REFERRERS, str(reference.target), ANY
        if ref.kind == "user":
            yield LOGIN, login(side) or ""
        if ref.kind == "policy":
            for kind in kinds_of(side) or (ANY,):
                yield POLICIES, kind


def touched_by_files(paths: Collection[str]) -> Iterator[tuple[str, ...]]:
    """The keys that files touch which come or go."""
    for path in paths:
        yield FILE, path
        folder = dirname(path)
        yield FOLDER, folder
        while folder:
            yield BELOW, folder
            folder = dirname(folder)
