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

from tests.hostile import folders, meanings, sizes, writings
from tests.hostile.cases import Case
from tests.hostile.running import COMMAND, Runner, made

EXPECTED = json.loads(Path(__file__).with_name("expected.json").read_text("utf-8"))
CASES = (*sizes.CASES, *writings.CASES, *folders.CASES, *meanings.CASES)
MEMORY = 64 * 1024
# Beyond start-up and a small file, in times an empty click group's help: 50 ms where that costs 42.
TIMES = 1.2
# Documents and faults in volume, which cost no more than as many in files of their own: what each may cost.
VOLUMES = {
    "4,500 keys in each of ten documents": 5.0,
    "1,500 entities of one name": 3.0,
    "9,000 references to nothing": 3.0,
    "9,000 wrong values": 3.0,
    "a circle of 1,000 parents": 3.0,
    "a line of 1,000 parents": 3.0,
}
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


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_data_or_a_finding_within_bounds(case: Case, runner: Runner, folder: Path) -> None:
    run, allowed = runner.cheapest(made(case, folder), VOLUMES.get(case.name, TIMES))
    expected = EXPECTED[case.name]
    assert run.err == ""
    assert run.code == (1 if any(not one.startswith("info ") for one in expected["findings"]) else 0)
    assert run.entities() == expected["entities"]
    assert len(run.findings()) == expected["count"]
    assert list(run.findings()[: len(expected["findings"])]) == [
        one.removeprefix("info ") for one in expected["findings"]
    ]
    assert all(message.isprintable() and len(message) < 1000 for message in run.messages())
    assert run.peak - runner.trivial.peak <= MEMORY
    assert run.cpu <= allowed
    assert not (folder / "repository" / "owned").exists()


@pytest.mark.parametrize("case", [case for case in CASES if case.name in DANGEROUS], ids=lambda case: case.name)
def test_the_command_itself_survives(case: Case, folder: Path) -> None:
    done = subprocess.run([*COMMAND, str(made(case, folder))], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stderr == ""
    assert json.loads(done.stdout)["findings"]


def test_there_are_enough_cases_and_each_has_its_verdict() -> None:
    names = [case.name for case in CASES]
    assert len(names) == len(set(names)) >= 60
    assert sorted(EXPECTED) == sorted(names)
    assert {*DANGEROUS, *VOLUMES} <= set(names)
