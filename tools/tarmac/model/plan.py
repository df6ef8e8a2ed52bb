"""Planning's values: what is wanted, what is there, the steps between the two, and how a step ended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from fractions import Fraction

from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue

PLAN_VERSION = 1

# Between a request and the name of one of its parts: no name of an entity holds it.
PART_MARK = "#"


def part_of(request: str, part: str) -> str:
    """What a part of a composed request is called in plan and ledger: `resourcerequest:default/shop#database`."""
    return f"{request}{PART_MARK}{part}"


def whole_of(request: str) -> str:
    """The request that a part belongs to; any other request is its own whole."""
    return request.partition(PART_MARK)[0]


def canonical(value: JsonValue) -> str:
    """JSON with sorted keys, no blanks and ASCII only: the same value gives the same bytes."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def digest_of(value: JsonValue) -> str:
    """SHA-256 over that, in hexadecimal digits."""
    # Loaded here: it brings all of OpenSSL, and most who look at plans need none of it.
    from hashlib import sha256

    return sha256(canonical(value).encode()).hexdigest()


class Verb(StrEnum):
    """What one action does. The last three have no effect: they are there to be read."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    EXPIRE = "expire"
    ADOPT = "adopt"
    RETRY = "retry"
    ROTATE = "rotate"
    HOLD = "hold"
    ORPHAN = "orphan"
    NONE = "none"

    @property
    def has_effect(self) -> bool:
        return self not in (Verb.HOLD, Verb.ORPHAN, Verb.NONE)

    @property
    def removes(self) -> bool:
        return self in (Verb.DELETE, Verb.EXPIRE, Verb.REPLACE)


class Held(StrEnum):
    """What a held action would lose, where that is why it is held: the data of an instance that would be replaced, of
    one that goes while something like it comes under another name, or of one that is protected."""

    REPLACEMENT = "replacement"
    RENAME = "rename"
    PROTECTION = "protection"


class Drift(StrEnum):
    """What becomes of an instance that differs from what was last made of it."""

    MEND = "mend"
    REPORT = "report"
    IGNORE = "ignore"


class Manifest(Frozen):
    """A file that stands for an instance, as its resource type's version describes it: `path` and `content` are
    templates (tarmac.model.filling), `schema` names the JSON Schema, with its version, that the content has to keep."""

    path: str
    schema: str
    content: JsonValue


class Desired(Frozen):
    """One request as planning and providers see it, or one part of a composed one. References are full and in lower
    case; a part's is that of `part_of`.

    `config` has the type version's defaults filled in; `immutable` names the fields of it whose change means a
    replacement. `temporary` are the environments in which its type always ends: in every other one a replacement waits
    for a DeletionApproval. `ttl` runs from the ready instant, `expires` is an instant, both None means permanent.
    `needs` are the requests that must be there before it is made, and stay until it is gone. `protected` says that its
    instance is not removed because its file is gone: a merged change has to lift that first.
    `rotation` is the age at which its credential is replaced, None for never. `hold` is the reason why nothing may be
    done for it now, or None. `manifests` are what the type's version writes, for providers that deliver files.
    """

    request: str
    path: str
    type: str
    version: str
    category: str
    provider: str
    owner: str
    service: str | None
    environment: str
    cost_centre: str
    config: Mapping[str, JsonValue]
    immutable: tuple[str, ...] = ()
    temporary: tuple[str, ...] = ()
    ttl: timedelta | None = None
    expires: datetime | None = None
    previously: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    protected: bool = False
    grace: timedelta = timedelta()
    drift: Drift = Drift.MEND
    rotation: timedelta | None = None
    hold: str | None = None
    manifests: tuple[Manifest, ...] = ()

    @property
    def type_text(self) -> str:
        """`postgres@1.1.0`, as the request writes it."""
        return f"{self.type}@{self.version}"

    @property
    def digest(self) -> str:
        """Changes with everything that a provider gets to see."""
        seen: Mapping[str, JsonValue] = {
            "config": self.config,
            "costCentre": self.cost_centre,
            "environment": self.environment,
            "owner": self.owner,
            "provider": self.provider,
            "request": self.request,
            "type": self.type_text,
        }
        if self.manifests:
            files: JsonValue = [[one.path, one.schema, one.content] for one in self.manifests]
            seen = {**seen, "manifests": files}
        return digest_of(seen)


class Tags(Frozen):
    """What every instance carries, so that the inventory alone can rebuild the state."""

    uid: str
    reference: str
    platform: str
    owner: str
    environment: str
    cost_centre: str
    type: str
    ready_at: datetime | None


class Presence(StrEnum):
    """How far an instance is."""

    READY = "ready"
    PENDING = "pending"
    BROKEN = "broken"


class Observation(Frozen):
    """What a provider says is there under a uid.

    `tags` is None where they cannot be read, and `fault` says why. `config` is None where the provider cannot read
    it back. `usage` are counts in the unit that the key's name ends in (`sizeBytes`). `location` is for people.
    `secret` says where its credential is kept (a reference, never a value; empty where it has none), and
    `credential_since` when that was made. What is BROKEN and carries our tags is half made or half removed: creating
    it takes it up again. `failure` says why what is all there does not work: it does not become ready so.
    """

    uid: str
    provider: str
    presence: Presence
    tags: Tags | None
    config: Mapping[str, JsonValue] | None = None
    usage: Mapping[str, int] | None = None
    location: str = ""
    fault: str | None = None
    secret: str = ""
    credential_since: datetime | None = None
    failure: str = ""


class Inventory(Frozen):
    """All that one provider says is there, or why it could not say (`failure`): then nothing is decided there."""

    provider: str
    instances: tuple[Observation, ...] = ()
    failure: str | None = None


def inventory_digest(inventories: Mapping[str, Inventory]) -> str:
    """Changes with whatever a provider says is there, but not with its usage."""
    seen: JsonValue = [
        [
            name,
            inventory.failure,
            [
                [
                    there.uid,
                    str(there.presence),
                    None
                    if there.tags is None
                    else [str(getattr(there.tags, name)) for name in there.tags.__struct_fields__],
                    there.config,
                    there.fault,
                    there.failure,
                ]
                for there in sorted(inventory.instances, key=lambda there: there.uid)
            ],
        ]
        for name, inventory in sorted(inventories.items())
    ]
    return digest_of(seen)


class SavedPlan(Frozen):
    """What a plan that was saved is known by: the commit and the inventory it was made from, and its hash."""

    base: str
    inventory: str
    hash: str


class Change(Frozen):
    """One field that differs. `path` is dotted: `config.size`, `owner`, `type`."""

    path: str
    before: JsonValue
    after: JsonValue


class Action(Frozen):
    """One step of a plan.

    `uid` names the instance that it is about, None where there is none; `life` counts the instances that the request
    has had, this one included. For a replacement it is the one that goes, and `successor` the life and uid of the one
    that comes. `live` says that the inventory holds the instance, `ready_at` since when it is ready, if that is known.
    `held` says of a hold what it keeps from being lost. `drifted` are the fields that somebody changed behind our back.
    """

    verb: Verb
    request: str | None
    uid: str | None
    type: str
    provider: str
    reason: str
    changes: tuple[Change, ...] = ()
    owner: str = ""
    path: str = ""
    live: bool = False
    life: int = 0
    ready_at: datetime | None = None
    successor: tuple[int, str] | None = None
    held: Held | None = None
    drifted: tuple[str, ...] = ()

    @property
    def lets_go(self) -> bool:
        """Whether its instance goes, or would go if it were not protected."""
        return self.verb.removes or self.held is Held.PROTECTION

    @property
    def order(self) -> tuple[str, str, str]:
        return (self.request or "", self.verb, self.uid or "")

    def to_json(self) -> Mapping[str, JsonValue]:
        """The seven public fields."""
        return {
            "action": str(self.verb),
            "request": self.request,
            "uid": self.uid,
            "type": self.type,
            "provider": self.provider,
            "reason": self.reason,
            "changes": [
                {"path": change.path, "before": change.before, "after": change.after} for change in self.changes
            ],
        }


class Plan(Frozen):
    """The steps from what is there to what is wanted, sorted by request. `base` is the commit that was read."""

    base: str
    actions: tuple[Action, ...]

    @property
    def summary(self) -> Mapping[str, int]:
        """How many actions of each verb, verbs that do not occur left out."""
        counts = dict.fromkeys(sorted({str(action.verb) for action in self.actions}), 0)
        for action in self.actions:
            counts[str(action.verb)] += 1
        return counts

    @property
    def effects(self) -> tuple[Action, ...]:
        """The actions that do something. Empty: the world is as the repository says."""
        return tuple(action for action in self.actions if action.verb.has_effect)

    @property
    def hash(self) -> str:
        """SHA-256 over the canonical JSON of version, base, actions and summary."""
        return digest_of(self._body())

    def to_json(self) -> Mapping[str, JsonValue]:
        return {**self._body(), "hash": self.hash}

    def _body(self) -> Mapping[str, JsonValue]:
        return {
            "version": PLAN_VERSION,
            "base": self.base,
            "actions": [action.to_json() for action in self.actions],
            "summary": self.summary,
        }


class Limits(Frozen):
    """How many removals one run may make: a share of the live instances and a count. Zero of either allows none."""

    share: Fraction
    count: int


class Approval(Frozen):
    """A DeletionApproval: removals of requests whose file one of the globs matches pass until the instant."""

    name: str
    globs: tuple[str, ...]
    expires: datetime | None


class Breach(Frozen):
    """A limit that the plan breaks: `scope` in words, how many are live there, would go, and may go."""

    scope: str
    live: int
    removals: int
    allowed: int
    requests: tuple[str, ...]


class Result(StrEnum):
    """How a step ended. skipped: it was not begun."""

    DONE = "done"
    PENDING = "pending"
    FAILED = "failed"
    SKIPPED = "skipped"


class Outcome(Frozen):
    """How an action ended, and what to say of it."""

    action: Action
    result: Result
    message: str = ""
    transient: bool = False


class Upkeep(Frozen):
    """What a provider did for its instances beside the plan (backups): sentences, and what failed, if anything did."""

    provider: str
    done: tuple[str, ...] = ()
    failure: str | None = None
