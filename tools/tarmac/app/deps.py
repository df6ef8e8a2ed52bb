"""The small protocols that use cases work through: the only values with effects.

`wire` builds the real ones; tests hand in their own. Values are named here and not loaded: a check needs few of them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from tarmac.model.frozen import Frozen

if TYPE_CHECKING:
    from tarmac.model.commits import ChangedPath, Commit, Contribution, History, MergedTree, Position
    from tarmac.model.documents import Document
    from tarmac.model.expressions import Expressions
    from tarmac.model.figures import Figures, Gauges
    from tarmac.model.findings import Finding
    from tarmac.model.forge import CheckRun, MergedPull, PullRequest
    from tarmac.model.kinds import KindInfo
    from tarmac.model.ledger import Head, Lease, LedgerEntry, LedgerFault, Recorded, RequestState
    from tarmac.model.notice import Letter, OpenNotice
    from tarmac.model.proof import Proof, ProofBook, RecordedProof
    from tarmac.model.proposal import Proposal
    from tarmac.model.schemas import Schemas
    from tarmac.model.trees import ChangeEnds, FileChange, Source
    from tarmac.providers.base import Provider


class TreeStore(Protocol):
    """Trees by their names, as a check of a change reads them. Every verb raises GitError when git fails."""

    def tree_named(self, name: str) -> Source:
        """The tree of such a name."""
        ...

    def tree_changes(self, before: str, after: str) -> tuple[FileChange, ...] | None:
        """The files that differ between two trees by their names, renames as two; None where the first is not here."""
        ...

    def blobs(self) -> AbstractContextManager[Callable[[str], bytes]]:
        """While entered, reads one blob by its id at a time."""
        ...


class Trees(TreeStore, Protocol):
    """Trees by revisions too. A revision that does not exist is a UsageError."""

    def ends(self, base: str, head: str | None) -> ChangeEnds:
        """Where a change from `base` to `head` (None: to what is checked out) begins and ends. Without a common
        ancestor it begins at the base."""
        ...

    def keeps(self, path: str) -> bool:
        """Whether git keeps something at a path below the root of what is checked out."""
        ...

    def tree_name(self, revision: str) -> str:
        """The name under which the tree of a revision is kept: its id, and which folder of it is the root."""
        ...

    def tree(self, revision: str) -> Source:
        """The files of a commit or a tree."""
        ...


class Git(Trees, Protocol):
    """git of one repository, read as objects: nothing is checked out, no hook or filter is run.

    Every verb raises GitError when git fails, and UsageError for a revision that does not exist.
    """

    def commit(self, revision: str) -> Commit: ...

    def commits(self, *revisions: str) -> tuple[Commit, ...]:
        """What each of these names, in as few calls as can be."""
        ...

    def position(self) -> Position:
        """Where HEAD stands beside the default branch."""
        ...

    def merge_base(self, one: str, other: str) -> str | None:
        """The best common ancestor's commit id, or None when the histories are not related."""
        ...

    def merge_tree(self, ours: str, theirs: str) -> MergedTree:
        """What merging `theirs` into `ours` would give, without touching any branch or file."""
        ...

    def first_parents(self, revision: str, since: datetime) -> History:
        """The commits of the first-parent line back from `revision` that are not older than `since`, newest first."""
        ...

    def between(self, base: str, head: str) -> tuple[Commit, ...]:
        """The commits of `head` that `base` does not have, newest first."""
        ...

    def differences(self, pairs: Sequence[tuple[str, str]]) -> tuple[tuple[FileChange, ...], ...]:
        """For each (commit, commit to compare it with), by full ids: the files that differ, renames as two."""
        ...

    def changed_paths(self, before: str, after: str) -> tuple[ChangedPath, ...]:
        """What differs between two commits or trees, renames found, sorted by path; `../` begins what is outside."""
        ...


