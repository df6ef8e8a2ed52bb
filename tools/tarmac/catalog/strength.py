"""How much one thing needs another."""

from __future__ import annotations

from enum import StrEnum

from tarmac.model.documents import Entity
from tarmac.model.json_value import dig, texts
from tarmac.model.refs import BadReference, Ref


class Strength(StrEnum):
    """hard: it fails when the other fails; soft: it goes on, with less; any: one of several is enough."""

    HARD = "hard"
    SOFT = "soft"
    ANY = "any"


def strengths(entity: Entity) -> dict[Ref, Strength]:
    """What `spec.tarmac.dependencies` says of targets; who is not named there is needed hard."""
    found: dict[Ref, Strength] = {}
    told = entity.document.told
    if told is not None and told.hard:
        return found
    for entry in entity.items("spec", "tarmac", "dependencies"):
        choices = texts(entry, "anyOf")
        # One name alone is no choice.
        strength = Strength.ANY if len(choices) > 1 else Strength.HARD
        if not choices:
            stated = dig(entry, "ref")
            choices = (stated,) if isinstance(stated, str) else ()
            strength = Strength.SOFT if dig(entry, "strength") == "soft" else Strength.HARD
        for choice in choices:
            try:
                found[Ref.parse(choice, default_namespace=entity.ref.namespace)] = strength
            except BadReference:
                continue
    return found
