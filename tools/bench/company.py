"""The documents of a made-up company, one team at a time: what it is, what it runs, what it asks for and promises.

Every text is plain YAML as people write it, without a finding under the shipped policies. A component depends only on
components made before it, so a repository of any size has no cycle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bench.shipped import Shipped
from bench.words import FIRST, LAST, PLACES, SENTENCES, TASKS, number, pick

DOMAIN_OF = 8  # teams a domain
MEMBERS = 5
COMPONENTS = 10
APIS = 6  # the first components of a team provide one each
SETTLED = 8  # the components before this one are in production: only on these does anything depend

File = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Team:
    """Where a team stands: its number, its cost centre, and the versions of what it can ask for."""

    number: int
    cost_center: str
    versions: Mapping[str, str]

    @property
    def name(self) -> str:
        return f"{pick(PLACES, self.number)}-{self.number:05d}"

    @property
    def domain(self) -> str:
        return domain_name(self.number // DOMAIN_OF)

    @property
    def system(self) -> str:
        return f"{self.name}-system"

    @property
    def folder(self) -> str:
        return f"catalog/{self.domain}/{self.system}"

    def member(self, index: int) -> str:
        return f"{pick(FIRST, self.number + index)}-{pick(LAST, self.number * 7 + index)}-{self.number}-{index}".lower()


def domain_name(index: int) -> str:
    """The name of a domain."""
    return f"{pick(PLACES, index * 3)}-domain-{index:04d}"


def component_name(team: int, index: int) -> str:
    """The name of a team's component."""
    return f"{pick(TASKS, team * COMPONENTS + index)}-{team:05d}-{index}"


def team_files(number: int, source: Shipped) -> Iterator[File]:
    """Every document of one team, the domain's among those of its first team."""
    team = Team(number, source.cost_centers[number % len(source.cost_centers)], source.versions)
    yield from _household(team)
    for index in range(COMPONENTS):
        name = component_name(number, index)
        yield f"{team.folder}/{name}/catalog-info.yaml", _component(team, index)
        if index < APIS:
            yield f"{team.folder}/{name}/api.yaml", _api(team, index)
            yield f"{team.folder}/{name}/slo.yaml", _slo(team, index)
        if index == 0:
            yield f"{team.folder}/{name}/sla.yaml", _sla(team)
    yield from _asked_for(team, len(_ASKED), APIS)
    for index in range(4):
        yield f"{team.folder}/resources/{team.name}-feed-{index}.yaml", resource(team.name, index, team.system)


def asking_team(number: int, requests: int, source: Shipped) -> Iterator[File]:
    """A team that asks for much: its people, one component, and so many requests."""
    team = Team(number, source.cost_centers[number % len(source.cost_centers)], source.versions)
    yield from _household(team)
    name = component_name(number, 0)
    made = {"catalog-info": _component(team, 0), "api": _api(team, 0), "slo": _slo(team, 0), "sla": _sla(team)}
    for file, text in made.items():
        yield f"{team.folder}/{name}/{file}.yaml", text
    yield from _asked_for(team, requests, 1)


def _household(team: Team) -> Iterator[File]:
    """People, budget and system, the domain's document among those of its first team."""
    if team.number % DOMAIN_OF == 0:
        yield f"catalog/{team.domain}/domain.yaml", _domain(team)
    yield from people(team.name, team.cost_center, [team.member(index) for index in range(MEMBERS)])
    yield f"teams/{team.name}/budget.yaml", _budget(team)
    yield f"{team.folder}/system.yaml", _system(team)


def _asked_for(team: Team, requests: int, components: int) -> Iterator[File]:
    for index in range(requests):
        environment, kind = _ASKED[index % len(_ASKED)]
        name = f"{component_name(team.number, index % components)}-{kind}-{index}"
        yield (
            f"requests/{team.name}/{environment}/{name}.yaml",
            _request(team, index, index % components, name, environment, kind),
        )


def people(team: str, cost_center: str, members: list[str]) -> Iterator[File]:
    """A group and its members, two of them on call."""
    yield (
        f"teams/{team}/team.yaml",
        _GROUP.format(
            team=team,
            title=team.replace("-", " ").capitalize(),
            cost_center=cost_center,
            sentence=pick(SENTENCES, len(team) + len(members)),
            lead=members[0],
            one=members[1 % len(members)],
            two=members[2 % len(members)],
        ),
    )
    for member in members:
        first, last = member.split("-")[:2]
        yield (
            f"teams/{team}/members/{member}.yaml",
            _USER.format(member=member, first=first.capitalize(), last=last.capitalize(), team=team),
        )


