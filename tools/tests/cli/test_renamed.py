"""A request that was renamed: its story is one, and the old name leads to the new one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tarmac.cli.main import tarmac
from tarmac.errors import UsageError
from tests.planning.worlds import DAY, NOW
from tests.reconcile.company import Company


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """orders-db was made, and renamed to orders-main."""
    company = Company.found(tmp_path)
    company.ask("orders-db", environment="production")
    company.commit()
    company.reconcile()
    company.withdraw("orders-db", "production")
    company.ask("orders-main", environment="production")
    path = company.root / company.path("orders-main", "production")
    path.write_text(path.read_text("utf-8") + "  previously: [Orders-DB]\n", "utf-8")
    company.commit()
    company.reconcile(NOW + DAY)
    return company


def run(company: Company, *arguments: str) -> Result:
    result = CliRunner().invoke(tarmac, [*arguments, "--root", str(company.root)], standalone_mode=False)
    if isinstance(result.exception, UsageError):
        raise result.exception
    assert result.exception is None, result.exception
    return result


def test_the_ledger_tells_one_story_under_either_name(company: Company) -> None:
    new, old = (run(company, "ledger", "show", name).stdout for name in ("orders-main", "orders-db"))
    assert new == old
    lines = new.splitlines()
    assert lines[0] == "resourcerequest:default/orders-main, instance 1: ready since 2026-12-01T06:00:00Z"
    assert "  once         resourcerequest:default/orders-db" in lines
    assert [line.split()[1:3] for line in lines if "  created " in line or "  updated " in line] == [
        ["created", "orders-db"],
        ["updated", "orders-main"],
    ]
    data = json.loads(run(company, "ledger", "show", "orders-db", "--format", "json").stdout)
    assert len(data["states"]) == 1
    assert len(data["entries"]) == 4


def test_a_new_request_under_the_old_name_has_a_story_of_its_own(company: Company) -> None:
    company.ask("orders-db", "bucket")
    company.commit()
    company.reconcile(NOW + 2 * DAY)
    assert "bucket" not in run(company, "ledger", "show", "orders-main").stdout
    both = run(company, "ledger", "show", "orders-db").stdout
    assert both.count(", instance ") == 2


def test_the_old_name_of_a_request_leads_to_the_new_one(company: Company) -> None:
    with pytest.raises(UsageError, match="orders-db was renamed to orders-main: tarmac request show orders-main"):
        run(company, "request", "show", "orders-db")
    path = company.root / company.path("orders-main", "production")
    path.write_text(path.read_text("utf-8").replace("  previously: [Orders-DB]\n", ""), "utf-8")
    with pytest.raises(UsageError, match="orders-db was renamed to orders-main"):
        run(company, "request", "show", "orders-db")


def test_a_name_that_never_was_is_met_with_the_nearest(company: Company) -> None:
    with pytest.raises(UsageError, match="there is no request 'orders'; did you mean orders-main"):
        run(company, "request", "show", "orders")
