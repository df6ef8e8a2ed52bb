"""What a budget says: exact at its thresholds, honest about what nobody knows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarmac.cost.budget import Billing, budget_of, limit_at, period_at, project, reaches, status, verdict
from tarmac.model.documents import Entity
from tarmac.model.facts import BudgetStatus, Estimate, LineItem
from tarmac.model.refs import Ref
from tarmac.model.values import parse_instant
from tests.trees import NOW, budget, catalog_of, group

TEAM = Ref.of("group", "one")
AMOUNTS = st.decimals("0", "1e9", places=2, allow_nan=False, allow_infinity=False)


def written(text: str) -> Entity:
    return catalog_of({"b.yaml": text}).entities[Ref.of("Budget", "one-2026")]


def entity(limit: str = "1000.00", extra: str = "", period: str = "month") -> Entity:
    return written(budget(limit=limit, extra=extra).replace("period: month", f"period: {period}"))


def cost(amount: str | Decimal | None, currency: str = "EUR") -> Estimate:
    known = None if amount is None else Decimal(amount)
    item = LineItem("all", "sku", amount=known, unknown=None if known is not None else "nobody knows")
    return Estimate(Ref.of("ResourceRequest", "r"), currency, (item,))


def judged(*costs: str | None, limit: str = "1000.00", billing: Billing | None = None) -> BudgetStatus:
    return status(entity(limit), TEAM, [cost(one) for one in costs], NOW, billing)


def reached(found: BudgetStatus) -> dict[str, bool | None]:
    return {f"{one.at} {one.of}": one.reached for one in found.thresholds}


@pytest.mark.parametrize(
    ("amount", "asks", "blocks"),
    [("999.99", False, False), ("1000.00", True, False), ("1099.999999999999", True, False), ("1100.00", True, True)],
)
def test_a_threshold_is_reached_at_equality_and_not_a_cent_before(amount: str, asks: bool, blocks: bool) -> None:
    found = reached(judged(amount))
    assert (found["100% projected"], found["110% projected"]) == (asks, blocks)


@given(AMOUNTS, st.fractions(0, 2, max_denominator=1000))
def test_reaching_needs_no_division(limit: Decimal, share: Fraction) -> None:
    edge = share * Fraction(limit)
    assert reaches(share, limit, edge)
    assert not reaches(share, limit, edge - Fraction(1, 10**9))


def test_a_budget_of_nothing_blocks_the_first_cent_and_divides_nothing() -> None:
    found = judged("0.01", limit="0")
    assert verdict(found, increases=True, complete=True).blocked


def test_without_billing_data_actual_is_unknown_and_the_projection_is_the_estimate() -> None:
    found = judged("600.00", "100.00")
    assert (found.actual, found.forecast, found.estimated) == (None, None, True)
    assert reached(found)["50% actual"] is None
    assert found.projected == found.committed == Decimal("700.00")


def test_with_billing_data_the_projection_is_forecast_and_what_comes() -> None:
    billing = Billing(actual=Decimal("500.00"), forecast=Decimal("900.00"))
    at = parse_instant("2026-11-16T12:00:00Z")
    found = status(entity(), TEAM, [], at, billing, added_monthly=Decimal("200.00"))
    assert found.projected == 1000
    assert reached(found) == {"50% actual": True, "100% projected": True, "110% projected": False}


def test_what_is_not_known_is_neither_reached_nor_not() -> None:
    found = judged("700.00", None)
    assert not found.complete
    assert reached(found)["100% projected"] is None
    assert reached(judged("1000.00", None))["100% projected"] is True


def test_an_estimate_in_another_currency_makes_the_sum_incomplete_and_is_not_added() -> None:
    found = status(entity(), TEAM, [cost("5.00"), cost("7.00", "SEK")], NOW)
    assert (found.committed, found.complete) == (Decimal("5.00"), False)


@pytest.mark.parametrize(
    ("name", "starts", "ends", "committed"),
    [
        ("month", "2026-12-01", "2027-01-01", "10.00"),
        ("quarter", "2026-10-01", "2027-01-01", "30.00"),
        ("year", "2026-01-01", "2027-01-01", "120.00"),
    ],
)
def test_a_period_is_half_open_and_commitments_count_once_a_month(
    name: str, starts: str, ends: str, committed: str
) -> None:
    found = status(entity(period=name), TEAM, [cost("10.00")], NOW)
    assert (found.starts, found.ends) == (parse_instant(starts), parse_instant(ends))
    assert found.committed == Decimal(committed)


@given(st.integers(0, 9998 * 365 * 24), st.sampled_from(["month", "quarter", "year"]))
def test_every_instant_is_in_exactly_its_period(hours: int, name: str) -> None:
    at = datetime(1, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    period = period_at(name, at)
    assert period.starts <= at
    assert at < period.ends
    assert period_at(name, period.starts) == period
    if period.starts > datetime(1, 1, 1, tzinfo=UTC):
        assert period_at(name, period.starts - timedelta(microseconds=1)).ends == period.starts


@pytest.mark.parametrize(
    ("at", "remaining"),
    [("2026-11-01T00:00:00Z", 30), ("2026-11-16T23:59:59Z", 15), ("2026-11-30T23:59:59Z", 1)],
)
def test_the_day_itself_is_a_remaining_day(at: str, remaining: int) -> None:
    instant = parse_instant(at)
    projected = project(Decimal(7), Decimal(60), instant, period_at("month", instant))
    assert projected == 7 + Fraction(60 * remaining, 30)


@given(AMOUNTS, AMOUNTS, st.integers(1, 28))
def test_projection_is_exact_for_every_day(forecast: Decimal, added: Decimal, day: int) -> None:
    at = datetime(2026, 2, day, 13, tzinfo=UTC)
    assert (
        project(forecast, added, at, period_at("month", at)) == Fraction(forecast) + Fraction(added) * (29 - day) / 28
    )


def test_after_its_end_nothing_more_comes_of_a_period_and_before_its_start_all_of_it() -> None:
    november = period_at("month", parse_instant("2026-11-16"))
    assert project(Decimal(7), Decimal(60), parse_instant("2026-12-01"), november) == 7
    assert project(Decimal(7), Decimal(60), parse_instant("2026-10-01"), november) == 67


@pytest.mark.parametrize(
    ("name", "called"), [("month", "month"), ("quarter", "quarter"), ("year", "year"), ("week", "month")]
)
def test_what_is_no_quarter_and_no_year_is_a_month(name: str, called: str) -> None:
    found = period_at(name, NOW)
    assert (found.name, found.months) == (called, {"quarter": 3, "year": 12}.get(called, 1))


def test_the_last_period_ends_with_the_calendar() -> None:
    def end(year: int, month: int) -> datetime:
        return period_at("month", datetime(year, month, 9, tzinfo=UTC)).ends

    assert end(9999, 11) == datetime(9999, 12, 1, tzinfo=UTC)
    assert end(9999, 12) == datetime.max.replace(tzinfo=UTC)


def test_an_amount_holds_from_its_first_moment_and_the_latest_goes_before_the_largest() -> None:
    first = '{from: "2026-01-01", limit: "1000.00"}'
    later = '{from: "2026-03-01", limit: "50.00"}, {from: "2026-01-01", limit: "90.00"}'
    found = written(budget().replace(first, later))
    for at, limit in (("2026-01-01", "90.00"), ("2026-02-28T23:59:59Z", "90.00"), ("2026-03-01", "50.00")):
        assert limit_at(found, parse_instant(at))[0] == Decimal(limit), at


def test_what_is_wrong_in_a_budget_is_left_out_and_the_rest_counts() -> None:
    thresholds = """  thresholds:
    - {at: 50%, of: actual, do: notify, to: [owner]}
    - {at: half, of: projected, do: block}
    - {of: projected, do: block}
    - {at: 70%}
