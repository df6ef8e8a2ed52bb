"""ApprovalRule: who must approve what."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from tarmac.model.base import Expression, Model, Positive, RefTo, Slug, Some, exactly_one
from tarmac.model.entity_meta import TarmacKind

Approver = Annotated[str, RefTo("group", ("group", "user"), words=("owner", "parent", "code-owners"))]


class People(Model):
    """So many of these people."""

    from_: Annotated[Some[Approver], Field(alias="from")]
    """Who counts: owner (the team that owns what changes), parent (the group above it), code-owners, groups, users."""
    role: Slug | None = None
    """Only those who hold this role there: lead."""
    count: Positive | None = None
    """How many; 1 if left out."""


class AnyOf(Model):
    """One of these is enough."""

    any_of: Some[People]
    """The alternatives."""


class AllOf(Model):
    """All of these."""

    all_of: Some[People]
    """What it takes."""


class AtLeast(Model):
    """Some of these."""

    at_least: Positive
    """How many of them."""
    of: Some[People]
    """The candidates."""


class ApprovalRuleSpec(Model):
    """When it holds, and what it asks."""

    model_config = ConfigDict(
        json_schema_extra={**exactly_one("require", "auto"), "not": {"required": ["auto", "unlessAuto"]}}
    )

    when: Expression
    """CEL over change, object, old, owner, cost, budget, now: the changes that the rule is for."""
    require: Some[People | AnyOf | AllOf | AtLeast] | None = None
    """What it asks: all of these."""
    auto: Literal[True] | None = None
    """It asks nobody."""
    unless_auto: Literal[True] | None = None
    """It is not for changes that a rule with auto: true is for."""
    distinct: bool | None = None
    """Whether one person may stand for one item only."""


class ApprovalRule(TarmacKind):
    """Who must approve what."""

    api_version: Literal["tarmac/v1"]
    kind: Literal["ApprovalRule"]
    spec: ApprovalRuleSpec
    """When it holds, and what it asks."""
