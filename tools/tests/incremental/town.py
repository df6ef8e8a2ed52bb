"""A small repository, and edits of it at random: what people do to it, and what nobody should."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random

from tests.trees import DISK, PLATFORM, RATES, budget

KINDS = ("component", "api", "system", "domain", "resource", "group", "user", "request")
REQUIRES = (
    "object.metadata.name.matches('^[a-z].*$')",
    "owner.kind == 'group' && owner.email != ''",
    "size(owner) > 0",
    "owner.requests <= 1",
    "has(owner.quota) && owner.requests <= owner.quota",
    "owner.members.size() > 1",
    "targets(ref, 'dependsOn').all(it, exists(it))",
    "targets(ref, 'system').exists(it, entity(it).spec.?owner.orValue('') == object.spec.owner)",
    "referring(ref, 'Component').size() < 2",
    "dependents(ref).size() < 3",
    "needs(ref).size() < 2",
    "together(ref).size() == 1",
    "version(ref).?status.orValue('active') == 'active'",
    "object.spec.config.gb <= 20",
    "!past('2026-12-15')",
    "!has(git.changed) || !past(string(timestamp(git.changed) + days(9)))",
    "now - timestamp(git.changed) < days(5)",
    "now < timestamp('2026-12-10T00:00:00Z')",
    "old == object",
    "'eu-1' in platform.regions",
    "object.spec.nothing == 1",
    "1 +",
)
TAGS = """\
apiVersion: tarmac/v1
kind: TagPolicy
metadata: {name: tags}
spec:
  tags:
    - {key: team, required: true, ref: teams}
    - {key: cost-center, required: true, match: "CC-[0-9]"}
    - {key: data-class, required: true, values: [public, internal]}
"""


class Town:
    """The files as they are; every edit changes a few of them."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.now = datetime.fromisoformat("2026-12-01T06:00:00+00:00")
        self.files: dict[str, bytes] = {}
        for path, text in {
            "policies/platform.yaml": PLATFORM,
            "policies/rates.yaml": RATES,
            "policies/tags.yaml": TAGS,
            "catalog/types/disk.yaml": DISK,
            "README.md": "A town.\n",
        }.items():
            self.write(path, text)
        for number in range(8):
            for kind in KINDS:
                if number < 4 or kind in ("component", "request"):
                    self.write(f"catalog/{kind}-{number}.yaml", self.document(kind, f"{kind}-{number}"))
        self.write("policies/p-0.yaml", self.policy("p-0"))

    def write(self, path: str, text: str) -> None:
        """Put a file there."""
        self.files[path] = text.encode()

    def edit(self) -> str:
        """Do something, and say what."""
        name, deed = self.random.choice(_EDITS)
        for _ in range(self.random.choice((1, 1, 1, 2, 5))):
            deed(self)
        return name

    def a(self, kind: str) -> str:
        """The name of something of the kind that may be there."""
        return f"{kind}-{self.random.randrange(9 if kind in ('component', 'request') else 5)}"

    def ages(self, before: Mapping[str, datetime]) -> Mapping[str, datetime]:
        """When the files were changed, where they were changed `before`: some are looked at, some nobody knows of."""
        found = dict(before)
        for path in self.random.sample(sorted(self.files), 5):
            found[path] = self.now - timedelta(hours=self.random.randrange(400))
        for path in self.random.sample(sorted(found), 2):
            del found[path]
        return found

    def path(self, suffix: str = ".yaml") -> str:
        """A file that is there."""
        return self.random.choice([path for path in sorted(self.files) if path.endswith(suffix)])

    def document(self, kind: str, name: str) -> str:
        """A document of the kind, at random."""
        if self.random.random() < 0.05:
            name = name.upper()
        maker: Callable[[Town, str], str] = _MAKERS[kind]
        return maker(self, name)

    def policy(self, name: str) -> str:
        """A policy, at random."""
        kinds = self.random.choice(("Component", "Group", "ResourceRequest", "Component, API", ""))
        match = f"  match: {{kinds: [{kinds}]}}\n" if kinds else ""
        when = self.random.choice(("", "", f'  when: "{self.random.choice(REQUIRES)}"\n'))
        mode = self.random.choice(("", "  mode: observe\n"))
        return (
            f"apiVersion: tarmac/v1\nkind: Policy\nmetadata: {{name: {name}}}\n"
            f'spec:\n  severity: warning\n{match}{mode}{when}  require: "{self.random.choice(REQUIRES)}"\n'
            f"  message: \"{{object.metadata.name}} of {{owner.?name.orValue('nobody')}} is not right\"\n"
        )


