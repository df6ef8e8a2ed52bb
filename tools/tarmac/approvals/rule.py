"""An approval rule as it stands in `policies/`, read from its document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tarmac.model.documents import Entity
from tarmac.model.json_value import JsonValue, dig, items, mapping, text, texts

OWNER = "owner"
CODE_OWNERS = "code-owners"


@dataclass(frozen=True, slots=True)
class Requirement:
    """`count` people from any of `sources`, of the `role` there if one is named.

    A source is `owner` (of the entity, the earlier one too where it changes hands), `code-owners` (of each touched
    path), or a reference to a group or user.
    """

    sources: tuple[str, ...]
    role: str | None = None
    count: int = 1


@dataclass(frozen=True, slots=True)
class Part:
    """`needed` of the requirements must be met."""

    needed: int
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True)
class ApprovalRule:
    """All parts must be met, where `when` holds; `automatic` rules need nobody.

    `distinct`: one person counts for one requirement only. A rule with neither parts nor `automatic` can not be met.
    """

    name: str
    when: str | None
    parts: tuple[Part, ...]
    automatic: bool
    distinct: bool


def read(entity: Entity) -> ApprovalRule:
    """The rule of one document: `require` asks for all of its list, `anyOf` for one, `atLeast` for `count` of `of`."""
    spec = entity.mapping("spec")
    parts = tuple(_parts(spec))
    return ApprovalRule(
        name=entity.name,
        when=text(spec, "when"),
        parts=parts,
        # What both needs somebody and needs nobody, needs somebody.
        automatic=spec.get("auto") is True and not parts,
        distinct=spec.get("distinct") is True,
    )


def _parts(spec: Mapping[str, JsonValue]) -> Iterator[Part]:
    at_least = mapping(spec, "atLeast")
    every = tuple(map(_requirement, items(spec, "require")))
    if every:
        yield Part(len(every), every)
    if "anyOf" in spec:
        yield Part(1, tuple(map(_requirement, items(spec, "anyOf"))))
    if "atLeast" in spec:
        yield Part(_count(at_least), tuple(map(_requirement, items(at_least, "of"))))


def _requirement(stated: JsonValue) -> Requirement:
    return Requirement(texts(stated, "from"), text(stated, "role"), _count(stated))


def _count(stated: JsonValue) -> int:
    count = dig(stated, "count")
    return count if isinstance(count, int) and not isinstance(count, bool) and count > 0 else 1
