"""Killed anywhere in a run over three providers, the next run makes it right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.aws.account import Account
from tests.crash.test_crash import SEED
from tests.crash.three import ThreeWorld, crash_three
from tests.postgresql.cluster import PASSWORD, Cluster


@pytest.mark.system
@pytest.mark.timeout(3600)
def test_killed_at_twenty_places_over_disk_postgresql_and_aws_the_next_run_makes_it_right(
    tmp_path: Path, cluster: Cluster, account: Account
) -> None:
    world = ThreeWorld.over(tmp_path, SEED, cluster, account)
    crash_three(world, 20)
    # Where one stands, it is found.
    (tmp_path / "report.txt").write_text(f"see {world.drawn.read_text('utf-8').split()[0]}.", "utf-8")
    assert world.leaks() == [str(tmp_path / "report.txt")]
    world.company.write("report.txt", PASSWORD)
    world.company.commit()
    assert world.leaks()[-1] == "git"
