"""TagPolicy: what tags a resource carries, and how they are written."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict

from tarmac.model.base import Key, Many, Model, PercentText, Shape, Slug, Some, Text
from tarmac.model.entity_meta import TarmacKind

Pattern = Annotated[
    str,
    Shape(
        "a pattern",
        "a regular expression of at most 512 characters; it must match the whole value",
        min_length=1,
        max_length=512,
    ),
]


class Normalize(Model):
    """What is evened out before a tag is judged."""

    trim: bool | None = None
    """Whether blanks around keys and values are dropped."""
    case: Literal["lower", "upper", "keep"] | None = None
    """How keys are written."""
    aliases: dict[Text, Key] | None = None
    """Other names of a key: {env: environment}."""


class TagRule(Model):
    """One tag."""

    model_config = ConfigDict(
        json_schema_extra={
            # At most one of the three; with none, any value will do.
            "allOf": [
                {"not": {"required": ["values", "match"]}},
                {"not": {"required": ["values", "ref"]}},
                {"not": {"required": ["match", "ref"]}},
            ]
        }
    )

    key: Key
    """Its key."""
    required: bool | None = None
    """Whether it must be there."""
    values: Some[str] | None = None
    """The values that it may have."""
    match: Pattern | None = None
    """A regular expression for the whole value; no look-around, no back-references."""
    ref: Literal["teams", "cost-centers"] | None = None
    """Its value must be the name of a team, or one of the platform's cost centres."""
    environments: Many[Slug] | None = None
    """Where the rule holds; everywhere if left out."""


class UntaggedCeiling(Model):
    """How much cost may go without tags."""

    of: Literal["usage"]
    """The share is computed on usage alone."""
    max: PercentText
    """At most this much."""


class TagPolicySpec(Model):
    """The tags."""

    normalize: Normalize | None = None
    """What is evened out before a tag is judged."""
    tags: Some[TagRule]
    """The tags, one rule each."""
    untagged_ceiling: UntaggedCeiling | None = None
    """How much cost may go without tags."""


class TagPolicy(TarmacKind):
    """What tags a resource carries, and how they are written."""

    api_version: Literal["tarmac/v1"]
    kind: Literal["TagPolicy"]
    spec: TagPolicySpec
    """The tags."""
