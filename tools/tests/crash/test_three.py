"""Killed anywhere, run twice at once, or with servers that fail: over three providers the next run makes it right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.aws.account import Account
from tests.crash.test_crash import SEED, fail, race
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


@pytest.mark.system
@pytest.mark.timeout(600)
def test_two_runs_at_once_over_three_providers_make_every_instance_once(
    tmp_path: Path, cluster: Cluster, account: Account
) -> None:
    race(ThreeWorld.over(tmp_path, SEED, cluster, account), tmp_path, 2)


@pytest.mark.system
@pytest.mark.timeout(600)
def test_three_providers_that_fail_at_random_still_come_to_what_is_wanted(
    tmp_path: Path, cluster: Cluster, account: Account
) -> None:
    world = ThreeWorld.over(tmp_path, SEED, cluster, account)
    assert fail(world, 1) > 1
    assert world.leaks() == []
