"""Findings as Markdown, for the summary of a job. What comes from a repository stands there as inert code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from tarmac.model.findings import Finding, Severity
from tarmac.reports.markdown_text import code
from tarmac.reports.report import ReportInput, count, exempted_line, extent, observed_line, verdict

# GitHub drops a step's summary whole when it is larger than 1,024 KiB; other steps may write to the same file.
_LIMIT = 1000 * 1024
# Room for the line that counts what is left out, and for the end of the last part.
_RESERVE = 200
_MESSAGE = 1000
_TITLES: Mapping[Severity, str] = MappingProxyType(
    {Severity.ERROR: "Errors", Severity.WARNING: "Warnings", Severity.INFO: "Infos"}
)


def report(given: ReportInput) -> str:
    """The verdict, then the findings by severity: errors open, the others folded; at most 1,000 KiB of UTF-8."""
    lines = [f"### tarmac check: {verdict(given.summary)}", "", f"Read {extent(given.summary)}."]
    room = _LIMIT - _size(lines) - _RESERVE
    left_out = 0
    for severity in Severity:
        part = [finding for finding in given.findings if finding.severity is severity]
        rows = list(_within(part, room))
        left_out += len(part) - len(rows)
        if rows:
            block = _part(severity, len(part), rows)
            room -= _size(block)
            lines += block
    exempted = list(_within_rows((f"- {code(exempted_line(one), _MESSAGE)}" for one in given.exempted), room))
    left_out += len(given.exempted) - len(exempted)
    room -= _size(exempted)
    if exempted:
        lines += _folded(f"Exempted ({len(given.exempted):,})", exempted)
    observed = list(_within_rows((f"- {code(observed_line(one), _MESSAGE)}" for one in given.observed), room))
    left_out += len(given.observed) - len(observed)
    if observed:
        lines += _folded("Observed, without effect", observed)
    if left_out:
        lines += ["", f"{count(left_out, 'more finding')} would not fit here. Run `tarmac check` to see them all."]
    return "\n".join(lines) + "\n"


def _within(findings: Sequence[Finding], room: int) -> Iterator[str]:
    """The rows of as many findings as there is room for."""
    return _within_rows(map(_row, findings), room)


def _within_rows(rows: Iterable[str], room: int) -> Iterator[str]:
    room -= _RESERVE
    for row in rows:
        room -= _size([row])
        if room < 0:
            return
        yield row


def _part(severity: Severity, number: int, rows: Sequence[str]) -> list[str]:
    title = f"{_TITLES[severity]} ({number:,})"
    if severity is Severity.ERROR:
        return ["", f"#### {title}", "", *rows]
    return _folded(title, rows)


def _folded(title: str, rows: Sequence[str]) -> list[str]:
    return ["", f"<details><summary>{title}</summary>", "", *rows, "", "</details>"]


def _row(finding: Finding) -> str:
    fix = f"<br>Fix: {code(finding.fix.sentence, _MESSAGE)}" if finding.fix else ""
    return f"- {code(str(finding.place))} {code(finding.message, _MESSAGE)} ({code(finding.rule)}){fix}"


def _size(lines: Sequence[str]) -> int:
    return sum(len(line.encode("utf-8")) + 1 for line in lines)
