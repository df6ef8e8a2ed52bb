"""The long run over reconcile: `python -m tests.crash.soak` kills 200 runs, starts two at once 50 times, and has
providers fail at random, over the disk and over three providers, from the seed CRASH_SEED (7). Named as arguments
(crash, race, fail, three, race-three, fail-three), only these. It ends with a traceback where the world is not as it
should be; ended by SIGTERM it stops the servers that it started."""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

from tests.aws.account import simulated
from tests.conftest import cut_off
from tests.crash.test_crash import SEED, crash, fail, race
from tests.crash.three import ThreeWorld, crash_three
from tests.crash.worlds import World
from tests.postgresql.cluster import started


def over_the_disk(folder: Path) -> None:
    crash(World.made(folder, SEED), 200)
    print(f"crash: 200 runs killed from seed {SEED}, every next run made it right", flush=True)


def at_once(folder: Path) -> None:
    race(World.made(folder, SEED), folder, 50)
    print("race: two runs at once 50 times, every instance once, the ledger linear", flush=True)


def failing(folder: Path) -> None:
    runs = fail(World.made(folder, SEED), 10)
    print(f"fail: 10 changes of wishes came to an end in {runs} runs", flush=True)


def over_three(folder: Path) -> None:
    with started() as cluster, simulated() as account:
        print(f"three: {crash_three(ThreeWorld.over(folder, SEED, cluster, account), 200)}", flush=True)


def at_once_over_three(folder: Path) -> None:
    with started() as cluster, simulated() as account:
        race(ThreeWorld.over(folder, SEED, cluster, account), folder, 50)
        print("race-three: two runs at once 50 times, every instance once, the ledger linear", flush=True)


def failing_over_three(folder: Path) -> None:
    with started() as cluster, simulated() as account:
        world = ThreeWorld.over(folder, SEED, cluster, account)
        runs = fail(world, 10)
        assert (found := world.leaks()) == [], found
        print(f"fail-three: 10 changes of wishes came to an end in {runs} runs, no secret leaked", flush=True)


PARTS = {
    "crash": over_the_disk,
    "race": at_once,
    "fail": failing,
    "three": over_three,
    "race-three": at_once_over_three,
    "fail-three": failing_over_three,
}


def _end(number: int, frame: FrameType | None) -> None:
    raise SystemExit(128 + number)


def main(chosen: Sequence[str]) -> None:
    cut_off()
    # Left to itself, SIGTERM ends the process without a word to what stands in `with` and `finally`.
    signal.signal(signal.SIGTERM, _end)
    for name in chosen or PARTS:
        with tempfile.TemporaryDirectory() as folder:
            PARTS[name](Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
