"""Dumps: when they are due, how long they are kept, that they can be restored, and whose rights a restore has."""

from __future__ import annotations

import stat
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tarmac.errors import ProviderError
from tarmac.model.frozen import replace
from tarmac.providers.postgresql import PostgreSQL
from tarmac.providers.postgresql_names import Names
from tarmac.providers.postgresql_steps import new_database
from tests.planning.worlds import DAY, NOW, OURS, THEIRS
from tests.postgresql.databases import ONE, TWO, Bench, database

SECOND = timedelta(seconds=1)


def dumps(bench: Bench, uid: str = ONE) -> list[Path]:
    return sorted((bench.folder / "own/backups" / OURS / uid).glob("*"))


def fill(bench: Bench, rows: int = 3) -> None:
    with bench.client() as link:
        link.execute("CREATE TABLE orders (id int PRIMARY KEY, note text)")
        link.execute("INSERT INTO orders SELECT n, 'order ' || n FROM generate_series(1, %s) n", (rows,))


def test_one_a_day_is_made_and_kept_for_its_time_and_no_longer(bench: Bench) -> None:
    provider = bench.open(restoreTestDays="0")
    provider.create(ONE, database(backupRetentionDays=2), NOW)
    said = list(provider.maintain(NOW))
    assert len(said) == 1
    assert said[0].startswith("resourcerequest:default/one: backed up, ")
    assert list(provider.maintain(NOW + DAY - SECOND)) == []
    list(provider.maintain(NOW + DAY))
    assert [path.name for path in dumps(bench)] == ["20261201T060000Z.dump", "20261202T060000Z.dump"]
    assert list(provider.maintain(NOW + 2 * DAY))[-1] == "resourcerequest:default/one: 1 old backups removed"
    assert [path.name for path in dumps(bench)] == ["20261202T060000Z.dump", "20261203T060000Z.dump"]


def test_none_is_made_where_none_is_asked_for_and_those_that_are_there_go(bench: Bench) -> None:
    provider = bench.open(backupRetentionDays="3", restoreTestDays="0")
    provider.create(ONE, database(), NOW)
    list(provider.maintain(NOW))
    assert len(dumps(bench)) == 1
    provider.update(ONE, database(backupRetentionDays=0))
    list(provider.maintain(NOW))
    assert dumps(bench) == []


def test_only_the_owner_of_the_process_may_read_a_dump(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(), NOW)
    list(provider.maintain(NOW))
    (dump,) = dumps(bench)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (dump, *list(dump.parents)[:3])]
    assert modes == [0o600, 0o700, 0o700, 0o700]


def test_what_was_deleted_can_be_brought_back_from_its_last_dump(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(extensions=["citext"]), NOW)
    fill(bench)
    provider.delete(ONE)
    assert bench.cluster.names() == []
    (dump,) = dumps(bench)
    assert dump.name.endswith(".last.dump")
    # As the documentation says: into an empty database, with the rights of its owner.
    provider.create(TWO, database("two", extensions=["citext"]), NOW)
    (backup,) = provider.backups.of(ONE)
    secret = bench.secret(TWO)
    there = replace(provider.server, user=secret["user"], password=secret["password"], database=secret["database"])
    provider.backups.restore(backup, there.environment())
    with bench.client(TWO) as link:
        assert link.execute("SELECT * FROM orders").fetchall() == [(n, f"order {n}") for n in (1, 2, 3)]
        assert link.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'orders'").fetchone() == (
            Names(TWO).owner,
        )


def test_clients_are_sent_out_before_the_last_dump(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(), NOW)
    client = bench.client()
    provider.delete(ONE)
    with pytest.raises(psycopg.OperationalError):
        client.execute("SELECT 1")
    client.close()


def test_the_last_dump_goes_after_its_time(bench: Bench) -> None:
    provider = bench.open(keepRemovedDays="2")
    provider.create(ONE, database(), NOW)
    provider.delete(ONE)
    (backup,) = provider.backups.of(ONE)
    list(provider.maintain(backup.at + 2 * DAY - SECOND))
    assert len(dumps(bench)) == 1
    list(provider.maintain(backup.at + 2 * DAY))
    assert dumps(bench) == []


def test_the_daily_dumps_of_what_was_removed_go_too_and_those_of_another_platform_stay(bench: Bench) -> None:
    provider, theirs = bench.open(keepRemovedDays="2"), bench.open(THEIRS, keepRemovedDays="2")
    provider.create(ONE, database(), NOW)
    theirs.create(TWO, database(), NOW)
    list(provider.maintain(NOW))
    list(theirs.maintain(NOW))
    provider.delete(ONE)
    assert len(dumps(bench)) == 2
    list(provider.maintain(NOW + 2 * DAY))
    assert [path.name for path in dumps(bench) if not path.name.endswith(".last.dump")] == []
    assert len(theirs.backups.of(TWO)) == 1


