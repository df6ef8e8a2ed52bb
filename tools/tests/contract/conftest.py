"""The server that a provider of the suite needs, started when the first of its tests asks."""

from __future__ import annotations

from tests.postgresql.cluster import cluster

__all__ = ["cluster"]
