"""A PostgreSQL server of this machine's own programs, on loopback, in a folder for the moment, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

ADMIN = "tarmac"
# Made up for a server that lives for a minute on loopback.
PASSWORD = "loopback-only"
_CONFIG = """
listen_addresses = '127.0.0.1'
fsync = off
full_page_writes = off
synchronous_commit = off
max_connections = 60
shared_buffers = 32MB
log_statement = all
log_min_messages = info
logging_collector = off
password_encryption = scram-sha-256
"""
_ACCESS = """
local all all trust
host all all 127.0.0.1/32 scram-sha-256
"""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where it is. `log` is the file into which the server writes every statement."""

    folder: Path
    port: int
    log: Path

    def options(self, **more: str) -> Mapping[str, str]:
        """The provider's options for it."""
        return {
            "host": "127.0.0.1",
            "port": str(self.port),
            "user": ADMIN,
            "password": PASSWORD,
            "sslmode": "disable",
            **more,
        }

    def superuser(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(host=str(self.folder), port=self.port, user="postgres", dbname=database, autocommit=True)

    def names(self, what: str = "datname", where: str = "pg_database") -> list[str]:
        """What there is of ours: databases, or `rolname` of `pg_roles`."""
        with self.superuser() as link:
            statement = SQL("SELECT {} FROM {} WHERE {} LIKE 'tarmac\\_%' ORDER BY 1")
            found = link.execute(statement.format(Identifier(what), Identifier(where), Identifier(what)))
            return [str(name) for (name,) in found]

    def empty(self) -> None:
        """Take everything away that a test left, sessions that a killed process has left at work first."""
        with self.superuser() as link:
            link.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
            for name in self.names():
                link.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))
            for name in self.names("rolname", "pg_roles"):
                link.execute(SQL("DROP ROLE {}").format(Identifier(name)))


@contextmanager
def started() -> Iterator[Cluster]:
    """Start one and stop it."""
    programs = _programs()
    account = _account()
    with tempfile.TemporaryDirectory(prefix="tarmac-pg-", dir="/tmp", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        if account is not None:
            os.chown(folder, account.pw_uid, account.pw_gid)
        data = folder / "data"
        _run(account, programs / "initdb", "-D", str(data), "-U", "postgres", "-A", "trust", "-N", "-E", "UTF8")
        (data / "postgresql.auto.conf").write_text(f"{_CONFIG}unix_socket_directories = '{folder}'\n")
        (data / "pg_hba.conf").write_text(_ACCESS)
        port = _free_port()
        log = folder / "log"
        with log.open("wb") as out:
            server = subprocess.Popen(
                [programs / "postgres", "-D", str(data), "-p", str(port)],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                **_as(account),  # type: ignore[call-overload]
            )
        try:
            cluster = Cluster(folder, port, log)
            _wait(cluster, server)
            with cluster.superuser() as link:
                link.execute(f"CREATE ROLE {ADMIN} LOGIN CREATEDB CREATEROLE PASSWORD '{PASSWORD}'")
            yield cluster
        finally:
            server.send_signal(signal.SIGINT)  # sessions are sent out, and everything is written
            server.wait(30)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    with started() as found:
        yield found


def _programs() -> Path:
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not places:
        pytest.fail("PostgreSQL's initdb is not on this machine: apt-get install -y postgresql", pytrace=False)
    return places[-1].parent


def _account() -> pwd.struct_passwd | None:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")


def _as(account: pwd.struct_passwd | None) -> Mapping[str, object]:
    if account is None:
        return {}
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": [], "cwd": "/"}


def _run(account: pwd.struct_passwd | None, program: Path, *arguments: str) -> None:
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False, **_as(account))  # type: ignore[call-overload]
    assert done.returncode == 0, done.stderr


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(cluster: Cluster, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, cluster.log.read_text()
        try:
            cluster.superuser().close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(cluster.log.read_text())
