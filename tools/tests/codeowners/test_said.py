"""Every word that is said of a CODEOWNERS file, and every file that is written, as they stand in said.txt.

`python -m tests.codeowners.test_said` writes it anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from tarmac.approvals.codeowners import generate
from tarmac.approvals.codeowners_text import parse_owners
from tests.codeowners.test_rules import FAULTS
from tests.trees import PLATFORM, catalog_of, company, component, group, user

SAID = Path(__file__).with_name("said.txt")
BARE = group("two").replace("annotations: {github.com/team-slug: acme/two}", "title: Two")
ORGANIZATION = PLATFORM.replace("{name: acme-platform", "{annotations: {github.com/organization: Acme}, name: a")
DEEP = "catalog/" + "/".join("d" for _ in range(62))
PLACES: Mapping[str, Mapping[str, str]] = {
    "a small company": company(),
    "a folder that is all of one team, in a place that is not": company(
        **{
            "teams/two/team.yaml": group("two"),
            "teams/unheard/a/catalog-info.yaml": component("a", owner="two"),
            "teams/unheard/catalog-info.yaml": component("b", owner="two"),
        }
    ),
    "a folder of two teams": company(
        **{
            "teams/two/team.yaml": group("two"),
            "catalog/web/a/catalog-info.yaml": component("a", owner="two"),
            "catalog/web/b/catalog-info.yaml": component("b"),
            "catalog/web/c/notes.md": "x\n",
            "catalog/web/notes.md": "x\n",
        }
    ),
    "a file of two owners": company(
        **{
            "teams/two/team.yaml": group("two"),
            "catalog/x.yaml": component("x") + "---\n" + component("y", owner="two"),
        }
    ),
    "sixty-four folders below each other": company(
        **{
            "teams/two/team.yaml": group("two"),
            f"{DEEP}/a/catalog-info.yaml": component("a", owner="two"),
            f"{DEEP}/b/catalog-info.yaml": component("b"),
        }
    ),
    "sixty-five folders below each other": company(
        **{
            "teams/two/team.yaml": group("two"),
            f"{DEEP}/e/a/catalog-info.yaml": component("a", owner="two"),
            f"{DEEP}/e/b/catalog-info.yaml": component("b"),
        }
    ),
    "a user owns something": company(**{"catalog/a/catalog-info.yaml": component("a", owner="user:default/ana")}),
    "a user without a login owns something": company(
        **{"teams/one/eve.yaml": user("eve"), "catalog/a/catalog-info.yaml": component("a", owner="user:default/eve")}
    ),
    "a team without a name at the forge": company(
        **{"teams/two/team.yaml": BARE, "catalog/a/catalog-info.yaml": component("a", owner="two")}
    ),
    "an owner whom the catalog does not have": company(
        **{"catalog/a/catalog-info.yaml": component("a", owner="nobody")}
    ),
    "one owner of two without a name": company(
        **{"teams/two/team.yaml": BARE, "catalog/x.yaml": component("x") + "---\n" + component("y", owner="two")}
    ),
    "a short name, and an organization that is stated": company(
        **{
            "policies/platform.yaml": ORGANIZATION,
            "teams/two/team.yaml": group("two").replace("acme/two", "two"),
            "catalog/a/catalog-info.yaml": component("a", owner="two"),
        }
    ),
    "a short name, and no organization": company(
        **{
            "policies/platform.yaml": PLATFORM.replace("  organization: Acme Works\n", ""),
            "teams/two/team.yaml": group("two").replace("acme/two", "two"),
            "catalog/a/catalog-info.yaml": component("a", owner="two"),
        }
    ),
    "a name with odd ends": company(
        **{
            "policies/platform.yaml": PLATFORM.replace("Acme Works", '"-(Acme & Works)!"'),
            "teams/one/team.yaml": group("one").replace("acme/one", "one"),
        }
    ),
    "paths that cannot be written": company(
        **{
            "teams/two/team.yaml": group("two"),
            "catalog/a b/catalog-info.yaml": component("a", owner="two"),
            "catalog/c/d#e.yaml": component("c", owner="two"),
            "catalog/c/f.yaml": component("f"),
            "requests/one/g h.yaml": "x: y\n",
        }
    ),
    "no platform": {"catalog/a.yaml": component("a")},
    "a platform whose owner has no name": company(
        **{"teams/platform/team.yaml": BARE.replace("name: two", "name: platform")}
    ),
}


def said() -> Iterator[str]:
    """All of it."""
    for case in FAULTS:
        (fault,) = parse_owners(f"{case['line']}\n".encode()).faults
        yield f"{case['line']!a}: {fault.line}:{fault.column} {fault.message}; {fault.fix}"
    for content in (b"* @one\n/\xff @two\n", b"#" * 3_000_001):
        (fault,) = parse_owners(content).faults
        yield f"{content[:20]!a}: {fault.line}:{fault.column} {fault.message}; {fault.fix}"
    for name, files in PLACES.items():
        made = generate(catalog_of(files))
        yield f"\n{name}"
        yield from (f"  problem: {problem}" for problem in made.problems)
        yield from (f"  {line}".rstrip() for line in made.text.split("\n"))


def test_everything_is_said_as_it_was() -> None:
    assert ("\n".join(said()) + "\n").splitlines() == SAID.read_text("utf-8").splitlines()


if __name__ == "__main__":
    SAID.write_text("\n".join(said()) + "\n", "utf-8")
