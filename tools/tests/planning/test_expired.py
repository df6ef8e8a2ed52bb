"""Which requests have had their time for good."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from tarmac.model.frozen import replace
from tarmac.model.ledger import Phase, RequestState
from tarmac.model.plan import Desired
from tarmac.planning.expired import expired
from tarmac.planning.identity import uid_of
from tests.planning.worlds import DAY, NOW, OURS, subject_of, wish

SHOP = "resourcerequest:default/shop"


def ended(want: Desired, phase: Phase = Phase.EXPIRED, since: datetime = NOW, life: int = 1) -> RequestState:
    """It was ready eight days before NOW."""
    uid = uid_of(OURS, want.request, life)
    return RequestState(subject_of(want, uid, life), phase, since, ready_at=NOW - 8 * DAY)


def over(*wishes: Desired, states: tuple[RequestState, ...] = (), now: datetime = NOW) -> Mapping[str, datetime]:
    found = expired(wishes, states, OURS, now)
    return {name.rpartition("/")[2]: end for name, end in found.items()}


def test_what_expired_is_over_with_the_end_that_it_had() -> None:
    short = wish("db", ttl=7 * DAY)
    assert over(short, states=(ended(short),)) == {"db": NOW - DAY}
    assert over(short, states=(ended(short, since=NOW - DAY),), now=NOW - 3 * DAY) == {"db": NOW - DAY}


def test_what_lives_or_waits_or_was_given_a_later_end_is_not_over() -> None:
    short, longer = wish("db", ttl=7 * DAY), wish("db", ttl=9 * DAY)
    assert over(short) == {}
    assert over(short, states=(ended(short, Phase.READY),)) == {}
    assert over(longer, states=(ended(short),)) == {}
    assert over(longer, states=(ended(short),), now=NOW + DAY) == {"db": NOW + DAY}
    assert over(wish("db"), states=(ended(short),)) == {}


def test_what_was_never_made_is_over_at_its_stated_end_and_not_a_moment_before() -> None:
    assert over(wish("db", expires=NOW)) == {"db": NOW}
    assert over(wish("db", expires=NOW), now=NOW.replace(microsecond=1) - DAY) == {}
    assert over(wish("db", expires=NOW + DAY)) == {}


def test_what_is_held_counts_as_living() -> None:
    short = wish("db", ttl=7 * DAY, hold="an error")
    assert over(short, states=(ended(short),)) == {}


def test_of_a_composed_request_every_part_has_to_be_over_and_the_last_end_counts() -> None:
    cache, db = (wish(f"shop#{name}", ttl=days * DAY) for name, days in (("cache", 7), ("db", 5)))
    assert over(cache, db, states=(ended(cache), ended(db))) == {"shop": NOW - DAY}
    assert over(db, cache, states=(ended(db), ended(cache))) == {"shop": NOW - DAY}
    for living in (cache, db):
        states = tuple(ended(one, Phase.READY if one is living else Phase.EXPIRED) for one in (cache, db))
        assert over(cache, db, states=states) == {}


def test_a_part_that_was_ready_later_ended_with_the_first() -> None:
    cache, db = (wish(f"shop#{name}", ttl=7 * DAY) for name in ("cache", "db"))
    later = replace(ended(db, since=NOW - DAY), ready_at=NOW - 5 * DAY)
    assert over(cache, db, states=(ended(cache, since=NOW - DAY), later)) == {"shop": NOW - DAY}


def test_they_come_in_the_order_of_their_names() -> None:
    wishes = [wish(name, expires=NOW) for name in ("b", "a", "c")]
    assert list(over(*wishes)) == ["a", "b", "c"]
