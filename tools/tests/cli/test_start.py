"""What a command does not use is not run when it starts, and is whole when it is used after all."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from tarmac.__main__ import load_when_used
from tarmac.model.lean import hidden, standing_in

TEXT = "import sys\nimport later_probe\nsys.ran = getattr(sys, 'ran', 0) + 1\nA, B = 1, 2\n"
# What every command used to run, and needs in none of its common ways.
SELDOM_RUN = ("email.utils", "inspect", "random", "socket", "textwrap", "typing_extensions")
SEEN = """
import atexit, os, sys
from types import ModuleType
from tarmac.__main__ import start
def run(name):
    module = sys.modules.get(name)
    return module is not None and type(module) is ModuleType
exits = os._exit
def told(code):
    print([name for name in {names!r} if run(name)], file=sys.stderr, flush=True)
    exits(code)
os._exit = told
sys.argv = ["tarmac", *{words!r}]
start()
"""


@pytest.fixture
def probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A module that counts how often it is run."""
    (tmp_path / "later_probe.py").write_text(TEXT, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "ran", 0, raising=False)
    yield "later_probe"
    sys.modules.pop("later_probe", None)


def ran() -> int:
    return int(getattr(sys, "ran", 0))


def test_a_module_is_run_when_something_of_it_is_used(probe: str) -> None:
    load_when_used(probe)
    import later_probe  # type: ignore[import-not-found]

    assert ran() == 0
    assert later_probe.A == 1
    assert later_probe.B == 2
    assert ran() == 1
    from later_probe import B

    assert B == 2
    assert ran() == 1
    with pytest.raises(AttributeError, match="later_probe"):
        _ = later_probe.C


def test_to_ask_a_module_for_what_is_known_is_not_to_use_it(probe: str) -> None:
    load_when_used(probe, A=3)
    import later_probe

    assert (later_probe.A, ran()) == (3, 0)
    assert (later_probe.B, ran()) == (2, 1)
    assert later_probe.A == 1


def test_many_may_use_it_at_once(probe: str) -> None:
    load_when_used(probe)
    import later_probe

    found: list[int] = []
    threads = [Thread(target=lambda: found.append(later_probe.A + later_probe.B)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found, ran()) == ([3] * 8, 1)


def test_what_is_loaded_already_stays_and_what_is_nowhere_is_left_alone(probe: str) -> None:
    before = sys.modules["sys"], sys.modules["json"]
    for name in ("sys", "json", "no_such_module_anywhere"):
        load_when_used(name)
    assert (sys.modules["sys"], sys.modules["json"]) == before
    assert "no_such_module_anywhere" not in sys.modules


def test_what_is_hidden_is_hidden_for_that_moment(probe: str) -> None:
    with pytest.raises(ImportError), hidden(probe):
        import later_probe
    import later_probe

    with hidden(probe):
        assert sys.modules[probe] is later_probe
    assert sys.modules[probe] is later_probe


def test_another_stands_in_for_a_module_for_that_moment(probe: str) -> None:
    with standing_in(probe, A=3):
        from later_probe import A
    assert (A, ran()) == (3, 0)
    import later_probe

    assert (later_probe.A, ran()) == (1, 1)
    with standing_in(probe, A=3):
        assert sys.modules[probe] is later_probe
    assert sys.modules[probe] is later_probe


@pytest.mark.parametrize("words", [["check"], ["check", "--format", "json"]])
def test_a_common_command_runs_none_of_them(words: list[str], tmp_path: Path) -> None:
    root = Path(__file__).parents[3]
    program = SEEN.format(names=SELDOM_RUN, words=[*words, "--root", str(root), "--now", "2026-12-01T00:00:00Z"])
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == "[]"
