"""What stands in the account when the provider has made something: looked at past the provider."""

from __future__ import annotations

import json

import pytest

from tarmac.errors import ProviderError
from tarmac.model.frozen import replace
from tarmac.model.plan import Presence
from tarmac.planning.identity import uid_of
from tests.aws.things import ONE, TWO, Things, asked
from tests.planning.worlds import NOW, OURS, THEIRS

BUCKET = f"tarmac-{ONE}"


def test_a_bucket_is_private_encrypted_versioned_and_has_a_life_cycle(things: Things) -> None:
    things.open().create(ONE, asked("bucket", expireAfterDays=30), NOW)
    s3 = things.account.client("s3")
    assert [one["Name"] for one in s3.list_buckets()["Buckets"]] == [BUCKET]
    blocked = s3.get_public_access_block(Bucket=BUCKET)["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True}
    assert len(blocked) == 4
    (rule,) = s3.get_bucket_encryption(Bucket=BUCKET)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Enabled"
    rules = {one["ID"]: one for one in s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]}
    assert rules["tarmac-expire"]["Expiration"] == {"Days": 30}
    cleanup = rules["tarmac-cleanup"]
    assert cleanup["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert cleanup["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 7}
    ownership = s3.get_bucket_ownership_controls(Bucket=BUCKET)["OwnershipControls"]["Rules"]
    assert ownership == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def test_a_bucket_follows_its_config(things: Things) -> None:
    provider, s3 = things.open(), things.account.client("s3")
    provider.create(ONE, asked("bucket", expireAfterDays=30), NOW)
    provider.update(ONE, asked("bucket", versioning=False))
    assert s3.get_bucket_versioning(Bucket=BUCKET)["Status"] == "Suspended"
    assert [one["ID"] for one in s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]] == ["tarmac-cleanup"]


def test_a_bucket_that_holds_something_stays_unless_it_may_be_emptied(things: Things) -> None:
    provider, s3 = things.open(), things.account.client("s3")
    provider.create(ONE, asked("bucket"), NOW)
    for version in range(3):
        s3.put_object(Bucket=BUCKET, Key="kept", Body=str(version).encode())
    s3.delete_object(Bucket=BUCKET, Key="kept")
    with pytest.raises(ProviderError, match="holds objects") as refused:
        provider.delete(ONE)
    assert not refused.value.transient
    assert s3.list_buckets()["Buckets"]
    provider.update(ONE, asked("bucket", emptyOnDelete=True))
    provider.delete(ONE)
    assert s3.list_buckets()["Buckets"] == []


def test_a_bucket_of_our_name_that_somebody_fills_is_not_taken_up(things: Things) -> None:
    s3 = things.account.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-north-1"})
    s3.put_object(Bucket=BUCKET, Key="theirs", Body=b"x")
    with pytest.raises(ProviderError, match="carries no tags of ours and is not empty"):
        things.open().create(ONE, asked("bucket"), NOW)
    s3.delete_object(Bucket=BUCKET, Key="theirs")
    assert things.open().create(ONE, asked("bucket"), NOW).presence is Presence.READY


@pytest.mark.parametrize(("delivery", "end"), [("standard", ""), ("fifo", ".fifo")])
def test_a_queue_comes_with_a_queue_for_dead_letters(things: Things, delivery: str, end: str) -> None:
    things.open().create(ONE, asked("queue", delivery=delivery, retentionDays=7, maxReceives=3), NOW)
    sqs = things.account.client("sqs")
    urls = {url.rpartition("/")[2]: url for url in sqs.list_queues()["QueueUrls"]}
    assert urls.keys() == {f"tarmac-{ONE}{end}", f"tarmac-{ONE}-dlq{end}"}
    said = {
        name: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"] for name, url in urls.items()
    }
    queue, dead = said[f"tarmac-{ONE}{end}"], said[f"tarmac-{ONE}-dlq{end}"]
    policy = json.loads(queue["RedrivePolicy"])
    assert (policy["deadLetterTargetArn"], int(policy["maxReceiveCount"])) == (dead["QueueArn"], 3)
    assert (queue["MessageRetentionPeriod"], dead["MessageRetentionPeriod"]) == (str(7 * 86400), str(14 * 86400))
    assert queue["SqsManagedSseEnabled"] == dead["SqsManagedSseEnabled"] == "true"
    assert [there.uid for there in things.open().list_instances()] == [ONE]
    things.open().delete(ONE)
    assert "QueueUrls" not in sqs.list_queues()


