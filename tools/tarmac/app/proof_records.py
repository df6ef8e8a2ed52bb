"""proof, the part about records: an approval that is given afterwards, as a document that is approved itself.

What is recorded may have changed the rules, so a record is never judged by what stands after it: members of the
platform's owner approve it, as the commit before the recorded one knows them, and nobody who made what is recorded.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tarmac.app.deps import MergedPulls
from tarmac.app.proof_steps import Judge, Step, in_time
from tarmac.app.review_facts import review_facts
from tarmac.approvals.asks import Asker
from tarmac.approvals.authors import Identities
from tarmac.approvals.people import Panel
from tarmac.approvals.repair import menders
from tarmac.errors import UsageError
from tarmac.model.commits import Commit
from tarmac.model.documents import Entity
from tarmac.model.facts import State, worst
from tarmac.model.frozen import replace
from tarmac.model.proof import Proof, ProofKind, RuleProof

FOLDER = "policies/approval-records/"
KIND = "ApprovalRecord"
_RULE = "approval record"


def recorded_approval(
    judge: Judge, pulls: MergedPulls, step: Step, rest: Sequence[Commit], now: datetime
) -> Proof | str:
    """The proof by a record that a later commit (of `rest`) brought; otherwise why there is none, "" without any."""
    why = ""
    if not rest:
        return why
    for record in judge.loaded(rest[-1].id).catalog.of_kind(KIND):
        if record.text("spec", "commit") != step.commits[-1].id:
            continue
        brought = next((one for one in reversed(rest) if record.path in judge.touched(one.parents[0], one.id)), None)
        if brought is None:
            continue
        try:
            found = _approved(judge, pulls, step, brought, record, now)
        except UsageError as fault:
            found = str(fault)
        if isinstance(found, Proof):
            return found
        why = f"its record in {record.path} does not count: {found}"
    return why


def _approved(
    judge: Judge, pulls: MergedPulls, step: Step, brought: Commit, record: Entity, now: datetime
) -> Proof | str:
    reason = record.text("spec", "reason")
    if reason is None or not reason.strip():
        return "it gives no reason"
    found = pulls.merged(brought.id)
    if len(found) != 1:
        return "no pull request brought it, or several say so"
    merged, base = found[0], brought.parents[0]
    ends = judge.ends(base, (brought,), merged, now)
    if isinstance(ends, str):
        return ends
    paths, told = judge.touched(base, brought.id), judge.subjects(base, brought.id)
    if not all(path.startswith(FOLDER) for path in paths) or any(one.kind != KIND for one in told):
        return f"pull request #{merged.pull.number} brings more than records in {FOLDER}"
    trusted = judge.loaded(step.base).catalog
    facts = review_facts(judge.git, ends, trusted, paths, paths, in_time(merged), merged.merged_at)
    people = Identities(trusted)
    makers = {step.author: "opened the pull request"} if step.author else {}
    for commit in judge.git.contributions(step.base, step.commits[-1].id):
        makers |= people.makers(commit, None).known
    panel = Panel(trusted, replace(facts, authors={**makers, **facts.authors}))
    leaf = panel.leaf(Asker(trusted).platform(menders(trusted)), told)
    others = [node for node in (panel.unknown(sorted(paths)), panel.gone()) if node is not None]
    if worst(one.state for one in (leaf, *others)) is not State.APPROVED:
        return "; ".join(f"{one.name}: {one.reason}" for one in (leaf, *others) if one.state is not State.APPROVED)
    return Proof(
        at=now,
        kind=ProofKind.RECORDED,
        commits=tuple(one.id for one in step.commits),
        base=step.base,
        reason=f"{reason} ({record.path})",
        through="",
        pull=merged.pull.number,
        head=merged.head,
        author=merged.pull.author,
        merged_at=merged.merged_at,
        merged_by=merged.merged_by,
        reviewers=leaf.counted,
        rules=(RuleProof(_RULE, str(leaf.state)),),
    )
