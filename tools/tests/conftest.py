"""What every test stands on: a git without the machine's habits, repeatable examples, an honest last line."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import pytest
from hypothesis import settings

# Examples are the same in every run, and a slow machine is no failure.
settings.register_profile("tarmac", derandomize=True, deadline=None)
# Where the long tests are left out; a test that asks for a number of its own asks tests/examples.py.
settings.register_profile("quick", settings.get_profile("tarmac"), max_examples=40)
settings.load_profile("tarmac")


@dataclass
class Dear:
    """The tests that need a system program or long, by name: those that are left out and those that stay in."""

    left_out: list[str] = field(default_factory=list)
    run: list[str] = field(default_factory=list)


DEAR = pytest.StashKey[Dear]()
# Where a worker puts what it knows, for the process that started it.
TOLD = "tarmac_dear"


def pytest_configure(config: pytest.Config) -> None:
    """Cut git off; begin the last line's lists; fewer examples where the long tests are left out."""
    cut_off()
    if "not long" in config.option.markexpr:
        settings.load_profile("quick")
    # Hundreds of tests start the command: each would compile all of it anew.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    config.stash[DEAR] = Dear()


def cut_off() -> None:
    """Cut git off from the user's and the machine's configuration, for this process and its children."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
    os.environ.update(
        GIT_CONFIG_GLOBAL=os.devnull,
        GIT_CONFIG_NOSYSTEM="1",
        GIT_TERMINAL_PROMPT="0",
        # Nothing of a test's repositories has to outlive the machine, or be tidied up.
        GIT_CONFIG_COUNT="2",
        GIT_CONFIG_KEY_0="maintenance.auto",
        GIT_CONFIG_VALUE_0="false",
        GIT_CONFIG_KEY_1="core.fsync",
        GIT_CONFIG_VALUE_1="none",
        GIT_AUTHOR_NAME="Test Author",
        GIT_AUTHOR_EMAIL="author@example.com",
        GIT_COMMITTER_NAME="Test Committer",
        GIT_COMMITTER_EMAIL="committer@example.com",
        LC_ALL="C.UTF-8",
        TZ="UTC",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: Sequence[pytest.Item]) -> None:
    """Remember which of the tests that `make test` leaves out stay in."""
    config.stash[DEAR].run = [item.nodeid for item in items if _dear(item)]


def pytest_deselected(items: Sequence[pytest.Item]) -> None:
    """Remember which of them are left out."""
    for item in items:
        if _dear(item):
            item.config.stash[DEAR].left_out.append(item.nodeid)


def _dear(item: pytest.Item) -> bool:
    return any(item.get_closest_marker(name) for name in ("system", "long"))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where tests run in several processes, only the workers know them: hand over what was remembered."""
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[TOLD] = asdict(session.config.stash[DEAR])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take it from each worker; all of them have found the same tests. One that crashed says nothing."""
    told = getattr(node, "workeroutput", {}).get(TOLD)
    if told is not None:
        node.config.stash[DEAR] = Dear(**told)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End with what was left out, by name, or that nothing was."""
    if hasattr(config, "workerinput"):
        return
    dear = config.stash.get(DEAR, Dear())
    if dear.left_out:
        print(f"Left out: {len(dear.left_out)} tests that need a system program or long (make test-all runs them):")
        print("\n".join(f"  {name}" for name in dear.left_out))
    else:
        none = "there are none"
        print(f"Left out: nothing. Tests that need a system program or long: {len(dear.run) or none}.")
