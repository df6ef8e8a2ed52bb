"""A stopwatch that counts processor time, not the clock on the wall: other work on the machine hardly moves it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

Command = tuple[str, ...]

# Seconds of CPU time. What takes so long is little slower for a cold start.
LONG = 10.0
# Seconds on the clock: of one of several measurements at a time, and after which it is looked whether a command ended.
SLICE = 0.5
_GLANCE = 0.004


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


def measure(subjects: Sequence[Subject], log: Path, *, sliced: bool = False) -> Mapping[str, Cost]:
    """Measure every subject, in turns, so that a slow minute of the machine falls on all of them; each right after a
    run of the same that does not count. A virtual machine gives memory that is free for some seconds back to its host,
    and who takes it again first pays for that: without, whoever is quickest would pay most, beside what it takes.

    `sliced` measurements of a round are taken at the same time: each goes on for a moment while the others are stopped.
    What takes half a minute else has other minutes than what it is held against, and a neighbour on the machine makes
    one a fifth slower than the next.

    Output goes to `log`, as a report written to a file does.

    Raises:
        Surprise: a command ended with a code that it must not end with.
    """
    samples: dict[str, list[Sample]] = {subject.name: [] for subject in subjects}
    for turn in range(max(subject.rounds for subject in subjects)):
        those = [subject for subject in subjects if turn < subject.rounds]
        for some in [those] if sliced else [[subject] for subject in those]:
            for subject in some:
                taken = samples[subject.name]
                if not taken or taken[-1].cpu < LONG:
                    sample([replace(subject, times=1)], log)
            for subject, one in zip(some, sample(some, log), strict=True):
                samples[subject.name].append(one)
    return {name: cost(taken) for name, taken in samples.items()}


def cost(samples: Sequence[Sample]) -> Cost:
    """Medians of the samples."""
    return Cost(median(one.cpu for one in samples), median(one.memory for one in samples), len(samples))


def sample(subjects: Sequence[Subject], log: Path) -> list[Sample]:
    """Take one measurement of each, in slices of time where there are several.

    Raises:
        Surprise: a command ended with a code that it must not end with.
    """
    all_of_them = [_Going(subject, log.with_stem(f"{log.stem}-{at}")) for at, subject in enumerate(subjects)]
    try:
        going = deque(all_of_them)
        while going:
            if going[0].go_on(SLICE if len(going) > 1 else None):
                going.rotate(-1)
            else:
                going.popleft()
    finally:
        for one in all_of_them:
            one.kill()
    return [one.sample() for one in all_of_them]


class _Going:
    """A measurement that is being taken. What it runs stands still but for `go_on`."""

    def __init__(self, subject: Subject, log: Path) -> None:
        self._subject, self._log = subject, log
        self._left = deque(subject.commands * subject.times)
        self._process: subprocess.Popen[bytes] | None = None
        self._parts: list[Sample] = []

    def go_on(self, seconds: float | None) -> bool:
        """Go on for so many seconds, or to the end; whether there is more to run."""
        until = None if seconds is None else time.monotonic() + seconds
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGCONT)
        while self._process is not None or self._left:
            process = self._process = self._process or self._started(self._left.popleft())
            # Not process.wait(): only wait4 tells what this one process, and what it waited for, has used.
            ended, status, used = os.wait4(process.pid, 0 if until is None else os.WNOHANG)
            if ended:
                self._process = None
                self._check(process, os.waitstatus_to_exitcode(status))
                self._parts.append(Sample(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024))
            elif until is not None and time.monotonic() >= until:
                os.killpg(process.pid, signal.SIGSTOP)
                return True
            else:
                time.sleep(_GLANCE)
        return False

    def sample(self) -> Sample:
        """What was measured."""
        parts = self._parts
        return Sample(sum(part.cpu for part in parts) / self._subject.times, max(part.memory for part in parts))

    def kill(self) -> None:
        """End what runs, if anything does."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _started(self, command: Command) -> subprocess.Popen[bytes]:
        with self._log.open("wb") as out:
            # In a group of its own, so that git, which it runs, stands still with it.
            return subprocess.Popen(
                command,
                cwd=self._subject.folder,
                env=quiet(),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def _check(self, process: subprocess.Popen[bytes], code: int) -> None:
        process.returncode = code
        if code not in self._subject.accept:
            said = self._log.read_bytes()[-2000:].decode("utf-8", "replace")
            command = " ".join(map(str, process.args))[:200]  # type: ignore[arg-type]  # a command is a tuple
            raise Surprise(f"{self._subject.name}: `{command}` ended with {code}:\n{said}")


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
