"""Why a rule asks, part by part: what holds is said with the values that it rests on, and no more than one can read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal

import pytest

from tarmac.app.approval_reasons import (
    _Look,  # what is shown of one fact
    with_reasons,
)
from tarmac.approvals.facts import Topic
from tarmac.approvals.subjects import Subject
from tarmac.model.expressions import NO_FUNCTIONS, Expression, Functions
from tarmac.model.facts import BudgetFacts, CostFacts, Decision, State
from tarmac.model.refs import Ref
from tarmac.model.values import Money
from tests.approvals.town import R, S, catalog, rule, staging, town
from tests.trees import NOW, READING

MANY = {f"requests/one/staging/q{number}.yaml": staging(name=f"q{number}") for number in range(6)}
AFTER = catalog(town(**{R: staging(30), S: staging(name="s", owner="two", environment="production"), **MANY}))
MONTHLY, INCREASE, LATELY = (Money(Decimal(text), "EUR") for text in ("20.00", "5.25", "7.00"))
COST = CostFacts(MONTHLY, INCREASE, LATELY, complete=True)
ASK = (Decision("group:default/finops", State.PENDING, "nobody has approved yet"),)


def topic(name: str = "r", cost: CostFacts | None = COST) -> Topic:
    entity = AFTER.entities[Ref.of("resourcerequest", name)]
    subject = Subject("ResourceRequest", "add", (entity.path,), entity, owners=(Ref.of("group", "one"),))
    return Topic(subject, cost, BudgetFacts(exists=True))


def node(
    *about: str, state: State = State.PENDING, because: tuple[str, ...] = (), children: tuple[Decision, ...] = ASK
) -> Decision:
    return Decision("asks", state, "why", about, children=children, because=because)


def said(when: str | None, found: Decision, topics: Sequence[Topic] = (topic(),)) -> Decision:
    """What comes of that node of the rule `asks`, beside one of no rule."""
    stated = "" if when is None else f"  when: {json.dumps(when)}\n"
    base = catalog(town(rule("asks", "x").replace("  when: >-\n    x\n", stated)))
    other = Decision("code-owners", State.PENDING, "why", found.about, children=ASK)
    whole = Decision("approvals", State.PENDING, "all of it", children=(other, found))
    given = with_reasons(whole, topics, base, AFTER, READING.expressions, NOW)
    assert (given.name, given.state, given.reason, given.children[0]) == (
        "approvals",
        State.PENDING,
        "all of it",
        other,
    )
    return given.children[1]


def test_what_is_asked_unless_it_is_automatic_says_that_it_is_not() -> None:
    base = catalog(town(rule("asks", 'cost.monthly > money("10.00")', more="  unlessAuto: true\n")))
    whole = Decision("approvals", State.PENDING, "all of it", children=(node("resourcerequest:default/r"),))
    (asks,) = with_reasons(whole, (topic(),), base, AFTER, READING.expressions, NOW).children
    assert asks.because == ("cost.monthly 20.00 EUR > 10.00 EUR", "no rule with auto: true is for it")


def because(when: str, *about: str, topics: Sequence[Topic] = (topic(),)) -> list[str]:
    found = node(*(about or (topics[0].subject.name,)))
    given = said(when, found, topics)
    assert given.children == found.children
    return list(given.because)


R_REF = "resourcerequest:default/r"
SIX = [topic(f"q{number}") for number in range(6)]


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        # Amounts are shown as money, on both sides.
        ('cost.monthly > money("10.00")', ["cost.monthly 20.00 EUR > 10.00 EUR"]),
        ('cost.monthly >= money("20.00")', ["cost.monthly 20.00 EUR >= 20.00 EUR"]),
        ("cost.teamIncrease30d <\n  cost.monthly", ["cost.teamIncrease30d 7.00 EUR < 20.00 EUR"]),
        ("cost.monthlyIncrease != 0", ["cost.monthlyIncrease 5.25 EUR != 0.00 EUR"]),
        ("cost.monthly ==cost.monthly", ["cost.monthly 20.00 EUR == 20.00 EUR"]),
        ("cost.monthly > 1 == true", ["cost.monthly > 1 == true (cost.monthly is 20.00 EUR)"]),
        ('cost.monthly != "x"', ['cost.monthly != "x" (cost.monthly is 20.00 EUR)']),
        ("cost.monthly in [20000000]", ["cost.monthly in [20000000] (cost.monthly is 20.00 EUR)"]),
        # Other values are shown as they are.
        ("cost.complete == true", ["cost.complete == true (cost.complete is true)"]),
        ("cost.complete", ["cost.complete (cost.complete is true)"]),
        ("!budget.blocked", ["!budget.blocked (budget.blocked is false)"]),
        (
            "owner.memberCount <\n   object.spec.config.gb",
            ["owner.memberCount < object.spec.config.gb (owner.memberCount is 2; object.spec.config.gb is 30)"],
        ),
        ('owner.roles.lead != ["x"]', ['owner.roles.lead != ["x"] (owner.roles.lead is ["user:default/ana"])']),
        (
            'owner.roles != {"a": ["x"]}',
            ['owner.roles != {"a": ["x"]} (owner.roles is {"lead": ["user:default/ana"]})'],
        ),
        (
            'object.metadata == {"name": "r"}',
            ['object.metadata == {"name": "r"} (object.metadata is {"name": "r"})'],
        ),
        ('now > timestamp("2026-01-01T00:00:00Z")',
         ['now > timestamp("2026-01-01T00:00:00Z") (now is "2026-12-01 06:00:00+00:00")']),
        (
            "object.spec.config != {}",
            ['object.spec.config != {} (object.spec.config is {"gb": 30, "metered": false, "size": "small"})'],
        ),
        ("true", ["true"]),
        # Of several parts those that hold are told.
        ("true && budget.exists", ["true", "budget.exists (budget.exists is true)"]),
        ("budget.blocked || budget.exists", ["budget.exists (budget.exists is true)"]),
        ("budget.blocked || (budget.exists && true)", ["budget.exists (budget.exists is true)", "true"]),
        ("(budget.blocked && true) || budget.exists", ["budget.exists (budget.exists is true)"]),
        ("budget.exists ? true : false", ["budget.exists (budget.exists is true)", "true"]),
        ("budget.blocked ? false : budget.exists", ["budget.exists (budget.exists is true)"]),
        (
            "budget.exists ? true : owner.memberCount == 2",
            ["budget.exists (budget.exists is true)", "true"],
        ),
        ("budget.exists ? (budget.blocked || true) : true", ["budget.exists (budget.exists is true)", "true"]),
        # What cannot be told does not hold, and what is optional is told by what stands there.
        ("object.spec.nothing || budget.exists", ["budget.exists (budget.exists is true)"]),
        (
            "object.spec.?config.?gb.orValue(1) == 30",
            ["object.spec.?config.?gb.orValue(1) == 30 (object.spec.?config.?gb is 30)"],
        ),
        (
            'object.spec[?"type"].orValue("x") != "x"',
            ['object.spec[?"type"].orValue("x") != "x" (object.spec[?"type"] is "disk@1.0.0")'],
        ),
        (
            "object.spec.?nothing.orValue(1) == 1",
            ["object.spec.?nothing.orValue(1) == 1 (object.spec.?nothing is null)"],
        ),
        (
            'object.spec[?"nothing"].orValue(1) == 1',
            ['object.spec[?"nothing"].orValue(1) == 1 (object.spec[?"nothing"] is null)'],
        ),
        # That it is a request is told only where nothing else is to be told.
        ('change.kind == "ResourceRequest" && budget.exists', ["budget.exists (budget.exists is true)"]),
        (
            'change.kind == "ResourceRequest" && budget.exists == budget.exists',
            ["budget.exists == budget.exists (budget.exists is true)"],
        ),
        (
            'change.kind in ["File", "ResourceRequest"]',
            ['change.kind in ["File", "ResourceRequest"] (change.kind is "ResourceRequest")'],
        ),
    ],
)  # fmt: skip
def test_what_holds_is_said(when: str, expected: list[str]) -> None:
    assert because(when) == expected


def test_an_amount_that_nobody_knows_is_unknown() -> None:
    unknown = topic(cost=CostFacts(MONTHLY, INCREASE, LATELY, complete=False))
    assert because('cost.monthly > money("10.00")', topics=[unknown]) == ["cost.monthly unknown > 10.00 EUR"]
    assert because("cost.monthly in [cost.monthly]", topics=[unknown]) == [
        "cost.monthly in [cost.monthly] (cost.monthly is unknown)"
    ]


def test_what_costs_nothing_has_no_currency_to_say_it_in() -> None:
    assert because('cost.monthly < money("10.00")', topics=[topic(cost=None)]) == ["cost.monthly 0.00 < 10.00"]


@pytest.mark.parametrize(("length", "cut"), [(120, False), (121, True)])
def test_a_long_part_is_cut(length: int, cut: bool) -> None:
    part = f'"{"x" * (length - 8)}" != ""'
    (told,) = because(part)
    assert len(part) == length
    assert told == (f"{part[:120]}..." if cut else part)


def test_a_long_value_is_cut() -> None:
    paths = "x" * 300
    subject = Subject("File", "add", (paths,))
    (told,) = because("size(change.paths) == 1", topics=[Topic(subject)])
    assert told == f'size(change.paths) == 1 (change.paths is ["{"x" * 118}...)'


def test_of_many_parts_eight_are_told() -> None:
    parts = [f"{number} == {number}" for number in range(9)]
    assert because(" && ".join(parts)) == parts[:8]


def test_of_many_subjects_five_are_told_and_each_is_named() -> None:
    names = [one.subject.name for one in SIX]
    found = because("budget.exists", *names, topics=SIX)
    assert found == [f"budget.exists (budget.exists is true), of {name}" for name in names[:5]]
    assert because("budget.exists", *names[:2], topics=SIX) == found[:2]


def test_whatever_is_no_subject_is_left_out() -> None:
    assert because("true", R_REF, "README.md") == [f"true, of {R_REF}"]


def test_what_holds_for_the_same_reason_is_said_once() -> None:
    assert because("budget.exists || budget.exists") == ["budget.exists (budget.exists is true)"]


def test_only_a_rule_that_asks_somebody_needs_a_reason() -> None:
    for found in (
        node(R_REF, state=State.SKIPPED),
        node(R_REF, state=State.ERROR),
        node(R_REF, children=()),
        node(R_REF, because=("this change mends it",)),
    ):
        assert said("true", found) == found
    assert said(None, node(R_REF)) == node(R_REF)
    for state in (State.PENDING, State.APPROVED, State.REJECTED):
        assert said("true", node(R_REF, state=state)) == node(R_REF, state=state, because=("true",))


def test_the_facts_are_those_that_the_rule_was_asked_with() -> None:
    """Whose the paths are is known to the base; the defaults of a type that is new are those of the change."""
    assert because('"group:default/one" in change.pathOwners') == [
        '"group:default/one" in change.pathOwners (change.pathOwners is ["group:default/one"])'
    ]
    assert because("object.spec.config.size == 'small'") == [
        "object.spec.config.size == 'small' (object.spec.config.size is \"small\")"
    ]


def test_a_fact_that_stands_alone_is_shown_as_it_is() -> None:
    class Nothing:
        sure = READING.expressions.sure

        @staticmethod
        def compile(source: str, variables: Sequence[str], functions: Functions = NO_FUNCTIONS) -> Expression:
            raise AssertionError(f"{source} needs no evaluation")

    look = _Look(
        Topic(Subject("User", "add", ("teams/ana.yaml",))), {"owners": [{"ref": "group:default/one"}]}, Nothing()
    )
    assert look._shown("owners") == '[{"ref": "group:default/one"}]'
