"""policy replay: which changes of the past a policy would have spoken against.

Each change of the first-parent line is held against the tree before it, as a review would have: what both trees have
is nobody's fault, and exemptions count as they stood before the change. All is read from git objects, and each file's
content once, however many commits hold it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from tarmac.app.deps import Git, Reading
from tarmac.app.load import is_candidate, load
from tarmac.app.policy import named
from tarmac.app.review_findings import new_findings
from tarmac.catalog.index import Catalog, build
from tarmac.model.commits import Commit
from tarmac.model.documents import Document
from tarmac.model.findings import Finding
from tarmac.model.globs import matches
from tarmac.model.trees import SPECIAL, SUBMODULE, SYMLINK, FileChange, Source, TreeEntry
from tarmac.reports.policy import Replay, ReplayedChange
from tarmac.rules import exemption
from tarmac.rules.facts import PolicyFacts
from tarmac.rules.policy import Compiled, compile_policy, finding_of, judge

_LIMIT = 1024 * 1024
# What depends on the instant of judging besides the documents.
_READS_NOW = re.compile(r"\b(?:now|past)\b")


def replay(source: Source, git: Git, reading: Reading, name: str, head: str, since: timedelta, now: datetime) -> Replay:
    """Judge each change of the first-parent line of `head` in the time before `now` by the policy as `source` has it.

    The first commit of all is the beginning, and no change. `mode: observe` counts as enforced.

    Raises:
        UsageError: there is no such policy or revision.
        ExpressionError: the policy does not compile.
    """
    catalog = load(source, reading).catalog
    policy = replace(compile_policy(named(catalog, name), reading.expressions), observe=False)
    platform = catalog.platform()
    history = git.first_parents(head, now - since)
    commits = [one for one in history.commits if one.parents and now - since <= one.committed_at <= now]
    past = _Past(git, reading, () if platform is None else platform.texts("spec", "ignore"))
    against = tuple(_replayed(policy, commits, past, reading))
    return Replay(
        policy=policy.name,
        severity=policy.severity,
        since=now - since,
        until=now,
        commits=len(commits),
        against=against[::-1],
        complete=history.complete,
    )


def _replayed(policy: Compiled, commits: Sequence[Commit], past: _Past, reading: Reading) -> Iterator[ReplayedChange]:
    """The changes that would have been spoken against, the oldest first. `commits` are newest first."""
    moving = any(_READS_NOW.search(one.source) for one in (policy.when, policy.require) if one is not None)
    before: Catalog | None = None
    known: Sequence[Finding] = ()
    for commit, catalog, parent in past.walk(commits):
        if before is not parent or moving:
            known = _findings(policy, parent, commit.committed_at)
        found = known if catalog is parent else _findings(policy, catalog, commit.committed_at)
        said = exemption.apply(new_findings(known, found), parent, commit.committed_at, catalog).left
        if said:
            yield ReplayedChange(commit, said)
        before, known = catalog, found


def _findings(policy: Compiled, catalog: Catalog, now: datetime) -> Sequence[Finding]:
    facts = PolicyFacts(catalog, catalog, now)
    found = []
    for kind in sorted(policy.match.kinds) or catalog.kinds_present():
        for entity in catalog.of_kind(kind):
            if policy.match.takes(entity):
                verdict = judge(policy, facts.of(entity), facts.calls)
                if verdict.outcome == "fail":
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
            document if document.path == path else replace(document, path=path)
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
