"""ledger log, show, verify, export, rebuild and release: what did reconcile do?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from tarmac.app.deps import Ledger, RebuiltLedger
from tarmac.errors import UsageError
from tarmac.model.frozen import Frozen
from tarmac.model.ledger import Event, Head, Lease, LedgerFault, Recorded, RequestState
from tarmac.model.plan import whole_of
from tarmac.model.refs import BadReference, Ref
from tarmac.model.shown import visible


class Story(Frozen):
    """All about one request: the states of its lives that are kept, and its lines."""

    head: Head
    states: tuple[RequestState, ...]
    records: tuple[Recorded, ...]


def log(ledger: Ledger, *, intents: bool) -> tuple[Head, Iterator[Recorded]]:
    """Every outcome in order, with `intents` these too."""
    head = ledger.head()
    found = (record for record in ledger.entries(head) if intents or record.entry.event is Event.OUTCOME)
    return head, found


def show(ledger: Ledger, name: str) -> Story:
    """The story of a request, by its name, its reference, or a uid. An instance is followed by its uid, under whatever
    names it had.

    Raises:
        UsageError: the ledger knows nothing of it.
    """
    try:
        reference = str(Ref.parse(name, default_kind="resourcerequest"))
    except BadReference as fault:
        raise UsageError(str(fault)) from None
    head = ledger.head()
    known = ledger.states(head)
    subjects = (
        *(record.entry.subject for record in ledger.entries(head)),
        *(state.subject for state in known.values()),
    )
    uids = {
        subject.uid
        for subject in subjects
        if reference in (subject.request, whole_of(subject.request)) or name == subject.uid
    }
    records = tuple(record for record in ledger.entries(head) if record.entry.subject.uid in uids)
    states = [state for state in known.values() if state.subject.uid in uids]
    if not records and not states:
        raise UsageError(f"the ledger knows nothing of {name}: name a request or a uid")
    states.sort(key=lambda state: (state.subject.request, state.subject.life))
    return Story(head, tuple(states), records)


def name_now(ledger: Ledger, reference: str) -> str | None:
    """The reference that an instance has now which once had this one; None where none has another."""
    head = ledger.head()
    uids = {record.entry.subject.uid for record in ledger.entries(head) if record.entry.subject.request == reference}
    states = sorted(ledger.states(head).values(), key=lambda state: (state.phase.ended, -state.subject.life))
    names = (state.subject.request for state in states if state.subject.uid in uids)
    return next((name for name in names if name != reference), None)


def verify(ledger: Ledger) -> tuple[Head, tuple[LedgerFault, ...]]:
    """Walk the whole ledger."""
    head = ledger.head()
    return head, ledger.verify(head)


def export(ledger: Ledger, since: datetime | None) -> Iterator[Recorded]:
    """Every line, the oldest first; with `since` those of that instant and later."""
    for record in ledger.entries(ledger.head()):
        if since is None or record.entry.at >= since:
            yield record


def release(ledger: RebuiltLedger, run: str) -> Lease:
    """Take away the lease that a run left behind, because a person knows that it is dead; what it was.

    Raises:
        UsageError: no run of that name has it.
        LedgerConflict: that run wrote just now: it lives.
    """
    head = ledger.head()
    lease = ledger.lease(head)
    if lease is None:
        raise UsageError("nobody has the ledger's lease: every run may write")
    if lease.run != run:
        raise UsageError(f"run {visible(run)} does not have the ledger's lease: run {visible(lease.run)} has it")
    ledger.release(head, run)
    return lease


def rebuild(ledger: RebuiltLedger) -> tuple[Head, int]:
    """Write the states anew from the log: (where the ledger ends then, how many files were wrong).

    Raises:
        LedgerError: the log itself is broken, or somebody wrote at the same time; nothing was written.
    """
    return ledger.rebuild(ledger.head())
