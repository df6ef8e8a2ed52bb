"""The company of fifty over three providers at once: this machine's disk, a PostgreSQL server and a simulator of AWS.
A run over them can be killed at each boundary of an effect, at each call to a server, or at any moment."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

import psycopg
import yaml
from botocore.exceptions import ReadTimeoutError

from tarmac.app.deps import Ledger, Pace
from tarmac.app.ledger import verify
from tarmac.app.plan import Deps
from tarmac.app.reconcile import Reconciled
from tarmac.model.frozen import replace
from tarmac.model.plan import Observation, Presence
from tarmac.providers.aws import Aws
from tarmac.providers.base import Provider
from tarmac.providers.postgresql import PostgreSQL
from tarmac.providers.postgresql_names import Names
from tarmac.reports.plan_json import plan_json, run_json
from tarmac.reports.plan_text import applied_text, outcome_line, plan_text
from tests.aws.account import KEYS, REGION, Account
from tests.crash.worlds import Flaky, Mine, Wide, World, ended, forked, no_limits
from tests.planning.worlds import NOW, OURS
from tests.postgresql.cluster import PASSWORD, Cluster
from tests.postgresql.databases import frail_by
from tests.reconcile.company import Company
from tests.reconcile.test_reconcile import MinedLedger

_TYPE = """\
apiVersion: tarmac/v1
kind: ResourceType
metadata: {name: NAME, title: NAME}
spec:
  owner: group:default/platform
  category: CATEGORY
  provider: PROVIDER
  versions:
    - name: 1.0.0
      status: active
      schema: {type: object, additionalProperties: false, properties: {PROPERTIES}}
      immutable: [IMMUTABLE]
  environments:
    development: {ttl: {default: 7d, max: 30d}}
    staging: {ttl: {default: 30d, max: 90d}}
    production: {}
  pricing: []
  target: {provisioning: 5m}
"""
_SETTINGS = """\
version: 1
secrets: {{sink: file, options: {{folder: "{folder}/secrets"}}}}
providers:
  postgresql:
    options:
      host: 127.0.0.1
      port: {port}
      user: tarmac
      password: {{file: password.txt}}
      sslmode: disable
      backupFolder: "{folder}/backups"
      is.size: "*"
      is.encrypted: "*"
  aws:
    options:
      endpoint: "{endpoint}"
      region: {region}
      accessKeyId: {access}
      secretAccessKey: {{file: key.txt}}
      kind.topic: topic
      kind.table: table
"""


@dataclass(frozen=True, slots=True)
class Kind:
    """A resource type of the company, and two configs of it that differ in what can change, two in what can not."""

    category: str
    provider: str
    properties: str
    immutable: str
    configs: tuple[str, ...]


_SIZED = "size: {enum: [small, large], default: small}, encrypted: {type: boolean, default: true}"
_WAYS = "delivery: {enum: [standard, fifo], default: standard}"
KINDS: Mapping[str, Kind] = {
    "postgres": Kind(
        "database",
        "postgresql",
        f"{_SIZED}, connectionLimit: {{type: integer, default: 9}}, extensions: {{type: array}}",
        "encrypted",
        ("size: small", "size: large, extensions: [citext]", "connectionLimit: 7, extensions: []", "encrypted: false"),
    ),
    "bucket": Kind(
        "storage",
        "aws",
        "versioning: {type: boolean, default: true}, expireAfterDays: {type: integer, default: 0}",
        "versioning",
        ("expireAfterDays: 0", "expireAfterDays: 30", "versioning: false"),
    ),
    "queue": Kind(
        "queue",
        "aws",
        f"{_WAYS}, retentionDays: {{type: integer, default: 4}}",
        "delivery",
        ("retentionDays: 4", "retentionDays: 7", "delivery: fifo"),
    ),
    "topic": Kind("queue", "aws", _WAYS, "delivery", ("delivery: standard", "delivery: fifo")),
    "table": Kind(
        "database",
        "aws",
        "partitionKey: {type: string, default: id}, backups: {type: boolean, default: true}",
        "partitionKey",
        ("backups: true", "backups: false", "partitionKey: other"),
    ),
    "cache": Kind("cache", "embedded", _SIZED, "encrypted", ("size: small", "size: large", "encrypted: false")),
}
_FAR = 1_000_000
# Of one call to a server in a hundred nothing is heard, be it before or behind it.
_CUT = 0.005
_LOOK_FOR_LEAKS = 50
# Fifty requests and what each of them asks for; four databases beside them stay, and only their credentials change.
_TURNS = (
    "postgres", "cache", "bucket", "cache", "postgres", "queue", "cache", "table", "cache", "cache",
    "postgres", "cache", "bucket", "cache", "postgres", "queue", "cache", "topic", "cache", "cache",
)  # fmt: skip
STAY = 4


def kind_of(name: str) -> str:
    """The resource type of a request by its name."""
    return "postgres" if name.startswith("s") else _TURNS[int(name[1:]) % len(_TURNS)]


@dataclass(frozen=True, slots=True)
class ThreeCompany(Company):
    """The company, whose providers' settings stand beside its repository."""

    settings: Path = Path()

    @classmethod
    def over(cls, folder: Path, cluster: Cluster, account: Account) -> ThreeCompany:
        """With nothing asked for, over these servers."""
        usual = Company.found(folder)
        company = cls(usual.root, usual.instances, folder / "keys" / "providers.yaml")
        for name, kind in KINDS.items():
            text = _TYPE.replace("NAME", name).replace("PROPERTIES", kind.properties)
            text = text.replace("CATEGORY", kind.category).replace("PROVIDER", kind.provider)
            company.write(f"catalog/resource-types/{name}.yaml", text.replace("IMMUTABLE", kind.immutable))
        company.settings.parent.mkdir()
        company.settings.write_text(
            _SETTINGS.format(
                folder=folder,
                port=cluster.port,
                endpoint=account.endpoint,
                region=REGION,
                access=KEYS["accessKeyId"],
            ),
            "utf-8",
        )
        (company.settings.parent / "password.txt").write_text(PASSWORD, "utf-8")
        (company.settings.parent / "key.txt").write_text(KEYS["secretAccessKey"], "utf-8")
        return company

    def deps(self, remote: str | None = None) -> Deps:
        from tarmac.app import wire

        # Instants are made up, as the disk's provider alone would allow: what is asked for must not end by itself.
        usual = wire.planning(self.root, self.instances, self.settings, remote)
        opened = lambda name, platform: Wide(usual.providers(name, platform), lambda *_: None)  # noqa: E731
        return replace(usual, pace=Pace(), clock=None, providers=opened)


