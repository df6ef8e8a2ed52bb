"""What was asked of scorecards, and the words that its reports share."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from tarmac.model.frozen import Frozen
from tarmac.model.refs import Ref

if TYPE_CHECKING:
    from tarmac.insights.scorecard import Credit, Group, Move, Result, Standing


class ScorecardView(Frozen):
    """Results, narrowed to a team or to one entity where one is named."""

    results: tuple[Result, ...]
    team: Ref | None = None
    entity: Ref | None = None

    def standings(self, result: Result) -> Iterator[Standing]:
        """Those of a result that are asked for."""
        for standing in result.standings:
            if self.entity in (None, standing.entity) and self.team in (None, standing.owner):
                yield standing

    def teams(self, result: Result) -> Iterator[tuple[Ref | None, Group]]:
        """The teams of a result that are asked for: none where one entity is."""
        if self.entity is None:
            yield from ((team, group) for team, group in result.teams if self.team in (None, team))


def level_name(level: str | None) -> str:
    """The level's name, `no level` below the lowest."""
    return level or "no level"


def percent(share: Fraction) -> str:
    """A share of one as a percentage with one decimal, rounded down: 100.0 is all of it and nothing less."""
    tenths = int(share * 1000)
    return f"{tenths // 10}.{tenths % 10}"


def reason(credit: Credit) -> str:
    """Why a rule gave what it gave, in a few words."""
    if credit.error is not None:
        return f"{credit.rule.name} (cannot be evaluated: {credit.error})"
    return credit.rule.name if credit.share in (0, 1) else f"{credit.rule.name} (at {percent(credit.share)}%)"


def move_line(move: Move) -> str:
    """What a change does to one entity, in a sentence."""
    why = ", ".join(reason(credit) for credit in move.because)
    how = ("because it misses" if move.down else "because it now has") + f" {why}" if why else ""
    levels = f"from {level_name(move.before)} to {level_name(move.after)}"
    return f"this change takes {move.entity} {levels} in {move.card.name}" + (f", {how}" if how else "")
