"""Starts coverage-guided fuzzing in processes of its own, with atheris installed beside the environment."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.once import once

ROOT = Path(__file__).parents[3]
LOCK = ROOT / "requirements-fuzz.lock"
TARGETS = ("reader", "check")
_FIGURE = re.compile(r"^stat::(\w+):\s+(\d+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """How it ended: libFuzzer's code (0: nothing found), its figures, and what it said."""

    code: int
    figures: Mapping[str, int]
    said: str


def installed() -> Path:
    """The folder that holds atheris, installed from its lock when it is first asked for.

    Raises:
        subprocess.CalledProcessError: it cannot be installed.
    """
    return once(ROOT / ".tarmac" / "fuzz" / hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16], _install)


def _install(folder: Path) -> None:
    uv = Path(sys.executable).with_name("uv")
    arguments = ["pip", "install", "--quiet", "--python", sys.executable, "--require-hashes", "--target", str(folder)]
    subprocess.run([uv, *arguments, "-r", LOCK], check=True)


def fuzz(target: str, folder: Path, seconds: int, *options: str) -> Fuzzed:
    """Fuzz the reader or check for so long; what is found lies in the folder, named found-*.

    `options` are libFuzzer's own, such as -seed and -runs.
    """
    paths = os.pathsep.join([str(ROOT / "tools"), str(installed())])
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.coverage", target, str(folder), f"-max_total_time={seconds}", *options],
        env=os.environ | {"PYTHONPATH": paths},
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    figures = {name: int(number) for name, number in _FIGURE.findall(done.stderr)}
    return Fuzzed(done.returncode, figures, done.stderr[-3000:])
