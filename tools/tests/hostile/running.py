"""Runs the real check over a case, and tells what came out and what it cost."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from bench.run import EMPTY_GROUP
from tests.hostile.cases import ENTITY, Case, put

WARM = Path(__file__).with_name("warm.py")
COMMAND = (sys.executable, "-m", "tarmac", "check", "--format", "json", "--now", "2026-12-01T06:00:00Z", "--root")


@dataclass(frozen=True, slots=True)
class Run:
    """One run: exit code (negative: a signal), output, and its cost: CPU in seconds, peak memory in KiB."""

    code: int
    out: str
    err: str
    cpu: float
    peak: float

    def entities(self) -> int:
        """How many entities check read."""
        return int(json.loads(self.out)["summary"]["entities"])

    def findings(self) -> Sequence[str]:
        """`rule path:line:column` of each finding, in order."""
        rows = json.loads(self.out)["findings"]
        return [f"{row['rule']} {row['path']}:{row['line']}:{row['column']}" for row in rows]

    def messages(self) -> Sequence[str]:
        """What each finding says."""
        return [row["message"] for row in json.loads(self.out)["findings"]]


class Runner:
    """A process that has loaded the tool and forks for each run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        put(folder / "trivial", ENTITY.replace("spec", "spek"))
        arguments = [sys.executable, str(WARM), str(folder / "trivial")]
        self._process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.trivial = min((self.run(folder / "trivial") for _ in range(5)), key=lambda run: run.cpu)
        self.empty_group = min(_empty_group() for _ in range(3))

    def close(self) -> None:
        """End the process that forks."""
        self._pipe(self._process.stdin).close()
        self._pipe(self._process.stdout).close()
        self._process.wait()

    def run(self, root: Path) -> Run:
        """Check one repository."""
        out, err = self.folder / "out", self.folder / "err"
        asked = self._pipe(self._process.stdin)
        asked.write(json.dumps({"root": str(root), "out": str(out), "err": str(err)}) + "\n")
        asked.flush()
        told = json.loads(self._pipe(self._process.stdout).readline())
        return Run(told["code"], out.read_text("utf-8"), err.read_text("utf-8"), told["cpu"], told["peak"])

    def cheapest(self, root: Path, times: float, most: int = 15) -> tuple[Run, float]:
        """The cheapest of a few runs, and what it may cost: what the trivial one does, and so many times an empty click
        group's help.

        One run is enough where it costs no more. Else all three are measured anew, in turns until it does: other work
        on the machine makes a run dearer, and what was measured minutes ago may have been measured on a quicker one.
        """
        turns = [(self.run(root), self.trivial.cpu, self.empty_group)]
        while True:
            runs, trivial, empty = zip(*(turns[1:] or turns), strict=True)
            run, allowed = min(runs, key=lambda run: run.cpu), min(trivial) + times * min(empty)
            if run.cpu <= allowed or len(turns) > most:
                return run, allowed
            turns.append((self.run(root), self.run(self.folder / "trivial").cpu, _empty_group()))

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        if pipe is None:
            raise ValueError("the process has no pipes")
        return pipe


def _empty_group() -> float:
    return _cpu_of([sys.executable, "-c", EMPTY_GROUP, "--help"])


def _cpu_of(command: Sequence[str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False, env=dict(os.environ))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def made(case: Case, folder: Path) -> Path:
    """The repository of a case, below a folder of its own that it may put more beside."""
    root = folder / "repository"
    root.mkdir(parents=True)
    case.make(root)
    return root
