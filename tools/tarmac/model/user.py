"""User: a person."""

from __future__ import annotations

from typing import Annotated, Literal

from tarmac.model.base import Many, OpenModel, RefTo
from tarmac.model.entity_meta import BackstageKind, NoSettings
from tarmac.model.group import Profile


class UserSpec(OpenModel):
    """Who the person is. Fields that are not listed here are allowed."""

    profile: Profile | None = None
    """How to show and to reach the person."""
    member_of: Many[Annotated[str, RefTo("group", ("group",))]]
    """The groups that the person belongs to; [] if there are none."""
    tarmac: NoSettings | None = None
    """Tarmac has no settings of its own for a user."""


class User(BackstageKind):
    """A person. The annotation github.com/user-login names the account whose reviews count."""

    api_version: Literal["backstage.io/v1alpha1", "backstage.io/v1beta1"]
    kind: Literal["User"]
    spec: UserSpec
    """Who the person is."""
