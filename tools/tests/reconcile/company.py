"""A small company in a repository of its own, and tarmac's use cases over it, built as the command line builds them."""

from __future__ import annotations

import shutil
import subprocess
from atexit import register
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from tarmac.app import wire
from tarmac.app.deps import Pace
from tarmac.app.plan import Deps, Planned, make_plan
from tarmac.app.reconcile import Reconciled, reconcile
from tarmac.model.frozen import replace
from tarmac.model.plan import Outcome
from tests.planning.worlds import NOW, OURS

PLATFORM = f"""\
apiVersion: tarmac/v1
kind: Platform
metadata: {{name: small, uid: {OURS}}}
spec:
  organization: Small
  owner: group:default/platform
  environments: [development, staging, production]
  regions: [eu-north-1]
  costCenters: [CC-1]
  currency: EUR
  defaultTtl: 7d
  maxResourcesPerTeam: 100
  forge: none
  blastRadius: {{critical: 10, high: 5}}
  deletionLimits: {{share: 20%, count: 10}}
  ignore: []
"""
GROUP = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: platform, labels: {cost-center: CC-1}}
spec: {type: team, children: []}
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: {name: shop}
spec: {type: service, lifecycle: production, owner: platform}
"""
TYPE = """\
apiVersion: tarmac/v1
kind: ResourceType
metadata: {name: NAME, title: NAME}
spec:
  owner: group:default/platform
  category: CATEGORY
  provider: embedded
  versions:
    - name: 1.0.0
      status: active
      schema:
        type: object
        additionalProperties: false
        properties:
          size: {enum: [small, large], default: small}
          encrypted: {type: boolean, default: true}
      immutable: [encrypted]
  environments:
    development: {ttl: {default: 7d, max: 30d}}
    staging: {ttl: {default: 30d, max: 90d}}
    production: {}
  pricing: []
  target: {provisioning: 5m}
"""
REQUEST = """\
apiVersion: tarmac/v1
kind: ResourceRequest
metadata: {name: NAME}
spec:
  type: TYPE@1.0.0
  owner: group:default/platform
  for: component:default/shop
  environment: ENVIRONMENT
  config: {CONFIG}
  reason: a test
"""


@dataclass(frozen=True, slots=True)
class Company:
    """A git repository and the folder for its instances."""

    root: Path
    instances: Path

    @classmethod
    def found(cls, folder: Path) -> Company:
        """A new company with nothing asked for."""
        # A copy of one that is made once: git takes several times as long.
        company = cls(folder / "repository", folder / "instances")
        shutil.copytree(_first(), company.root)
        return company

    @classmethod
    def made(cls, folder: Path) -> Company:
        """The same, with a repository of its own making."""
        company = cls(folder / "repository", folder / "instances")
        company.root.mkdir()
        company.git("init", "-q", "-b", "main")
        company.write("policies/platform.yaml", PLATFORM)
        company.write("teams/platform/team.yaml", GROUP)
        for name, category in (("postgres", "database"), ("bucket", "storage"), ("queue", "queue")):
            text = TYPE.replace("NAME", name).replace("CATEGORY", category)
            company.write(f"catalog/resource-types/{name}.yaml", text)
        company.commit()
        return company

    def git(self, *arguments: str) -> str:
        done = subprocess.run(["git", *arguments], cwd=self.root, capture_output=True, check=True)
        return done.stdout.decode().strip()

    def write(self, path: str, text: str) -> None:
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text, "utf-8")

    def commit(self) -> None:
        self.git("add", "--all", ".")
        self.git("commit", "-q", "--allow-empty", "-m", "change")

    def ask(self, name: str, kind: str = "postgres", environment: str = "development", config: str = "") -> None:
        """Write a request; it counts from the next commit."""
        text = REQUEST.replace("NAME", name).replace("TYPE", kind)
        text = text.replace("ENVIRONMENT", environment).replace("CONFIG", config)
        self.write(self.path(name, environment), text)

    def path(self, name: str, environment: str = "development") -> str:
        return f"requests/platform/{environment}/{name}.yaml"

    def withdraw(self, name: str, environment: str = "development") -> None:
        (self.root / self.path(name, environment)).unlink()

    def deps(self, remote: str | None = None) -> Deps:
        """As the command line has them, but that no real time passes; with a remote the ledger is there."""
        return replace(wire.planning(self.root, self.instances, None, remote), pace=Pace(), clock=None)

    def plan(self, now: datetime = NOW) -> Planned:
        return make_plan(self.deps(), "HEAD", now)

    def reconcile(self, now: datetime = NOW, deps: Deps | None = None) -> Reconciled:
        def hear(_: Planned | Outcome) -> None:
            """Nobody listens."""

        return reconcile(
            deps or self.deps(),
            "HEAD",
            now,
            apply=True,
            made_up_time=True,
            stop=lambda: False,
            planned=hear,
            tell=hear,
        )

    def references(self) -> list[str]:
        """The names of the requests that instances are there for, sorted; one twice is twice."""
        found = self.plan().providers.values()
        return sorted(
            there.tags.reference.rpartition("/")[2]
            for provider in found
            for there in provider.list_instances()
            if there.tags is not None
        )


@cache
def _first() -> Path:
    folder = Path(mkdtemp(prefix="tarmac-company-"))
    register(shutil.rmtree, folder, ignore_errors=True)
    return Company.made(folder).root
