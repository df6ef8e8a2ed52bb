"""Location: a pointer to files with more entities, which a Backstage follows."""

from __future__ import annotations

from typing import Literal

from tarmac.model.base import Many, OpenModel, Text
from tarmac.model.entity_meta import BackstageKind, NoSettings


class LocationSpec(OpenModel):
    """Where to look. Fields that are not listed here are allowed."""

    type: Text | None = None
    """url or file; that of this document if left out."""
    target: Text | None = None
    """One file, relative to this one."""
    targets: Many[Text] | None = None
    """Files, relative to this one; * matches within one folder."""
    presence: Literal["required", "optional"] | None = None
    """Whether a target that does not exist is an error (required, the default)."""
    tarmac: NoSettings | None = None
    """Tarmac has no settings of its own for a location."""


class Location(BackstageKind):
    """A pointer to files with more entities. Tarmac reads every file anyway; a Backstage needs it."""

    api_version: Literal["backstage.io/v1alpha1", "backstage.io/v1beta1"]
    kind: Literal["Location"]
    spec: LocationSpec
    """Where to look."""
