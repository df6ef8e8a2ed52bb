"""A full run over a real server: whatever it leaves behind, no secret is in it but in the sink."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.sql import SQL, Identifier

from tests.planning.worlds import OURS
from tests.postgresql.cluster import PASSWORD, Cluster
from tests.reconcile.company import Company

SETTINGS = """\
version: 1
secrets: {{sink: file, options: {{folder: {secrets}}}}}
providers:
  postgresql:
    options:
      host: 127.0.0.1
      port: {port}
      user: tarmac
      password: {{env: ADMIN_PASSWORD}}
      sslmode: disable
      backupFolder: {backups}
      is.size: "*"
      is.encrypted: true
"""


@pytest.fixture
def company(tmp_path: Path) -> Company:
    company = Company.found(tmp_path)
    path = company.root / "catalog/resource-types/postgres.yaml"
    text = path.read_text("utf-8").replace("provider: embedded", "provider: postgresql")
    path.write_text(text.replace("  pricing: []", "  pricing: []\n  rotation: 1m"), "utf-8")
    for name in ("one", "two", "three"):
        company.ask(name)
    company.commit()
    return company


class Run:
    """tarmac as its users run it, and all that it says."""

    def __init__(self, company: Company, cluster: Cluster, folder: Path) -> None:
        self.company = company
        self.cluster = cluster
        self.said = folder / "said.txt"
        self.secrets = folder / "secrets"
        self.backups = folder / "backups"
        self.settings = folder / "providers.yaml"
        text = SETTINGS.format(port=cluster.port, secrets=self.secrets, backups=self.backups)
        self.settings.write_text(text, "utf-8")

    def tarmac(self, *arguments: str, code: int = 0) -> str:
        environment = {**os.environ, "ADMIN_PASSWORD": PASSWORD, "TARMAC_PROVIDERS": str(self.settings)}
        done = subprocess.run(
            [sys.executable, "-m", "tarmac", *arguments],
            cwd=self.company.root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        with self.said.open("a", encoding="utf-8") as file:
            file.write(done.stdout + done.stderr)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def values(self) -> set[str]:
        """Every password that is in the sink now."""
        found = set()
        for path in self.secrets.glob("*/*.json"):
            text = path.read_text("utf-8")
            found.add(text.partition('"password": "')[2].partition('"')[0])
        return found


def unpacked(company: Company) -> Iterator[bytes]:
    """Everything in git, the ledger's branch and what nothing names any more among it."""
    listed = company.git("cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)")
    for line in listed.splitlines():
        name, kind = line.split()
        yield subprocess.run(["git", "cat-file", kind, name], cwd=company.root, capture_output=True, check=True).stdout


def made_old(cluster: Cluster) -> None:
    """Let every credential be of years ago."""
    with cluster.superuser() as link:
        statement = (
            "SELECT rolname, shobj_description(oid, 'pg_authid') FROM pg_roles WHERE rolname LIKE 'tarmac\\_%_owner'"
        )
        for role, comment in link.execute(statement).fetchall():
            old = re.sub(r'"since":"[^"]+"', '"since":"2020-01-01T00:00:00Z"', str(comment))
            link.execute(SQL("COMMENT ON ROLE {} IS {}").format(Identifier(str(role)), old))


def test_no_secret_is_anywhere_but_in_the_sink(company: Company, cluster: Cluster, tmp_path: Path) -> None:
    run = Run(company, cluster, tmp_path)
    made: set[str] = set()
    run.tarmac("plan", "--format", "json")
    run.tarmac("reconcile", "--apply", "--rev", "HEAD")
    made |= run.values()
    assert len(made) == 3
    run.tarmac("request", "show", "one")
    made_old(cluster)
    run.tarmac("reconcile", "--apply", "--rev", "HEAD")
    made |= run.values()
    assert len(made) == 6
    company.ask("one", config="size: large")
    company.withdraw("two")
    company.commit()
    run.tarmac("reconcile", "--apply", "--rev", "HEAD", "--format", "json")
    made |= run.values()
    run.tarmac("ledger", "log")
    run.tarmac("ledger", "show", "one")
    run.tarmac("ledger", "verify")
    # A server that refuses, and settings that are wrong, say no more than they should.
    with cluster.superuser() as link:
        link.execute("ALTER ROLE tarmac NOLOGIN")
    run.tarmac("plan")
    with cluster.superuser() as link:
        link.execute("ALTER ROLE tarmac LOGIN")
    run.settings.write_text(run.settings.read_text("utf-8").replace("{env: ADMIN_PASSWORD}", PASSWORD), "utf-8")
    assert PASSWORD not in run.tarmac("plan", code=2)
    held = [path for path in sorted(tmp_path.rglob("*")) if path.is_file() and not path.is_relative_to(run.secrets)]
    held.remove(run.settings)
    assert any(path.suffix == ".dump" for path in held)
    assert OURS in run.said.read_text("utf-8")
    for value in sorted(made):
        secret = value.encode()
        assert len(secret) > 40
        assert [path for path in held if secret in path.read_bytes()] == []
        assert not any(secret in content for content in unpacked(company))
        assert secret not in cluster.log.read_bytes()
    for path in held:
        assert PASSWORD.encode() not in path.read_bytes(), path
    assert not any(PASSWORD.encode() in content for content in unpacked(company))


def test_a_credential_is_replaced_when_the_night_finds_it_old(
    company: Company, cluster: Cluster, tmp_path: Path
) -> None:
    run = Run(company, cluster, tmp_path)
    run.tarmac("reconcile", "--apply", "--rev", "HEAD")
    before = run.values()
    assert "to rotate" not in run.tarmac("plan")
    made_old(cluster)
    plan = run.tarmac("plan")
    assert "3 to rotate" in plan
    assert "its credential is of 2020-01-01T00:00:00Z, and is replaced every 1m" in plan
    assert run.values() == before
    said = run.tarmac("reconcile", "--apply", "--rev", "HEAD")
    assert said.count(": rotated") == 3
    assert len(run.values()) == 3
    assert run.values().isdisjoint(before)
    assert "to rotate" not in run.tarmac("plan")
    assert "2020" not in run.tarmac("request", "show", "one")
    now = run.values()
    assert "somebody asked for another credential" in run.tarmac("plan", "--rotate", "one")
    assert run.tarmac("reconcile", "--apply", "--rev", "HEAD", "--rotate", "one").count(": rotated") == 1
    assert len(run.values() & now) == 2
    run.tarmac("plan", "--rotate", "no-such-request", code=2)
    run.tarmac("ledger", "verify")
