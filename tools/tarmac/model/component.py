"""Component: a piece of software. A service is a Component of type service."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import JsonValue

from tarmac.model.base import LooseRefs, Many, Model, OpenModel, RefTo, Some, Text
from tarmac.model.entity_meta import BackstageKind

Dependency = Annotated[str, RefTo(None)]


class OneDependency(Model):
    """How much it depends on one other entity."""

    ref: Dependency
    """What it depends on; always with its kind."""
    strength: Literal["hard", "soft"] | None = None
    """hard (the default): it cannot work without it. soft: it works on, with less."""


class AnyDependency(Model):
    """Any one of several is enough."""

    any_of: Some[Dependency]
    """The alternatives, each with its kind: while one of them works, so does this component."""


class ComponentSettings(Model):
    """What Tarmac adds to a component."""

    tier: Literal["critical", "standard", "experimental"] | None = None
    """How much hangs on it. A critical one owes a documented API, on-call members, an SLA and a runbook."""
    dependencies: Many[OneDependency | AnyDependency] | None = None
    """Where a dependency is not hard. What dependsOn names and this list does not is hard."""
    escalation: Text | None = None
    """Whom to reach, and how, when on-call does not answer."""


class ComponentSpec(OpenModel):
    """What the component is. Fields that are not listed here are allowed."""

    type: Text
    """service, website, library, ...: which ones a company uses is for its policies to say."""
    lifecycle: Text
    """experimental, production, deprecated, ...: which ones a company uses is for its policies to say."""
    owner: Annotated[str, RefTo("group", ("group", "user"))]
    """The group that answers for it."""
    system: Annotated[str, RefTo("system", ("system",))] | None = None
    """The system that it is a part of."""
    subcomponent_of: Annotated[str, RefTo("component", ("component",))] | None = None
    """The component that it is a part of."""
    provides_apis: Many[Annotated[str, RefTo("api", ("api",))]] | None = None
    """The APIs that it offers."""
    consumes_apis: Many[Annotated[str, RefTo("api", ("api",))]] | None = None
    """The APIs that it calls."""
    depends_on: Many[Annotated[str, RefTo(None)]] | None = None
    """What it needs to work; each with its kind, such as component:orders or resource:orders-db."""
    dependency_of: Annotated[JsonValue, LooseRefs()] = None
    """What needs it to work; each with its kind."""
    tarmac: ComponentSettings | None = None
    """What Tarmac adds to a component."""


class Component(BackstageKind):
    """A piece of software: a service, a website, a library, a job."""

    api_version: Literal["backstage.io/v1alpha1", "backstage.io/v1beta1"]
    kind: Literal["Component"]
    spec: ComponentSpec
    """What the component is."""
