"""The servers that a run over three providers needs, started when the first test asks."""

from __future__ import annotations

from tests.aws.account import account
from tests.postgresql.cluster import cluster

__all__ = ["account", "cluster"]
