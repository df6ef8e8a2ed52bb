"""What a client finds who comes by the secret, and what nobody else may do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, OperationalError
from psycopg.sql import SQL, Identifier

from tarmac.errors import ConfigurationError, ProviderError
from tarmac.model.plan import Observation, Presence
from tarmac.providers.base import ProviderSettings
from tarmac.providers.postgresql import PostgreSQL, open_postgresql
from tarmac.providers.postgresql_names import Names
from tests.planning.worlds import DAY, NOW, OURS, THEIRS
from tests.postgresql.databases import ONE, TWO, Bench, Link, database


@contextmanager
def reader(bench: Bench, name: str = "some_person") -> Iterator[Link]:
    """Somebody who was granted the read-only role."""
    with bench.cluster.superuser() as link:
        link.execute(f"DROP ROLE IF EXISTS {name}")
        link.execute(f"CREATE ROLE {name} LOGIN")
        link.execute(SQL("GRANT {} TO {}").format(Identifier(Names(ONE).read), Identifier(name)))
    try:
        yield psycopg.connect(
            host=str(bench.cluster.folder),
            port=bench.cluster.port,
            user=name,
            dbname=Names(ONE).database,
            autocommit=True,
        )
    finally:
        with bench.cluster.superuser() as link:
            link.execute(f"DROP ROLE {name}")


def seen(provider: PostgreSQL, uid: str = ONE) -> Observation:
    there = provider.observe(uid)
    assert there is not None
    return there


def test_a_client_comes_by_the_secret_and_owns_what_it_makes(bench: Bench) -> None:
    bench.open().create(ONE, database(), NOW)
    with bench.client() as link:
        link.execute("CREATE TABLE orders (id int)")
        link.execute("INSERT INTO orders VALUES (1)")
        (owner,) = link.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'orders'").fetchone() or ("",)
    assert owner == Names(ONE).owner
    secret = bench.secret()
    assert set(secret) == {"host", "port", "database", "user", "password", "sslmode", "uri"}
    assert secret["user"] == Names(ONE).logins[0]


def test_what_one_login_makes_the_next_may_change(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(), NOW)
    with bench.client() as link:
        link.execute("CREATE TABLE orders (id int)")
    provider.rotate(ONE, NOW + DAY)
    assert bench.secret()["user"] == Names(ONE).logins[1]
    with bench.client() as link:
        link.execute("ALTER TABLE orders ADD COLUMN more text")
        link.execute("DROP TABLE orders")


def test_the_password_before_works_until_the_next_is_made(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(), NOW)
    first = bench.secret()
    provider.rotate(ONE, NOW + DAY)
    second = bench.secret()
    bench.client(secret=first).close()
    provider.rotate(ONE, NOW + 2 * DAY)
    with pytest.raises(OperationalError, match="password authentication failed"):
        bench.client(secret=first)
    for secret in (second, bench.secret()):
        bench.client(secret=secret).close()


def test_the_read_only_role_reads_what_was_and_what_comes_and_writes_nothing(bench: Bench) -> None:
    bench.open().create(ONE, database(), NOW)
    with bench.client() as link:
        link.execute("CREATE TABLE orders (id int)")
    with reader(bench) as link:
        assert link.execute("SELECT count(*) FROM orders").fetchone() == (0,)
        for statement in ("INSERT INTO orders VALUES (1)", "DROP TABLE orders", "CREATE TABLE public.mine (id int)"):
            with pytest.raises(InsufficientPrivilege):
                link.execute(statement)
        link.close()


def test_one_client_does_not_get_into_the_database_of_another(bench: Bench) -> None:
    for uid, name in ((ONE, "one"), (TWO, "two")):
        bench.open().create(uid, database(name), NOW)
    elsewhere = {**bench.secret(ONE), "uri": bench.secret(ONE)["uri"].replace(Names(ONE).database, Names(TWO).database)}
    elsewhere["uri"] = elsewhere["uri"].replace(f"{Names(TWO).database}_a:", f"{Names(ONE).database}_a:")
    with pytest.raises(OperationalError, match="permission denied for database"):
        bench.client(secret=elsewhere)


def test_names_come_from_the_uid_and_never_from_the_request(bench: Bench) -> None:
    bench.open().create(ONE, database('x"; DROP DATABASE postgres; --'), NOW)
    assert bench.cluster.names() == [Names(ONE).database]
    assert bench.cluster.names("rolname", "pg_roles") == sorted((Names(ONE).owner, Names(ONE).read, *Names(ONE).logins))


def test_a_client_cannot_change_what_is_known_of_its_database(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(), NOW)
    before = seen(provider)
    names = Names(ONE)
    with bench.client() as link:
        link.execute(SQL("COMMENT ON DATABASE {} IS 'nothing to see'").format(Identifier(names.database)))
        with pytest.raises(InsufficientPrivilege):
            link.execute(SQL("COMMENT ON ROLE {} IS 'forged'").format(Identifier(names.owner)))
        with pytest.raises(InsufficientPrivilege):
            link.execute(SQL("ALTER ROLE {} CONNECTION LIMIT 1").format(Identifier(names.owner)))
    after = seen(provider)
    assert (after.tags, after.config, after.presence) == (before.tags, before.config, Presence.READY)


def test_the_comment_on_the_database_tells_people_whose_it_is(bench: Bench) -> None:
    bench.open().create(ONE, database(), NOW)
    with bench.cluster.superuser() as link:
        statement = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
        (comment,) = link.execute(statement, (Names(ONE).database,)).fetchone() or ("",)
    assert '"reference":"resourcerequest:default/one"' in str(comment)
    assert bench.secret()["password"] not in str(comment)


def test_more_connections_than_the_limit_are_refused_and_drift_is_seen_and_mended(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(connectionLimit=2), NOW)
    links = [bench.client() for _ in range(2)]
    with pytest.raises(OperationalError, match="too many connections for role"):
        bench.client()
    usage = seen(provider).usage
    assert usage is not None
    assert usage["connections"] == 2
    assert usage["sizeBytes"] > 1_000_000
    assert usage["lastActivityUnixSeconds"] > 1_500_000_000
    with bench.cluster.superuser() as link:
        link.execute(SQL("ALTER ROLE {} CONNECTION LIMIT 99").format(Identifier(Names(ONE).logins[0])))
    assert (seen(provider).config or {})["connectionLimit"] == 99
    # Clients hold all that they may, and it can be changed all the same.
    assert (provider.update(ONE, database(connectionLimit=2)).config or {})["connectionLimit"] == 2
    for each in links:
        each.close()


def test_extensions_come_and_go_unless_something_needs_them(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(extensions=["citext"]), NOW)
    with bench.client() as link:
        link.execute("CREATE TABLE people (name citext)")
        with pytest.raises(ProviderError, match="cannot drop extension citext") as refused:
            provider.update(ONE, database(extensions=["hstore"]))
        assert not refused.value.transient
        link.execute("DROP TABLE people")
        provider.update(ONE, database(extensions=["hstore"]))
        found = link.execute("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql'").fetchall()
    assert found == [("hstore",)]


def test_an_extension_that_the_server_has_not_got_is_the_platforms_trouble(bench: Bench) -> None:
    provider = bench.open(extensions="nowhere citext")
    with pytest.raises(ProviderError, match='extension "nowhere" is not available') as refused:
        provider.create(ONE, database(extensions=["nowhere"]), NOW)
    assert refused.value.transient
    assert provider.create(ONE, database(extensions=["citext"]), NOW).presence is Presence.READY


def test_health_is_that_a_client_with_the_secret_gets_in(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(), NOW)
    assert provider.health(ONE).healthy
    with bench.cluster.superuser() as link:
        link.execute(SQL("ALTER ROLE {} NOLOGIN").format(Identifier(Names(ONE).logins[0])))
    assert "is not permitted to log in" in provider.health(ONE).message
    provider.rotate(ONE, NOW + DAY)
    assert provider.health(ONE).healthy
    bench.sink.remove(OURS, ONE)
    assert "there is no secret at file:" in provider.health(ONE).message


def test_a_secret_that_was_lost_is_made_again_by_the_next_rotation(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(), NOW)
    bench.sink.remove(OURS, ONE)
    provider.rotate(ONE, NOW + DAY)
    assert provider.health(ONE).healthy


def test_a_database_that_somebody_took_away_is_made_again_with_its_roles(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(), NOW)
    with bench.cluster.superuser() as link:
        link.execute(SQL("DROP DATABASE {}").format(Identifier(Names(ONE).database)))
    assert (provider.observe(ONE), provider.list_instances()) == (None, ())
    provider.create(ONE, database(), NOW)
    assert provider.health(ONE).healthy


def test_what_stands_under_a_name_of_ours_without_a_record_is_never_touched(bench: Bench) -> None:
    names = Names(ONE)
    provider = bench.open()
    with bench.cluster.superuser() as link:
        link.execute(SQL("CREATE DATABASE {}").format(Identifier(names.database)))
    verbs = (lambda: provider.create(ONE, database(), NOW), lambda: provider.delete(ONE))
    for verb in verbs:
        with pytest.raises(ProviderError, match="is not ours"):
            verb()
    for comment in ("nonsense", "[]", '{"version": 1}', "[" * 50000, "x" * 1_100_000):
        with bench.cluster.superuser() as link:
            link.execute(SQL("DROP ROLE IF EXISTS {}").format(Identifier(names.owner)))
            link.execute(SQL("CREATE ROLE {}").format(Identifier(names.owner)))
            link.execute(SQL("COMMENT ON ROLE {} IS {}").format(Identifier(names.owner), comment))
        (there,) = provider.list_instances()
        assert (there.tags, there.presence) == (None, Presence.BROKEN)
        assert there.fault
        for verb in verbs:
            with pytest.raises(ProviderError, match="is not ours"):
                verb()
    assert bench.cluster.names() == [names.database]


def test_a_role_without_the_rights_is_told_before_anything_is_done(bench: Bench) -> None:
    bench.open().prepare()
    with bench.cluster.superuser() as link:
        link.execute("DROP ROLE IF EXISTS weak")
        link.execute("CREATE ROLE weak LOGIN PASSWORD 'weak'")
    with pytest.raises(ProviderError, match="CREATEDB CREATEROLE"):
        bench.open(user="weak", password="weak").prepare()


def test_a_server_that_cannot_be_reached_is_worth_another_try(bench: Bench) -> None:
    for provider in (bench.open(port="1"), bench.open(password="wrong")):
        with pytest.raises(ProviderError, match="PostgreSQL could not list databases") as refused:
            provider.list_instances()
        assert refused.value.transient
        assert "wrong" not in str(refused.value)


def test_another_platform_on_the_same_server_keeps_its_own(bench: Bench) -> None:
    theirs = bench.open(THEIRS)
    theirs.create(TWO, database(), NOW)
    bench.open().create(ONE, database(), NOW)
    assert len(theirs.list_instances()) == 2
    with pytest.raises(ProviderError, match="another platform"):
        bench.open().delete(TWO)
    assert list(theirs.maintain(NOW))
    assert list(theirs.maintain(NOW)) == []


def test_it_wants_a_place_for_secrets(bench: Bench) -> None:
    with pytest.raises(ConfigurationError, match="no place for secrets"):
        open_postgresql(ProviderSettings(OURS, bench.folder, bench.cluster.options()))