@pytest.mark.parametrize(("delivery", "end"), [("standard", ""), ("fifo", ".fifo")])
def test_a_topic_stands_under_a_name_of_its_uid(things: Things, delivery: str, end: str) -> None:
    things.open().create(ONE, asked("topic", delivery=delivery), NOW)
    sns = things.account.client("sns")
    (topic,) = sns.list_topics()["Topics"]
    assert topic["TopicArn"].rpartition(":")[2] == f"tarmac-{ONE}{end}"
    assert (sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"].get("FifoTopic") == "true") == bool(end)


def test_a_table_is_paid_by_request_with_its_keys_and_backed_up_continuously(things: Things) -> None:
    provider, dynamodb = things.open(), things.account.client("dynamodb")
    provider.create(ONE, asked("table", partitionKey="customer", sortKey="day"), NOW)
    table = dynamodb.describe_table(TableName=f"tarmac-{ONE}")["Table"]
    assert [(key["AttributeName"], key["KeyType"]) for key in table["KeySchema"]] == [
        ("customer", "HASH"),
        ("day", "RANGE"),
    ]
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"

    def backed_up() -> str:
        said = dynamodb.describe_continuous_backups(TableName=f"tarmac-{ONE}")["ContinuousBackupsDescription"]
        status: str = said["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"]
        return status

    assert backed_up() == "ENABLED"
    provider.update(ONE, asked("table", partitionKey="customer", sortKey="day", backups=False))
    assert backed_up() == "DISABLED"


@pytest.mark.parametrize("kind", ["bucket", "queue", "topic", "table"])
def test_names_say_nothing_of_what_was_asked_for(things: Things, kind: str) -> None:
    wanted = replace(asked(kind, "secret-merger"), owner="group:default/board")
    made = things.open().create(ONE, wanted, NOW)
    assert ONE in made.location
    assert "merger" not in made.location
    assert "board" not in made.location


@pytest.mark.parametrize("kind", ["bucket", "queue", "topic", "table"])
def test_tags_are_there_for_people_and_cost_reports(things: Things, kind: str) -> None:
    wanted = asked(kind)
    things.open().create(ONE, wanted, NOW)
    (found,) = things.account.client("resourcegroupstaggingapi").get_resources(
        TagFilters=[{"Key": "tarmac:platform", "Values": [OURS]}, {"Key": "tarmac:uid", "Values": [ONE]}]
    )["ResourceTagMappingList"]
    tags = {tag["Key"]: tag["Value"] for tag in found["Tags"]}
    assert (tags["tarmac:environment"], tags["tarmac:cost-center"]) == (wanted.environment, wanted.cost_centre)
    assert tags["tarmac:reference"] == wanted.request


def test_the_inventory_reads_every_page_and_leaves_out_what_is_nobodys(things: Things) -> None:
    ours, theirs = things.open(), things.open(THEIRS)
    # The tagging API gives 100 at a time.
    uids = sorted(uid_of(OURS, "many", number) for number in range(105))
    for uid in uids:
        ours.create(uid, asked("topic", f"t-{uid[:8]}"), NOW)
    foreign = uid_of(THEIRS, "one", 1)
    theirs.create(foreign, asked("topic"), NOW)
    things.account.client("sns").create_topic(Name="by-hand", Tags=[{"Key": "team", "Value": "x"}])
    things.account.client("sns").create_topic(Name="imitation", Tags=[{"Key": "tarmac:uid", "Value": TWO}])
    found = ours.list_instances()
    assert [there.uid for there in found if there.tags and there.tags.platform == OURS] == uids
    assert [there.uid for there in found if there.tags and there.tags.platform == THEIRS] == [foreign]
    assert len(found) == 106


def test_what_was_damaged_is_told_by_health(things: Things) -> None:
    provider = things.open()
    provider.create(ONE, asked("bucket"), NOW)
    assert provider.health(ONE).healthy
    things.account.client("s3").delete_public_access_block(Bucket=BUCKET)
    assert "public access" in provider.health(ONE).message
    provider.create(TWO, asked("queue", "two"), NOW)
    assert provider.health(TWO).healthy
    sqs = things.account.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=f"tarmac-{TWO}-dlq")["QueueUrl"])
    assert "dead-letter queue is gone" in provider.health(TWO).message


def test_what_is_used_is_counted(things: Things) -> None:
    provider, sqs = things.open(), things.account.client("sqs")
    provider.create(ONE, asked("queue"), NOW)
    provider.create(TWO, asked("table", "two"), NOW)
    url = sqs.get_queue_url(QueueName=f"tarmac-{ONE}")["QueueUrl"]
    for _ in range(3):
        sqs.send_message(QueueUrl=url, MessageBody="x")
    things.account.client("dynamodb").put_item(TableName=f"tarmac-{TWO}", Item={"id": {"S": "1"}})
    found = {there.uid: there.usage for there in provider.list_instances()}
    assert found[ONE] == {"messages": 3}
    assert (found[TWO] or {})["items"] == 1


def test_a_queue_for_dead_letters_that_a_dead_run_left_is_swept_or_taken_up(things: Things) -> None:
    provider = things.open()
    provider.create(ONE, asked("queue"), NOW)
    sqs = things.account.client("sqs")
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=f"tarmac-{ONE}")["QueueUrl"])
    assert provider.observe(ONE) is None
    things.open(THEIRS).delete(ONE)
    assert len(sqs.list_queues()["QueueUrls"]) == 1
    assert provider.create(ONE, asked("queue"), NOW).presence is Presence.READY
    assert len(sqs.list_queues()["QueueUrls"]) == 2
    sqs.delete_queue(QueueUrl=sqs.get_queue_url(QueueName=f"tarmac-{ONE}")["QueueUrl"])
    provider.delete(ONE)
    assert "QueueUrls" not in sqs.list_queues()
