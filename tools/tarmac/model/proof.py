"""How content came to the main branch, and the proof that it was approved: lines of evidence, and what they add up to.

The main branch is its line of first parents. A proof covers one commit of it, or several that one pull request brought
together; each is judged by the commit before.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from tarmac.model.frozen import Frozen


class ProofKind(StrEnum):
    """Why content counts as approved."""

    GENESIS = "genesis"  # where proving begins: whoever writes the ledger vouches for all up to here
    APPROVED = "approved"  # the base's rules approve the pull request that brought it
    RECORDED = "recorded"  # an approved ApprovalRecord names it
    MERGED = "merged"  # the base says `forge: none`: merging is approving
    TAKEN_BACK = "taken back"  # nothing of it is left: the tree is again what it was before


class RuleProof(Frozen):
    """A rule that asked, how its part ended, and the SHA-256 of its document (empty: it is built in)."""

    rule: str
    state: str
    hash: str = ""


class Proof(Frozen):
    """One line of evidence: `commits` of the main branch (oldest first), judged by their first parent `base`, counted
    as approved at `at`.

    `head` is the commit that was reviewed, `pull` its pull request, `reviewers` whose approvals count. `through` is the
    last commit up to which everything is proved once this line stands, `ahead` are proved ones beyond it.
    """

    at: datetime
    kind: ProofKind
    commits: tuple[str, ...]
    base: str
    reason: str
    through: str
    ahead: tuple[str, ...] = ()
    pull: int | None = None
    head: str = ""
    author: str = ""
    merged_at: datetime | None = None
    merged_by: str = ""
    reviewers: tuple[str, ...] = ()
    rules: tuple[RuleProof, ...] = ()


class RecordedProof(Frozen):
    """A line as it stands in the ledger: numbered from 1, chained to the one before by its hash."""

    sequence: int
    previous: str
    hash: str
    proof: Proof
    file: str


class ProofBook(Frozen):
    """What the lines add up to. `genesis` and `through` are None before the first; `commit` is where the ledger's
    branch stood, None where there is none."""

    commit: str | None
    genesis: str | None
    through: str | None
    ahead: frozenset[str]
    lines: int
    hash: str


class Unproved(Frozen):
    """Commits of the main branch of which no approval is proved, and why. `waiting` is how many commits after them
    wait for that, because they may have been judged by what these brought."""

    commits: tuple[str, ...]
    subject: str
    reason: str
    waiting: int = 0
