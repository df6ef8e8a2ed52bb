"""The ledger's lines for other programs: JSON lines as they are chained, or CSV for a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from tarmac.model.ledger import Recorded
from tarmac.model.values import show_instant

COLUMNS = (
    "sequence", "at", "run", "event", "action", "result", "request", "uid", "life", "type", "provider", "owner", "for",
    "environment", "costCentre", "file", "reason", "message", "tries", "base", "previous", "hash",
)  # fmt: skip
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(records: Iterable[Recorded]) -> Iterator[str]:
    """A line of names, then one for each of the ledger's lines, without line ends inside or behind them."""
    yield _row(COLUMNS)
    for record in records:
        entry, subject = record.entry, record.entry.subject
        yield _row(
            (
                str(record.sequence), show_instant(entry.at), entry.run, str(entry.event), entry.action,
                entry.result or "", subject.request, subject.uid, str(subject.life), subject.type, subject.provider,
                subject.owner, subject.service or "", subject.environment, subject.cost_centre, subject.path,
                entry.reason, entry.message, str(entry.tries), entry.base, record.previous, record.hash,
            )
        )  # fmt: skip


def _row(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([_safe(cell) for cell in cells])
    return out.getvalue()


def _safe(cell: str) -> str:
    flat = "".join(mark if mark.isprintable() else " " for mark in cell)
    return f"'{flat}" if flat.startswith(_FORMULA) or cell.startswith(_FORMULA) else flat
