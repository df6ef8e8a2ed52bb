"""review: what does a change mean?

What changed runs from the merge base to the head. What judges is the tip of the base. What is checked is the tree
that a merge would give; where that is not to be had, because the two are in conflict, the head's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import partial

from tarmac.app.ages import Histories
from tarmac.app.approvals import Sides, costs_of, decide
from tarmac.app.check_change import Cache
from tarmac.app.deps import Authorship, Reading
from tarmac.app.kept_sides import kept_trees
from tarmac.app.review_cost import Pricer, unread_in
from tarmac.app.review_facts import Ends
from tarmac.app.review_findings import conflict_findings, granted, new_findings
from tarmac.app.review_plan import Recorded, preview
from tarmac.app.review_policies import judging_change
from tarmac.app.review_reach import broken, impacts
from tarmac.app.review_uncommitted import uncommitted
from tarmac.app.sides import Trees
from tarmac.catalog.changes import CatalogChange
from tarmac.catalog.view import CatalogView
from tarmac.errors import CacheFault, UsageError
from tarmac.model.commits import Commit, MergedTree
from tarmac.model.documents import Entity
from tarmac.model.facts import Decision, State
from tarmac.model.findings import Finding, Severity, in_order
from tarmac.model.forge import PullRequest
from tarmac.model.frozen import Frozen
from tarmac.model.ledger import RequestState
from tarmac.model.trees import Source
from tarmac.model.values import Money
from tarmac.reports.review import Review, TeamReview, Verdict
from tarmac.reports.review_words import groups_of, open_asks

# Documents that judge other documents: what they say counts for this change only as the base has it.
_JUDGES = frozenset(
    {"ApprovalRule", "Budget", "Exemption", "Platform", "Policy", "RateCard", "ResourceType", "Scorecard", "TagPolicy"}
)


def review(
    git: Authorship,
    reading: Reading,
    base: str,
    head: str,
    now: datetime,
    states: Iterable[RequestState] = (),
    pull: PullRequest | None = None,
    working: Source | None = None,
    histories: Histories | None = None,
    cache: Cache | None = None,
) -> Review:
    """Judge what merging `head` into `base` would mean, reading nothing but git objects. `states` are the ledger's,
    where there is one: what has ended costs nothing any more. `pull` is what the forge told, None where none was asked.
    `working` are the files as they are, where somebody may take them for the head: what of them is not committed is
    named. `histories` tell when files were changed, if a policy or scorecard asks. What is kept in `cache` only spares
    work: the answer is the same without it.

    Raises:
        UsageError: a revision does not exist, the two have no common history, or the forge tells of another head.
        ConfigurationError: the tree to check holds nothing.
    """
    ours, tip = git.commits(base, head)
    fork = git.merge_base(ours.id, tip.id)
    if fork is None:
        raise UsageError(f"{base} and {head} have no commit in common: is the clone complete (fetch-depth: 0)?")
    merge = git.merge_tree(ours.id, tip.id)
    met = _Met(ours, tip, git.commit(fork), merge)
    said = partial(_review, git, reading, met, now, tuple(states), pull, working)
    if cache is not None:
        try:
            with kept_trees(git, reading, cache, ours.tree, now, histories) as kept:
                if kept is not None:
                    return said(kept)
        except CacheFault:
            # What is kept is torn, or of no use here: everything is read instead.
            pass
    # Loaded here: where something is kept, no tree is read whole.
    from tarmac.app.whole_sides import WholeTrees

    return said(WholeTrees(git, reading, ours.tree, now, histories))


class _Met(Frozen):
    """The commits of a review: the base's tip, the head, where the two parted, and what merging them gives."""

    ours: Commit
    tip: Commit
    fork: Commit
    merge: MergedTree


