"""What people are told of once: a state that asks for somebody, since when it has lasted, and where it is told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from tarmac.model.frozen import Frozen


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


class Via(StrEnum):
    """How a channel speaks. APPRISE stands for every other service that the library knows."""

    SLACK = "slack"
    EMAIL = "email"
    GITHUB = "github"
    WEBHOOK = "webhook"
    APPRISE = "apprise"


class Notice(Frozen):
    """One state, in words. `key` is the same as long as the state is: nobody is told of it twice. `owner` is the group
    to tell (the platform's own where it is empty), `request` the reference that it is about, if there is one."""

    key: str
    topic: Topic
    owner: str
    request: str
    text: str


class OpenNotice(Frozen):
    """A notice that was told, and whose state lasts. `waiting` names the channels that could not be reached yet."""

    notice: Notice
    since: datetime
    waiting: frozenset[str] = frozenset()


class Channel(Frozen):
    """One place where notices go. `variable` names the variable of the environment that holds its address, which is a
    secret; `topics` is what it hears of (empty: everything), `to_owner` whether each owner hears of its own there."""

    name: str
    via: Via
    variable: str
    topics: frozenset[Topic] = frozenset()
    to_owner: bool = False

    def hears(self, topic: Topic) -> bool:
        return not self.topics or topic in self.topics


class Letter(Frozen):
    """What one place is told in one run. `address` is a mail address or a Slack channel (empty: the one that the
    variable's value names), `platform` the name of who writes, `left_out` how many more there are than it tells."""

    channel: Channel
    address: str
    platform: str
    notices: tuple[Notice, ...]
    left_out: int = 0


class Unsent(Frozen):
    """Notices that a channel could not be told, and why; they wait for the next run, or until somebody does `mend` what
    is written of the channel."""

    channel: str
    count: int
    reason: str
    mend: bool = False
