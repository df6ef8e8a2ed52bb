"""Secrets in HashiCorp Vault or OpenBao: the key-value engine, version 2, over its HTTP API.

<mount>/data/<prefix>/<platform uid>/<uid>   the latest version counts; removing takes every version away
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import hvac
from hvac import exceptions

from tarmac.errors import ConfigurationError, ProviderError
from tarmac.providers.secrets import SinkSettings, name_parts

_OPTIONS = frozenset({"url", "token", "roleId", "secretId", "namespace", "mount", "prefix", "caFile"})
_PATH = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(?:/[A-Za-z0-9][A-Za-z0-9_-]*)*\Z")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SECONDS = 15
# What a further try may mend; being refused or misunderstood is none of it.
_PASSES = (
    exceptions.RateLimitExceeded,
    exceptions.InternalServerError,
    exceptions.BadGateway,
    exceptions.VaultDown,
    exceptions.VaultNotInitialized,
)


def vault_secrets(settings: SinkSettings) -> VaultSecrets:
    """The sink at `url`, entered by `token` or by AppRole (`roleId`, `secretId`); nothing is asked of it yet.

    Raises:
        ConfigurationError: an option is missing, unknown or makes no sense.
    """
    options = settings.options
    unknown = sorted(set(options) - _OPTIONS)
    if unknown:
        raise ConfigurationError(
            f"the secret sink vault has no option {unknown[0]}: it knows {', '.join(sorted(_OPTIONS))}"
        )
    url = urlsplit(options.get("url", ""))
    if url.scheme != "https" and not (url.scheme == "http" and url.hostname in _LOOPBACK):
        raise ConfigurationError("the secret sink vault needs a url that begins with https://")
    mount, prefix = options.get("mount", "secret"), options.get("prefix", "tarmac")
    for name, value in (("mount", mount), ("prefix", prefix)):
        if not _PATH.match(value):
            raise ConfigurationError(f"option {name} of the secret sink vault is no path such as kv/platform")
    token, role = options.get("token", ""), (options.get("roleId", ""), options.get("secretId", ""))
    if bool(token) == all(role):
        raise ConfigurationError("the secret sink vault needs either token, or roleId and secretId")
    return VaultSecrets(options["url"], mount, prefix, options.get("namespace"), options.get("caFile"), token, role)


@dataclass(frozen=True, slots=True)
class VaultSecrets:
    """See the module. A token is asked for anew by each verb where AppRole is used: it may be short-lived."""

    url: str
    mount: str
    prefix: str
    namespace: str | None
    ca_file: str | None
    token: str = field(repr=False)
    role: tuple[str, str] = field(repr=False)

    def reference(self, platform: str, uid: str) -> str:
        return f"vault:{self.mount}/{self._path(platform, uid)}"

    def put(self, platform: str, uid: str, secret: Mapping[str, str]) -> str:
        path = self._path(platform, uid)
        with self._client("keep") as client:
            client.secrets.kv.v2.create_or_update_secret(path, dict(secret), mount_point=self.mount)
        return self.reference(platform, uid)

    def get(self, platform: str, uid: str) -> Mapping[str, str] | None:
        path = self._path(platform, uid)
        with self._client("read") as client:
            try:
                said = client.secrets.kv.v2.read_secret_version(
                    path, mount_point=self.mount, raise_on_deleted_version=True
                )
            except exceptions.InvalidPath:
                return None
        try:
            found = said["data"]["data"]
        except (KeyError, TypeError):
            found = None
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            raise ProviderError(f"the secret of {uid} is not what was written there", transient=False)
        return found

    def remove(self, platform: str, uid: str) -> None:
        path = self._path(platform, uid)
        with self._client("remove") as client:
            try:
                client.secrets.kv.v2.delete_metadata_and_all_versions(path, mount_point=self.mount)
            except exceptions.InvalidPath:
                return

    def _path(self, platform: str, uid: str) -> str:
        return "/".join((self.prefix, *name_parts(platform, uid)))

    @contextmanager
    def _client(self, what: str) -> Iterator[hvac.Client]:
        # What Vault answers may repeat what it was sent, so only the kind of the fault is told.
        try:
            client = hvac.Client(
                url=self.url,
                token=self.token or None,
                namespace=self.namespace,
                verify=self.ca_file or True,
                timeout=_SECONDS,
                allow_redirects=False,
            )
            if not self.token:
                role, secret = self.role
                client.auth.approle.login(role_id=role, secret_id=secret)
            yield client
        except exceptions.VaultError as fault:
            passes = isinstance(fault, _PASSES)
            raise ProviderError(f"Vault did not {what} a secret: {type(fault).__name__}", transient=passes) from None
        except OSError as fault:  # every fault of the connection is one
            raise ProviderError(f"Vault could not be reached: {type(fault).__name__}", transient=True) from None
        except ValueError:
            raise ProviderError(f"Vault did not {what} a secret: its answer is no JSON", transient=True) from None
