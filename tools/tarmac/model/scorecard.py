"""Scorecard: how far services are on a road of levels, by rules that give whole or partial credit."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tarmac.model.base import Expression, Many, Model, PercentText, Positive, Slug, Some, Text
from tarmac.model.entity_meta import TarmacKind


class ScorecardSubjects(Model):
    """What is measured. Every field that is given must fit."""

    kinds: Some[Text]
    """The kinds: Component, API, ..."""
    types: Many[Text] | None = None
    """Only these values of spec.type."""
    lifecycles: Many[Text] | None = None
    """Only these values of spec.lifecycle."""
    tiers: Many[Text] | None = None
    """Only these values of spec.tarmac.tier."""


class ScorecardRule(Model):
    """One thing that is looked at."""

    name: Slug
    """Its name, unique within the scorecard."""
    title: Text | None = None
    """What it asks for, in a few words."""
    level: Slug
    """The level that it belongs to."""
    weight: Positive | None = None
    """How much it counts in the score; 1 if left out."""
    score: Expression
    """CEL: true, false, a whole percentage from 0 to 100, or decimal("0.5"). The same facts as in a policy."""
    fix: Text | None = None
    """What to do to get its credit."""


class ScorecardSpec(Model):
    """What is measured, and how."""

    applies_to: ScorecardSubjects
    """What is measured."""
    levels: Some[Slug]
    """The levels, the lowest first. A level is reached when each rule of it and of those below reaches its share."""
    shares: Annotated[dict[Slug, PercentText], Field(min_length=1)] | None = None
    """How much credit each rule of a level must have: {silver: 80%}; 100% for a level that is not named."""
    rules: Some[ScorecardRule]
    """What is looked at."""


class Scorecard(TarmacKind):
    """How far services are on a road of levels, by rules that give whole or partial credit."""

    api_version: Literal["tarmac/v1"]
    kind: Literal["Scorecard"]
    spec: ScorecardSpec
    """What is measured, and how."""
