"""Findings as workflow commands, which GitHub shows beside the changed lines of a pull request.

A step may show ten errors and ten warnings (GitHub, "Workflow commands", limits of annotations): the most severe come
first, and one notice counts the rest. A command ends at the end of its line, so line breaks and percent signs are
written as GitHub's own escapes, in properties colons and commas too; whatever else cannot be seen becomes an escape
that can. So nothing from a repository begins a line, and nothing ends a command early.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from tarmac.model.findings import Finding, Severity
from tarmac.model.shown import visible
from tarmac.reports.report import (
    MESSAGE_LIMIT,
    ReportInput,
    count,
    exempted_line,
    extent,
    gravity,
    observed_line,
    verdict,
)

_COMMANDS: Mapping[Severity, str] = MappingProxyType(
    {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
)
# One notice is left for counting the rest.
_MOST: Mapping[Severity, int] = MappingProxyType({Severity.ERROR: 10, Severity.WARNING: 10, Severity.INFO: 9})
_LONGEST_PATH = 1000


def report(given: ReportInput) -> str:
    """A command a finding, within the limits; then in plain words what was exempted and observed, and the counts."""
    lines: list[str] = []
    used: Counter[Severity] = Counter()
    for finding in sorted(given.findings, key=gravity):
        if used[finding.severity] < _MOST[finding.severity]:
            lines.append(_command(finding))
        used[finding.severity] += 1
    rest = list(_rest(used))
    if rest:
        said = f"{' and '.join(rest)} could not be shown here. Run tarmac check to see them all."
        lines.append(f"::notice title=tarmac check::{_data(said)}")
    # `##[` begins a command of the older kind in the middle of a line too.
    told = [*map(exempted_line, given.exempted), *map(observed_line, given.observed)]
    lines += [f"tarmac check: {line.replace('##[', '## [')}" for line in told]
    lines.append(f"tarmac check: {extent(given.summary)}: {verdict(given.summary)}")
    return "\n".join(lines) + "\n"


def _command(finding: Finding) -> str:
    place = finding.place
    properties = {
        "file": _property(visible(place.path, _LONGEST_PATH)),
        "line": str(place.line),
        "col": str(place.column),
        "title": _property(visible(finding.rule)),
    }
    said = visible(finding.message, MESSAGE_LIMIT)
    if finding.fix is not None:
        said += f"\nFix: {visible(finding.fix.sentence, MESSAGE_LIMIT)}"
    listed = ",".join(f"{key}={value}" for key, value in properties.items())
    return f"::{_COMMANDS[finding.severity]} {listed}::{_data(said)}"


def _rest(used: Mapping[Severity, int]) -> Iterator[str]:
    for severity, most in _MOST.items():
        if used.get(severity, 0) > most:
            yield count(used[severity] - most, f"more {severity}")


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
