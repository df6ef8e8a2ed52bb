"""ResourceType: something that can be requested. Adding one needs no Python."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from tarmac.model.base import (
    DayText,
    DurationText,
    Expression,
    Free,
    Key,
    LabelValue,
    Many,
    Model,
    RefTo,
    SemVer,
    Slug,
    Some,
    Text,
    exactly_one,
)
from tarmac.model.entity_meta import TarmacKind


class TypeManifest(Model):
    """A file that stands for an instance, where a provider delivers files for others to act upon."""

    path: Text
    """Where it is written on the delivery branch; holds {uid}, as no two instances share a file."""
    json_schema: Annotated[Text, Field(alias="schema")]
    """The JSON Schema that it has to keep, with its version: kubernetes-1.31/Namespace."""
    content: Free
    """What it holds; a text may hold {config.size}, {uid}, {name}, {team} and more, put in as data."""


class TypeVersion(Model):
    """One version of what can be asked for."""

    name: SemVer
    """Its number; requests name it: postgres@1.1.0."""
    status: Literal["active", "deprecated", "retired"]
    """active; deprecated: still made, with a warning; retired: no longer made."""
    sunset: DayText | None = None
    """The last day of a deprecated version."""
    config_schema: Annotated[Free, Field(alias="schema")]
    """JSON Schema 2020-12 of a request's spec.config. Defaults in it are filled in before policies look."""
    immutable: Many[Text] | None = None
    """Fields of the config whose change means a replacement."""
    manifests: Some[TypeManifest] | None = None
    """The files that the provider manifests writes for an instance."""


class TtlBounds(Model):
    """How long an instance lives."""

    default: DurationText | None = None
    """If the request does not say; the platform's default if left out."""
    max: DurationText | None = None
    """At most this long."""
    grace: DurationText | None = None
    """How long after its end an instance is kept, so that a late renewal finds its data; left out: not at all."""


class TypeEnvironment(Model):
    """How the type is offered in one environment."""

    ttl: TtlBounds | None = None
    """How long an instance lives there; left out: for good."""


class PriceItem(Model):
    """One line of the estimate."""

    item: Text
    """What the line is called."""
    sku: Text
    """The rate card's name of it; {config.size} is replaced by the value of the request."""
    quantity: Expression
    """How much of it in a month: CEL over config, hours (in a month) and usage. Unknown usage stays unknown."""


class TypeTarget(Model):
    """What the platform promises for this type; measured."""

    provisioning: DurationText | None = None
    """From merge to ready."""


class TypePart(Model):
    """One of the instances that a composed type is made of."""

    name: Slug
    """Its name within the whole."""
    type: Annotated[str, RefTo("resourcetype", ("resourcetype",), versioned=True)]
    """The resource type that it is, with its version: postgres@1.1.0. It is not composed itself."""
    config: Free | None = None
    """Its config; a text may hold {config.size}, which is the value of the request."""
    needs: Many[Slug] | None = None
    """The parts that have to be there before it is made, and stay until it is gone."""


class ResourceTypeSpec(Model):
    """What can be asked for, where, and at what price."""

    model_config = ConfigDict(json_schema_extra=exactly_one("provider", "compose"))

    owner: Annotated[str, RefTo("group", ("group",))]
    """The group that looks after the type and all that is made of it."""
    category: Literal["database", "cache", "queue", "storage", "compute", "network"]
    """What it is."""
    provider: Slug | None = None
    """The plug-in that makes it."""
    compose: Some[TypePart] | None = None
    """Instead of a provider: the parts that it is made of, asked for, priced, renewed and removed as one."""
    versions: Some[TypeVersion]
    """Its versions, the newest first."""
    environments: Annotated[dict[Slug, TypeEnvironment], Field(min_length=1)]
    """The environments in which it is offered; {} for one without an end of life."""
    tags: dict[Key, LabelValue] | None = None
    """Tags of all that is made of it; a label of the request goes over them."""
    pricing: Many[PriceItem] | None = None
    """What it costs, line by line."""
    drift: Literal["mend", "report", "ignore"] | None = None
    """What becomes of an instance that somebody changed behind our back: made right (as a rule), reported, or left."""
    target: TypeTarget | None = None
    """What the platform promises for it."""
    rotation: DurationText | None = None
    """The age at which an instance's credential is replaced; left out: never. The provider must be able to."""


class ResourceType(TarmacKind):
    """Something that can be requested: its versions, their JSON Schemas, where it is offered, what it costs."""

    api_version: Literal["tarmac/v1"]
    kind: Literal["ResourceType"]
    spec: ResourceTypeSpec
    """What can be asked for, where, and at what price."""
