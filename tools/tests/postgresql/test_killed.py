"""The command itself, killed anywhere in a run over a real server: the next run makes it right."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tarmac.adapters.ledger_proofs import REF
from tarmac.providers.postgresql_names import Names
from tests.postgresql.cluster import PASSWORD, Cluster
from tests.postgresql.test_leaks import Run
from tests.reconcile.company import Company

# How many times the ledger has moved on when the run is killed, and how many seconds later.
MOMENTS = ((1, 0.0), (1, 0.05), (2, 0.1), (2, 0.0))


def killed(run: Run, moves: int, later: float) -> int:
    """Apply, and end the process when the ledger has moved on so often, or at its own end; its exit code."""
    environment = {**os.environ, "ADMIN_PASSWORD": PASSWORD, "TARMAC_PROVIDERS": str(run.settings)}
    seen = {head(run)}
    process = subprocess.Popen(
        [sys.executable, "-m", "tarmac", "reconcile", "--apply", "--rev", "HEAD"],
        cwd=run.company.root,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while process.poll() is None and len(seen) <= moves:
        seen.add(head(run))
    time.sleep(later)
    process.send_signal(signal.SIGKILL)
    return process.wait()


def head(run: Run) -> str:
    """Where the ledger ends."""
    asked = ["git", "rev-parse", "--verify", "--quiet", REF]
    return subprocess.run(asked, cwd=run.company.root, capture_output=True, text=True, check=False).stdout


@pytest.mark.timeout(300)
def test_killed_at_any_moment_the_next_run_makes_every_database_once(cluster: Cluster, tmp_path: Path) -> None:
    company = Company.found(tmp_path)
    path = company.root / "catalog/resource-types/postgres.yaml"
    path.write_text(path.read_text("utf-8").replace("provider: embedded", "provider: postgresql"), "utf-8")
    run = Run(company, cluster, tmp_path)
    wanted: set[str] = set()
    died = 0
    for number, (moves, later) in enumerate(MOMENTS):
        # What comes and what goes in one change would look like a rename, and be held.
        if number % 2:
            gone = min(wanted)
            company.withdraw(gone)
            wanted.remove(gone)
            company.ask(max(wanted), config="size: large")
        else:
            for name in (f"db-{number}-a", f"db-{number}-b", f"db-{number}-c"):
                company.ask(name)
                wanted.add(name)
            company.ask(f"files-{number}", kind="bucket")
        company.commit()
        died += killed(run, moves, later) == -signal.SIGKILL
        run.tarmac("reconcile", "--apply", "--rev", "HEAD")
        assert set(company_databases(run)) == wanted, number
        run.tarmac("ledger", "verify")
        assert "Nothing to do" in run.tarmac("plan")
    assert died


def company_databases(run: Run) -> list[str]:
    """The names of the requests whose clients get in; nothing else is on the server."""
    found, databases = [], []
    for secret in sorted(run.secrets.glob("*/*.json")):
        names = Names(secret.stem)
        text = secret.read_text("utf-8")
        uri = text.partition('"uri": "')[2].partition('"')[0]
        with psycopg.connect(uri) as link:
            row = link.execute("SELECT session_user::text, current_user::text").fetchone()
        assert row is not None
        assert row[0] in names.logins
        assert row[1] == names.owner
        databases.append(names.database)
        with run.cluster.superuser() as link:
            statement = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
            (comment,) = link.execute(statement, (names.database,)).fetchone() or ("",)
        found.append(str(comment).partition('"reference":"resourcerequest:default/')[2].partition('"')[0])
    assert run.cluster.names() == sorted(databases)
    assert len(run.cluster.names("rolname", "pg_roles")) == 4 * len(databases)
    return found
