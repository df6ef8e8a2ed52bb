"""Scorecards as JSON. Scores and credits are percentages as texts with one decimal, rounded down."""

from __future__ import annotations

import json

from tarmac.insights.scorecard import Credit, Group, Result, Standing
from tarmac.model.json_value import JsonValue
from tarmac.reports.scorecard import ScorecardView, percent


def report(view: ScorecardView) -> str:
    """One object: `version`, and `scorecards`, each with its levels, organization, teams and entities."""
    found = {"version": 1, "scorecards": [_card(view, result) for result in view.results]}
    return json.dumps(found, indent=2) + "\n"


def _card(view: ScorecardView, result: Result) -> dict[str, JsonValue]:
    return {
        "name": result.card.name,
        "title": result.card.title,
        "levels": [{"name": name, "share": percent(share)} for name, share in result.card.levels],
        "organization": _group(result.organization),
        "teams": [{"team": None if team is None else str(team), **_group(group)} for team, group in view.teams(result)],
        "entities": [_standing(standing) for standing in view.standings(result)],
    }


def _group(group: Group) -> dict[str, JsonValue]:
    levels: JsonValue = [{"level": level, "count": count} for level, count in group.levels]
    return {"count": group.count, "score": percent(group.score), "levels": levels}


def _standing(standing: Standing) -> dict[str, JsonValue]:
    return {
        "entity": str(standing.entity),
        "owner": None if standing.owner is None else str(standing.owner),
        "level": standing.level,
        "score": percent(standing.score),
        "rules": [_credit(credit) for credit in standing.credits],
    }


def _credit(credit: Credit) -> dict[str, JsonValue]:
    return {
        "name": credit.rule.name,
        "title": credit.rule.title,
        "level": credit.rule.level,
        "weight": credit.rule.weight,
        "credit": percent(credit.share),
        "enough": credit.enough,
        "error": credit.error,
        "fix": None if credit.enough else credit.rule.fix,
    }
