"""What a rule's `when` sees of one subject: every field, at its ends too."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import pytest

from tarmac.approvals.facts import Topic
from tarmac.approvals.facts import seen as seen_of
from tarmac.approvals.owners import PathOwners
from tarmac.approvals.subjects import Subject
from tarmac.catalog.index import Catalog
from tarmac.model.expressions import Fact
from tarmac.model.facts import UNKNOWN_AMOUNT, BudgetFacts, CostFacts
from tarmac.model.frozen import replace
from tarmac.model.refs import Ref
from tarmac.model.values import Money
from tests.approvals.town import R, S, catalog, staging, town
from tests.trees import DISK, NOW

BASE = catalog(town(**{R: staging()}))
AFTER = catalog(town(**{R: staging(20), S: staging(name="s", owner="two", environment="production")}))
REF = Ref.parse("resourcerequest:default/r")
NEW = Ref.parse("resourcerequest:default/s")
CHANGED = Subject(
    "ResourceRequest", "change", (R,), AFTER.entities[REF], BASE.entities[REF], ("spec.config.gb",),
    (Ref.of("group", "one"),),
)  # fmt: skip
NO_COST = {"monthly": 0, "monthlyIncrease": 0, "teamIncrease30d": 0, "complete": True}
NO_BUDGET = {"exists": False, "blocked": False, "approvalRequired": False, "approvers": []}


def seen(topic: Topic, base: Catalog = BASE, after: Catalog = AFTER) -> Mapping[str, Fact]:
    return seen_of(topic, base, after, NOW).whole


def part(known: Mapping[str, Fact], *path: str) -> object:
    found: object = known
    for key in path:
        assert isinstance(found, Mapping)
        found = found[key]
    return found


def test_a_changed_request_is_seen_whole() -> None:
    known = seen(Topic(CHANGED))
    assert list(known) == ["object", "old", "change", "owner", "owners", "cost", "budget", "now"]
    assert part(known, "object", "spec", "config", "gb") == 20
    assert part(known, "old", "spec", "config", "gb") == 10
    assert known["change"] == {
        "kind": "ResourceRequest",
        "operation": "change",
        "paths": [R],
        "environment": "staging",
        "environments": ["staging"],
        "fields": ["spec.config.gb"],
        "pathOwners": ["group:default/one"],
    }
    assert part(known, "owner", "ref") == "group:default/one"
    assert part(known, "owner", "members") == ["user:default/ana", "user:default/ben"]
    assert known["owners"] == [known["owner"]]
    assert (known["cost"], known["budget"], known["now"]) == (NO_COST, NO_BUDGET, NOW)


def test_all_owners_are_seen_and_the_last_is_the_owner() -> None:
    owners = (Ref.of("group", "one"), Ref.of("group", "gone"), Ref.of("group", "two"))
    known = seen(Topic(Subject("User", "change", (R,), owners=owners)))
    found = known["owners"]
    assert isinstance(found, list)
    assert [one["ref"] for one in found] == ["group:default/one", "group:default/gone", "group:default/two"]
    assert [one["roles"] for one in found[:2]] == [{"lead": ["user:default/ana"]}, {}]
    assert found[2] == known["owner"]
    assert seen(Topic(Subject("File", "change", (R,))))["owners"] == []


def test_what_is_new_has_nothing_before_it() -> None:
    known = seen(Topic(Subject("ResourceRequest", "add", (S,), AFTER.entities[NEW], owners=(Ref.of("group", "two"),))))
    assert known["old"] == {}
    assert part(known, "object", "spec", "config") == {"gb": 10, "size": "small", "metered": False}
    assert part(known, "change", "environments") == ["production"]


def test_a_file_is_its_paths_and_nothing_else() -> None:
    known = seen(Topic(Subject("File", "change", ("README.md",))))
    assert (known["object"], known["old"]) == ({}, {})
    assert part(known, "change", "environment") == ""
    assert part(known, "change", "pathOwners") == ["group:default/platform"]


def test_a_path_that_is_no_text_is_seen_with_escapes() -> None:
    known = seen(Topic(Subject("File", "add", ("a\udcff.txt", "größe.txt"))))
    assert part(known, "change", "paths") == ["a\\udcff.txt", "größe.txt"]


def test_the_owners_of_the_paths_are_those_that_are_handed_in() -> None:
    """They are the base's, made once for all subjects."""
    elsewhere = PathOwners(catalog(town(**{R: staging(owner="two")})))
    known = seen_of(Topic(CHANGED), BASE, AFTER, NOW, elsewhere).whole
    assert part(known, "change", "pathOwners") == ["group:default/two"]


def test_defaults_are_those_of_the_base_and_of_the_change_only_where_the_type_is_new() -> None:
    """Otherwise a change of a type could hide what a request of that type asks for."""
    types = "catalog/types/disk.yaml"
    bigger = DISK.replace("default: 10", "default: 900")
    assert bigger != DISK
    bare = staging().replace("gb: 10", "")
    before, after = catalog(town()), catalog(town(**{types: bigger, R: bare}))
    added = Topic(Subject("ResourceRequest", "add", (R,), after.entities[REF]))
    assert part(seen(added, before, after), "object", "spec", "config", "gb") == 10
    without = catalog({path: text for path, text in town().items() if path != types})
    assert part(seen(added, without, after), "object", "spec", "config", "gb") == 900


@pytest.mark.parametrize(
    ("owners", "ref", "name"),
    [((), "", ""), ((Ref.of("group", "unheard"),), "group:default/unheard", "unheard")],
)
def test_an_owner_whom_the_base_does_not_know_has_no_members(owners: tuple[Ref, ...], ref: str, name: str) -> None:
    known = seen(Topic(replace(CHANGED, owners=owners)))
    assert known["owner"] == {"ref": ref, "name": name, "members": [], "roles": {}, "memberCount": 0}


def test_of_two_owners_the_later_one_is_the_owner() -> None:
    both = replace(CHANGED, owners=(Ref.of("group", "one"), Ref.of("group", "two")))
    assert part(seen(Topic(both)), "owner", "name") == "two"


def euros(text: str) -> Money:
    return Money(Decimal(text), "EUR")


def test_a_cost_is_in_millionths() -> None:
    cost = CostFacts(euros("2.50"), euros("1.25"), euros("0.0000001"), complete=True)
    assert seen(Topic(CHANGED, cost))["cost"] == {
        "monthly": 2_500_000,
        "monthlyIncrease": 1_250_000,
        "teamIncrease30d": 1,
        "complete": True,
    }


def test_a_cost_that_is_not_known_whole_is_below_no_threshold() -> None:
    cost = CostFacts(euros("2.50"), euros("1.25"), euros("1.00"), complete=False)
    assert seen(Topic(CHANGED, cost))["cost"] == {
        "monthly": UNKNOWN_AMOUNT,
        "monthlyIncrease": UNKNOWN_AMOUNT,
        "teamIncrease30d": UNKNOWN_AMOUNT,
        "complete": False,
    }


def test_a_budget_says_what_it_asks() -> None:
    asked = BudgetFacts(exists=True, blocked=True, approvers=("group:default/finops",))
    assert seen(Topic(CHANGED, budget=asked))["budget"] == {
        "exists": True,
        "blocked": True,
        "approvalRequired": True,
        "approvers": ["group:default/finops"],
    }
    assert part(seen(Topic(CHANGED, budget=BudgetFacts(exists=True))), "budget", "approvalRequired") is False
