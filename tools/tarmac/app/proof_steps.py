"""proof, the part about one step of the main branch: what it changed, who brought it, and whether that was approved."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tarmac.app.approvals import Sides, decide
from tarmac.app.deps import MainLine, Reading
from tarmac.app.load import Known, Loaded, load
from tarmac.app.parts import LIMIT
from tarmac.app.review_cost import Pricer, unread_in
from tarmac.app.review_facts import Ends
from tarmac.app.review_plan import Recorded
from tarmac.approvals.subjects import Subject, subjects
from tarmac.approvals.trust import deciding
from tarmac.catalog.changes import changes
from tarmac.catalog.index import Catalog
from tarmac.catalog.people import login
from tarmac.catalog.view import PLATFORM_FILE
from tarmac.errors import ConfigurationError, ExpressionError, UsageError
from tarmac.model.commits import Commit
from tarmac.model.facts import Decision, Opinion, State
from tarmac.model.forge import MergedPull, PullRequest
from tarmac.model.frozen import Frozen, replace
from tarmac.model.json_value import text
from tarmac.model.ledger import RequestState
from tarmac.model.plan import digest_of
from tarmac.model.proof import Proof, ProofKind, RuleProof
from tarmac.model.trees import SUBMODULE, SYMLINK
from tarmac.model.values import CLOCK_SKEW, show_instant


class Step(Frozen):
    """Commits of the main branch that belong together, and the commit before them, which judges.

    `proof` says that they are approved; else `reason` says why that is not proved, and `decides` why it matters to
    whatever comes after. `same` says whether their content is what the pull request gives, `author` who opened that.
    """

    commits: tuple[Commit, ...]
    base: str
    reason: str
    proof: Proof | None = None
    decides: str | None = None
    same: bool = True
    author: str = ""


@dataclass(slots=True)
class Judge:
    """Looks at steps. Each tree is read once, and each file of it once for all trees. `states` gives the
    ledger's, where one is needed."""

    git: MainLine
    reading: Reading
    states: Callable[[], Iterable[RequestState]]
    _known: Known = field(default_factory=dict)
    _loaded: dict[tuple[str, tuple[str, ...] | None], Loaded] = field(default_factory=dict)

    def merging_is_approving(self, commit: str) -> bool:
        """Whether the platform says `forge: none` there; where that cannot be read, it does not."""
        source = self.git.tree(commit)
        entries = [
            one for one in source.entries() if one.path == PLATFORM_FILE and one.mode not in (SYMLINK, SUBMODULE)
        ]
        said: list[str | None] = []
        for _, content in source.read(entries, LIMIT):
            documents = self.reading.read(PLATFORM_FILE, content)[0] if isinstance(content, bytes) else ()
            said += [text(one.data, "spec", "forge") for one in documents if text(one.data, "kind") == "Platform"]
        return bool(said) and all(one == "none" for one in said)

    def tree_of(self, commit: str) -> str:
        """The tree of a commit."""
        return self.git.commit(commit).tree

    def loaded(self, commit: str, ignore: tuple[str, ...] | None = None) -> Loaded:
        """A commit's documents."""
        key = (self.tree_of(commit), ignore)
        if key not in self._loaded:
            self._loaded[key] = load(self.git.tree(key[0]), self.reading, ignore, self._known)
        return self._loaded[key]

    def logins(self, commit: str) -> frozenset[str]:
        """Everybody whom a commit knows."""
        return frozenset(login(user) or str(user.ref) for user in self.loaded(commit).catalog.of_kind("user"))

    def touched(self, before: str, after: str) -> frozenset[str]:
        """The paths that differ, old names and new ones."""
        found = self.git.changed_paths(before, after)
        return frozenset(path for one in found for path in (one.path, one.old_path) if path is not None)

    def subjects(self, before: str, after: str) -> tuple[Subject, ...]:
        """What changes from one commit to the other."""
        files = self.git.changed_paths(before, after)
        based = self.loaded(before)
        checked = self.loaded(after, tuple(based.ignore))
        renamed = {one.old_path: one.path for one in files if one.old_path}
        change = changes(based.catalog, checked.catalog, renamed)
        return subjects(change, self.touched(before, after), based.catalog, checked.catalog)

    def names(self, before: str, after: str, among: Collection[str]) -> Iterator[str]:
        """The paths that differ, as far as they are `among` others, and the references of what is in them and of what
        they change elsewhere: a file that another one names is that one's data, and asks for nothing."""
        paths = self.touched(before, after)
        left = paths & frozenset(among)
        yield from left
        for subject in self.subjects(before, after):
            if left.intersection(subject.paths) or (left and paths.isdisjoint(subject.paths)):
                yield from (str(one.ref) for one in (subject.old, subject.object) if one is not None)

    def decides(self, before: str, after: str) -> str | None:
        """Why what changes may decide about what comes after it; None where it cannot."""
        return deciding(self.subjects(before, after), self.touched(before, after))

    def pulled(self, base: str, commits: Sequence[Commit], found: Sequence[MergedPull], now: datetime) -> Step:
        """What is to be said of commits that a merged pull request brought together."""
        step = Step(tuple(commits), base, "")
        if len(found) > 1:
            several = ", ".join(f"#{one.pull.number}" for one in found)
            return replace(step, reason=f"several pull requests say that they brought it: {several}")
        merged = found[0]
        step = replace(step, author=merged.pull.author)
        ends = self.ends(base, commits, merged, now)
        if isinstance(ends, str):
            return replace(step, reason=ends, same=False)
        try:
            decision, based = self._decide(ends, merged)
        except (UsageError, ConfigurationError, ExpressionError) as fault:
            return replace(step, reason=f"pull request #{merged.pull.number}: {fault}")
        if decision.state is not State.APPROVED:
            return replace(step, reason=_unapproved(decision, merged))
        proof = Proof(
            at=now,
            kind=ProofKind.APPROVED,
            commits=tuple(one.id for one in commits),
            base=base,
            reason=decision.reason,
            through="",
            pull=merged.pull.number,
            head=merged.head,
            author=merged.pull.author,
            merged_at=merged.merged_at,
            merged_by=merged.merged_by,
            reviewers=tuple(sorted({name for leaf in decision.leaves() for name in leaf.counted})),
            rules=tuple(_rules(decision, based)),
        )
        return replace(step, proof=proof)

    def ends(self, base: str, commits: Sequence[Commit], merged: MergedPull, now: datetime) -> Ends | str:
        """The merge as it was reviewed, where the commits (one, or those of a rebase) are what it gives; otherwise why
        they cannot be."""
        first, last = commits[0], commits[-1]
        number, head = merged.pull.number, merged.head
        if merged.merged_at > now + CLOCK_SKEW:
            return (
                f"pull request #{number} is said to be merged at {show_instant(merged.merged_at)}, and it is "
                f"{show_instant(now)}: look at this machine's clock"
            )
        default = self._default()
        if default is not None and merged.branch != default:
            return f"pull request #{number} was merged into {merged.branch}, not into {default}"
        try:
            self.git.commit(head)
        except UsageError:
            return f"the head {head[:12]} of pull request #{number} is not here: fetch refs/pull/{number}/head"
        if len(last.parents) > 1 and last.parents[1:] != (head,):
            return f"it is no merge of {head[:12]}, the reviewed head of pull request #{number}"
        if self.git.merge_base(base, head) is None:
            return f"pull request #{number} has no history in common with the main branch"
        if first.id != last.id and self.git.is_ancestor(first.id, head):
            # Only commits that the forge made anew are a rebase: what the branch was built on was not reviewed with it.
            return f"pull request #{number} was built on it and did not bring it"
        merge = self.git.merge_tree(base, head)
        if merge.conflicts or merge.tree != last.tree:
            return (
                f"its content is not what merging {head[:12]}, the head of pull request #{number}, gives: it was "
                "edited while it was merged, or conflicts were solved then"
            )
        return Ends(base, head, merge)

    def _default(self) -> str | None:
        """The default branch; None where nobody can tell."""
        try:
            return self.git.position().default
        except UsageError:
            return None

    def _decide(self, ends: Ends, merged: MergedPull) -> tuple[Decision, Catalog]:
        """The decision as it stood when it was merged."""
        now = merged.merged_at
        based = self.loaded(ends.base)
        checked = load(self.git.tree(ends.merge.tree), self.reading, based.ignore, self._known)
        recorded = Recorded(based.catalog, self.states())
        ended = recorded.ended(based.catalog, now), recorded.ended(checked.catalog, now)
        pricer = Pricer.of(
            based.catalog, checked.catalog, self.reading.expressions, now, ended, unread_in(checked.findings)
        )
        decided = decide(self.git, self.reading, Sides.read(ends, based, checked), in_time(merged), pricer)
        return decided.decision, based.catalog


def in_time(merged: MergedPull) -> PullRequest:
    """The pull request with what was said of it by the time of the merge."""
    said = tuple(one for one in merged.pull.reviews if one.submitted_at <= merged.merged_at)
    return replace(merged.pull, reviews=said, draft=False)


def _unapproved(decision: Decision, merged: MergedPull) -> str:
    by = f" by {merged.merged_by}" if merged.merged_by else ""
    late = sum(one.opinion is Opinion.APPROVED and one.submitted_at > merged.merged_at for one in merged.pull.reviews)
    after = f"; {late} approval{'s' if late > 1 else ''} after the merge cannot count" if late else ""
    return f"pull request #{merged.pull.number} was merged{by} without its approvals: {decision.reason}{after}"


def _rules(decision: Decision, base: Catalog) -> Iterator[RuleProof]:
    known = {rule.name: rule for rule in base.of_kind("approvalrule")}
    for node in decision.children:
        if node.state is State.SKIPPED:
            continue
        rule = known.get(node.name)
        digest = "" if rule is None else digest_of(rule.data)
        yield RuleProof(node.name, str(node.state), digest)
