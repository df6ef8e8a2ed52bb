"""Domain: a part of the business."""

from __future__ import annotations

from typing import Annotated, Literal

from tarmac.model.base import OpenModel, RefTo, Text
from tarmac.model.entity_meta import BackstageKind, NoSettings


class DomainSpec(OpenModel):
    """What the domain is. Fields that are not listed here are allowed."""

    owner: Annotated[str, RefTo("group", ("group", "user"))]
    """The group that answers for it."""
    subdomain_of: Annotated[str, RefTo("domain", ("domain",))] | None = None
    """The domain that it is a part of."""
    type: Text | None = None
    """product-area, business-unit, ..."""
    tarmac: NoSettings | None = None
    """Tarmac has no settings of its own for a domain."""


class Domain(BackstageKind):
    """A part of the business, with its words and its systems."""

    api_version: Literal["backstage.io/v1alpha1", "backstage.io/v1beta1"]
    kind: Literal["Domain"]
    spec: DomainSpec
    """What the domain is."""
