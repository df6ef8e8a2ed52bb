"""request list and show: what is asked for, and how far it is."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime

from tarmac.app.deps import Ledger, Reading
from tarmac.app.ledger import name_now
from tarmac.app.load import load
from tarmac.catalog.index import Catalog
from tarmac.catalog.requests import Request, requests
from tarmac.catalog.tags import Tag, effective, normalizations
from tarmac.cost.estimate import Estimator
from tarmac.cost.rates import rates
from tarmac.errors import ConfigurationError, UsageError
from tarmac.model.facts import Estimate
from tarmac.model.frozen import Frozen, field, replace
from tarmac.model.ledger import Condition, Phase, RequestState
from tarmac.model.notice import OpenNotice, Topic
from tarmac.model.plan import part_of, whole_of
from tarmac.model.refs import BadReference, Ref
from tarmac.model.shown import visible
from tarmac.model.suggested import suggestion
from tarmac.model.trees import Source
from tarmac.reports.request_text import Row


class Known(Frozen):
    """What is known of requests beside the ledger's states: the files that are merged, and what the last runs told of
    a request that lasts, by its reference (for a part of a composed one, that of the whole)."""

    merged: Container[str] = frozenset()
    told: Mapping[str, Sequence[OpenNotice]] = field(default_factory=dict)


class Listed(Frozen):
    """One request with the state that the ledger has of it, the instant at which it ends (None: not, or not yet
    known), and the tags of what is made of it, by key."""

    request: Request
    state: RequestState | None
    expires: datetime | None
    estimate: Estimate
    tags: Mapping[str, Tag]
    known: Known = field(default_factory=Known)
    ended: bool = False

    @property
    def phase(self) -> str:
        """The ledger's word, and what the last runs told: what it does not know is pending until it is merged, approved
        from then on, or held; what is ready and not well has failed; what has had its time is expiring until it is
        removed; and whatever lives is held while nothing may be done about it."""
        if self.state is None:
            merged = self.request.entity.path in self.known.merged
            return "held" if self._told(Topic.HELD) else "approved" if merged else "pending"
        phase = self.state.phase
        if phase is Phase.READY and self._told(Topic.UNHEALTHY):
            return str(Phase.FAILED)
        if phase is Phase.READY and self.ended:
            return str(Phase.EXPIRING)
        lives = phase in (Phase.PROVISIONING, Phase.READY)
        return "held" if lives and self._told(Topic.HELD) else str(phase)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """Those of the state, and what the last runs told: Healthy is false while an instance says that it is not well,
        Synced while it is held or differs from what was made."""
        found = {} if self.state is None else {one.type: one for one in self.state.conditions}
        attempts = 0 if self.state is None else self.state.attempts
        for topic, kind in _CONDITIONS.items():
            for one in self._told(topic)[:1]:
                if kind not in found or found[kind].status:
                    found[kind] = Condition(kind, False, str(topic), one.notice.text, one.since, attempts)
        return tuple(found.values())

    def _told(self, topic: Topic) -> tuple[OpenNotice, ...]:
        told = self.known.told.get(str(self.request.ref), ())
        return tuple(one for one in told if one.notice.topic is topic)

    @property
    def row(self) -> Row:
        """What the reports show."""
        return (self.request, self.phase, self.expires, self.estimate)


def list_requests(
    source: Source, ledger: Ledger | None, reading: Reading, now: datetime, known: Known | None = None
) -> tuple[Listed, ...]:
    """Every request of the tree, in order of reference. Without a ledger, and without `known`, all are pending.

    Raises:
        ConfigurationError: the tree holds no documents.
    """
    loaded = load(source, reading)
    if not loaded.catalog.entities:
        raise ConfigurationError(f"{loaded.catalog.revision} holds no entities: name the root with --root")
    recorded: Mapping[str, RequestState] = {} if ledger is None else ledger.states(ledger.head())
    platform = loaded.catalog.platform()
    uid = None if platform is None else platform.text("metadata", "uid")
    states = {name: state for name, state in recorded.items() if state.subject.platform == uid}
    return tuple(_listed(loaded.catalog, states, reading, now, known or Known()))


def show_request(
    source: Source, ledger: Ledger | None, reading: Reading, now: datetime, name: str, known: Known | None = None
) -> Listed:
    """One request, by its name or its reference.

    Raises:
        UsageError: there is none of that name; one that was renamed is named, and how far one is whose file went.
    """
    found = list_requests(source, ledger, reading, now, known)
    try:
        wanted = Ref.parse(name, default_kind="resourcerequest")
    except BadReference as fault:
        raise UsageError(str(fault)) from None
    for listed in found:
        if listed.request.ref == wanted:
            return listed
    new = _name_now(wanted, [listed.request for listed in found], ledger)
    if new is not None:
        shown = visible(new.removeprefix("resourcerequest:").removeprefix("default/"))
        raise UsageError(f"{visible(name)} was renamed to {shown}: tarmac request show {shown}")
    phase = _last_phase(wanted, ledger)
    if phase is not None:
        shown = visible(name)
        raise UsageError(f"{shown} has no file any more, and its instance is {phase}: tarmac ledger show {shown}")
    near = suggestion(name, [listed.request.entity.name for listed in found])
    raise UsageError(f"there is no request {visible(name)!r}" + (f"; did you mean {near}?" if near else ""))


def _name_now(wanted: Ref, found: Sequence[Request], ledger: Ledger | None) -> str | None:
    """What a request of that name is called now: as one of today says of itself, else as the ledger tells."""
    for request in found:
        if request.ref.namespace == wanted.namespace and wanted.name in map(str.lower, request.previously):
            return str(request.ref)
    name = None if ledger is None else name_now(ledger, str(wanted))
    return name if name in {str(request.ref) for request in found} else None


def _last_phase(wanted: Ref, ledger: Ledger | None) -> Phase | None:
    """How far the ledger says that the last instance of a request is; of a composed one, of its first part."""
    states = () if ledger is None else ledger.states(ledger.head()).values()
    found = [state for state in states if whole_of(state.subject.request) == str(wanted)]
    last = min(found, key=lambda state: (-state.subject.life, state.subject.request), default=None)
    return None if last is None else last.phase


def _listed(
    catalog: Catalog, states: Mapping[str, RequestState], reading: Reading, now: datetime, said: Known
) -> Iterator[Listed]:
    current: dict[str, RequestState] = {}
    for state in sorted(states.values(), key=lambda state: (state.phase.ended, -state.subject.life)):
        current.setdefault(state.subject.request, state)
    estimator = Estimator(rates(catalog), reading.expressions)
    normalize = normalizations(catalog)
    for request in sorted(requests(catalog), key=lambda request: request.ref):
        known = _state(request, current)
        tags = effective(catalog, request.entity, normalize)
        end = _end(request, known)
        ended = end is not None and now >= end
        yield Listed(request, known, end, estimator.estimate(request, now), tags, said, ended)


def _state(request: Request, current: Mapping[str, RequestState]) -> RequestState | None:
    """What the ledger knows of a request. Of a composed one: the part that is least far, ready since the first was;
    None while one has not been begun."""
    name = str(request.ref)
    if not request.parts:
        return current.get(name)
    states = [current.get(part_of(name, part.name)) for part in request.parts]
    known = [state for state in states if state is not None]
    if not known or len(known) < len(states):
        return None
    worst = min(known, key=lambda state: _FAR.index(state.phase))
    return replace(worst, ready_at=min((state.ready_at for state in known if state.ready_at), default=None))


# What the last runs told, and the condition that it is about.
_CONDITIONS = {Topic.HELD: "Synced", Topic.DRIFTED: "Synced", Topic.UNHEALTHY: "Healthy"}

# From what needs most attention to what needs none.
_FAR = (
    Phase.FAILED,
    Phase.PROVISIONING,
    Phase.EXPIRING,
    Phase.DEPROVISIONING,
    Phase.READY,
    Phase.EXPIRED,
    Phase.DEPROVISIONED,
)


def _end(request: Request, state: RequestState | None) -> datetime | None:
    try:
        return request.expiry(None if state is None else state.ready_at)
    except OverflowError:
        return None
