"""Scorecards for a terminal. Nothing from a repository reaches it unescaped."""

from __future__ import annotations

from collections.abc import Iterator

from tarmac.insights.scorecard import Credit, Group, Result, Standing
from tarmac.model.shown import visible
from tarmac.reports.scorecard import ScorecardView, level_name, percent, reason

_WIDE = 200


def report(view: ScorecardView) -> str:
    """The organisation, its teams and its entities; or one team; or the rules of one entity."""
    lines: list[str] = []
    for result in view.results:
        lines += ["", *(_entity(view, result) if view.entity is not None else _overview(view, result))]
    return "\n".join(visible(line, _WIDE) for line in lines[1:]) + "\n"


def _overview(view: ScorecardView, result: Result) -> Iterator[str]:
    whole = result.organization if view.team is None else dict(result.teams)[view.team]
    of = "" if view.team is None else f" of {view.team}"
    yield f"{result.card.title} ({result.card.name}){of}: {_measured(whole)}"
    yield f"  {_levels(whole)}"
    teams = list(view.teams(result))
    if view.team is None and teams:
        yield ""
        names = ["owned by nobody" if team is None else str(team) for team, _ in teams]
        width = max(map(len, names))
        for name, (_, group) in zip(names, teams, strict=True):
            yield f"  {name.ljust(width)}  {_percent(group):>6}  {_levels(group)}"
    standings = list(view.standings(result))
    if standings:
        yield ""
        width = min(60, max(len(str(standing.entity)) for standing in standings))
        wide = max(len(level_name(standing.level)) for standing in standings)
        for standing in standings:
            yield _row(standing, width, wide)


def _row(standing: Standing, width: int, wide: int) -> str:
    head = f"  {str(standing.entity).ljust(width)}  {level_name(standing.level).ljust(wide)}"
    missing = standing.missing
    upward = f"  for {missing[0].rule.level}: {', '.join(reason(credit) for credit in missing)}" if missing else ""
    return f"{head}  {percent(standing.score):>5}%{upward}"


def _entity(view: ScorecardView, result: Result) -> Iterator[str]:
    for standing in view.standings(result):
        yield (
            f"{standing.entity}: {level_name(standing.level)}, {percent(standing.score)}%"
            f" in {result.card.title} ({result.card.name})"
        )
        for level, share in result.card.levels:
            yield f"  {level}" + (f", each rule at {percent(share)}% or more" if share < 1 else "")
            for credit in standing.credits:
                if credit.rule.level == level:
                    yield from _credit(credit)


def _credit(credit: Credit) -> Iterator[str]:
    weight = f", weight {credit.rule.weight}" if credit.rule.weight != 1 else ""
    sign = "+" if credit.enough else "-"
    yield f"    {sign} {credit.rule.name}: {credit.rule.title} ({percent(credit.share)}%{weight})"
    if credit.error is not None:
        yield f"        it cannot be evaluated: {credit.error}"
    if not credit.enough and credit.rule.fix is not None:
        yield f"        fix: {credit.rule.fix}"


def _measured(group: Group) -> str:
    if not group.count:
        return "it measures nothing here"
    return f"{group.count:,} {'entity' if group.count == 1 else 'entities'}, {_percent(group)}"


def _percent(group: Group) -> str:
    return f"{percent(group.score)}%"


def _levels(group: Group) -> str:
    return ", ".join(f"{level_name(level)} {count}" for level, count in group.levels)
