"""What `tarmac codeowners` says to a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import unified_diff

from tarmac.approvals.codeowners_proof import OwnerDifference
from tarmac.approvals.codeowners_text import OwnerFault, OwnerLine
from tarmac.model.shown import visible

_MOST = 50
_WIDEST = 300


def listed(lines: Sequence[str], of: str) -> Iterator[str]:
    """The first fifty lines, and how many more there are."""
    yield from lines[:_MOST]
    if len(lines) > _MOST:
        yield f"... and {len(lines) - _MOST:,} more {of}"


def problem_lines(problems: Sequence[str]) -> Iterator[str]:
    """What the file cannot say."""
    yield from listed([f"problem: {visible(problem, _WIDEST)}" for problem in problems], "problems")


def fault_lines(where: str, faults: Sequence[OwnerFault]) -> Iterator[str]:
    """The lines that GitHub does not read."""
    said = [f"{where}:{fault.line}:{fault.column}: {fault.message}; {fault.fix}" for fault in faults]
    yield from listed(said, "lines that GitHub does not read")


def difference_lines(differences: Sequence[OwnerDifference]) -> Iterator[str]:
    """The files whose owners differ, path by path."""
    said = []
    for one in differences:
        by = "by no line" if one.line is None else f"by line {one.line}"
        given, wanted = owners(one.given), owners(one.wanted)
        said.append(f"{visible(one.path, _WIDEST)}: GitHub asks {given} ({by}), the catalog means {wanted}")
    yield from listed(said, "files")


def diff_lines(where: str, present: str, wanted: str) -> Iterator[str]:
    """What writing the file would change."""
    changed = unified_diff(present.splitlines(), wanted.splitlines(), f"a/{where}", f"b/{where}", n=0, lineterm="")
    yield from listed([visible(line, _WIDEST) for line in changed], "lines")


def line_of(where: str, path: str, line: OwnerLine | None) -> str:
    """Who owns a path, and which line says so."""
    by = "no line matches" if line is None else f"{where}:{line.number} {visible(line.text, _WIDEST)}"
    return f"{visible(path, _WIDEST)}: {owners(() if line is None else line.owners)} ({by})"


def owners(names: Sequence[str]) -> str:
    """Owners as one text."""
    return visible(" ".join(names), _WIDEST) if names else "nobody"