def resource(owner: str, index: int, system: str | None = None) -> str:
    """Something that a team uses and nobody asked Tarmac for."""
    return _RESOURCE.format(
        name=f"{owner}-feed-{index}",
        sentence=pick(SENTENCES, index),
        owner=owner,
        system="" if system is None else f"  system: {system}\n",
        index=index,
    )


def _domain(team: Team) -> str:
    return _DOMAIN.format(name=team.domain, sentence=pick(SENTENCES, team.number), team=team.name)


def _system(team: Team) -> str:
    return _SYSTEM.format(
        name=team.system, sentence=pick(SENTENCES, team.number + 1), team=team.name, domain=team.domain
    )


def _budget(team: Team) -> str:
    return _BUDGET.format(team=team.name, limit=2000 + 100 * number(60, team.number))


def _component(team: Team, index: int) -> str:
    name = component_name(team.number, index)
    lifecycle = {SETTLED: "deprecated", SETTLED + 1: "experimental"}.get(index, "production")
    apis = ""
    if index < APIS:
        apis += f"  providesApis:\n    - {name}-api\n"
    needed = [item for item in _earlier(team, index) if item != name]
    consumed = [item for item in needed if int(item.rsplit("-", 1)[1]) < APIS][:2]
    if consumed:
        apis += "  consumesApis:\n" + "".join(f"    - {item}-api\n" for item in consumed)
    if needed:
        apis += "  dependsOn:\n" + "".join(f"    - component:default/{item}\n" for item in needed)
    return _COMPONENT.format(
        name=name,
        title=name.replace("-", " ").capitalize(),
        sentence=pick(SENTENCES, team.number + index),
        sunset='    tarmac/sunset: "2028-03-31"\n' if lifecycle == "deprecated" else "",
        language=pick(("java", "python", "go", "typescript"), team.number + index),
        type="service" if index < APIS else pick(("worker", "website", "library"), index),
        lifecycle=lifecycle,
        team=team.name,
        system=team.system,
        apis=apis,
        tier="critical" if index == 0 else "experimental" if lifecycle == "experimental" else "standard",
    )


def _earlier(team: Team, index: int) -> list[str]:
    """Up to three components in production that stand before this one; a critical one needs critical ones only."""
    seed = team.number * COMPONENTS + index
    found = []
    if team.number > 0:
        found.append(component_name(number(team.number, seed), 0))
    if index > 0:
        found.append(component_name(team.number, number(min(index, SETTLED), seed)))
        if team.number > 0:
            found.append(component_name(number(team.number, seed * 5), 1 + number(SETTLED - 1, seed)))
    return list(dict.fromkeys(found))


def _api(team: Team, index: int) -> str:
    name = component_name(team.number, index)
    return _API.format(
        name=f"{name}-api",
        task=pick(TASKS, team.number * COMPONENTS + index),
        sentence=pick(SENTENCES, index * 3 + team.number),
        team=team.name,
        system=team.system,
        minor=number(9, team.number + index),
    )


def _slo(team: Team, index: int) -> str:
    name = component_name(team.number, index)
    target = pick(("0.99", "0.995", "0.999"), team.number + index)
    return _SLO.format(name=name, target=target, sentence=pick(SENTENCES, index))


def _sla(team: Team) -> str:
    return _SLA.format(name=component_name(team.number, 0), team=team.name)


def _request(team: Team, index: int, component: int, name: str, environment: str, kind: str) -> str:
    life = "" if environment == "production" else "  ttl: 7d\n"
    return _REQUEST.format(
        name=name,
        type=f"{kind}@{team.versions[kind]}",
        team=team.name,
        component=component_name(team.number, component),
        environment=environment,
        config=_CONFIG[kind](team.number + index),
        life=life,
        sentence=pick(SENTENCES, index + 2),
    )


