"""A leave to remove holds until its last day is over, and is told of from then on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tarmac.model.findings import Finding
from tarmac.rules import load
from tests.rules.worlds import NOW, catalog_of, settings_of


def found(text: str, now: datetime = NOW) -> list[Finding]:
    catalog = catalog_of(text)
    return list(load("deletion-approval").find(catalog, settings_of(catalog, now)))


@pytest.mark.parametrize(("before", "over"), [(timedelta(microseconds=1), False), (timedelta(0), True)])
def test_a_leave_to_remove_holds_until_its_last_day_is_over(before: timedelta, over: bool) -> None:
    text = (
        "apiVersion: tarmac/v1\nkind: DeletionApproval\nmetadata: {name: d}\n"
        'spec: {requests: ["requests/**"], reason: x, expires: "2026-11-30"}\n'
    )
    findings = found(text, datetime(2026, 12, 1, tzinfo=UTC) - before)
    assert [
        (str(one.place), one.severity, one.message, one.fix and one.fix.sentence, one.entity) for one in findings
    ] == (
        [
            (
                "catalog/all.yaml:4:55",
                "warning",
                "this leave to remove has expired, and no longer counts",
                "remove it, or have a later day approved",
                "deletionapproval:default/d",
            )
        ]
        if over
        else []
    )


@pytest.mark.parametrize("day", ["", "soon", "9999-12-31", "[2026-11-30]"])
def test_a_leave_to_remove_whose_day_cannot_be_read_keeps_no_other_from_being_told(day: str) -> None:
    document = "apiVersion: tarmac/v1\nkind: DeletionApproval\nmetadata: {name: d%d}\nspec: {expires: %s}\n"
    text = document % (1, day or '""') + "---\n" + document % (2, '"2026-11-30"')
    assert [one.entity for one in found(text)] == ["deletionapproval:default/d2"]
