"""policy replay: which changes of the past a policy would have spoken against.

Each change of the first-parent line is held against the tree before it, as a review would have: what both trees have
is nobody's fault, and exemptions count as they stood before the change. All is read from git objects, and each file's
content once, however many commits hold it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import chain, dropwhile, repeat, takewhile

from tarmac.app.ages import Histories, bots_of
from tarmac.app.deps import Git, Reading
from tarmac.app.load import is_candidate, load
from tarmac.app.policy import compiled
from tarmac.app.review_findings import new_findings
from tarmac.catalog.index import Catalog, build
from tarmac.model.ages import Ages
from tarmac.model.commits import Commit
from tarmac.model.documents import Document
from tarmac.model.findings import Finding
from tarmac.model.frozen import replace
from tarmac.model.globs import matches
from tarmac.model.trees import SPECIAL, SUBMODULE, SYMLINK, FileChange, Source, TreeEntry
from tarmac.reports.policy import Replay, ReplayedChange
from tarmac.rules import exemption
from tarmac.rules.facts import PolicyFacts
from tarmac.rules.policy import finding_of
from tarmac.rules.policy_judging import Compiled, judge

_LIMIT = 1024 * 1024
# What says something else of the same tree from one change to the next.
_MOVING = re.compile(r"\b(?:now|past|old|platform)\b")


def replay(
    source: Source,
    git: Git,
    reading: Reading,
    name: str,
    head: str,
    since: timedelta,
    now: datetime,
    histories: Histories | None = None,
) -> Replay:
    """Judge each change of the first-parent line of `head` in the time before `now` by the policy as `source` has it.

    The first commit of all is the beginning, and no change. `mode: observe` counts as enforced. `histories` tell how
    old files were at each change, if the policy asks.

    Raises:
        UsageError: there is no such policy or revision, or the policy does not compile.
    """
    catalog = load(source, reading).catalog
    policy = replace(compiled(catalog, name, reading, now), observe=False)
    platform = catalog.platform()
    history = git.first_parents(head, now - since)
    # A line without gaps: clocks differ, and a change may say that it is older than the one before it.
    until_now = dropwhile(lambda one: one.committed_at > now, history.commits)
    commits = [one for one in takewhile(lambda one: one.committed_at >= now - since, until_now) if one.parents]
    past = _Past(git, reading, () if platform is None else platform.texts("spec", "ignore"))
    asked = histories if "git" in policy.reads.variables else None
    ages = _ages(asked, commits, bots_of(catalog))
    before = next(ages)
    against = tuple(_replayed(policy, commits, past, reading, chain((before,), ages)))
    return Replay(
        policy=policy.name,
        severity=policy.severity,
        since=now - since,
        until=now,
        commits=len(commits),
        against=against[::-1],
        complete=history.complete,
        aged=before is None or before.known,
    )


def _ages(histories: Histories | None, commits: Sequence[Commit], bots: Collection[str]) -> Iterator[Ages | None]:
    """The ages before the oldest change, then at each; `commits` are newest first."""
    if histories is None or not commits:
        return repeat(None)
    return histories.along([commits[-1].parents[0], *(one.id for one in reversed(commits))], bots)


def _replayed(
    policy: Compiled, commits: Sequence[Commit], past: _Past, reading: Reading, ages: Iterator[Ages | None]
) -> Iterator[ReplayedChange]:
    """The changes that would have been spoken against, the oldest first. `commits` are newest first."""
    pieces = (policy.when, policy.require, *policy.message)
    moving = any(piece is not None and not isinstance(piece, str) and _MOVING.search(piece.source) for piece in pieces)
    known: Sequence[Finding] | None = None
    until = next(ages)
    for commit, catalog, parent in past.walk(commits):
        since, until = until, next(ages)
        judged = partial(_findings, policy, reading, parent, commit.committed_at)
        if known is None or moving:
            known = judged(parent, since)
        found = known if catalog is parent and until is since else judged(catalog, until)
        said = exemption.apply(new_findings(known, found), parent, commit.committed_at, catalog).left
        if said:
            yield ReplayedChange(commit, said)
        known = found


def _findings(
    policy: Compiled, reading: Reading, base: Catalog, now: datetime, catalog: Catalog, ages: Ages | None
) -> Sequence[Finding]:
    """What the policy says of a tree; of a document that has not its kind's form nothing, as in a check."""
    facts = PolicyFacts(catalog, base, now, ages=ages)
    found = []
    for kind in sorted(policy.match.kinds) or catalog.kinds_present():
        for entity in catalog.of_kind(kind):
            if policy.match.takes(entity):
                verdict = judge(policy, facts.of(entity, policy.reads), facts.calls)
                if verdict.outcome == "fail" and reading.schemas.formed(entity.document):
                    found.append(finding_of(policy, entity, verdict))
    return found


@dataclass(slots=True)
class _Past:
    """Catalogs along a line of commits. A file's content is parsed once, whatever the paths that held it."""

    git: Git
    reading: Reading
    ignore: tuple[str, ...]
    parsed: dict[str, tuple[Document, ...]] = field(default_factory=dict)

    def walk(self, commits: Sequence[Commit]) -> Iterator[tuple[Commit, Catalog, Catalog]]:
        """(commit, its catalog, its first parent's) from the oldest on; equal trees share one catalog."""
        if not commits:
            return
        changes = self.git.differences([(one.id, one.parents[0]) for one in commits])
        oldest = self.git.tree(commits[-1].parents[0])
        files = {entry.path: entry for entry in oldest.entries() if self._wanted(entry)}
        self._parse(self.git.tree(commits[0].id), [*files.values(), *self._entries(changes)])
        catalog = self._catalog(commits[-1].parents[0], files)
        for commit, changed in zip(reversed(commits), reversed(changes), strict=True):
            parent = catalog
            if self._apply(changed, files):
                catalog = self._catalog(commit.id, files)
            yield commit, catalog, parent

    def _entries(self, changes: Iterable[Iterable[FileChange]]) -> Iterator[TreeEntry]:
        for changed in changes:
            for one in changed:
                yield from (entry for entry in (one.before, one.after) if entry is not None and self._wanted(entry))

    def _apply(self, changed: Iterable[FileChange], files: dict[str, TreeEntry]) -> bool:
        """Bring the files from the parent's to the commit's; whether a file that may hold documents differs."""
        touched = False
        for one in changed:
            for entry in (one.before, one.after):
                if entry is not None and files.pop(entry.path, None) is not None:
                    touched = True
            if one.after is not None and self._wanted(one.after):
                files[one.after.path] = one.after
                touched = True
        return touched

    def _parse(self, store: Source, entries: Iterable[TreeEntry]) -> None:
        fresh = {entry.blob: entry for entry in entries if entry.blob not in self.parsed}
        for entry, content in store.read(fresh.values(), _LIMIT):
            self.parsed[entry.blob] = self.reading.read(entry.path, content)[0] if isinstance(content, bytes) else ()

    def _catalog(self, revision: str, files: Mapping[str, TreeEntry]) -> Catalog:
        documents = [
            document if document.path == path else document.at(path)
            for path in sorted(files)
            for document in self.parsed[files[path].blob]
        ]
        return build(revision, documents, files, self.reading.gate.kinds)

    def _wanted(self, entry: TreeEntry) -> bool:
        return (
            entry.mode not in (SYMLINK, SUBMODULE, SPECIAL)
            and is_candidate(entry.path)
            and not any(matches(glob, entry.path) for glob in self.ignore)
        )
