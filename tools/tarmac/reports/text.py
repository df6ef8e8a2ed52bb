"""Findings for a terminal: one place a line, the fix below it, counts at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tarmac.model.findings import Finding


def report(findings: Sequence[Finding], summary: Mapping[str, int]) -> str:
    """`path:line:column severity rule: message`, with `fix:` below where there is one."""
    lines = []
    for finding in findings:
        lines.append(
            f"{visible(str(finding.place))}: {finding.severity.value}: {visible(finding.message)} [{finding.rule}]"
        )
        if finding.fix is not None:
            lines.append(f"    fix: {visible(finding.fix.sentence)}")
    if lines:
        lines.append("")
    read = f"{count(summary['files'], 'file')}, {count(summary['entities'], 'entity', 'entities')}"
    said = ", ".join(count(summary[f"{severity}s"], severity) for severity in ("error", "warning", "info"))
    lines.append(f"{read}: {said}")
    return "\n".join(lines) + "\n"


def visible(text: str) -> str:
    """Text whose control characters cannot reach a terminal: each is written as an escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in text)


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
