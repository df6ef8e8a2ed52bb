"""The providers: what makes instances. A provider is a module of this folder and a line here; an installed package
adds one as an entry point of the group `tarmac.providers`, under a name that is not taken here."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from tarmac.errors import ConfigurationError, Defect, TarmacError
from tarmac.providers.added import Added, added_names
from tarmac.providers.base import Provider, ProviderSettings
from tarmac.providers.secrets import load
from tarmac.providers.theirs import Theirs

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


def provider_names() -> frozenset[str]:
    """Every name under which there is a provider."""
    return frozenset((*PROVIDERS, *added_names(GROUP)))


def open_provider(name: str, settings: ProviderSettings) -> Provider:
    """The provider of that name: one of ours, else one that an installed package adds.

    Raises:
        ConfigurationError: there is none, or it cannot work with these settings.
    """
    wrong: TarmacError
    if name in PROVIDERS:
        make, wrong = load(PROVIDERS[name], name), Defect(f"{PROVIDERS[name]} does not make a provider")
        return _provider(make(settings) if callable(make) else None, wrong)
    added = Added.find(GROUP, name, "provider", PROVIDERS)
    wrong = ConfigurationError(f"{added.called} does not make a provider")
    return Theirs(_provider(added.opened(settings), wrong), added.called)


def _provider(opened: object, wrong: TarmacError) -> Provider:
    if not isinstance(opened, Provider):
        raise wrong
    return opened
