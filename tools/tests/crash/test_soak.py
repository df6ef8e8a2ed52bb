"""The long run, asked to end: what it started ends with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

TOOLS = Path(__file__).resolve().parents[2]
# A part of a soak run as the others are: a server in a `with` and then work.
PROGRAM = """
import subprocess, sys, time
from contextlib import contextmanager
from tests.crash import soak

@contextmanager
def server():
    started = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    try:
        yield started.pid
    finally:
        started.terminate()
        started.wait(10)

def work(folder):
    with server() as number:
        print(number, folder, flush=True)
        time.sleep(600)

soak.PARTS["work"] = work
soak.main(["work"])
"""


@pytest.mark.timeout(60)
def test_ended_by_sigterm_it_stops_its_servers_and_leaves_no_folder() -> None:
    soak = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": str(TOOLS)}
    )
    assert soak.stdout is not None
    number, folder = soak.stdout.readline().split()
    try:
        assert alive(int(number))
        soak.send_signal(signal.SIGTERM)
        assert soak.wait(30) == 128 + signal.SIGTERM
        assert not alive(int(number))
        assert not Path(folder).exists()
    finally:
        soak.kill()
        soak.stdout.close()
        if alive(int(number)):
            os.kill(int(number), signal.SIGKILL)


def alive(number: int) -> bool:
    """Whether a process is at work: one that ended and that nobody asked about is not."""
    end = time.monotonic() + 2
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{number}/stat").read_text().rpartition(") ")[2][:1]
        except FileNotFoundError:
            return False
        if state in "SRD":
            return True
        time.sleep(0.05)
    return False
