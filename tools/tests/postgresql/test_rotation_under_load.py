"""Clients that read the secret whenever they connect see no failed query while credentials are replaced."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from tests.planning.worlds import DAY, NOW
from tests.postgresql.databases import ONE, Bench, database

CLIENTS, ROTATIONS = 4, 8
# A client that has read a secret has connected with it by then; far less than between any two real rotations.
PAUSE = 0.5


def test_no_query_fails_while_credentials_are_replaced(bench: Bench) -> None:
    provider = bench.open()
    provider.create(ONE, database(), NOW)
    ended = threading.Event()

    def work(number: int) -> tuple[int, set[str]]:
        """Connect by the secret, ask three things, and again, as a pool with short-lived connections does."""
        queries, users = 0, set()
        while not ended.is_set():
            with bench.client() as link:
                for _ in range(3):
                    row = link.execute("SELECT session_user, %s::int", (number,)).fetchone()
                    assert row is not None
                    users.add(row[0])
                    queries += 1
        return queries, users

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(work, number) for number in range(CLIENTS)]
        try:
            for number in range(ROTATIONS):
                time.sleep(PAUSE)
                provider.rotate(ONE, NOW + (number + 1) * DAY)
        finally:
            time.sleep(PAUSE)
            ended.set()
        # A query that fails ends its client with that error, and it is raised here.
        done = [client.result() for client in clients]
    assert all(queries > 3 * ROTATIONS for queries, _ in done), done
    assert all(len(users) == 2 for _, users in done), done
