"""What the merge queue is about to put on the default branch, and how that is said."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from tarmac.model.forge import PullRequest
from tarmac.model.frozen import Frozen
from tarmac.model.json_value import JsonValue
from tarmac.model.shown import visible
from tarmac.reports.markdown import CHECK, report
from tarmac.reports.markdown_text import Room, plain
from tarmac.reports.report import count
from tarmac.reports.review import Review
from tarmac.reports.review_links import Links

_LONG = 1000


class QueuedStep(Frozen):
    """Commits of the queue (oldest first) that one pull request gives on top of the commit `base`.

    `review` is that of merging the pull request's head into `base`, judged by `base`. Both are None where it cannot be
    told whose the commits are; `reason` says why, and else what came of the review.
    """

    commits: tuple[str, ...]
    base: str
    approved: bool
    reason: str
    pull: PullRequest | None = None
    review: Review | None = None

    @property
    def name(self) -> str:
        """The pull request, or the commit of which nobody knows whose it is."""
        return self.commits[0][:12] if self.pull is None else f"#{self.pull.number}"


class Queue(Frozen):
    """The way from `base`, the tip of the default branch, to `head`, a commit of its merge queue: steps up to the first
    that is not approved, and how many commits lie behind that."""

    base: str
    head: str
    steps: tuple[QueuedStep, ...]
    waiting: int = 0

    @property
    def approved(self) -> bool:
        """Whether all of it may be merged."""
        return bool(self.steps) and not self.waiting and all(step.approved for step in self.steps)

    @property
    def title(self) -> str:
        """The verdict in a line."""
        *before, last = self.steps
        if self.approved:
            return f"approved: {', '.join(step.name for step in self.steps)}"
        behind = f", behind {', '.join(step.name for step in before)}" if before else ""
        return f"not approved: {last.name}{behind}: {last.reason}"


def queue_text(queue: Queue) -> str:
    """For a terminal: the verdict, then a line a step."""
    first = f"Queue of {queue.head[:12]} onto {queue.base[:12]}: {queue.title}"
    lines = [first, *(f"  {one}" for one in _lines(queue))]
    return "\n".join(visible(line, _LONG) for line in lines) + "\n"


def queue_json(queue: Queue) -> str:
    """For a program; tools/docs/outputs.md says what each field means."""
    steps: list[JsonValue] = [
        {
            "commits": list(step.commits),
            "base": step.base,
            "pull": None if step.pull is None else step.pull.number,
            "head": None if step.pull is None else step.pull.head,
            "approved": step.approved,
            "verdict": None if step.review is None else step.review.verdict.value,
            "reason": step.reason,
        }
        for step in queue.steps
    ]
    data: JsonValue = {
        "version": 1,
        "base": queue.base,
        "head": queue.head,
        "approved": queue.approved,
        "steps": steps,
        "waiting": queue.waiting,
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


def queue_markdown(queue: Queue, links: Links, room: Room = CHECK) -> str:
    """For a check run: the steps, then the review of the last one that was judged."""
    said = [f"**{plain(f'Queue: {queue.title}')}**", "", *(f"- {plain(one)}" for one in _lines(queue))]
    review = next((step.review for step in reversed(queue.steps) if step.review is not None), None)
    if review is None:
        return "\n".join(said) + "\n"
    text = "\n".join([*said, "", "The last of them:", "", ""])
    return text + report(review, links, Room(room.limit - room.measure(text), room.measure))


QUEUES: Mapping[str, Callable[[Queue], str]] = {"text": queue_text, "json": queue_json}


def _lines(queue: Queue) -> Iterator[str]:
    for step in queue.steps:
        head = "" if step.pull is None else f" ({(step.pull.head or '')[:12]})"
        state = "approved" if step.approved else "not approved"
        yield f"{step.name}{head} onto {step.base[:12]}: {state}, {step.reason}"
    if queue.waiting:
        yield f"{count(queue.waiting, 'commit')} behind it not looked at"
