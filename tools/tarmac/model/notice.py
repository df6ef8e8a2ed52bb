"""What people are told of once: a state that asks for somebody, and since when it has lasted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Topic(StrEnum):
    """What a notice is about."""

    EXPIRES = "expires"
    ENDED = "ended"
    FAILED = "failed"
    HELD = "held"
    DRIFTED = "drifted"
    ORPHANED = "orphaned"
    UNHEALTHY = "unhealthy"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Notice:
    """One state, in words. `key` is the same as long as the state is: nobody is told of it twice. `owner` is the group
    to tell (the platform's own where it is empty), `request` the reference that it is about, if there is one."""

    key: str
    topic: Topic
    owner: str
    request: str
    text: str


@dataclass(frozen=True, slots=True)
class OpenNotice:
    """A notice that was told, and whose state lasts."""

    notice: Notice
    since: datetime
