"""Delivery by files, for engines that follow a branch: Argo CD, Flux, Crossplane and Kratix behind them, OpenTofu.

An instance is the files that its resource type's version describes, filled with the request's values as data, checked
against JSON Schemas whose version is named, and written to the delivery branch: one commit a run. Beside them stands
`.tarmac/<uid>.json`, which carries the tags, the config and the names of the files: the inventory.

An instance is pending until its files are on the branch. How it is from there on the engine's status file tells, where
one is named (option `status`); without one, delivered is ready.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from tarmac.errors import ConfigurationError, ExpressionError, ProviderError
from tarmac.model.frozen import Frozen, replace
from tarmac.model.plan import Desired, Observation, Presence, Tags
from tarmac.model.shown import visible
from tarmac.providers.base import Capabilities, Capability, Health, ProviderSettings
from tarmac.providers.delivery import Delivery
from tarmac.providers.manifests_files import Record, Rendered, faults, read_record, record_file, rendered
from tarmac.providers.manifests_status import State, Status, read_status
from tarmac.providers.tagging import tags_for

NAME = "manifests"
CATEGORIES = frozenset({"cache", "compute", "database", "network", "queue", "storage"})
_VERBS = frozenset({Capability.UPDATE, Capability.HEALTH})
_UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_FOLDER = ".tarmac/"
# A uid that stands for any: to see what a wish would make before it has one.
_ANY = "00000000-0000-5000-8000-000000000000"


def open_manifests(settings: ProviderSettings) -> Manifests:
    """The provider over the platform's delivery branch.

    Raises:
        ConfigurationError: an option is unknown or no absolute path, or there is nowhere to deliver to.
    """
    settings.only("status")
    if settings.delivery is None:
        raise ConfigurationError("it writes to a branch, and there is no repository")
    status = settings.options.get("status")
    if status is not None and not Path(status).is_absolute():
        raise ConfigurationError("option status is no absolute path: write it from / on")
    return Manifests(settings.platform, settings.delivery, None if status is None else Path(status))


class Manifests(Frozen):
    """See the module. `platform` is the uid that marks what is ours."""

    platform: str
    delivery: Delivery
    status: Path | None

    @property
    def name(self) -> str:
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(CATEGORIES, _VERBS)

    def list_instances(self) -> tuple[Observation, ...]:
        places = [place for place in self.delivery.names() if place.startswith(_FOLDER)]
        uids = [uid for place in places if _UID.match(uid := place.removeprefix(_FOLDER).removesuffix(".json"))]
        contents = self.delivery.read([_place(uid) for uid in uids])
        drafted, statuses = self.delivery.drafted(), self._statuses()
        found = zip(uids, contents, strict=True)
        return tuple(_seen(uid, content, drafted, statuses) for uid, content in sorted(found) if content is not None)

    def observe(self, uid: str) -> Observation | None:
        (content,) = self.delivery.read([_place(uid)])
        return None if content is None else _seen(uid, content, self.delivery.drafted(), self._statuses())

    def validate(self, desired: Desired) -> tuple[str, ...]:
        if desired.category not in CATEGORIES:
            return (f"category {desired.category!r} is none of {', '.join(sorted(CATEGORIES))}",)
        try:
            return faults(desired, rendered(desired, self._tags(_ANY, desired, None)))
        except ExpressionError as fault:
            return (str(fault),)

    def create(self, uid: str, desired: Desired, ready_at: datetime) -> Observation:
        if self.observe(uid) is not None:
            return self._ours(uid)[0]
        return self._write(uid, desired, ready_at, ())

    def update(self, uid: str, desired: Desired) -> Observation:
        there, record = self._ours(uid)
        return self._write(uid, desired, None if there.tags is None else there.tags.ready_at, record.files)

    def delete(self, uid: str) -> None:
        if self.observe(uid) is not None:
            _, record = self._ours(uid)
            self.delivery.write({_place(uid): None, **dict.fromkeys(record.files)})

    def rotate(self, uid: str, now: datetime) -> str:
        raise ProviderError("delivered files hold no credentials to rotate", transient=False)

    def health(self, uid: str) -> Health:
        self._ours(uid)
        status = self._statuses().get(uid)
        if status is None:
            return Health(True, "delivered; nothing tells how it is")
        return Health(status.state is not State.FAILED, status.message)

    def maintain(self, now: datetime) -> Iterator[str]:
        """Hand over what this run has written, and what a run has left that was killed before: as one commit."""
        drafted = self.delivery.drafted()
        made = self.delivery.publish(f"What requests ask for\n\n{len(drafted)} files\n", now)
        if made is not None:
            yield f"delivered {len(drafted)} files in commit {made[:12]} of the delivery branch"

    def _write(self, uid: str, desired: Desired, ready_at: datetime | None, before: tuple[str, ...]) -> Observation:
        _place(uid)
        wrong = self.validate(desired)
        if wrong:
            raise ProviderError("; ".join(wrong), transient=False)
        tags = self._tags(uid, desired, ready_at)
        files = rendered(desired, tags)
        self._must_be_free(files, before)
        record = Record(tags, desired.config, tuple(sorted(files)))
        gone = dict.fromkeys(set(before) - set(files))
        contents = {path: one.content for path, one in files.items()}
        self.delivery.write({**gone, **contents, _place(uid): record_file(record)})
        there = self.observe(uid)
        if there is None:
            raise ProviderError("another run took the draft of the delivery branch away: run again", transient=True)
        return there

    def _must_be_free(self, files: Mapping[str, Rendered], before: tuple[str, ...]) -> None:
        new = sorted(set(files) - set(before))
        for path, content in zip(new, self.delivery.read(new), strict=True):
            if content is not None:
                raise ProviderError(f"{visible(path)} is there already, and is not this request's", transient=False)

    def _ours(self, uid: str) -> tuple[Observation, Record]:
        (content,) = self.delivery.read([_place(uid)])
        if content is None:
            raise ProviderError(f"there is no instance {uid}", transient=False)
        there = _seen(uid, content, self.delivery.drafted(), self._statuses())
        record = read_record(uid, content)
        if there.tags is None or isinstance(record, str):
            raise ProviderError(f"the tags of {uid} cannot be read: {there.fault}", transient=False)
        if there.tags.platform != self.platform:
            raise ProviderError(f"{uid} belongs to another platform", transient=False)
        return there, record

    def _tags(self, uid: str, desired: Desired, ready_at: datetime | None) -> Tags:
        return tags_for(uid, self.platform, desired, ready_at)

    def _statuses(self) -> Mapping[str, Status]:
        return {} if self.status is None else read_status(self.status)


def _place(uid: str) -> str:
    if not _UID.match(uid):
        raise ProviderError(f"{visible(uid, 60)} is no uid", transient=False)
    return f"{_FOLDER}{uid}.json"


def _seen(uid: str, content: bytes, drafted: frozenset[str], statuses: Mapping[str, Status]) -> Observation:
    record = read_record(uid, content)
    seen = Observation(uid, NAME, Presence.BROKEN, None)
    if isinstance(record, str):
        return replace(seen, fault=record)
    presence, failure = Presence.READY, ""
    status = statuses.get(uid)
    if _place(uid) in drafted or (status is not None and status.state is State.PENDING):
        # What the engine says of a draft is of what was delivered before.
        presence = Presence.PENDING
    elif status is not None and status.state is State.FAILED:
        failure = f"the engine says that it failed{f': {status.message}' if status.message else ', and not why'}"
    location = ", ".join(record.files[:3]) + (f" and {len(record.files) - 3} more" if len(record.files) > 3 else "")
    seen = replace(seen, presence=presence, location=location, failure=failure)
    return replace(seen, tags=record.tags, config=record.config)
