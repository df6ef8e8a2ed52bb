"""A main branch that pull requests are merged into in every way there is, and past them, and what is proved of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tarmac.adapters.git_history import GitHistory
from tarmac.adapters.merges_file import RecordedMerges, parse_merges
from tarmac.app.proof import genesis, prove, write
from tarmac.app.proof_values import Proven, Proving
from tarmac.model.forge import MergedPull
from tarmac.model.frozen import replace
from tarmac.model.ledger import GENESIS
from tarmac.model.proof import Proof, ProofBook, RecordedProof
from tests.approvals.town import World
from tests.trees import NOW, READING

MERGED_AT = "2026-12-01T05:00:00Z"
LATE = "2026-12-01T05:30:00Z"


@dataclass(slots=True)
class MemoryLog:
    """The ledger's evidence, in memory."""

    now: ProofBook = field(default_factory=lambda: ProofBook(None, None, None, frozenset(), 0, GENESIS))
    kept: list[Proof] = field(default_factory=list)

    def book(self) -> ProofBook:
        return self.now

    def append(self, book: ProofBook, proofs: Sequence[Proof]) -> ProofBook:
        assert book is self.now
        self.kept += proofs
        last = proofs[-1]
        first = self.now.genesis or proofs[0].commits[-1]
        self.now = replace(
            self.now, genesis=first, through=last.through, ahead=frozenset(last.ahead), lines=len(self.kept)
        )
        return self.now

    def lines(self, commit: str) -> Iterator[RecordedProof]:
        yield from ()


@dataclass(slots=True)
class MainLine:
    """A repository with its main branch at `w.main`; proving begins at its first commit."""

    w: World
    answers: list[dict[str, object]] = field(default_factory=list)
    log: MemoryLog = field(default_factory=MemoryLog)
    asked: bool = True
    number: int = 0
    read_at: datetime = NOW

    def begin(self) -> MainLine:
        genesis(self.proving(), self.w.main, "the company as it was", NOW)
        return self

    def proving(self) -> Proving:
        found: dict[str, tuple[MergedPull, ...]] = {}
        for one in parse_merges(json.dumps({"merges": self.answers}).encode(), self.read_at):
            found[one.commit] = (*found.get(one.commit, ()), one)
        return Proving(GitHistory.find(self.w.path), READING, self.log, RecordedMerges(found) if self.asked else None)

    def prove(self, *, keep: bool = True) -> Proven:
        proving = self.proving()
        proven = prove(proving, self.w.main, NOW)
        if keep:
            write(proving, proven)
        return proven

    def push(self, files: Mapping[str, str | None], by: str = "dev", message: str = "pushed") -> str:
        """A commit on the main branch that no pull request brought."""
        self.w.main = self.w.commit([self.w.main], files, by, message=message)
        return self.w.main

    def branch(self, *edits: Mapping[str, str | None], by: str = "dev") -> str:
        """A branch from the main branch, a commit an edit; its reviews begin anew."""
        self.w.head = self.w.fork = self.w.main
        self.w.reviews.clear()
        for files in edits:
            self.w.push(files, by)
        return self.w.head

    def merge(self, how: str = "squash", *, edited: Mapping[str, str | None] | None = None, **told: object) -> str:
        """Merge the branch, as the forge would, and have the forge tell of it; `told` is what it says otherwise."""
        w, base = self.w, self.w.main
        tree = w.git("merge-tree", "--write-tree", base, w.head, accept=(0, 1)).split()[0]
        if how == "merge":
            w.main = w.commit([base, w.head], edited or {}, "pat", tree=tree)
        elif how == "squash":
            w.main = w.commit([base], edited or {}, "dev", tree=tree)
        else:
            for commit in w.git("rev-list", "--reverse", f"{base}..{w.head}").split():
                w.main = w.commit([w.main], {}, "dev", tree=w.git("rev-parse", f"{commit}^{{tree}}"), message="again")
        self.number += 1
        answer = json.loads(w.told())
        answer["pull"] |= {
            "number": self.number,
            "head": {"sha": w.head},
            "base": {"ref": "main"},
            "merge_commit_sha": w.main,
            "merged_at": MERGED_AT,
            "merged_by": {"login": "pat-1"},
        } | told
        self.answers.append(answer)
        return w.main

    def pull(self, files: Mapping[str, str | None], *approved_by: str, how: str = "squash", by: str = "dev") -> str:
        """A pull request of one commit, approved by these and merged."""
        self.w.author = by
        self.branch(files, by=by if by == "dev" else by.removesuffix("-1"))
        for login in approved_by:
            self.w.says(login)
        merged = self.merge(how)
        self.w.author = "dev"
        return merged
