"""The delivery branch: what providers write for others to act upon, one commit a run.

What a run writes goes into a draft first, a ref of this repository that no branch shows, so that nothing is lost when
the run is killed; at the end all of it becomes one commit on the branch. git plumbing only.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tarmac.adapters.git import run_git
from tarmac.adapters.ledger_git import Branch
from tarmac.errors import GitError, LedgerConflict, ProviderError

REF = "refs/heads/tarmac/manifests"
DRAFT = "refs/tarmac/manifests-draft"
_TRIES = 5
_NO_USER = {"GIT_CONFIG_GLOBAL": "/dev/null"}
# A draft is nobody's history: all its commits carry one instant (git refuses the first days of 1970).
_EPOCH = datetime(2001, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class GitDelivery:
    """See the module. `remote` is the name of the remote that the branch is fetched from and pushed to, if any."""

    top: Path
    remote: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def names(self) -> tuple[str, ...]:
        with _git("read"):
            commit = self._latest()
            if commit is None:
                return ()
            said = run_git(self.top, ["ls-tree", "-r", "-z", "--full-tree", "--name-only", commit], extra=_NO_USER)
            return tuple(sorted(name.decode("utf-8", "replace") for name in said.split(b"\x00") if name))

    def read(self, paths: Sequence[str]) -> tuple[bytes | None, ...]:
        with _git("read"):
            commit = self._latest()
            if commit is None:
                return tuple(None for _ in paths)
            return self._branch.read([f"{commit}:{path}" for path in paths])

    def drafted(self) -> frozenset[str]:
        with _git("read"):
            return frozenset(self._changes())

    def write(self, files: Mapping[str, bytes | None]) -> None:
        with _git("write"), self.lock:
            for left in reversed(range(_TRIES)):
                try:
                    self._add(files)
                    return
                except LedgerConflict:
                    # Another process added to the draft: what we add stands beside it.
                    if not left:
                        raise

    def _add(self, files: Mapping[str, bytes | None]) -> None:
        draft = Branch(self.top, DRAFT)
        tip = draft.tip()
        if tip is None:
            tip = self._branch.tip()
            if tip is not None:
                run_git(self.top, ["update-ref", "--no-deref", DRAFT, tip, "0" * len(tip)], extra=_NO_USER)
        draft.commit(tip, files, "draft\n", _EPOCH)

    def publish(self, message: str, when: datetime) -> str | None:
        with _git("publish"), self.lock:
            draft = Branch(self.top, DRAFT).tip()
            if draft is None:
                return None
            changes = self._changes()
            made = self._branch.commit(self._branch.tip(), changes, message, when) if changes else None
            run_git(self.top, ["update-ref", "--no-deref", "-d", DRAFT, draft], extra=_NO_USER)
            return made

    @property
    def _branch(self) -> Branch:
        return Branch(self.top, REF, self.remote)

    def _latest(self) -> str | None:
        return Branch(self.top, DRAFT).tip() or self._branch.tip()

    def _changes(self) -> Mapping[str, bytes | None]:
        """What the draft makes different from where it began; None for what it removes."""
        draft = Branch(self.top, DRAFT).tip()
        if draft is None:
            return {}
        base = self._base(draft)
        start = base if base is not None else run_git(self.top, ["mktree"], stdin=b"", extra=_NO_USER).decode().strip()
        arguments = ["diff-tree", "-r", "-z", "--no-renames", "--name-only", start, draft]
        said = run_git(self.top, arguments, extra=_NO_USER)
        paths = [name.decode("utf-8", "replace") for name in said.split(b"\x00") if name]
        contents = self._branch.read([f"{draft}:{path}" for path in paths])
        return dict(zip(paths, contents, strict=True))

    def _base(self, draft: str) -> str | None:
        """The commit of the branch that the draft began at: the newest that both have."""
        tip = self._branch.tip()
        if tip is None:
            return None
        said = run_git(self.top, ["merge-base", draft, tip], extra=_NO_USER, accept=(0, 1))
        return said.decode().strip() or None


@contextmanager
def _git(what: str) -> Iterator[None]:
    try:
        yield
    except LedgerConflict:
        raise ProviderError("the delivery branch moved meanwhile: run again", transient=True) from None
    except GitError as fault:
        raise ProviderError(f"git does not let us {what} the delivery branch: {fault}", transient=True) from fault
