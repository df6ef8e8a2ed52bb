"""The ledger for a terminal: a line an event, told as what happened, when and why."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType

from tarmac.model.ledger import Event, Head, LedgerEntry, LedgerFault, Recorded, RequestState
from tarmac.model.plan import Result
from tarmac.model.values import show_instant
from tarmac.reports.folding import folded
from tarmac.reports.text import count, visible

# What is folded stands a little behind the instant: behind the whole of it a path would not fit.
_HANG = 4
_PAST: Mapping[str, str] = MappingProxyType(
    {
        "create": "created",
        "update": "updated",
        "delete": "deleted",
        "expire": "expired",
        "adopt": "adopted",
        "retry": "settled",
    }
)


def log_lines(records: Iterable[Recorded], columns: int | None = None) -> Iterator[str]:
    """One line an entry: instant, what happened, to what, why; folded where a terminal has only so many columns."""
    for record in records:
        entry = record.entry
        line = f"{show_instant(entry.at)}  {_happened(entry):<9} {_what(entry)}: {visible(_why(entry))}"
        yield folded(line, columns, _HANG)


def show_lines(
    states: Sequence[RequestState], records: Sequence[Recorded], columns: int | None = None
) -> Iterator[str]:
    """Everything about one request: where it stands, then its story; folded as above."""
    for state in states:
        subject = state.subject
        title = f"{visible(subject.request)}, instance {subject.life}: {state.phase} since {show_instant(state.since)}"
        yield folded(title, columns, _HANG)
        rows = {
            "uid": subject.uid,
            "type": f"{subject.type}, made by {subject.provider}",
            "owner": subject.owner,
            "for": subject.service or "",
            "environment": subject.environment,
            "once": ", ".join(_earlier_names(state, records)),
            "file": subject.path,
            "ready": "" if state.ready_at is None else show_instant(state.ready_at),
            "open": "" if state.open is None else f"{state.open}: begun, and no outcome recorded",
            "failure": f"{state.message} (attempt {state.attempts})" if state.message else "",
        }
        yield from (folded(f"  {name:<12} {visible(value)}", columns, 15) for name, value in rows.items() if value)
        yield ""
    yield from log_lines(records, columns)


def verify_lines(head: Head, faults: Sequence[LedgerFault]) -> Iterator[str]:
    """What is wrong, and where the ledger ends."""
    for fault in faults:
        yield f"{visible(fault.file)}: {visible(fault.message)}" if fault.file else visible(fault.message)
    verdict = count(len(faults), "fault") if faults else "every line follows from the one before"
    yield f"{count(head.entries, 'line')}: {verdict}. Head: {head.hash}"


def _earlier_names(state: RequestState, records: Sequence[Recorded]) -> Iterator[str]:
    now, seen = state.subject.request, set[str]()
    for subject in (record.entry.subject for record in records):
        if subject.uid == state.subject.uid and subject.request != now and subject.request not in seen:
            seen.add(subject.request)
            yield subject.request


def _happened(entry: LedgerEntry) -> str:
    if entry.event is Event.INTENT:
        return "intent"
    if entry.result == Result.DONE:
        return _PAST.get(entry.action, entry.action)
    return entry.result or ""


def _what(entry: LedgerEntry) -> str:
    subject = entry.subject
    name = subject.request.removeprefix("resourcerequest:").removeprefix("default/")
    owner = subject.owner.rpartition("/")[2]
    return visible(f"{name} ({subject.type}, {subject.environment}, {owner})")


def _why(entry: LedgerEntry) -> str:
    if entry.event is Event.INTENT:
        return f"{entry.action}: {entry.reason}"
    if entry.message:
        return f"{entry.action}: {entry.message}"
    return entry.reason
