"""What a rule does not come to is not looked up, and what it comes to is the same however late it is made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from tarmac.approvals.facts import Seen
from tarmac.approvals.repair import applied
from tarmac.approvals.rule import ApprovalRule
from tarmac.approvals.subjects import Subject
from tarmac.errors import ExpressionError
from tarmac.model.expressions import NO_FUNCTIONS, Expression, Fact, Functions
from tests.trees import NOW, READING

SUBJECT = Subject("Component", "change", ("catalog/shop.yaml",))
EARLY: Mapping[str, Fact] = {
    "change": {"kind": "Component", "fields": ["spec.a"]},
    "cost": {"monthly": 0},
    "budget": {"exists": False},
    "now": NOW,
}
DOCUMENTS: Mapping[str, Fact] = {"object": {"spec": {"a": 1}}, "old": {}}
OWNERS: Mapping[str, Fact] = {"owner": {"ref": "group:default/one"}, "owners": []}


@pytest.mark.parametrize(
    ("when", "steps", "holds"),
    [
        ("change.kind == 'Component'", 0, True),
        ("change.kind == 'API'", 0, False),
        ("change.kind == 'API' && owner.ref == ''", 0, False),
        ("change.kind == 'Component' && object.spec.a == 1", 1, True),
        ("change.kind == 'Component' && old == {'a': 1}", 2, False),
        ("owner.ref == 'group:default/one'", 2, True),
        ("owner.ref == 'group:default/two' && object.spec.a == 1", 2, False),
        ("change.fields.map(it, it).size() == 1", 2, True),
    ],
)
def test_how_much_of_a_subject_is_made_for_a_rule(when: str, steps: int, holds: bool) -> None:
    made: list[str] = []

    def documents() -> Mapping[str, Fact]:
        made.append("documents")
        return DOCUMENTS

    def owners() -> Mapping[str, Fact]:
        made.append("owners")
        return OWNERS

    rule = ApprovalRule("r", "policies/r.yaml", when, (), automatic=True, unless_automatic=False, distinct=False)
    found = applied([rule, rule], [SUBJECT], [Seen(EARLY, (documents, owners))], READING.expressions)
    assert found == [{0} if holds else set()] * 2
    assert len(set(made)) == steps


def test_what_is_proved_to_compile_is_compiled_where_it_is_asked_alone() -> None:
    def rule(when: str) -> ApprovalRule:
        return ApprovalRule("r", "policies/r.yaml", when, (), automatic=True, unless_automatic=False, distinct=False)

    told, engine = rule("change.kind == 'Component'"), rule("change.fields.map(it, it).size() == 1")
    broken, none = rule("change.kind =="), rule("nothing.at.all")
    rules = [told, engine, broken, none]
    asked: list[str] = []

    class Counted:
        sure = READING.expressions.sure

        @staticmethod
        def compile(source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> Expression:
            asked.append(source)
            return READING.expressions.compile(source, variables, functions)

    seen = [Seen(EARLY, (lambda: DOCUMENTS, lambda: OWNERS))]
    found = applied(rules, [SUBJECT], seen, Counted(), {told, engine})
    assert asked == [broken.when, none.when, engine.when]
    assert found[:2] == [{0}, {0}]
    assert all(isinstance(one, ExpressionError) for one in found[2:])
    # Whatever is said to be proved, what does not compile applies to nothing.
    assert isinstance(applied([broken], [SUBJECT], seen, Counted(), {broken})[0], ExpressionError)


def test_all_of_it_is_told_in_the_order_in_which_it_is_declared() -> None:
    seen = Seen(EARLY, (lambda: OWNERS, lambda: DOCUMENTS))
    assert list(seen.whole) == ["object", "old", "change", "owner", "owners", "cost", "budget", "now"]
