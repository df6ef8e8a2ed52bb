"""What git says of commits and changes: values that adapters make and use cases read."""

from __future__ import annotations

from datetime import datetime

from tarmac.model.frozen import Frozen


class MergedTree(Frozen):
    """What a merge would give: the tree's id, and the paths in conflict (none: it is clean)."""

    tree: str
    conflicts: tuple[str, ...]


class Commit(Frozen):
    """One commit: id, its tree, its parents, when it was committed (UTC), author e-mail, the message's first line."""

    id: str
    tree: str
    parents: tuple[str, ...]
    committed_at: datetime
    author_email: str
    subject: str


class Position(Frozen):
    """Where HEAD stands: on which branch (None: on none), which branch is the default (None: that cannot be told), and
    whether HEAD's commit is that one's tip, here or at origin."""

    branch: str | None
    default: str | None
    at_tip: bool


class Contribution(Frozen):
    """Who says to have made one commit: e-mail addresses of author and committer, and the whole message, in which
    co-authors are named."""

    id: str
    tree: str
    parents: tuple[str, ...]
    author_email: str
    committer_email: str
    message: str


class History(Frozen):
    """Commits, newest first. `complete` is false where the clone is too shallow to hold them all."""

    commits: tuple[Commit, ...]
    complete: bool


class ChangedPath(Frozen):
    """One path that differs: status is A, M, D, T (its mode) or R (a rename, with `old_path`)."""

    status: str
    path: str
    old_path: str | None = None
