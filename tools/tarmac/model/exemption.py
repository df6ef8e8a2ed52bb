"""Exemption: a dated, approved exception to a rule."""

from __future__ import annotations

from typing import Annotated, Literal

from tarmac.model.base import DayText, Model, RefTo, Some, Text
from tarmac.model.entity_meta import TarmacKind


class ExemptionSpec(Model):
    """Which rule, for what, until when."""

    rule: Text
    """The id of the rule, or the name of the policy."""
    target: Annotated[str, RefTo(None)]
    """What it is for, with its kind: component:default/billing."""
    owner: Annotated[str, RefTo("group", ("group",))]
    """The group that will see to it that it ends."""
    approvers: Some[Annotated[str, RefTo("group", ("group", "user"))]]
    """Whose approval this file takes."""
    reason: Text
    """Why, and what will be done about it."""
    expires: DayText
    """Its last day, in quotes."""


class Exemption(TarmacKind):
    """A dated, approved exception to a rule."""

    api_version: Literal["tarmac/v1"]
    kind: Literal["Exemption"]
    spec: ExemptionSpec
    """Which rule, for what, until when."""
