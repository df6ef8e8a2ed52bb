"""Resource: what a component needs at run time and nobody deploys as software."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import JsonValue

from tarmac.model.base import LooseRefs, Many, OpenModel, RefTo, Text
from tarmac.model.entity_meta import BackstageKind, NoSettings


class ResourceSpec(OpenModel):
    """What the resource is. Fields that are not listed here are allowed."""

    type: Text
    """database, bucket, queue, cluster, ..."""
    owner: Annotated[str, RefTo("group", ("group", "user"))]
    """The group that answers for it."""
    system: Annotated[str, RefTo("system", ("system",))] | None = None
    """The system that it is a part of."""
    depends_on: Many[Annotated[str, RefTo(None)]] | None = None
    """What it needs to work; each with its kind."""
    dependency_of: Annotated[JsonValue, LooseRefs()] = None
    """What needs it to work; each with its kind."""
    tarmac: NoSettings | None = None
    """Tarmac has no settings of its own for a resource."""


class Resource(BackstageKind):
    """A database, bucket, queue or the like that components need at run time."""

    api_version: Literal["backstage.io/v1alpha1", "backstage.io/v1beta1"]
    kind: Literal["Resource"]
    spec: ResourceSpec
    """What the resource is."""
