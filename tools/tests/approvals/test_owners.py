"""Who owns a path, and the CODEOWNERS file that says the same."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.app.codeowners import codeowners
from tarmac.approvals.codeowners import generate
from tarmac.approvals.owners import PathOwners
from tarmac.catalog.index import Catalog
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


def test_a_budget_belongs_to_its_team_wherever_it_stands() -> None:
    catalog = catalog_of(COMPANY | {"catalog/money.yaml": budget("two")})
    assert owners(catalog, "catalog/money.yaml") == ["two"]
