"""What errors of AWS mean, and an inventory that lags behind: without any server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
)

from tarmac.errors import ProviderError
from tarmac.providers.aws_session import Absent, answers


def refused(code: str, status: int = 400, message: str = "no") -> ClientError:
    said: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(said, "DoIt")


def meaning(fault: Exception, *absent: str) -> ProviderError:
    with pytest.raises(ProviderError) as found, answers(*absent):
        raise fault
    return found.value


@pytest.mark.parametrize(
    "fault",
    [
        refused("SlowDown", 503),
        refused("Throttling"),
        refused("ThrottlingException"),
        refused("RequestLimitExceeded"),
        refused("ProvisionedThroughputExceededException"),
        refused("OperationAborted", 409),
        refused("AWS.SimpleQueueService.QueueDeletedRecently"),
        refused("ExpiredToken"),
        refused("AccessDenied", 403),
        refused("UnrecognizedClientException"),
        refused("SomethingNew", 500),
        refused("SomethingNew", 599),
        refused("SomethingNew", 429),
        EndpointConnectionError(endpoint_url="https://aws.invalid"),
        ConnectionClosedError(endpoint_url="https://aws.invalid"),
        ReadTimeoutError(endpoint_url="https://aws.invalid"),
        ConnectTimeoutError(endpoint_url="https://aws.invalid"),
        NoCredentialsError(),
    ],
    ids=str,
)
def test_what_may_go_better_later_is_tried_again(fault: Exception) -> None:
    assert meaning(fault).transient


@pytest.mark.parametrize(
    "fault",
    [
        refused("ValidationException"),
        refused("InvalidBucketName"),
        refused("BucketAlreadyExists", 409),
        refused("NoSuchBucket", 404),
        refused("SomethingNew", 499),
        ParamValidationError(report="no such parameter"),
    ],
    ids=str,
)
def test_what_stays_refused_is_not(fault: Exception) -> None:
    assert not meaning(fault, "Other").transient


@pytest.mark.parametrize("code", ["NoSuchBucket", "AWS.SimpleQueueService.NoSuchBucket", "x.NoSuchBucket"])
def test_that_something_is_not_there_is_told_apart(code: str) -> None:
    with pytest.raises(Absent), answers("NoSuchBucket"):
        raise refused(code, 404)


def test_what_is_said_is_short_and_safe_to_show() -> None:
    said = str(meaning(refused("AccessDenied", 403, "\x1b[31m" + "x" * 5000)))
    assert "AccessDenied" in said
    assert "\x1b" not in said
    assert len(said) < 400


def test_what_is_no_answer_of_aws_is_left_alone() -> None:
    with pytest.raises(KeyError), answers():
        raise KeyError("ours")


def test_an_answer_without_anything_in_it_is_final() -> None:
    empty: Mapping[str, Any] = {}
    assert not meaning(ClientError(dict(empty), "DoIt")).transient