class Authorship(Git, Protocol):
    """git, asked who made what."""

    def contributions(self, base: str, head: str) -> tuple[Contribution, ...]:
        """Who made the commits of `head` that `base` does not have, newest first.

        Raises:
            UsageError: the clone is too shallow to hold them all.
        """
        ...

    def is_ancestor(self, one: str, other: str) -> bool:
        """Whether the commit of id `one` is `other` or one of its ancestors; an id that is no commit here is not."""
        ...


class MainLine(Authorship, Protocol):
    """git, asked how content came to the main branch."""

    def line(self, since: str, revision: str) -> tuple[Commit, ...] | None:
        """The first-parent line from behind the commit `since` (a full id) to `revision`, oldest first; None where
        `since` is not on it, or not here."""
        ...


class MergedPulls(Protocol):
    """The forge, asked which pull requests were merged. Raises ForgeError, or UsageError for recorded answers that
    are none."""

    def merged(self, commit: str) -> tuple[MergedPull, ...]:
        """The merged pull requests of which the forge made this commit (of a rebase: its last one)."""
        ...


class ProofLog(Protocol):
    """The evidence of approvals in the ledger. Every verb raises LedgerError or GitError."""

    def book(self) -> ProofBook: ...

    def append(self, book: ProofBook, proofs: Sequence[Proof]) -> ProofBook:
        """Write behind `book`, or raise LedgerConflict and write nothing."""
        ...

    def lines(self, commit: str) -> Iterator[RecordedProof]:
        """Every line of the ledger's branch at a commit of it."""
        ...


class Reader(Protocol):
    """Bytes to documents. Whatever the bytes hold, the answer is documents and findings."""

    def __call__(self, path: str, content: bytes) -> tuple[tuple[Document, ...], tuple[Finding, ...]]: ...


class Gate(Protocol):
    """What the kinds say of a document's form."""

    @property
    def kinds(self) -> Mapping[tuple[str, str], KindInfo]: ...

    def problems(self, document: Document) -> tuple[Finding, ...]: ...


class Shelving(Protocol):
    """Where what documents hold is put away when there is no room for it."""

    def add(self, files: Sequence[tuple[Document, ...]], size: int) -> None:
        """The documents of files of so many bytes in all may be put away from now on."""
        ...

    def telling(self, told: Callable[[Sequence[Document]], Container[int]]) -> AbstractContextManager[None]:
        """While entered, documents are handed over before what they hold is put away; the answer holds the `id` of each
        that will be asked for its data."""
        ...


class _Room:
    """There is room for everything."""

    def add(self, files: Sequence[tuple[Document, ...]], size: int) -> None:
        """They stay."""

    def telling(self, told: Callable[[Sequence[Document]], Container[int]]) -> AbstractContextManager[None]:
        return nullcontext()


class Clock(Protocol):
    """The time, asked for once a run."""

    def now(self) -> datetime: ...


class Reading(Frozen):
    """What every use case needs to turn a tree into a catalog and to judge it. Nothing here has an effect."""

    read: Reader
    gate: Gate
    expressions: Expressions
    schemas: Schemas
    shelf: Shelving = _Room()


class Forge(Protocol):
    """Where pull requests are. Every verb raises ForgeError: it refused, failed, or says what cannot be."""

    def pull_with_head(self, head: str) -> PullRequest:
        """The one open pull request into the default branch whose head is this commit, with all its reviews."""
        ...

    def pull(self, number: int) -> PullRequest: ...

    def open_heads(self) -> Mapping[int, str]:
        """The heads of all open pull requests into the default branch, by number."""
        ...

    def comment(self, number: int, marker: str, body: str) -> str:
        """Make our comment say `body`, which ends in `marker`; its address. Nobody else's is ever touched."""
        ...

    def check(self, run: CheckRun) -> str:
        """Say the verdict on a commit; its address."""
        ...

    def teams(self) -> frozenset[str] | None:
        """The slugs of the teams that can see the repository; None where the forge does not tell."""
        ...

    def request(self, number: int, people: Sequence[str], teams: Sequence[str]) -> tuple[str, ...]:
        """Ask for reviews, of those who are not asked yet; who could not be asked, and why."""
        ...

    def label(self, number: int, prefix: str, wanted: Sequence[str]) -> None:
        """Make `wanted` the labels that begin with `prefix`; others stay."""
        ...


