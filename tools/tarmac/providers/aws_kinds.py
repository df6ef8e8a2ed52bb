"""What the AWS provider makes: each kind with the same few verbs, idempotent, under a name made from the uid."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Protocol

from tarmac.errors import ProviderError
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue
from tarmac.providers.aws_session import Absent, Session, answers
from tarmac.providers.aws_tags import PLATFORM, readable

Config = Mapping[str, JsonValue]
_DAY = 24 * 3600


class Thing(Frozen):
    """One thing that is there: how AWS calls it, its tags, and whether it can be used yet."""

    kind: str
    arn: str
    tags: Mapping[str, str]
    usable: bool = True


class Kind(Protocol):
    """One kind of thing. Every verb raises ProviderError."""

    @property
    def name(self) -> str: ...

    @property
    def resource_type(self) -> str:
        """What the tagging API calls it."""
        ...

    def faults(self, config: Config) -> Iterator[str]:
        """What about a config this kind could never be."""
        ...

    def find(self, uid: str) -> Thing | None: ...

    def make(self, uid: str, config: Config, tags: Mapping[str, str]) -> None:
        """Make it, or go on where that was cut off."""
        ...

    def alter(self, uid: str, config: Config) -> None:
        """Make its settings as the config has them."""
        ...

    def retag(self, thing: Thing, tags: Mapping[str, str]) -> None:
        """Have it carry these tags, beside what others gave it; at least one of them is new to it."""
        ...

    def remove(self, uid: str, config: Config) -> None: ...

    def ailment(self, uid: str) -> str:
        """What is wrong with it, or nothing."""
        ...

    def usage(self, thing: Thing) -> Mapping[str, int]: ...


def name_of(uid: str) -> str:
    """What everything is called that stands for an instance."""
    return f"tarmac-{uid}"


def whole(config: Config, name: str, default: int, least: int, most: int) -> int:
    """A whole number of the config, within what AWS takes; checked by `bounds` before."""
    value = config.get(name, default)
    return value if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most else default


def bounds(config: Config, name: str, least: int, most: int) -> Iterator[str]:
    """Whether a number of the config is one that AWS takes."""
    value = config.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most):
        yield f"{name} is no whole number from {least} to {most}"


def choice(config: Config, name: str, *allowed: JsonValue) -> Iterator[str]:
    """Whether a value of the config is one of a few."""
    value = config.get(name)
    if value is not None and not any(value is one or (isinstance(one, str) and value == one) for one in allowed):
        yield f"{name} is none of {', '.join(json.dumps(one) for one in allowed)}"


def news(thing: Thing, tags: Mapping[str, str]) -> Mapping[str, str]:
    """The tags that the thing does not carry so."""
    return {name: value for name, value in tags.items() if thing.tags.get(name) != value}


def fifo(config: Config) -> bool:
    """Whether order is kept."""
    return config.get("delivery") == "fifo"


class Queues(Frozen):
    """An SQS queue with its dead-letter queue. Config: delivery (standard, fifo), retentionDays, maxReceives."""

    session: Session
    name: str = "queue"
    resource_type: str = "sqs"

    def faults(self, config: Config) -> Iterator[str]:
        yield from choice(config, "delivery", "standard", "fifo")
        yield from choice(config, "encrypted", True)
        yield from bounds(config, "retentionDays", 1, 14)
        yield from bounds(config, "maxReceives", 1, 1000)

    def find(self, uid: str) -> Thing | None:
        for queue in _both(name_of(uid)):
            url = self._url(queue)
            if url is not None:
                with answers(*_NO_QUEUE):
                    tags = self._sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
                return Thing(self.name, self._arn(queue), tags)
        return None

    def make(self, uid: str, config: Config, tags: Mapping[str, str]) -> None:
        # The dead letters first: the queue itself appears with everything at once, its tags among it.
        dead = _fifo_name(f"{name_of(uid)}-dlq", config)
        own = {_DEAD: uid, PLATFORM: tags[PLATFORM]}
        with answers():
            self._sqs.create_queue(QueueName=dead, Attributes=_queue_shape(config), tags=own)
        self._set(dead, {"MessageRetentionPeriod": str(14 * _DAY), "SqsManagedSseEnabled": "true"})
        queue = _fifo_name(name_of(uid), config)
        with answers():
            self._sqs.create_queue(QueueName=queue, Attributes=_queue_shape(config), tags=dict(tags))
        self.alter(uid, config)

    def alter(self, uid: str, config: Config) -> None:
        receives = str(whole(config, "maxReceives", 5, 1, 1000))
        target = self._arn(_fifo_name(f"{name_of(uid)}-dlq", config))
        attributes = {
            "MessageRetentionPeriod": str(whole(config, "retentionDays", 4, 1, 14) * _DAY),
            "SqsManagedSseEnabled": "true",
            "RedrivePolicy": json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": receives}),
        }
        self._set(_fifo_name(name_of(uid), config), attributes)

    def retag(self, thing: Thing, tags: Mapping[str, str]) -> None:
        url = self._url(thing.arn.rpartition(":")[2])
        with answers():
            self._sqs.tag_queue(QueueUrl=url, Tags=dict(news(thing, tags)))

    def remove(self, uid: str, config: Config) -> None:
        for queue in (*_both(f"{name_of(uid)}-dlq"), *_both(name_of(uid))):
            url = self._url(queue)
            if url is not None:
                _gone(partial(self._sqs.delete_queue, QueueUrl=url), *_NO_QUEUE)

    def sweep(self, uid: str, platform: str) -> None:
        """Remove a dead-letter queue of ours that a run left which was cut off before the queue itself was there."""
        for queue in _both(f"{name_of(uid)}-dlq"):
            url = self._url(queue)
            if url is None:
                continue
            with answers():
                tags = self._sqs.list_queue_tags(QueueUrl=url).get("Tags", {})
            if tags.get(_DEAD) == uid and tags.get(PLATFORM) == readable(platform):
                _gone(partial(self._sqs.delete_queue, QueueUrl=url), *_NO_QUEUE)

    def ailment(self, uid: str) -> str:
        for queue in _both(name_of(uid)):
            url = self._url(queue)
            if url is not None:
                with answers():
                    said = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])
                dead = queue.replace(name_of(uid), f"{name_of(uid)}-dlq")
                if "RedrivePolicy" not in said.get("Attributes", {}) or self._url(dead) is None:
                    return "its dead-letter queue is gone"
                return ""
        return "the queue is gone"

    def usage(self, thing: Thing) -> Mapping[str, int]:
        url = self._url(thing.arn.rpartition(":")[2])
        if url is None:
            return {}
        with answers():
            said = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
        return {"messages": int(said["Attributes"]["ApproximateNumberOfMessages"])}

    @property
    def _sqs(self) -> Any:
        return self.session.client("sqs")

    def _url(self, queue: str) -> str | None:
        try:
            with answers(*_NO_QUEUE):
                return str(self._sqs.get_queue_url(QueueName=queue)["QueueUrl"])
        except Absent:
            return None

    def _set(self, queue: str, attributes: Mapping[str, str]) -> None:
        url = self._url(queue)
        if url is None:
            raise ProviderError(f"the queue {queue} is not there yet", transient=True)
        with answers():
            self._sqs.set_queue_attributes(QueueUrl=url, Attributes=dict(attributes))

    def _arn(self, queue: str) -> str:
        partition, account = self.session.account()
        return f"arn:{partition}:sqs:{self.session.region}:{account}:{queue}"


# What a dead-letter queue carries: no uid of its own, so it is no instance.
_DEAD = "tarmac:dead-letters-of"
_NO_QUEUE = ("NonExistentQueue", "QueueDoesNotExist")
_NO_TOPIC = ("NotFound", "NotFoundException", "ResourceNotFound", "ResourceNotFoundException")
_NO_TABLE = ("ResourceNotFoundException", "TableNotFoundException")


class Topics(Frozen):
    """An SNS topic. Config: delivery (standard, fifo)."""

    session: Session
    name: str = "topic"
    resource_type: str = "sns"

    def faults(self, config: Config) -> Iterator[str]:
        yield from choice(config, "delivery", "standard", "fifo")

    def find(self, uid: str) -> Thing | None:
        for topic in _both(name_of(uid)):
            arn = self._arn(topic)
            try:
                with answers(*_NO_TOPIC):
                    self._sns.get_topic_attributes(TopicArn=arn)
                    said = self._sns.list_tags_for_resource(ResourceArn=arn).get("Tags", [])
            except Absent:
                continue
            return Thing(self.name, arn, {tag["Key"]: tag["Value"] for tag in said})
        return None

    def make(self, uid: str, config: Config, tags: Mapping[str, str]) -> None:
        attributes = {"FifoTopic": "true", "ContentBasedDeduplication": "true"} if fifo(config) else {}
        with answers():
            self._sns.create_topic(Name=_fifo_name(name_of(uid), config), Attributes=attributes, Tags=_pairs(tags))

    def alter(self, uid: str, config: Config) -> None:
        """A topic has nothing that could be another: what it keeps of its config is in its tags."""

    def retag(self, thing: Thing, tags: Mapping[str, str]) -> None:
        with answers():
            self._sns.tag_resource(ResourceArn=thing.arn, Tags=_pairs(news(thing, tags)))

    def remove(self, uid: str, config: Config) -> None:
        for topic in _both(name_of(uid)):
            _gone(partial(self._sns.delete_topic, TopicArn=self._arn(topic)), *_NO_TOPIC)

    def ailment(self, uid: str) -> str:
        return "" if self.find(uid) is not None else "the topic is gone"

    def usage(self, thing: Thing) -> Mapping[str, int]:
        with answers():
            said = self._sns.get_topic_attributes(TopicArn=thing.arn)["Attributes"]
        return {"subscriptions": int(said.get("SubscriptionsConfirmed", 0))}

    @property
    def _sns(self) -> Any:
        return self.session.client("sns")

    def _arn(self, topic: str) -> str:
        partition, account = self.session.account()
        return f"arn:{partition}:sns:{self.session.region}:{account}:{topic}"


class Tables(Frozen):
    """A DynamoDB table, paid by request. Config: partitionKey (default id), sortKey, backups (point in time)."""

    session: Session
    name: str = "table"
    resource_type: str = "dynamodb:table"

    def faults(self, config: Config) -> Iterator[str]:
        for name in ("partitionKey", "sortKey"):
            value = config.get(name)
            if value is not None and not (isinstance(value, str) and 0 < len(value.encode()) <= 255):
                yield f"{name} is no name of 1 to 255 bytes"
        if config.get("sortKey") is not None and config.get("sortKey") == config.get("partitionKey", "id"):
            yield "sortKey is partitionKey again"
        yield from choice(config, "backups", True, False)

    def find(self, uid: str) -> Thing | None:
        try:
            with answers(*_NO_TABLE):
                table = self._dynamodb.describe_table(TableName=name_of(uid))["Table"]
                if table["TableStatus"] == "DELETING":
                    return None
                tags = self._tags(table["TableArn"])
        except Absent:
            return None
        return Thing(self.name, table["TableArn"], tags, table["TableStatus"] != "CREATING")

    def _tags(self, arn: str) -> Mapping[str, str]:
        found: dict[str, str] = {}
        token: str | None = ""
        seen: set[str] = set()
        # A token that comes again would lead in a circle.
        while token is not None and token not in seen:
            seen.add(token)
            more = {"NextToken": token} if token else {}
            said = self._dynamodb.list_tags_of_resource(ResourceArn=arn, **more)
            found |= {tag["Key"]: tag["Value"] for tag in said["Tags"]}
            token = said.get("NextToken")
        return found

    def make(self, uid: str, config: Config, tags: Mapping[str, str]) -> None:
        names = [str(config.get("partitionKey", "id"))]
        if config.get("sortKey") is not None:
            names.append(str(config["sortKey"]))
        # Another run may have made it in this very moment: whose it is, its tags tell.
        with suppress(Absent), answers("ResourceInUseException"):
            self._dynamodb.create_table(
                TableName=name_of(uid),
                AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in names],
                KeySchema=[
                    {"AttributeName": name, "KeyType": kind}
                    for name, kind in zip(names, ("HASH", "RANGE"), strict=False)
                ],
                BillingMode="PAY_PER_REQUEST",
                Tags=_pairs(tags),
            )
        there = self.find(uid)
        if there is not None and there.usable:
            self.alter(uid, config)

    def alter(self, uid: str, config: Config) -> None:
        wanted = config.get("backups", True) is True
        with answers():
            said = self._dynamodb.describe_continuous_backups(TableName=name_of(uid))["ContinuousBackupsDescription"]
            now = said.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") == "ENABLED"
            if now != wanted:
                self._dynamodb.update_continuous_backups(
                    TableName=name_of(uid), PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": wanted}
                )

    def retag(self, thing: Thing, tags: Mapping[str, str]) -> None:
        with answers():
            self._dynamodb.tag_resource(ResourceArn=thing.arn, Tags=_pairs(news(thing, tags)))

    def remove(self, uid: str, config: Config) -> None:
        _gone(partial(self._dynamodb.delete_table, TableName=name_of(uid)), *_NO_TABLE)

    def ailment(self, uid: str) -> str:
        try:
            with answers(*_NO_TABLE):
                status = self._dynamodb.describe_table(TableName=name_of(uid))["Table"]["TableStatus"]
        except Absent:
            return "the table is gone"
        return "" if status in ("ACTIVE", "UPDATING") else f"the table is {status.lower()}"

    def usage(self, thing: Thing) -> Mapping[str, int]:
        with answers():
            table = self._dynamodb.describe_table(TableName=thing.arn.rpartition("/")[2])["Table"]
        return {"items": int(table.get("ItemCount", 0)), "sizeBytes": int(table.get("TableSizeBytes", 0))}

    @property
    def _dynamodb(self) -> Any:
        return self.session.client("dynamodb")


def _both(name: str) -> tuple[str, str]:
    return name, f"{name}.fifo"


def _fifo_name(name: str, config: Config) -> str:
    return f"{name}.fifo" if fifo(config) else name


def _queue_shape(config: Config) -> Mapping[str, str]:
    return {"FifoQueue": "true", "ContentBasedDeduplication": "true"} if fifo(config) else {}


def _pairs(tags: Mapping[str, str]) -> list[Mapping[str, str]]:
    return [{"Key": name, "Value": value} for name, value in sorted(tags.items())]


def _gone(remove: Callable[[], object], *absent: str) -> None:
    try:
        with answers(*absent):
            remove()
    except Absent:
        return
