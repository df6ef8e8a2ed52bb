"""Amazon Web Services: buckets, queues with their dead letters, topics and DynamoDB tables.

Names are made from the uid, never from a request's words. The inventory is that of the tagging API; a single instance
is looked up by its name, as the tagging API may be minutes behind. Credentials and region are those that boto3 finds,
or that the provider's options name. Option `kind.TYPE` says what a resource type is (bucket, queue, topic or table)
where its category alone does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from tarmac.errors import ConfigurationError, ProviderError
from tarmac.model.frozen import Frozen, replace
from tarmac.model.plan import Desired, Observation, Presence
from tarmac.model.shown import visible
from tarmac.providers.aws_bucket import Buckets
from tarmac.providers.aws_kinds import Kind, Queues, Tables, Thing, Topics, news
from tarmac.providers.aws_session import OPTIONS, Session, answers
from tarmac.providers.aws_tags import UID, Record, aws_tags, read_record
from tarmac.providers.base import Capabilities, Capability, Health, ProviderSettings
from tarmac.providers.tagging import Untagged, tags_for

NAME = "aws"
_VERBS = frozenset({Capability.UPDATE, Capability.HEALTH, Capability.USAGE})
_PARALLEL = 8
_UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
_KIND = "kind."
# What a category is unless option kind.TYPE says something else.
_USUAL: Mapping[str, str] = MappingProxyType({"storage": "bucket", "queue": "queue", "database": "table"})


def open_aws(settings: ProviderSettings) -> Aws:
    """The provider for the account and region that the options, or boto3's own settings, name; nothing is asked yet.

    Raises:
        ConfigurationError: boto3 is missing, no region is named, or an option is unknown or makes no sense.
    """
    settings.only(*OPTIONS, _KIND)
    session = Session.of(settings.options)
    queues = Queues(session)
    kinds: tuple[Kind, ...] = (Buckets(session), queues, Topics(session), Tables(session))
    named = {kind.name: kind for kind in kinds}
    said = {name.removeprefix(_KIND): value for name, value in settings.options.items() if name.startswith(_KIND)}
    for name, value in sorted(said.items()):
        if value not in named:
            raise ConfigurationError(f"option {_KIND}{name} is none of {', '.join(sorted(named))}")
    return Aws(settings.platform, session, named, queues, said)


class Aws(Frozen):
    """See the module. `platform` is the uid that marks what is ours, `said` the kinds of resource types by name."""

    platform: str
    session: Session
    kinds: Mapping[str, Kind]
    queues: Queues
    said: Mapping[str, str]

    @property
    def name(self) -> str:
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(frozenset(_USUAL), _VERBS, parallel=_PARALLEL)

    def list_instances(self) -> tuple[Observation, ...]:
        kinds = {kind.resource_type: kind for kind in self.kinds.values()}
        client = self.session.client("resourcegroupstaggingapi")
        found: dict[str, Observation] = {}
        with answers():
            pages = client.get_paginator("get_resources").paginate(
                TagFilters=[{"Key": UID}], ResourceTypeFilters=sorted(kinds)
            )
            listed = [one for page in pages for one in page["ResourceTagMappingList"]]
        for one in listed:
            tags = {tag["Key"]: tag["Value"] for tag in one["Tags"]}
            kind = self.kinds.get(_kind_of(one["ResourceARN"]))
            uid = tags.get(UID, "")
            if kind is None or not _UID.match(uid) or uid not in one["ResourceARN"]:
                continue
            # A table may still be on its way: the tagging API does not tell.
            thing = kind.find(uid) if kind.name == "table" else Thing(kind.name, one["ResourceARN"], tags)
            if thing is not None:
                found[uid] = self._seen(uid, kind, thing)
        return tuple(found[uid] for uid in sorted(found))

    def observe(self, uid: str) -> Observation | None:
        there = self._find(uid)
        return None if there is None else self._seen(uid, *there)

    def validate(self, desired: Desired) -> tuple[str, ...]:
        kind = self._kind(desired)
        if kind is None:
            return (f"category {visible(desired.category)} is none of {', '.join(sorted(_USUAL))}",)
        faults = tuple(kind.faults(desired.config))
        tags = tags_for("", self.platform, desired, None)
        if aws_tags(Record(tags, desired.config, True)) is None:
            faults = (*faults, "its config is too long for the tags of AWS")
        return faults

    def create(self, uid: str, desired: Desired, ready_at: datetime) -> Observation:
        kind = self._fit(uid, desired)
        there = self._find(uid)
        if there is not None:
            seen = self._ours(uid, *there)
            if seen.presence is not Presence.BROKEN:
                return seen
        tags = tags_for(uid, self.platform, desired, ready_at)
        kind.make(uid, desired.config, _tags(Record(tags, desired.config, False)))
        made = kind.find(uid)
        if made is None:
            raise ProviderError(f"the {kind.name} of {uid} is not to be seen yet", transient=True)
        # What was there already may be another platform's, or made under another config.
        self._ours(uid, kind, made)
        if made.usable:
            self._retag(kind, made, Record(tags, desired.config, True))
        return self._again(uid)

    def update(self, uid: str, desired: Desired) -> Observation:
        kind = self._fit(uid, desired)
        there = self._find(uid)
        if there is None:
            raise ProviderError(f"there is no instance {uid}", transient=False)
        seen = self._ours(uid, *there)
        if kind is not there[0]:
            raise ProviderError(f"a {there[0].name} cannot become a {kind.name}", transient=False)
        kind.alter(uid, desired.config)
        tags = tags_for(uid, self.platform, desired, None if seen.tags is None else seen.tags.ready_at)
        self._retag(kind, there[1], Record(tags, desired.config, True))
        return self._again(uid)

    def delete(self, uid: str) -> None:
        there = self._find(uid)
        if there is None:
            self.queues.sweep(uid, self.platform)
            return
        seen = self._ours(uid, *there)
        there[0].remove(uid, seen.config or {})

    def rotate(self, uid: str, now: datetime) -> str:
        raise ProviderError("what it makes is entered by roles and has no credentials to rotate", transient=False)

    def health(self, uid: str) -> Health:
        there = self._find(uid)
        if there is None:
            raise ProviderError(f"there is no instance {uid}", transient=False)
        self._ours(uid, *there)
        wrong = there[0].ailment(uid)
        return Health(not wrong, wrong)

    def _kind(self, desired: Desired) -> Kind | None:
        usual = _USUAL.get(desired.category)
        return None if usual is None else self.kinds[self.said.get(desired.type, usual)]

    def _fit(self, uid: str, desired: Desired) -> Kind:
        _must_be_uid(uid)
        faults, kind = self.validate(desired), self._kind(desired)
        if faults or kind is None:
            raise ProviderError("; ".join(faults), transient=False)
        return kind

    def _find(self, uid: str) -> tuple[Kind, Thing] | None:
        _must_be_uid(uid)
        for kind in self.kinds.values():
            thing = kind.find(uid)
            if thing is not None:
                return kind, thing
        return None

    def _ours(self, uid: str, kind: Kind, thing: Thing) -> Observation:
        seen = self._seen(uid, kind, thing)
        if seen.tags is None:
            raise ProviderError(f"the tags of {uid} cannot be read: {seen.fault}", transient=False)
        if seen.tags.platform != self.platform:
            raise ProviderError(f"{uid} belongs to another platform", transient=False)
        return seen

    def _retag(self, kind: Kind, thing: Thing, record: Record) -> None:
        tags = _tags(record)
        if news(thing, tags):
            kind.retag(thing, tags)

    def _again(self, uid: str) -> Observation:
        there = self.observe(uid)
        if there is None:
            raise ProviderError(f"what was made for {uid} is not to be seen yet", transient=True)
        return there

    def _seen(self, uid: str, kind: Kind, thing: Thing) -> Observation:
        seen = Observation(uid, NAME, Presence.BROKEN, None, location=visible(thing.arn, 300))
        try:
            record = read_record(uid, thing.tags)
        except Untagged as fault:
            return replace(seen, fault=str(fault))
        presence = Presence.READY if record.whole else Presence.BROKEN
        if not thing.usable:
            presence = Presence.PENDING
        usage = kind.usage(thing) if presence is Presence.READY else None
        return replace(seen, presence=presence, tags=record.tags, config=record.config, usage=usage)


def _kind_of(arn: str) -> str:
    """arn:partition:SERVICE:..., as the kinds here are called."""
    service = [*arn.split(":", 3), "", "", ""][2]
    return {"s3": "bucket", "sqs": "queue", "sns": "topic", "dynamodb": "table"}.get(service, "")


def _tags(record: Record) -> Mapping[str, str]:
    found = aws_tags(record)
    if found is None:
        raise ProviderError("its config is too long for the tags of AWS", transient=False)
    return found


def _must_be_uid(uid: str) -> None:
    if not _UID.match(uid):
        raise ProviderError(f"{visible(uid, 60)} is no uid", transient=False)
