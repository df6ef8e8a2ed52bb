"""Service: what SLOs are about, as OpenSLO writes it. In Tarmac a service is a Component; this is for foreign files."""

from __future__ import annotations

from typing import Literal

from tarmac.model.base import Model
from tarmac.model.openslo import Description, OpenSloKind


class ServiceSpec(Model):
    """What the service does."""

    description: Description | None = None
    """What it does, in a sentence or two."""


class Service(OpenSloKind):
    """A group of SLOs."""

    kind: Literal["Service"]
    spec: ServiceSpec
    """What the service does."""
