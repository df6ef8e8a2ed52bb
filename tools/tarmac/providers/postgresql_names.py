"""What a database and its roles are called, and what is written down about them on the server.

Names come from the uid alone, never from what a request says:

    tarmac_<32 hexadecimal digits>          the database
    tarmac_<...>_owner                      group role: owns the database and everything in it; nobody logs in as it
    tarmac_<...>_a, tarmac_<...>_b          login roles, members of it: one is in use, the other is the next
    tarmac_<...>_read                       group role: may read everything; grant it to whoever should

The record (tags, config, which login is in use) is JSON in the comment on the owner role, which nobody who logs in to
the database can change; a copy for people is in the comment on the database itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from tarmac.errors import ProviderError
from tarmac.model.frozen import Frozen, replace
from tarmac.model.json_value import JsonValue, dig, mapping, text
from tarmac.model.plan import Tags, canonical
from tarmac.model.values import BadValue, parse_instant, show_instant
from tarmac.providers.tagging import Untagged, tags_of, texts_of

UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
# As PostgreSQL's own regular expressions have it.
DATABASES = "^tarmac_[0-9a-f]{32}_owner$"
LIMIT = 1024 * 1024
_VERSION = 1
_PREFIX = "tarmac_"


class Stage(StrEnum):
    """How far it is: being made, whole, or on its way out."""

    MAKING = "making"
    READY = "ready"
    REMOVING = "removing"


class Names(Frozen):
    """The names that belong to a uid."""

    uid: str

    @classmethod
    def of(cls, uid: str) -> Names:
        """Raises ProviderError for what is no uid."""
        if not UID.match(uid):
            raise ProviderError(f"{uid[:60]!r} is no uid", transient=False)
        return cls(uid)

    @property
    def database(self) -> str:
        return _PREFIX + self.uid.replace("-", "")

    @property
    def owner(self) -> str:
        return f"{self.database}_owner"

    @property
    def read(self) -> str:
        return f"{self.database}_read"

    @property
    def logins(self) -> tuple[str, str]:
        return (f"{self.database}_a", f"{self.database}_b")

    @property
    def proof(self) -> str:
        """A database for a moment, in which a backup is restored to see that it can be."""
        return f"{self.database}_proof"

    def other(self, login: str) -> str:
        """The login role that is not the given one; the first for any other name."""
        first, second = self.logins
        return second if login == first else first


def uid_of_owner(role: str) -> str:
    """The uid that an owner role's name stands for."""
    digits = role.removeprefix(_PREFIX).removesuffix("_owner")
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


class Record(Frozen):
    """What the comment says. `login` is the login role in use, empty before the first, `since` when its password was
    made; `proved` when a backup was last restored to see that it can be; `active` when a client was last seen at work,
    and `sessions` how many the server had counted by then (None: not looked yet)."""

    tags: Tags
    config: Mapping[str, JsonValue]
    stage: Stage
    login: str = ""
    since: datetime | None = None
    proved: datetime | None = None
    active: datetime | None = None
    sessions: int | None = None

    def at(self, stage: Stage) -> Record:
        return replace(self, stage=stage)

    def comment(self) -> str:
        """As JSON in ASCII: no character of it needs care."""
        return canonical(
            {
                "version": _VERSION,
                "stage": str(self.stage),
                "tags": texts_of(self.tags),
                "config": self.config,
                "login": self.login,
                "since": None if self.since is None else show_instant(self.since),
                "proved": None if self.proved is None else show_instant(self.proved),
                "active": None if self.active is None else show_instant(self.active),
                "sessions": self.sessions,
            }
        )


def read_record(uid: str, comment: str | None) -> Record:
    """The record in a comment.

    Raises:
        Untagged: it is none of ours, or not about this uid.
    """
    if comment is None:
        raise Untagged("its owner role has no comment")
    if len(comment) > LIMIT:
        raise Untagged(f"the comment on its owner role is longer than {LIMIT} characters")
    try:
        data: JsonValue = json.loads(comment)
    except (ValueError, RecursionError):
        raise Untagged("the comment on its owner role is no JSON") from None
    if dig(data, "version") != _VERSION or not isinstance(dig(data, "config"), Mapping):
        raise Untagged("the comment on its owner role is no record of ours")
    stage = text(data, "stage") or ""
    if stage not in set(Stage):
        raise Untagged("its stage is unknown")
    return Record(
        tags=tags_of(uid, mapping(data, "tags")),
        config=mapping(data, "config"),
        stage=Stage(stage),
        login=text(data, "login") or "",
        since=_instant(data, "since"),
        proved=_instant(data, "proved"),
        active=_instant(data, "active"),
        sessions=_whole(data, "sessions"),
    )


def _instant(data: JsonValue, name: str) -> datetime | None:
    given = text(data, name)
    try:
        return None if given is None else parse_instant(given)
    except BadValue:
        raise Untagged(f"{name} is no instant") from None


def _whole(data: JsonValue, name: str) -> int | None:
    given = dig(data, name)
    return given if isinstance(given, int) and not isinstance(given, bool) else None
