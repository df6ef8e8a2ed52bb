"""What each provider needs around it to be driven through the suite: by default nothing but a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tarmac.adapters.delivery_git import GitDelivery
from tarmac.adapters.git import run_git
from tarmac.model.json_value import JsonValue
from tarmac.model.plan import Desired, Manifest
from tarmac.providers import open_provider
from tarmac.providers.base import Provider, ProviderSettings
from tarmac.providers.delivery import Delivery
from tarmac.providers.secrets import SecretSink, SinkSettings, make_sink
from tests.planning.worlds import OURS, wish


@dataclass(frozen=True, slots=True)
class Bench:
    """A provider with nothing in it, and how to open it again or as another platform, as a later run would."""

    name: str
    folder: Path
    options: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery | None = None
    manifests: tuple[Manifest, ...] = ()

    @property
    def sink(self) -> SecretSink:
        return make_sink("file", SinkSettings(self.folder / "secrets"))

    def open(self, platform: str = OURS) -> Provider:
        settings = ProviderSettings(platform, self.folder / "own", self.options, self.sink, self.delivery)
        return open_provider(self.name, settings)

    def category(self) -> str:
        return sorted(self.open().capabilities.categories)[0]

    def wish(self, name: str = "orders-db", **changes: object) -> Desired:
        usual = {"category": self.category(), "manifests": self.manifests}
        return wish(name, provider=self.name, **{**usual, **changes})


# Fields of a config that the suite uses and that say nothing to a server.
FACTS = {f"is.{name}": "*" for name in ("size", "encrypted", "nested", "text")}


def _postgresql(request: pytest.FixtureRequest, folder: Path) -> Bench:
    cluster = request.getfixturevalue("cluster")
    cluster.empty()
    return Bench("postgresql", folder, {**cluster.options(), **FACTS})


def _aws(request: pytest.FixtureRequest, folder: Path) -> Bench:
    account = request.getfixturevalue("account")
    account.empty()
    return Bench("aws", folder, account.options())


def _manifests(_: pytest.FixtureRequest, folder: Path) -> Bench:
    """A repository with a delivery branch; every instance is a ConfigMap with all that is known of it."""
    folder.mkdir(exist_ok=True)
    run_git(folder, ["init", "-q", "repository"])
    content: JsonValue = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "{name}", "namespace": "platform", "annotations": "{tags}"},
        "data": {"owner": "{owner}", "size": "{config.size}", "environment": "{environment}"},
    }
    manifest = Manifest("maps/{environment}/{uid}.yaml", "kubernetes-1.31/ConfigMap", content)
    return Bench("manifests", folder, delivery=GitDelivery(folder / "repository"), manifests=(manifest,))


# A provider that is not named here gets a folder and no options.
BENCHES: Mapping[str, Callable[[pytest.FixtureRequest, Path], Bench]] = {
    "aws": _aws,
    "manifests": _manifests,
    "postgresql": _postgresql,
}
# What needs a system program: make test leaves these out.
SYSTEM = frozenset({"aws", "postgresql"})


def bench_of(request: pytest.FixtureRequest, name: str, folder: Path) -> Bench:
    """The bench of the provider of that name."""
    return BENCHES[name](request, folder) if name in BENCHES else Bench(name, folder)
