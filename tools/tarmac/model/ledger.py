"""The ledger's values: one line of the record, and the state of one request that the lines add up to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from tarmac.model.frozen import Frozen, field
from tarmac.model.json_value import JsonValue

# What the first line of a ledger names as the hash of the line before it.
GENESIS = "0" * 64


class Event(StrEnum):
    """An intent is written before the effect, an outcome after it."""

    INTENT = "intent"
    OUTCOME = "outcome"


class Phase(StrEnum):
    """Where a request is in its life."""

    PROVISIONING = "provisioning"
    READY = "ready"
    FAILED = "failed"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    DEPROVISIONING = "deprovisioning"
    DEPROVISIONED = "deprovisioned"

    @property
    def ended(self) -> bool:
        return self in (Phase.EXPIRED, Phase.DEPROVISIONED)


class Subject(Frozen):
    """What a line is about: the request and the instance, as they were wanted at that moment.

    `life` counts the instances that the request has had, from 1: a request that comes back after its end gets a new
    uid. `platform` is the uid of the platform that did it: two roots of one repository share its ledger and leave each
    other alone. `path` is the request's file. `needs` and `protected` are as the wish has them (tarmac.model.plan).
    """

    platform: str
    request: str
    uid: str
    life: int
    provider: str
    type: str
    owner: str
    service: str | None
    environment: str
    cost_centre: str
    path: str
    config: Mapping[str, JsonValue] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    protected: bool = False


class LedgerEntry(Frozen):
    """One line: who is meant, what was to be done (`action`), why, and for an outcome how it ended (`result`).

    `supersedes` are uids of earlier lives whose state this line puts away. `digest` is that of the wish. `base` is
    the commit that the run read, `run` its name, `tries` how often an outcome's effect was tried in it. `merged_at`
    is when the request was merged as it is, of an instance that became ready for the first time. `secret` is the
    reference of the instance's credential and `credential_since` when that was made. Nothing in it is ever a secret
    itself.
    """

    run: str
    at: datetime
    event: Event
    action: str
    subject: Subject
    reason: str
    base: str
    result: str | None = None
    message: str = ""
    transient: bool = False
    digest: str = ""
    ready_at: datetime | None = None
    supersedes: tuple[str, ...] = ()
    secret: str = ""
    credential_since: datetime | None = None
    tries: int = 1
    merged_at: datetime | None = None


class Recorded(Frozen):
    """A line as it stands in the ledger: numbered from 1, chained to the one before by its hash."""

    sequence: int
    previous: str
    hash: str
    entry: LedgerEntry
    file: str


class Head(Frozen):
    """The end of the ledger: `commit` is None before the first line."""

    commit: str | None
    entries: int
    hash: str


class Lease(Frozen):
    """The right to act on the ledger: a run of some clone (`holder`) has it since an instant, at most until another,
    unless it is renewed. It ends with the run; a run that was killed leaves it behind."""

    run: str
    holder: str
    since: datetime
    until: datetime


class Condition(Frozen):
    """One statement about a request: `Ready` or `Synced`, true or not, why, since when, after how many attempts."""

    type: str
    status: bool
    reason: str
    message: str
    since: datetime
    attempts: int


class RequestState(Frozen):
    """What the ledger knows of one life of a request.

    `open` is the action of an intent that has no outcome yet: an effect may or may not have happened. `refused` is
    the digest of a wish that the provider refused for good: it is not tried again until the wish changes. `attempts`
    counts failures in a row. `since` is when the phase began. `secret` and `credential_since` are as in the line that
    last told them.
    """

    subject: Subject
    phase: Phase
    since: datetime
    ready_at: datetime | None = None
    open: str | None = None
    attempts: int = 0
    message: str = ""
    refused: str | None = None
    secret: str = ""
    credential_since: datetime | None = None

    @property
    def is_settled(self) -> bool:
        """Whether the instance was last seen ready and as it was wanted, with nothing under way."""
        return self.phase is Phase.READY and self.open is None and not self.message

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Ready: the instance can be used. Synced: the last step did what was wanted."""
        synced = not self.message and self.open is None
        why = self.open or ("failed" if self.message else "done")
        return (
            Condition("Ready", self.phase is Phase.READY, str(self.phase), "", self.since, 0),
            Condition("Synced", synced, why, self.message, self.since, self.attempts),
        )


class LedgerFault(Frozen):
    """Something that `verify` found: the file (or state file) and what is wrong with it."""

    file: str
    message: str
