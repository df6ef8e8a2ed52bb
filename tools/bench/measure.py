"""A stopwatch that counts processor time, not the clock on the wall: other work on the machine hardly moves it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

Command = tuple[str, ...]

# Seconds of CPU time. What takes so long is little slower for a cold start.
LONG = 10.0


class Surprise(Exception):
    """A command did not end as it has to, so its time means nothing."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured.

    `commands` run one after the other, and their times add up. What takes only a moment runs `times` times for one
    measurement, of which the mean counts. There are `rounds` measurements; `accept` are the codes it may end with.
    """

    name: str
    commands: tuple[Command, ...]
    folder: Path
    rounds: int = 5
    times: int = 1
    accept: tuple[int, ...] = (0,)


@dataclass(frozen=True, slots=True)
class Sample:
    """One measurement: seconds of CPU time (user and system, children included), and peak memory in MiB."""

    cpu: float
    memory: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What a subject costs: medians, and how many measurements they come from."""

    cpu: float
    memory: float
    rounds: int


def measure(subjects: Sequence[Subject], log: Path) -> Mapping[str, Cost]:
    """Measure every subject, in turns, so that a slow minute of the machine falls on all of them; each right after a
    run of the same that does not count. A virtual machine gives memory that is free for some seconds back to its host,
    and who takes it again first pays for that: without, whoever is quickest would pay most, beside what it takes.

    Output goes to `log`, as a report written to a file does.

    Raises:
        Surprise: a command ended with a code that it must not end with.
    """
    samples: dict[str, list[Sample]] = {subject.name: [] for subject in subjects}
    for turn in range(max(subject.rounds for subject in subjects)):
        for subject in subjects:
            taken = samples[subject.name]
            if turn < subject.rounds:
                if not taken or taken[-1].cpu < LONG:
                    for command in subject.commands:
                        _run(command, subject, log)
                taken.append(sample(subject, log))
    return {name: cost(taken) for name, taken in samples.items()}


def cost(samples: Sequence[Sample]) -> Cost:
    """Medians of the samples."""
    return Cost(median(one.cpu for one in samples), median(one.memory for one in samples), len(samples))


def sample(subject: Subject, log: Path) -> Sample:
    """Take one measurement.

    Raises:
        Surprise: a command ended with a code that it must not end with.
    """
    parts = [_run(command, subject, log) for _ in range(subject.times) for command in subject.commands]
    return Sample(sum(part.cpu for part in parts) / subject.times, max(part.memory for part in parts))


def _run(command: Command, subject: Subject, log: Path) -> Sample:
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=subject.folder, env=quiet(), stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
        )
        # Not process.wait(): only wait4 tells what this one process, and what it waited for, has used.
        _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in subject.accept:
        said = log.read_bytes()[-2000:].decode("utf-8", "replace")
        raise Surprise(f"{subject.name}: `{' '.join(command)[:200]}` ended with {process.returncode}:\n{said}")
    return Sample(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def quiet() -> dict[str, str]:
    """An environment in which nobody's habits change what is measured."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON", "NODE_"))}
    return kept | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}


def batches(command: Command, files: Iterable[str], limit: int = 1_000_000) -> tuple[Command, ...]:
    """The command over all files, in as few calls as arguments of `limit` bytes together allow."""
    calls: list[Command] = []
    held: list[str] = []
    size = 0
    for file in files:
        length = len(file.encode()) + 9  # its end, and its place in the table of arguments
        if held and size + length > limit:
            calls.append((*command, *held))
            held, size = [], 0
        held.append(file)
        size += length
    if held:
        calls.append((*command, *held))
    return tuple(calls)
