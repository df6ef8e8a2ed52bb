"""check --fix: mend what needs no judgement, and show how."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import unified_diff
from typing import Protocol, TypeAlias

from tarmac.app.check import CheckResult
from tarmac.app.overlay import WithContents
from tarmac.model.edits import Edit
from tarmac.model.findings import Finding
from tarmac.model.frozen import Frozen
from tarmac.model.trees import Source, TreeEntry
from tarmac.reports.report import count
from tarmac.reports.text import visible

# As large as the reader takes.
_LIMIT = 1024 * 1024
# Mending can bring another fault to light, which is mended too; no file has more layers than this.
_MOST_ROUNDS = 10

Judge: TypeAlias = Callable[[Source], CheckResult]


class Editor(Protocol):
    """Carries out the edits of one file, each of them or not at all: the new bytes, and the edits that were done."""

    def __call__(self, path: str, content: bytes, edits: Sequence[Edit]) -> tuple[bytes, tuple[Edit, ...]]: ...


class Folder(Protocol):
    """Where mended files are written."""

    def replace(self, path: str, before: bytes, after: bytes) -> None:
        """Put `after` in the place of `before`. Raises OutsideError where the file holds something else by now."""
        ...


class MendedFile(Frozen):
    """One file before and after."""

    path: str
    before: bytes
    after: bytes


class Mending(Frozen):
    """What was mended: the files, sorted by path, and how many faults that takes away; `left` are the places of those
    that could have been mended and were not, because their file is written in a way that leaves no safe place."""

    files: tuple[MendedFile, ...]
    faults: int
    left: tuple[Finding, ...]


def mend(tree: Source, judge: Judge, edit: Editor) -> Mending:
    """Mend what the findings of `tree` offer, in memory, until nothing more can be."""
    before: dict[str, bytes] = {}
    after: dict[str, bytes] = {}
    faults = 0
    for _ in range(_MOST_ROUNDS):
        findings = judge(WithContents(tree, after) if after else tree).findings
        offered = _offered(findings)
        mended = 0
        for path, content in _contents(tree, offered, after):
            changed, done = edit(path, content, offered[path])
            if done:
                before.setdefault(path, content)
                after[path] = changed
                mended += len(done)
        faults += mended
        if not mended:
            break
    left = tuple(finding for finding in findings if finding.fix is not None and finding.fix.edits)
    files = (MendedFile(path, before[path], after[path]) for path in sorted(after) if before[path] != after[path])
    return Mending(tuple(files), faults, left)


def write(mending: Mending, folder: Folder) -> None:
    """Write every mended file whole.

    Raises:
        OutsideError: a file was changed meanwhile, or cannot be written; those before it are written.
    """
    for file in mending.files:
        folder.replace(file.path, file.before, file.after)


def difference(mending: Mending) -> str:
    """The unified difference of all files; empty where nothing is mended. What cannot be seen is escaped."""
    return "".join(f"{visible(line)}\n" for file in mending.files for line in _difference(file))


def told(mending: Mending, written: bool) -> str:
    """How much was mended, and what could not be, a line each."""
    done = f"{'mended' if written else 'would mend'} {count(mending.faults, 'fault')} in "
    lines = [done + count(len(mending.files), "file") if mending.files else "nothing to mend without judgement"]
    for finding in mending.left:
        lines.append(f"{finding.place}: left as it is, as no edit of it is safe: {finding.message}")
    return "".join(f"{visible(line)}\n" for line in lines)


def _offered(findings: Iterable[Finding]) -> Mapping[str, tuple[Edit, ...]]:
    """By file, the edits that would mend its findings, each once."""
    found: dict[str, dict[Edit, None]] = {}
    for finding in findings:
        for edit in finding.fix.edits if finding.fix is not None else ():
            found.setdefault(finding.place.path, {})[edit] = None
    return {path: tuple(edits) for path, edits in found.items()}


def _contents(tree: Source, paths: Iterable[str], changed: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """The bytes of each file by now; what cannot be read any more is left out."""
    wanted = []
    for path in paths:
        if path in changed:
            yield path, changed[path]
        else:
            wanted.append(TreeEntry(path, "100644", ""))
    for entry, content in tree.read(wanted, _LIMIT):
        if isinstance(content, bytes):
            yield entry.path, content


def _difference(file: MendedFile) -> Iterator[str]:
    one, other = (_lines(content) for content in (file.before, file.after))
    for line in unified_diff(one, other, f"a/{file.path}", f"b/{file.path}", lineterm=""):
        yield from line.split("\n")


def _lines(content: bytes) -> list[str]:
    """Lines as a unified difference holds them: without line ends, and saying where the last has none."""
    lines = [line.removesuffix("\r") for line in content.decode("utf-8").split("\n")]
    return lines[:-1] if not lines[-1] else [*lines[:-1], f"{lines[-1]}\n\\ No newline at end of file"]
