"""What each provider needs around it to be driven through the suite: by default nothing but a folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tarmac.model.plan import Desired
from tarmac.providers import open_provider
from tarmac.providers.base import Provider, ProviderSettings
from tarmac.providers.secrets import SecretSink, SinkSettings, make_sink
from tests.planning.worlds import OURS, wish


@dataclass(frozen=True, slots=True)
class Bench:
    """A provider with nothing in it, and how to open it again or as another platform, as a later run would."""

    name: str
    folder: Path
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def sink(self) -> SecretSink:
        return make_sink("file", SinkSettings(self.folder / "secrets"))

    def open(self, platform: str = OURS) -> Provider:
        return open_provider(self.name, ProviderSettings(platform, self.folder / "own", self.options, self.sink))

    def category(self) -> str:
        return sorted(self.open().capabilities.categories)[0]

    def wish(self, name: str = "orders-db", **changes: object) -> Desired:
        return wish(name, provider=self.name, **{"category": self.category(), **changes})


# Fields of a config that the suite uses and that say nothing to a server.
FACTS = {f"is.{name}": "*" for name in ("size", "encrypted", "nested", "text")}


def _postgresql(request: pytest.FixtureRequest, folder: Path) -> Bench:
    cluster = request.getfixturevalue("cluster")
    cluster.empty()
    return Bench("postgresql", folder, {**cluster.options(), **FACTS})


# A provider that is not named here gets a folder and no options.
BENCHES: Mapping[str, Callable[[pytest.FixtureRequest, Path], Bench]] = {
    "postgresql": _postgresql,
}
# What needs a system program: make test leaves these out.
SYSTEM = frozenset({"postgresql"})


def bench_of(request: pytest.FixtureRequest, name: str, folder: Path) -> Bench:
    """The bench of the provider of that name."""
    return BENCHES[name](request, folder) if name in BENCHES else Bench(name, folder)
