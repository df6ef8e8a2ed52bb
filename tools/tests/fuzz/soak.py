"""The long run: `python -m tests.fuzz.soak` fuzzes for FUZZ_SECONDS (an hour) and prints what it did.

Hostile files once, with what each kind costs; then the reader and check under coverage-guided fuzzing, and texts read
by a second library. Ends with 1 where anything was found; the input lies below .tarmac/soak.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.fuzz.running import ROOT, TARGETS, fuzz
from tests.fuzz.second import fault, ours
from tests.fuzz.sources import sound_files
from tests.fuzz.texts import any_text
from tests.hostile.running import Runner, made
from tests.hostile.suite import CASES
from tests.oracle.node import Oracle

SECONDS = int(os.environ.get("FUZZ_SECONDS", "3600"))
FOUND = ROOT / ".tarmac" / "soak"
_BATCH = 500


def hostile() -> bool:
    """Every hostile case a few times; the dearest are named."""
    costs: list[tuple[float, float, str]] = []
    crashed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(Path(folder) / "runner")
        for number, case in enumerate(CASES):
            run, trivial = runner.cheapest(made(case, Path(folder) / str(number)), 0.0, most=3)
            costs.append((run.cpu - trivial, run.peak - runner.trivial.peak, case.name))
            if run.code not in (0, 1) or run.err:
                crashed.append(case.name)
            shutil.rmtree(Path(folder) / str(number))
        runner.close()
    within = sum(cpu <= 0.05 for cpu, _, _ in costs)
    print(f"hostile: {len(CASES)} repositories, {len(crashed)} crashed {crashed or ''}")
    print(f"  {within} cost at most 50 ms over start-up; most memory {max(peak for _, peak, _ in costs) / 1024:.0f} MB")
    for cpu, peak, name in sorted(costs, reverse=True)[:12]:
        print(f"  {1000 * cpu:5.0f} ms {max(peak, 0) / 1024:5.1f} MB  {name}")
    return not crashed


def guided(target: str, seconds: int) -> bool:
    """Coverage-guided fuzzing of one target; what is found is kept."""
    folder = FOUND / target
    fuzzed = fuzz(target, folder, seconds)
    print(f"{target}: {fuzzed.figures.get('number_of_executed_units', 0):,} inputs in {seconds} s, code {fuzzed.code}")
    if fuzzed.code:
        print(fuzzed.said)
    return fuzzed.code == 0


def differential(seconds: int, seed: int) -> bool:
    """Texts that two libraries read, until the time is over."""
    rng, sources = random.Random(seed), sound_files()  # noqa: S311
    tally: Counter[str] = Counter()
    end = time.monotonic() + seconds
    with Oracle("texts.mjs") as oracle:
        while time.monotonic() < end:
            texts = [any_text(rng, sources) for _ in range(_BATCH)]
            for text, read in zip(texts, oracle.read(texts), strict=True):
                words = fault(text, read)
                if words is not None:
                    print(words)
                mine, theirs = ours(text) is not None, read is not None
                tally["differ" if words else _OUTCOMES[mine, theirs]] += 1
    print(f"second reader: {tally.total():,} texts from seed {seed} in {seconds} s: {dict(sorted(tally.items()))}")
    return tally["differ"] == 0


_OUTCOMES = {
    (True, True): "taken by both",
    (False, True): "refused by us only",
    (False, False): "refused by both",
    (True, False): "differ",
}


def main() -> int:
    """Run every part, say of each what it did; 0 when nothing was found."""
    shutil.rmtree(FOUND, ignore_errors=True)
    share = max(1, SECONDS // 3)
    seed = int(os.environ.get("FUZZ_SEED", "1"))
    fine = [hostile(), *(guided(target, share) for target in TARGETS), differential(share, seed)]
    print("Nothing was found." if all(fine) else f"Something was found: see above, and {FOUND.relative_to(ROOT)}.")
    return 0 if all(fine) else 1


if __name__ == "__main__":
    sys.exit(main())
