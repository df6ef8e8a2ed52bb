"""Whatever a repository holds: data or a finding with a place, in bounded time and memory, never a crash.

The real check runs in a process of its own for each case. What it has to say stands in expected.json: how many entities
are read, how many findings there are, and the first of them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hostile.cases import Case
from tests.hostile.running import COMMAND, Run, Runner, made
from tests.hostile.suite import CASES
from tests.hostile.volumes import VOLUMES, Volume

EXPECTED = json.loads(Path(__file__).with_name("expected.json").read_text("utf-8"))
MEMORY = 64 * 1024
# Beyond start-up and a small file, in times an empty click group's help: 50 ms where that costs 42.
TIMES = 1.2
# What a volume may cost, beside so many times the smaller one. All are three times as large or more: a cost that is
# squared would be twice that at least.
IN_PROPORTION = 1.5
MOST_TURNS = 15
# And in any case, in times an empty click group's help.
TIMES_OF_VOLUMES = 5.0
# Those that could end a process or hold it for ever.
DANGEROUS = (
    "levels of brackets",
    "levels of complex keys",
    "alias bomb",
    "merge bomb of 973 bytes",
    "a scalar of 100 MB",
    "a million digits",
    "NUL",
    "a link to an endless device",
    "a tracked file that became a pipe",
    "an expression that never ends in time",
)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    running = Runner(tmp_path_factory.mktemp("hostile"))
    yield running
    running.close()


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    shutil.rmtree(tmp_path)


def _agrees(run: Run, case: Case) -> None:
    expected = EXPECTED[case.name]
    assert run.err == ""
    assert run.code == (1 if any(not one.startswith("info ") for one in expected["findings"]) else 0)
    assert run.entities() == expected["entities"]
    assert len(run.findings()) == expected["count"]
    assert list(run.findings()[: len(expected["findings"])]) == [
        one.removeprefix("info ") for one in expected["findings"]
    ]
    assert all(message.isprintable() and len(message) < 1000 for message in run.messages())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_data_or_a_finding_within_bounds(case: Case, runner: Runner, folder: Path) -> None:
    run, allowed = runner.cheapest(made(case, folder), TIMES)
    _agrees(run, case)
    assert run.peak - runner.trivial.peak <= MEMORY
    assert run.cpu <= allowed
    assert not (folder / "repository" / "owned").exists()


@pytest.mark.parametrize("volume", VOLUMES, ids=lambda volume: volume.larger.name)
def test_a_volume_costs_in_proportion(volume: Volume, runner: Runner, folder: Path) -> None:
    roots = [made(case, folder / case.name) for case in (volume.smaller, volume.larger)]
    turns = []
    for _ in range(MOST_TURNS):
        turns.append((runner.run(roots[1]), runner.run(roots[0]).cpu, runner.run(runner.folder / "trivial").cpu))
        runs, smaller, trivial = zip(*turns, strict=True)
        run, start = min(runs, key=lambda run: run.cpu), min(trivial)
        if run.cpu - start <= (allowed := IN_PROPORTION * volume.times * (min(smaller) - start)):
            break
    _agrees(run, volume.larger)
    assert run.peak - runner.trivial.peak <= MEMORY
    assert run.cpu - start <= allowed
    run, allowed = runner.cheapest(roots[1], TIMES_OF_VOLUMES)
    assert run.cpu <= allowed


@pytest.mark.parametrize("case", [case for case in CASES if case.name in DANGEROUS], ids=lambda case: case.name)
def test_the_command_itself_survives(case: Case, folder: Path) -> None:
    done = subprocess.run([*COMMAND, str(made(case, folder))], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == ""
    assert json.loads(done.stdout)["findings"]


def test_there_are_enough_cases_and_each_has_its_verdict() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) >= 60
    assert sorted(EXPECTED) == sorted([*names, *(volume.larger.name for volume in VOLUMES)])
    assert set(DANGEROUS) <= set(names)
    assert min(volume.times for volume in VOLUMES) >= 2 * IN_PROPORTION