"""
    text = budget().partition("  thresholds:")[0] + thresholds
    for line in ("  currency: EUR\n", "  period: month\n"):
        assert line in text
        text = text.replace(line, "")
    found = status(written(text), TEAM, [cost("5.00")], NOW)
    assert (found.currency, found.period, found.committed, found.complete) == ("", "month", Decimal(0), False)
    assert [(one.at, one.of, one.do, one.parties, one.reached) for one in found.thresholds] == [
        ("50%", "actual", "notify", ("owner",), None),
        ("70%", "", "", (), None),
    ]


def test_a_threshold_may_be_of_the_forecast() -> None:
    found = written(budget().replace("of: actual", "of: forecast"))
    for forecast, half in (("499.99", False), ("500.00", True)):
        billing = Billing(actual=Decimal(0), forecast=Decimal(forecast))
        said = status(found, TEAM, [], NOW, billing)
        assert reached(said)["50% forecast"] is half
        # Nothing comes, so what is projected is the forecast.
        assert said.projected == Fraction(forecast)


def test_the_limit_is_the_latest_that_has_begun_and_exceptions_last_through_their_day() -> None:
    extra = """\
  exceptions:
    - {until: "2026-11-30", extra: "50.00", reason: both stacks}
    - {from: "2026-12-05", until: "2026-12-31", extra: "7.00", reason: peak}
"""
    found = entity("100.00", extra)
    expected = {"2025-12-31T23:59:59Z": None, "2026-11-30T23:59:59Z": "150.00", "2026-12-01": "100.00",
                "2026-12-05": "107.00", "2027-01-01": "100.00"}  # fmt: skip
    for at, limit in expected.items():
        assert limit_at(found, parse_instant(at))[0] == (None if limit is None else Decimal(limit)), at


def test_a_team_over_its_budget_may_ask_for_less() -> None:
    over = judged("5000.00")
    assert verdict(over, increases=True, complete=True).blocked
    less = verdict(over, increases=False, complete=True)
    assert (less.exists, less.blocked, less.approvers) == (True, False, ())


def test_a_cost_that_nobody_knows_is_never_below_a_threshold() -> None:
    unknown = verdict(judged("1.00", None), increases=True, complete=False)
    assert unknown.approvers == ("group:default/finops",)
    assert not unknown.blocked
    # What was unknown before this change, and is not touched by it, holds nobody up.
    assert verdict(judged("1.00", None), increases=True, complete=True).approvers == ()


def test_who_is_asked_is_told_by_the_thresholds_that_are_reached() -> None:
    for amount, asked, blocked in (
        ("999.99", (), False),
        ("1000.00", ("group:default/finops",), False),
        ("1100.00", ("group:default/finops",), True),
    ):
        found = verdict(judged(amount), increases=True, complete=True)
        assert (found.exists, found.approvers, found.blocked) == (True, asked, blocked)


def test_a_teams_budget_is_the_first_that_names_it_as_its_team() -> None:
    files = {"b/one.yaml": budget(limit="2.00"), "a/one.yaml": budget(limit="1.00").replace("one-2026", "one-first")}
    files |= {"teams/one.yaml": group("one"), "teams/finops.yaml": group("finops")}
    catalog = catalog_of(files)
    found = budget_of(catalog, TEAM)
    assert found is not None
    assert found.path == "a/one.yaml"
    # It is asked there, which makes it nobody's budget.
    assert budget_of(catalog, Ref.of("group", "finops")) is None
    assert budget_of(catalog, Ref.of("group", "nobody")) is None


def test_without_a_budget_there_is_nothing_to_say() -> None:
    assert not verdict(None, increases=True, complete=True).exists
