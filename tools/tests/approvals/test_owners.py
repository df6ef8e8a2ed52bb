"""Who owns a path, and the CODEOWNERS file that says the same."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.app.codeowners import codeowners
from tarmac.approvals.codeowners import generate
from tarmac.approvals.owners import PathOwners, is_judge, owners_of, parent_of
from tarmac.catalog.index import Catalog
from tarmac.model import KINDS
from tarmac.model.refs import Ref
from tests.trees import PLATFORM, READING, Memory, budget, catalog_of, company, component, group, request, user


def owners(catalog: Catalog, path: str) -> list[str]:
    return [owner.name for owner in PathOwners(catalog).of(path)]


COMPANY = company(
    **{
        "teams/two/team.yaml": group("two"),
        "catalog/web/site/catalog-info.yaml": component("site", owner="two"),
        "catalog/web/site/docs/readme.md": "# Site\n",
        "catalog/web/cart/catalog-info.yaml": component("cart"),
        "requests/two/staging/r.yaml": request("r", owner="two"),
        "README.md": "# Acme\n",
    }
)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("catalog/web/site/catalog-info.yaml", ["two"]),
        ("catalog/web/site/docs/readme.md", ["two"]),
        ("catalog/web/site/new/deep/file.txt", ["two"]),
        ("catalog/web/new.yaml", ["platform"]),
        ("catalog/new/catalog-info.yaml", ["platform"]),
        ("teams/one/members.yaml", ["one"]),
        ("teams/one/budget.yaml", ["one"]),
        ("teams/unheard/team.yaml", ["platform"]),
        ("requests/two/staging/new.yaml", ["two"]),
        ("requests/nobody/staging/new.yaml", ["platform"]),
        ("policies/anything.yaml", ["platform"]),
        ("tools/x.py", ["platform"]),
        (".github/workflows/x.yml", ["platform"]),
        ("README.md", ["platform"]),
        ("teams.yaml", ["platform"]),
    ],
)
def test_the_owner_of_a_path(path: str, expected: list[str]) -> None:
    assert owners(catalog_of(COMPANY), path) == expected


def test_a_document_below_policies_cannot_choose_its_owner() -> None:
    catalog = catalog_of(COMPANY | {"policies/mine.yaml": component("mine", owner="two")})
    assert owners(catalog, "policies/mine.yaml") == ["platform"]


def test_a_file_of_two_owners_needs_to_be_owned_by_both() -> None:
    catalog = catalog_of(COMPANY | {"catalog/both.yaml": component("x") + "---\n" + component("y", owner="two")})
    assert owners(catalog, "catalog/both.yaml") == ["one", "two"]


def test_without_a_platform_nobody_can_be_told() -> None:
    assert owners(catalog_of({"catalog/a.yaml": component("a")}), "README.md") == []
    assert generate(catalog_of({"catalog/a.yaml": component("a")})).problems


@pytest.mark.parametrize("path", ["tools/mine/x.py", ".github/mine/x.yml", "policies/mine/x.yaml"])
def test_where_the_platform_is_nobody_else_owns_a_folder(path: str) -> None:
    folder = path.rpartition("/")[0]
    catalog = catalog_of(COMPANY | {f"{folder}/catalog-info.yaml": component("mine", owner="two")})
    assert owners(catalog, path) == ["platform"]
    assert owners(catalog, f"{folder}/catalog-info.yaml") == ["platform"]


def test_a_teams_folder_is_the_teams_whatever_others_own_in_it() -> None:
    more = {"teams/one/lent.yaml": component("lent", owner="two"), "requests/two/lent.yaml": component("more")}
    catalog = catalog_of(COMPANY | more)
    assert owners(catalog, "teams/one/new.md") == ["one"]
    assert owners(catalog, "requests/two/new.md") == ["two"]
    assert owners(catalog, "teams/one/lent.yaml") == ["two"]
    assert owners(catalog, "teams/new.md") == ["platform"]


SLA = """\
apiVersion: tarmac/v1
kind: SLA
metadata: {name: gold}
spec: {service: SERVICE, customer: group:default/one}
"""
SLO = """\
apiVersion: openslo/v1
kind: SLO
metadata: {name: fast}
spec: {service: site, budgetingMethod: Occurrences}
"""


@pytest.mark.parametrize(
    ("document", "reference", "expected"),
    [
        (component("x", owner="two"), "component:default/x", ["two"]),
        (group("three", "ana"), "group:default/three", ["three"]),
        (budget("two").replace("two-2026", "b"), "budget:default/b", ["two"]),
        (SLA.replace("SERVICE", "component:default/site"), "sla:default/gold", ["two"]),
        (SLA.replace("SERVICE", "component:default/gone"), "sla:default/gold", []),
        (SLA.replace("SERVICE", "[]"), "sla:default/gold", []),
        (SLO, "slo:default/fast", []),
        (user("eve", groups="two, one"), "user:default/eve", ["one", "two"]),
        (user("eve"), "user:default/eve", []),
        (user("eve") + "---\n" + group("three", "eve"), "user:default/eve", ["three"]),
        (user("eve", groups="two") + "---\n" + group("three", "eve"), "user:default/eve", ["three", "two"]),
        # Who holds a role in a team, and is none of its members, is not the team's.
        (user("eve") + "---\n" + group("three", "ana", "lead: [user:default/eve]"), "user:default/eve", []),
    ],
)
def test_whose_an_entity_is(document: str, reference: str, expected: list[str]) -> None:
    catalog = catalog_of(COMPANY | {"catalog/more.yaml": document})
    found = owners_of(catalog, catalog.entities[Ref.parse(reference)])
    assert [owner.name for owner in found] == expected


def test_a_service_that_nobody_owns_gives_its_sla_no_owner() -> None:
    bare = component("bare").replace("owner: one", "system: none")
    catalog = catalog_of(COMPANY | {"catalog/more.yaml": bare + "---\n" + SLA.replace("SERVICE", "component:bare")})
    assert owners_of(catalog, catalog.entities[Ref.parse("sla:default/gold")]) == ()


def test_a_persons_file_is_the_folders_and_not_the_persons_teams() -> None:
    catalog = catalog_of(COMPANY | {"teams/one/eve.yaml": user("eve", groups="two")})
    assert owners(catalog, "teams/one/eve.yaml") == ["one"]


def test_the_group_above_is_what_the_group_itself_says() -> None:
    below = group("below").replace("children: []", "parent: two, children: []")
    lost = group("lost").replace("children: []", "parent: gone, children: []")
    catalog = catalog_of(COMPANY | {"teams/x/team.yaml": below + "---\n" + lost})
    above = {name: parent_of(catalog, Ref.of("group", name)) for name in ("below", "lost", "two", "unheard")}
    assert above == {"below": Ref.of("group", "two"), "lost": Ref.of("group", "gone"), "two": None, "unheard": None}


def test_what_decides_about_other_documents() -> None:
    """Each of these may loosen what another change is judged by."""
    judges = {kind for kind in (*KINDS, "SharedCost") if is_judge(kind)}
    assert judges == {
        "ApprovalRule", "Budget", "DeletionApproval", "Exemption", "Platform", "Policy", "RateCard", "ResourceType",
        "Scorecard", "SharedCost", "TagPolicy", "Template",
    }  # fmt: skip
    assert is_judge("TAGPOLICY")


def matched(text: str, path: str) -> str:
    """The owners that the last matching line gives, for the three forms of pattern that are ever written."""
    found = ""
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        pattern, _, said = line.partition(" ")
        if pattern == "*" or (pattern.endswith("/") and f"/{path}".startswith(pattern)) or f"/{path}" == pattern:
            found = said
    return found


def agrees(files: Mapping[str, str]) -> None:
    catalog = catalog_of(files)
    text = generate(catalog).text
    model = PathOwners(catalog)
    for path in files:
        assert matched(text, path) == " ".join(f"@acme/{owner.name}" for owner in model.of(path)), path


def test_the_file_gives_every_path_the_owners_that_the_model_means() -> None:
    agrees(COMPANY)


NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: "catalog/" + "/".join(parts))


@given(st.dictionaries(PATHS, st.sampled_from(["one", "two", None]), max_size=10))
def test_it_does_so_for_any_tree(placed: Mapping[str, str | None]) -> None:
    files = {"policies/platform.yaml": PLATFORM}
    files |= {f"teams/{name}/team.yaml": group(name) for name in ("one", "two", "platform")}
    for number, (folder, owner) in enumerate(sorted(placed.items())):
        if owner is None:
            files[f"{folder}/notes.md"] = "text\n"
        else:
            files[f"{folder}/catalog-info.yaml"] = component(f"c{number}", owner=owner)
    agrees(files)


def test_a_folder_with_one_owner_is_one_line() -> None:
    text = generate(catalog_of(COMPANY)).text
    assert [line for line in text.splitlines() if line.startswith("/catalog/web/site")] == [
        "/catalog/web/site/ @acme/two"
    ]


@pytest.mark.parametrize("name", ["a b", "a#b", "a[b]", "a*b", "a\\b", "a!b"])
def test_a_path_that_cannot_be_written_is_told_and_not_written_wrongly(name: str) -> None:
    files = COMPANY | {f"catalog/web/{name}/catalog-info.yaml": component("odd")}
    made = generate(catalog_of(files))
    assert any("cannot be written" in problem for problem in made.problems)
    assert name not in made.text


def test_a_team_without_a_handle_is_told_and_its_files_fall_to_the_platform() -> None:
    bare = group("two").replace("annotations: {github.com/team-slug: acme/two}", "title: Two")
    made = generate(catalog_of(COMPANY | {"teams/two/team.yaml": bare}))
    assert made.problems == ("group:default/two has no usable annotation github.com/team-slug",)
    assert "@acme/two" not in made.text


@pytest.mark.parametrize("slug", ["acme/two @evil", "a\\nb", "", "@acme/two", "acme/two/three"])
def test_a_handle_that_is_none_is_never_written(slug: str) -> None:
    odd = group("two").replace("acme/two", f'"{slug}"')
    made = generate(catalog_of(COMPANY | {"teams/two/team.yaml": odd}))
    assert made.problems
    assert {word for line in made.text.splitlines()[2:] for word in line.split()[1:]} == {
        "@acme/platform", "@acme/one", "@acme/finops",
    }  # fmt: skip


def test_a_slug_without_its_organization_gets_the_platforms() -> None:
    short = group("two").replace("acme/two", "two")
    assert "@acme-works/two" in generate(catalog_of(COMPANY | {"teams/two/team.yaml": short})).text


def test_a_tree_of_a_thousand_folders_is_walked() -> None:
    deep = "/".join("d" for _ in range(1500))
    assert generate(catalog_of(COMPANY | {f"catalog/{deep}/x.md": "x\n"})).text


def test_a_person_in_two_teams_does_not_share_the_file() -> None:
    files = COMPANY | {"teams/one/members.yaml": user("ana", "ana-1", "one, two")}
    assert owners(catalog_of(files), "teams/one/members.yaml") == ["one"]


def test_a_stale_file_is_seen_and_a_fresh_one_too() -> None:
    wanted = codeowners(Memory(COMPANY), READING)
    assert wanted.present is None
    assert not wanted.fresh
    assert codeowners(Memory(COMPANY | {".github/CODEOWNERS": wanted.wanted}), READING).fresh
    assert not codeowners(Memory(COMPANY | {".github/CODEOWNERS": "* @evil\n"}), READING).fresh


@pytest.mark.parametrize("path", [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"])
def test_the_file_is_found_wherever_the_forge_looks_for_it(path: str) -> None:
    found = codeowners(Memory(COMPANY | {path: "* @acme/platform\n"}), READING)
    assert (found.present, found.where) == ("* @acme/platform\n", path)


def test_a_budget_belongs_to_its_team_wherever_it_stands() -> None:
    catalog = catalog_of(COMPANY | {"catalog/money.yaml": budget("two")})
    assert owners(catalog, "catalog/money.yaml") == ["two"]
