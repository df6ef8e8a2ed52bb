"""Changes that the tool proposes, as a branch made by git plumbing: nothing is checked out, no hook is run.

With a remote the branch lives there alone; without one, in this repository.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from tarmac.adapters.git import run_git
from tarmac.adapters.ledger_git import NO_USER, Branch
from tarmac.adapters.ledger_remote import brought, deleted, must_be_a_remote, pushed
from tarmac.errors import GitError, LedgerConflict
from tarmac.model.frozen import Frozen, replace
from tarmac.model.proposal import Proposal, Proposed

BRANCH = "tarmac/expired-requests"
_REF = f"refs/heads/{BRANCH}"


class GitProposals(Frozen):
    """The branch that removes files of expired requests; `prefix` is the folder of the repository that is the root of
    the data. Every method raises GitError."""

    top: Path
    prefix: str = ""
    remote: str | None = None

    @classmethod
    def at(cls, top: Path, prefix: str, remote: str | None) -> GitProposals:
        """That of the repository at `top`.

        Raises:
            UsageError: there is no such remote.
        """
        if remote is not None:
            must_be_a_remote(top, remote)
        return cls(top, prefix, remote)

    def propose(
        self, base: str, removed: Sequence[str], message: str, when: datetime, author: tuple[str, str]
    ) -> Proposal:
        """Have the branch remove exactly these files from `base`. A branch that does so already is left as it is, with
        the approvals that it has; one that does something else is made anew; where nothing is to go, it goes itself."""
        paths = [f"{self.prefix}{path}" for path in removed]
        tip = self._tip()
        if tip is not None and paths and self._removes(base, tip) == sorted(paths):
            return Proposal(BRANCH, tip, Proposed.KEPT, self.remote)
        if not paths:
            if tip is not None:
                self._move(None, tip)
            return Proposal(BRANCH, None, Proposed.NONE if tip is None else Proposed.WITHDRAWN, self.remote)
        made = replace(Branch(self.top, _REF), author=author).make(base, dict.fromkeys(paths), message, when)
        self._move(made, tip)
        return Proposal(BRANCH, made, Proposed.MADE, self.remote)

    def _tip(self) -> str | None:
        return Branch(self.top, _REF).tip() if self.remote is None else brought(self.top, self.remote, _REF)

    def _removes(self, base: str, tip: str) -> list[str] | None:
        """What the branch removes since it left the default one; None where it does anything else too, or would still
        change what is not there any more."""
        fork = run_git(self.top, ["merge-base", base, tip], extra=NO_USER, accept=(0, 1)).decode().strip()
        if not fork:
            return None
        arguments = ["diff-tree", "-r", "-z", "--no-renames", "--name-status", fork, tip]
        said = run_git(self.top, arguments, extra=NO_USER).decode("utf-8", "replace").split("\x00")[:-1]
        kinds, paths = said[::2], said[1::2]
        same = [*paths] and run_git(self.top, ["diff-tree", "-r", "-z", "--name-only", fork, base, "--", *paths])
        return sorted(paths) if set(kinds) == {"D"} and not same else None

    def _move(self, commit: str | None, tip: str | None) -> None:
        try:
            if self.remote is None:
                Branch(self.top, _REF).move(commit, tip)
            elif commit is None:
                deleted(self.top, self.remote, _REF, tip)
            else:
                pushed(self.top, self.remote, _REF, commit, tip)
        except LedgerConflict:
            raise GitError(f"somebody else wrote to the branch {BRANCH} at the same time: run again") from None
