"""Output formats of findings, one file each. A report is a function: findings and counts in, text out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from tarmac.model.findings import Finding
from tarmac.reports import json, text

Report = Callable[[Sequence[Finding], Mapping[str, int]], str]

REPORTS: Mapping[str, Report] = MappingProxyType(
    {
        "text": text.report,
        "json": json.report,
    }
)
