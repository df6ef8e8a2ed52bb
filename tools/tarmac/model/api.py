"""API: an interface that a component offers."""

from __future__ import annotations

from typing import Annotated, Literal

from tarmac.model.base import DayText, Model, OpenModel, OrElsewhere, RefTo, Text
from tarmac.model.entity_meta import BackstageKind


class ApiSettings(Model):
    """What Tarmac adds to an API."""

    version: Text | None = None
    """The version that the definition describes, in quotes."""
    status: Literal["active", "beta", "deprecated"] | None = None
    """active, beta, or deprecated with a sunset."""
    sunset: DayText | None = None
    """The last day on which a deprecated API answers."""


class ApiSpec(OpenModel):
    """What the API is. Fields that are not listed here are allowed."""

    type: Text
    """openapi, asyncapi, graphql, grpc, ..."""
    lifecycle: Text
    """experimental, production, deprecated, ..."""
    owner: Annotated[str, RefTo("group", ("group", "user"))]
    """The group that answers for it."""
    system: Annotated[str, RefTo("system", ("system",))] | None = None
    """The system that it is a part of."""
    definition: Annotated[Text | dict[str, str], OrElsewhere()]
    """The definition itself, or where it lies: {$text: ./openapi.yaml}."""
    tarmac: ApiSettings | None = None
    """What Tarmac adds to an API."""


class Api(BackstageKind):
    """An interface that a component offers and others call."""

    api_version: Literal["backstage.io/v1alpha1", "backstage.io/v1beta1"]
    kind: Literal["API"]
    spec: ApiSpec
    """What the API is."""
