"""What makes two findings the same, and what does not."""

from __future__ import annotations

import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from tarmac.model.findings import Finding, Severity, fingerprints
from tarmac.model.frozen import replace
from tarmac.model.places import Place
from tests.reports.given import FINDINGS, hostile

ONE = Finding(
    "rule", Severity.ERROR, "wrong as catalog/b.yaml:4:9 says", Place("catalog/a.yaml", 3, 5), "component:a/b"
)


def mark(finding: Finding) -> str:
    return fingerprints([finding])[0]


@pytest.mark.parametrize(
    "other",
    [
        replace(ONE, place=Place("catalog/a.yaml", 30, 1)),
        replace(ONE, message="wrong as catalog/b.yaml:40:1 says"),
        replace(ONE, severity=Severity.WARNING),
    ],
)
def test_moved_lines_and_another_severity_make_no_new_finding(other: Finding) -> None:
    assert mark(other) == mark(ONE)


@pytest.mark.parametrize(
    "other",
    [
        replace(ONE, rule="other"),
        replace(ONE, place=Place("catalog/c.yaml", 3, 5)),
        replace(ONE, entity=None),
        replace(ONE, entity="component:a/c"),
        replace(ONE, message="wrong as catalog/c.yaml:4:9 says"),
        replace(ONE, message="wrong by 2 as catalog/b.yaml:4:9 says"),
    ],
)
def test_another_rule_path_entity_or_message_is_another_finding(other: Finding) -> None:
    assert mark(other) != mark(ONE)


def test_parts_do_not_run_into_each_other() -> None:
    assert mark(replace(ONE, rule="a", message='b","c')) != mark(replace(ONE, rule='a","b', message="c"))


def test_of_two_equal_ones_the_one_that_is_left_is_not_new() -> None:
    first, second = ONE, replace(ONE, place=Place("catalog/a.yaml", 9, 5))
    both = fingerprints([first, second])
    assert both[0] != both[1]
    assert fingerprints([second]) == (both[0],)


@examples(st.permutations([*FINDINGS, *hostile("\ud800\n"), ONE, replace(ONE, place=Place("catalog/a.yaml", 9, 5))]))
def test_the_order_in_which_they_come_does_not_count(findings: list[Finding]) -> None:
    pairs = dict(zip(findings, fingerprints(findings), strict=True))
    again = sorted(findings, key=lambda finding: finding.order)
    assert tuple(pairs[finding] for finding in again) == fingerprints(again)
    assert len(set(pairs.values())) >= len(findings) - 2
