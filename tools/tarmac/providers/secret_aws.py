"""Secrets in AWS Secrets Manager, one each: `<prefix>/<platform uid>/<uid>`, a JSON object of texts.

Access is boto3's own (environment, profile, role of the machine) unless the settings name a key. Removing is for good,
without the recovery window that AWS offers: an instance that comes back gets a password of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tarmac.errors import ConfigurationError, ProviderError
from tarmac.providers.secrets import SinkSettings, name_parts

_OPTIONS = frozenset({"region", "endpoint", "prefix", "accessKeyId", "secretAccessKey", "sessionToken"})
_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:/[A-Za-z0-9][A-Za-z0-9_-]*)*\Z")
_ABSENT = "ResourceNotFoundException"
# What a further try may mend; InvalidRequestException is how a secret answers that is still being removed.
_PASSES = frozenset(
    {
        "ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded", "InternalServiceError",
        "InternalServiceErrorException", "ServiceUnavailable", "ServiceUnavailableException", "RequestTimeout",
        "InvalidRequestException", "ExpiredTokenException",
    }
)  # fmt: skip


def aws_secrets(settings: SinkSettings) -> AwsSecrets:
    """The sink in a region; nothing is asked of it yet.

    Raises:
        ConfigurationError: an option is missing, unknown or makes no sense.
    """
    options = settings.options
    unknown = sorted(set(options) - _OPTIONS)
    if unknown:
        known = ", ".join(sorted(_OPTIONS))
        raise ConfigurationError(f"the secret sink aws-secrets-manager has no option {unknown[0]}: it knows {known}")
    prefix = options.get("prefix", "tarmac")
    if not _PATH.match(prefix):
        raise ConfigurationError("option prefix of the secret sink aws-secrets-manager is no path such as platform/one")
    try:
        client = boto3.client(
            "secretsmanager",
            region_name=options.get("region"),
            endpoint_url=options.get("endpoint"),
            aws_access_key_id=options.get("accessKeyId"),
            aws_secret_access_key=options.get("secretAccessKey"),
            aws_session_token=options.get("sessionToken"),
            config=Config(connect_timeout=10, read_timeout=15, retries={"mode": "standard", "total_max_attempts": 3}),
        )
    except (BotoCoreError, ValueError) as fault:
        raise ConfigurationError(f"the secret sink aws-secrets-manager cannot be used: {fault}") from None
    return AwsSecrets(prefix, client)


@dataclass(frozen=True, slots=True)
class AwsSecrets:
    """See the module. `client` is boto3's for Secrets Manager."""

    prefix: str
    client: Any = field(repr=False)

    def reference(self, platform: str, uid: str) -> str:
        return f"aws-secrets-manager:{self._name(platform, uid)}"

    def put(self, platform: str, uid: str, secret: Mapping[str, str]) -> str:
        name, content = self._name(platform, uid), json.dumps(dict(secret), sort_keys=True)
        with _asking("keep"):
            try:
                self.client.put_secret_value(SecretId=name, SecretString=content)
            except ClientError as fault:
                if _code(fault) != _ABSENT:
                    raise
                self.client.create_secret(
                    Name=name,
                    SecretString=content,
                    Description="Made by Tarmac; replaced when its credential is.",
                    Tags=[{"Key": "tarmac-platform", "Value": platform}, {"Key": "tarmac-uid", "Value": uid}],
                )
        return self.reference(platform, uid)

    def get(self, platform: str, uid: str) -> Mapping[str, str] | None:
        name = self._name(platform, uid)
        with _asking("read"):
            try:
                content = self.client.get_secret_value(SecretId=name).get("SecretString", "")
            except ClientError as fault:
                if _code(fault) == _ABSENT:
                    return None
                raise
        try:
            found = json.loads(content)
        except (ValueError, TypeError, RecursionError):
            found = None
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            raise ProviderError(f"the secret of {uid} is not what was written there", transient=False)
        return found

    def remove(self, platform: str, uid: str) -> None:
        name = self._name(platform, uid)
        with _asking("remove"):
            try:
                self.client.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
            except ClientError as fault:
                if _code(fault) != _ABSENT:
                    raise

    def _name(self, platform: str, uid: str) -> str:
        return "/".join((self.prefix, *name_parts(platform, uid)))


def _code(fault: ClientError) -> str:
    return str(fault.response.get("Error", {}).get("Code", ""))


@contextmanager
def _asking(what: str) -> Iterator[None]:
    # What AWS answers may repeat what it was sent, so only the kind of the fault is told.
    try:
        yield
    except ClientError as fault:
        code = _code(fault)
        status = fault.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        passes = code in _PASSES or status >= 500
        said = code if code.isalnum() else "an unknown fault"
        raise ProviderError(f"AWS Secrets Manager did not {what} a secret: {said}", transient=passes) from None
    except BotoCoreError as fault:
        said = type(fault).__name__
        raise ProviderError(f"AWS Secrets Manager could not be reached: {said}", transient=True) from None
