"""What is told of documents before they are put away is what is said of them when they are given back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import pytest

from tarmac.adapters.shelf import FileShelf
from tarmac.app.check import check
from tarmac.app.load import load
from tarmac.app.wire import reading
from tarmac.model.documents import Document
from tarmac.model.json_value import JsonValue
from tarmac.rules import policy_early
from tarmac.rules.policy import early
from tests.incremental.running import said
from tests.rules.test_broken_repositories import NOW
from tests.trees import PLATFORM, Memory, api, budget, component, group, user


def policy(name: str, require: str, when: str = "", kinds: str = "Component") -> str:
    asked = f"  when: '{when}'\n" if when else ""
    return (
        f"apiVersion: tarmac/v1\nkind: Policy\nmetadata: {{name: {name}}}\nspec:\n  severity: error\n"
        f"  match: {{kinds: [{kinds}]}}\n{asked}  require: '{require}'\n  message: no\n"
    )


# What is left of it asks the index, and reads one value of the document.
LEFT = policy("left", 'targets(ref, "owner").size() == 1 && object.spec.more.tier == "standard"')
TIERED = "more: {tier: standard}"


def verdict(files: Mapping[str, str]) -> str:
    """What is said when documents are put away, which is what is said when they are not."""
    teams = {f"teams/{name}.yaml": group(name) for name in ("one", "platform")}
    tree = Memory({"policies/platform.yaml": PLATFORM, **teams, **files})
    found = said(check(tree, reading(FileShelf(room=0, asked_for=0)), NOW))
    assert found == said(check(tree, reading(), NOW))
    return found


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often documents of each file were given back."""
    count: Counter[str] = Counter()
    give_back = FileShelf.give_back

    def counted(shelf: FileShelf, document: Document) -> Mapping[str, JsonValue]:
        count[document.path] += 1
        return give_back(shelf, document)

    monkeypatch.setattr(FileShelf, "give_back", counted)
    return count


def test_what_the_document_and_the_index_tell_is_told_without_the_document(given: Counter[str]) -> None:
    alone = policy("alone", 'object.spec.lifecycle in ["production"]')
    files = {f"catalog/{n}.yaml": component(f"service-{n}", TIERED) for n in range(3)}
    assert '"errors": 0' in verdict({"policies/a.yaml": alone, "policies/b.yaml": LEFT, **files})
    assert not any(given[path] for path in files)


def test_what_is_read_of_another_document_is_told_too(given: Counter[str]) -> None:
    other = policy("other", 'entity("component:default/one").spec.more.tier == "standard"')
    files = {f"catalog/{name}.yaml": component(name, TIERED) for name in ("one", "two")}
    assert '"errors": 0' in verdict({"policies/a.yaml": other, **files})
    assert not any(given[path] for path in files)


def test_what_is_asked_of_owners_and_their_budgets_is_told_without_their_documents(given: Counter[str]) -> None:
    asked = (
        'owner.email == "one@example.com" && owner.slack == "" && owner.costCenter == "c-1" && owner.quota == 3'
        ' && owner.roles["lead"] == ["user:default/ana"] && owner.memberCount == 1'
    )
    one = group("one", "ana", "lead: [ana]").replace("name: one", "name: one, labels: {cost-center: c-1}")
    owners = {
        "catalog/one.yaml": one.replace("type: team", "type: team, profile: {email: one@example.com}"),
        "catalog/budget.yaml": budget(extra="  quota: {requests: 3}\n"),
    }
    others = {
        "catalog/a.yaml": component("shop"),
        "catalog/ana.yaml": user("ana"),
        "teams/finops.yaml": group("finops"),
    }
    looked_at = policy("looked-at", 'object.spec.type == "team"', kinds="Group")
    policies = {"policies/a.yaml": policy("asked", asked), "policies/b.yaml": looked_at}
    found = verdict({**policies, **owners, "teams/one.yaml": "# another file\n", **others})
    assert '"rule": "asked"' not in found
    assert not any(given[path] for path in owners)


@pytest.mark.parametrize("tier", ["standart", "1", "true", "null", "[standard]", "{standard: 1}"])
def test_whoever_fails_fails(tier: str) -> None:
    files = {
        "catalog/a.yaml": component("good", TIERED),
        "catalog/b.yaml": component("bad", f"more: {{tier: {tier}}}"),
    }
    assert '"rule": "left"' in verdict({"policies/a.yaml": LEFT, **files})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("more: {n: 1}", "more: {n: true}"),
        ("more: {n: 1}", "more: {n: '1'}"),
        ("more: {n: 1}", "more: {n: 1.5}"),
        ("more: {n: 1}", "more: {n: null}"),
        ("more: {n: 1}", "more: {}"),
        ("more: {n: 1}", "other: 1"),
        ("more: {n: 1}", "more: 0"),
    ],
)
def test_values_that_look_alike_are_told_apart(one: str, other: str) -> None:
    require = 'targets(ref, "owner").size() == 1 && (!has(object.spec.more.n) || object.spec.more.n == 1)'
    present = 'targets(ref, "owner").size() == 1 && has(object.spec.more)'
    rules = {"policies/a.yaml": policy("kept", require), "policies/b.yaml": policy("present", present)}
    for first, second in ((one, other), (other, one)):
        verdict({**rules, "catalog/a.yaml": component("a", first), "catalog/b.yaml": component("b", second)})


