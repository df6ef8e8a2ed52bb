"""Coverage-guided fuzzing, a minute of it (FUZZ_SECONDS): nothing is found."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fuzz.running import TARGETS, fuzz

# The same inputs in every run, so that a change is judged by itself; make soak begins elsewhere each time.
SAME = ("-seed=20261201", "-runs=4000")
SECONDS = int(os.environ.get("FUZZ_SECONDS", "60")) // len(TARGETS)


@pytest.mark.system
@pytest.mark.timeout(SECONDS + 240)
@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_found(target: str, tmp_path: Path) -> None:
    fuzzed = fuzz(target, tmp_path, SECONDS, *SAME)
    assert fuzzed.code == 0, fuzzed.said
    assert fuzzed.figures["number_of_executed_units"] > SECONDS
