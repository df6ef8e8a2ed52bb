"""One repository for all pull requests of a run: objects are shared, so each costs a few commits."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty repository."""
    path = tmp_path_factory.mktemp("approvals")
    subprocess.run(["git", "init", "--quiet", "--initial-branch=none", str(path)], check=True)
    return path
