"""What approval rules are told of a request's cost and of its team's budget."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tarmac.app.review_approvals import topics
from tarmac.approvals.facts import Topic
from tarmac.approvals.subjects import Subject
from tarmac.model.facts import BudgetFacts, CostFacts, Estimate, LineItem
from tarmac.model.refs import Ref
from tarmac.model.values import Money
from tarmac.reports.review import RequestReview, TeamReview
from tests.approvals.town import R, S, catalog, staging, town

ONE, TWO = Ref.of("group", "one"), Ref.of("group", "two")
AFTER = catalog(town(**{R: staging(), S: staging(name="s", owner="two")}))
MINE, OTHER = (AFTER.entities[Ref.of("resourcerequest", name)] for name in ("r", "s"))
SUBJECT = Subject("ResourceRequest", "add", (R,), MINE, owners=(ONE,))
ASKS = BudgetFacts(exists=True, blocked=True, approvers=("group:default/finops",))


def euros(text: str) -> Money:
    return Money(Decimal(text), "EUR")


def asked(increase: str = "5.00", *, complete: bool = True, gone: bool = False) -> RequestReview:
    """A request that costs 20 a month after the change; nothing, where it is gone."""
    after = None if gone else Estimate(MINE.ref, "EUR", (LineItem("disk", "disk.gb", amount=Decimal("20.00")),))
    return RequestReview(MINE, None, "add", ONE, None, after, euros(increase), complete, None, None)


def of_team(recent: str | None = "7.00", facts: BudgetFacts = ASKS, team: Ref = ONE) -> TeamReview:
    return TeamReview(team, None, None, None, facts, euros("5.00"), None if recent is None else euros(recent))


def topic(request: RequestReview | None, *owners: TeamReview) -> Topic:
    elsewhere = RequestReview(OTHER, None, "add", TWO, None, None, euros("99.00"), True, None, None)
    others = of_team("99.00", BudgetFacts(exists=True), TWO)
    (found,) = topics([SUBJECT], [elsewhere, *([request] if request else [])], [others, *owners], "EUR")
    assert found.subject is SUBJECT
    return found


def test_a_request_has_its_cost_and_its_teams_budget() -> None:
    found = topic(asked(), of_team())
    assert found == Topic(SUBJECT, CostFacts(euros("20.00"), euros("5.00"), euros("7.00"), complete=True), ASKS)


def test_what_is_no_request_or_costs_nobody_anything_has_neither() -> None:
    assert topic(None, of_team()) == Topic(SUBJECT)
    files = Subject("File", "change", ("README.md",))
    assert topics([files, SUBJECT], [asked()], [], "EUR") == (Topic(files), topic(asked()))


def test_what_is_gone_costs_nothing_a_month() -> None:
    cost = topic(asked("-20.00", gone=True), of_team()).cost
    assert cost == CostFacts(euros("0"), euros("-20.00"), euros("7.00"), complete=True)


def test_a_request_of_nobodys_has_no_budget_and_no_teams_increase() -> None:
    assert topic(asked()) == Topic(SUBJECT, CostFacts(euros("20.00"), euros("5.00"), euros("0"), complete=True))


@pytest.mark.parametrize(
    ("complete", "recent", "known"),
    [(True, "7.00", True), (False, "7.00", False), (True, None, False), (False, None, False)],
)
def test_it_is_known_whole_where_the_teams_history_is_as_well(complete: bool, recent: str | None, known: bool) -> None:
    cost = topic(asked(complete=complete), of_team(recent)).cost
    assert cost is not None
    assert (cost.complete, cost.team_increase) == (known, euros(recent or "0"))


@pytest.mark.parametrize(
    ("increase", "complete", "speaks"),
    [
        ("0.000001", True, True),
        ("0", True, False),
        ("-5.00", True, False),
        ("0", False, True),
        ("-5.00", False, True),
    ],
)
def test_a_budget_asks_nothing_of_what_costs_no_more(increase: str, complete: bool, speaks: bool) -> None:
    found = topic(asked(increase, complete=complete), of_team())
    assert found.budget == (ASKS if speaks else BudgetFacts(exists=True))
