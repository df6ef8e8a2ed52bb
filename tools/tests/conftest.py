"""What every test stands on: a git without the machine's habits, repeatable examples, an honest last line."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest
from hypothesis import settings

# Examples are the same in every run, and a slow machine is no failure.
settings.register_profile("tarmac", derandomize=True, deadline=None)
settings.load_profile("tarmac")

LEFT_OUT = pytest.StashKey[list[str]]()
SYSTEM_RUN = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Cut git off from the user's and the machine's configuration, for this process and its children."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
    os.environ.update(
        GIT_CONFIG_GLOBAL=os.devnull,
        GIT_CONFIG_NOSYSTEM="1",
        GIT_TERMINAL_PROMPT="0",
        GIT_AUTHOR_NAME="Test Author",
        GIT_AUTHOR_EMAIL="author@example.com",
        GIT_COMMITTER_NAME="Test Committer",
        GIT_COMMITTER_EMAIL="committer@example.com",
        LC_ALL="C.UTF-8",
        TZ="UTC",
    )
    # Hundreds of tests start the command: each would compile all of it anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    config.stash[LEFT_OUT] = []
    config.stash[SYSTEM_RUN] = []


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Remember which of the tests that `make test` leaves out stay in."""
    config.stash[SYSTEM_RUN] = [item.nodeid for item in items if _dear(item)]


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Remember which of them are left out."""
    for item in items:
        if _dear(item):
            item.config.stash[LEFT_OUT].append(item.nodeid)


def _dear(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("system", "long"))


def pytest_unconfigure(config: pytest.Config) -> None:
    """End with what was left out, by name, or that nothing was."""
    left_out, ran = config.stash.get(LEFT_OUT, []), config.stash.get(SYSTEM_RUN, [])
    if left_out:
        print(f"Left out: {len(left_out)} tests that need a system program or long (make test-all runs them):")
        print("\n".join(f"  {name}" for name in left_out))
    else:
        print(f"Left out: nothing. Tests that need a system program or long: {len(ran) or 'there are none'}.")
