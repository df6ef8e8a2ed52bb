"""The long run over reconcile: `python -m tests.crash.soak` kills 200 runs, starts two at once 50 times, and has a
provider fail at random, from the seed CRASH_SEED (7). It ends with a traceback where the world is not right."""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.crash.test_crash import SEED, crash, fail, race
from tests.crash.worlds import World


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in ("crash", "race", "fail"):
            (Path(folder) / name).mkdir()
        crash(World.made(Path(folder) / "crash", SEED), 200)
        print(f"crash: 200 runs killed from seed {SEED}, every next run made it right")
        race(World.made(Path(folder) / "race", SEED), Path(folder) / "race", 50)
        print("race: two runs at once 50 times, every instance once, the ledger linear")
        fail(World.made(Path(folder) / "fail", SEED), 10)
        print("fail: 10 changes of wishes, all came to an end")


if __name__ == "__main__":
    main()
