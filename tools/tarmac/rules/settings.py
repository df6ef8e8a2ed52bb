"""What a rule may read besides the catalog that it judges."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from tarmac.model.frozen import Frozen

if TYPE_CHECKING:
    from tarmac.catalog.view import CatalogView
    from tarmac.model.ages import Aging
    from tarmac.model.documents import Entity
    from tarmac.model.expressions import Expressions
    from tarmac.model.schemas import Schemas
    from tarmac.rules.policy_early import Early
    from tarmac.rules.policy_unread import Altered


# Hears, for the verdict at hand, from when on and until when (exclusive) it holds; None: without end on that side.
Holds: TypeAlias = Callable[[datetime | None, datetime | None], None]
Made = TypeVar("Made")
# Whether it is known of a document of the base that its expressions compile.
Proved: TypeAlias = Callable[["Entity"], bool]
# How a document differs from the one that was judged before, where that is all that has changed for its verdicts.
Altering: TypeAlias = Callable[["Entity"], "Altered | None"]


def _unheard(since: datetime | None, until: datetime | None) -> None:
    """Nobody keeps the verdict."""


def nothing_proved(policy: Entity) -> bool:
    """Everything is compiled to see."""
    return False


def _nothing_known(entity: Entity) -> None:
    """Everything is judged anew."""


class Settings(Frozen):
    """Who judges, and when.

    `base` is the catalog whose platform, policies, tag policy and exemptions judge: the tip of the base for a change,
    the judged catalog itself for a plain check. `instant` is aware UTC; rules read it by the three questions below, so
    that `holds` hears how long their verdict is good for. `ages` is None where nobody asked git for them. A policy
    that is `proved` is compiled when it is needed; what it said of a document that was `altered` where it does not read
    stands. `kept` is where rules keep what they made for one turn (CatalogView.turns) and need in the next; None where
    there is but one. `early` has told of documents before they were put away.
    """

    base: CatalogView
    instant: datetime
    expressions: Expressions
    schemas: Schemas
    ages: Aging | None = None
    holds: Holds = _unheard
    proved: Proved = nothing_proved
    altered: Altering = _nothing_known
    kept: dict[str, Any] | None = None
    early: Early | None = None

    @property
    def heard(self) -> bool:
        """Whether anybody keeps how long verdicts hold."""
        return self.holds is not _unheard

    def once(self, rule: str, make: Callable[[], Made]) -> Made:
        """What a rule makes of the base and needs in every turn, made in the first."""
        if self.kept is None:
            return make()
        if rule not in self.kept:
            self.kept[rule] = make()
        made: Made = self.kept[rule]
        return made

    @property
    def now(self) -> datetime:
        """The instant of the run: a verdict that reads it holds at this instant only. The other two are cheaper."""
        self.holds(self.instant, self.instant)
        return self.instant

    def reached(self, instant: datetime) -> bool:
        """Whether the run is at `instant` or later: a verdict that asks holds on this side of it."""
        reached = self.instant >= instant
        self.holds(*((instant, None) if reached else (None, instant)))
        return reached

    def today(self) -> datetime:
        """00:00 UTC of the run's day: a verdict that asks holds for the day."""
        midnight = midnight_of(self.instant)
        self.holds(midnight, midnight + timedelta(days=1))
        return midnight


def midnight_of(instant: datetime) -> datetime:
    """00:00 UTC of the instant's day."""
    return instant.replace(hour=0, minute=0, second=0, microsecond=0)