class Armed(Mine):
    """One that counts from the first write of its run on: before it there is nothing to be lost."""

    armed = False

    def tick(self, *_: object) -> None:
        if self.armed:
            super().tick()

    def burn(self) -> None:
        self.tick()

    def called(self, **_: object) -> None:
        self.tick()


@dataclass(frozen=True, slots=True)
class Arming:
    """What arms it: a boundary of a write."""

    mine: Armed

    def tick(self, *_: object) -> None:
        self.mine.armed = True
        self.mine.tick()


class Cut(Armed):
    """Cuts the line at some of the calls: what was asked may have been done, and nobody hears of it."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__(_FAR)
        self.rng = rng

    def tick(self, *_: object) -> None:
        """Nothing but calls fails."""

    def burn(self) -> None:
        if self._falls():
            raise psycopg.OperationalError("the connection was cut")

    def called(self, **_: object) -> None:
        if self._falls():
            raise ReadTimeoutError(endpoint_url="the simulator")

    def _falls(self) -> bool:
        return self.armed and self.rng.random() < _CUT


@dataclass
class ThreeWorld(World):
    """The company over three providers. `drawn` is a file with every password that was ever made up, `said` one with
    what the runs told."""

    cluster: Cluster = field(kw_only=True)
    account: Account = field(kw_only=True)
    folder: Path = field(kw_only=True)

    @classmethod
    def over(cls, folder: Path, seed: int, cluster: Cluster, account: Account) -> ThreeWorld:
        cluster.empty()
        account.empty()
        company = ThreeCompany.over(folder, cluster, account)
        no_limits(company)
        world = cls(company, random.Random(seed), cluster=cluster, account=account, folder=folder)  # noqa: S311
        for number in range(STAY):
            world.ask(f"s{number:02}", "size: small")
        return world

    @property
    def drawn(self) -> Path:
        return self.folder / "keys" / "drawn.txt"

    @property
    def said(self) -> Path:
        return self.folder / "said.txt"

    def configs(self, name: str) -> tuple[str, ...]:
        return KINDS[kind_of(name)].configs

    def kind(self, name: str) -> str:
        return kind_of(name)

    def deps(self, mine: Armed | None = None, *, calls: bool = False, clone: Path | None = None) -> Deps:
        """As the company has them, with every password noted; with a mine that ticks around each effect and write, or
        each call to a server."""
        usual = super().deps(clone=clone)

        def opened(name: str, platform: str) -> Provider:
            provider = usual.providers(name, platform)
            assert isinstance(provider, Wide)
            inside = self._noting(provider.inside)
            if mine is None:
                return Wide(inside, lambda *_: None)
            return Wide(_calling(inside, mine) if calls else inside, mine.tick)

        ledger: Ledger = usual.ledger if mine is None else MinedLedger(usual, Arming(mine))
        return replace(usual, ledger=ledger, providers=opened)

    def flaky(self) -> Deps:
        """Those whose providers fail at random, and whose lines to the servers are cut at some of the calls."""
        usual = self.deps(Cut(self.rng), calls=True)
        opened = lambda name, platform: Flaky(usual.providers(name, platform), self.rng)  # noqa: E731
        return replace(usual, providers=opened, pace=Pace(tries=2))

    def _noting(self, provider: Provider) -> Provider:
        if not isinstance(provider, PostgreSQL):
            return provider
        draw = provider.draw

        def noted() -> str:
            password = draw()
            with self.drawn.open("a", encoding="utf-8") as file:
                file.write(f"{password}\n")
            return password

        return replace(provider, draw=noted)

    def run(self, deps: Deps | None = None) -> Reconciled:
        """One run that also replaces the credentials of two databases that stay, and all that it says."""
        from tarmac.app.reconcile import reconcile

        there = [one for one in sorted(self.wanted) if one.startswith("s")]
        lines: list[str] = []
        done = reconcile(
            deps or self.deps(),
            "HEAD",
            NOW,
            apply=True,
            made_up_time=True,
            rotate=self.rng.sample(there, 2),
            stop=lambda: False,
            planned=lambda made: lines.append(plan_text(made.plan, made.breaches, made.notes, made.now)),
            tell=lambda outcome: lines.append(outcome_line(outcome)),
        )
        executed = done.executed
        assert executed is not None
        lines.append(applied_text(executed.outcomes, done.run, executed.head))
        lines.append(plan_json(done.planned.plan, done.planned.breaches, done.planned.inventory))
        plan = done.planned.plan
        lines.append(run_json(plan, done.planned.breaches, done.run, executed.outcomes, executed.head, done.upkeep))
        with self.said.open("a", encoding="utf-8") as file:
            file.write("\n".join(lines))
        return done

    def killed(self, at: int, *, calls: bool) -> int:
        """A run that dies at that boundary of an effect, or at that call to a server; its end."""
        return ended(forked(lambda: self.run(self.deps(Armed(at), calls=calls))))

    def killed_after(self, seconds: float) -> int:
        """A run that dies wherever it is by then."""
        child = forked(self.run)
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        return ended(child)

    def is_right(self) -> None:
        """What is wanted is there once, on the servers themselves too; clients get in; the ledger is whole, and nothing
        is left to do."""
        found: dict[str, Observation] = {}
        deps = self.deps()
        for provider in (deps.providers(name, OURS) for name in sorted({kind.provider for kind in KINDS.values()})):
            for there in provider.list_instances():
                assert there.tags is not None, f"{there.uid} at {there.location}: {there.fault}"
                name = there.tags.reference.rpartition("/")[2]
                assert name not in found, f"{name} is there twice"
                found[name] = there
                assert there.presence is Presence.READY, f"{name}: {there.fault}"
                assert there.config == self.config(name), name
                health = provider.health(there.uid)
                assert health.healthy, f"{name}: {health.message}"
        assert found.keys() == self.wanted.keys()
        self._nothing_else({kind: [found[one].uid for one in found if kind_of(one) == kind] for kind in KINDS}, found)
        assert verify(deps.ledger)[1] == ()
        assert deps.ledger.lease(deps.ledger.head()) is None
        assert self.company.plan(NOW).plan.summary == {"none": len(self.wanted)}

    def config(self, name: str) -> Mapping[str, object]:
        """What a request asks for, defaults filled in."""
        properties: Mapping[str, Mapping[str, object]] = yaml.safe_load(f"{{{KINDS[kind_of(name)].properties}}}")
        given: Mapping[str, object] = yaml.safe_load(f"{{{self.wanted[name]}}}")
        return {key: about["default"] for key, about in properties.items() if "default" in about} | dict(given)

    def _nothing_else(self, uids: Mapping[str, list[str]], found: Mapping[str, Observation]) -> None:
        """On the servers stands what belongs to these, and nothing of ours beside it."""
        databases = [Names.of(uid) for uid in uids["postgres"]]
        assert self.cluster.names() == sorted(names.database for names in databases)
        roles = [one for names in databases for one in (names.owner, names.read, *names.logins)]
        assert self.cluster.names("rolname", "pg_roles") == sorted(roles)
        secrets = {path.stem for path in (self.folder / "secrets").glob("*/*.json")}
        assert secrets == set(uids["postgres"])
        fifo = {one.uid for one in found.values() if (one.config or {}).get("delivery") == "fifo"}

        def names(kind: str, *ends: str) -> set[str]:
            return {f"tarmac-{uid}{end}{'.fifo' if uid in fifo else ''}" for uid in uids[kind] for end in (*ends, "")}

        assert {one["Name"] for one in self.account.client("s3").list_buckets()["Buckets"]} == names("bucket")
        queues = self.account.client("sqs").list_queues(MaxResults=1000).get("QueueUrls", [])
        assert {url.rpartition("/")[2] for url in queues} == names("queue", "-dlq")
        topics = self.account.client("sns").list_topics()["Topics"]
        assert {one["TopicArn"].rpartition(":")[2] for one in topics} == names("topic")
        assert set(self.account.client("dynamodb").list_tables()["TableNames"]) == names("table")

    def leaks(self) -> list[str]:
        """Where a password that was ever made up, or that of the server's administrator, stands and should not."""
        made = self.drawn.read_text("utf-8").split()
        assert len(made) > STAY
        ours, all_ = self.drawn.with_name("made.txt"), self.drawn.with_name("made-and-given.txt")
        ours.write_text("\n".join(made), "utf-8")
        all_.write_text("\n".join([*made, PASSWORD]), "utf-8")
        found = _found(all_, "-r", "--exclude-dir=keys", "--exclude-dir=secrets", str(self.folder))
        # The administrator's own password was written there when the tests made the server.
        found += _found(ours, str(self.cluster.log))
        with subprocess.Popen(
            ["git", "cat-file", "--batch-all-objects", "--batch"], cwd=self.company.root, stdout=subprocess.PIPE
        ) as objects:
            inside = _found(all_, "--label=git", inside=objects.stdout)
        # Who has found something reads no further, and git is cut off.
        assert objects.returncode == 0 or inside
        return [*found, *inside]


