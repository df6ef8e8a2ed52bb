"""One change each for what a verdict may rest on: the verdict that hangs on it is made anew, and by the cache."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from tarmac.adapters.cache_write import write_cache
from tarmac.app.check_change import Change
from tarmac.app.keep import check_and_keep
from tests.incremental.memory_git import MemoryGit, MemoryHistories
from tests.incremental.running import judged
from tests.incremental.town import TAGS
from tests.trees import NOW, PLATFORM, READING, api, component, group, request, user

Texts = Mapping[str, str | None]

WORLD = {
    "policies/platform.yaml": PLATFORM,
    "teams/one.yaml": group("one", "ana"),
    "teams/platform.yaml": group("platform"),
    "teams/ana.yaml": user("ana", "ana"),
    "catalog/shop.yaml": component("shop"),
}


def policy(require: str, kinds: str = "Component") -> str:
    """A policy that is called `right`."""
    return (
        "apiVersion: tarmac/v1\nkind: Policy\nmetadata: {name: right}\n"
        f'spec: {{severity: error, match: {{kinds: [{kinds}]}}, require: "{require}", message: "not right"}}\n'
    )


def named_definition(target: str) -> str:
    """An API whose definition is in another file."""
    return api("prices").replace("definition: text", f"definition: {{$text: {target}}}")


CASES: Mapping[str, tuple[Texts, Texts, str]] = {
    # what is there besides the world, what the change makes of it (None: gone), a rule that speaks then
    "a thing that is referred to goes": ({}, {"teams/one.yaml": None}, "unknown-reference"),
    "a better name comes": (
        {"catalog/till.yaml": component("till", "dependsOn: [component:shpo]")},
        {
            "catalog/shop.yaml": None,
            "catalog/shpo.yaml": component("shpo-2"),
            "catalog/x.yaml": component("y", "system: z"),
        },
        "unknown-reference",
    ),
    "a login is taken": ({}, {"teams/amy.yaml": user("amy", "ANA")}, "user-login"),
    "a login is taken by one that comes first": ({}, {"a/amy.yaml": user("amy", "ANA")}, "user-login"),
    "a named file goes": (
        {"catalog/prices.yaml": named_definition("./prices.txt"), "catalog/prices.txt": "text"},
        {"catalog/prices.txt": None},
        "placeholder-target",
    ),
    "a file with a near name comes": (
        {"catalog/prices.yaml": named_definition("./price.txt")},
        {"catalog/prices.txt": "text", "catalog/shop.yaml": component("shop", "system: none")},
        "unknown-reference",
    ),
    "a file is named no longer": (
        {"catalog/prices.yaml": named_definition("./data.yaml"), "catalog/data.yaml": "openapi: 3.1.0\n"},
        {"catalog/prices.yaml": api("prices")},
        "document-kind",
    ),
    "a thing is moved into a file with another": (
        {"policies/right.yaml": policy("together(ref).size() == 1")},
        {"catalog/shop.yaml": component("shop") + "---\n" + component("till")},
        "right",
    ),
    "another thing comes into the file": (
        {"policies/right.yaml": policy("targets(ref, 'owner').all(it, together(it).size() == 1)")},
        {"teams/one.yaml": group("one", "ana") + "---\n" + group("two")},
        "right",
    ),
    "a member comes from the other side": (
        {"policies/right.yaml": policy("owner.members.size() < 2")},
        {"teams/ben.yaml": user("ben", groups="one")},
        "right",
    ),
    "a dependent comes": (
        {"policies/right.yaml": policy("dependents(ref).size() == 0")},
        {"catalog/till.yaml": component("till", "dependsOn: [component:shop]")},
        "right",
    ),
    "a circle is closed": (
        {"catalog/till.yaml": component("till", "dependsOn: [component:shop]")},
        {"catalog/shop.yaml": component("shop", "dependsOn: [component:till]")},
        "cycle",
    ),
    "a circle grows": (
        {
            "catalog/m.yaml": component("m", "dependsOn: [component:n]"),
            "catalog/n.yaml": component("n", "dependsOn: [component:m, component:a]"),
            "catalog/a.yaml": component("a"),
        },
        {"catalog/a.yaml": component("a", "dependsOn: [component:m]")},
        "cycle",
    ),
    "a kind is there no longer": (
        {"policies/right.yaml": policy("true", "Component, API, System"), "catalog/prices.yaml": api("prices")},
        {"catalog/prices.yaml": None, "catalog/shop.yaml": None},
        "vacuous-policy",
    ),
    "a second document comes before the first": ({}, {"a/shop.yaml": component("Shop")}, "duplicate-entity"),
    "what a policy reads in the document changes": (
        {"policies/right.yaml": policy("object.spec.lifecycle == 'production'")},
        {"catalog/shop.yaml": component("shop").replace("production", "experimental")},
        "right",
    ),
    "what a policy reads lies above what changes": (
        {"policies/right.yaml": policy("object.metadata.?labels.orValue({}).size() < 1")},
        {"catalog/shop.yaml": component("shop").replace("name: shop", "name: shop, labels: {a: b}")},
        "right",
    ),
    "what a policy reads lies within what goes": (
        {
            "policies/right.yaml": policy("object.metadata.?labels.?a.orValue('') == 'b'"),
            "catalog/shop.yaml": component("shop").replace("name: shop", "name: shop, labels: {a: b}"),
        },
        {"catalog/shop.yaml": component("shop")},
        "right",
    ),
    "a policy looks at what it did not look at": (
        {"policies/right.yaml": policy("false").replace("kinds: [Component]", "types: [website]")},
        {"catalog/shop.yaml": component("shop").replace("type: service", "type: website")},
        "right",
    ),
    "a document refers to something else, which a policy asks of it": (
        {
            "policies/right.yaml": policy("targets(ref, 'dependsOn').size() == 0"),
            "catalog/till.yaml": component("till"),
        },
        {"catalog/shop.yaml": component("shop", "dependsOn: [component:till]")},
        "right",
    ),
    "a document needs something hard, which a policy asks of it": (
        {
            "policies/right.yaml": policy("needs(ref).size() == 0"),
            "catalog/till.yaml": component("till"),
            "catalog/shop.yaml": component(
                "shop",
                "dependsOn: [component:till], tarmac: {dependencies: [{ref: component:till, strength: soft}]}",
            ),
        },
        {"catalog/shop.yaml": component("shop", "dependsOn: [component:till]")},
        "right",
    ),
    "a document is seen by its own reference": (
        {"policies/right.yaml": policy("entity(ref).spec.lifecycle == 'production'")},
        {"catalog/shop.yaml": component("shop").replace("production", "experimental")},
        "right",
    ),
    "a document has another owner": (
        {"policies/right.yaml": policy("owner.name == 'one'"), "teams/two.yaml": group("two", "ana")},
        {"catalog/shop.yaml": component("shop").replace("owner: one", "owner: two")},
        "right",
    ),
    "a document is compared with what it was": (
        {"policies/right.yaml": policy("old.metadata == object.metadata")},
        {"catalog/shop.yaml": component("shop").replace("name: shop", "name: shop, title: Shop")},
        "right",
    ),
    "one of two policies of a name reads what changes": (
        {
            "policies/right.yaml": policy("object.spec.lifecycle == 'production'"),
            "policies/other.yaml": policy("true").replace("name: right", "name: right, namespace: other"),
        },
        {"catalog/shop.yaml": component("shop").replace("production", "experimental")},
        "right",
    ),
    "what a policy found and did not say is said once the form is right": (
        {
            "policies/right.yaml": policy("object.spec.lifecycle == 'done'"),
            "catalog/shop.yaml": component("shop").replace("name: shop", "name: shop, title: ''"),
        },
        {"catalog/shop.yaml": component("shop")},
        "right",
    ),
    "a role goes that a rule asks for": (
        {
            "policies/rule.yaml": "apiVersion: tarmac/v1\nkind: ApprovalRule\nmetadata: {name: led}\n"
            "spec: {require: [{from: [owner], role: seer}]}\n",
            "teams/one.yaml": group("one", "ana", "seer: [ana]"),
        },
        {"teams/one.yaml": group("one", "ana")},
        "approval-role",
    ),
    "a label goes that a request takes over from its team": (
        {
            "policies/tags.yaml": TAGS,
            "requests/one.yaml": request("one"),
            "teams/one.yaml": group("one", "ana").replace("name: one", "name: one, labels: {cost-center: CC-1}"),
        },
        {"teams/one.yaml": group("one", "ana").replace("name: one", "name: one, labels: {cost-center: other}")},
        "tag",
    ),
    "all of a team's metadata become others": (
        {
            "policies/tags.yaml": TAGS,
            "requests/one.yaml": request("one"),
            "teams/one.yaml": group("one", "ana").replace("name: one", "name: one, labels: {cost-center: CC-1}"),
        },
        {"teams/one.yaml": group("one", "ana").replace("name: one", "labels: {cost-center: other}, name: one")},
        "tag",
    ),
    "the folder of policies is left without a platform": (
        {"policies/right.yaml": policy("true")},
        {"policies/platform.yaml": None},
        "single-platform",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_what_hangs_on_a_change_is_judged_anew(case: str, tmp_path: Path) -> None:
    more, change, rule = CASES[case]
    before = {path: text.encode() for path, text in {**WORLD, **more}.items() if text is not None}
    after = {path: None if text is None else text.encode() for path, text in change.items()}
    git = MemoryGit()
    git.keep("before", before)
    git.keep("after", {path: content for path, content in {**before, **after}.items() if content is not None})
    check_and_keep(git.tree_named("before"), "before", READING, NOW, None, lambda kept: write_cache(tmp_path, kept))
    git.listed.clear()
    asked = Change("before", "before", "after", git.tree_named("after"))
    by_cache = judged(git, asked, NOW, tmp_path)
    assert git.listed == []
    assert by_cache == judged(git, asked, NOW, None)
    assert f'"rule": "{rule}"' in by_cache


BASES: Mapping[str, tuple[Texts, Texts, Texts]] = {
    # what was kept besides the world, what has come to the base since, what the change makes of that
    "a team is written otherwise": (
        {"policies/tags.yaml": TAGS, "requests/one.yaml": request("one")},
        {"teams/one.yaml": group("One", "ana")},
        {"catalog/shop.yaml": component("shop", "system: none")},
    ),
    "other files are left out": (
        {"catalog/broken/a.yaml": "a: ["},
        {"policies/platform.yaml": PLATFORM + "  ignore: ['catalog/broken/**']\n"},
        {"catalog/broken/b.yaml": "b: ["},
    ),
    "a policy has come": (
        {},
        {"policies/right.yaml": policy("object.metadata.name != 'till'")},
        {"catalog/till.yaml": component("till")},
    ),
    "a region has gone": (
        {"policies/right.yaml": policy("'eu-1' in platform.regions")},
        {"policies/platform.yaml": PLATFORM.replace("eu-1", "eu-2")},
        {"catalog/till.yaml": component("till")},
    ),
}


@pytest.mark.parametrize("case", BASES)
def test_the_base_judges_though_something_older_is_kept(case: str, tmp_path: Path) -> None:
    git, files = MemoryGit(), dict(WORLD)
    for name, change in zip(("kept", "base", "head"), BASES[case], strict=True):
        files |= {path: text for path, text in change.items() if text is not None}
        git.keep(name, {path: text.encode() for path, text in files.items()})
    check_and_keep(git.tree_named("kept"), "kept", READING, NOW, None, lambda kept: write_cache(tmp_path, kept))
    asked = Change("base", "base", "head", git.tree_named("head"))
    assert judged(git, asked, NOW, tmp_path) == judged(git, asked, NOW, None)


STALE, FROZEN = (f"!has(git.changed) || {sign}past(string(timestamp(git.changed) + days(9)))" for sign in ("!", ""))


@pytest.mark.parametrize(("require", "before", "later"), [(STALE, 1, 30), (FROZEN, 30, 1), (FROZEN, 30, 0)])
def test_a_file_that_is_as_it_was_and_whose_age_is_another_is_judged_anew(
    require: str, before: int, later: int, tmp_path: Path
) -> None:
    git, histories = MemoryGit(), MemoryHistories()
    files = {**WORLD, "policies/right.yaml": policy(require)}
    git.keep("one", {path: text.encode() for path, text in files.items()})
    for name, days in (("before", before), ("later", later)):
        histories.ages[name] = {"catalog/shop.yaml": NOW - timedelta(days=days)}
    history = partial(histories.at, ("before",))
    check_and_keep(git.tree_named("one"), "one", READING, NOW, history, lambda kept: write_cache(tmp_path, kept))
    asked = Change("one", "one", "one", git.tree_named("one"), "before", "later")
    git.listed.clear()
    by_cache = judged(git, asked, NOW, tmp_path, histories)
    assert git.listed == []
    assert by_cache == judged(git, asked, NOW, None, histories)
    assert '"rule": "right"' in by_cache
    back = Change("one", "one", "one", git.tree_named("one"), "later", "before")
    assert judged(git, back, NOW, tmp_path, histories) == judged(git, back, NOW, None, histories)


def test_ages_that_are_kept_for_other_bots_are_of_no_use(tmp_path: Path) -> None:
    git, histories = MemoryGit(), MemoryHistories({"one": {}})
    files = {**WORLD, "policies/right.yaml": policy(STALE)}
    git.keep("kept", {path: text.encode() for path, text in files.items()})
    files["policies/platform.yaml"] = PLATFORM + "  bots: [renovate]\n"
    git.keep("base", {path: text.encode() for path, text in files.items()})
    history = partial(histories.at, ("one",))
    check_and_keep(git.tree_named("kept"), "kept", READING, NOW, history, lambda kept: write_cache(tmp_path, kept))
    for name, spared in (("kept", True), ("base", False)):
        git.listed.clear()
        judged(git, Change(name, name, name, git.tree_named(name), "one", "one"), NOW, tmp_path, histories)
        assert (not git.listed) is spared
