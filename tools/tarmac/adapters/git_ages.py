"""When a person last changed each file, told from one walk over git's history.

A commit is a person's unless its author is a listed bot, or a name that ends in `[bot]` (as GitHub's apps are called,
in name and e-mail alike). A merge counts only for what it changed against all of its parents. The commit's own date
counts, which is when the change came to stand where it stands.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from tarmac.adapters.git import GitRepository, instant_of, is_id, run_git
from tarmac.errors import GitError, UsageError
from tarmac.model.ages import Ages, Later
from tarmac.model.frozen import Frozen, replace

# Every field ends with NUL. A commit begins with a slash, as no path does, its side, its time and its id; it has four
# fields: one is empty.
_BEGIN = "/"
_HEAD = 4
_FORMAT = f"--format=tformat:%x00{_BEGIN}%m%ct %H%x00%an%x00%ae%x00"
_LOG = ("log", "-c", "--no-renames", "--no-show-signature", "-z", "--name-only", "--full-history", _FORMAT)
_BOT = "[bot]"
_OTHER_SIDE = "<"
# So many files git is asked for by name; for more the whole history is read.
_MOST = 200
_NOTHING: Mapping[str, datetime] = MappingProxyType({})


class _Commit(Frozen):
    """`mark` is the side of a comparison that it stands on."""

    id: str
    mark: str
    when: datetime
    person: bool
    paths: tuple[str, ...]


class GitAges(Frozen):
    """Asks git about the files below the root of a repository."""

    repository: GitRepository

    def at(self, revisions: Sequence[str], bots: Collection[str]) -> Ages:
        """The last change by a person of every path in the history of these revisions together; `bots` are authors by
        name or e-mail. Nothing is known of where there are no commits.

        Raises:
            GitError: git fails.
        """
        try:
            tips = [self.repository.commit_id(revision) for revision in revisions]
        except UsageError:
            return Ages({})
        if self.repository.shallow():
            return Ages({}, known=False)
        return Ages(_last(self._log(tips, bots)), commit=tips[0] if len(tips) == 1 else "")

    def since(self, start: str, commits: Sequence[str], bots: Collection[str]) -> Later | None:
        """How the ages in the history of `commits` together differ from those in that of `start`, all ids; None where
        that is not to be had for less than all of them.

        Raises:
            GitError: git fails.
        """
        if not is_id(start) or self.repository.shallow():
            return None
        if all(commit == start for commit in commits):
            return Later({}, {})
        try:
            found = tuple(self._beside(start, commits, bots))
        except GitError:
            return None
        gone = {path for one in found if one.person and one.mark == _OTHER_SIDE for path in one.paths}
        if len(gone) > _MOST:
            return None
        anew = _last(self._log(commits, bots, sorted(gone))) if gone else {}
        changed = _last(one for one in found if one.mark != _OTHER_SIDE)
        return Later(changed, {path: anew.get(path) for path in gone})

    def _beside(self, start: str, commits: Sequence[str], bots: Collection[str]) -> Iterator[_Commit]:
        """What only `commits` have, and, on the other side, what only `start` has."""
        if len(commits) == 1:
            yield from self._log(["--left-right", f"{start}...{commits[0]}"], bots)
            return
        yield from self._log([*commits, f"^{start}"], bots)
        if start in commits:
            return
        for one in self._log([start, *(f"^{commit}" for commit in commits)], bots):
            yield replace(one, mark=_OTHER_SIDE)

    def along(self, commits: Sequence[str], bots: Collection[str]) -> Iterator[Ages]:
        """The ages in the history of each of these commits (full ids), each of which is in the history of the next:
        all of them for one walk over the last one's.

        Raises:
            GitError: git fails.
        """
        if not commits:
            return
        if self.repository.shallow():
            yield from [Ages({}, known=False)] * len(commits)
            return
        tip = commits[-1]
        said = run_git(self.repository.top, ["rev-list", "--parents", tip, "--"]).decode("ascii").splitlines()
        parents = {line.partition(" ")[0]: line.split(" ")[1:] for line in said}
        persons = {one.id: one for one in self._log([tip], bots) if one.person}
        found = Ages({})
        for commit in commits:
            new = [persons[one] for one in _taken(parents, commit) if one in persons]
            if new:
                found = Ages(_last(new, found.changed))
            yield found

    def _log(self, which: Sequence[str], bots: Collection[str], paths: Sequence[str] = ()) -> Iterator[_Commit]:
        prefix = self.repository.prefix
        below = [f":(top,literal){prefix}{path}" for path in paths] or [prefix or "."]
        listed = frozenset(bot.casefold() for bot in bots)
        for one, name, email in _commits(run_git(self.repository.top, [*_LOG, *which, "--", *below])):
            inside = tuple([path.removeprefix(prefix) for path in one.paths]) if prefix else one.paths
            yield _Commit(one.id, one.mark, one.when, not _is_bot(name, email, listed), inside)


def _taken(parents: dict[str, list[str]], commit: str) -> Iterator[str]:
    """A commit and what is before it, taken out of `parents`: what was taken before is not said again."""
    waiting = [commit]
    while waiting:
        one = waiting.pop()
        before = parents.pop(one, None)
        if before is not None:
            waiting += before
            yield one


def _last(commits: Iterable[_Commit], before: Mapping[str, datetime] = _NOTHING) -> dict[str, datetime]:
    """The last change of each path by a person; `before` is what was known without these commits."""
    changed = dict(before)
    for one in commits:
        if one.person:
            when = one.when
            for path in one.paths:
                known = changed.get(path)
                if known is None or when > known:
                    changed[path] = when
    return changed


def _is_bot(name: str, email: str, listed: Collection[str]) -> bool:
    if name.endswith(_BOT) or email.partition("@")[0].endswith(_BOT):
        return True
    return name.casefold() in listed or email.casefold() in listed


def _commits(said: bytes) -> Iterator[tuple[_Commit, str, str]]:
    """Each commit with its author and their e-mail; whether that is a person is not looked at."""
    text = said.decode("utf-8", "surrogateescape")
    # A history names every file there is: one copy of that less is held.
    del said
    fields = text.split("\x00")
    del text
    starts = [at for at, field in enumerate(fields) if field.startswith(_BEGIN)]
    # An author's name may begin like a commit; it stands within the three fields of one.
    at = 0
    while at < len(starts):
        start = starts[at]
        at += 1
        while at < len(starts) and starts[at] < start + _HEAD:
            at += 1
        end = starts[at] if at < len(starts) else len(fields)
        head, name, email = fields[start : start + 3]
        paths = fields[start + _HEAD : end]
        # Before the first path git puts a line end, but in a merge an empty field.
        if paths and paths[0]:
            paths[0] = paths[0][1:]
        mark, (seconds, commit) = head[1:2], head[2:].split(" ")
        yield _Commit(commit, mark, instant_of(seconds), True, tuple(filter(None, paths))), name, email
