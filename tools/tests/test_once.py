"""A folder that several ask for at the same time is filled once, and whole before anybody gets it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.once import once


def test_who_asks_while_it_is_filled_waits(tmp_path: Path) -> None:
    folder = tmp_path / "below" / "folder"

    def fill(into: Path) -> None:
        (into / "half").touch(exist_ok=False)
        time.sleep(0.05)
        (into / "whole").touch(exist_ok=False)

    with ThreadPoolExecutor(4) as pool:
        found = [(where, (where / "whole").exists()) for where in pool.map(lambda _: once(folder, fill), range(4))]
    assert found == [(folder, True)] * 4


def test_what_was_cut_off_is_begun_anew(tmp_path: Path) -> None:
    folder = tmp_path / "folder"

    def fails(into: Path) -> None:
        (into / "half").touch()
        raise OSError("no network")

    with pytest.raises(OSError, match="no network"):
        once(folder, fails)
    assert [path.name for path in once(folder, lambda into: None).iterdir()] == ["ready"]