def _backstage(kind: str, name: str, spec: str, annotations: str = "", labels: str = "") -> str:
    return (
        f"apiVersion: backstage.io/v1alpha1\nkind: {kind}\n"
        f"metadata: {{name: {name}, annotations: {{{annotations}}}, labels: {{{labels}}}}}\nspec: {{{spec}}}\n"
    )


def _component(town: Town, name: str) -> str:
    pick = town.random
    needs = ", ".join(
        pick.choice((f"component:{town.a('component')}", f"resource:{town.a('resource')}", town.a("component")))
        for _ in range(pick.choice((0, 1, 1, 2)))
    )
    more = f", dependsOn: [{needs}]"
    if pick.random() < 0.2:
        more += f", dependencyOf: [component:{town.a('component')}]"
    if pick.random() < 0.3:
        more += f", consumesApis: [{town.a('api')}], providesApis: [{town.a('api')}]"
    if pick.random() < 0.2:
        more += f", subcomponentOf: {town.a('component')}"
    if pick.random() < 0.2:
        more += f", tarmac: {{dependencies: [{{ref: 'component:{town.a('component')}', strength: soft}}]}}"
    if pick.random() < 0.5:
        more += f", system: {town.a('system')}"
    return _backstage("Component", name, f"type: service, lifecycle: production, owner: {town.a('group')}{more}")


def _api(town: Town, name: str) -> str:
    definition = town.random.choice(("text", "{$text: ./extra/open.yaml}", "{$text: ./extra/none.yaml}"))
    return _backstage(
        "API", name, f"type: openapi, lifecycle: production, owner: {town.a('group')}, definition: {definition}"
    )


def _system(town: Town, name: str) -> str:
    return _backstage("System", name, f"owner: {town.a('group')}, domain: {town.a('domain')}")


def _domain(town: Town, name: str) -> str:
    more = f", subdomainOf: {town.a('domain')}" if town.random.random() < 0.4 else ""
    return _backstage("Domain", name, f"owner: {town.a('group')}{more}")


def _resource(town: Town, name: str) -> str:
    return _backstage(
        "Resource", name, f"type: database, owner: {town.random.choice((town.a('group'), town.a('user')))}"
    )


def _group(town: Town, name: str) -> str:
    pick = town.random
    users = ", ".join(town.a("user") for _ in range(pick.randrange(3)))
    parent = f", parent: {town.a('group')}" if pick.random() < 0.4 else ""
    mail = f", profile: {{email: {name}@town.example}}" if pick.random() < 0.7 else ""
    roles = f", tarmac: {{roles: {{lead: ['user:default/{town.a('user')}']}}}}" if pick.random() < 0.5 else ""
    spec = f"type: team, children: []{parent}, members: [{users}]{mail}{roles}"
    return _backstage("Group", name, spec, labels=pick.choice(("", "cost-center: CC-1", "cost-center: none")))


def _user(town: Town, name: str) -> str:
    login = town.random.choice(("", f"github.com/user-login: {name}", "github.com/user-login: Same"))
    return _backstage("User", name, f"memberOf: [{town.a('group')}]", login)


def _request(town: Town, name: str) -> str:
    pick = town.random
    until = pick.choice(("  ttl: 7d\n", "  ttl: 60d\n", "", '  expires: "2026-12-20"\n', '  expires: "2027-02-01"\n'))
    return (
        f"apiVersion: tarmac/v1\nkind: ResourceRequest\n"
        f"metadata: {{name: {name}, labels: {{data-class: {pick.choice(('public', 'internal', 'odd'))}}}}}\nspec:\n"
        f"  type: {pick.choice(('disk@1.0.0', 'disk@1.0.0', 'disk@2.0.0', 'tape@1.0.0'))}\n"
        f"  owner: group:default/{town.a('group')}\n  for: component:default/{town.a('component')}\n"
        f"  environment: {pick.choice(('staging', 'staging', 'production', 'moon'))}\n"
        f"  config: {{gb: {pick.choice((1, 50, -1))}}}\n  reason: it is needed\n{until}"
    )


