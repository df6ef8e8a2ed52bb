"""A company of fifty requests whose wishes change at random, and processes that are killed while they reconcile it."""

from __future__ import annotations

import dataclasses
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tarmac.app.deps import Pace
from tarmac.app.ledger import verify
from tarmac.app.plan import Deps
from tarmac.app.reconcile import Reconciled
from tarmac.errors import LedgerConflict, ProviderError
from tarmac.model.frozen import replace
from tarmac.providers.base import Capabilities, Provider
from tests.reconcile.company import PLATFORM, Company
from tests.reconcile.test_reconcile import MinedLedger, Wrapped

ACTIONS = 50
NO_LIMITS = PLATFORM.replace("{share: 20%, count: 10}", "{share: 100%, count: 1000}").replace(
    "maxResourcesPerTeam: 100", "maxResourcesPerTeam: 1000"
)
_ALL = """\
apiVersion: tarmac/v1
kind: DeletionApproval
metadata: {name: all}
spec: {requests: ["requests/**"], reason: a test, expires: "2027-01-31"}
"""
_CONFIGS = ("size: small", "size: large", "encrypted: false", "size: large, encrypted: false")


@dataclass
class World:
    """The company, what it wants now (config by name), and chance."""

    company: Company
    rng: random.Random
    wanted: dict[str, str] = field(default_factory=dict)

    @classmethod
    def made(cls, folder: Path, seed: int) -> World:
        company = Company.found(folder)
        no_limits(company)
        return cls(company, random.Random(seed))  # noqa: S311

    def kind(self, name: str) -> str:
        """The resource type of a request, by its name."""
        return "postgres"

    def configs(self, name: str) -> Sequence[str]:
        """What a request may ask for: the last of them makes it anew."""
        return _CONFIGS

    def change(self) -> None:
        """Of every request something else is wanted: made, changed, made anew, or gone. The last one always stays."""
        for number in range(ACTIONS):
            name = f"r{number:02}"
            others: list[str | None] = [one for one in self.configs(name) if one != self.wanted.get(name)]
            if name in self.wanted and number < ACTIONS - 1:
                others.append(None)
            self.ask(name, self.rng.choice(others))
        self.company.commit()

    def ask(self, name: str, config: str | None) -> None:
        """Want the request so, or (None) no more; it counts from the next commit."""
        if config is None:
            self.wanted.pop(name, None)
            (self.company.root / self.company.path(name)).unlink(missing_ok=True)
        else:
            self.wanted[name] = config
            self.company.ask(name, self.kind(name), config=config)

    def deps(self, *, clone: Path | None = None) -> Deps:
        """As the company has them; in a clone of its repository, whose ledger is the company's."""
        return self.company.deps() if clone is None else dataclasses.replace(self.company, root=clone).deps("origin")

    def flaky(self) -> Deps:
        """Those whose providers fail at random, and that try what failed for now once more."""
        usual = self.deps()
        opened = lambda name, platform: Flaky(usual.providers(name, platform), self.rng)  # noqa: E731
        return replace(usual, providers=opened, pace=Pace(tries=2))

    def run(self, deps: Deps | None = None) -> Reconciled:
        """One run."""
        return self.company.reconcile(deps=deps or self.deps())

    def is_right(self) -> None:
        """Every wish has exactly one instance, as it is wanted; the ledger is whole and nobody has its lease."""
        found = {}
        for there in self.company.deps().providers("embedded", "platform-one").list_instances():
            assert there.tags is not None, there.fault
            name = there.tags.reference.rpartition("/")[2]
            assert name not in found, f"{name} is there twice"
            found[name] = {"size": "small", "encrypted": True} | {
                key: value == "true" if value in ("true", "false") else value
                for key, value in (part.split(": ") for part in self.wanted.get(name, "").split(", ") if part)
            }
            assert there.config == found[name], name
        assert found.keys() == self.wanted.keys()
        ledger = self.company.deps().ledger
        assert verify(ledger)[1] == ()
        assert ledger.lease(ledger.head()) is None


def no_limits(company: Company) -> None:
    """Let any number go in one run; what comes beside what goes is no rename then."""
    company.write("policies/platform.yaml", NO_LIMITS)
    company.write("policies/approval.yaml", _ALL)


class Wide(Wrapped):
    """A provider in whose runs something happens before and after each effect, asked by as many threads as it bears."""

    def __init__(self, inside: Provider, tick: Callable[..., None]) -> None:
        super().__init__(inside, tick, tick)

    @property
    def capabilities(self) -> Capabilities:
        return replace(self.inside.capabilities, local_time=True)

    def rotate(self, uid: str, now: datetime) -> str:
        self.before("rotate", uid)
        said = super().rotate(uid, now)
        self.after("rotate", uid)
        return said


class Mine:
    """Kills its process at the n-th boundary around an effect or a write."""

    def __init__(self, at: int) -> None:
        self.left, self.lock = at, threading.Lock()

    def tick(self, *_: object) -> None:
        with self.lock:
            self.left -= 1
            if self.left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)


def forked(work: Callable[[], object]) -> int:
    """Start a process that does the work and ends with 0, or 4 where another run was first; its id."""
    child = os.fork()
    if child:
        return child
    code = 3
    try:
        work()
        code = 0
    except LedgerConflict:
        code = 4
    finally:
        os._exit(code)
    raise AssertionError("a process that has ended")


def ended(child: int) -> int:
    """Its exit code; the negative number of the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def killed_at_a_boundary(world: World, at: int) -> int:
    """A run that dies at the boundary; its end. 0: it had fewer."""
    mine = Mine(at)
    usual = world.company.deps()
    deps = replace(
        usual,
        ledger=MinedLedger(usual, mine),
        providers=lambda name, platform: Wide(usual.providers(name, platform), mine.tick),
    )
    return ended(forked(lambda: world.company.reconcile(deps=deps)))


def killed_after(world: World, seconds: float) -> int:
    """A run that dies wherever it is by then."""
    child = forked(world.company.reconcile)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    return ended(child)


def two_at_once(world: World, first: Callable[[], Deps], second: Callable[[], Deps]) -> tuple[int, int]:
    """Two runs begun at the same moment; their ends."""
    children = [forked(lambda make=make: world.run(make())) for make in (first, second)]  # type: ignore[misc]
    one, other = (ended(child) for child in children)
    return one, other


class Flaky(Wide):
    """Of its effects a tenth fails for now (half of those after they happened, as a timeout does), a fiftieth for
    good."""

    def __init__(self, inside: Provider, rng: random.Random) -> None:
        super().__init__(inside, lambda *_: None)
        self.rng, self.before, self.after = rng, self._may_fail, self._may_time_out

    def _may_fail(self, verb: str, what: str) -> None:
        drawn = self.rng.random()
        if drawn < 0.02:
            raise ProviderError("never", transient=False)
        if drawn < 0.07:
            raise ProviderError("busy", transient=True)

    def _may_time_out(self, verb: str, what: str) -> None:
        if self.rng.random() < 0.05:
            raise ProviderError("no answer in time", transient=True)
