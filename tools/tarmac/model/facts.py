"""What one sibling computes and another needs: estimates, budgets, decisions. Values only, nothing reaches back.

Money is exact (`Decimal`, or a `Fraction` where a share of a period is no finite decimal); rounding happens only
where a number is shown. What is not known is None, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from tarmac.model.frozen import Frozen, field
from tarmac.model.refs import Ref
from tarmac.model.values import EXACT, Money

# The largest amount that a fact can carry, in millionths: expressions have 64-bit integers.
_INT64 = 2**63 - 1
# What stands in facts for an amount that nobody knows: it is below no threshold.
UNKNOWN_AMOUNT = _INT64


class LineItem(Frozen):
    """One line of an estimate, for one month.

    `amount` = `quantity` x `price`; all three are None where `unknown` says why.
    """

    item: str
    sku: str
    unit: str | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    amount: Decimal | None = None
    unknown: str | None = None


class Estimate(Frozen):
    """What a request costs in a month of 730 hours, at the prices of one day.

    `unpriced` says why there are no items at all where that does not mean "free".
    """

    request: Ref
    currency: str
    items: tuple[LineItem, ...]
    unpriced: str | None = None

    @property
    def complete(self) -> bool:
        """Whether every part of the cost is known."""
        return self.unpriced is None and all(item.amount is not None for item in self.items)

    @property
    def monthly(self) -> Money:
        """The sum of what is known: the cost itself when `complete`, at least this much otherwise."""
        return Money(total(item.amount for item in self.items if item.amount is not None), self.currency)

    @property
    def unknowns(self) -> tuple[str, ...]:
        """Why it is not complete, a reason a part."""
        reasons = [f"{item.item}: {item.unknown}" for item in self.items if item.unknown is not None]
        return (*reasons, self.unpriced) if self.unpriced is not None else tuple(reasons)


class Threshold(Frozen):
    """A budget's threshold and whether it is reached.

    `at` as written, `share` the same as an exact fraction of one, `of` actual, forecast or projected, `do` notify,
    require-approval or block, `parties` whom it tells or asks. `reached` is None where that is not known.
    """

    at: str
    share: Fraction
    of: str
    do: str
    parties: tuple[str, ...]
    reached: bool | None


class BudgetStatus(Frozen):
    """One team's budget in the period that holds one instant.

    Amounts are for the whole period, in `currency`. `limit` is None while no amount is in force; `extra` is the part
    of it that exceptions add. `committed` is the sum of the estimates of all the team's requests, scaled to the
    period; `complete` says whether all of it is known. `actual` and `forecast` are None without billing data, and
    `projected` is then `committed`: `estimated` says so.
    """

    budget: Ref
    team: Ref
    currency: str
    period: str
    starts: datetime
    ends: datetime
    limit: Decimal | None
    extra: Decimal
    committed: Decimal
    complete: bool
    actual: Decimal | None
    forecast: Decimal | None
    projected: Fraction
    estimated: bool
    thresholds: tuple[Threshold, ...]

    def reached(self, action: str) -> tuple[Threshold, ...]:
        """The reached thresholds that do `action`."""
        return tuple(found for found in self.thresholds if found.do == action and found.reached is True)


class CostFacts(Frozen):
    """What a change costs its owner, per month: of one request, and of the team in 30 days.

    Every amount is the known part; `complete` is False where anything of this change's cost is not known.
    """

    monthly: Money
    increase: Money
    team_increase: Money
    complete: bool


class BudgetFacts(Frozen):
    """What a team's budget says to this change: of a team without one, only that.

    `blocked` and `approvers` speak only to a change that costs more, or whose cost is not known: a team over its
    budget may always ask for less.
    """

    exists: bool
    blocked: bool = False
    approvers: tuple[str, ...] = ()


# Who stands at a forge for every account that is gone.
GHOST = "ghost"


class Opinion(StrEnum):
    """What a review says. Only the last approval or request for changes of a person is that person's word."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes requested"
    COMMENTED = "commented"
    DISMISSED = "dismissed"


class GivenReview(Frozen):
    """One review, as it bears on the head.

    `login` is in lower case (GHOST: the account is gone); `person` is False of a bot; `void` says why the whole review
    counts for nothing; `stale` are the paths whose content is no longer what was reviewed.
    """

    login: str
    opinion: Opinion
    person: bool = True
    void: str | None = None
    stale: frozenset[str] = frozenset()


class ReviewFacts(Frozen):
    """Who made a change and who said what of it; logins are in lower case. Empty where nobody asked a forge.

    `authors` maps those who made it to how they did, and none of them can approve it. `reviews` are in the order they
    were given in. `unknown` maps paths to why nobody can tell who changed them. A `draft` is not to be merged yet.
    """

    authors: Mapping[str, str] = field(default_factory=dict)
    reviews: tuple[GivenReview, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
    draft: bool = False


class State(StrEnum):
    """What a rule says of a change. The order of `worst` is: error, rejected, pending, approved, skipped."""

    APPROVED = "approved"
    PENDING = "pending"
    REJECTED = "rejected"
    SKIPPED = "skipped"
    ERROR = "error"


_WORST = (State.ERROR, State.REJECTED, State.PENDING, State.APPROVED, State.SKIPPED)


class Ignored(Frozen):
    """An approval that does not count, and why."""

    login: str
    reason: str


class Decision(Frozen):
    """A verdict with its reasons: the root is the change, below it a node a rule, below that what the rule asks for.

    `about` names what it is asked for: entities by reference, files by path. `counted` are the logins whose approval
    counts, `candidates` those who could approve now (a person without a login stands there by reference). `because`
    says of a rule which parts of its `when` hold, each with its figures.
    """

    name: str
    state: State
    reason: str
    about: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    candidates: tuple[str, ...] = ()
    children: tuple[Decision, ...] = ()
    because: tuple[str, ...] = ()

    def leaves(self) -> tuple[Decision, ...]:
        """The ends of the tree below it, in order; itself where nothing is below."""
        return tuple(leaf for child in self.children for leaf in child.leaves()) if self.children else (self,)


def worst(states: Iterable[State]) -> State:
    """The state of a whole whose parts must all agree; nothing at all is skipped."""
    found = frozenset(states)
    return next((state for state in _WORST if state in found), State.SKIPPED)


def total(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    found = Decimal(0)
    for amount in amounts:
        found = EXACT.add(found, amount)
    return found


def millionths(amount: Decimal) -> int:
    """An amount as expressions see it: whole millionths, rounded up, so that rounding never hides an excess.

    What is beyond 64 bits is the largest number there: greater than every threshold that can be written.
    """
    exact = Fraction(amount) * 1_000_000
    return max(-_INT64, min(_INT64, -(-exact.numerator // exact.denominator)))
