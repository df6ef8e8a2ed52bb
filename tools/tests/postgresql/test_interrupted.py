"""A run cut off at any boundary around an effect: the next one takes up what is there, and nothing is left over."""

from __future__ import annotations

from itertools import count

from tarmac.model.plan import Presence
from tests.planning.worlds import DAY, NOW
from tests.postgresql.databases import ONE, Bench, Killed, database, frail

# Every so many boundaries, odd and even ones in turn: 1 takes a minute more, and all of them.
STEP = 5


def gone(bench: Bench) -> bool:
    cluster = bench.cluster
    return (cluster.names(), cluster.names("rolname", "pg_roles"), bench.sink.get("platform-one", ONE)) == (
        [],
        [],
        None,
    )


def test_making_is_taken_up_or_cleared_wherever_it_was_cut_off(bench: Bench) -> None:
    provider = bench.open(keepRemovedDays="0")
    for boundary in count(0, STEP):
        try:
            frail(provider, boundary).create(ONE, database(extensions=["citext"]), NOW)
        except Killed:
            there = provider.observe(ONE)
            assert there is None or there.presence is Presence.BROKEN or boundary > 40
            if boundary % 2:
                made = provider.create(ONE, database(extensions=["citext"]), NOW)
                assert made.presence is Presence.READY
                assert [found.uid for found in provider.list_instances()] == [ONE]
                assert provider.health(ONE).healthy
            provider.delete(ONE)
            assert gone(bench), boundary
        else:
            assert boundary > 40
            return


def test_removing_is_ended_or_taken_back_wherever_it_was_cut_off(bench: Bench) -> None:
    provider = bench.open(keepRemovedDays="0")
    for boundary in count(0, STEP):
        provider.create(ONE, database(), NOW)
        try:
            frail(provider, boundary).delete(ONE)
        except Killed:
            if boundary % 2:
                assert provider.create(ONE, database(), NOW).presence is Presence.READY
                assert provider.health(ONE).healthy, boundary
            provider.delete(ONE)
            assert gone(bench), boundary
        else:
            assert boundary > 20
            assert gone(bench)
            return


def test_replacing_a_credential_leaves_the_secret_good_wherever_it_was_cut_off(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(), NOW)
    for boundary in count():
        before = bench.secret()
        try:
            frail(provider, boundary).rotate(ONE, NOW + DAY)
        except Killed:
            assert provider.health(ONE).healthy, boundary
            provider.rotate(ONE, NOW + 2 * DAY)
            assert bench.secret() != before
            there = provider.observe(ONE)
            assert there is not None
            assert there.credential_since == NOW + 2 * DAY
            # Whoever read it just before still gets in.
            for secret in (before, bench.secret()):
                bench.client(secret=secret).close()
        else:
            assert boundary > 8
            return


def test_changing_is_taken_up_wherever_it_was_cut_off(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(), NOW)
    for boundary in count(0, STEP):
        wanted = database(connectionLimit=5 + boundary, extensions=["citext"] if boundary % 2 else ["hstore"])
        try:
            frail(provider, boundary).update(ONE, wanted)
        except Killed:
            assert provider.health(ONE).healthy, boundary
            assert provider.update(ONE, wanted).config == wanted.config
        else:
            assert boundary > 16
            return
