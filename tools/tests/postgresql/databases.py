"""The provider over the tests' server, clients that come by the secret, and a way to cut a run off anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import psycopg
from psycopg.rows import TupleRow

from tarmac.model.frozen import replace
from tarmac.model.plan import Desired
from tarmac.planning.identity import uid_of
from tarmac.providers.base import ProviderSettings
from tarmac.providers.postgresql import PostgreSQL, open_postgresql
from tarmac.providers.secrets import SecretSink, SinkSettings, make_sink
from tests.planning.worlds import OURS, wish
from tests.postgresql.cluster import Cluster

ONE, TWO = uid_of(OURS, "one", 1), uid_of(OURS, "two", 1)
Link = psycopg.Connection[TupleRow]


@dataclass(frozen=True, slots=True)
class Bench:
    """The server, and a folder for secrets and dumps."""

    cluster: Cluster
    folder: Path

    @property
    def sink(self) -> SecretSink:
        return make_sink("file", SinkSettings(self.folder / "secrets"))

    def open(self, platform: str = OURS, **options: str) -> PostgreSQL:
        given = self.cluster.options(**{"is.size": "*", "is.encrypted": "*", **options})
        return open_postgresql(ProviderSettings(platform, self.folder / "own", given, self.sink))

    def secret(self, uid: str = ONE) -> Mapping[str, str]:
        kept = self.sink.get(OURS, uid)
        assert kept is not None
        return kept

    def client(self, uid: str = ONE, secret: Mapping[str, str] | None = None) -> Link:
        """Come in as whoever the secret names."""
        return psycopg.connect((secret or self.secret(uid))["uri"], autocommit=True, connect_timeout=5)


def database(name: str = "one", **config: object) -> Desired:
    return wish(name, provider="postgresql", category="database", config={"size": "small", **config})


class Killed(BaseException):
    """The run ends here, as if by SIGKILL: nothing catches it."""


@dataclass
class Fuse:
    """Burns at every boundary around an effect, and ends the run at the last."""

    left: int

    def burn(self) -> None:
        if self.left == 0:
            raise Killed
        self.left -= 1


class Burns(Protocol):
    """What happens at each boundary."""

    def burn(self) -> None: ...


class FrailLink(psycopg.Connection[TupleRow]):
    """A connection that may end before or after each statement."""

    fuse: Burns

    def execute(self, *arguments: Any, **more: Any) -> psycopg.Cursor[TupleRow]:
        self.fuse.burn()
        done = super().execute(*arguments, **more)
        self.fuse.burn()
        return done


@dataclass(frozen=True, slots=True)
class FrailSink:
    """A sink that may end before or after each change."""

    sink: SecretSink
    fuse: Burns

    def reference(self, platform: str, uid: str) -> str:
        return self.sink.reference(platform, uid)

    def get(self, platform: str, uid: str) -> Mapping[str, str] | None:
        return self.sink.get(platform, uid)

    def put(self, platform: str, uid: str, secret: Mapping[str, str]) -> str:
        self.fuse.burn()
        done = self.sink.put(platform, uid, secret)
        self.fuse.burn()
        return done

    def remove(self, platform: str, uid: str) -> None:
        self.fuse.burn()
        self.sink.remove(platform, uid)
        self.fuse.burn()


def frail(provider: PostgreSQL, boundaries: int) -> PostgreSQL:
    """The provider, killed after that many boundaries."""
    return frail_by(provider, Fuse(boundaries))


def frail_by(provider: PostgreSQL, fuse: Burns) -> PostgreSQL:
    """The provider, with something happening at each boundary around a statement or a change of a secret."""

    def opened(**parameters: Any) -> Link:
        link = FrailLink.connect(**parameters)
        link.fuse = fuse
        return link

    return replace(provider, server=replace(provider.server, open=opened), secrets=FrailSink(provider.secrets, fuse))
