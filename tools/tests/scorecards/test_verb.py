"""tarmac scorecard: the organisation, a team, a service, at any commit; and what a review says of levels."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tarmac.cli.scorecard import command
from tarmac.errors import ConfigurationError, UsageError
from tarmac.reports.reviews import load
from tests.review.repository import Repository
from tests.trees import company, component

CARD = """\
apiVersion: tarmac/v1
kind: Scorecard
metadata: {name: ready, title: Ready}
spec:
  appliesTo: {kinds: [Component]}
  levels: [bronze, silver]
  rules:
    - {name: led, level: bronze, score: 'size(owner.roles["lead"]) > 0'}
    - {name: in-a-system, level: silver, weight: 2, score: has(object.spec.system), fix: set spec.system}
"""
SYSTEM = """\
apiVersion: backstage.io/v1alpha1
kind: System
metadata: {name: trade}
spec: {owner: one}
"""
COMPANY = company(
    **{
        "policies/card.yaml": CARD,
        "catalog/trade.yaml": SYSTEM,
        "catalog/shop/catalog-info.yaml": component("shop", "system: trade"),
        "catalog/till/catalog-info.yaml": component("till"),
        "catalog/desk/catalog-info.yaml": component("desk", owner="platform"),
    }
)


def run(root: Path, *arguments: str) -> Result:
    return CliRunner().invoke(command, ["--root", str(root), *arguments], standalone_mode=False)


def text(root: Path, *arguments: str) -> str:
    found = run(root, *arguments)
    assert found.exception is None, found.exception
    return found.output


def test_everything_is_shown_from_the_organisation_down(tmp_path: Path) -> None:
    Repository.of(tmp_path, COMPANY)
    assert text(tmp_path).splitlines() == [
        "Ready (ready): 3 entities, 44.4%",
        "  silver 1, bronze 1, no level 1",
        "",
        "  group:default/one        66.6%  silver 1, bronze 1, no level 0",
        "  group:default/platform    0.0%  silver 0, bronze 0, no level 1",
        "",
        "  component:default/desk  no level    0.0%  for bronze: led",
        "  component:default/shop  silver    100.0%",
        "  component:default/till  bronze     33.3%  for silver: in-a-system",
    ]


def test_a_service_shows_its_rules_and_what_to_do(tmp_path: Path) -> None:
    Repository.of(tmp_path, COMPANY)
    assert text(tmp_path, "till").splitlines() == [
        "component:default/till: bronze, 33.3% in Ready (ready)",
        "  bronze",
        "    + led: led (100.0%)",
        "  silver",
        "    - in-a-system: in a system (0.0%, weight 2)",
        "        fix: set spec.system",
    ]


def test_a_team_shows_its_own(tmp_path: Path) -> None:
    Repository.of(tmp_path, COMPANY)
    assert text(tmp_path, "group:platform").splitlines() == [
        "Ready (ready) of group:default/platform: 1 entity, 0.0%",
        "  silver 0, bronze 0, no level 1",
        "",
        "  component:default/desk  no level    0.0%  for bronze: led",
    ]


def test_json_is_the_same_bytes_twice_and_says_the_same(tmp_path: Path) -> None:
    Repository.of(tmp_path, COMPANY)
    one = text(tmp_path, "--format", "json")
    assert one == text(tmp_path, "--format", "json")
    (card,) = json.loads(one)["scorecards"]
    assert card["organization"] == {
        "count": 3,
        "score": "44.4",
        "levels": [{"level": "silver", "count": 1}, {"level": "bronze", "count": 1}, {"level": None, "count": 1}],
    }
    assert [(entity["entity"], entity["level"], entity["score"]) for entity in card["entities"]] == [
        ("component:default/desk", None, "0.0"),
        ("component:default/shop", "silver", "100.0"),
        ("component:default/till", "bronze", "33.3"),
    ]
    assert card["entities"][2]["rules"][1] == {
        "name": "in-a-system",
        "title": "in a system",
        "level": "silver",
        "weight": 2,
        "credit": "0.0",
        "enough": False,
        "error": None,
        "fix": "set spec.system",
    }


def test_any_commit_can_be_measured_again(tmp_path: Path) -> None:
    repository = Repository.of(tmp_path, COMPANY)
    first = repository.git("rev-parse", "HEAD")
    before = text(tmp_path, "--format", "json")
    repository.commit({**COMPANY, "catalog/till/catalog-info.yaml": component("till", "system: trade")})
    assert text(tmp_path, "--format", "json") != before
    assert text(tmp_path, "--rev", first, "--format", "json") == before


@pytest.mark.parametrize(
    ("ref", "said"),
    [
        ("tll", "did you mean till"),
        ("group:finops", "no scorecard measures anything of group:default/finops"),
        ("system:trade", "no scorecard measures system:default/trade"),
    ],
)
def test_what_is_not_measured_is_no_empty_answer(tmp_path: Path, ref: str, said: str) -> None:
    Repository.of(tmp_path, COMPANY)
    with pytest.raises(UsageError, match=said):
        raise run(tmp_path, ref).exception or AssertionError("it answered")


@pytest.mark.parametrize(
    ("card", "said"), [(None, "no Scorecard"), (CARD.replace("has(object", "has(objct"), "ready cannot be used: ")]
)
def test_without_a_card_that_can_be_used_there_is_no_result(tmp_path: Path, card: str | None, said: str) -> None:
    files = {path: content for path, content in COMPANY.items() if path != "policies/card.yaml"}
    Repository.of(tmp_path, files if card is None else {**files, "policies/card.yaml": card})
    with pytest.raises(ConfigurationError, match=said):
        raise run(tmp_path).exception or AssertionError("it answered")


def test_a_review_says_whom_it_takes_down_and_why(tmp_path: Path) -> None:
    found = Repository.of(tmp_path, COMPANY).review(
        {**COMPANY, "catalog/shop/catalog-info.yaml": component("shop", "tarmac: {tier: standard}")}
    )
    (move,) = found.moves
    assert (str(move.entity), move.before, move.after, move.down) == (
        "component:default/shop",
        "silver",
        "bronze",
        True,
    )
    sentence = "this change takes component:default/shop from silver to bronze in ready, because it misses in-a-system"
    assert sentence in load("text")(found)
    assert sentence in load("markdown")(found)
    assert json.loads(load("json")(found))["scorecards"] == [
        {
            "scorecard": "ready",
            "entity": "component:default/shop",
            "before": "silver",
            "after": "bronze",
            "because": [{"rule": "in-a-system", "credit": "0.0", "error": None, "fix": "set spec.system"}],
        }
    ]


def test_who_is_moved_by_another_document_is_told_too(tmp_path: Path) -> None:
    team = COMPANY["teams/one/team.yaml"].replace("lead: [user:default/ana]", "other: [user:default/ana]")
    found = Repository.of(tmp_path, COMPANY).review({**COMPANY, "teams/one/team.yaml": team})
    assert [(move.entity.name, move.before, move.after) for move in found.moves] == [
        ("shop", "silver", None),
        ("till", "bronze", None),
    ]


def test_the_card_of_the_base_measures_a_change(tmp_path: Path) -> None:
    easy = CARD.replace("has(object.spec.system)", "true")
    found = Repository.of(tmp_path, COMPANY).review({**COMPANY, "policies/card.yaml": easy})
    assert found.moves == ()
    assert "Scorecard ready" in found.judging
