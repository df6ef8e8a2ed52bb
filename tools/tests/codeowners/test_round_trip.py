"""The generated file is proved by the matcher; a stale one is told, path by path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from tarmac.app.check import check
from tarmac.app.codeowners import codeowners
from tarmac.approvals.codeowners import PATH, generate
from tarmac.approvals.codeowners_proof import differences
from tarmac.approvals.codeowners_text import parse_owners
from tarmac.cli.codeowners import command
from tarmac.model.findings import Finding
from tarmac.model.trees import SYMLINK, TreeEntry
from tests.codeowners.reference import owned_by
from tests.review.repository import Repository
from tests.trees import NOW, PLATFORM, READING, Memory, catalog_of, company, component, group

COMPANY = company(
    **{
        "teams/two/team.yaml": group("two"),
        "catalog/web/site/catalog-info.yaml": component("site", owner="two"),
        "catalog/web/cart/catalog-info.yaml": component("cart"),
        "README.md": "# Acme\n",
    }
)
WANTED = generate(catalog_of(COMPANY)).text


def stale(files: Mapping[str, str]) -> list[Finding]:
    found = check(Memory(files), READING, NOW).findings
    return [finding for finding in found if finding.rule == "codeowners-stale"]


def test_what_is_written_is_proved() -> None:
    result = codeowners(Memory(COMPANY | {PATH: WANTED}), READING)
    assert result.fresh
    assert stale(COMPANY | {PATH: WANTED}) == []


def test_without_a_platform_there_is_nothing_to_compare() -> None:
    catalog = catalog_of({"catalog/a.yaml": component("a")})
    assert differences(catalog, parse_owners(b"* @one\n")) == ()


def test_the_order_and_case_of_owners_do_not_count() -> None:
    files = COMPANY | {"catalog/both.yaml": component("x") + "---\n" + component("y", owner="two")}
    text = generate(catalog_of(files)).text
    assert "/catalog/both.yaml @acme/one @acme/two\n" in text
    other = text.replace("@acme/one @acme/two", "@Acme/TWO @acme/one")
    assert differences(catalog_of(files), parse_owners(other.encode())) == ()


def test_a_path_with_other_owners_is_told_with_both_and_the_line() -> None:
    changed = WANTED + "/catalog/web/cart/ @acme/two\n"
    (one,) = codeowners(Memory(COMPANY | {PATH: changed}), READING).differences
    assert (one.path, one.wanted, one.given, one.line) == (
        "catalog/web/cart/catalog-info.yaml",
        ("@acme/one",),
        ("@acme/two",),
        len(WANTED.splitlines()) + 1,
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (WANTED + "/catalog/web/ @acme/two\n", "catalog/web/cart/catalog-info.yaml has other owners"),
        (WANTED + "/catalog/\n", "files have, catalog/shop/catalog-info.yaml among them, other owners"),
        (WANTED + "# hand-written\n", "not the one that follows"),
        (WANTED + "!x @acme/two\n", "does not read this line: there is no negation"),
        ("", "other owners"),
    ],
)
def test_a_stale_file_is_a_warning_with_the_fix(text: str, says: str) -> None:
    (finding,) = stale(COMPANY | {PATH: text})
    assert finding.severity == "warning"
    assert says in finding.message
    assert finding.fix is not None
    assert "tarmac codeowners --write" in finding.fix.sentence


def test_it_is_told_only_where_github_is_the_forge_and_there_is_such_a_file() -> None:
    assert stale(COMPANY) == []
    none = PLATFORM.replace("forge: github", "forge: none")
    assert stale(COMPANY | {PATH: "* @x\n", "policies/platform.yaml": none}) == []


def test_the_first_of_three_places_counts_and_only_the_first_of_all_is_fresh() -> None:
    elsewhere = codeowners(Memory(COMPANY | {"docs/CODEOWNERS": "* @x\n", "CODEOWNERS": WANTED}), READING)
    assert (elsewhere.where, elsewhere.differences, elsewhere.fresh) == ("CODEOWNERS", (), False)
    assert codeowners(Memory(COMPANY | {"CODEOWNERS": "* @x\n", PATH: WANTED}), READING).fresh


@dataclass(frozen=True, slots=True)
class Linked(Memory):
    def entries(self) -> tuple[TreeEntry, ...]:
        found = Memory(self.texts).entries()
        return tuple(TreeEntry(one.path, SYMLINK, "") if one.path == PATH else one for one in found)


def test_a_link_in_its_place_is_a_fault() -> None:
    result = codeowners(Linked(COMPANY | {PATH: WANTED}), READING)
    assert not result.fresh
    assert "no regular file" in result.faults[0].message


NAMES = st.sampled_from(["a", "b", "c.d", "x y", "e#f", "[g]"])
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: "catalog/" + "/".join(parts))
TEAMS = ("one", "two", "platform")


@given(st.dictionaries(PATHS, st.sampled_from(["one", "two", None]), max_size=10))
def test_of_any_repository_the_file_means_the_model_or_says_that_it_cannot(placed: Mapping[str, str | None]) -> None:
    files = {"policies/platform.yaml": PLATFORM} | {f"teams/{name}/team.yaml": group(name) for name in TEAMS}
    for number, (folder, owner) in enumerate(sorted(placed.items())):
        text = "text\n" if owner is None else component(f"c{number}", owner=owner)
        files[f"{folder}/{'notes.md' if owner is None else 'catalog-info.yaml'}"] = text
    catalog = catalog_of(files)
    made = generate(catalog)
    file = parse_owners(made.text.encode())
    assert file.faults == ()
    found = differences(catalog, file)
    assert bool(found) <= bool(made.problems)
    assert all(any(odd in one.path for odd in (" ", "#", "[")) for one in found)
    lines = [(line.text, line.owners) for line in file.lines]
    told = {one.path for one in found}
    for path in catalog.files - told:
        assert owned_by(lines, path) is not None


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, ["--root", str(root), *arguments], standalone_mode=False)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, text in COMPANY.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    return tmp_path


def test_check_write_check(root: Path) -> None:
    before = run(root, "--check")
    assert (before.return_value, "is stale" in before.output) == (1, True)
    assert "+* @acme/platform" in before.output
    assert run(root, "--write").return_value == 0
    assert (root / PATH).read_text("utf-8") == WANTED
    assert (run(root, "--check").return_value, run(root, "--check").output) == (0, f"{PATH} is fresh\n")


def test_check_lists_what_differs_and_what_is_not_read(root: Path) -> None:
    (root / PATH).parent.mkdir()
    (root / PATH).write_text(WANTED + "/catalog/web/cart/ @acme/two\n", "utf-8")
    said = run(root, "--check")
    assert said.return_value == 1
    assert "catalog/web/cart/catalog-info.yaml: GitHub asks @acme/two (by line" in said.output
    (root / PATH).write_text(WANTED + "a\x1b31m @x\n", "utf-8")
    said = run(root, "--check")
    assert said.return_value == 1
    assert f"{PATH}:{len(WANTED.splitlines()) + 1}:2: " in said.output
    assert "\x1b" not in said.output


def test_a_long_list_is_cut_and_counted(root: Path) -> None:
    for number in range(70):
        (root / "catalog" / f"{number}.md").write_text("x\n", "utf-8")
    (root / PATH).parent.mkdir()
    (root / PATH).write_text("* @x\n", "utf-8")
    lines = run(root, "--check").output.splitlines()
    assert sum("GitHub asks" in line for line in lines) == 50
    assert sum("more files" in line for line in lines) == 1


def test_owners_of_paths_are_told_with_the_line(root: Path) -> None:
    run(root, "--write")
    said = run(root, "--owners", "catalog/web/site/new.txt", "--owners", "/x")
    assert said.return_value == 0
    assert "catalog/web/site/new.txt: @acme/two (.github/CODEOWNERS:" in said.output
    assert "@acme/platform (.github/CODEOWNERS:3 *)" in said.output


def test_a_review_warns_of_a_file_that_a_change_makes_stale(tmp_path: Path) -> None:
    base = COMPANY | {PATH: WANTED}
    handed = base | {"catalog/web/cart/catalog-info.yaml": component("cart", owner="two")}
    found = Repository.of(tmp_path, base).review(handed)
    (finding,) = (one for one in found.new if one.rule == "codeowners-stale")
    assert (finding.severity, str(finding.place)) == ("warning", f"{PATH}:1:1")
    assert finding.message == "catalog/web/cart/catalog-info.yaml has other owners by this file than by the catalog"
    assert finding.fix is not None
    assert finding.fix.sentence == "run tarmac codeowners --write"
    assert finding not in found.new_errors


def test_a_review_warns_of_a_file_that_a_change_takes_away(tmp_path: Path) -> None:
    found = Repository.of(tmp_path, COMPANY | {PATH: WANTED}).review(COMPANY)
    assert [one.message for one in found.new if one.rule == "codeowners-stale"] == [
        "there is no CODEOWNERS file any more, so GitHub asks no owner"
    ]
