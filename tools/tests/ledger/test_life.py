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


def test_a_change_of_what_was_ready_leaves_its_phase_and_making_it_again_does_not() -> None:
    for verb, phase in (
        (Verb.UPDATE, Phase.READY),
        (Verb.ROTATE, Phase.READY),
        (Verb.RETRY, Phase.READY),
        (Verb.CREATE, Phase.PROVISIONING),
        (Verb.DELETE, Phase.DEPROVISIONING),
        (Verb.EXPIRE, Phase.EXPIRING),
    ):
        state = after(*MADE, (verb, None, {"at": NOW + DAY}))
        assert state is not None
        assert (state.phase, state.open, state.ready_at) == (phase, str(verb), NOW)
        assert state.since == (NOW if phase is Phase.READY else NOW + DAY)


def test_what_failed_stays_failed_while_it_is_made_again_and_not_while_it_is_removed() -> None:
    failed: tuple[Step, ...] = (BEGUN, (Verb.CREATE, Result.FAILED, {"message": "busy"}))
    for verb, phase in ((Verb.CREATE, Phase.FAILED), (Verb.RETRY, Phase.FAILED), (Verb.DELETE, Phase.DEPROVISIONING)):
        state = after(*failed, (verb, None, {}))
        assert state is not None
        assert state.phase is phase


def test_a_failure_without_a_reason_says_so() -> None:
    state = after(BEGUN, (Verb.CREATE, Result.FAILED, {}))
    assert state is not None
    assert state.message == "no reason given"


def test_whatever_works_clears_what_had_failed() -> None:
    refused: tuple[Step, ...] = (BEGUN, (Verb.CREATE, Result.FAILED, {"message": "no", "digest": "d"}))
    for verb, result, phase in (
        (Verb.RETRY, Result.DONE, Phase.READY),
        (Verb.RETRY, Result.PENDING, Phase.PROVISIONING),
        (Verb.DELETE, Result.DONE, Phase.DEPROVISIONED),
    ):
        state = after(*refused, (verb, None, {}), (verb, result, {}))
        assert state is not None
        assert (state.phase, state.attempts, state.message, state.refused) == (phase, 0, "", None)
        assert state.open is None


def test_the_place_of_the_credential_is_kept_until_another_is_told_or_the_end() -> None:
    made: tuple[Step, ...] = (BEGUN, (Verb.CREATE, Result.DONE, {"secret": "vault:a", "credential_since": NOW}))
    told: Mapping[str, object] = {"secret": "vault:b", "credential_since": NOW + DAY}
    kept = after(*made, (Verb.UPDATE, None, {}), (Verb.UPDATE, Result.DONE, {}))
    other = after(*made, (Verb.ROTATE, None, {}), (Verb.ROTATE, Result.DONE, told))
    gone = after(*made, (Verb.DELETE, None, {}), (Verb.DELETE, Result.DONE, {}))
    found = [None if state is None else (state.secret, state.credential_since) for state in (kept, other, gone)]
    assert found == [("vault:a", NOW), ("vault:b", NOW + DAY), ("", None)]


def test_a_new_life_takes_away_what_is_left_of_those_that_ended_and_nothing_that_lives() -> None:
    states = {
        uid: RequestState(subject_of(wish("orders-db"), uid), phase, NOW)
        for uid, phase in (("gone", Phase.EXPIRED), ("lives", Phase.FAILED), ("other", Phase.DEPROVISIONED))
    }
    old = ("gone", "lives", "unknown", "uid")
    line = entry(SUBJECT, Verb.CREATE, Event.OUTCOME, NOW, Result.DONE, supersedes=old)
    assert fold(states, [line]).keys() == {"lives", "other", "uid"}
    # Its own end is no earlier life.
    end = entry(SUBJECT, Verb.DELETE, Event.OUTCOME, NOW, Result.DONE, supersedes=old)
    assert fold(states, [end]).keys() == {"lives", "other", "uid"}
    assert states.keys() == {"gone", "lives", "other"}
