"""What a request asks for, read through the real catalog."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from tarmac.model.findings import Finding, Severity
from tarmac.model.frozen import replace
from tarmac.model.places import Place
from tarmac.model.plan import Desired, Drift, Manifest
from tarmac.model.refs import Ref
from tarmac.model.values import parse_instant
from tarmac.planning.desired import desired, findings_to_holds, harmful, subject_of, temporary
from tests.planning.worlds import DAY, OURS
from tests.planning.worlds import subject_of as expected_subject
from tests.trees import PLATFORM, catalog_of, company, group

VAULT = """\
apiVersion: tarmac/v1
kind: ResourceType
metadata: {name: vault, title: Vault}
spec:
  owner: group:default/platform
  category: database
  provider: manifests
  rotation: 90d
  drift: report
  versions:
    - {name: 1.0.0, status: active, schema: {type: object}}
    - name: 1.1.0
      status: active
      schema: {type: object, properties: {gb: {type: integer, default: 10}, size: {type: string}}}
      immutable: [gb]
      manifests:
        - {path: "a/{uid}.yaml", schema: kubernetes-1.29/ConfigMap, content: {kind: ConfigMap}}
        - {path: "b/{uid}.yaml", schema: kubernetes-1.29/Secret, content: {kind: Secret}}
  environments:
    staging: {ttl: {default: 3d, max: 30d, grace: 1d}}
    development: {ttl: {default: 7d, max: 30d}}
    production: {}
"""
DB = """\
apiVersion: tarmac/v1
kind: ResourceRequest
metadata: {name: db}
spec:
  type: vault@1.1.0
  owner: group:default/one
  for: component:default/shop
  environment: staging
  config: {size: small}
  previously: [older, old]
  reason: it is needed