class Ledger(Protocol):
    """What reconcile meant to do and did. Every verb raises LedgerError or GitError."""

    def head(self) -> Head: ...

    def states(self, head: Head) -> Mapping[str, RequestState]:
        """Every state by uid, without reading the log."""
        ...

    def living(self, head: Head) -> Mapping[str, RequestState]:
        """Those of lives that are not over."""
        ...

    def past(self, head: Head, requests: Collection[str]) -> Mapping[str, RequestState]:
        """Those of lives of these requests that are over."""
        ...

    def lease(self, head: Head) -> Lease | None:
        """Who may write at `head`, where somebody said that nobody else may."""
        ...

    def append(
        self,
        head: Head,
        run: str,
        batch: int,
        entries: Sequence[LedgerEntry],
        lease: Lease | None = None,
        *,
        free: bool = False,
    ) -> Head:
        """Write behind `head`, or raise LedgerConflict and write nothing. With `lease` nobody else may write until it
        ends; with `free` everybody may again."""
        ...

    def renew(self, head: Head, lease: Lease) -> Head:
        """Write nothing but a lease behind `head`, or raise LedgerConflict."""
        ...

    def entries(self, head: Head) -> Iterator[Recorded]: ...

    def verify(self, head: Head) -> tuple[LedgerFault, ...]: ...


class FiguresKept(Protocol):
    """The figures that a ledger keeps."""

    def read(self, head: Head) -> Figures: ...

    def keep(self, head: Head, now: Gauges, moment: datetime) -> Head:
        """Write how things stand, where that is news, or raise LedgerConflict."""
        ...


class NoticesKept(Protocol):
    """Which notices are open."""

    def read(self, head: Head) -> Mapping[str, OpenNotice]: ...

    def keep(self, head: Head, notices: Iterable[OpenNotice], moment: datetime) -> Head:
        """Have exactly these open, or raise LedgerConflict."""
        ...


class Courier(Protocol):
    """Who carries letters to channels."""

    def deliver(self, letters: Sequence[Letter]) -> Sequence[str | None]:
        """Send each; for each why it was not sent, or None. Never raises for what a service does."""
        ...


class Proposals(Protocol):
    """Changes that the tool proposes. Every verb raises GitError."""

    def propose(
        self, base: str, removed: Sequence[str], message: str, when: datetime, author: tuple[str, str]
    ) -> Proposal:
        """Have a branch that removes exactly these files from the commit `base`; none where there are none."""
        ...


class RebuiltLedger(Ledger, Protocol):
    """A ledger whose states can be made from its log, and whose lease can be taken away."""

    def release(self, head: Head, run: str) -> Head:
        """Take away the lease that a run left at `head`, or raise LedgerConflict."""
        ...

    def rebuild(self, head: Head) -> tuple[Head, int]:
        """Write the states anew from the log: (the new end, how many files were wrong)."""
        ...


def _at_once(seconds: float) -> None:
    """No time passes."""


def _in_full() -> float:
    return 1.0


class Pace(Frozen):
    """How a step that failed for now is tried again within a run: at most `tries` times in all.

    Before the n-th new try it rests a random part of `first` x 2^(n-1) seconds, at most of `longest`: exponential
    backoff with full jitter, so that runs that failed together do not come back together. `chance` draws from [0, 1).
    """

    tries: int = 1
    first: float = 0.0
    longest: float = 0.0
    sleep: Callable[[float], None] = _at_once
    chance: Callable[[], float] = _in_full

    def pause(self, again: int) -> float:
        """Seconds of rest before the `again`-th new try."""
        return self.chance() * min(self.longest, self.first * 2.0 ** (again - 1))


class ProviderOpener(Protocol):
    """A provider by its name, for a platform's uid. Raises ConfigurationError where there is none of that name."""

    def __call__(self, name: str, platform: str) -> Provider: ...
