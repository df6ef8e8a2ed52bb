"""The ledger's lines and state files as JSON: canonical one way, distrustful the other."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from tarmac.errors import LedgerError
from tarmac.model.json_value import JsonValue, mapping, texts
from tarmac.model.ledger import Event, Lease, LedgerEntry, Phase, Recorded, RequestState, Subject
from tarmac.model.plan import Result, Verb, canonical
from tarmac.model.values import BadValue, parse_instant, show_instant

_VERSION = 1


def line_of(entry: LedgerEntry, sequence: int, previous: str) -> bytes:
    """One line without its end: the entry, its number, and the hash of the line before."""
    data: dict[str, JsonValue] = {
        "version": _VERSION,
        "sequence": sequence,
        "previous": previous,
        "run": entry.run,
        "at": show_instant(entry.at),
        "event": str(entry.event),
        "action": entry.action,
        "reason": entry.reason,
        "base": entry.base,
        "subject": _subject_json(entry.subject),
    }
    optional: dict[str, JsonValue] = {
        "result": entry.result,
        "message": entry.message,
        "transient": entry.transient,
        "digest": entry.digest,
        "readyAt": None if entry.ready_at is None else show_instant(entry.ready_at),
        "supersedes": list(entry.supersedes),
        "secret": entry.secret,
        "credentialSince": None if entry.credential_since is None else show_instant(entry.credential_since),
        "tries": entry.tries if entry.tries > 1 else None,
        "mergedAt": None if entry.merged_at is None else show_instant(entry.merged_at),
    }
    data.update({name: value for name, value in optional.items() if value})
    return canonical(data).encode()


def hash_of(line: bytes) -> str:
    """SHA-256 of a line without its end."""
    # Loaded here, as it takes long: who finds no ledger needs none of it.
    from hashlib import sha256

    return sha256(line).hexdigest()


def read_line(line: bytes, file: str) -> Recorded:
    """A line back as a value.

    Raises:
        LedgerError: it is no line of a ledger; names the file.
    """
    data = load_object(line, file)
    reader = Reader(data, file)
    entry = LedgerEntry(
        run=reader.text("run"),
        at=reader.instant("at"),
        event=Event(reader.word("event", Event)),
        action=reader.word("action", Verb),
        subject=_subject(reader.part("subject")),
        reason=reader.text("reason"),
        base=reader.text("base"),
        result=reader.word("result", Result) if "result" in data else None,
        message=reader.text("message", ""),
        transient=data.get("transient") is True,
        digest=reader.text("digest", ""),
        ready_at=reader.instant("readyAt") if "readyAt" in data else None,
        supersedes=texts(data, "supersedes"),
        secret=reader.text("secret", ""),
        credential_since=reader.instant("credentialSince") if "credentialSince" in data else None,
        tries=reader.number("tries") if "tries" in data else 1,
        merged_at=reader.instant("mergedAt") if "mergedAt" in data else None,
    )
    return Recorded(reader.number("sequence"), reader.text("previous"), hash_of(line), entry, file)


def state_file(state: RequestState) -> bytes:
    """A state as its file holds it."""
    data: dict[str, JsonValue] = {
        "version": _VERSION,
        "subject": _subject_json(state.subject),
        "phase": str(state.phase),
        "since": show_instant(state.since),
        "readyAt": None if state.ready_at is None else show_instant(state.ready_at),
        "open": state.open,
        "attempts": state.attempts,
        "message": state.message,
        "refused": state.refused,
    }
    if state.secret:
        data["secret"] = state.secret
    if state.credential_since is not None:
        data["credentialSince"] = show_instant(state.credential_since)
    return (json.dumps(data, indent=1, sort_keys=True) + "\n").encode()


def read_state(content: bytes, file: str) -> RequestState:
    """A state file back as a value.

    Raises:
        LedgerError: it is none; names the file.
    """
    data = load_object(content, file)
    reader = Reader(data, file)
    return RequestState(
        subject=_subject(reader.part("subject")),
        phase=Phase(reader.word("phase", Phase)),
        since=reader.instant("since"),
        ready_at=None if data.get("readyAt") is None else reader.instant("readyAt"),
        open=None if data.get("open") is None else reader.word("open", Verb),
        attempts=reader.number("attempts"),
        message=reader.text("message"),
        refused=None if data.get("refused") is None else reader.text("refused"),
        secret=reader.text("secret", ""),
        credential_since=None if data.get("credentialSince") is None else reader.instant("credentialSince"),
    )


def head_file(entries: int, last: str) -> bytes:
    """What stands at the ledger's root: how many lines, and the hash of the last."""
    return (canonical({"version": _VERSION, "entries": entries, "hash": last}) + "\n").encode()