def test_where_no_dump_can_be_made_nothing_is_removed(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(), NOW)
    fill(bench)
    (bench.folder / "own").mkdir()
    (bench.folder / "own/backups").write_text("in the way")
    with pytest.raises(ProviderError, match="the disk does not take the backup") as refused:
        provider.delete(ONE)
    assert refused.value.transient
    assert bench.cluster.names() == [Names(ONE).database]
    # Wanted again, it is there with all that was in it.
    provider.create(ONE, database(), NOW)
    with bench.client() as link:
        assert link.execute("SELECT count(*) FROM orders").fetchone() == (3,)


def test_a_backup_is_restored_as_a_proof_and_nothing_is_left_of_it(bench: Bench) -> None:
    provider = bench.open(restoreTestDays="3")
    provider.create(ONE, database(extensions=["citext"]), NOW)
    fill(bench)
    proof = "resourcerequest:default/one: its backup of 2026-12-01 was restored to see that it can be"
    assert proof in list(provider.maintain(NOW))
    assert not any("restored" in said for said in provider.maintain(NOW + 2 * DAY))
    assert any("restored" in said for said in provider.maintain(NOW + 3 * DAY))
    assert bench.cluster.names() == [Names(ONE).database]


def test_a_backup_that_cannot_be_restored_is_told_and_the_others_are_still_made(bench: Bench) -> None:
    quiet = bench.open(restoreTestDays="0")
    for uid, name in ((ONE, "one"), (TWO, "two")):
        quiet.create(uid, database(name), NOW)
    list(quiet.maintain(NOW))
    (dump,) = dumps(bench)
    dump.write_bytes(dump.read_bytes()[:200])
    (other,) = dumps(bench, TWO)
    done: list[str] = []
    with pytest.raises(ProviderError, match="resourcerequest:default/one: pg_restore failed") as refused:
        done.extend(said for said in bench.open().maintain(NOW))
    assert refused.value.transient
    assert done == ["resourcerequest:default/two: its backup of 2026-12-01 was restored to see that it can be"]
    assert bench.cluster.names() == sorted((Names(ONE).database, Names(TWO).database))
    assert other.exists()


def test_what_stands_in_a_dump_runs_with_the_rights_of_the_client_and_never_with_ours(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(), NOW)
    with bench.client() as link:
        link.execute(
            "CREATE FUNCTION public.who() RETURNS bool LANGUAGE plpgsql AS $$ BEGIN "
            "IF session_user NOT LIKE 'tarmac\\_%' THEN RAISE EXCEPTION 'we are %', session_user; END IF; "
            "RETURN true; END $$"
        )
        link.execute("CREATE TABLE trap (id int CHECK (public.who()))")
        link.execute("INSERT INTO trap VALUES (1)")
    assert any("restored" in said for said in provider.maintain(NOW))


def test_a_proof_that_was_cut_off_is_cleared_by_the_next(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(), NOW)
    names = Names(ONE)
    with provider.server.connect("leave something behind") as link:
        new_database(link, names.proof, names.owner)
    assert any("restored" in said for said in provider.maintain(NOW))
    assert bench.cluster.names() == [names.database]
    with provider.server.connect("leave something behind") as link:
        new_database(link, names.proof, names.owner)
    provider.delete(ONE)
    assert bench.cluster.names() == []


def test_an_extension_of_the_dump_is_there_before_it_is_restored(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(extensions=["hstore"]), NOW)
    with bench.client() as link:
        link.execute(SQL("CREATE TABLE pairs (kept {})").format(Identifier("public", "hstore")))
        link.execute("INSERT INTO pairs VALUES ('a=>1')")
    assert any("restored" in said for said in provider.maintain(NOW))


def active(provider: PostgreSQL) -> int | None:
    there = provider.observe(ONE)
    assert there is not None
    assert there.usage is not None
    return there.usage.get("lastActivityUnixSeconds")


def test_what_we_do_ourselves_is_no_use_of_a_database_and_what_clients_do_is(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(), NOW)
    for night in range(1, 4):
        assert provider.health(ONE).healthy
        settle(bench)
        list(provider.maintain(NOW + night * DAY))
        assert active(provider) is None, night
    with bench.client() as link:
        link.execute("SELECT 1")
        assert active(provider) is not None
    settle(bench)
    assert active(provider) is None
    list(provider.maintain(NOW + 4 * DAY))
    assert active(provider) == int((NOW + 4 * DAY).timestamp())
    settle(bench)
    list(provider.maintain(NOW + 5 * DAY))
    assert active(bench.open()) == int((NOW + 4 * DAY).timestamp())


def settle(bench: Bench) -> None:
    """Sessions are counted when they end, which is a moment after the client has left."""
    with bench.cluster.superuser() as link:
        statement = "SELECT count(*) FROM pg_stat_activity WHERE datname LIKE 'tarmac\\_%'"
        for _ in range(100):
            if link.execute(statement).fetchone() == (0,):
                return
            time.sleep(0.05)
    raise AssertionError("sessions stay")
