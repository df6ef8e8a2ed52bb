"""The facts of teams over what is kept are those of the tree read whole, whatever changes and is asked first."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tarmac.adapters.cache import Cache
from tarmac.adapters.cache_write import write_cache
from tarmac.app.keep import check_and_keep
from tarmac.app.load import load
from tarmac.app.tree_change import difference
from tarmac.catalog.facts import owner_facts
from tarmac.catalog.layered import Layered
from tarmac.catalog.stored import NO_CHANGE
from tarmac.catalog.view import CatalogView
from tarmac.model.expressions import Fact
from tests.incremental.memory_git import MemoryGit
from tests.trees import NOW, PLATFORM, READING, budget, company, component, group, request, user

FILES = company(**{"requests/one/r.yaml": request("r"), "teams/two/team.yaml": group("two", "ana")})
QUOTA = "  quota: {requests: 3}\n"
CHANGES: Mapping[str, Mapping[str, str | None]] = {
    "a request is another": {"requests/one/r.yaml": request("r", "size: large")},
    "a request comes": {"requests/one/s.yaml": request("s")},
    "a request goes": {"requests/one/r.yaml": None},
    "a request changes hands": {"requests/one/r.yaml": request("r", owner="two")},
    "a budget has a quota": {"teams/one/budget.yaml": budget(extra=QUOTA)},
    "a budget comes": {"teams/two/budget.yaml": budget("two", extra=QUOTA)},
    "a budget goes": {"teams/one/budget.yaml": None},
    "a budget is another team's": {"teams/one/budget.yaml": budget("two", extra=QUOTA)},
    "the platform allows less": {
        "policies/platform.yaml": PLATFORM.replace("maxResourcesPerTeam: 25", "maxResourcesPerTeam: 2")
    },
    "there is no platform": {"policies/platform.yaml": None},
    "another file is where the platform's is": {"policies/platform.yaml": "- nothing\n"},
    "a file comes where the platform's would be": {"policies/platform.yaml": "- nothing\n"},
    "a platform elsewhere": {"policies/platform.yaml": None, "policies/other.yaml": PLATFORM},
    "somebody joins": {"teams/two/cy.yaml": user("cy", groups="two")},
    "somebody is gone": {"teams/one/members.yaml": user("ana", "Ana-1")},
    "a team has other members": {"teams/one/team.yaml": group("one", "ben", "lead: [user:default/ben]")},
    "a team is gone": {"teams/two/team.yaml": None},
    "something else is another": {"catalog/shop/catalog-info.yaml": component("shop", owner="two")},
}


# Where the platform stands elsewhere before.
ELSEWHERE = {path: text for path, text in FILES.items() if path != "policies/platform.yaml"} | {
    "policies/p.yaml": PLATFORM
}


def facts(catalog: CatalogView) -> Mapping[str, Mapping[str, Fact]]:
    """The facts of every team, by its name."""
    return {ref.name: owner_facts(catalog, catalog.get(ref)) for ref in catalog.names("group")}


@pytest.mark.parametrize("case", CHANGES)
@pytest.mark.parametrize("first", ["what is kept", "what is changed"])
def test_facts_of_teams_are_those_of_the_tree_read_whole(case: str, first: str, tmp_path: Path) -> None:
    git = MemoryGit()
    before = ELSEWHERE if case.startswith("a file comes") else FILES
    after = {path: text for path, text in {**before, **CHANGES[case]}.items() if text is not None}
    for name, files in (("before", before), ("after", after)):
        git.keep(name, {path: text.encode() for path, text in files.items()})
    check_and_keep(git.tree_named("before"), "before", READING, NOW, None, lambda kept: write_cache(tmp_path, kept))
    expected = [facts(load(git.tree_named(name), READING, ()).catalog) for name in ("before", "after")]
    cache = Cache.open(tmp_path, lambda path, blob, index: (1, 1, None))
    assert cache is not None
    changed = difference(cache, git.tree_named("after"), git.tree_changes("before", "after") or (), READING)
    kinds = READING.gate.kinds
    sides = [Layered.over(cache, NO_CHANGE, kinds), Layered.over(cache, changed.change, kinds)]
    order = [0, 1] if first == "what is kept" else [1, 0]
    found = {side: facts(sides[side]) for side in order}
    assert [found[0], found[1]] == expected
    cache.close()
