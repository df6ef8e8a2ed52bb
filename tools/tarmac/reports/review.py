"""What a review found: the one value that every output format of it is made from."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from tarmac.catalog.changes import CatalogChange
from tarmac.catalog.reach import Impact
from tarmac.catalog.tags import Tag
from tarmac.model.commits import ChangedPath
from tarmac.model.documents import Entity
from tarmac.model.facts import BudgetFacts, BudgetStatus, Decision, Estimate
from tarmac.model.findings import Finding, Severity
from tarmac.model.frozen import Frozen, field
from tarmac.model.places import Place
from tarmac.model.plan import Action, Breach
from tarmac.model.refs import Ref
from tarmac.model.values import Money
from tarmac.rules.exemption import Exempted

if TYPE_CHECKING:
    from tarmac.insights.scorecard import Move
    from tarmac.reports.policy import JudgingChange

# The rule that finds what `broken` lists with what to write instead.
_BROKEN = "unknown-reference"


class Verdict(StrEnum):
    """blocked: mend it first; pending: somebody must approve, or a conflict be solved; approved: nothing is open."""

    APPROVED = "approved"
    PENDING = "pending"
    BLOCKED = "blocked"


# The operation of a change that leaves the file of a request without a document.
UNREADABLE = "unreadable"


class RequestReview(Frozen):
    """One request that the change adds, changes, removes, renames or makes unreadable: `entity` as it will be, `old` as
    it was.

    `before` and `after` are estimates a month, None where the request is not there; `increase` is what a month costs
    more, `complete` whether all of what changes is known. It expires at `expires`, or `ttl` after it is ready, or
    never (both None); of a removed request both are None. `tags` are what its instance would carry, by key; none
    where it is removed.
    """

    entity: Entity
    old: Entity | None
    operation: str
    owner: Ref | None
    before: Estimate | None
    after: Estimate | None
    increase: Money
    complete: bool
    ttl: timedelta | None
    expires: datetime | None
    tags: Mapping[str, Tag] = field(default_factory=dict)


class TeamReview(Frozen):
    """A team whose requests the change touches: its budget before and after, and what the budget says.

    `increase` is the net change a month, `recent` the sum of increases in the last 30 days with this change's, None
    where the history is not all there. `proposed` is the team's budget after the merge, judged at the same costs, where
    the change edits the budget itself.
    """

    team: Ref
    before: BudgetStatus | None
    after: BudgetStatus | None
    proposed: BudgetStatus | None
    facts: BudgetFacts
    increase: Money
    recent: Money | None


class Step(Frozen):
    """What reconcile would do after the merge for one request, which was or will be in `environment`.

    `loses` says that an instance's data is gone with it (or would be, where it is held for that); `grave` that this is
    in production, where it would be there for good, or a database, storage or queue.
    """

    action: Action
    environment: str
    category: str
    loses: bool
    grave: bool


class BrokenReference(Frozen):
    """A reference to what is gone: rewrite `text` at `place` to `replacement`. Where there is none, a person decides
    what takes its place."""

    target: Ref
    replacement: Ref | None
    source: Ref
    place: Place
    text: str


class ImpactReview(Frozen):
    """What a changed, renamed or removed part reaches.

    `together` are other parts that go with it and reach nothing more. `tell` are the owners of what needs it hard and
    loses it: they are told, and asked only where a rule says so.
    """

    operation: str
    impact: Impact
    together: tuple[Ref, ...] = ()
    tell: tuple[Ref, ...] = ()


class Review(Frozen):
    """What a change means.

    `base`, `head` and `merge_base` are commit ids, `merged` the tree that was checked. `findings` are those of that
    tree and `new` those among them that the base does not have. `monthly_before` and `monthly_after` are sums over
    the touched requests. `moves` are those whom the change takes to another level of a scorecard. `judging` names
    the changed documents that judge other changes: they judge this one only as the base has them;
    `judged_by_itself` says what would differ if they did, None where none of them has a say in findings. `exempted`
    are findings of the tree that exemptions of the base took off. `steps` are what reconcile would do after the
    merge, were the world as the base asks for it, and `breaches` the limits on removals that would then stop it.
    `uncommitted` are files that a person may take for a part of the head and that are none. `approval` says in a
    sentence what merging without approval means here. `slugs` are the names at the forge of the groups that are asked,
    by reference.
    """

    base: str
    head: str
    merge_base: str
    merged: str
    now: datetime
    verdict: Verdict
    reasons: tuple[str, ...]
    conflicts: tuple[str, ...]
    change: CatalogChange
    files: tuple[ChangedPath, ...]
    requests: tuple[RequestReview, ...]
    teams: tuple[TeamReview, ...]
    monthly_before: Money
    monthly_after: Money
    complete: bool
    findings: tuple[Finding, ...]
    new: tuple[Finding, ...]
    decision: Decision
    approval: str | None
    broken: tuple[BrokenReference, ...]
    impacts: tuple[ImpactReview, ...]
    judging: tuple[str, ...]
    moves: tuple[Move, ...] = ()
    judged_by_itself: JudgingChange | None = None
    exempted: tuple[Exempted, ...] = ()
    steps: tuple[Step, ...] = ()
    breaches: tuple[Breach, ...] = ()
    uncommitted: tuple[str, ...] = ()
    slugs: Mapping[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """Whether the change itself is at fault: an error that it brings (a conflict is one), or a blocked budget."""
        return bool(self.new_errors) or any(team.facts.blocked for team in self.teams)

    @property
    def told_once(self) -> tuple[Finding, ...]:
        """The findings that the change brings, without those that only say of a broken reference that it is broken."""
        places = {found.place for found in self.broken}
        return tuple(one for one in self.new if one.rule != _BROKEN or one.place not in places)

    @property
    def new_errors(self) -> tuple[Finding, ...]:
        """The errors that the change brings."""
        return tuple(finding for finding in self.new if finding.severity is Severity.ERROR)
