"""review: what does a change mean?

What changed runs from the merge base to the head. What judges is the tip of the base. What is checked is the tree
that a merge would give; where that is not to be had, because the two are in conflict, the head's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal

from tarmac.app.check import judge
from tarmac.app.deps import Git, Reading
from tarmac.app.history import team_increases
from tarmac.app.load import Loaded, load
from tarmac.app.review_approvals import authors, topics
from tarmac.app.review_cost import Pricer, teams, touched
from tarmac.app.review_findings import conflict_findings, new_findings
from tarmac.app.review_policies import judging_change
from tarmac.app.scorecard import changed as moved
from tarmac.app.scorecard import judges as scorecards
from tarmac.approvals.evaluate import evaluate
from tarmac.approvals.subjects import subjects
from tarmac.catalog.changes import CatalogChange, changes
from tarmac.catalog.graph import Risk, impact
from tarmac.catalog.index import Catalog
from tarmac.errors import UsageError
from tarmac.model.documents import Entity
from tarmac.model.facts import Decision, ReviewFacts, State
from tarmac.model.findings import Finding, Severity, in_order
from tarmac.model.refs import Ref
from tarmac.model.values import Money
from tarmac.reports.review import (
    BrokenReference,
    ImpactReview,
    Review,
    TeamReview,
    Verdict,
)

_PARTS = ("component", "api", "resource")
# Documents that judge other documents: what they say counts for this change only as the base has it.
_JUDGES = frozenset(
    {"ApprovalRule", "Budget", "Exemption", "Platform", "Policy", "RateCard", "ResourceType", "Scorecard", "TagPolicy"}
)
_RISKS = tuple(Risk)


def review(git: Git, reading: Reading, base: str, head: str, now: datetime) -> Review:
    """Judge what merging `head` into `base` would mean, reading nothing but git objects.

    Raises:
        UsageError: a revision does not exist, or the two have no common history.
        ConfigurationError: the tree to check holds nothing.
    """
    tip, ours = git.commit(head), git.commit(base)
    fork = git.merge_base(ours.id, tip.id)
    if fork is None:
        raise UsageError(f"{base} and {head} have no commit in common: is the clone complete (fetch-depth: 0)?")
    merge = git.merge_tree(ours.id, tip.id)
    trees = _Trees(git, reading, ours.tree)
    based, checked = trees.at(ours.tree), trees.at(tip.tree if merge.conflicts else merge.tree)
    judges = based.catalog
    forked, changed = trees.at(git.commit(fork).tree).catalog, trees.at(tip.tree).catalog
    files = git.changed_paths(fork, tip.id)
    change = changes(forked, changed, {found.old_path: found.path for found in files if found.old_path})

    pricer = Pricer.of(judges, checked.catalog, reading.expressions, now)
    asked = touched(change, checked.catalog, pricer)
    owners = teams(asked, change, pricer, _recent(git, ours.id, pricer, reading) if asked else {})
    paths = {path for found in files for path in (found.path, found.old_path) if path is not None}
    told = topics(subjects(change, paths, forked, changed), asked, owners, pricer.by_base.currency)
    made_by = authors(judges, {commit.author_email for commit in git.between(ours.id, tip.id)})
    decision = evaluate(told, judges, checked.catalog, ReviewFacts(made_by), reading.expressions, now)

    judged = judge(checked, judges, reading, now)
    findings = in_order([*judged.findings, *conflict_findings(merge.conflicts)])
    new = new_findings(judge(based, judges, reading, now).findings if based.files else (), findings)
    verdict, reasons = _verdict(new, owners, decision, merge.conflicts)
    return Review(
        base=ours.id,
        head=tip.id,
        merge_base=fork,
        merged=checked.catalog.revision,
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
        broken=tuple(_broken(change, checked.catalog)),
        impacts=_impacts(change, forked, checked.catalog),
        moves=moved(based.catalog, checked.catalog, scorecards(judges, reading.expressions), now),
        judging=tuple(sorted(f"{one.kind} {one.name}" for one in _touched(change) if one.kind in _JUDGES)),
        judged_by_itself=judging_change(change, checked, judged.findings, reading, now),
        exempted=judged.exempted,
    )


class _Trees:
    """Trees, each read once, all under the base's ignore list: a change cannot hide what it adds."""

    def __init__(self, git: Git, reading: Reading, base: str) -> None:
        self._git, self._reading = git, reading
        self._found = {base: load(git.tree(base), reading)}
        platform = self._found[base].catalog.platform()
        self._ignore = None if platform is None else platform.texts("spec", "ignore")

    def at(self, tree: str) -> Loaded:
        """A tree by its id."""
        if tree not in self._found:
            self._found[tree] = load(self._git.tree(tree), self._reading, self._ignore)
        return self._found[tree]


def _recent(git: Git, tip: str, pricer: Pricer, reading: Reading) -> Mapping[Ref, Decimal] | None:
    """What each team has added in 30 days, or None where the clone is too shallow to know."""
    sums, whole = team_increases(git, pricer.base, tip, pricer.by_base, reading, pricer.now)
    return sums if whole else None


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
        waiting.append(f"approvals are open: {decision.reason}")
    # In a conflict nobody can tell what a merge would give, so there is no final word either.
    if stopped and not conflicts:
        return Verdict.BLOCKED, (*stopped, *waiting)
    return (Verdict.PENDING, (*waiting, *stopped)) if waiting else (Verdict.APPROVED, (decision.reason,))


def _approval(base: Catalog) -> str | None:
    platform = base.platform()
    if platform is not None and platform.text("spec", "forge") == "none":
        return "There is no forge to ask (forge: none), so merging is approving."
    return None


def _broken(change: CatalogChange, merged: Catalog) -> Iterator[BrokenReference]:
    gone: dict[Ref, Ref | None] = {entity.ref: None for entity in change.removed}
    gone |= {renamed.old.ref: renamed.new.ref for renamed in change.renamed}
    for ref in sorted(gone):
        if ref not in merged.entities:
            for reference in merged.references_to(ref):
                yield BrokenReference(ref, gone[ref], reference.source.ref, reference.place, reference.text)


def _impacts(change: CatalogChange, before: Catalog, merged: Catalog) -> tuple[ImpactReview, ...]:
    found = [
        *(ImpactReview("remove", impact(before, entity.ref)) for entity in change.removed if _is_part(entity)),
        *(ImpactReview("rename", impact(before, one.old.ref)) for one in change.renamed if _is_part(one.old)),
        *(ImpactReview("change", impact(merged, one.new.ref)) for one in change.changed if _is_part(one.new)),
    ]
    return tuple(sorted(found, key=lambda one: (-_RISKS.index(one.impact.risk), one.impact.ref)))


def _is_part(entity: Entity) -> bool:
    return entity.ref.kind in _PARTS


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
