"""A later end, written into the request's file, and nothing else there changed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tarmac.adapters.yaml_edit import edited
from tarmac.adapters.yaml_reader import read_documents
from tarmac.app import wire
from tarmac.app.renew import renew
from tarmac.cli.main import tarmac
from tarmac.errors import UsageError
from tarmac.model.edits import AddText, Edit, Rekey
from tests.planning.worlds import DAY, NOW
from tests.reconcile.company import Company

WITH_TTL = """\
# What the load test needs.
apiVersion: tarmac/v1
kind: ResourceRequest
metadata: {name: orders-db}   # one line
spec:
  type: postgres@1.0.0
  owner: group:default/platform
  environment: development
  config: {}
  ttl: 7d    # a week is enough
  # and a last word
  reason: 'a test'
"""


@pytest.fixture
def company(tmp_path: Path) -> Company:
    return Company.found(tmp_path)


def renewed(company: Company, days: int, now: int = 0, name: str = "orders-db") -> str:
    done = renew(
        wire.source(company.root, None),
        company.deps().ledger,
        wire.reading(),
        wire.editor(),
        name,
        days * DAY,
        NOW + now * DAY,
    )
    return done.after.decode()


def test_a_ttl_gives_way_to_a_day_and_every_comment_stays(company: Company) -> None:
    company.write("requests/platform/development/orders-db.yaml", WITH_TTL)
    assert renewed(company, 14) == WITH_TTL.replace("ttl: 7d", 'expires: "2026-12-15"')


def test_a_day_is_moved_in_its_own_quotes(company: Company) -> None:
    for before, after in (("'{}'", "'{}'"), ('"{}"', '"{}"'), ("{}", '"{}"')):
        text = WITH_TTL.replace("ttl: 7d", "expires: " + before.format("2026-12-03"))
        company.write("requests/platform/development/orders-db.yaml", text)
        assert renewed(company, 14) == text.replace(before.format("2026-12-03"), after.format("2026-12-15"))


def test_a_request_that_says_nothing_of_its_end_gets_a_day(company: Company) -> None:
    text = WITH_TTL.replace("  ttl: 7d    # a week is enough\n", "")
    company.write("requests/platform/development/orders-db.yaml", text)
    assert renewed(company, 14) == text.replace("postgres@1.0.0\n", 'postgres@1.0.0\n  expires: "2026-12-15"\n')


def test_the_environments_maximum_is_the_most(company: Company) -> None:
    company.write("requests/platform/development/orders-db.yaml", WITH_TTL)
    assert 'expires: "2026-12-31"' in renewed(company, 30)
    assert 'expires: "2026-12-31"' in renewed(company, 31)


def test_what_never_ends_ends_later_anyway_or_is_unknown_is_wrong_usage(company: Company) -> None:
    company.ask("for-good", environment="production")
    company.write("requests/platform/development/orders-db.yaml", WITH_TTL.replace("ttl: 7d", 'expires: "2026-12-15"'))
    with pytest.raises(UsageError, match="never ends"):
        renewed(company, 14, name="for-good")
    with pytest.raises(UsageError, match="lives until 2026-12-16T00:00:00Z already"):
        renewed(company, 14)
    assert 'expires: "2026-12-16"' in renewed(company, 15)
    with pytest.raises(UsageError, match="did you mean orders-db"):
        renewed(company, 14, name="order-db")


def test_days_beyond_the_calendar_are_wrong_usage(company: Company) -> None:
    kind = (company.root / "catalog/resource-types/postgres.yaml").read_text("utf-8")
    company.write("catalog/resource-types/postgres.yaml", kind.replace(", max: 30d", ""))
    company.write("requests/platform/development/orders-db.yaml", WITH_TTL)
    for days in ((date.max - NOW.date()).days, 3_000_000, 900_000_000):
        with pytest.raises(UsageError, match="outside the calendar"):
            renewed(company, days)


def test_on_the_command_line(company: Company) -> None:
    company.write("requests/platform/development/orders-db.yaml", WITH_TTL)
    arguments = ["request", "renew", "orders-db", "--root", str(company.root), "--now", "2026-12-01T06:00:00Z"]
    run = CliRunner().invoke(tarmac, [*arguments, "--ttl", "2w"], standalone_mode=False)
    assert run.exit_code == 0, run.output
    assert 'expires: "2026-12-15". Commit it' in run.output
    text = (company.root / "requests/platform/development/orders-db.yaml").read_text("utf-8")
    assert text == WITH_TTL.replace("ttl: 7d", 'expires: "2026-12-15"')
    again = CliRunner().invoke(tarmac, [*arguments, "--ttl", "1d"], standalone_mode=False)
    assert isinstance(again.exception, UsageError)


def test_of_what_is_gone_it_is_said_that_its_data_is_too(company: Company) -> None:
    company.write("requests/platform/development/orders-db.yaml", WITH_TTL)
    company.commit()
    company.reconcile(NOW)
    arguments = ["request", "renew", "orders-db", "--root", str(company.root), "--ttl", "2w", "--now"]
    alive = CliRunner().invoke(tarmac, [*arguments, "2026-12-02T06:00:00Z"], standalone_mode=False)
    assert (alive.exit_code, "gone" in alive.output) == (0, False)
    company.write("requests/platform/development/orders-db.yaml", WITH_TTL)
    company.reconcile(NOW + 8 * DAY)
    late = CliRunner().invoke(tarmac, [*arguments, "2026-12-10T06:00:00Z"], standalone_mode=False)
    assert late.exit_code == 0, late.output
    assert late.output.splitlines()[1:] == [
        "What was made is gone since 2026-12-09T06:00:00Z, with its data: after the merge it is made anew, empty."
    ]


@pytest.mark.parametrize(
    "text",
    [
        "spec: {ttl: 7d}\n",
        "spec: {a: b, ttl: '7d', c: d}\n",
        "spec:\n  ttl: &here 7d\n  b: *here\n",
        "spec:\n  ? ttl\n  : 7d\n",
        'spec:\n  "ttl": 7d\n',
        "spec:\n  ttl:\n    7d\n",
        "spec:\n  ttl: |-\n    7d\n",
        "spec:\r\n  ttl: 7d # x\r\n",
        "spec:\n  ttl: 7d\n  expires: x\n",
    ],
)
def test_a_field_is_renamed_in_one_piece_or_not_at_all(text: str) -> None:
    change: Edit = Rekey(0, ("spec", "ttl"), "7d", "expires", "2027-01-01")
    after, done = edited("x.yaml", text.encode(), [change])
    (before,), _ = read_documents("x.yaml", text.encode())
    (seen,), _ = read_documents("x.yaml", after)
    assert isinstance(before.data, dict)
    spec = dict(before.data["spec"])
    if done:
        spec.pop("ttl")
        spec["expires"] = "2027-01-01"
        assert len(after) == len(text) + len('expires: "2027-01-01"') - len("ttl: 7d") - (2 if "'7d'" in text else 0)
    assert seen.data == {"spec": spec}
    assert bool(done) == (after != text.encode())


@given(st.text(max_size=12))
def test_only_what_is_plain_is_written(value: str) -> None:
    text = b"spec:\n  a: b\n"
    after, done = edited("x.yaml", text, [AddText(0, ("spec", "expires"), value)])
    if done:
        (seen,), _ = read_documents("x.yaml", after)
        assert seen.data == {"spec": {"a": "b", "expires": value}}
    else:
        assert after == text
