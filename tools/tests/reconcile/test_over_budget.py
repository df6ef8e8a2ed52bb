"""What is not there yet is not made while its team's budget blocks; what lives stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tarmac.model.plan import Verb
from tests.planning.worlds import DAY, NOW
from tests.reconcile.company import Company

BUDGET = """\
apiVersion: tarmac/v1
kind: Budget
metadata: {name: platform-2026}
spec:
  team: group:default/platform
  currency: EUR
  period: month
  basis: effective
  amounts: [{from: "2026-01-01", limit: "LIMIT"}]
  thresholds:
    - {at: 50%, of: projected, do: notify, to: [owner]}
    - {at: 100%, of: projected, do: block}
"""
RATES = """\
apiVersion: tarmac/v1
kind: RateCard
metadata: {name: internal}
spec:
  currency: EUR
  source: {document: d, checked: "2026-01-01"}
  rates:
    - {sku: postgres, unit: unit-month, prices: [{from: "2026-01-01", price: "40.00"}]}
"""


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = Company.found(tmp_path)
    kind = company.root / "catalog/resource-types/postgres.yaml"
    priced = "  pricing:\n    - {item: database, sku: postgres, quantity: '1'}"
    kind.write_text(kind.read_text().replace("  pricing: []", priced))
    company.write("policies/rates.yaml", RATES)
    return company


def limit(company: Company, amount: str) -> None:
    company.write("teams/platform/budget.yaml", BUDGET.replace("LIMIT", amount))


def steps(company: Company, days: int = 0) -> dict[str, Verb]:
    made = company.plan(NOW + days * DAY).plan
    return {(action.request or "").rpartition("/")[2]: action.verb for action in made.actions}


def test_of_what_is_new_as_much_is_made_as_the_budget_bears(company: Company) -> None:
    limit(company, "100.00")
    for name in ("a", "b", "c"):
        company.ask(name)
    company.ask("free", kind="bucket")
    company.commit()
    assert steps(company) == {"a": Verb.CREATE, "b": Verb.CREATE, "c": Verb.HOLD, "free": Verb.CREATE}
    held = next(action for action in company.plan().plan.actions if action.verb is Verb.HOLD)
    assert held.reason == (
        "the budget of group:default/platform would come to 120.00 EUR of 100.00 EUR a month, and blocks at 100%: ask "
        "for a larger one, or let something go"
    )
    company.reconcile()
    assert company.references() == ["a", "b", "free"]
    limit(company, "120.01")
    company.commit()
    assert steps(company)["c"] is Verb.CREATE
    # At equality it is reached.
    limit(company, "120.00")
    company.commit()
    assert steps(company)["c"] is Verb.HOLD


def test_what_lives_stays_whatever_the_budget_says(company: Company) -> None:
    company.ask("a")
    company.ask("b")
    company.commit()
    company.reconcile()
    limit(company, "0.00")
    company.ask("a", config="size: large")
    company.ask("c")
    company.ask("free", kind="bucket")
    company.commit()
    assert steps(company) == {"a": Verb.UPDATE, "b": Verb.NONE, "c": Verb.HOLD, "free": Verb.CREATE}
    # Under a new name it is no new thing.
    company.withdraw("b")
    company.ask("b2")
    path = company.root / company.path("b2")
    path.write_text(path.read_text().replace("  reason:", "  previously: [b]\n  reason:"))
    company.commit()
    assert steps(company)["b2"] is Verb.UPDATE


def test_what_has_had_its_time_costs_nothing(company: Company) -> None:
    limit(company, "80.00")
    company.ask("a")
    company.commit()
    company.reconcile()
    company.ask("b")
    company.commit()
    assert steps(company) == {"a": Verb.NONE, "b": Verb.HOLD}
    company.reconcile(NOW + 7 * DAY)
    assert company.references() == []
    assert steps(company, 7) == {"a": Verb.NONE, "b": Verb.CREATE}


def test_a_team_without_a_budget_is_not_held(company: Company) -> None:
    company.ask("a")
    company.commit()
    assert steps(company) == {"a": Verb.CREATE}
