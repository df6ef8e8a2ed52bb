"""Catalogs from texts, as the real reader and gate would make them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tarmac.app import wire
from tarmac.app.load import load
from tarmac.catalog.index import Catalog
from tarmac.model.trees import TreeEntry
from tarmac.model.values import parse_instant

NOW = parse_instant("2026-12-01T06:00:00Z")
READING = wire.reading()


@dataclass(frozen=True, slots=True)
class Memory:
    """A tree of files in memory."""

    texts: Mapping[str, str]

    @property
    def revision(self) -> str:
        return "memory"

    def entries(self) -> tuple[TreeEntry, ...]:
        return tuple(TreeEntry(path, "100644", "") for path in sorted(self.texts))

    def read(self, entries: Iterable[TreeEntry], limit: int) -> Iterator[tuple[TreeEntry, bytes | str]]:
        for entry in entries:
            yield entry, self.texts[entry.path].encode()


def catalog_of(texts: Mapping[str, str]) -> Catalog:
    """The catalog of these files."""
    return load(Memory(texts), READING).catalog


def component(name: str, spec: str = "", owner: str = "one") -> str:
    """A service; `spec` is more lines of YAML flow content, such as `dependsOn: [component:a]`."""
    more = f", {spec}" if spec else ""
    return (
        f"apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}}}\n"
        f"spec: {{type: service, lifecycle: production, owner: {owner}{more}}}\n"
    )


def api(name: str, owner: str = "one") -> str:
    return (
        f"apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {{name: {name}}}\n"
        f"spec: {{type: openapi, lifecycle: production, owner: {owner}, definition: text}}\n"
    )


def group(name: str, members: str = "", roles: str = "") -> str:
    people = f", members: [{members}]" if members else ""
    tarmac = f", tarmac: {{roles: {{{roles}}}}}" if roles else ""
    return (
        f"apiVersion: backstage.io/v1alpha1\nkind: Group\n"
        f"metadata: {{name: {name}, annotations: {{github.com/team-slug: acme/{name}}}}}\n"
        f"spec: {{type: team, children: []{people}{tarmac}}}\n"
    )


def user(name: str, login: str | None = None, groups: str = "") -> str:
    annotation = f", annotations: {{github.com/user-login: {login}}}" if login else ""
    return (
        f"apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata: {{name: {name}{annotation}}}\n"
        f"spec: {{profile: {{email: {name}@acme.example}}, memberOf: [{groups}]}}\n"
    )


PLATFORM = """\
apiVersion: tarmac/v1
kind: Platform
metadata: {name: acme-platform, uid: 7c1f6e0a-94d2-4b5f-a3c8-5b6d0e2f9147}
spec:
  organization: Acme Works
  owner: group:default/platform
  environments: [development, staging, production]
  regions: [eu-1]
  costCenters: [CC-1]
  currency: EUR
  defaultTtl: 7d
  maxResourcesPerTeam: 25
  forge: github
  blastRadius: {critical: 10, high: 5}
  deletionLimits: {share: 20%, count: 10}
"""

DISK = """\
apiVersion: tarmac/v1
kind: ResourceType
metadata: {name: disk, title: Disk}
spec:
  owner: group:default/platform
  category: storage
  provider: embedded
  versions:
    - name: 1.0.0
      status: active
      schema:
        type: object
        additionalProperties: false
        properties:
          size: {enum: [small, large], default: small}
          gb: {type: integer, minimum: 0, default: 10}
          metered: {type: boolean, default: false}
      immutable: []
  environments: {development: {ttl: {default: 7d, max: 30d}}, staging: {ttl: {default: 7d, max: 30d}}, production: {}}
  pricing:
    - {item: machine, sku: "disk.{config.size}", quantity: hours}
    - {item: storage, sku: disk.gb, quantity: config.gb}
    - {item: calls, sku: disk.calls, quantity: "config.metered ? usage.calls : 0"}
"""

RATES = """\
apiVersion: tarmac/v1
kind: RateCard
metadata: {name: rates}
spec:
  currency: EUR
  source: {document: contract, checked: "2026-01-14"}
  rates:
    - {sku: disk.small, unit: hour, prices: [{from: "2026-01-01", price: "0.10"}, {from: "2026-12-01", price: "0.20"}]}
    - {sku: disk.large, unit: hour, prices: [{from: "2026-01-01", price: "1"}]}
    - {sku: disk.gb, unit: gb-month, prices: [{from: "2026-01-01", price: "0.003333333333"}]}
    - {sku: disk.calls, unit: call, prices: [{from: "2026-01-01", price: "0.000001"}]}
"""


def request(name: str, config: str = "", owner: str = "one", environment: str = "staging", more: str = "") -> str:
    """A request for a disk; `more` is further lines of spec."""
    return (
        f"apiVersion: tarmac/v1\nkind: ResourceRequest\nmetadata: {{name: {name}}}\nspec:\n"
        f"  type: disk@1.0.0\n  owner: group:default/{owner}\n  for: component:default/shop\n"
        f"  environment: {environment}\n  config: {{{config}}}\n  reason: it is needed\n{more}"
    )


def budget(team: str = "one", limit: str = "1000.00", extra: str = "") -> str:
    """A monthly budget that asks finops at 100% and blocks at 110% of what is projected."""
    return f"""\
apiVersion: tarmac/v1
kind: Budget
metadata: {{name: {team}-2026}}
spec:
  team: group:default/{team}
  currency: EUR
  period: month
  amounts: [{{from: "2026-01-01", limit: "{limit}"}}]
  thresholds:
    - {{at: 50%, of: actual, do: notify, to: [owner]}}
    - {{at: 100%, of: projected, do: require-approval, from: [group:default/finops]}}
    - {{at: 110%, of: projected, do: block}}
{extra}"""


def company(**more: str) -> dict[str, str]:
    """A small company: teams one, finops and platform, a service, a resource type, rates; `more` by name of file."""
    files = {
        "policies/platform.yaml": PLATFORM,
        "policies/rates.yaml": RATES,
        "catalog/types/disk.yaml": DISK,
        "catalog/shop/catalog-info.yaml": component("shop"),
        "teams/one/team.yaml": group("one", "ana, ben", "lead: [user:default/ana]"),
        "teams/one/members.yaml": user("ana", "Ana-1") + "---\n" + user("ben", "ben-1"),
        "teams/one/budget.yaml": budget(),
        "teams/finops/team.yaml": group("finops", "fay"),
        "teams/finops/members.yaml": user("fay", "fay-1"),
        "teams/platform/team.yaml": group("platform", "pat"),
        "teams/platform/members.yaml": user("pat", "pat-1"),
    }
    return files | more
