"""The server that a provider of the suite needs, started when the first of its tests asks."""

from __future__ import annotations

from tests.aws.account import account
from tests.postgresql.cluster import cluster

__all__ = ["account", "cluster"]
