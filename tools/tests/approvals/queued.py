"""A main branch with a merge queue behind it, and a forge that knows the open pull requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tarmac.adapters.git_history import GitHistory
from tarmac.adapters.reviews_file import parse_reviews
from tarmac.app.queue import queue
from tarmac.model.forge import CheckRun, PullRequest
from tarmac.model.frozen import replace
from tarmac.reports.queue import Queue
from tests.approvals.town import R, S, World, staging, town
from tests.trees import NOW, READING


@dataclass(slots=True)
class Forge:
    """Open pull requests, and the check runs that were asked for."""

    pulls: dict[int, PullRequest] = field(default_factory=dict)
    checks: list[CheckRun] = field(default_factory=list)
    heads: dict[int, str] = field(default_factory=dict)

    def open_heads(self) -> Mapping[int, str]:
        return self.heads

    def pull(self, number: int) -> PullRequest:
        return self.pulls[number]

    def check(self, run: CheckRun) -> str:
        self.checks.append(run)
        return "https://github.example/runs/1"

    def pull_with_head(self, head: str) -> PullRequest:
        raise NotImplementedError

    def comment(self, number: int, marker: str, body: str) -> str:
        raise NotImplementedError

    def teams(self) -> frozenset[str] | None:
        raise NotImplementedError

    def request(self, number: int, people: Sequence[str], teams: Sequence[str]) -> tuple[str, ...]:
        raise NotImplementedError

    def label(self, number: int, prefix: str, wanted: Sequence[str]) -> None:
        raise NotImplementedError


@dataclass(slots=True)
class Line:
    """A main branch at `w.main`, open pull requests from it, and a queue that goes on from it up to `tip`."""

    w: World
    forge: Forge = field(default_factory=Forge)
    tip: str = ""

    def __post_init__(self) -> None:
        self.tip = self.w.main

    def pull(self, *edits: Mapping[str, str | None], by: Sequence[str] = (), draft: bool = False) -> str:
        """Open the next pull request, a commit an edit, approved by these."""
        w, number = self.w, len(self.forge.pulls) + 1
        w.head = w.fork = w.main
        w.reviews.clear()
        for files in edits:
            w.push(files)
        for login in by:
            w.says(login)
        w.draft, w.told_head = draft, w.head
        self.forge.pulls[number] = replace(parse_reviews(w.told()), number=number)
        self.forge.heads[number] = w.head
        return w.head

    def enqueue(self, head: str, how: str = "squash", edited: Mapping[str, str | None] | None = None) -> str:
        """What the queue makes of a head, on top of what it holds."""
        w = self.w
        tree = w.git("merge-tree", "--write-tree", self.tip, head, accept=(0, 1)).split()[0]
        if how == "rebase":
            for commit in w.git("rev-list", "--reverse", f"{w.main}..{head}").split():
                self.tip = w.commit([self.tip], {}, "dev", tree=w.git("rev-parse", f"{commit}^{{tree}}"), message="y")
        else:
            parents = [self.tip, head] if how == "merge" else [self.tip]
            self.tip = w.commit(parents, edited or {}, "dev", tree=tree, message="queued")
        return self.tip

    def judged(self) -> Queue:
        return queue(GitHistory.find(self.w.path), READING, self.forge, self.w.main, self.tip, NOW)

    @classmethod
    def of(cls, place: Path) -> Line:
        """A town with a request of each team, and nothing in the queue."""
        return cls(World(place, town(**{R: staging(), S: staging(owner="two", name="s")})))

    @classmethod
    def with_one(cls, place: Path) -> Line:
        """The same with an approved pull request in the queue."""
        made = cls.of(place)
        made.enqueue(made.pull({R: staging(20)}, by=["ana-1"]))
        return made
