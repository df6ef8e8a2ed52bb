"""Where secrets go: a sink takes what a provider made up and gives back a reference. Nothing else ever holds the value.

A secret is a small mapping of texts (host, user, password, ...). It is kept under a name that is made from the
platform's uid and the instance's uid, so that it can be found again and never depends on what a request says.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, runtime_checkable

from tarmac.errors import ConfigurationError, Defect, ProviderError, TarmacError
from tarmac.model.frozen import Frozen
from tarmac.providers.added import Added, held

GROUP = "tarmac.secret_sinks"

# 256 bits, in letters and digits, '-' and '_': nothing that a connection string would have to escape.
_BYTES = 32
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}\Z")

# name -> module:function(SinkSettings) -> SecretSink; nothing is imported before it is used.
SINKS: Mapping[str, str] = MappingProxyType(
    {
        "aws-secrets-manager": "tarmac.providers.secret_aws:aws_secrets",
        "file": "tarmac.providers.secret_files:secret_files",
        "vault": "tarmac.providers.secret_vault:vault_secrets",
    }
)


@dataclass(frozen=True, slots=True)
class SinkSettings:
    """What a sink is made with: a folder of this machine that is its own, and its own settings."""

    folder: Path
    options: Mapping[str, str] = field(default_factory=dict, repr=False)


@runtime_checkable
class SecretSink(Protocol):
    """One place for secrets. Every verb raises ProviderError, which says whether trying again can help, and whose
    text never holds a value."""

    def reference(self, platform: str, uid: str) -> str:
        """How a person finds it: a name, never a value. The same for the same instance, before it is there too."""
        ...

    def put(self, platform: str, uid: str, secret: Mapping[str, str]) -> str:
        """Keep it, whole or not at all, in place of what was there; the answer is its reference."""
        ...

    def get(self, platform: str, uid: str) -> Mapping[str, str] | None:
        """What is kept, or None."""
        ...

    def remove(self, platform: str, uid: str) -> None:
        """Forget it, earlier versions too. What is not there is no error."""
        ...


class TheirSink(Frozen):
    """The sink of an installed package, held apart: what it raises becomes a ProviderError that names `called`."""

    sink: SecretSink
    called: str

    def reference(self, platform: str, uid: str) -> str:
        return held(lambda: self.sink.reference(platform, uid), self.called)

    def put(self, platform: str, uid: str, secret: Mapping[str, str]) -> str:
        return held(lambda: self.sink.put(platform, uid, secret), self.called)

    def get(self, platform: str, uid: str) -> Mapping[str, str] | None:
        return held(lambda: self.sink.get(platform, uid), self.called)

    def remove(self, platform: str, uid: str) -> None:
        held(lambda: self.sink.remove(platform, uid), self.called)


def make_sink(name: str, settings: SinkSettings) -> SecretSink:
    """The sink of that name: one of ours, else one that an installed package adds as an entry point.

    Raises:
        ConfigurationError: there is none, or its settings are not usable.
    """
    wrong: TarmacError
    if name in SINKS:
        make, wrong = load(SINKS[name], name), Defect(f"{SINKS[name]} does not make a secret sink")
        return _sink(make(settings) if callable(make) else None, wrong)
    added = Added.find(GROUP, name, "secret sink", SINKS)
    wrong = ConfigurationError(f"{added.called} does not make a secret sink")
    return TheirSink(_sink(added.opened(settings), wrong), added.called)


def _sink(made: object, wrong: TarmacError) -> SecretSink:
    if not isinstance(made, SecretSink):
        raise wrong
    return made


def load(target: str, name: str) -> object:
    """A function of ours by `module:function`.

    Raises:
        ConfigurationError: a package that only this one needs is not installed.
    """
    module, _, function = target.partition(":")
    try:
        return getattr(import_module(module), function)
    except ModuleNotFoundError as fault:
        if fault.name is None or fault.name.partition(".")[0] == "tarmac":
            raise
        raise ConfigurationError(f"it needs the Python package {fault.name}: install tarmac[{name}]") from None


def new_password() -> str:
    """A fresh password from the system's source of randomness."""
    return secrets.token_urlsafe(_BYTES)


def name_parts(platform: str, uid: str) -> tuple[str, str]:
    """Platform and instance as they may stand in a path.

    Raises:
        ProviderError: they could lead elsewhere.
    """
    for part in (platform, uid):
        if not _PART.match(part):
            raise ProviderError(f"{part[:60]!r} cannot name a secret", transient=False)
    return platform, uid
