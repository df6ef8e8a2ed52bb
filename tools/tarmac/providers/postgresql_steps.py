"""The single steps on the server, each of which may be repeated: done twice it is done once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier, Literal

from tarmac.providers.postgresql_names import Names, Record

Link = Connection[TupleRow]
_BROKEN = -2
_ROOM = 5


@contextmanager
def held(link: Link, names: Names) -> Iterator[None]:
    """Nobody else changes the same instance meanwhile; the lock goes with the connection, whatever happens."""
    link.execute("SELECT pg_catalog.pg_advisory_lock(pg_catalog.hashtextextended(%s, 0))", (names.database,))
    yield


def make_roles(link: Link, names: Names, record: Record) -> None:
    """The roles, the record with the first of them: from then on everything there is known as ours."""
    with link.transaction():
        if not _role_exists(link, names.owner):
            link.execute(SQL("CREATE ROLE {} NOLOGIN").format(Identifier(names.owner)))
        note(link, names, record)
        for role in (names.read, *names.logins):
            if not _role_exists(link, role):
                link.execute(SQL("CREATE ROLE {} NOLOGIN").format(Identifier(role)))
        owner = Identifier(names.owner)
        # Whoever may give a database to the owner role, look into it and end its sessions has to be a member.
        for role in (names.owner, *names.logins):
            link.execute(SQL("GRANT {} TO CURRENT_USER").format(Identifier(role)))
        for login in names.logins:
            link.execute(SQL("GRANT {} TO {}").format(owner, Identifier(login)))
            # What either of them makes belongs to both.
            link.execute(SQL("ALTER ROLE {} SET role TO {}").format(Identifier(login), owner))


def note(link: Link, names: Names, record: Record) -> None:
    """Write the record down, in place of the one before."""
    link.execute(SQL("COMMENT ON ROLE {} IS {}").format(Identifier(names.owner), Literal(record.comment())))


def note_copy(link: Link, names: Names, record: Record) -> None:
    """The copy of the record for people, on the database itself."""
    link.execute(SQL("COMMENT ON DATABASE {} IS {}").format(Identifier(names.database), Literal(record.comment())))


def make_database(link: Link, names: Names) -> None:
    """The database; one whose removal was cut off is good for nothing but being removed."""
    limit = _database_limit(link, names.database)
    if limit == _BROKEN:
        drop_database(link, names.database)
    if limit is None or limit == _BROKEN:
        new_database(link, names.database, names.owner)


def new_database(link: Link, name: str, owner: str) -> None:
    """An empty database that nobody but its owner may enter."""
    statement = "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'"
    link.execute(SQL(statement).format(Identifier(name), Identifier(owner)))
    link.execute(SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(Identifier(name)))


def settle(link: Link, names: Names, connections: int) -> None:
    """Who may enter, and how many at once: so many by each login role, as both are in use around a rotation. What the
    database itself allows leaves room for us: a database that its clients have filled can still be changed."""
    database = Identifier(names.database)
    link.execute(SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
    link.execute(SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, Identifier(names.read)))
    for login in names.logins:
        link.execute(SQL("ALTER ROLE {} CONNECTION LIMIT {}").format(Identifier(login), Literal(connections)))
    whole = len(names.logins) * connections + _ROOM
    link.execute(SQL("ALTER DATABASE {} CONNECTION LIMIT {}").format(database, Literal(whole)))


def settle_inside(link: Link, names: Names, wanted: Iterable[str], unwanted: Iterable[str]) -> None:
    """Inside the database: its extensions, and that the read-only role may read what is there and what will be.

    What an extension holds up is never torn away with it: the server refuses, and says what needs it.
    """
    owner, read = Identifier(names.owner), Identifier(names.read)
    with link.transaction():
        # As the owner, who may have trusted extensions; the others have to be put there by an administrator.
        link.execute(SQL("SET LOCAL ROLE {}").format(owner))
        for extension in unwanted:
            link.execute(SQL("DROP EXTENSION IF EXISTS {} RESTRICT").format(Identifier(extension)))
        for extension in wanted:
            statement = "CREATE EXTENSION IF NOT EXISTS {} SCHEMA public"
            link.execute(SQL(statement).format(Identifier(extension)))
        link.execute(SQL("GRANT USAGE ON SCHEMA public TO {}").format(read))
        link.execute(SQL("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {}").format(read))
        for what in ("USAGE ON SCHEMAS", "SELECT ON TABLES", "SELECT ON SEQUENCES"):
            # The three texts are ours.
            link.execute(SQL("ALTER DEFAULT PRIVILEGES GRANT " + what + " TO {}").format(read))


def set_password(link: Link, login: str, password: str) -> None:
    """Let the role log in with this password and no other. The server gets a SCRAM verifier made here, so that neither
    its log nor its statistics ever see the password (PostgreSQL, PQencryptPasswordConn)."""
    verifier = link.pgconn.encrypt_password(password.encode(), login.encode(), b"scram-sha-256").decode()
    link.execute(SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(Identifier(login), Literal(verifier)))


def shut_out(link: Link, names: Names) -> None:
    """Nobody logs in any more, and whoever is inside is sent out."""
    for login in names.logins:
        if _role_exists(link, login):
            link.execute(SQL("ALTER ROLE {} NOLOGIN PASSWORD NULL").format(Identifier(login)))
    link.execute(
        "SELECT pg_catalog.pg_terminate_backend(pid, 5000) FROM pg_catalog.pg_stat_activity WHERE usename = ANY(%s)",
        (list(names.logins),),
    )


def drop_database(link: Link, name: str) -> None:
    link.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))


def drop_roles(link: Link, names: Names) -> None:
    """The roles, the one with the record last: until then the rest is known as ours."""
    for role in (*names.logins, names.read, names.owner):
        link.execute(SQL("DROP ROLE IF EXISTS {}").format(Identifier(role)))


def now(link: Link) -> datetime:
    """The server's own time, in UTC, to the second."""
    row = link.execute("SELECT extract(epoch FROM pg_catalog.now())::bigint").fetchone()
    return datetime.fromtimestamp(0 if row is None else int(row[0]), UTC)


def has_database(link: Link, name: str) -> bool:
    """Whether it is there and can be used."""
    limit = _database_limit(link, name)
    return limit is not None and limit != _BROKEN


def _database_limit(link: Link, name: str) -> int | None:
    row = link.execute("SELECT datconnlimit FROM pg_catalog.pg_database WHERE datname = %s", (name,)).fetchone()
    return None if row is None else int(row[0])


def _role_exists(link: Link, name: str) -> bool:
    return link.execute("SELECT FROM pg_catalog.pg_roles WHERE rolname = %s", (name,)).fetchone() is not None