def _review(
    git: Authorship,
    reading: Reading,
    met: _Met,
    now: datetime,
    states: tuple[RequestState, ...],
    pull: PullRequest | None,
    working: Source | None,
    trees: Trees,
) -> Review:
    ours, tip, merge = met.ours, met.tip, met.merge
    based, checked = trees.at(ours.tree), trees.at(tip.tree if merge.conflicts else merge.tree)
    judges = based.catalog
    forked = trees.at(met.fork.tree)
    files = git.changed_paths(met.fork.id, tip.id)
    change = trees.change(forked, trees.at(tip.tree), {one.old_path: one.path for one in files if one.old_path})

    recorded = Recorded(judges, states)
    ended = recorded.ended(judges, now), recorded.ended(checked.catalog, now)
    pricer = Pricer.of(judges, checked.catalog, reading.expressions, now, ended, unread_in(checked.findings))
    costs = costs_of(git, reading, ours.id, change, pricer)
    asked, owners = costs.requests, costs.teams
    sides = Sides(Ends(ours.id, tip.id, merge), based, checked, partial(trees.change, based, checked))
    # From the tip itself the change is the step that a merge takes; from further back it is another one.
    decided = decide(git, reading, sides, pull, pricer, costs if met.fork.id == ours.id else None)
    decision = decided.decision

    ends = (tip.id,) if merge.conflicts else (ours.id, tip.id)
    judged = granted(trees.judged(checked, ends), decided, checked.catalog, now)
    findings = in_order([*judged.findings, *conflict_findings(merge.conflicts), *trees.stale(checked)])
    known = (*trees.judged(based, (ours.id,)).findings, *trees.stale(based)) if based.files else ()
    new = new_findings(known, findings)
    after = checked.catalog, judged.findings
    steps, breaches = preview((judges, known), after, change, recorded, now, narrow=trees.narrow)
    verdict, reasons = _verdict(new, owners, decision, merge.conflicts)
    return Review(
        base=ours.id,
        head=tip.id,
        merge_base=met.fork.id,
        merged=checked.revision,
        now=now,
        verdict=verdict,
        reasons=reasons,
        conflicts=merge.conflicts,
        change=change,
        files=files,
        requests=asked,
        teams=owners,
        monthly_before=_sum(pricer, [one.before.monthly for one in asked if one.before]),
        monthly_after=_sum(pricer, [one.after.monthly for one in asked if one.after]),
        complete=all(one.complete for one in asked),
        findings=findings,
        new=new,
        decision=decision,
        approval=_approval(judges),
        broken=tuple(broken(change, checked.catalog)),
        impacts=impacts(change, forked.catalog, checked.catalog),
        moves=trees.moves((based, (ours.id,)), (checked, ends)),
        judging=tuple(sorted(f"{one.kind} {one.name}" for one in _touched(change) if one.kind in _JUDGES)),
        judged_by_itself=judging_change(
            change,
            checked.catalog,
            judged.findings,
            lambda: trees.judged(checked, ends, checked),
            reading,
            git.tree(checked.revision),
        ),
        exempted=judged.exempted,
        uncommitted=() if working is None else uncommitted(working, git.tree(tip.tree)),
        steps=steps,
        breaches=breaches,
        slugs=_slugs(decision, judges),
    )


def _verdict(
    new: tuple[Finding, ...], owners: tuple[TeamReview, ...], decision: Decision, conflicts: tuple[str, ...]
) -> tuple[Verdict, tuple[str, ...]]:
    errors = sum(finding.severity is Severity.ERROR for finding in new) - len(conflicts)
    stopped = [f"it brings {errors} error{'s' if errors != 1 else ''}"] if errors else []
    stopped += [f"the budget of {team.team} blocks it" for team in owners if team.facts.blocked]
    waiting = []
    if conflicts:
        waiting.append(f"{len(conflicts)} file{'s' if len(conflicts) != 1 else ''} in conflict with the base")
    if decision.state not in (State.APPROVED, State.SKIPPED):
        unjudged = [part.reason for part in decision.children if part.state is State.ERROR]
        said = f"approvals cannot be judged: {unjudged[0]}" if unjudged else f"approvals are open: {decision.reason}"
        waiting.append(said)
    # In a conflict nobody can tell what a merge would give, so there is no final word either.
    if stopped and not conflicts:
        return Verdict.BLOCKED, (*stopped, *waiting)
    return (Verdict.PENDING, (*waiting, *stopped)) if waiting else (Verdict.APPROVED, (decision.reason,))


def _approval(base: CatalogView) -> str | None:
    platform = base.platform()
    if platform is not None and platform.text("spec", "forge") == "none":
        return "There is no forge to ask (forge: none), so merging is approving."
    return None


def _slugs(decision: Decision, base: CatalogView) -> Mapping[str, str]:
    """The names at the forge of the groups that are asked."""
    found = {}
    for name in {group for ask in open_asks(decision) for group in groups_of(ask)}:
        group = base.get(name)
        slug = None if group is None else group.text("metadata", "annotations", "github.com/team-slug")
        if slug:
            found[name] = slug.rpartition("/")[2]
    return found


def _touched(change: CatalogChange) -> Iterator[Entity]:
    yield from change.added
    yield from change.removed
    for pair in (*change.changed, *change.renamed):
        yield pair.new


def _sum(pricer: Pricer, amounts: list[Money]) -> Money:
    found = Money.zero(pricer.by_base.currency)
    for amount in amounts:
        found = found + amount
    return found
