"""The sample company's own approval rules ask whom they say they ask."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import pytest

from tarmac.app import wire
from tarmac.app.codeowners import codeowners
from tarmac.app.load import load
from tarmac.app.overlay import WithFile
from tarmac.app.review_approvals import topics
from tarmac.app.review_cost import Pricer, teams, touched
from tarmac.approvals.evaluate import evaluate
from tarmac.approvals.subjects import subjects
from tarmac.catalog.changes import changes
from tarmac.catalog.index import Catalog
from tarmac.model.facts import ReviewFacts, State
from tests.trees import NOW, READING

ROOT = Path(__file__).resolve().parents[3]


@lru_cache(maxsize=1)
def base() -> Catalog:
    return load(wire.source(ROOT, None), READING).catalog


def with_file(path: str, text: str) -> Catalog:
    return load(WithFile(wire.source(ROOT, None), path, text.encode()), READING).catalog


def asks(path: str, text: str, over: str | None = None) -> Mapping[str, tuple[State, tuple[str, ...]]]:
    """What each rule that applies says to writing this file, over another text of it where there is one."""
    before, after = base() if over is None else with_file(path, over), with_file(path, text)
    change = changes(before, after)
    pricer = Pricer.of(before, after, READING.expressions, NOW)
    asked = touched(change, after, pricer)
    told = topics(subjects(change, [path], before, after), asked, teams(asked, change, pricer, {}), "EUR")
    decision = evaluate(told, before, after, ReviewFacts(), READING.expressions, NOW)
    return {
        node.name: (node.state, tuple(child.name for child in node.children))
        for node in decision.children
        if node.state is not State.SKIPPED
    }


def request(kind: str, config: str, environment: str = "staging", label: str = "internal") -> str:
    return (
        "apiVersion: tarmac/v1\nkind: ResourceRequest\n"
        f"metadata: {{name: new-thing, labels: {{data-class: {label}}}}}\n"
        f"spec:\n  type: {kind}\n  owner: group:default/data\n  for: component:default/event-lake-ingest\n"
        f"  environment: {environment}\n  config: {{{config}}}\n  reason: a trial\n"
    )


AUTO: tuple[State, tuple[str, ...]] = (State.APPROVED, ())


def pending(*who: str) -> tuple[State, tuple[str, ...]]:
    return State.PENDING, who


PLATFORM, FINOPS, SECURITY = "group:default/platform", "group:default/finops", "group:default/security"
OWNER, LEAD = "group:default/data", "role lead of group:default/data"
ABOVE = "role lead of group:default/technology"
OPEN_TO_ALL = {"public-exposure": pending(SECURITY), "owner-agrees": pending(OWNER)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (request("development-environment@1.1.0", "", "development"), {"development-environments": AUTO}),
        (request("kubernetes-namespace@1.0.0", ""), {"namespaces-outside-production": AUTO}),
        (request("postgres@1.1.0", "size: small"), {"small-databases": AUTO}),
        (request("postgres@1.1.0", "size: small, storageGb: 101"), {"owner-agrees": pending(OWNER)}),
        (request("postgres@1.1.0", "size: medium"), {"owner-agrees": pending(OWNER)}),
        (request("postgres@1.1.0", "size: small", "production"), {"production": pending(LEAD, PLATFORM)}),
        (
            request("postgres@1.1.0", "size: small, public: true"),
            {"small-databases": AUTO, "public-exposure": pending(SECURITY)},
        ),
        (request("load-balancer@1.0.0", "scheme: public"), OPEN_TO_ALL),
        (
            request("kubernetes-namespace@1.0.0", "ingress: true"),
            {"namespaces-outside-production": AUTO, "public-exposure": pending(SECURITY)},
        ),
        (request("kubernetes-namespace@1.0.0", "ingress: false"), {"namespaces-outside-production": AUTO}),
        (request("load-balancer@1.0.0", "scheme: internal"), {"owner-agrees": pending(OWNER)}),
        (
            request("postgres@1.1.0", "size: small", label="confidential"),
            {"small-databases": AUTO, "confidential-data": pending(SECURITY)},
        ),
        (
            request("bucket@1.3.0", ""),
            {"expensive": pending(FINOPS), "budget": pending(FINOPS), "owner-agrees": pending(OWNER)},
        ),
    ],
)
def test_a_new_request(text: str, expected: Mapping[str, tuple[State, tuple[str, ...]]]) -> None:
    assert asks("requests/data/staging/new-thing.yaml", text) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (request("postgres@1.1.0", "size: small"), "# gone\n"),
        (request("kubernetes-namespace@1.0.0", ""), "# gone\n"),
        (request("development-environment@1.1.0", "", "development"), "# gone\n"),
        (request("postgres@1.1.0", "size: small"), request("postgres@1.1.0", "size: small") + "  ttl: 1d\n"),
        (request("postgres@1.1.0", "size: small"), request("postgres@1.1.0", "size: small, region: eu-west-1")),
        (request("kubernetes-namespace@1.0.0", ""), request("kubernetes-namespace@1.0.0", "") + "  ttl: 1d\n"),
        (request("postgres@1.1.0", "size: medium"), request("kubernetes-namespace@1.0.0", "cpuCores: 1, memoryGb: 1")),
        (
            request("kubernetes-namespace@1.0.0", "", "development"),
            request("kubernetes-namespace@1.0.0", "", "staging"),
        ),
        (
            request("postgres@1.1.0", "size: large", "development"),
            request("development-environment@1.1.0", "", "development"),
        ),
        (
            request("development-environment@1.1.0", "", "development"),
            request("development-environment@1.1.0", "seedData: none", "development"),
        ),
        (
            # The config as a whole is a field of its own where there was none.
            request("development-environment@1.1.0", "", "development").replace("  config: {}\n", ""),
            request("development-environment@1.1.0", "seedData: none", "development"),
        ),
    ],
)
def test_what_can_cost_somebody_their_data_is_asked_of_the_owner(before: str, after: str) -> None:
    asked = asks("requests/data/staging/new-thing.yaml", after, over=before)
    # Where nothing is asked for any more the file itself is what nobody's rule covers.
    also = {"code-owners": pending(OWNER)} if after == "# gone\n" else {}
    assert asked == {"owner-agrees": pending(OWNER)} | also


@pytest.mark.parametrize(
    "text",
    [
        request("postgres@1.1.0", "size: small"),
        request("kubernetes-namespace@1.0.0", ""),
        request("development-environment@1.1.0", "", "development"),
    ],
)
def test_what_takes_over_something_that_is_there_is_asked_of_the_owner(text: str) -> None:
    path = "requests/data/staging/new-thing.yaml"
    assert asks(path, text + "  previously: [what-was-there]\n") == {"owner-agrees": pending(OWNER)}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (request("kubernetes-namespace@1.0.0", ""), request("kubernetes-namespace@1.0.0", "cpuCores: 1")),
        (request("kubernetes-namespace@1.0.0", "").replace("  config: {}\n", ""),
         request("kubernetes-namespace@1.0.0", "cpuCores: 1")),
        (request("development-environment@1.1.0", "branch: main", "development"),
         request("development-environment@1.1.0", "branch: new", "development")),
    ],
)  # fmt: skip
def test_what_loses_nothing_of_a_namespace_or_an_environment_is_automatic(before: str, after: str) -> None:
    asked = asks("requests/data/staging/new-thing.yaml", after, over=before)
    assert list(asked.values()) == [AUTO]


def test_more_of_a_small_database_is_nobodys_business() -> None:
    larger = request("postgres@1.1.0", "size: small, storageGb: 30")
    path = "requests/data/staging/new-thing.yaml"
    assert asks(path, larger, over=request("postgres@1.1.0", "size: small")) == {"small-databases": AUTO}


@pytest.mark.parametrize(
    "path",
    [".ci/run", "policies/new.yaml", "templates/x/template.yaml", "tools/x.py", ".github/x.yml", "pyproject.toml"],
)
def test_what_judges_and_what_runs_is_the_platform_teams(path: str) -> None:
    assert asks(path, "# new\n") == {"platform-files": pending(PLATFORM)}


def test_people_and_money_are_asked_for_where_they_change() -> None:
    members = (ROOT / "teams/data/members.yaml").read_text("utf-8").replace("Team lead", "Lead")
    assert asks("teams/data/members.yaml", members) == {"team-people": pending(LEAD, ABOVE)}
    budget = (ROOT / "teams/data/budget.yaml").read_text("utf-8").replace("basis: effective", "basis: billed")
    assert asks("teams/data/budget.yaml", budget) == {"money": pending(FINOPS)}


def test_the_companys_code_owners_file_is_fresh() -> None:
    """`tarmac codeowners --write` mends it."""
    assert codeowners(wire.source(ROOT, None), READING).fresh


@pytest.mark.parametrize("kind", ["ApprovalRule", "Exemption", "Policy", "TagPolicy", "Scorecard", "DeletionApproval"])
def test_what_judges_is_the_platform_teams_wherever_it_stands(kind: str) -> None:
    text = f"apiVersion: tarmac/v1\nkind: {kind}\nmetadata: {{name: mine}}\nspec: {{when: 'true', auto: true}}\n"
    assert asks("requests/data/staging/mine.yaml", text)["what-judges"] == pending(PLATFORM)


@pytest.mark.parametrize(
    "text",
    [
        request("development-environment@1.1.0", "", "development"),
        request("postgres@1.1.0", "size: small"),
        request("postgres@1.1.0", "size: medium"),
    ],
)
def test_a_request_in_another_teams_folder_is_agreed_by_both(text: str) -> None:
    both = {"owner-agrees": pending("group:default/booking", OWNER)}
    assert asks("requests/booking/staging/new.yaml", text) == both


def test_a_service_is_handed_over_by_both_teams() -> None:
    path = "catalog/passenger/ticketing/fare-engine/catalog-info.yaml"
    text = (ROOT / path).read_text("utf-8")
    handed_over = text.replace("owner: group:default/booking", "owner: group:default/freight")
    assert handed_over != text
    both = pending("group:default/booking", "group:default/freight")
    assert asks(path, handed_over) == {"changes-hands": both}
    # Nobody is asked twice where nothing but a word changes.
    better = text.replace("title: Fare engine", "title: The fare engine")
    assert asks(path, better) == {"code-owners": pending("group:default/booking")}


def test_security_alone_does_not_open_what_is_another_teams() -> None:
    closed, opened = request("bucket@1.3.0", ""), request("bucket@1.3.0", "public: true")
    assert asks("requests/data/staging/new-thing.yaml", opened, over=closed) == OPEN_TO_ALL


def test_a_budget_is_raised_by_finops_alone_and_not_by_its_team() -> None:
    budget = (ROOT / "teams/data/budget.yaml").read_text("utf-8")
    raised = budget.replace("limit: ", "limit: ", 1).replace('.00"', '1.00"', 1)
    assert raised != budget
    assert asks("teams/data/budget.yaml", raised) == {"money": pending(FINOPS)}


def test_who_leads_a_team_is_agreed_by_its_lead_and_the_one_above() -> None:
    team = (ROOT / "teams/data/team.yaml").read_text("utf-8")
    changed = team.replace("on-call: [", "deputy: [", 1)
    assert changed != team
    assert asks("teams/data/team.yaml", changed) == {"team-people": pending(LEAD, ABOVE)}


def test_a_team_that_nobody_leads_is_given_a_lead_by_the_platform() -> None:
    team = (ROOT / "teams/data/team.yaml").read_text("utf-8")
    assert team.count("      lead: [") == 1
    leaderless = team.replace("      lead: [", "      deputy: [")
    assert asks("teams/data/team.yaml", team, over=leaderless) == {"new-teams": pending(PLATFORM)}


@pytest.mark.parametrize("teams", ["data, zzz-new", "zzz-new, data"])
def test_nobody_joins_a_team_past_its_lead_by_naming_another_one(teams: str) -> None:
    text = (
        "apiVersion: backstage.io/v1alpha1\nkind: User\n"
        "metadata: {name: mal, annotations: {github.com/user-login: mal}}\n"
        f"spec: {{profile: {{email: mal@northwick.example}}, memberOf: [{teams}]}}\n"
    )
    asked = asks("teams/data/mal.yaml", text)
    assert list(asked) == ["team-people"]
    state, who = asked["team-people"]
    assert state is State.ERROR
    assert {LEAD, ABOVE, "role lead of group:default/zzz-new"} <= set(who)


def test_a_new_team_is_begun_by_the_platform() -> None:
    text = (ROOT / "teams/data/team.yaml").read_text("utf-8").replace("name: data", "name: new-data")
    assert asks("teams/new-data/team.yaml", text) == {"new-teams": pending(PLATFORM)}
