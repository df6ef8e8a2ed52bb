"""When a person last changed each file, told from one walk over git's history.

A commit is a person's unless its author is a listed bot, or a name that ends in `[bot]` (as GitHub's apps are called,
in name and e-mail alike). A merge counts only for what it changed against all of its parents. The commit's own date
counts, which is when the change came to stand where it stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tarmac.adapters.git import GitRepository, run_git
from tarmac.errors import UsageError
from tarmac.model.ages import Ages

# Every field ends with NUL, and an empty one stands before each commit: no path is empty.
_FORMAT = "--format=tformat:%x00%ct%x00%an%x00%ae%x00"
_BOT = "[bot]"


@dataclass(frozen=True, slots=True)
class GitAges:
    """Asks git about the commits up to `revision`."""

    repository: GitRepository
    revision: str

    def __call__(self, bots: Collection[str]) -> Ages:
        """The last change by a person of every path below the root; `bots` are authors by name or e-mail.

        Nothing is known of where there are no commits.

        Raises:
            GitError: git fails.
        """
        top, prefix = self.repository.top, self.repository.prefix
        try:
            tip = self.repository.commit(self.revision).id
        except UsageError:
            return Ages({})
        if run_git(top, ["rev-parse", "--is-shallow-repository"]).strip() == b"true":
            return Ages({}, known=False)
        listed = frozenset(bot.casefold() for bot in bots)
        arguments = ["log", "-c", "--no-renames", "--no-show-signature", "-z", "--name-only", _FORMAT]
        below = ["--full-history", tip, "--", prefix or "."]
        changed: dict[str, datetime] = {}
        for seconds, name, email, paths in _commits(run_git(top, [*arguments, *below])):
            if _is_bot(name, email, listed):
                continue
            when = datetime.fromtimestamp(seconds, UTC)
            for path in paths:
                inside = path.removeprefix(prefix)
                changed[inside] = max(when, changed.get(inside, when))
        return Ages(changed)


def _is_bot(name: str, email: str, listed: Collection[str]) -> bool:
    if name.endswith(_BOT) or email.partition("@")[0].endswith(_BOT):
        return True
    return name.casefold() in listed or email.casefold() in listed


def _commits(said: bytes) -> Iterator[tuple[int, str, str, tuple[str, ...]]]:
    """(seconds, author, e-mail, paths) of each commit."""
    fields = [field.decode("utf-8", "surrogateescape") for field in said.split(b"\x00")]
    at = 0
    while at < len(fields):
        if not fields[at]:
            at += 1
            continue
        seconds, name, email = fields[at : at + 3]
        start = end = at + 4
        # Git puts a line end before a commit's first path; where there is none, the next commit begins.
        if start < len(fields) and fields[start].startswith("\n"):
            fields[start] = fields[start][1:]
            while end < len(fields) and fields[end]:
                end += 1
        yield int(seconds), name, email, tuple(fields[start:end])
        at = end
