"""review and approvals, the part about who made a change and who said what of it: told by git's own objects.

An approval counts for the content it was given for. Whether a path is still that content is told by two trees: what
merging the reviewed commit would give, and what merging the head would. A merge of the base alone leaves them equal,
whatever it brings along; a push to the path, or a merge that was edited by hand, does not.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime

from tarmac.app.deps import Authorship
from tarmac.approvals.authors import Identities
from tarmac.approvals.people import WORDS
from tarmac.catalog.view import ReviewView
from tarmac.errors import UsageError
from tarmac.model.commits import Contribution, MergedTree
from tarmac.model.facts import GHOST, GivenReview, Opinion, ReviewFacts
from tarmac.model.forge import ForgeReview, PullRequest
from tarmac.model.frozen import Frozen
from tarmac.model.values import CLOCK_SKEW, show_instant


class Ends(Frozen):
    """What is to be merged into what: commit ids, and what that gives."""

    base: str
    head: str
    merge: MergedTree


def review_facts(
    git: Authorship,
    ends: Ends,
    base: ReviewView,
    paths: Collection[str],
    asked: Collection[str],
    pull: PullRequest | None,
    now: datetime,
) -> ReviewFacts:
    """Who made the change between two commits, and who reviewed it by `now`. `paths` are those that it touches, `asked`
    those that somebody may be asked about: more, where what is in one file decides what another one means.

    Raises:
        UsageError: what is told is told of another head.
    """
    if pull is not None and pull.head not in (None, ends.head):
        raise UsageError(f"the reviews are of the head {pull.head}, and {ends.head} is asked about: fetch both anew")
    opened = {} if pull is None else {pull.author: "opened the pull request"}
    people = Identities(base, opened)
    authors: dict[str, str] = dict(opened)
    unknown: dict[str, str] = {}
    for commit in git.contributions(ends.base, ends.head):
        if _takes_the_base_in(git, commit, ends):
            continue
        makers = people.makers(commit, None if pull is None else pull.commits.get(commit.id))
        for name, how in makers.known.items():
            authors.setdefault(name, how)
        if makers.unknown:
            for path in _touched_by(git, commit, paths):
                unknown.setdefault(path, makers.unknown[0])
    if pull is None:
        return ReviewFacts(authors, (), unknown)
    untouched = frozenset(asked) - frozenset(paths)
    return ReviewFacts(authors, tuple(_given(git, ends, people.knows, untouched, pull, now)), unknown, pull.draft)


def _takes_the_base_in(git: Authorship, commit: Contribution, ends: Ends) -> bool:
    """Whether a commit does nothing but merge the base: then it is nobody's work."""
    if len(commit.parents) != 2 or not any(git.is_ancestor(parent, ends.base) for parent in commit.parents):
        return False
    merged = git.merge_tree(*commit.parents)
    return not merged.conflicts and merged.tree == commit.tree


def _touched_by(git: Authorship, commit: Contribution, paths: Collection[str]) -> set[str]:
    """The paths that a commit changes; of a merge, those that differ from either side. A first one changes all."""
    if not commit.parents:
        return set(paths)
    found: set[str] = set()
    for parent in commit.parents:
        for change in git.changed_paths(parent, commit.id):
            found.update(path for path in (change.path, change.old_path) if path is not None)
    return found


def _given(
    git: Authorship,
    ends: Ends,
    known: Callable[[str], bool],
    untouched: frozenset[str],
    pull: PullRequest,
    now: datetime,
) -> Iterator[GivenReview]:
    """The reviews as they bear on the head. Only the last word of each of the people whom the base knows is looked
    into: nothing else can count.

    What changes though its file is `untouched` is bound to no content of its own: any push since counts.
    """
    looked: dict[str, tuple[str | None, frozenset[str]]] = {}
    # An approval that nobody can have given yet is nobody's last word: whatever else they said stands.
    reviews = sorted(pull.reviews, key=lambda one: not _early(one, now))
    last = {one.login: at for at, one in enumerate(reviews) if one.opinion in WORDS and one.login is not None}
    for at, review in enumerate(reviews):
        void, stale = None, frozenset[str]()
        login = review.login
        if review.opinion is Opinion.APPROVED and login is not None and known(login):
            void = _void(review, now) if last[login] == at else _TAKEN_OVER
            if void is None and review.commit is not None:
                if review.commit not in looked:
                    looked[review.commit] = _since(git, ends, review.commit)
                void, stale = looked[review.commit]
                stale = stale | untouched if stale else stale
        yield GivenReview(review.login or GHOST, review.opinion, review.person, void, stale)


_TAKEN_OVER = "more was said after it"


def _early(review: ForgeReview, now: datetime) -> bool:
    """Whether an approval is dated later than clocks differ: an objection counts whenever it is said to be given."""
    return review.opinion is Opinion.APPROVED and review.submitted_at > now + CLOCK_SKEW


def _void(review: ForgeReview, now: datetime) -> str | None:
    if _early(review, now):
        given, asked = show_instant(review.submitted_at), show_instant(now)
        return f"the approval is dated {given}, and it is {asked}: nobody has given it yet, unless this clock is slow"
    if review.edited:
        return "the text of the approval was edited after it was given"
    return "the approval does not say which commit it is for" if review.commit is None else None


def _since(git: Authorship, ends: Ends, commit: str) -> tuple[str | None, frozenset[str]]:
    """Why an approval of a commit counts for nothing, or the paths that are no longer what was approved."""
    if commit == ends.head:
        return None, frozenset()
    if not git.is_ancestor(commit, ends.head):
        return f"the approved commit {commit[:12]} is no ancestor of the head: the branch was rewritten", frozenset()
    then = git.merge_tree(ends.base, commit)
    found = set(then.conflicts)
    for change in git.changed_paths(then.tree, ends.merge.tree):
        found.update(path for path in (change.path, change.old_path) if path is not None)
    return None, frozenset(found)
