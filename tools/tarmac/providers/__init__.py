"""The providers: what makes instances. A provider is a module of this folder and a line here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType

from tarmac.errors import ConfigurationError, Defect
from tarmac.providers.base import Provider, ProviderSettings

# name -> module:function(ProviderSettings) -> Provider; nothing is imported before it is used.
PROVIDERS: Mapping[str, str] = MappingProxyType(
    {
        "embedded": "tarmac.providers.embedded:open_embedded",
    }
)


def open_provider(name: str, settings: ProviderSettings) -> Provider:
    """The provider of that name.

    Raises:
        ConfigurationError: there is none.
    """
    target = PROVIDERS.get(name)
    if target is None:
        raise ConfigurationError(f"there is no provider {name!r}: choose one of {', '.join(sorted(PROVIDERS))}")
    module, _, function = target.partition(":")
    opened: object = getattr(import_module(module), function)(settings)
    if not isinstance(opened, Provider):
        raise Defect(f"{target} does not make a provider")
    return opened
