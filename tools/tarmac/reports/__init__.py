"""Output formats of findings, one file each. A report is a function: findings and counts in, text out."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import cast

from tarmac.errors import Defect
from tarmac.reports.report import Report

# A format is one file of this folder, which holds `report`, and one line here: its name and its module.
REPORTS: Mapping[str, str] = MappingProxyType(
    {
        "text": "text",
        "json": "json",
        "sarif": "sarif",
        "github": "github",
        "junit": "junit",
        "markdown": "markdown_summary",
    }
)


def load(name: str) -> Report:
    """The format of that name; only what is used is imported.

    Raises:
        Defect: the file does not hold a report.
    """
    found = getattr(import_module(f"tarmac.reports.{REPORTS[name]}"), "report", None)
    if not callable(found):
        raise Defect(f"tarmac/reports holds no format {name}")
    return cast(Report, found)
