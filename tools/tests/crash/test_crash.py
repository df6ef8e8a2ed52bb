"""Killed anywhere, run twice at once, or with a provider that fails: the next run makes it right."""

from __future__ import annotations

import os
import signal
from functools import partial
from pathlib import Path

import pytest

from tests.crash.worlds import ACTIONS, World, killed_after, killed_at_a_boundary, two_at_once
from tests.planning.worlds import NOW

# Two boundaries an effect, a replacement has two effects, and two a write.
BOUNDARIES = 2 * ACTIONS
SEED = int(os.environ.get("CRASH_SEED", "7"))


@pytest.mark.long
@pytest.mark.timeout(300)
def test_killed_at_twenty_places_in_a_run_of_fifty_actions_the_next_run_makes_it_right(tmp_path: Path) -> None:
    crash(World.made(tmp_path, SEED), 20)


def crash(world: World, times: int) -> None:
    """Kill runs at so many boundaries (the first ones and the others at random), every tenth wherever it is."""
    died = 0
    for number in range(times):
        world.change()
        if number % 10 == 9:
            code = killed_after(world, world.rng.uniform(0.05, 0.8))
        else:
            code = killed_at_a_boundary(world, number + 1 if number < 6 else world.rng.randint(1, BOUNDARIES))
        assert code in (0, -signal.SIGKILL), code
        died += code != 0
        world.company.reconcile()
        world.is_right()
    assert died >= times // 2


@pytest.mark.timeout(300)
def test_two_runs_at_once_make_every_instance_once(tmp_path: Path) -> None:
    race(World.made(tmp_path, SEED), tmp_path, 4)


def race(world: World, folder: Path, times: int) -> None:
    """Two runs at once, by turns of one clone and of two whose ledger is at a remote."""
    clones = [folder / name for name in ("clone-1", "clone-2")]
    for clone in clones:
        world.company.git("clone", "-q", str(world.company.root), str(clone))
    for number in range(times):
        world.change()
        if number % 2:
            for clone in clones:
                world.company.git("-C", str(clone), "pull", "-q", "--ff-only")
            codes = two_at_once(world, *(partial(world.deps, clone=clone) for clone in clones))
        else:
            codes = two_at_once(world, world.deps, world.deps)
        assert set(codes) <= {0, 4}, codes
        assert 0 in codes
        world.is_right()
        assert not world.company.git("rev-list", "--merges", "tarmac/ledger")


def test_a_provider_that_fails_at_random_still_comes_to_what_is_wanted(tmp_path: Path) -> None:
    fail(World.made(tmp_path, SEED), 2)


def fail(world: World, times: int) -> int:
    """Wishes change so often; after each change runs follow until nothing is left to do. What the provider refused
    for good is asked for in other words, as a person would. How many runs that took."""
    runs = 0
    for _ in range(times):
        world.change()
        for _ in range(30):
            runs += 1
            plan = world.run(world.flaky()).planned.plan
            held = [(action.request or "").rpartition("/")[2] for action in plan.actions if action.verb == "hold"]
            for name in held:
                others = [one for one in world.configs(name) if one != world.wanted[name]]
                world.ask(name, world.rng.choice(others))
            world.company.commit()
            if not held and all(action.verb == "rotate" for action in plan.effects):
                break
        else:
            pytest.fail("it never came to an end")
        world.is_right()
        assert world.company.plan(NOW).plan.summary == {"none": len(world.wanted)}
    return runs
