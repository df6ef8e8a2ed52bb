"""How a request's instances are called: a uid for each life."""

from __future__ import annotations

import uuid
from collections.abc import Container

# A name that has had this many lives is not worth searching further.
_SEARCHED = 1024


def uid_of(platform: str, request: str, life: int) -> str:
    """The uid of a request's `life`-th instance: a version 5 UUID (RFC 9562) of platform uid, reference and life."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"tarmac:{platform}/{request}/{life}"))


def next_life(platform: str, request: str, last: int, taken: Container[str]) -> tuple[int, str]:
    """The first life after `last` whose uid nothing else has, and that uid."""
    life = last + 1
    while (uid := uid_of(platform, request, life)) in taken:
        life += 1
    return life, uid


def life_of(platform: str, request: str, uid: str) -> int:
    """Which life a uid is: for instances found without a state. 1 where it was made under another name."""
    return next((life for life in range(1, _SEARCHED) if uid_of(platform, request, life) == uid), 1)
