"""An approval rule as it stands in `policies/`, read from its document."""

from __future__ import annotations

from tarmac.model.documents import Entity
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue, dig, items, text, texts

OWNER = "owner"
PARENT = "parent"
CODE_OWNERS = "code-owners"
WORDS = (OWNER, PARENT, CODE_OWNERS)


class Requirement(Frozen):
    """`count` people from any of `sources`, of the `role` there if one is named.

    A source is `owner` (of the entity, the earlier one too where it changes hands, and of its place), `parent`
    (the group above the owner), `code-owners` (of each touched path), or a reference to a group or user.
    """

    sources: tuple[str, ...]
    role: str | None = None
    count: int = 1


class Part(Frozen):
    """`needed` of the requirements must be met."""

    needed: int
    requirements: tuple[Requirement, ...]


class ApprovalRule(Frozen):
    """All parts must be met, where `when` holds; `automatic` rules need nobody, and where one of them holds a rule that
    says `unless_automatic` does not; where people must be `distinct`, nobody stands for two of what is asked.

    A rule with neither parts nor `automatic` can not be met. `path` is the file that it stands in.
    """

    name: str
    path: str
    when: str | None
    parts: tuple[Part, ...]
    automatic: bool
    unless_automatic: bool
    distinct: bool


def read(entity: Entity) -> ApprovalRule:
    """The rule of one document: every item of `require` is a part."""
    spec = entity.mapping("spec")
    # Whatever is no plain true asks always.
    unless = spec.get("unlessAuto") is True
    parts = tuple(_part(item) for item in items(spec, "require"))
    return ApprovalRule(
        name=entity.name,
        path=entity.path,
        when=text(spec, "when"),
        parts=parts,
        # What both needs somebody and needs nobody, needs somebody; what hangs on the automatic ones is none of them.
        automatic=spec.get("auto") is True and not parts and not unless,
        unless_automatic=unless,
        # Whatever is no plain false asks for more.
        distinct=spec.get("distinct") not in (None, False),
    )


def _part(item: JsonValue) -> Part:
    """One item: people, or `anyOf` (one is enough), `allOf`, `atLeast` so many `of`."""
    for key in ("anyOf", "allOf", "of"):
        found = tuple(map(_requirement, items(item, key)))
        if found:
            needed = {"anyOf": 1, "allOf": len(found), "of": _count(item, "atLeast")}[key]
            return Part(needed, found)
    return Part(1, (_requirement(item),))


def _requirement(stated: JsonValue) -> Requirement:
    return Requirement(texts(stated, "from"), text(stated, "role"), _count(stated, "count"))


def _count(stated: JsonValue, key: str) -> int:
    count = dig(stated, key)
    return count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else 1
