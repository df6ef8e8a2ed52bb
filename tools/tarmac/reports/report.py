"""What every output format of findings is made from, and the words that several of them say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from tarmac.model.findings import OBSERVED, Finding, Observed, Severity
from tarmac.model.frozen import Frozen
from tarmac.model.patterns import lazily
from tarmac.model.shown import visible
from tarmac.model.values import show_instant

if TYPE_CHECKING:
    from tarmac.rules.exemption import Exempted

# Formats for people and services cut a message here (code points); JSON has it whole.
MESSAGE_LIMIT = 2000

Sources: TypeAlias = Callable[[Sequence[str]], Iterable[tuple[str, str]]]

_GRAVITY: Mapping[Severity, int] = MappingProxyType({severity: rank for rank, severity in enumerate(Severity)})
# Any surrogate in a Python text is a lone one.
_SURROGATE = lazily("[\ud800-\udfff]")


def _no_sources(paths: Sequence[str]) -> Iterator[tuple[str, str]]:
    return iter(())


def _no_page(rule: str) -> str | None:
    return None


class ReportInput(Frozen):
    """Findings in their total order and the counts of a run, with what formats show beside them.

    `summary` counts `files`, `documents`, `entities`, `errors`, `warnings`, `infos`, what is `exempted`, and what was
    `known` before the change, where that is left out. `sources` gives (path, text) for those of the paths that can be
    read, in the order asked for; `page` is a rule's documentation page in Markdown, None where it has none. `exempted`
    are the findings that exemptions took off: every format says which, by what, and until when. `observed` counts by
    policy what would have been said by those that are only observed; every format says that too.
    """

    findings: Sequence[Finding]
    summary: Mapping[str, int]
    sources: Sources = _no_sources
    page: Callable[[str], str | None] = _no_page
    colour: bool = False
    statistics: bool = False
    exempted: Sequence[Exempted] = ()
    observed: Sequence[Observed] = ()


Report: TypeAlias = Callable[[ReportInput], str]


def gravity(finding: Finding) -> int:
    """By this errors are sorted first and infos last."""
    return _GRAVITY[finding.severity]


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 file`, `2 files`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def verdict(summary: Mapping[str, int]) -> str:
    """`2 errors, 1 info`, or that there is nothing; then how much was there before."""
    said = [count(summary[f"{severity}s"], severity) for severity in Severity if summary[f"{severity}s"]]
    taken = summary.get("exempted", 0)
    exempted = f"; {count(taken, 'finding')} exempted" if taken else ""
    known = summary.get("known", 0)
    if not known:
        return (", ".join(said) or "no findings") + exempted
    before = f"{count(known, 'finding')} {'was' if known == 1 else 'were'} there before"
    return f"{', '.join(said) or 'no findings'} by this change; {before}{exempted}"


def exempted_line(one: Exempted) -> str:
    """What was exempted, by what, and until when, on one visible line."""
    finding = one.finding
    said = f"{visible(str(finding.place), MESSAGE_LIMIT)}: {visible(finding.message, MESSAGE_LIMIT)}"
    by = visible(str(one.exemption), MESSAGE_LIMIT)
    return f"{said} [{visible(finding.rule)}]: exempted until {show_instant(one.until)} by {by}"


def observed_line(one: Observed) -> str:
    """What a policy that is only observed would have done, on one visible line."""
    return f"policy {visible(one.rule)} would have {OBSERVED[one.severity]} {count(one.count, 'time')}"


def extent(summary: Mapping[str, int]) -> str:
    """`5 files, 9 entities`: what was read."""
    return f"{count(summary['files'], 'file')}, {count(summary['entities'], 'entity', 'entities')}"


def without_surrogates(text: str) -> str:
    """Text that can be written as UTF-8: a lone surrogate becomes its escape."""
    return _SURROGATE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