_ASKED = (
    ("production", "postgres"), ("production", "bucket"), ("production", "message-queue"),
    ("production", "redis-cache"), ("staging", "postgres"), ("staging", "redis-cache"),
    ("development", "postgres"), ("development", "bucket"),
)  # fmt: skip
_SIZES = ("small", "medium", "large")
_CONFIG: Mapping[str, Callable[[int], str]] = {
    "postgres": lambda seed: (
        f"    size: {pick(_SIZES, seed)}\n    storageGb: {20 + 10 * number(40, seed)}\n    encrypted: true\n"
        "    backupRetentionDays: 14\n    extensions:\n      - citext\n      - pgcrypto\n"
    ),
    "bucket": lambda seed: (
        f"    storageClass: {pick(('standard', 'infrequent', 'archive'), seed)}\n"
        f"    expectedGb: {10 + number(900, seed)}\n    versioning: true\n    encrypted: true\n    public: false\n"
    ),
    "message-queue": lambda seed: (
        f"    delivery: {pick(('standard', 'fifo'), seed)}\n    retentionDays: {1 + number(14, seed)}\n"
        f"    maxReceives: 5\n    throughputUnits: {1 + number(8, seed)}\n"
    ),
    "redis-cache": lambda seed: (
        f"    size: {pick(_SIZES, seed)}\n    replicas: {1 + number(4, seed)}\n    evictionPolicy: allkeys-lru\n"
    ),
}

_GROUP = """\
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata:
  name: {team}
  title: {title}
  description: >-
    {sentence}.
    Sits next to the window and answers within the hour.
  labels:
    cost-center: {cost_center}
  annotations:
    tarmac/slack-channel: "#team-{team}"
    github.com/team-slug: example/{team}
  links:
    - url: https://docs.example.com/teams/{team}
      title: Handbook
    - url: https://oncall.example.com/{team}
      title: On-call rota
spec:
  type: team
  profile:
    displayName: {title}
    email: {team}@example.com
  children: []
  tarmac:
    roles:
      lead:
        - user:default/{lead}
      on-call:
        - user:default/{one}
        - user:default/{two}
"""

_USER = """\
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata:
  name: {member}
  title: {first} {last}
  description: >-
    Engineer in {team}, with a bicycle and a fondness for small changes.
    Reads every review twice, and answers the second time.
  labels:
    office: north
    floor: second
  annotations:
    github.com/user-login: ex-{member}
    example.com/joined: "2024-02-01"
  tags:
    - engineer
    - on-call
  links:
    - url: https://people.example.com/{member}
      title: Profile
    - url: https://calendar.example.com/{member}
      title: Calendar
spec:
  profile:
    displayName: {first} {last}
    email: {member}@example.com
    picture: https://people.example.com/{member}.png
  memberOf:
    - {team}
"""

_DOMAIN = """\
---
apiVersion: backstage.io/v1alpha1
kind: Domain
metadata:
  name: {name}
  title: {name}
  description: >-
    {sentence}.
    What belongs here is decided every spring.
  tags:
    - business
  links:
    - url: https://docs.example.com/domains/{name}
      title: Map
      type: documentation
spec:
  owner: group:default/{team}
  type: product-area
"""

_SYSTEM = """\
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata:
  name: {name}
  title: {name}
  description: >-
    {sentence}.
    Its parts are released together, and looked after by one team.
  labels:
    portfolio: operations
    region: north
  annotations:
    example.com/reviewed: "2026-05-04"
    example.com/next-review: "2027-05-04"
  tags:
    - core
    - reviewed
  links:
    - url: https://docs.example.com/systems/{name}
      title: Overview
      type: documentation
    - url: https://grafana.example.com/d/{name}
      title: All of it on one page
      type: dashboard
spec:
  owner: group:default/{team}
  domain: {domain}
  type: product
"""

_BUDGET = """\
---
apiVersion: tarmac/v1
kind: Budget
metadata:
  name: {team}-2026
spec:
  team: group:default/{team}
  currency: EUR
  period: month
  basis: effective
  amounts:
    - from: "2026-01-01"
      limit: "{limit}.00"
    - from: "2026-07-01"
      limit: "{limit}.00"
  thresholds:
    - at: 50%
      of: actual
      do: notify
      to:
        - owner
    - at: 90%
      of: forecast
      do: notify
      to:
        - lead
    - at: 100%
      of: projected
      do: require-approval
      from:
        - group:default/finops
    - at: 110%
      of: projected
      do: block
  quota:
    requests: 25
"""

