"""System: components, APIs and resources that together do one thing."""

from __future__ import annotations

from typing import Annotated, Literal

from tarmac.model.base import OpenModel, RefTo, Text
from tarmac.model.entity_meta import BackstageKind, NoSettings


class SystemSpec(OpenModel):
    """What the system is. Fields that are not listed here are allowed."""

    owner: Annotated[str, RefTo("group", ("group", "user"))]
    """The group that answers for it."""
    domain: Annotated[str, RefTo("domain", ("domain",))] | None = None
    """The part of the business that it belongs to."""
    type: Text | None = None
    """product, feature-set, ..."""
    tarmac: NoSettings | None = None
    """Tarmac has no settings of its own for a system."""


class System(BackstageKind):
    """Components, APIs and resources that together do one thing for somebody outside."""

    api_version: Literal["backstage.io/v1alpha1", "backstage.io/v1beta1"]
    kind: Literal["System"]
    spec: SystemSpec
    """What the system is."""
