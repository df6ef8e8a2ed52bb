"""How the ledger's lines add up to states: the one place where a request's phase changes.

The ledger writes its state files by this fold and verifies them by it, so the log alone can rebuild them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from tarmac.model.frozen import replace
from tarmac.model.ledger import Event, LedgerEntry, Phase, RequestState
from tarmac.model.plan import Result, Verb

_BEGUN = {Verb.CREATE: Phase.PROVISIONING, Verb.DELETE: Phase.DEPROVISIONING, Verb.EXPIRE: Phase.EXPIRING}
_ENDED = {Verb.DELETE: Phase.DEPROVISIONED, Verb.EXPIRE: Phase.EXPIRED}


def fold(states: Mapping[str, RequestState], entries: Iterable[LedgerEntry]) -> Mapping[str, RequestState]:
    """The states by uid after the entries, in their order; the given mapping is left as it is."""
    after = dict(states)
    for entry in entries:
        uid = entry.subject.uid
        known = after.get(uid)
        following = _intent(known, entry) if entry.event is Event.INTENT else _outcome(known, entry)
        if following is None:
            after.pop(uid, None)
        else:
            after[uid] = following
        for earlier in entry.supersedes:
            if earlier != uid and earlier in after and after[earlier].phase.ended:
                del after[earlier]
    return after


def _intent(known: RequestState | None, entry: LedgerEntry) -> RequestState:
    verb = Verb(entry.action)
    if known is None:
        phase = _BEGUN.get(verb, Phase.PROVISIONING)
        return RequestState(entry.subject, phase, entry.at, open=entry.action, ready_at=entry.ready_at)
    # What was wanted becomes known only when it is done; until then the last known subject stands.
    begun = known.phase if known.phase is Phase.FAILED and verb is Verb.CREATE else _BEGUN.get(verb, known.phase)
    return _moved(replace(known, open=entry.action), begun, entry.at)


def _outcome(known: RequestState | None, entry: LedgerEntry) -> RequestState | None:
    verb = Verb(entry.action)
    before = known or RequestState(entry.subject, Phase.PROVISIONING, entry.at)
    match Result(entry.result or ""):
        case Result.DONE:
            return _done(before, entry, verb)
        case Result.PENDING:
            return _moved(
                replace(before, subject=entry.subject, open=None, attempts=0, message="", refused=None),
                Phase.PROVISIONING,
                entry.at,
            )
        case Result.FAILED:
            return _failed(before, entry, verb)
        case Result.SKIPPED:
            return _skipped(before, entry)


def _done(before: RequestState, entry: LedgerEntry, verb: Verb) -> RequestState:
    clean = replace(before, open=None, attempts=0, message="", refused=None)
    if verb in _ENDED:
        # A request may have taken the instance over under a new name, at the very end of its life.
        clean = replace(clean, subject=entry.subject, secret="", credential_since=None)
        return _moved(clean, _ENDED[verb], entry.at)
    ready_at = before.ready_at or entry.ready_at or entry.at
    if entry.secret:
        clean = replace(clean, secret=entry.secret, credential_since=entry.credential_since)
    return _moved(replace(clean, subject=entry.subject, ready_at=ready_at), Phase.READY, entry.at)


def _failed(before: RequestState, entry: LedgerEntry, verb: Verb) -> RequestState:
    failed = replace(
        before,
        open=None,
        attempts=before.attempts + 1,
        message=entry.message or "no reason given",
        refused=None if entry.transient or verb in _ENDED or verb is Verb.ROTATE else entry.digest,
    )
    # A removal that failed is still under way; a change that failed leaves what was ready as it was.
    if verb in _ENDED or before.phase is Phase.READY:
        return failed
    return _moved(failed, Phase.FAILED, entry.at)


def _skipped(before: RequestState, entry: LedgerEntry) -> RequestState | None:
    if entry.action == Verb.RETRY:
        return before  # how it stands is as unknown as it was
    if before.phase is Phase.PROVISIONING and before.attempts == 0 and before.ready_at is None:
        return None  # nothing was ever begun for it
    back = Phase.READY if before.ready_at is not None else Phase.FAILED
    # Removal and re-making had only been announced.
    announced = before.phase in (Phase.EXPIRING, Phase.DEPROVISIONING, Phase.PROVISIONING)
    return _moved(replace(before, open=None), back if announced else before.phase, entry.at)


def _moved(state: RequestState, phase: Phase, at: datetime) -> RequestState:
    return state if state.phase is phase else replace(state, phase=phase, since=at)
