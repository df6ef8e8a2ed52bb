"""The ends of instances, to the instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tarmac.model.ledger import Phase, RequestState
from tarmac.planning.identity import uid_of
from tarmac.planning.ttl import expiry, has_expired, in_grace, is_over, life_span, removal, why_expired
from tests.planning.worlds import DAY, NOW, OURS, subject_of, wish

MOMENT = timedelta(microseconds=1)


def test_a_stated_end_goes_before_a_time_to_live() -> None:
    stated = wish("db", expires=NOW + DAY, ttl=9 * DAY)
    assert expiry(stated, NOW) == expiry(stated, None) == NOW + DAY


def test_a_time_to_live_runs_from_the_ready_instant() -> None:
    short = wish("db", ttl=DAY)
    assert expiry(short, NOW) == NOW + DAY
    assert expiry(short, None) is None
    assert expiry(wish("db"), NOW) is None


def test_an_end_beyond_the_calendar_never_comes() -> None:
    endless = wish("db", ttl=timedelta.max)
    assert expiry(endless, NOW) is None
    assert removal(endless, NOW) is None
    late = datetime.max.replace(tzinfo=UTC)
    assert removal(wish("db", expires=late, grace=DAY), NOW) is None


def test_it_is_over_at_the_instant_and_not_before() -> None:
    short = wish("db", ttl=DAY)
    assert not has_expired(short, NOW, NOW + DAY - MOMENT)
    assert has_expired(short, NOW, NOW + DAY)
    assert not has_expired(wish("db"), NOW, NOW + 1000 * DAY)


def test_it_is_removed_after_its_grace() -> None:
    assert removal(wish("db", ttl=DAY, grace=2 * DAY), NOW) == NOW + 3 * DAY
    assert removal(wish("db", ttl=DAY), NOW) == NOW + DAY
    assert removal(wish("db"), NOW) is None


def state(phase: Phase, since: datetime, ready_at: datetime | None = NOW) -> RequestState:
    want = wish("db")
    return RequestState(subject_of(want, uid_of(OURS, want.request, 1)), phase, since, ready_at=ready_at)


def test_what_expired_stays_over_though_the_clock_goes_back_unless_its_end_moves() -> None:
    short = wish("db", ttl=DAY)
    gone = state(Phase.EXPIRED, NOW + 2 * DAY)
    assert is_over(short, gone, NOW)
    assert is_over(short, gone, NOW + 3 * DAY)
    longer = wish("db", ttl=3 * DAY)
    assert not is_over(longer, gone, NOW + 2 * DAY)
    assert is_over(longer, gone, NOW + 3 * DAY)


def test_what_was_removed_is_over_only_by_an_end_that_is_stated() -> None:
    removed = state(Phase.DEPROVISIONED, NOW + 2 * DAY)
    assert not is_over(wish("db", ttl=DAY), removed, NOW + 9 * DAY)
    assert is_over(wish("db", expires=NOW + DAY), removed, NOW + DAY)
    assert not is_over(wish("db", expires=NOW + DAY), removed, NOW + DAY - MOMENT)
    assert not is_over(wish("db", expires=NOW + DAY), state(Phase.READY, NOW), NOW + 9 * DAY)


@pytest.mark.parametrize(
    ("wanted", "ready_at", "said"),
    [
        (
            wish("db", ttl=DAY),
            NOW,
            "its TTL of 1d, ready since 2026-12-01T06:00:00Z, ended on 2026-12-02T06:00:00Z",
        ),
        (wish("db", ttl=DAY), None, "it expired"),
        (wish("db", expires=NOW), NOW, "it expired on 2026-12-01T06:00:00Z"),
        (wish("db", expires=NOW, ttl=DAY), NOW, "it expired on 2026-12-01T06:00:00Z"),
        (wish("db"), NOW, "it expired"),
    ],
)
def test_why_it_expired_is_said(wanted: object, ready_at: datetime | None, said: str) -> None:
    assert why_expired(wanted, ready_at) == said  # type: ignore[arg-type]  # a wish


def test_what_is_in_its_grace_is_said_with_its_removal() -> None:
    short = wish("db", ttl=DAY)
    start = "its TTL of 1d, ready since 2026-12-01T06:00:00Z, ended on 2026-12-02T06:00:00Z; it is "
    assert in_grace(short, NOW, NOW + 2 * DAY) == f"{start}removed on 2026-12-03T06:00:00Z unless it is renewed"
    assert in_grace(short, NOW, None) == f"{start}never removed"


def test_how_long_it_will_live_is_said() -> None:
    assert life_span(wish("db")) == "for good"
    assert life_span(wish("db", ttl=DAY)) == "for 1d from being ready"
    assert life_span(wish("db", ttl=DAY, expires=NOW)) == "until 2026-12-01T06:00:00Z"
