"""proof: was what the main branch holds approved, by whom, for these bytes?

The main branch is walked along its first parents, from behind the last proved commit. Each commit is judged by the one
before it: which pull request brought it, is its content what merging the reviewed head gives, and did the rules of that
base approve it by then. What may decide about later content and is not proved holds everything behind it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from tarmac.app.deps import ProofLog
from tarmac.app.plan import Deps
from tarmac.app.proof_records import recorded_approval
from tarmac.app.proof_steps import Judge, Step
from tarmac.app.proof_values import Proven, Proving
from tarmac.errors import ConfigurationError, LedgerConflict, UsageError
from tarmac.model.commits import Commit
from tarmac.model.frozen import replace
from tarmac.model.ledger import RequestState
from tarmac.model.proof import Proof, ProofKind, RecordedProof, Unproved

# So many commits at most come from one rebased pull request; a longer one is held, and can be recorded.
_LONGEST_REBASE = 250


def prove(
    proving: Proving, revision: str, now: datetime, states: Callable[[], Iterable[RequestState]] = tuple
) -> Proven:
    """Walk the main branch from the last proved commit to `revision`. Nothing is written.

    Raises:
        UsageError: there is no such commit.
        ForgeError: the forge cannot be asked.
    """
    tip, book = proving.git.commit(revision), proving.log.book()
    judge = Judge(proving.git, proving.reading, states)
    if book.through is None:
        if judge.merging_is_approving(tip.id):
            return Proven(tip.id, notes=(_NO_FORGE,))
        # Begun here alone, it would part from the ledger there.
        remote = "" if proving.remote is None else f" --remote {proving.remote}"
        return replace(_nothing(tip, _NO_GENESIS.format(commit=tip.id[:12], remote=remote)), begun=False)
    chain = proving.git.line(book.through, tip.id)
    if chain is None:
        why = (
            f"{tip.id[:12]} does not go on from {book.through[:12]}, the last proved commit: the branch was rewritten, "
            "another one is named, or the clone is shallow (fetch-depth: 0)"
        )
        return _nothing(tip, why)
    return _Walk(proving, judge, chain, book.through, book.ahead, now).run(tip)


def proved(deps: Deps, revision: str, now: datetime, *, apply: bool) -> Proven | None:
    """What of the revision is proved to be approved; with `apply` the evidence goes to the ledger. None where nothing
    is to be proved: without `proving`, and in a preview where nobody can ask the forge.

    Raises:
        ConfigurationError: with `apply`, nothing says where proving begins: one word about that, and not one about
            each request.
    """
    proving = deps.proving
    if proving is None:
        return None
    if not apply and proving.pulls is None:
        return unasked(proving, revision)
    proven = prove(proving, revision, now, lambda: deps.ledger.states(deps.ledger.head()).values())
    if apply and not proven.begun:
        raise ConfigurationError(f"nothing is applied, as nothing can be proved to be approved: {proven.notes[0]}")
    if apply:
        write(proving, proven)
    return proven


def unasked(proving: Proving, revision: str) -> Proven:
    """A preview where nobody can ask the forge: all is shown as if it were approved, and what that rests on is said."""
    tip, book = proving.git.commit(revision), proving.log.book()
    if Judge(proving.git, proving.reading, tuple).merging_is_approving(tip.id):
        return Proven(tip.id, notes=(_NO_FORGE,))
    chain = None if book.through is None else proving.git.line(book.through, tip.id)
    if book.through is None or chain is None:
        return Proven(tip.id, notes=("nothing here is proved to be approved yet: reconcile --apply holds what is not",))
    if not chain:
        return Proven(tip.id)
    count = f"{len(chain)} commit{'s' if len(chain) > 1 else ''}"
    note = f"{count} since {book.through[:12]} not proved to be approved yet: reconcile --apply holds what is not"
    return Proven(tip.id, notes=(note,))


def genesis(proving: Proving, revision: str, reason: str, now: datetime) -> Proof:
    """Name the commit at which proving begins, in the ledger; whoever may write that vouches for all up to there.

    Raises:
        UsageError: one is named already, there is no such commit, or the reason says nothing.
    """
    if not reason.strip():
        raise UsageError("--reason says nothing: say why everything up to there is taken as approved")
    commit, book = proving.git.commit(revision), proving.log.book()
    if book.genesis is not None:
        raise UsageError(f"the ledger begins at {book.genesis} already, and that is for good")
    proof = Proof(now, ProofKind.GENESIS, (commit.id,), commit.parents[0] if commit.parents else "", reason, commit.id)
    proving.log.append(book, (proof,))
    return proof


def write(proving: Proving, proven: Proven) -> None:
    """Put the new evidence into the ledger.

    Raises:
        LedgerConflict: somebody else wrote meanwhile.
    """
    if proven.proofs:
        book = proving.log.book()
        if proven.proofs[0].kind is not ProofKind.GENESIS and book.through is None:
            raise LedgerConflict("the ledger was taken away meanwhile: fetch it, and run again")
        proving.log.append(book, proven.proofs)


_NO_FORGE = "forge: none in policies/platform.yaml: nobody is asked who approved what, merging is approving"
_NO_GENESIS = (
    "the ledger names no commit at which proving begins: fetch the ledger's branch, or begin one: "
    "tarmac approvals genesis --rev {commit}{remote} --reason ..."
)
_NOT_ASKED = "nobody asked the forge who approved it: --proofs github, or --proofs FILE with what it said"


def _nothing(tip: Commit, why: str) -> Proven:
    return Proven(tip.id, everything=f"not proved to be approved: {why}", notes=(why,))


class _Walk:
    """One walk along the main branch."""

    def __init__(
        self,
        proving: Proving,
        judge: Judge,
        chain: Sequence[Commit],
        through: str,
        ahead: Iterable[str],
        now: datetime,
    ) -> None:
        self._proving, self._judge, self._chain, self._now = proving, judge, chain, now
        self._through, self._ahead = through, set(ahead)
        self._proofs: list[Proof] = []

    def run(self, tip: Commit) -> Proven:
        unproved: list[Unproved] = []
        held: dict[str, str] = {}
        index = 0
        while index < len(self._chain):
            if self._chain[index].id in self._ahead:
                index += 1
                continue
            step = self._step(index)
            if step.proof is not None:
                self._proved(step.proof)
                index += len(step.commits)
                continue
            why = f"commit {step.commits[0].id[:12]} is not proved to be approved: {step.reason}"
            if step.decides is not None:
                waiting = len(self._chain) - index - len(step.commits)
                unproved.append(_unproved(step, f"{step.reason}; {step.decides}", waiting))
                commit = step.base
                held |= dict.fromkeys(self._judge.touched(commit, tip.id), why)
                return self._ended(commit, held, unproved)
            unproved.append(_unproved(step, step.reason, 0))
            left = self._judge.touched(step.base, tip.id)
            held |= dict.fromkeys(self._judge.names(step.base, step.commits[-1].id, left), why)
            index += len(step.commits)
        return self._ended(tip.id, held, unproved)

    def _ended(self, commit: str, held: Mapping[str, str], unproved: Sequence[Unproved]) -> Proven:
        notes = (*(_note(one) for one in unproved), *self._left(commit))
        if not unproved and self._judge.merging_is_approving(commit):
            notes = (_NO_FORGE,)
        return Proven(commit, held, None, tuple(unproved), tuple(self._proofs), notes)

    def _left(self, commit: str) -> Iterator[str]:
        """Whose approval counted and who is nobody's member any more: it stands, and somebody may want to look."""
        if not any(proof.reviewers for proof in self._proofs):
            return
        people = self._judge.logins(commit)
        for proof in self._proofs:
            gone = [name for name in proof.reviewers if name not in people]
            if gone:
                yield f"{proof.commits[-1][:12]} was approved by {', '.join(gone)}, who has left since: it stands"

    def _proved(self, proof: Proof) -> None:
        self._ahead.update(proof.commits)
        for commit in self._chain[self._place(self._through) + 1 :]:
            if commit.id not in self._ahead:
                break
            self._through = commit.id
            self._ahead.discard(commit.id)
        ahead = tuple(commit.id for commit in self._chain if commit.id in self._ahead)
        self._proofs.append(replace(proof, through=self._through, ahead=ahead))

    def _place(self, commit: str) -> int:
        return next((index for index, one in enumerate(self._chain) if one.id == commit), -1)

    def _step(self, index: int) -> Step:
        """What is to be said of the commit at a place of the chain, or of it and those that came with it."""
        commit, base = self._chain[index], self._chain[index].parents[0]
        if self._judge.merging_is_approving(base):
            proof = Proof(self._now, ProofKind.MERGED, (commit.id,), base, "forge: none: merging is approving", "")
            return Step((commit,), base, "", proof=proof)
        pulls = self._proving.pulls
        if pulls is None:
            return self._otherwise(index, Step((commit,), base, _NOT_ASKED))
        step = None
        for end in range(index, min(len(self._chain), index + _LONGEST_REBASE)):
            found = pulls.merged(self._chain[end].id)
            if found:
                step = self._judge.pulled(base, self._chain[index : end + 1], found, self._now)
                break
        if step is None or (len(step.commits) > 1 and not step.same):
            step = Step((commit,), base, "no pull request brought it: it was pushed past them")
        return step if step.proof is not None else self._otherwise(index, step)

    def _otherwise(self, index: int, step: Step) -> Step:
        """Whether what the forge does not prove is proved by a record, or is there no longer."""
        end, pulls = index + len(step.commits), self._proving.pulls
        before = self._judge.tree_of(step.base)
        for place in range(end, len(self._chain) + 1):
            if self._chain[place - 1].tree == before:
                commits = tuple(self._chain[index:place])
                ids = tuple(one.id for one in commits)
                proof = Proof(self._now, ProofKind.TAKEN_BACK, ids, step.base, "nothing is left of it", "")
                return Step(commits, step.base, "", proof=proof)
        if pulls is not None:
            proof_or_why = recorded_approval(self._judge, pulls, step, self._chain[end:], self._now)
            if isinstance(proof_or_why, Proof):
                return replace(step, proof=proof_or_why)
            if proof_or_why:
                step = replace(step, reason=f"{step.reason}; {proof_or_why}")
        return replace(step, decides=self._judge.decides(step.base, step.commits[-1].id))


def _unproved(step: Step, reason: str, waiting: int) -> Unproved:
    return Unproved(tuple(one.id for one in step.commits), step.commits[0].subject, reason, waiting)


def _note(one: Unproved) -> str:
    more = f" ({one.waiting} after it wait)" if one.waiting else ""
    return (
        f"{one.commits[-1][:12]} ({one.subject}) is not proved to be approved: {one.reason}{more}; "
        f"take it back, or have it approved: tarmac approvals record {one.commits[-1][:12]} --reason ..."
    )


def evidence(log: ProofLog) -> Iterator[RecordedProof]:
    """All that was proved, the oldest first."""
    commit = log.book().commit
    if commit is not None:
        yield from log.lines(commit)
