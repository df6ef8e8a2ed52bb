"""The simulated account, started when the first test asks."""

from __future__ import annotations

from tests.aws.account import account

__all__ = ["account"]
