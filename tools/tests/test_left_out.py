"""A run ends with the tests that it left out, by name, though other processes ran the tests."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

TESTS = """\
import pytest

def test_short(): pass

@pytest.mark.long
def test_long(): pass
"""
SETTINGS = '[pytest]\nmarkers =\n    long: "takes long"\n    system: "needs a program"\n'


def test_the_last_lines_name_what_was_left_out(tmp_path: Path) -> None:
    shutil.copy(Path(__file__).with_name("conftest.py"), tmp_path)
    (tmp_path / "pytest.ini").write_text(SETTINGS, "utf-8")
    (tmp_path / "test_both.py").write_text(TESTS, "utf-8")

    def told(*arguments: str) -> str:
        command = [sys.executable, "-m", "pytest", "-q", "--numprocesses", "2", *arguments]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.partition(" passed in ")[2].partition("\n")[2]

    assert told("-m", "not system and not long") == (
        "Left out: 1 tests that need a system program or long (make test-all runs them):\n  test_both.py::test_long\n"
    )
    assert told() == "Left out: nothing. Tests that need a system program or long: 1.\n"
