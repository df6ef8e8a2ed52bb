"""One PostgreSQL server: how to reach it, what it says when it refuses, and what stands there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow

from tarmac.errors import ConfigurationError, ProviderError
from tarmac.model.frozen import Frozen
from tarmac.model.shown import visible
from tarmac.providers.postgresql_names import DATABASES, LIMIT

_SSL_MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
# What no further try mends (PostgreSQL, Appendix A): the request asks for what cannot be. All else is the platform's
# own trouble, which passes or is mended there: too many connections, a lock, missing rights or libraries, a restart.
_FINAL = ("22", "2B", "42")
_PASSES = ("42501",)
_SETTINGS = "-c search_path=pg_catalog -c lock_timeout=20s -c client_min_messages=error"


class Server(Frozen):
    """Where it is, and as whom we work there: a role that may make roles and databases, no superuser needed. `open`
    makes a connection from its parameters."""

    host: str
    port: int
    user: str
    database: str
    sslmode: str
    root_certificate: str
    password: str
    open: Callable[..., Connection[TupleRow]] = psycopg.connect

    def __repr__(self) -> str:
        return f"Server({self.user}@{self.host}:{self.port}/{self.database})"

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Server:
        """From a provider's options.

        Raises:
            ConfigurationError: one is missing or makes no sense.
        """
        for name in ("host", "user"):
            if not options.get(name):
                raise ConfigurationError(f"it needs the option {name}: name its server in a file for --providers")
        port = options.get("port", "5432")
        if not (port.isascii() and port.isdigit() and 0 < int(port[:6]) < 65536):
            raise ConfigurationError("option port is no port: write a number from 1 to 65535")
        sslmode = options.get("sslmode", "verify-full")
        if sslmode not in _SSL_MODES:
            raise ConfigurationError(f"option sslmode is none of {', '.join(_SSL_MODES)}")
        return cls(
            host=options["host"],
            port=int(port),
            user=options["user"],
            database=options.get("database", "postgres"),
            sslmode=sslmode,
            root_certificate=options.get("sslrootcert", ""),
            password=options.get("password", ""),
        )

    def environment(self) -> dict[str, str]:
        """The same for PostgreSQL's own programs."""
        said = {
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGDATABASE": self.database,
            "PGSSLMODE": self.sslmode,
            "PGSSLROOTCERT": self.root_certificate,
            "PGCONNECT_TIMEOUT": "10",
            "PGAPPNAME": APPLICATION,
        }
        return {name: value for name, value in said.items() if value}

    @contextmanager
    def connect(self, what: str) -> Iterator[Connection[TupleRow]]:
        """A connection that commits each statement; whatever goes wrong inside is a ProviderError about `what`."""
        with talking(what):
            connection = self.open(
                host=self.host,
                port=self.port,
                user=self.user,
                dbname=self.database,
                password=self.password or None,
                sslmode=self.sslmode,
                sslrootcert=self.root_certificate or None,
                connect_timeout=10,
                application_name=APPLICATION,
                options=_SETTINGS,
                autocommit=True,
            )
            try:
                yield connection
            finally:
                connection.close()


class Row(Frozen):
    """What the server has under one owner role. `limit` is the database's own connection limit, None where there is no
    database; PostgreSQL marks one whose removal was cut off with -2. `by_login` is the highest connection limit of the
    login roles, `size` in bytes where we may look, `active` when a client's session last changed its state (Unix
    seconds), `sessions` how many there have been (None before PostgreSQL 14)."""

    owner: str
    comment: str | None
    limit: int | None
    by_login: int | None
    size: int | None
    connections: int
    active: int | None
    sessions: int | None


# What our own sessions are called: they are no use of a database.
APPLICATION = "tarmac"

_ROWS = f"""
SELECT o.rolname, pg_catalog.left(m.description, {LIMIT + 1}), d.datconnlimit,
       (SELECT pg_catalog.max(l.rolconnlimit) FROM pg_catalog.pg_roles l
        WHERE l.rolname::text IN (d.datname::text || '_a', d.datname::text || '_b')),
       CASE WHEN d.datconnlimit <> -2 AND pg_catalog.has_database_privilege(d.oid, 'CONNECT')
            THEN pg_catalog.pg_database_size(d.oid) END,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity a
        WHERE a.datid = d.oid AND a.backend_type = 'client backend'),
       (SELECT extract(epoch FROM pg_catalog.max(a.state_change))::bigint FROM pg_catalog.pg_stat_activity a
        WHERE a.datid = d.oid AND a.backend_type = 'client backend' AND a.application_name <> '{APPLICATION}'),
       (SELECT (pg_catalog.to_jsonb(s) ->> 'sessions')::bigint FROM pg_catalog.pg_stat_database s WHERE s.datid = d.oid)
FROM pg_catalog.pg_roles o
LEFT JOIN pg_catalog.pg_database d ON d.datname::text || '_owner' = o.rolname::text
LEFT JOIN pg_catalog.pg_shdescription m
       ON m.objoid = o.oid AND m.classoid = 'pg_catalog.pg_authid'::pg_catalog.regclass
WHERE o.rolname::text ~ %s AND (%s::text IS NULL OR o.rolname::text = %s::text)
ORDER BY o.rolname
"""


def rows(connection: Connection[TupleRow], owner: str | None = None) -> Iterator[Row]:
    """Every owner role with its database, or the one of that name."""
    for columns in connection.execute(_ROWS, (DATABASES, owner, owner)):
        yield Row(*columns)


@contextmanager
def talking(what: str) -> Iterator[None]:
    """Turn what the server or the way to it says into a ProviderError. Statements are never repeated in it: they may
    hold what nobody should read."""
    try:
        yield
    except psycopg.Error as fault:
        said = fault.diag.message_primary or " ".join(str(fault).split())
        state = fault.sqlstate or ""
        final = state[:2] in _FINAL and state not in _PASSES
        raise ProviderError(f"PostgreSQL could not {what}: {visible(said, 300)}", transient=not final) from None
