"""check --base: which findings does a change bring?

The change runs from where it left the base's line to its head. What was there before is that point, as the base's
policies judge it now; so a rule that came to the base meanwhile is nobody's change, and a change cannot weaken the
rules that it is judged by. Both sides leave out the files that the base leaves out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tarmac.app.check import CheckResult, judge, only_new
from tarmac.app.deps import Git, Reading
from tarmac.app.load import Known, Loaded, load
from tarmac.model.trees import Source


@dataclass(frozen=True, slots=True)
class Sides:
    """Three trees: `base` judges, `fork` is where the change began, `head` is judged."""

    base: Source
    fork: Source
    head: Source


def sides(git: Git, base: str, head: str | None, tree: Source) -> Sides:
    """The trees of a change from `base` to `head` (None: to the working tree `tree`).

    Raises:
        UsageError: a revision does not exist.
        GitError: git fails.
    """
    tip = git.commit(base)
    fork = git.merge_base(tip.id, head or "HEAD")
    judging = git.tree(tip.tree)
    return Sides(judging, judging if fork in (None, tip.id) else git.tree(git.commit(fork).tree), tree)


def check_change(trees: Sides, reading: Reading, now: datetime) -> CheckResult:
    """Judge both sides of a change whole, and tell what it brings.

    Raises:
        ConfigurationError: there is nothing to read in the head.
    """
    known: Known = {}
    base = load(trees.base, reading, known=known)
    fork = _loaded(trees.fork, trees.base, base, reading, known)
    head = _loaded(trees.head, trees.base, base, reading, known)
    after = judge(head, base.catalog, reading, now)
    before = judge(fork, base.catalog, reading, now).findings if fork.files or fork.findings else ()
    return only_new(before, after)


def _loaded(tree: Source, base_tree: Source, base: Loaded, reading: Reading, known: Known) -> Loaded:
    return base if tree is base_tree else load(tree, reading, base.ignore, known)
