"""The providers: what makes instances. A provider is a module of this folder and a line here; an installed package
adds one as an entry point of the group `tarmac.providers`, under a name that is not taken here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import entry_points
from types import MappingProxyType

from tarmac.errors import ConfigurationError, Defect
from tarmac.providers.base import Provider, ProviderSettings
from tarmac.providers.secrets import load

GROUP = "tarmac.providers"

# name -> module:function(ProviderSettings) -> Provider; nothing is imported before it is used.
PROVIDERS: Mapping[str, str] = MappingProxyType(
    {
        "aws": "tarmac.providers.aws:open_aws",
        "embedded": "tarmac.providers.embedded:open_embedded",
        "manifests": "tarmac.providers.manifests:open_manifests",
        "postgresql": "tarmac.providers.postgresql:open_postgresql",
    }
)


def open_provider(name: str, settings: ProviderSettings) -> Provider:
    """The provider of that name: one of ours, else one that an installed package adds.

    Raises:
        ConfigurationError: there is none, or it cannot work with these settings.
    """
    target = PROVIDERS.get(name)
    if target is not None:
        make = load(target, name)
    else:
        added = entry_points(group=GROUP)
        if name not in added.names:
            known = ", ".join(sorted({*PROVIDERS, *added.names}))
            raise ConfigurationError(f"there is no provider {name!r}: choose one of {known}")
        target, make = added[name].value, added[name].load()
    opened: object = make(settings) if callable(make) else None
    if not isinstance(opened, Provider):
        raise Defect(f"{target} does not make a provider")
    return opened
