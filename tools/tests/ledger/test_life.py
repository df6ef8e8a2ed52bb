"""How lines add up to a state."""

from __future__ import annotations

from collections.abc import Mapping

from tarmac.model.ledger import Event, Phase, RequestState
from tarmac.model.plan import Result, Verb
from tarmac.planning.life import fold
from tests.planning.worlds import DAY, NOW, entry, subject_of, wish

SUBJECT = subject_of(wish("orders-db"), "uid")


Step = tuple[Verb, Result | None, Mapping[str, object]]


def after(*steps: Step) -> RequestState | None:
    """The state after intents (result None) and outcomes."""
    lines = [
        entry(SUBJECT, verb, Event.INTENT if result is None else Event.OUTCOME, NOW, result, **more)
        for verb, result, more in steps
    ]
    return fold({}, lines).get("uid")


BEGUN: Step = (Verb.CREATE, None, {})
MADE: tuple[Step, ...] = (BEGUN, (Verb.CREATE, Result.DONE, {"ready_at": NOW}))


def test_an_intent_is_open_until_its_outcome() -> None:
    begun, made = after(BEGUN), after(*MADE)
    assert begun is not None
    assert (begun.phase, begun.open) == (Phase.PROVISIONING, "create")
    assert made is not None
    assert (made.phase, made.open, made.ready_at) == (Phase.READY, None, NOW)


def test_the_ready_instant_stays_whatever_comes_after() -> None:
    later: Mapping[str, object] = {"at": NOW + DAY, "ready_at": NOW + DAY}
    state = after(*MADE, (Verb.UPDATE, None, later), (Verb.UPDATE, Result.DONE, later))
    assert state is not None
    assert state.ready_at == NOW
    assert state.since == NOW


def test_a_failed_change_leaves_it_ready_and_counts() -> None:
    failure: dict[str, object] = {"message": "busy", "transient": True, "digest": "d"}
    state = after(*MADE, *[(Verb.UPDATE, None, {}), (Verb.UPDATE, Result.FAILED, failure)] * 2)
    assert state is not None
    assert (state.phase, state.attempts, state.message, state.refused) == (Phase.READY, 2, "busy", None)
    assert [(condition.type, condition.status) for condition in state.conditions] == [
        ("Ready", True),
        ("Synced", False),
    ]


def test_a_refusal_remembers_what_was_refused_until_something_works() -> None:
    refused = after(BEGUN, (Verb.CREATE, Result.FAILED, {"message": "no", "digest": "d"}))
    assert refused is not None
    assert (refused.phase, refused.refused) == (Phase.FAILED, "d")
    healed = after(BEGUN, (Verb.CREATE, Result.FAILED, {"digest": "d"}), (Verb.RETRY, None, {}),
                   (Verb.RETRY, Result.DONE, {}))  # fmt: skip
    assert healed is not None
    assert (healed.phase, healed.refused, healed.attempts) == (Phase.READY, None, 0)


def test_what_was_announced_and_never_begun_leaves_no_trace() -> None:
    assert after(BEGUN, (Verb.CREATE, Result.SKIPPED, {})) is None
    spared = after(*MADE, (Verb.DELETE, None, {}), (Verb.DELETE, Result.SKIPPED, {}))
    assert spared is not None
    assert (spared.phase, spared.open) == (Phase.READY, None)


def test_an_unknown_outcome_stays_unknown_when_looking_it_up_was_not_begun() -> None:
    state = after(BEGUN, (Verb.RETRY, None, {}), (Verb.RETRY, Result.SKIPPED, {}))
    assert state is not None
    assert state.open is not None


def test_a_removal_that_failed_is_still_under_way() -> None:
    state = after(*MADE, (Verb.EXPIRE, None, {}), (Verb.EXPIRE, Result.FAILED, {"message": "busy"}))
    assert state is not None
    assert (state.phase, state.refused, state.message) == (Phase.EXPIRING, None, "busy")


def test_an_end_is_an_end() -> None:
    for verb, phase in ((Verb.DELETE, Phase.DEPROVISIONED), (Verb.EXPIRE, Phase.EXPIRED)):
        state = after(*MADE, (verb, None, {}), (verb, Result.DONE, {}))
        assert state is not None
        assert state.phase is phase
        assert state.ready_at == NOW