_COMPONENT = """\
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: {name}
  title: {title}
  description: >-
    {sentence}.
    Written in {language}, released on Tuesdays.
  labels:
    language: {language}
  annotations:
    github.com/project-slug: example/{name}
    example.com/reviewed: "2026-08-17"
    example.com/data-class: internal
{sunset}  tags:
    - {language}
    - reviewed
  links:
    - url: https://runbooks.example.com/{name}
      title: Runbook
      type: runbook
    - url: https://grafana.example.com/d/{name}
      title: Dashboard
      type: dashboard
spec:
  type: {type}
  lifecycle: {lifecycle}
  owner: group:default/{team}
  system: {system}
{apis}  tarmac:
    tier: {tier}
"""

_API = """\
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata:
  name: {name}
  title: {name}
  description: >-
    {sentence}.
  annotations:
    example.com/reviewed: "2026-03-02"
  tags:
    - rest
    - reviewed
  links:
    - url: https://docs.example.com/apis/{name}
      title: How to begin
      type: documentation
spec:
  type: openapi
  lifecycle: production
  owner: group:default/{team}
  system: {system}
  definition: |
    openapi: 3.1.0
    info:
      title: {name}
      version: 1.{minor}.0
    paths:
      /{task}:
        get:
          operationId: list
          summary: The newest first, a page at a time
          responses:
            "200":
              description: A page
      /{task}/{{id}}:
        get:
          operationId: get
          summary: One of them
          responses:
            "200":
              description: It
            "404":
              description: There is none
  tarmac:
    version: 1.{minor}.0
    status: active
"""

_SLO = """\
---
apiVersion: openslo/v1
kind: SLO
metadata:
  name: {name}-availability
  displayName: Requests that succeed
  annotations:
    example.com/reviewed: "2026-09-14"
spec:
  description: >-
    {sentence}.
    A request that was refused for a good reason counts as answered.
  service: {name}
  indicator:
    metadata:
      name: {name}-availability-ratio
    spec:
      ratioMetric:
        counter: true
        good:
          metricSource:
            type: Prometheus
            spec:
              query: http_requests_total{{service="{name}",code!~"5.."}}
        total:
          metricSource:
            type: Prometheus
            spec:
              query: http_requests_total{{service="{name}"}}
  timeWindow:
    - duration: 28d
      isRolling: true
  budgetingMethod: Occurrences
  objectives:
    - displayName: answered without a fault of ours
      target: {target}
"""

_SLA = """\
---
apiVersion: tarmac/v1
kind: SLA
metadata:
  name: {name}-gold
spec:
  service: component:default/{name}
  customer: group:default/{team}
  window:
    calendar: month
    timeZone: Europe/Berlin
  commitments:
    - slo: {name}-availability
      target: "99.0"
      credits:
        - below: "99.0"
          percent: 10
        - below: "98.0"
          percent: 25
  consequence:
    text: The team stops feature work and reviews the incident
    budgetBelow:
      - remaining: 25%
        action: warn
      - remaining: 0%
        action: block
        changes:
          - feature
        allow:
          - security
          - rollback
    noData: needs-approval
"""

_REQUEST = """\
---
apiVersion: tarmac/v1
kind: ResourceRequest
metadata:
  name: {name}
  labels:
    data-class: internal
    purpose: daily-work
  annotations:
    example.com/asked-by: {team}
    example.com/component: {component}
    example.com/reviewed: "2026-06-11"
spec:
  type: {type}
  owner: group:default/{team}
  for: component:default/{component}
  environment: {environment}
  config:
{config}{life}  reason: >-
    {sentence}.
    The one that it replaces was shared, and nobody could say by whom.
    What is kept in it can be made again within a day.
"""

_RESOURCE = """\
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata:
  name: {name}
  title: Feed {index} of {owner}
  description: >-
    {sentence}.
    It comes from a partner, and nobody here can restart it.
    When it stops, wait for a quarter of an hour, then ring them.
  labels:
    partner: yes-of-course
    region: north
  annotations:
    example.com/contract: "C-{index:06d}"
    example.com/contact: feeds@example.com
    example.com/reviewed: "2026-04-20"
  tags:
    - partner
    - files
  links:
    - url: https://partners.example.com/{name}
      title: Contract
      type: contract
    - url: https://runbooks.example.com/{name}
      title: What to do when it stops
      type: runbook
spec:
  type: external-feed
  owner: group:default/{owner}
{system}"""