def read_head(content: bytes) -> tuple[int, str]:
    """(lines, hash of the last). Raises LedgerError."""
    reader = Reader(load_object(content, "head.json"), "head.json")
    return reader.number("entries"), reader.text("hash")


def lease_file(lease: Lease) -> bytes:
    """The lease as its file holds it."""
    times = {"since": show_instant(lease.since), "until": show_instant(lease.until)}
    return (canonical({"version": _VERSION, "run": lease.run, "holder": lease.holder, **times}) + "\n").encode()


def read_lease(content: bytes) -> Lease:
    """A lease's file back as a value. Raises LedgerError."""
    reader = Reader(load_object(content, "lease.json"), "lease.json")
    return Lease(reader.text("run"), reader.text("holder"), reader.instant("since"), reader.instant("until"))


def _subject_json(subject: Subject) -> JsonValue:
    data: dict[str, JsonValue] = {
        "platform": subject.platform,
        "request": subject.request,
        "uid": subject.uid,
        "life": subject.life,
        "provider": subject.provider,
        "type": subject.type,
        "owner": subject.owner,
        "for": subject.service,
        "environment": subject.environment,
        "costCentre": subject.cost_centre,
        "file": subject.path,
        "config": subject.config,
    }
    if subject.needs:
        data["needs"] = list(subject.needs)
    if subject.protected:
        data["protected"] = True
    return data


def _subject(reader: Reader) -> Subject:
    return Subject(
        platform=reader.text("platform"),
        request=reader.text("request"),
        uid=reader.text("uid"),
        life=reader.number("life"),
        provider=reader.text("provider"),
        type=reader.text("type"),
        owner=reader.text("owner"),
        service=None if reader.data.get("for") is None else reader.text("for"),
        environment=reader.text("environment"),
        cost_centre=reader.text("costCentre"),
        path=reader.text("file"),
        config=mapping(reader.data, "config"),
        needs=texts(reader.data, "needs"),
        protected=reader.data.get("protected") is True,
    )


def load_object(content: bytes, file: str) -> Mapping[str, JsonValue]:
    """A JSON object of this version. Raises LedgerError."""
    try:
        data: JsonValue = json.loads(content)
    except (ValueError, RecursionError):
        raise LedgerError(f"{file}: no JSON where the ledger has some") from None
    if not isinstance(data, Mapping):
        raise LedgerError(f"{file}: no JSON object where the ledger has one")
    if data.get("version") != _VERSION:
        raise LedgerError(f"{file}: version {data.get('version')!r} of the ledger; this Tarmac reads {_VERSION}")
    return data


class Reader:
    """Fields of one JSON object, each of the type it must have."""

    def __init__(self, data: Mapping[str, JsonValue], file: str) -> None:
        self.data = data
        self.file = file

    def text(self, name: str, default: str | None = None) -> str:
        found = self.data.get(name, default)
        if isinstance(found, str):
            return found
        raise self._wrong(name)

    def word(self, name: str, words: type[StrEnum]) -> str:
        found = self.text(name)
        if found in set(words):
            return found
        raise self._wrong(name)

    def number(self, name: str) -> int:
        found = self.data.get(name)
        if isinstance(found, int) and not isinstance(found, bool):
            return found
        raise self._wrong(name)

    def instant(self, name: str) -> datetime:
        try:
            return parse_instant(self.text(name))
        except BadValue:
            raise self._wrong(name) from None

    def part(self, name: str) -> Reader:
        found = self.data.get(name)
        if isinstance(found, Mapping):
            return Reader(found, self.file)
        raise self._wrong(name)

    def _wrong(self, name: str) -> LedgerError:
        return LedgerError(f"{self.file}: field {name} is missing or wrong")
