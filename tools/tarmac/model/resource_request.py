"""ResourceRequest: one asked-for thing. Desired state, written by people; what was made stands in the ledger."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tarmac.model.base import DayText, DurationText, Free, Many, Model, Name, RefTo, Slug, Text
from tarmac.model.entity_meta import TarmacKind


class ResourceRequestSpec(Model):
    """What is asked for, by whom, and for how long."""

    type: Annotated[str, RefTo("resourcetype", ("resourcetype",), versioned=True)]
    """The resource type with its version: postgres@1.1.0."""
    owner: Annotated[str, RefTo("group", ("group",))]
    """The group that pays and answers for it."""
    for_: Annotated[
        Annotated[str, RefTo("component", ("component", "resource", "system", "api"))] | None, Field(alias="for")
    ] = None
    """What it is for: component:default/checkout. Left out: for the team itself."""
    environment: Slug
    """Where it lives; one of the platform's environments."""
    config: Free | None = None
    """What it should be like, as the type's schema says."""
    ttl: DurationText | None = None
    """How long it lives from being ready on: 30d. Not together with expires."""
    expires: DayText | None = None
    """Its last day, in quotes. Not together with ttl."""
    previously: Many[Name] | None = None
    """Old names: without them a new name means a new instance."""
    depends_on: Many[Annotated[str, RefTo(None, ("resourcerequest",))]] | None = None
    """Requests that are made before it and removed after it: resourcerequest:default/orders-db."""
    deletion_protection: bool | None = None
    """false lets it be removed in production: merged first, the removal of this file after it."""
    reason: Text | None = None
    """Why it is needed; approvers read it."""


class ResourceRequest(TarmacKind):
    """One asked-for thing: a database, a bucket, an environment."""

    api_version: Literal["tarmac/v1"]
    kind: Literal["ResourceRequest"]
    spec: ResourceRequestSpec
    """What is asked for, by whom, and for how long."""