def _found(patterns: Path, *where: str, inside: IO[bytes] | None = None) -> list[str]:
    """The files that hold one of the lines of a file."""
    command = ["grep", "-aFlf", str(patterns), *where]
    said = subprocess.run(command, stdin=inside, capture_output=True, text=True, check=False)
    assert said.returncode in (0, 1), said.stderr
    return said.stdout.splitlines()


def _calling(provider: Provider, mine: Armed) -> Provider:
    """The provider, each of whose calls to its server is a boundary."""
    if isinstance(provider, PostgreSQL):
        return frail_by(provider, mine)
    if isinstance(provider, Aws):
        for moment in ("before-call", "after-call"):
            provider.session.boto.events.register(moment, mine.called)
    return provider


class Deaths:
    """How runs of a world die: at a boundary of an effect or a write, at a call to a server, or at any moment. A first
    run of each kind tells how many there are of them, and how long it takes."""

    def __init__(self, world: ThreeWorld) -> None:
        self.world = world
        world.change()
        self.edges = self._count(calls=False)
        world.is_right()
        world.change()
        begun = time.monotonic()
        self.calls = self._count(calls=True)
        self.seconds = time.monotonic() - begun
        world.is_right()

    def _count(self, *, calls: bool) -> int:
        mine = Armed(_FAR)
        self.world.run(self.world.deps(mine, calls=calls))
        return _FAR - mine.left

    def of(self, times: int) -> list[Callable[[], int]]:
        """So many of them: seven of ten at a boundary, each of them where there are enough, the rest by halves at a
        call and at any moment; in no order."""
        rng, world = self.world.rng, self.world
        edges = min(self.edges, times * 7 // 10)
        calls = (times - edges) // 2
        first = rng.randint(1, max(1, self.edges // edges))
        ways: list[Callable[[], int]] = [
            partial(world.killed, first + number * self.edges // edges, calls=False) for number in range(edges)
        ]
        ways += [partial(world.killed, rng.randint(1, self.calls), calls=True) for _ in range(calls)]
        ways += [partial(world.killed_after, rng.uniform(0.1, self.seconds)) for _ in range(times - edges - calls)]
        rng.shuffle(ways)
        return ways


def crash_three(world: ThreeWorld, times: int) -> str:
    """Kill so many runs; after each, one more run makes everything right, and no secret is anywhere. What was done, in
    words."""
    deaths = Deaths(world)
    died = 0
    for number, death in enumerate(deaths.of(times)):
        world.change()
        code = death()
        assert code in (0, -signal.SIGKILL), code
        died += code != 0
        world.run()
        world.is_right()
        if number % _LOOK_FOR_LEAKS == _LOOK_FOR_LEAKS - 1 or number == times - 1:
            assert (found := world.leaks()) == [], found
    # Some runs have fewer boundaries than the first.
    assert died >= times * 3 // 4
    return (
        f"{died} of {times} runs killed (a run has {deaths.edges} boundaries of effects and writes, {deaths.calls} of "
        "calls to servers), every next run made it right, no secret leaked"
    )
