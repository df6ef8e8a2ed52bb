"""When a credential is replaced, and what the ledger then knows of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tarmac.model.frozen import replace
from tarmac.model.ledger import Event, Phase
from tarmac.model.plan import Plan, Presence, Result, Verb
from tarmac.planning.identity import uid_of
from tarmac.planning.life import fold
from tarmac.planning.rotation import at_once, not_replaced, rotation_is_due, why_rotated
from tests.planning.worlds import DAY, NOW, OURS, Model, entry, only, subject_of, wish

MONTH = 30 * DAY
SECOND = timedelta(seconds=1)


def world(since: datetime | None = NOW, **changes: object) -> tuple[Model, Plan]:
    """One ready instance whose credential is of `since`, and the plan a month later."""
    model, wanted = Model(), wish("one", rotation=MONTH)
    model.apply(model.plan([wanted]), [wanted])
    (uid,) = model.instances
    model.instances[uid] = replace(model.instances[uid], credential_since=since, **changes)
    return model, model.plan([wanted], NOW + MONTH)


def test_a_credential_is_replaced_when_its_age_is_reached() -> None:
    model, made = world()
    assert only(made).verb is Verb.ROTATE
    assert only(made).reason == "its credential is of 2026-12-01T06:00:00Z, and is replaced every 30d"
    assert only(model.plan([wish("one", rotation=MONTH)], NOW + MONTH - SECOND)).verb is Verb.NONE


@pytest.mark.parametrize("rotation", [None, MONTH + SECOND, timedelta.max])
def test_one_that_is_younger_or_stays_is_left(rotation: timedelta | None) -> None:
    model, _ = world()
    assert only(model.plan([wish("one", rotation=rotation)], NOW + MONTH)).verb is Verb.NONE


def test_one_of_unknown_age_is_left() -> None:
    assert only(world(since=None)[1]).verb is Verb.NONE


def test_what_differs_is_mended_first() -> None:
    model, _ = world()
    changed = wish("one", rotation=MONTH, config={"size": "large", "encrypted": True})
    assert only(model.plan([changed], NOW + MONTH)).verb is Verb.UPDATE


def test_what_is_half_there_is_taken_up_again() -> None:
    _, made = world(presence=Presence.BROKEN)
    assert (only(made).verb, only(made).reason) == (Verb.RETRY, "only half of it is there: it is taken up again")


def test_an_age_beyond_the_calendar_is_never_reached() -> None:
    far = datetime(9999, 12, 31, tzinfo=UTC)
    assert rotation_is_due(wish("one", rotation=MONTH), far, far) is False
    assert rotation_is_due(wish("one"), far, far) is False


def test_a_rotation_leaves_the_request_ready_and_says_where_the_credential_is() -> None:
    model, _ = world()
    (uid,) = model.states
    subject, then = subject_of(wish("one"), uid), NOW + MONTH
    lines = (
        entry(subject, Verb.ROTATE, Event.INTENT, then),
        entry(subject, Verb.ROTATE, Event.OUTCOME, then, Result.DONE, secret="file:a/b.json", credential_since=then),
    )
    begun = fold(model.states, lines[:1])[uid]
    assert (begun.phase, begun.open) == (Phase.READY, "rotate")
    state = fold(model.states, lines)[uid]
    assert (state.phase, state.open, state.ready_at) == (Phase.READY, None, NOW)
    assert (state.secret, state.credential_since) == ("file:a/b.json", then)


@pytest.mark.parametrize("transient", [True, False])
def test_a_rotation_that_fails_is_tried_again_and_holds_nothing(transient: bool) -> None:
    model, _ = world()
    (uid,) = model.states
    subject, then = subject_of(wish("one"), uid), NOW + MONTH
    failed = entry(subject, Verb.ROTATE, Event.OUTCOME, then, Result.FAILED, message="no", transient=transient)
    model.states = fold(model.states, (failed,))
    assert model.states[uid].phase is Phase.READY
    assert only(model.plan([wish("one", rotation=MONTH)], then)).verb is Verb.ROTATE


def test_the_end_of_an_instance_is_the_end_of_its_secret() -> None:
    uid = uid_of(OURS, "resourcerequest:default/one", 1)
    subject = subject_of(wish("one"), uid)
    lines = (
        entry(subject, Verb.CREATE, Event.OUTCOME, NOW, Result.DONE, secret="file:a/b.json", credential_since=NOW),
        entry(subject, Verb.DELETE, Event.OUTCOME, NOW + DAY, Result.DONE),
    )
    state = fold({}, lines)[uid]
    assert (state.phase, state.secret, state.credential_since) == (Phase.DEPROVISIONED, "", None)


def test_what_is_asked_for_outright_is_due_whatever_its_age() -> None:
    wishes = [wish("one"), wish("two", rotation=MONTH)]
    one, two = at_once(wishes, {"one"})
    assert (one.rotation, two) == (timedelta(0), wishes[1])
    assert rotation_is_due(one, NOW, NOW)
    assert why_rotated(one, NOW) == "somebody asked for another credential"
    (full,) = at_once(wishes[:1], {wishes[0].request})
    assert full == one
    assert list(at_once(wishes, ())) == wishes


@pytest.mark.parametrize("verb", Verb)
def test_a_step_that_leaves_a_credential_that_was_to_be_replaced_is_named(verb: Verb) -> None:
    """A new instance has a new credential; whoever wants another for a leaked one must not think that it is done."""
    _, made = world()
    step = replace(only(made), verb=verb)
    asked, other = at_once([wish("one"), wish("two")], {"one"})
    leaves = [] if verb in (Verb.ROTATE, Verb.CREATE, Verb.REPLACE) else [step]
    assert list(not_replaced([asked, other], [step, replace(step, request=other.request)])) == leaves
    assert list(not_replaced([wish("one", rotation=MONTH)], [step])) == []
