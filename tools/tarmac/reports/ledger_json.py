"""The ledger as JSON, version 1."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from tarmac.model.json_value import JsonValue
from tarmac.model.ledger import Condition, Head, LedgerFault, Recorded, RequestState, Subject
from tarmac.model.values import show_instant


def log_json(head: Head, records: Iterable[Recorded]) -> str:
    """`{"version", "head", "entries": [...]}`."""
    return _dumped({"version": 1, "head": _head(head), "entries": [_record(record) for record in records]})


def show_json(head: Head, states: Sequence[RequestState], records: Iterable[Recorded]) -> str:
    """`{"version", "head", "states": [...], "entries": [...]}`."""
    return _dumped(
        {
            "version": 1,
            "head": _head(head),
            "states": [state_json(state) for state in states],
            "entries": [_record(record) for record in records],
        }
    )


def verify_json(head: Head, faults: Sequence[LedgerFault]) -> str:
    """`{"version", "head", "faults": [...]}`."""
    found: JsonValue = [{"file": fault.file, "message": fault.message} for fault in faults]
    return _dumped({"version": 1, "head": _head(head), "faults": found})


def state_json(state: RequestState) -> Mapping[str, JsonValue]:
    """A state with its conditions."""
    return {
        **_subject(state.subject),
        "phase": str(state.phase),
        "since": show_instant(state.since),
        "readyAt": None if state.ready_at is None else show_instant(state.ready_at),
        "secret": state.secret or None,
        "credentialSince": None if state.credential_since is None else show_instant(state.credential_since),
        "open": state.open,
        "conditions": conditions_json(state.conditions),
    }


def conditions_json(conditions: Iterable[Condition]) -> JsonValue:
    """`[{"type", "status", "reason", "message", "since", "attempts"}]`."""
    return [
        {
            "type": condition.type,
            "status": condition.status,
            "reason": condition.reason,
            "message": condition.message,
            "since": show_instant(condition.since),
            "attempts": condition.attempts,
        }
        for condition in conditions
    ]


def _record(record: Recorded) -> JsonValue:
    entry = record.entry
    return {
        **_subject(entry.subject),
        "sequence": record.sequence,
        "hash": record.hash,
        "previous": record.previous,
        "run": entry.run,
        "at": show_instant(entry.at),
        "event": str(entry.event),
        "action": entry.action,
        "result": entry.result,
        "reason": entry.reason,
        "message": entry.message,
        "base": entry.base,
    }


def _subject(subject: Subject) -> Mapping[str, JsonValue]:
    return {
        "request": subject.request,
        "uid": subject.uid,
        "life": subject.life,
        "type": subject.type,
        "provider": subject.provider,
        "owner": subject.owner,
        "for": subject.service,
        "environment": subject.environment,
        "costCentre": subject.cost_centre,
        "file": subject.path,
    }


def _head(head: Head) -> JsonValue:
    return {"commit": head.commit, "entries": head.entries, "hash": head.hash}


def _dumped(value: JsonValue) -> str:
    return json.dumps(value, indent=2, sort_keys=True) + "\n"
