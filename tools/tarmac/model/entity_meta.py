"""The metadata of a document, as Backstage has it and as our own kinds take it over."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tarmac.model.base import (
    AnnotationValue,
    Key,
    Kind,
    LabelValue,
    Many,
    Model,
    Name,
    Namespace,
    OpenModel,
    Tag,
    Text,
    Url,
    Visible,
)

Labels = dict[Key, LabelValue]
Annotations = dict[Key, AnnotationValue]


class EntityLink(OpenModel):
    """A page about the entity."""

    url: Url
    """Where it leads: an absolute URL."""
    title: Visible | None = None
    """What the link is called."""
    icon: Visible | None = None
    """The name of an icon."""
    type: Text | None = None
    """What the page is: runbook, dashboard, docs..."""


class _MetaFields(Model):
    name: Name
    """The name, unique among entities of the kind in the namespace, without regard to case."""
    namespace: Namespace | None = None
    """The namespace; `default` if left out."""
    title: Text | None = None
    """How people call it; shown in place of the name."""
    description: str | None = None
    """What it is, in a sentence or two. Markdown."""
    labels: Labels | None = None
    """Short values to select by, such as cost-center: CC-1001."""
    annotations: Annotations | None = None
    """Facts for tools, such as tarmac/slack-channel: "#team-orders". Values are texts: quote numbers."""
    tags: Many[Tag] | None = None
    """Single words to find it by."""
    links: Many[EntityLink] | None = None
    """Pages about it: runbook, dashboard, handbook."""


class EntityMeta(_MetaFields, OpenModel):
    """Who this entity is. Fields that are not listed here are allowed."""

    uid: Annotated[Text | None, Field(deprecated=True)] = None
    """Set by Backstage; leave it out."""
    etag: Annotated[Text | None, Field(deprecated=True)] = None
    """Set by Backstage; leave it out."""


class Meta(_MetaFields):
    """Who this document is."""


class NoSettings(Model):
    """Tarmac has no settings of its own for this kind."""


class BackstageKind(Kind):
    """A kind of Backstage's: nothing at the root beyond these four, more fields allowed in metadata and spec."""

    metadata: EntityMeta
    """Who this entity is."""


class TarmacKind(Kind):
    """A kind of our own."""

    metadata: Meta
    """Who this document is."""
