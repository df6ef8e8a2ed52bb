"""DataSource: where metrics are asked for, as OpenSLO writes it."""

from __future__ import annotations

from typing import Literal

from tarmac.model.base import Free, Model, Text
from tarmac.model.openslo import Description, OpenSloKind


class DataSourceSpec(Model):
    """Where to ask."""

    description: Description | None = None
    """What it holds, in a sentence."""
    type: Text
    """What it is: Prometheus, ..."""
    connection_details: Free | None = None
    """How to reach it. Never a secret: name where the secret lies."""


class DataSource(OpenSloKind):
    """Where metrics are asked for."""

    kind: Literal["DataSource"]
    spec: DataSourceSpec
    """Where to ask."""
