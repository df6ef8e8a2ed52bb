"""When a person last changed each file, told from one walk over git's history.

A commit is a person's unless its author is a listed bot, or a name that ends in `[bot]` (as GitHub's apps are called,
in name and e-mail alike). A merge counts only for what it changed against all of its parents. The commit's own date
counts, which is when the change came to stand where it stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tarmac.adapters.git import run_git
from tarmac.adapters.git_history import GitHistory
from tarmac.errors import UsageError
from tarmac.model.ages import Ages

# Every field ends with NUL. A commit begins with a slash, as no path does, and has four fields: one is empty.
_BEGIN = "/"
_HEAD = 4
_FORMAT = f"--format=tformat:%x00{_BEGIN}%ct%x00%an%x00%ae%x00"
_BOT = "[bot]"


@dataclass(frozen=True, slots=True)
class GitAges:
    """Asks git about the commits up to `revision`."""

    repository: GitHistory
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
    starts = [at for at, field in enumerate(fields) if field.startswith(_BEGIN)]
    # An author's name may begin like a commit; it stands within the three fields of one.
    at = 0
    while at < len(starts):
        start = starts[at]
        at += 1
        while at < len(starts) and starts[at] < start + _HEAD:
            at += 1
        end = starts[at] if at < len(starts) else len(fields)
        seconds, name, email = fields[start : start + 3]
        paths = fields[start + _HEAD : end]
        # Before the first path git puts a line end, but in a merge an empty field.
        if paths and paths[0]:
            paths[0] = paths[0][1:]
        yield int(seconds.removeprefix(_BEGIN)), name, email, tuple(path for path in paths if path)
