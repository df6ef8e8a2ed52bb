"""What reports show beside the findings: the lines that they are about, and the pages of their rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tarmac.app.check import CheckResult
from tarmac.catalog.view import CatalogView
from tarmac.model.findings import observed
from tarmac.model.flood import bounded
from tarmac.model.trees import SPECIAL, SUBMODULE, SYMLINK, WORKING_TREE, Selectable, Source, TreeEntry
from tarmac.reports.report import ReportInput, Sources

# As large as the reader takes.
_LIMIT = 1024 * 1024
# A git tree is read by batches, so that a report about every file does not hold them all.
_BATCH = 100


def given(result: CheckResult, tree: Source) -> Callable[[bool, bool], ReportInput]:
    """What reports of a check are made from; asked with whether to colour, and whether to add statistics."""

    page = pages(result.catalog)

    def made(colour: bool, statistics: bool) -> ReportInput:
        return ReportInput(
            findings=bounded(result.findings),
            summary=result.summary(),
            sources=sources(tree),
            page=page,
            colour=colour,
            statistics=statistics,
            exempted=result.exempted,
            observed=observed(result.findings),
        )

    return made


def sources(tree: Source) -> Sources:
    """The texts of files of a tree, read when a report asks for them. What cannot be read is left out."""

    def read(paths: Sequence[str]) -> Iterator[tuple[str, str]]:
        entries = _entries(tree, paths)
        for start in range(0, len(entries), _BATCH):
            for entry, content in tree.read(entries[start : start + _BATCH], _LIMIT):
                if isinstance(content, bytes) and len(content) <= _LIMIT:
                    yield entry.path, content.decode("utf-8", "replace")

    return read


def _entries(tree: Source, paths: Sequence[str]) -> Sequence[TreeEntry]:
    if tree.revision == WORKING_TREE:
        # Listing the folder again is dear, and reading refuses what is no regular file.
        return [TreeEntry(path, "100644", "") for path in paths if ".." not in path.split("/")]
    if not paths:
        return ()
    few = tree.only(paths) if isinstance(tree, Selectable) and len(paths) <= _BATCH else tree
    known = {entry.path: entry for entry in few.entries() if entry.mode not in (SYMLINK, SUBMODULE, SPECIAL)}
    return [known[path] for path in paths if path in known]


def pages(catalog: CatalogView) -> Callable[[str], str | None]:
    """The pages of built-in rules, and what the catalog's policies say of themselves."""

    def page(rule: str) -> str | None:
        from tarmac.rules.pages import page
        from tarmac.rules.policy_page import policy_page

        built_in = page(rule)
        if built_in is not None:
            return built_in.text
        policy = next((policy for policy in catalog.of_kind("policy") if policy.name == rule), None)
        return None if policy is None else policy_page(policy).text

    return page
