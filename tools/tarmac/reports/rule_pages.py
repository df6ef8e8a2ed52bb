"""Pages of rules for a terminal, as JSON, and as the files of tools/docs/rules.

Policies are somebody else's words: nothing of theirs reaches a terminal as anything but visible characters.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import groupby

from tarmac.model.findings import Severity
from tarmac.model.json_value import JsonValue
from tarmac.reports.report import without_surrogates
from tarmac.reports.text import visible
from tarmac.rules.pages import Page

_GENERATED = "<!-- Written by `tarmac explain --write`: change the rule's docstring, or tarmac/rules/form_pages.py. -->"

_HEAD = ("| rule | severity | what is wrong |", "|---|---|---|")


def page_text(page: Page) -> str:
    """One page, its id and severity above it."""
    return _visible(f"{page.id} ({page.severity})\n\n{page.text.strip()}\n")


def list_text(pages: Sequence[Page]) -> str:
    """A line a rule, by topic."""
    width = max(len(page.id) for page in pages)
    lines: list[str] = []
    for topic, group in groupby(pages, key=lambda page: page.topic):
        lines += [*([""] if lines else []), topic.capitalize()]
        lines += [f"  {page.id:{width}}  {page.severity:7}  {page.title}{_mended(page)}" for page in group]
    return _visible("\n".join([*lines, "", "One of them: tarmac explain RULE"]) + "\n")


def pages_json(pages: Iterable[Page]) -> str:
    """`{"version": 1, "rules": [...]}`; `place` and `policy` are null for what is not a policy of the repository."""
    return json.dumps({"version": 1, "rules": [_row(page) for page in pages]}, indent=2) + "\n"


def page_markdown(page: Page) -> str:
    """One file of tools/docs/rules."""
    severity = f"Severity: {page.severity}" if page.severity is Severity.INFO else f"Severity: at most {page.severity}"
    _, _, rest = page.text.strip().partition("\n")
    return f"{_GENERATED}\n\n# {page.id}\n\n{page.title} {severity}.\n\n{rest.strip()}\n"


def index_markdown(pages: Sequence[Page]) -> str:
    """The list of tools/docs/rules."""
    parts = [
        _GENERATED,
        "# Rules",
        "Every rule id that Tarmac itself can give. The policies of a repository are rules too: `tarmac explain` lists "
        "both, `tarmac explain RULE` shows one.",
    ]
    for topic, group in groupby(pages, key=lambda page: page.topic):
        rows = [f"| [{page.id}]({page.id}.md) | {page.severity} | {page.title}{_mended(page)} |" for page in group]
        parts += [
            f"## {topic.capitalize()}",
            "\n".join(["| rule | severity | what is wrong |", "|---|---|---|", *rows]),
        ]
    return "\n\n".join(parts) + "\n"


def _row(page: Page) -> JsonValue:
    return {
        "id": without_surrogates(page.id),
        "severity": page.severity.value,
        "topic": page.topic,
        "title": without_surrogates(page.title),
        "mended": page.mended,
        "page": without_surrogates(page.text),
        "place": None if page.place is None else without_surrogates(str(page.place)),
        "policy": page.policy,
    }


def _mended(page: Page) -> str:
    return " (--fix)" if page.mended else ""


def _visible(text: str) -> str:
    return "".join(f"{visible(line)}\n" for line in text.splitlines())
