"""The clients of one AWS account and region, and what their errors mean: whether trying again can help."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any

from tarmac.errors import ConfigurationError, ProviderError
from tarmac.model.frozen import Frozen, field
from tarmac.model.shown import visible

OPTIONS = ("accessKeyId", "endpoint", "profile", "region", "secretAccessKey", "sessionToken")
_ATTEMPTS, _CONNECT, _READ = 4, 10, 60
_LONGEST = 300

# Codes that say "later", beside every answer of 5xx. From the services' lists of common errors. Missing rights are
# among them: no change of the request mends these, and whoever gives them does not touch it.
_LATER = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthFailure",
        "AuthorizationError",
        "BandwidthLimitExceeded",
        "ConcurrentModification",
        "ConcurrentAccess",
        "ConflictException",
        "InternalError",
        "InternalFailure",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "LimitExceededException",
        "OperationAborted",
        "PriorRequestNotComplete",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestTimeout",
        "RequestTimeoutException",
        "ResourceInUseException",
        "ServiceUnavailable",
        "SignatureDoesNotMatch",
        "SlowDown",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "TooManyRequestsException",
        "TransactionInProgressException",
        "ExpiredToken",
        "ExpiredTokenException",
        "UnauthorizedOperation",
        "UnrecognizedClientException",
    }
)
# A queue's name is free again a minute after it was removed: told in either dialect of the API.
_LATER_ENDINGS = ("QueueDeletedRecently",)


class Absent(Exception):
    """What was asked for is not there."""


class Session(Frozen):
    """See the module. Clients are made when they are asked for; one serves all threads."""

    region: str
    endpoint: str | None
    boto: Any
    config: Any
    lock: threading.Lock = field(default_factory=threading.Lock)
    made: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Session:
        """The session that the options describe; what they do not say is boto3's to find (AWS_..., profiles, roles).

        Raises:
            ConfigurationError: boto3 is not installed, or no region is named.
        """
        boto3 = _boto3()
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError
        from botocore.session import get_session

        core = get_session()
        # What the services look like takes long to read: once for all sessions of a process.
        core.register_component("data_loader", _models())
        try:
            session = boto3.Session(
                botocore_session=core,
                aws_access_key_id=options.get("accessKeyId"),
                aws_secret_access_key=options.get("secretAccessKey"),
                aws_session_token=options.get("sessionToken"),
                profile_name=options.get("profile"),
                region_name=options.get("region"),
            )
        except BotoCoreError as fault:
            raise ConfigurationError(_said(fault)) from None
        if not session.region_name:
            raise ConfigurationError("it needs a region: write option region, or set AWS_DEFAULT_REGION")
        endpoint = options.get("endpoint")
        if endpoint is not None and not endpoint.startswith(("http://", "https://")):
            raise ConfigurationError("option endpoint is no address: write https://...")
        config = Config(
            retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
            connect_timeout=_CONNECT,
            read_timeout=_READ,
            s3={"addressing_style": "path"} if endpoint else None,
        )
        return cls(session.region_name, endpoint, session, config)

    def client(self, service: str) -> Any:
        """The client of a service."""
        with self.lock:
            if service not in self.made:
                with answers():
                    self.made[service] = self.boto.client(service, endpoint_url=self.endpoint, config=self.config)
            return self.made[service]

    def account(self) -> tuple[str, str]:
        """(partition, account number) that the credentials belong to."""
        with self.lock:
            known = self.made.get("account")
        if known is None:
            with answers():
                said = self.client("sts").get_caller_identity()
            known = (said["Arn"].split(":")[1], said["Account"])
            with self.lock:
                self.made["account"] = known
        partition, account = known
        return str(partition), str(account)


@contextmanager
def answers(*absent: str) -> Iterator[None]:
    """Turn the client's errors into ours; the codes named here mean that the thing is not there.

    Raises:
        Absent: one of these codes.
        ProviderError: any other error, transient where trying again can help.
    """
    from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

    try:
        yield
    except ClientError as fault:
        code = str(fault.response.get("Error", {}).get("Code", ""))
        status = fault.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        if code in absent or code.rpartition(".")[2] in absent:
            raise Absent from None
        transient = status >= 500 or status == 429 or code in _LATER or code.endswith(_LATER_ENDINGS)
        raise ProviderError(f"AWS says {_said(fault)}", transient=transient) from None
    except ParamValidationError as fault:
        raise ProviderError(f"AWS cannot be asked: {_said(fault)}", transient=False) from None
    except BotoCoreError as fault:
        # The way to it, or its credentials: nothing that the request could change.
        raise ProviderError(f"AWS cannot be reached: {_said(fault)}", transient=True) from None


def _said(fault: Exception) -> str:
    return visible(str(fault), _LONGEST)


@cache
def _models() -> Any:
    from botocore.loaders import create_loader

    return create_loader()


def _boto3() -> Any:
    try:
        import boto3
    except ImportError:
        raise ConfigurationError("it needs boto3: install tarmac[aws]") from None
    return boto3