def test_a_policy_that_skips_one_looks_at_another() -> None:
    critical = policy("watched", 'referring(ref, "SLA").size() > 0', 'object.spec.more.tier == "critical"')
    files = {
        "catalog/a.yaml": component("a", TIERED),
        "catalog/b.yaml": component("b", "more: {tier: critical}"),
        "catalog/c.yaml": component("c", TIERED),
    }
    found = verdict({"policies/a.yaml": critical, **files})
    assert found.count('"rule": "watched"') == 1
    assert "component:default/b" in found


def test_a_policy_that_is_read_after_others_judges_them_too() -> None:
    late = {"catalog/z.yaml": policy("late", 'object.spec.type == "worker"')}
    found = verdict({"policies/a.yaml": LEFT, "catalog/a.yaml": component("a", TIERED), **late})
    assert '"rule": "late"' in found


@pytest.mark.parametrize("limit", ["_MOST", "_LONGEST", "_MOST_GROUPS"])
def test_too_much_or_too_long_is_not_told(limit: str, monkeypatch: pytest.MonkeyPatch, given: Counter[str]) -> None:
    monkeypatch.setattr(policy_early, limit, 0)
    assert '"errors": 0' in verdict({"policies/a.yaml": LEFT, "catalog/a.yaml": component("a", TIERED)})
    assert given["catalog/a.yaml"] > 0


def described(definition: str) -> str:
    long = api("a").replace("definition: text", f"definition: {definition}")
    assert long != api("a")
    return long


LONG = "x" * 100


@pytest.mark.parametrize("read", ['entity("api:default/a")', "object"])
@pytest.mark.parametrize(
    ("asked", "definition", "looked_up"),
    [
        ('!= ""', LONG, False),
        (f'in ["", "{LONG[1:]}"] || 1 == 1', LONG, False),
        # It is one of those, or may be.
        (f'== "{LONG}"', LONG, True),
        (f'in ["", "{LONG}"]', LONG, True),
        (f'!= "{LONG}y"', LONG, True),
        # More is asked than whether it is one of some texts.
        (".size() == 100", LONG, True),
        ('.startsWith("xx")', LONG, True),
        ("in [object.spec.definition]", LONG, True),
        # It is too long to be told here.
        ('!= ""', "x" * 2_001, True),
    ],
)
def test_a_long_text_is_looked_up_only_where_it_may_be_one_of_those_asked_for(
    read: str, asked: str, definition: str, looked_up: bool, given: Counter[str]
) -> None:
    require = f'targets(ref, "owner").size() == 1 && {read}.spec.definition{"" if asked[0] == "." else " "}{asked}'
    files = {"policies/a.yaml": policy("described", require, kinds="API"), "catalog/a.yaml": described(definition)}
    assert '"errors": 0' in verdict(files)
    assert (given["catalog/a.yaml"] > 0) is looked_up


@pytest.mark.parametrize("asked", ['== ""', f'!= "{LONG}"', ".size() < 100", f'in ["a", "{LONG[1:]}"]'])
def test_who_fails_for_a_long_text_fails(asked: str) -> None:
    require = f'targets(ref, "owner").size() == 1 && entity("api:default/a").spec.definition {asked}'.replace(" .", ".")
    files = {"policies/a.yaml": policy("described", require, kinds="API"), "catalog/a.yaml": described(LONG)}
    assert '"rule": "described"' in verdict(files)


def test_names_are_as_they_are_written(given: Counter[str]) -> None:
    files = {
        "policies/a.yaml": LEFT,
        "catalog/a.yaml": component("Loud", TIERED),
        "catalog/b.yaml": component("low", TIERED),
    }
    by = reading(FileShelf(room=0, asked_for=0))
    telling = early(by.expressions, by.gate.kinds)
    catalog = load(Memory(files), by, hear=telling.hear).catalog
    assert [entity.name for entity in catalog.of_kind("component")] == ["Loud", "low"]
    assert given == {"catalog/a.yaml": 1}


def test_where_no_reference_is_amiss_nobody_looks_and_else_they_are_named() -> None:
    files = {
        "catalog/a.yaml": component("a", "dependsOn: [component:b]"),
        "catalog/b.yaml": component("b", "dependsOn: [nothing-said-of-its-kind]"),
        "catalog/c.yaml": component("c", "dependsOn: [component:gone]"),
        "catalog/d.yaml": component("d", "system: component:a"),
        "teams/one.yaml": group("one"),
    }
    amiss = load(Memory(files), reading()).catalog.amiss
    assert [str(ref) for ref in sorted(amiss)] == [f"component:default/{name}" for name in "bcd"]


def test_who_stands_alone_in_a_file_is_told() -> None:
    files = {"catalog/a.yaml": component("a") + "---\n" + component("b"), "catalog/c.yaml": component("c")}
    catalog = load(Memory(files), reading()).catalog
    assert [catalog.alone(entity) for entity in catalog.of_kind("component")] == [False, False, True]
