"""approvals: who must agree to a change, who has, and is that enough?

What merging would do decides: the step from the base's tip to the tree that the merge gives, so that a branch from long
ago cannot pass by what the base has become since. The base judges it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import partial

from tarmac.app.approval_reasons import with_reasons
from tarmac.app.deps import Authorship, Reading
from tarmac.app.history import team_increases
from tarmac.app.load import Known, Loaded, load
from tarmac.app.review_approvals import topics
from tarmac.app.review_cost import Pricer, teams, touched, unread_in
from tarmac.app.review_facts import Ends, review_facts
from tarmac.app.review_plan import Recorded
from tarmac.app.sides import Side
from tarmac.approvals.evaluate import evaluate
from tarmac.approvals.repair import Doubt
from tarmac.approvals.subjects import Subject, subjects
from tarmac.catalog.changes import CatalogChange, changes
from tarmac.errors import UsageError
from tarmac.model.facts import Decision, State, worst
from tarmac.model.findings import Severity, in_order
from tarmac.model.forge import PullRequest
from tarmac.model.frozen import Frozen
from tarmac.model.ledger import RequestState
from tarmac.model.refs import Ref
from tarmac.reports.review import RequestReview, TeamReview

# Documents that must be whole for a decision to mean anything.
_DECISIVE = ("approvalrule:", "platform:", "budget:")


class Sides(Frozen):
    """The base's tip and what merging gives, both read; where that is in conflict, `checked` is the head. `change`
    tells what leads from the one to the other, given which files git found renamed."""

    ends: Ends
    based: Side
    checked: Side
    change: Callable[[Mapping[str, str]], CatalogChange]

    @classmethod
    def read(cls, ends: Ends, based: Loaded, checked: Loaded) -> Sides:
        """Both sides read whole."""
        return cls(ends, based, checked, partial(changes, based.catalog, checked.catalog))


class Costs(Frozen):
    """What the requests and teams that a change touches cost."""

    requests: tuple[RequestReview, ...]
    teams: tuple[TeamReview, ...]


class Decided(Frozen):
    """The decision on a change, and what it was asked for."""

    decision: Decision
    subjects: tuple[Subject, ...]


def approvals(
    git: Authorship,
    reading: Reading,
    base: str,
    head: str,
    pull: PullRequest,
    now: datetime,
    states: Iterable[RequestState] = (),
) -> Decided:
    """Decide on merging `head` into `base`, reading nothing but git objects and what the forge told. `states` are the
    ledger's, where there is one: what has ended costs nothing any more.

    Raises:
        UsageError: a revision does not exist, the two have no common history, or the forge tells of another head.
    """
    ours, tip = git.commits(base, head)
    if git.merge_base(ours.id, tip.id) is None:
        raise UsageError(f"{base} and {head} have no commit in common: is the clone complete (fetch-depth: 0)?")
    merge = git.merge_tree(ours.id, tip.id)
    known: Known = {}
    based = load(git.tree(ours.tree), reading, known=known)
    checked = load(git.tree(tip.tree if merge.conflicts else merge.tree), reading, based.ignore, known)
    recorded = Recorded(based.catalog, states)
    ended = recorded.ended(based.catalog, now), recorded.ended(checked.catalog, now)
    pricer = Pricer.of(based.catalog, checked.catalog, reading.expressions, now, ended, unread_in(checked.findings))
    return decide(git, reading, Sides.read(Ends(ours.id, tip.id, merge), based, checked), pull, pricer)


def decide(
    git: Authorship,
    reading: Reading,
    sides: Sides,
    pull: PullRequest | None,
    pricer: Pricer,
    costs: Costs | None = None,
) -> Decided:
    """The decision on a change whose sides are read, at the pricer's instant. `pull` is None where no forge was asked:
    nobody has approved then. `costs` are those of the same step, where they are known already.
    """
    ends, base, after = sides.ends, sides.based.catalog, sides.checked.catalog
    files = git.changed_paths(git.commit(ends.base).tree, sides.checked.revision)
    change = sides.change({found.old_path: found.path for found in files if found.old_path})
    paths = {path for found in files for path in (found.path, found.old_path) if path is not None}
    told = subjects(change, paths, base, after)
    known = costs or costs_of(git, reading, ends.base, change, pricer)
    about = topics(told, known.requests, known.teams, pricer.by_base.currency)
    asked = {path for one in told for path in one.paths}
    facts = review_facts(git, ends, base, paths, asked, pull, pricer.now)
    doubts, left = tuple(_doubts(sides.based)), tuple(_doubts(sides.checked))
    proved = [rule for rule in base.of_kind("approvalrule") if sides.based.compiles(rule)]
    decision = evaluate(about, base, after, facts, reading.expressions, pricer.now, doubts, left, proved)
    decision = with_reasons(decision, about, base, after, reading.expressions, pricer.now)
    return Decided(_unless_in_conflict(decision, ends), told)


def costs_of(git: Authorship, reading: Reading, tip: str, change: CatalogChange, pricer: Pricer) -> Costs:
    """What a change costs its teams; `tip` is the base's commit, whose history tells what they have added lately."""
    asked = touched(change, pricer.merged, pricer)
    recent: Mapping[Ref, Decimal] | None = {}
    if asked:
        sums, whole = team_increases(git, pricer.base, tip, pricer.by_base, reading, pricer.now)
        recent = sums if whole else None
    return Costs(asked, teams(asked, change, pricer, recent))


def _doubts(side: Side) -> Iterator[Doubt]:
    """Why a tree may mean more than can be read of it: a rule that cannot be read must not be a rule that is gone."""
    for finding in in_order(side.findings):
        decisive = (finding.entity or "").startswith(_DECISIVE)
        hidden = finding.entity is None and finding.place.path.startswith("policies/")
        if finding.severity is Severity.ERROR and (decisive or hidden):
            yield Doubt(finding.place.path, f"{finding.place} of the base cannot be trusted: {finding.message}")


def _unless_in_conflict(decision: Decision, ends: Ends) -> Decision:
    """In a conflict nobody can tell yet what would be approved."""
    if not ends.merge.conflicts:
        return decision
    paths = ends.merge.conflicts
    reason = f"{len(paths)} file{'s' if len(paths) != 1 else ''} in conflict with the base: merge the base and solve it"
    node = Decision("conflict", State.PENDING, reason, paths)
    state = worst((decision.state, node.state))
    why = f"{decision.reason}, conflict (pending)" if state is decision.state else "conflict (pending)"
    return Decision(decision.name, state, why, children=(*decision.children, node))
