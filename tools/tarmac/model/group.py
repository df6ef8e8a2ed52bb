"""Group: a team, a department, the whole organization."""

from __future__ import annotations

from typing import Annotated, Literal

from tarmac.model.base import Many, Model, OpenModel, RefTo, Slug, Text
from tarmac.model.entity_meta import BackstageKind


class Profile(OpenModel):
    """How to show and to reach it."""

    display_name: Text | None = None
    """The name as people write it."""
    email: Text | None = None
    """Where mail reaches it."""
    picture: Text | None = None
    """The URL of a picture."""


class GroupSettings(Model):
    """What Tarmac adds to a group."""

    roles: dict[Slug, Many[Annotated[str, RefTo("user", ("user",))]]] | None = None
    """Who holds which role: lead, on-call, ... Each holder is also a member of the group."""


class GroupSpec(OpenModel):
    """Who the group is. Fields that are not listed here are allowed."""

    type: Text
    """team, department, organization, ..."""
    profile: Profile | None = None
    """How to show and to reach the group; a team's e-mail stands here."""
    parent: Annotated[str, RefTo("group", ("group",))] | None = None
    """The group above."""
    children: Many[Annotated[str, RefTo("group", ("group",))]]
    """The groups below; [] if there are none."""
    members: Many[Annotated[str, RefTo("user", ("user",))]] | None = None
    """Its members, beside those whose memberOf names it."""
    tarmac: GroupSettings | None = None
    """What Tarmac adds to a group."""


class Group(BackstageKind):
    """A team, a department or the whole organization."""

    api_version: Literal["backstage.io/v1alpha1", "backstage.io/v1beta1"]
    kind: Literal["Group"]
    spec: GroupSpec
    """Who the group is."""
