"""What a forge tells of a pull request (who opened it, who reviewed it, whose its commits are), and what it is told.
Values only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from tarmac.model.facts import Opinion
from tarmac.model.findings import Finding
from tarmac.model.frozen import Frozen


class ForgeReview(Frozen):
    """One review as it was given: `login` in lower case (None: the account is gone), `commit` the full id of what was
    reviewed (None: not said). `edited` says that its text was changed after it was given."""

    login: str | None
    person: bool
    opinion: Opinion
    commit: str | None
    submitted_at: datetime
    edited: bool = False


class CommitLogins(Frozen):
    """Whose a commit is, as the forge knows e-mail addresses; None where it knows nobody."""

    author: str | None
    committer: str | None


class PullRequest(Frozen):
    """A pull request. Its reviews are in the order they were given in; `commits` go by their full id, and the forge
    may have left some out. `head` is the commit that it was asked about, None where that is not said."""

    number: int
    author: str
    draft: bool
    reviews: tuple[ForgeReview, ...]
    commits: Mapping[str, CommitLogins]
    head: str | None = None


class Conclusion(StrEnum):
    """How a check ended. Only the first lets a change pass where the check is required: GitHub takes `neutral` and
    `skipped` for passed as well, so these are never said."""

    SUCCESS = "success"
    FAILURE = "failure"
    ACTION_REQUIRED = "action_required"


class CheckRun(Frozen):
    """The verdict on a commit: a title, a summary in Markdown, and the findings to show beside their lines. `details`
    is the address of a page with more, None where there is none."""

    name: str
    head: str
    conclusion: Conclusion
    title: str
    summary: str
    findings: tuple[Finding, ...]
    details: str | None = None


class MergedPull(Frozen):
    """A pull request that was merged: `commit` is what the forge made of it on the branch `branch` (of a rebase, the
    last one), `merged_by` who pressed the button (empty: not said). `pull.head` is always there."""

    pull: PullRequest
    commit: str
    branch: str
    merged_at: datetime
    merged_by: str

    @property
    def head(self) -> str:
        """The commit that was reviewed."""
        return self.pull.head or ""
