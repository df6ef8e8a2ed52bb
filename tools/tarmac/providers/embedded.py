"""The embedded provider: real things on this machine's disk, so that everything runs without any cloud.

A database is a SQLite file, a bucket a folder, a queue or topic and a cache a SQLite file of their own, everything
else a folder that holds its settings. It keeps no credentials, so there are none to rotate.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tarmac.errors import ProviderError
from tarmac.model.frozen import Frozen, replace
from tarmac.model.json_value import JsonValue, dig, mapping, text
from tarmac.model.plan import Desired, Observation, Presence, Tags
from tarmac.providers.base import Capabilities, Capability, Health, Mark, ProviderSettings
from tarmac.providers.embedded_store import Store, Unreadable
from tarmac.providers.embedded_things import CATEGORIES, ailment, put, usage
from tarmac.providers.tagging import Untagged, tags_for, tags_of, texts_of

NAME = "embedded"


def open_embedded(settings: ProviderSettings) -> Embedded:
    """The provider over its folder, which is made when the first instance is."""
    settings.only()
    return Embedded(settings.platform, Store(settings.folder))


class Embedded(Frozen):
    """See the module. `platform` is the uid that marks what is ours."""

    platform: str
    store: Store

    @property
    def name(self) -> str:
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(CATEGORIES, frozenset({Capability.UPDATE, Capability.HEALTH, Capability.USAGE}), True, 4)

    def prepare(self) -> None:
        self.store.prepare()

    def list_instances(self) -> tuple[Observation, ...]:
        return tuple(self._read(uid) for uid in self.store.uids())

    def mark(self) -> Mark:
        return self.store.mark()

    def observe(self, uid: str) -> Observation | None:
        return self._read(uid) if self.store.has(uid) else None

    def validate(self, desired: Desired) -> tuple[str, ...]:
        if desired.category in CATEGORIES:
            return ()
        return (f"category {desired.category!r} is none of {', '.join(sorted(CATEGORIES))}",)

    def create(self, uid: str, desired: Desired, ready_at: datetime) -> Observation:
        self._refuse(desired)
        tags = tags_for(uid, self.platform, desired, ready_at)
        fill = put(desired.category, desired.config, texts_of(tags))
        if not self.store.make(uid, _record(tags, desired.category, desired.config), fill):
            return self._ours(uid)
        return self._read(uid)

    def update(self, uid: str, desired: Desired) -> Observation:
        self._refuse(desired)
        there = self._ours(uid)
        tags = tags_for(uid, self.platform, desired, there.tags.ready_at if there.tags else None)
        category = text(self._data(uid), "category") or desired.category
        if category != desired.category:
            raise ProviderError(f"a {category} cannot become a {desired.category}", transient=False)
        alter = put(category, desired.config, texts_of(tags))
        self.store.change(uid, _record(tags, category, desired.config), alter)
        return self._read(uid)

    def delete(self, uid: str) -> None:
        if self.store.has(uid):
            self._ours(uid)
            self.store.remove(uid)

    def rotate(self, uid: str, now: datetime) -> str:
        raise ProviderError("embedded instances have no credentials to rotate", transient=False)

    def health(self, uid: str) -> Health:
        there = self._ours(uid)
        wrong = ailment(text(self._data(uid), "category") or "", self.store.place(there.uid))
        return Health(not wrong, wrong)

    def _refuse(self, desired: Desired) -> None:
        faults = self.validate(desired)
        if faults:
            raise ProviderError("; ".join(faults), transient=False)

    def _ours(self, uid: str) -> Observation:
        there = self.observe(uid)
        if there is None:
            raise ProviderError(f"there is no instance {uid}", transient=False)
        if there.tags is None:
            raise ProviderError(f"the tags of {uid} cannot be read: {there.fault}", transient=False)
        if there.tags.platform != self.platform:
            raise ProviderError(f"{uid} belongs to another platform", transient=False)
        return there

    def _data(self, uid: str) -> JsonValue:
        try:
            return self.store.record(uid)
        except Unreadable as fault:
            raise ProviderError(f"the tags of {uid} cannot be read: {fault}", transient=False) from None

    def _read(self, uid: str) -> Observation:
        place = self.store.place(uid)
        seen = Observation(uid, NAME, Presence.BROKEN, None, location=f"{place.parent.name}/{place.name}")
        try:
            data = self.store.record(uid)
            tags = tags_of(uid, mapping(data, "tags"))
            if not isinstance(dig(data, "config"), Mapping):
                raise Unreadable("no config")
        except (Unreadable, Untagged) as fault:
            return replace(seen, fault=str(fault))
        return replace(
            seen,
            presence=Presence.READY,
            tags=tags,
            config=mapping(data, "config"),
            usage=usage(text(data, "category") or "", place),
        )


def _record(tags: Tags, category: str, config: Mapping[str, JsonValue]) -> Mapping[str, JsonValue]:
    return {"version": 1, "category": category, "config": config, "tags": dict(texts_of(tags))}