_MAKERS: dict[str, Callable[[Town, str], str]] = {
    "component": _component,
    "api": _api,
    "system": _system,
    "domain": _domain,
    "resource": _resource,
    "group": _group,
    "user": _user,
    "request": _request,
}


def _put(town: Town) -> None:
    kind = town.random.choice(KINDS)
    name = town.a(kind)
    town.write(f"catalog/{name}.yaml", town.document(kind, name))


def _together(town: Town) -> None:
    kinds = [town.random.choice(KINDS) for _ in range(3)]
    town.write("catalog/many.yaml", "---\n".join(town.document(kind, town.a(kind)) for kind in kinds))


def _remove(town: Town) -> None:
    del town.files[town.path()]


def _move(town: Town) -> None:
    path = town.path()
    town.files[town.random.choice((f"catalog/moved-{town.random.randrange(4)}.yaml", path + ".yaml"))] = town.files.pop(
        path
    )


def _damage(town: Town) -> None:
    path = town.path()
    town.files[path] += town.random.choice((b"\t- x\n", b"kind: Twice\n", b"spec: {type: 1}\n", b"\xff", b"odd: 1\n"))


def _comment(town: Town) -> None:
    path = town.path()
    town.files[path] = b"# moved down\n" + town.files[path]


def _named_file(town: Town) -> None:
    path = town.random.choice(("catalog/extra/open.yaml", "catalog/extra/none.yaml", "catalog/extra/nine.yaml"))
    if path in town.files and town.random.random() < 0.4:
        del town.files[path]
    else:
        text = town.random.choice(
            ("openapi: 3.1.0\n", town.document("component", "component-1"), "a: [\n", "x: {$text: ./none.yaml}\n")
        )
        town.write(path, text)


def _policy(town: Town) -> None:
    name = f"p-{town.random.randrange(4)}"
    town.write(f"policies/{name}.yaml", town.policy(name))


def _exempt(town: Town) -> None:
    number = town.random.randrange(4)
    rule = town.random.choice(("p-0", "p-1", "unknown-reference", "tag", "cycle", "nothing"))
    kind = town.random.choice(("component", "group"))
    whom = town.random.choice(
        (
            f"target: {kind}:default/{town.a(kind)}",
            f"select: {{kind: {kind.title()}, atMost: {town.random.randrange(1, 4)}}}",
        )
    )
    day = town.random.choice(("2026-11-30", "2026-12-05", "2027-01-31", "2027-12-31"))
    town.write(
        f"policies/exempt-{number}.yaml",
        f"apiVersion: tarmac/v1\nkind: Exemption\nmetadata: {{name: exempt-{number}}}\nspec:\n  rule: {rule}\n"
        f"  {whom}\n  owner: group:default/{town.a('group')}\n  approvers: [group:default/{town.a('group')}]\n"
        f'  reason: it cannot be helped now\n  expires: "{day}"\n',
    )


def _platform(town: Town) -> None:
    ignored = town.random.choice(("", "", "  ignore: ['catalog/extra/**']\n", "  ignore: ['catalog/many.yaml']\n"))
    regions = town.random.choice(("[eu-1]", "[eu-2]"))
    text = PLATFORM.replace("regions: [eu-1]", f"regions: {regions}") + ignored
    path = town.random.choice(("policies/platform.yaml",) * 4 + ("policies/other-platform.yaml",))
    town.write(
        path, text.replace("staging, production", town.random.choice(("staging, production", "production, moon")))
    )


def _prices(town: Town) -> None:
    town.write("catalog/types/disk.yaml", DISK.replace("max: 30d", f"max: {town.random.choice((5, 30, 90))}d"))
    town.write(f"policies/budget-{town.random.randrange(3)}.yaml", budget(town.a("group")))


def _time(town: Town) -> None:
    town.now += timedelta(hours=town.random.choice((1, 30, 200, -100)))


_EDITS: tuple[tuple[str, Callable[[Town], None]], ...] = (
    ("put", _put),
    ("put again", _put),
    ("put once more", _put),
    ("together", _together),
    ("remove", _remove),
    ("move", _move),
    ("damage", _damage),
    ("comment", _comment),
    ("a file that is named", _named_file),
    ("policy", _policy),
    ("exempt", _exempt),
    ("platform", _platform),
    ("prices", _prices),
    ("time", _time),
)
