"""Buckets: private, encrypted, with versions and a life cycle, and never emptied by surprise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tarmac.errors import ProviderError
from tarmac.model.frozen import Frozen
from tarmac.providers.aws_kinds import Config, Thing, bounds, choice, name_of, whole
from tarmac.providers.aws_session import Absent, Session, answers

_NO_BUCKET = ("NoSuchBucket", "404", "NotFound")
_NO_TAGS = ("NoSuchTagSet",)
_BLOCKED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}
_KEPT_VERSIONS, _CUT_OFF = 30, 7
# Where a bucket's region is never named when it is made.
_FIRST_REGION = "us-east-1"


class Buckets(Frozen):
    """An S3 bucket. Config: versioning, expireAfterDays (0 keeps), emptyOnDelete, region (the provider's own)."""

    session: Session
    name: str = "bucket"
    resource_type: str = "s3"

    def faults(self, config: Config) -> Iterator[str]:
        yield from choice(config, "versioning", True, False)
        yield from choice(config, "encrypted", True)
        yield from choice(config, "public", False)
        yield from choice(config, "emptyOnDelete", True, False)
        yield from bounds(config, "expireAfterDays", 0, 36500)
        if config.get("region", self.session.region) != self.session.region:
            yield f"region is not {self.session.region}, where this provider makes things"

    def find(self, uid: str) -> Thing | None:
        partition, _ = self.session.account()
        try:
            with answers(*_NO_BUCKET, *_NO_TAGS):
                said = self._s3.get_bucket_tagging(Bucket=name_of(uid), **self._owned())["TagSet"]
        except Absent:
            # Without any tag it is not ours yet, whatever its name: `make` looks whether it may be taken up.
            return None
        return Thing(self.name, f"arn:{partition}:s3:::{name_of(uid)}", {tag["Key"]: tag["Value"] for tag in said})

    def make(self, uid: str, config: Config, tags: Mapping[str, str]) -> None:
        self._create(uid)
        if self.find(uid) is None:
            self._take_up(uid)
            self._tag(uid, tags)
        self.alter(uid, config)

    def alter(self, uid: str, config: Config) -> None:
        bucket, owned = name_of(uid), self._owned()
        versions = config.get("versioning", True) is True
        with answers():
            self._s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=dict(_BLOCKED), **owned)
            self._s3.put_bucket_encryption(
                Bucket=bucket,
                ServerSideEncryptionConfiguration={
                    "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
                },
                **owned,
            )
            self._s3.put_bucket_versioning(
                Bucket=bucket, VersioningConfiguration={"Status": "Enabled" if versions else "Suspended"}, **owned
            )
            self._s3.put_bucket_lifecycle_configuration(
                Bucket=bucket, LifecycleConfiguration={"Rules": _life_cycle(config)}, **owned
            )

    def retag(self, thing: Thing, tags: Mapping[str, str]) -> None:
        # The call replaces all tags: others' stay as they are.
        others = {name: value for name, value in thing.tags.items() if not name.startswith("tarmac:")}
        self._tag(thing.arn.rpartition(":::")[2].removeprefix("tarmac-"), {**others, **tags})

    def remove(self, uid: str, config: Config) -> None:
        bucket, owned = name_of(uid), self._owned()
        try:
            with answers(*_NO_BUCKET):
                if config.get("emptyOnDelete") is True:
                    self._empty(bucket)
                elif self._s3.list_object_versions(Bucket=bucket, MaxKeys=1, **owned).keys() & _HELD:
                    raise ProviderError(
                        "the bucket holds objects: empty it, or set config.emptyOnDelete: true and let that be "
                        "reconciled first",
                        transient=False,
                    )
                self._s3.delete_bucket(Bucket=bucket, **owned)
        except Absent:
            return

    def ailment(self, uid: str) -> str:
        try:
            with answers(*_NO_BUCKET, "NoSuchPublicAccessBlockConfiguration"):
                said = self._s3.get_public_access_block(Bucket=name_of(uid), **self._owned())
        except Absent:
            return "the bucket, or its block of public access, is gone"
        blocked = said["PublicAccessBlockConfiguration"]
        return "" if all(blocked.get(name) is True for name in _BLOCKED) else "its block of public access was opened"

    def usage(self, thing: Thing) -> Mapping[str, int]:
        """Nothing that could be had without walking through the bucket."""
        return {}

    @property
    def _s3(self) -> Any:
        return self.session.client("s3")

    def _owned(self) -> Mapping[str, str]:
        # Names are the world's: whatever carries ours in another account is refused by AWS itself.
        return {"ExpectedBucketOwner": self.session.account()[1]}

    def _create(self, uid: str) -> None:
        region = self.session.region
        where = {} if region == _FIRST_REGION else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        try:
            with answers("BucketAlreadyOwnedByYou"):
                self._s3.create_bucket(Bucket=name_of(uid), ObjectOwnership="BucketOwnerEnforced", **where)
        except Absent:
            return

    def _take_up(self, uid: str) -> None:
        """A bucket of our name without tags was left by a run that was cut off, if there is nothing in it."""
        with answers():
            held = self._s3.list_object_versions(Bucket=name_of(uid), MaxKeys=1, **self._owned()).keys() & _HELD
        if held:
            raise ProviderError(f"bucket {name_of(uid)} carries no tags of ours and is not empty", transient=False)

    def _tag(self, uid: str, tags: Mapping[str, str]) -> None:
        pairs = [{"Key": name, "Value": value} for name, value in sorted(tags.items())]
        with answers():
            self._s3.put_bucket_tagging(Bucket=name_of(uid), Tagging={"TagSet": pairs}, **self._owned())

    def _empty(self, bucket: str) -> None:
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=bucket, **self._owned())
        for page in pages:
            found = [
                {"Key": one["Key"], "VersionId": one["VersionId"]}
                for name in sorted(_HELD)
                for one in page.get(name, [])
            ]
            for start in range(0, len(found), 1000):
                part = {"Objects": found[start : start + 1000], "Quiet": True}
                said = self._s3.delete_objects(Bucket=bucket, Delete=part, **self._owned())
                if said.get("Errors"):
                    code = said["Errors"][0].get("Code", "no reason given")
                    raise ProviderError(f"objects of the bucket could not be removed: {code}", transient=True)


_HELD = frozenset({"Versions", "DeleteMarkers"})


def _life_cycle(config: Config) -> list[Mapping[str, object]]:
    rules: list[Mapping[str, object]] = [
        {
            "ID": "tarmac-cleanup",
            "Status": "Enabled",
            "Filter": {"Prefix": ""},
            "NoncurrentVersionExpiration": {"NoncurrentDays": _KEPT_VERSIONS},
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": _CUT_OFF},
        }
    ]
    days = whole(config, "expireAfterDays", 0, 0, 36500)
    if days:
        rules.append(
            {"ID": "tarmac-expire", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": days}}
        )
    return rules
