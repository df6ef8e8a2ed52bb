"""Exemption: a dated, approved exception to a rule."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from tarmac.model.base import DayText, Model, Positive, RefTo, Slug, Some, Text, exactly_one
from tarmac.model.entity_meta import TarmacKind


class ExemptionSelection(Model):
    """A few entities, where naming each would be tedious. Every field that is given must fit."""

    kind: Text
    """Their kind: Component, ResourceRequest, ..."""
    owner: Annotated[str, RefTo("group", ("group",))] | None = None
    """Their owner."""
    type: Text | None = None
    """Their spec.type, for a request without its version."""
    environment: Slug | None = None
    """Their environment."""
    at_most: Annotated[Positive, Field(le=50)]
    """How many entities it takes at most; when more need it, it counts for none."""


class ExemptionSpec(Model):
    """Which rule, for what, until when."""

    model_config = ConfigDict(json_schema_extra=exactly_one("target", "select"))

    rule: Text
    """The id of the rule, or the name of the policy."""
    target: Annotated[str, RefTo(None)] | None = None
    """What it is for, with its kind: component:default/billing."""
    select: ExemptionSelection | None = None
    """What it is for, where it is for several."""
    owner: Annotated[str, RefTo("group", ("group",))]
    """The group that will see to it that it ends."""
    approvers: Some[Annotated[str, RefTo("group", ("group", "user"))]]
    """Whose approval this file takes."""
    reason: Text
    """Why, and what will be done about it."""
    expires: DayText
    """Its last day, in quotes: at most 180 days away."""


class Exemption(TarmacKind):
    """A dated, approved exception to a rule."""

    api_version: Literal["tarmac/v1"]
    kind: Literal["Exemption"]
    spec: ExemptionSpec
    """Which rule, for what, until when."""
