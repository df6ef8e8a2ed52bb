"""An approval rule asks for as many people, and as many of its choices, as there are."""

from __future__ import annotations

import pytest

from tarmac.model.findings import Finding
from tarmac.rules import load
from tests.rules.worlds import catalog_of, settings_of

PEOPLE = """\
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: three}
spec: {type: team, children: [], members: [ana, bo, cleo], tarmac: {roles: {lead: [ana, dan]}}}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: two}
spec: {type: team, children: [], members: [cleo, dan], tarmac: {roles: {lead: [cleo, dan]}}}
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: {name: none}
spec: {type: team, children: [], tarmac: {roles: {duty: []}}}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: ana}
spec: {memberOf: []}
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: {name: bo}
spec: {memberOf: []}
"""
RULE = "apiVersion: tarmac/v1\nkind: ApprovalRule\nmetadata: {name: r}\nspec:\n  require:\n    - "
NEVER = ": this can never be met"
EVEN = ", even where the largest group is meant"


def found(item: str, people: str = PEOPLE) -> list[Finding]:
    catalog = catalog_of(f"{RULE}{item}\n---\n{people}")
    return list(load("approval-count").find(catalog, settings_of(catalog)))


def at(item: str, key: str) -> int:
    """The column of the value of the last key of that name."""
    return len("    - ") + item.rindex(f"{key}: ") + len(f"{key}: ") + 1


@pytest.mark.parametrize(
    ("item", "key", "severity", "message", "fix"),
    [
        ("{from: [group:three], count: 4}", "count", "error", f"4 must approve, and from names only 3{NEVER}",
         "write at most 3, or name more people in from"),
        ("{from: [group:three], count: 20}", "count", "error", f"20 must approve, and from names only 3{NEVER}",
         "write at most 3, or name more people in from"),
        # Who is in two of the groups is one person.
        ("{from: [group:three, group:two], count: 5}", "count", "error",
         f"5 must approve, and from names only 4{NEVER}", "write at most 4, or name more people in from"),
        ("{from: [user:ana, group:two], count: 4}", "count", "error",
         f"4 must approve, and from names only 3{NEVER}", "write at most 3, or name more people in from"),
        # Whoever holds a role and is no member does not count.
        ("{from: [group:three], role: lead, count: 2}", "count", "error",
         f"2 must approve, and from names only 1 with the role lead{NEVER}",
         "write at most 1, or name more people in from"),
        ("{from: [group:none]}", "from", "error", f"1 must approve, and from names nobody{NEVER}",
         "name somebody in from"),
        ("{from: [group:none], count: 1}", "count", "error", f"1 must approve, and from names nobody{NEVER}",
         "name somebody in from"),
        ("{from: [group:none], role: duty}", "from", "error",
         f"1 must approve, and from names nobody with the role duty{NEVER}", "name somebody in from"),
        # Of what the words mean the largest group is taken.
        ("{from: [owner], count: 4}", "count", "warning", f"4 must approve, and from names only 3{EVEN}",
         "write at most 3, or name more people in from"),
        ("{from: [code-owners, group:two], count: 6}", "count", "warning",
         f"6 must approve, and from names only 5{EVEN}", "write at most 5, or name more people in from"),
        ("{from: [parent], role: lead, count: 3}", "count", "warning",
         f"3 must approve, and from names only 2 with the role lead{EVEN}",
         "write at most 2, or name more people in from"),
        ("{from: [owner], role: duty, count: 1}", "count", "warning",
         f"1 must approve, and from names nobody with the role duty{EVEN}", "name somebody in from"),
        # In choices it is the same.
        ("{anyOf: [{from: [owner]}, {from: [group:two], count: 3}]}", "count", "error",
         f"3 must approve, and from names only 2{NEVER}", "write at most 2, or name more people in from"),
        ("{atLeast: 3, of: [{from: [owner]}, {from: [group:two]}]}", "atLeast", "error",
         f"3 of these must be met and there are 2{NEVER}", "write at most 2, or add to of"),
        ("{atLeast: 2, of: [{from: [owner]}]}", "atLeast", "error",
         f"2 of these must be met and there are 1{NEVER}", "write at most 1, or add to of"),
    ],
)  # fmt: skip
def test_more_than_there_are(item: str, key: str, severity: str, message: str, fix: str) -> None:
    (one,) = found(item)
    assert (one.message, one.severity, one.fix and one.fix.sentence) == (message, severity, fix)
    assert (one.place.line, one.place.column) == (6, at(item, key))
    assert (one.rule, one.entity) == ("approval-count", "approvalrule:default/r")


@pytest.mark.parametrize(
    "item",
    [
        "{from: [group:three], count: 3}",
        "{from: [group:three]}",
        "{from: [group:three, group:two], count: 4}",
        "{from: [user:ana, group:two], count: 3}",
        "{from: [user:ana, group:three], role: lead}",
        "{from: [group:two], role: lead, count: 2}",
        "{from: [owner], count: 3}",
        "{from: [owner, group:two], count: 5}",
        "{from: [parent], role: lead, count: 2}",
        "{from: [owner]}",
        "{from: [owner], role: duty}",
        "{atLeast: 2, of: [{from: [owner]}, {from: [group:two]}]}",
        # What is not there, or not in its format, has a finding of its own.
        "{from: [group:gone, group:two], count: 9}",
        "{from: [group:gone, owner], count: 9}",
        "{from: [group:three], role: chief, count: 9}",
        "{from: [owner], role: chief, count: 9}",
        "{from: [], count: 9}",
        "{count: 9}",
        "{from: [group:three], count: many}",
        "{from: [group:three], count: true}",
        "{atLeast: true, of: [{from: [owner]}]}",
        "{atLeast: 9, of: []}",
        "{atLeast: 9}",
        "nothing",
    ],
)
def test_no_more_than_there_are(item: str) -> None:
    assert found(item) == []


def test_where_there_are_no_groups_the_words_say_nothing() -> None:
    assert found("{from: [owner], count: 9}", "apiVersion: v1\nkind: X\nmetadata: {name: x}\n") == []
    assert len(found("{from: [owner], count: 9}")) == 1


def test_each_item_is_looked_at() -> None:
    items = ("{from: [group:two], count: 3}", "{from: [group:three], count: 4}", "{atLeast: 2, of: [{from: [owner]}]}")
    told = [(one.place.line, one.place.column) for one in found("\n    - ".join(items))]
    assert told == [(6, at(items[0], "count")), (7, at(items[1], "count")), (8, at(items[2], "atLeast"))]
