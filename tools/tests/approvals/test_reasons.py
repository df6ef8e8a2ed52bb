"""Why a rule asks is said beside it, with the figures that its `when` compares."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tarmac.reports.review import Review
from tarmac.reports.reviews import load
from tests.approvals.test_evaluate import rule
from tests.review.repository import Repository
from tests.trees import company, request

WHERE = "requests/one/staging/r.yaml"


def reviewed(path: Path, when: str, *names: str) -> Review:
    base = company(**{"policies/rules.yaml": rule("asks", when)})
    new = {f"requests/one/staging/{name}.yaml": request(name, "gb: 30") for name in names or ("r",)}
    return Repository.of(path, base).review({**base, **new})


def because(found: Review) -> tuple[str, ...]:
    return next(node.because for node in found.decision.children if node.name == "asks")


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ('cost.teamIncrease30d > money("100.00")', ("cost.teamIncrease30d 146.10 EUR > 100.00 EUR",)),
        (
            'change.kind == "ResourceRequest" && (!cost.complete || (cost.monthlyIncrease > 0 && budget.exists))',
            ("cost.monthlyIncrease 146.10 EUR > 0.00 EUR", "budget.exists (budget.exists is true)"),
        ),
        (
            '"staging" in change.environments',
            ('"staging" in change.environments (change.environments is ["staging"])',),
        ),
        (
            "object.spec.?config.?gb.orValue(0) > 20 ? true : false",
            ("object.spec.?config.?gb.orValue(0) > 20 (object.spec.?config.?gb is 30)", "true"),
        ),
        ('change.kind == "ResourceRequest"', ('change.kind == "ResourceRequest" (change.kind is "ResourceRequest")',)),
    ],
)
def test_what_holds_is_said_with_its_value(tmp_path: Path, when: str, said: tuple[str, ...]) -> None:
    assert because(reviewed(tmp_path, when)) == said


def test_of_several_each_is_named(tmp_path: Path) -> None:
    found = reviewed(tmp_path, 'cost.monthlyIncrease > money("100")', "a", "b")
    assert [line.rpartition(", of ")[2] for line in because(found)] == [
        "resourcerequest:default/a",
        "resourcerequest:default/b",
    ]


def test_every_format_says_it(tmp_path: Path) -> None:
    found = reviewed(tmp_path, 'cost.teamIncrease30d > money("100.00")')
    for form in ("text", "markdown"):
        assert "because" in load(form)(found)
        assert "146.10 EUR > 100.00 EUR" in load(form)(found)
    (asks, *_) = (one for one in json.loads(load("json")(found))["approvals"]["rules"] if one["rule"] == "asks")
    assert asks["because"] == ["cost.teamIncrease30d 146.10 EUR > 100.00 EUR"]