"""
REF, FILE = "resourcerequest:default/db", "requests/one/staging/db.yaml"
TEAM = group("one", "ana").replace("metadata: {name: one,", "metadata: {name: one, labels: {cost-center: CC-7},")


def wishes(db: str = DB, vault: str = VAULT, holds: Mapping[str, str] | None = None, **more: str) -> dict[str, Desired]:
    files = company(**more) | {"catalog/types/vault.yaml": vault, "teams/one/team.yaml": TEAM, FILE: db}
    return {want.request: want for want in desired(catalog_of(files), holds or {})}


def wish(db: str = DB, vault: str = VAULT, **more: str) -> Desired:
    return wishes(db, vault, None, **more)[REF]


def without(line: str, text: str = DB) -> str:
    assert line in text
    return text.replace(line, "")


def test_a_wish_is_what_request_type_and_team_say() -> None:
    assert wish() == Desired(
        request=REF,
        path=FILE,
        type="vault",
        version="1.1.0",
        category="database",
        provider="manifests",
        owner="group:default/one",
        service="component:default/shop",
        environment="staging",
        cost_centre="CC-7",
        config={"gb": 10, "size": "small"},
        immutable=("gb",),
        temporary=("development", "staging"),
        ttl=3 * DAY,
        expires=None,
        previously=("resourcerequest:default/older", "resourcerequest:default/old"),
        needs=(),
        protected=False,
        grace=DAY,
        drift=Drift.REPORT,
        rotation=90 * DAY,
        hold=None,
        manifests=(
            Manifest("a/{uid}.yaml", "kubernetes-1.29/ConfigMap", {"kind": "ConfigMap"}),
            Manifest("b/{uid}.yaml", "kubernetes-1.29/Secret", {"kind": "Secret"}),
        ),
    )


def test_a_stated_end_stands_in_the_place_of_a_time_to_live() -> None:
    found = wish(DB + '  expires: "2027-01-31"\n')
    assert (found.expires, found.ttl) == (parse_instant("2027-02-01"), None)


@pytest.mark.parametrize("lost", ["type", "version"])
def test_what_has_no_type_is_held_and_still_says_what_it_can(lost: str) -> None:
    vault = "# nothing\n" if lost == "type" else VAULT.replace("name: 1.1.0", "name: 2.0.0")
    found = wish(vault=vault)
    whole = wish()
    kind = (
        whole
        if lost == "version"
        else replace(
            whole, category="", provider="", temporary=(), ttl=None, grace=timedelta(), drift=Drift.MEND, rotation=None
        )
    )
    assert found == replace(
        kind, config={"size": "small"}, immutable=(), manifests=(), hold="there is no resource type vault@1.1.0"
    )


def test_what_has_no_owner_is_held() -> None:
    found = wish(without("  owner: group:default/one\n"))
    assert (found.hold, found.owner, found.cost_centre) == ("it has no owner", "", "")


def test_a_hold_that_is_given_is_told_before_any_other() -> None:
    holds = {REF: f"{FILE}:3:1: no"}
    assert wishes(holds=holds)[REF].hold == f"{FILE}:3:1: no"
    assert wishes(vault="# nothing\n", holds=holds)[REF].hold == f"{FILE}:3:1: no"
    assert wishes(holds={"resourcerequest:default/other": "no"})[REF].hold is None


def test_what_is_not_said_is_empty() -> None:
    found = wish(without("  for: component:default/shop\n"), without("  category: database\n", VAULT))
    assert (found.service, found.category) == (None, "")
    assert wish(vault=without("  provider: manifests\n", VAULT)).provider == ""
    bare = VAULT.replace('path: "a/{uid}.yaml", schema: kubernetes-1.29/ConfigMap, ', "")
    assert wish(vault=bare).manifests[0] == Manifest("", "", {"kind": "ConfigMap"})


def test_a_team_without_a_label_and_one_that_does_not_exist_have_no_cost_centre() -> None:
    assert wish(DB.replace("default/one", "default/finops")).cost_centre == ""
    nobody = wish(DB.replace("default/one", "default/nobody"))
    assert (nobody.owner, nobody.cost_centre, nobody.hold) == ("group:default/nobody", "", None)


@pytest.mark.parametrize(
    ("old", "new", "field", "value"),
    [
        ("  drift: report\n", "", "drift", Drift.MEND),
        ("drift: report", "drift: mend", "drift", Drift.MEND),
        ("drift: report", "drift: ignore", "drift", Drift.IGNORE),
        ("drift: report", "drift: shout", "drift", Drift.MEND),
        ("  rotation: 90d\n", "", "rotation", None),
        ("rotation: 90d", "rotation: often", "rotation", None),
        (", grace: 1d", "", "grace", timedelta()),
        ("grace: 1d", "grace: some", "grace", timedelta()),
        ("environments:\n", "environments:\n    other: {ttl: {}}\n", "temporary", ("development", "other", "staging")),
    ],
)
def test_what_a_type_says_of_its_instances(old: str, new: str, field: str, value: object) -> None:
    assert old in VAULT
    assert getattr(wish(vault=VAULT.replace(old, new)), field) == value


def test_grace_is_that_of_the_environment() -> None:
    found = wish(DB.replace("environment: staging", "environment: development"))
    assert (found.grace, found.ttl) == (timedelta(), 7 * DAY)


def test_the_environments_in_which_a_type_ends_are_told_in_order() -> None:
    kind = catalog_of({"t.yaml": VAULT}).entities[Ref.of("resourcetype", "vault")]
    assert temporary(kind) == ("development", "staging")


def test_only_where_a_mistake_does_most_harm_is_an_instance_protected() -> None:
    def protected(environment: str, more: str = "", **files: str) -> bool:
        return wish(DB.replace("environment: staging", f"environment: {environment}") + more, **files).protected

    assert protected("production")
    assert protected("production", "  deletionProtection: true\n")
    assert not protected("production", "  deletionProtection: false\n")
    assert not protected("staging")
    turned = {"policies/platform.yaml": PLATFORM.replace("staging, production]", "production, staging]")}
    assert not protected("production", **turned)
    assert protected("staging", **turned)


def test_the_most_harmful_environment_is_the_last_or_production() -> None:
    assert harmful(catalog_of({"p.yaml": PLATFORM})) == "production"
    assert harmful(catalog_of({"p.yaml": PLATFORM.replace("staging, production]", "live]")})) == "live"
    assert harmful(catalog_of({"p.yaml": PLATFORM.replace("[development, staging, production]", "[]")})) == "production"
    assert harmful(catalog_of({})) == "production"


def test_needs_are_what_it_depends_on_by_name_each_once_and_nothing_else() -> None:
    more = "  dependsOn: [resourcerequest:net, resourcerequest:cache, resourcerequest:net, ':::']\n"
    others = {f"requests/one/staging/{name}.yaml": DB.replace("name: db", f"name: {name}") for name in ("cache", "net")}
    assert wish(DB + more, **others).needs == ("resourcerequest:default/cache", "resourcerequest:default/net")
    # What is not there is needed all the same.
    assert wish(DB + "  dependsOn: [resourcerequest:gone]\n").needs == ("resourcerequest:default/gone",)


def test_of_some_entities_only_those_are_told() -> None:
    other = DB.replace("name: db", "name: other")
    catalog = catalog_of(company() | {"catalog/types/vault.yaml": VAULT, FILE: DB, "requests/o.yaml": other})
    entity = catalog.entities[Ref.of("resourcerequest", "other")]
    assert [want.request for want in desired(catalog, {}, [entity])] == ["resourcerequest:default/other"]
    assert len(list(desired(catalog, {}))) == 2
    assert list(desired(catalog, {}, [])) == []


def test_the_ledger_is_told_what_was_wanted() -> None:
    for want in (wish(), wish(DB.replace("environment: staging", "environment: production"))):
        assert subject_of(OURS, want, "uid", 3) == expected_subject(want, "uid", 3)


def fault(path: str, entity: str | None = None, message: str = "no", severity: Severity = Severity.ERROR) -> Finding:
    return Finding("a-rule", severity, message, Place(path, 3, 1), entity)


def held(*findings: Finding, **files: str) -> tuple[Mapping[str, str], tuple[str, ...]]:
    return findings_to_holds(catalog_of(company(**files) | {FILE: DB}), findings)


def test_an_error_about_a_request_holds_it_and_says_where_and_how_many_more() -> None:
    assert held(fault(FILE, REF)) == ({REF: f"{FILE}:3:1: no"}, ())
    assert held(fault(FILE, REF), fault(FILE, REF, "neither"))[0] == {REF: f"{FILE}:3:1: no (and 1 more)"}
    assert held(fault("policies/x.yaml", REF))[0] == {REF: "policies/x.yaml:3:1: no"}


def test_an_error_of_no_entity_makes_a_file_unreadable_and_holds_the_requests_in_it() -> None:
    assert held(fault(FILE)) == ({REF: f"{FILE}:3:1: no"}, (FILE,))
    assert held(fault("b.yaml"), fault("a.yaml"), fault("b.yaml")) == ({}, ("a.yaml", "b.yaml"))
    both = held(fault(FILE, None, "the file"), fault(FILE, REF, "the request"))
    assert both == ({REF: f"{FILE}:3:1: the request (and 1 more)"}, (FILE,))


def test_what_is_no_error_or_about_no_request_holds_nothing() -> None:
    mild = [fault(FILE, entity, severity=one) for one in (Severity.WARNING, Severity.INFO) for entity in (REF, None)]
    assert held(*mild) == ({}, ())
    assert held(fault("teams/one/team.yaml", "group:default/one")) == ({}, ())
    assert held(fault("teams/one/team.yaml")) == ({}, ("teams/one/team.yaml",))
    assert held(fault("x.yaml", "resourcerequest:default/gone")) == ({}, ())
    # An error in a file of several holds every request of it, and what is beside them does not hide them.
    pair = f"{TEAM}---\n{DB.replace('name: db', 'name: two')}"
    assert set(held(fault("r.yaml"), **{"r.yaml": pair})[0]) == {"resourcerequest:default/two"}
