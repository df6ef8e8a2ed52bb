"""Findings for a terminal: place, message, the line with a caret, the fix; counts at the end.

Each finding begins with `path:line:column`, which terminals and editors make clickable. Nothing from a repository
reaches the terminal as anything but visible characters on one line.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import TypeAlias

from tarmac.model.findings import Finding, Severity
from tarmac.model.shown import visible as bounded
from tarmac.reports.excerpt import excerpt
from tarmac.reports.report import MESSAGE_LIMIT, ReportInput, count, exempted_line, extent, observed_line, verdict

__all__ = ["count", "report", "visible"]

# Select Graphic Rendition codes (ECMA-48, 8.3.117).
_BOLD, _DIM, _GREEN, _BLUE = "1", "2", "32", "34"
_COLOURS: Mapping[Severity, str] = MappingProxyType(
    {Severity.ERROR: "1;31", Severity.WARNING: "1;33", Severity.INFO: "1;36"}
)
_LONGEST_PATH = 1000

Paint: TypeAlias = Callable[[str, str], str]


def report(given: ReportInput) -> str:
    """A block a finding, what was exempted and observed, `--statistics` where asked for, and the counts."""
    paint = _painted if given.colour else _plain
    lines: list[str] = []
    sources = _Sources(given)
    for path, findings in groupby(given.findings, key=lambda finding: finding.place.path):
        source = sources.lines(path)
        for finding in findings:
            lines += _block(finding, source, paint)
            lines.append("")
    if given.exempted:
        lines += [paint("Exempted", _BOLD), *(f"  {exempted_line(one)}" for one in given.exempted), ""]
    if given.observed:
        lines += [paint("Observed, without effect", _BOLD), *(f"  {observed_line(one)}" for one in given.observed), ""]
    if given.statistics and given.findings:
        lines += [*_statistics(given.findings, paint), ""]
    failed = bool(given.summary["errors"])
    last = f"{extent(given.summary)}: {verdict(given.summary)}"
    lines.append(paint(last, _COLOURS[Severity.ERROR] if failed else _BOLD))
    return "\n".join(lines) + "\n"


def visible(text: str) -> str:
    """Text whose control characters cannot reach a terminal: each is written as an escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


class _Sources:
    """The lines of files in the order in which they are asked for: one file at a time is held."""

    def __init__(self, given: ReportInput) -> None:
        paths = tuple(dict.fromkeys(finding.place.path for finding in given.findings))
        self._coming = iter(given.sources(paths))
        self._next: tuple[str, str] | None = next(self._coming, None)

    def lines(self, path: str) -> Sequence[str]:
        if self._next is None or self._next[0] != path:
            return ()
        text = self._next[1]
        self._next = next(self._coming, None)
        return text.removeprefix("\ufeff").split("\n")


def _block(finding: Finding, source: Sequence[str], paint: Paint) -> Iterator[str]:
    place, severity = finding.place, finding.severity
    at = f"{bounded(place.path, _LONGEST_PATH)}:{place.line}:{place.column}:"
    rule = paint(f"[{bounded(finding.rule)}]", _DIM)
    said = f"{paint(severity.value, _COLOURS[severity])}: {bounded(finding.message, MESSAGE_LIMIT)}"
    yield f"{paint(at, _BOLD)} {said} {rule}"
    if place.line <= len(source) and source[place.line - 1].strip():
        number, blank = str(place.line), " " * len(str(place.line))
        shown = excerpt(source[place.line - 1], place.column)
        yield f"  {paint(f'{number} |', _BLUE)} {shown.text}"
        yield f"  {paint(f'{blank} |', _BLUE)} {' ' * shown.indent}{paint('^', _COLOURS[severity])}"
    if finding.fix is not None:
        yield f"  {paint('fix:', _GREEN)} {bounded(finding.fix.sentence, MESSAGE_LIMIT)}"


def _statistics(findings: Iterable[Finding], paint: Paint) -> Iterator[str]:
    """How often each rule spoke, the most frequent first."""
    counts = Counter((finding.rule, finding.severity) for finding in findings)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0][0], item[0][1]))
    width = max(len(f"{number:,}") for _, number in ordered)
    yield paint("Findings by rule", _BOLD)
    for (rule, severity), number in ordered:
        yield f"  {number:>{width},}  {paint(f'{severity.value:<7}', _COLOURS[severity])}  {bounded(rule)}"


def _plain(text: str, code: str) -> str:
    return text


def _painted(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m"
