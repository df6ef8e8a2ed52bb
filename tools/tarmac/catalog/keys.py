"""The names under which reads of a catalog are noted, and which of them a change touches.

A verdict on an entity rests on what was asked while it was made. Each question has a key here; a change of the tree
touches keys; a verdict whose keys are not touched stands. What a question is about is in its key, so that a change of a
thing's content does not touch the verdicts that rest on its being there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from posixpath import dirname
from typing import TypeAlias
from zlib import crc32

from tarmac.catalog.people import login, role_names
from tarmac.catalog.references import Reference
from tarmac.model.documents import Entity
from tarmac.model.json_value import Path, mapping
from tarmac.model.refs import Ref

# What an entity refers to.
Stated: TypeAlias = Callable[[Entity], Sequence[Reference]]

METADATA = "metadata"
# The catalog that is judged, and the one whose policies judge.
JUDGED, JUDGING = "judged", "judging"
ANY = "*"

ENTITY = "entity"  # ref, section: what that section says: a top-level key, one of metadata behind that, or one of these
ALL = "*"  # the whole document
PLACES = "-places"  # where anything in it stands
PATH = "-path"  # which file it is in
REFERENCES = "-references"  # what it refers to, in order
EXISTS = "exists"  # ref
KIND = "kind"  # kind: every entity of it
NAMES = "names"  # kind: which entities of it there are
ROLES = "roles"  # which roles groups have
NAMED = "named"  # kind, name as written
KINDS = "kinds"  # which kinds there are
REFERRERS = "referrers"  # ref, kind of who refers, or "*": the documents that refer to it
LOGIN = "login"  # login (lower case): which users have it
FILE = "file"  # path: whether it is there
FOLDER = "folder"  # folder: which files are right in it
BELOW = "below"  # folder: whether there is a file below it
IN_FILE = "in-file"  # path: which entities stand in it
POLICIES = "policies"  # kind that policies look at, or "*": what they say
OBJECT = "object"  # ref: a document as a fact; only ever read aside
AGE = "age"  # path: when a person last changed the file
OWNER = "owner"  # ref, names of facts joined by commas: those facts of a team


def kinds_of(policy: Entity) -> frozenset[str]:
    """The kinds (lower case) that a Policy document looks at; none means any."""
    return frozenset(kind.lower() for kind in policy.texts("spec", "match", "kinds"))


def number(name: Sequence[str]) -> int:
    """A key as a number of 32 bits. Two keys that share one cost a verdict that is made anew, and nothing else."""
    return crc32("\0".join(name).encode("utf-8", "surrogatepass"))


def touched_by_entity(
    ref: Ref, before: Entity | None, after: Entity | None, paths: Collection[Path], stated: Stated
) -> Iterator[tuple[str, ...]]:
    """The keys that a change of what stands for a reference touches; None where nothing does. `paths` are where the
    two documents differ."""
    sides = [side for side in (before, after) if side is not None]
    yield KIND, ref.kind
    if len(sides) == 1:
        yield EXISTS, str(ref)
        yield NAMES, ref.kind
    for section in _sections(before, after, paths):
        yield (ENTITY, str(ref), *section)
    yield from _references(ref, before, after, stated)
    # Where it stands among others: some answers are in that order.
    moved = _standing(before) != _standing(after)
    if moved:
        yield from ((IN_FILE, side.path) for side in sides)
    if len({side.name for side in sides}) != 1 or len(sides) == 1:
        yield from ((NAMED, ref.kind, side.name) for side in sides)
    if ref.kind == "user" and (moved or len({login(side) for side in sides}) != 1):
        yield from ((LOGIN, login(side) or "") for side in sides)
    if ref.kind == "group" and _roles(before) != _roles(after):
        yield (ROLES,)
    if ref.kind == "policy":
        yield from ((POLICIES, kind) for side in sides for kind in kinds_of(side) or (ANY,))


def _roles(group: Entity | None) -> tuple[str, ...]:
    return () if group is None else role_names((group,))


def section_of(path: Path) -> tuple[str, ...]:
    """The section that a value stands in. What metadata say is for many readers, so each of them has its own."""
    if not path:
        return (ALL,)
    return tuple(map(str, path[: 2 if path[0] == METADATA else 1]))


def _sections(before: Entity | None, after: Entity | None, paths: Collection[Path]) -> Iterator[tuple[str, ...]]:
    sides = [side.data for side in (before, after) if side is not None]
    # Where there is nothing on one side, all that is on the other differs.
    differing = paths if len(sides) > 1 else [(key,) for data in sides for key in data]
    found = {section_of(path) for path in differing if path}
    if (METADATA,) in found:
        found |= {(METADATA, str(key)) for data in sides for key in mapping(data, METADATA)}
    elif any(section[0] == METADATA for section in found):
        found.add((METADATA,))
    yield from sorted(found)
    if paths:
        yield (ALL,)
    if before is None or after is None or before.path != after.path:
        yield (PATH,)
    yield (PLACES,)


def _references(ref: Ref, before: Entity | None, after: Entity | None, stated: Stated) -> Iterator[tuple[str, ...]]:
    moved = _standing(before) != _standing(after)
    if before is not None and after is not None and not moved:
        # Most changes leave what a document refers to as it is.
        ours, theirs = ([(one.target, one.path, one.text) for one in stated(side)] for side in (before, after))
        if ours == theirs:
            return
    old, new = (() if side is None else tuple(map(_words, stated(side))) for side in (before, after))
    if before is None or after is None or old != new:
        yield ENTITY, str(ref), REFERENCES
    for target in {one[0] for one in (*old, *new)}:
        there, then = ([one for one in side if one[0] == target] for side in (old, new))
        if target is not None and (moved or there != then):
            yield REFERRERS, str(target), ref.kind
            yield REFERRERS, str(target), ANY


def _words(one: Reference) -> tuple[Ref | None, str, tuple[str, ...], str]:
    """What it names: in which field, under which keys, in which words. At which place of a list is no matter."""
    return one.target, one.field.name, tuple(step for step in one.path if isinstance(step, str)), one.text


def _standing(side: Entity | None) -> tuple[str, int] | None:
    return None if side is None else (side.path, side.document.index)


def touched_by_files(paths: Collection[str]) -> Iterator[tuple[str, ...]]:
    """The keys that files touch which come or go."""
    for path in paths:
        yield FILE, path
        folder = dirname(path)
        yield FOLDER, folder
        while folder:
            yield BELOW, folder
            folder = dirname(folder)
