"""A small world for planning tests: wishes, states and instances, and what applying a plan makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from tarmac.model.frozen import replace
from tarmac.model.ledger import Event, LedgerEntry, RequestState, Subject
from tarmac.model.plan import Action, Desired, Inventory, Observation, Plan, Presence, Result, Tags, Verb
from tarmac.planning.life import fold
from tarmac.planning.planner import plan

NOW = datetime(2026, 12, 1, 6, tzinfo=UTC)
OURS, THEIRS = "platform-one", "platform-two"
DAY = timedelta(days=1)


def wish(name: str, **changes: object) -> Desired:
    """A request for a small database in staging; any field can be another."""
    usual = Desired(
        request=f"resourcerequest:default/{name}",
        path=f"requests/payments/staging/{name}.yaml",
        type="postgres",
        version="1.1.0",
        category="database",
        provider="embedded",
        owner="group:default/payments",
        service=None,
        environment="staging",
        cost_centre="CC-1001",
        config={"size": "small", "encrypted": True},
        immutable=("encrypted",),
        temporary=("staging",),
    )
    return replace(usual, **changes)  # the fields are named by the tests


@dataclass
class Model:
    """Instances and states that change as a perfect provider and a perfect ledger would change them."""

    instances: dict[str, Observation] = field(default_factory=dict)
    states: Mapping[str, RequestState] = field(default_factory=dict)

    def plan(self, wishes: Iterable[Desired], now: datetime = NOW, **more: object) -> Plan:
        inventory = Inventory("embedded", tuple(self.instances.values()))
        return plan(
            wishes,
            self.states.values(),
            {"embedded": inventory},
            platform=OURS,
            base="c0ffee",
            now=now,
            **more,  # type: ignore[arg-type]
        )

    def apply(self, made: Plan, wishes: Iterable[Desired], now: datetime = NOW) -> None:
        wanted = {want.request: want for want in wishes}
        for action in made.effects:
            want = wanted.get(action.request or "")
            uid = action.uid or ""
            if action.verb in (Verb.DELETE, Verb.EXPIRE):
                self.remove(uid, action.verb, action, now)
            elif want is not None and action.verb is Verb.REPLACE and action.successor is not None:
                self.remove(uid, Verb.DELETE, action, now)
                self.put(action.successor[1], want, Verb.CREATE, action.successor[0], now)
            elif want is not None:
                self.put(uid, want, action.verb, action.life, now)

    def put(self, uid: str, want: Desired, verb: Verb, life: int, now: datetime) -> None:
        there = self.instances.get(uid)
        known = self.states.get(uid)
        ready_at = there.tags.ready_at if there is not None and there.tags is not None else None
        if ready_at is None:
            ready_at = (known.ready_at if known is not None else None) or now
        self.instances[uid] = instance(uid, want, ready_at)
        self.record(subject_of(want, uid, life), verb, now, ready_at, self.ended(want.request))

    def ended(self, request: str | None) -> tuple[str, ...]:
        return tuple(
            state.subject.uid
            for state in self.states.values()
            if state.subject.request == request and state.phase.ended
        )

    def remove(self, uid: str, verb: Verb, action: Action, now: datetime) -> None:
        self.instances.pop(uid, None)
        known = self.states.get(uid)
        subject = replace(known.subject, request=action.request or "") if known is not None else _bare(action)
        self.record(subject, verb, now, action.ready_at, self.ended(action.request))

    def record(
        self, subject: Subject, verb: Verb, now: datetime, ready_at: datetime | None, old: tuple[str, ...]
    ) -> None:
        intent = entry(subject, verb, Event.INTENT, now, ready_at=ready_at)
        outcome = entry(subject, verb, Event.OUTCOME, now, Result.DONE, ready_at=ready_at, supersedes=old)
        self.states = fold(self.states, (intent, outcome))


def instance(uid: str, want: Desired, ready_at: datetime | None = NOW, platform: str = OURS) -> Observation:
    tags = Tags(uid, want.request, platform, want.owner, want.environment, want.cost_centre, want.type_text, ready_at)
    return Observation(uid, want.provider, Presence.READY, tags, want.config)


def subject_of(want: Desired, uid: str, life: int = 1) -> Subject:
    return Subject(
        OURS, want.request, uid, life, want.provider, want.type_text, want.owner, want.service, want.environment,
        want.cost_centre, want.path, want.config, want.needs, want.protected,
    )  # fmt: skip


def entry(
    subject: Subject,
    verb: Verb,
    event: Event,
    now: datetime = NOW,
    result: Result | None = None,
    **more: object,
) -> LedgerEntry:
    text = None if result is None else str(result)
    usual = LedgerEntry("run", now, event, str(verb), subject, "a reason", "c0ffee", text)
    return replace(usual, **more)


def _bare(action: Action) -> Subject:
    return Subject(
        OURS, action.request or "", action.uid or "", action.life, action.provider, action.type, action.owner, None,
        "", "", action.path,
    )  # fmt: skip


def only(made: Plan) -> Action:
    """The one action of a plan."""
    (action,) = made.actions
    return action


def verbs(made: Plan) -> dict[str, str]:
    """Verb by request name."""
    return {(action.request or "").rpartition("/")[2]: str(action.verb) for action in made.actions}
