"""queue: may what the merge queue is about to put on the default branch be merged?

The queue's commit goes on from the branch's tip by what one pull request after the other gives. Which ones these are
is not taken from names or messages, which anybody can write: a step is the pull request whose head, merged into the
commit before, gives that very tree. Each is reviewed as it is merged, judged by the commit before it, which is itself
judged; so the verdict is what reconcile would prove of it after the merge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tarmac.app.ages import Histories
from tarmac.app.deps import Forge, MainLine, Reading
from tarmac.app.publish import CHECK_NAME, Desk, Published, conclusion, unchanged
from tarmac.app.review import review
from tarmac.errors import ForgeError, UsageError
from tarmac.model.commits import Commit
from tarmac.model.forge import CheckRun, Conclusion
from tarmac.model.ledger import RequestState
from tarmac.reports.markdown import STEP
from tarmac.reports.queue import Queue, QueuedStep, queue_markdown


def queue(
    git: MainLine,
    reading: Reading,
    forge: Forge,
    base: str,
    head: str,
    now: datetime,
    states: Iterable[RequestState] = (),
    histories: Histories | None = None,
) -> Queue:
    """Judge the commits from behind `base`, the default branch's tip, up to `head`, a commit of its merge queue.

    Raises:
        UsageError: a revision does not exist, or the head does not go on from the base.
        ForgeError: the forge refused or failed, or the head is that of an open pull request as well.
    """
    ours, tip = git.commits(base, head)
    chain = git.line(ours.id, tip.id)
    if chain is None:
        raise UsageError(
            f"{head} does not go on from {base}: it is no commit of its merge queue, the branch has moved on and the "
            "queue is made anew, or the clone is shallow (fetch-depth: 0)"
        )
    if not chain:
        raise UsageError(f"{head} is {base} itself: nothing is queued")
    heads = forge.open_heads()
    own = next((number for number, commit in sorted(heads.items()) if commit == tip.id), None)
    if own is not None:
        raise ForgeError(f"{tip.id} is the head of #{own}, and a verdict on it would count for that as well: close it")
    walk = _Walk(git, reading, forge, heads, now, tuple(states), histories)
    steps: list[QueuedStep] = []
    at = 0
    while at < len(chain) and (not steps or steps[-1].approved):
        steps.append(walk.step(ours.id if at == 0 else chain[at - 1].id, chain[at:]))
        at += len(steps[-1].commits)
    return Queue(ours.id, tip.id, tuple(steps), len(chain) - at)


def publish_queue(desk: Desk, found: Queue) -> Published:
    """Say the verdict on the queue's commit: success, or a failure, which takes it out of the queue.

    Raises:
        ForgeError: a pull request is not what was judged any more, or GitHub refused or failed.
    """
    for step in found.steps:
        if step.pull is not None:
            unchanged(desk.forge, step.pull)
    run = CheckRun(
        name=CHECK_NAME,
        head=found.head,
        conclusion=Conclusion.SUCCESS if found.approved else Conclusion.FAILURE,
        title=found.title,
        summary=queue_markdown(found, desk.links),
        findings=tuple(one for step in found.steps if step.review is not None for one in step.review.new),
        details=desk.links.run,
    )
    address = desk.forge.check(run)
    desk.summarize(queue_markdown(found, desk.links, STEP))
    number = next((step.pull.number for step in reversed(found.steps) if step.pull is not None), 0)
    return Published(number, (address,) if address else ())


@dataclass(slots=True)
class _Walk:
    """Tells of each step whose it is, and judges it. `heads` are those of the open pull requests, by number."""

    git: MainLine
    reading: Reading
    forge: Forge
    heads: Mapping[int, str]
    now: datetime
    states: Sequence[RequestState]
    histories: Histories | None
    _here: dict[str, bool] = field(default_factory=dict)

    def step(self, base: str, rest: Sequence[Commit]) -> QueuedStep:
        """What the next of the commits are, of which there is at least one."""
        given = dict(self._given(base))
        for end, last in enumerate(rest, 1):
            if end > 1 and any(len(one.parents) != 1 for one in rest[:end]):
                # Only a rebase gives several commits, and none of these is a merge.
                break
            numbers = [one for one, tree in sorted(given.items()) if tree == last.tree and self._may(last, one)]
            commits = tuple(one.id for one in rest[:end])
            if len(numbers) > 1:
                names = ", ".join(f"#{one}" for one in numbers)
                return QueuedStep(commits, base, False, f"{names} all give it: close all but one")
            if numbers:
                return self._judged(commits, base, numbers[0])
        missing = sorted(number for number, head in self.heads.items() if not self._known(head))
        fetch = f"; of {len(missing)} the head is not here: fetch refs/pull/*/head" if missing else ""
        return QueuedStep((rest[0].id,), base, False, f"no open pull request into the default branch gives it{fetch}")

    def _given(self, base: str) -> Iterator[tuple[int, str]]:
        """The tree that each pull request gives when it is merged into the base."""
        for number, head in self.heads.items():
            if self._known(head) and self.git.merge_base(base, head) is not None:
                merge = self.git.merge_tree(base, head)
                if not merge.conflicts:
                    yield number, merge.tree

    def _known(self, head: str) -> bool:
        if head not in self._here:
            try:
                self._here[head] = self.git.commit(head).id == head
            except UsageError:
                self._here[head] = False
        return self._here[head]

    def _may(self, commit: Commit, number: int) -> bool:
        """A commit that merges something merges the head of the pull request that it is taken for."""
        return len(commit.parents) == 1 or commit.parents[1:] == (self.heads[number],)

    def _judged(self, commits: tuple[str, ...], base: str, number: int) -> QueuedStep:
        head, pull = self.heads[number], self.forge.pull(number)
        if pull.head != head:
            raise ForgeError(f"#{number} was pushed to while it was judged: run it again")
        found = review(self.git, self.reading, base, head, self.now, self.states, pull, None, self.histories)
        approved = conclusion(found) is Conclusion.SUCCESS
        why = "; ".join(found.reasons)
        return QueuedStep(commits, base, approved, why if approved else f"{found.verdict.value}: {why}", pull, found)
