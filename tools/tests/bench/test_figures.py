"""The stopwatch and the page: true medians, exact limits, nothing said to hold that was not measured."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from bench import codeowners, run
from bench import measure as stopwatch
from bench import planning as planned
from bench.figures import PEERS, TARMAC, Figure, cold, growth, ledger, owners, planning, review
from bench.measure import Cost, Sample, Subject, Surprise, cost, measure
from bench.page import Results, page

LIMIT = Fraction(1, 4)


@pytest.mark.parametrize(
    ("ratio", "holds", "stretched"),
    [(0.25, True, False), (0.2500001, False, False), (0.125, True, True), (0.1250001, True, False), (None, None, None)],
)
def test_a_limit_is_reached_at_equality(ratio: float | None, holds: bool | None, stretched: bool | None) -> None:
    figure = Figure("x", ratio, LIMIT, LIMIT / 2)
    assert (figure.holds, figure.stretched) == (holds, stretched)


def test_a_figure_compares_tarmac_with_the_peer_it_names() -> None:
    costs = {TARMAC: Cost(1.0, 50, 5)} | {peer: Cost(float(n + 2), 20, 5) for n, peer in enumerate(PEERS)}
    figures = cold(costs, 10_000)
    assert [figure.ratio for figure in figures] == [1 / 2, 1 / 3, 1 / 4, 1 / 5]
    assert all(peer in figure.what for peer, figure in zip(PEERS, figures, strict=True))


def test_the_page_says_yes_no_and_not_measured() -> None:
    costs = {TARMAC: Cost(1.0, 50, 5)} | dict.fromkeys(PEERS, Cost(6.0, 20, 5))
    figures = [*cold(costs, 10_000), *growth(costs[TARMAC], None, 10_000, 100_000)]
    text = page(Results(10_000, costs, {}, figures, {"node": "20"}))
    rows = {row.split(" | ")[0].removeprefix("| "): row for row in text.splitlines() if row.startswith("| ")}
    assert (
        "| 1/6.0 | 1/6 | yes | 1/12 | **no** |" in rows["cold check of 10,000 documents: CPU beside check-jsonschema"]
    )
    assert "| 1/6.0 | 1/15 | **no** |" in rows["cold check of 10,000 documents: CPU beside yamllint"]
    assert "| not measured | 11 |  |" in rows["cold check, 10,000 to 100,000 documents: CPU"]


def test_a_review_may_cost_three_times_a_check_of_five_files() -> None:
    assert review(Cost(3.0, 9, 3), Cost(1.0, 9, 3), 10_000).holds is True
    assert review(Cost(3.01, 9, 3), Cost(1.0, 9, 3), 10_000).holds is False
    assert review(None, Cost(1.0, 9, 3), 10_000).holds is None


def test_a_plan_may_cost_three_times_a_check_and_a_long_ledger_half_as_much_again() -> None:
    assert [figure.holds for figure in planning(3.0, 3.01, 10_000)] == [True, False]
    assert [figure.holds for figure in planning(None, 2.99, 10_000)] == [None, True]
    assert (ledger(1.5, 10).holds, ledger(1.51, 10).holds, ledger(None, 10).holds) == (True, False, None)


def test_a_repository_without_a_wide_change_has_no_review_to_measure(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    assert run.reviewed(run.Repository(tmp_path, 10, tmp_path)) is None


def test_costs_are_medians() -> None:
    assert cost([Sample(9.0, 1.0), Sample(1.0, 7.0), Sample(2.0, 2.0)]) == Cost(2.0, 2.0, 3)


def test_a_process_is_charged_with_its_own_time_and_that_of_its_children(tmp_path: Path) -> None:
    busy = "sum(range(6_000_000))"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{busy}'], check=True)"
    subjects = [
        Subject(name, ((sys.executable, "-c", code),), tmp_path, rounds=1)
        for name, code in (("idle", "pass"), ("child", child))
    ]
    costs = measure(subjects, tmp_path / "log")
    assert costs["child"].cpu > 2 * costs["idle"].cpu


def test_a_command_that_ends_otherwise_is_no_measurement(tmp_path: Path) -> None:
    subject = Subject("broken", ((sys.executable, "-c", "raise SystemExit('it fell over')"),), tmp_path, accept=(0, 3))
    with pytest.raises(Surprise, match="ended with 1:\nit fell over"):
        measure([subject], tmp_path / "log")


def test_rounds_are_taken_in_turns_each_behind_a_run_that_does_not_count(tmp_path: Path) -> None:
    code = "import sys; open('order', 'a').write(sys.argv[1])"
    subjects = [
        Subject(name, ((sys.executable, "-c", code, name),), tmp_path, rounds=rounds)
        for name, rounds in (("a", 3), ("b", 2))
    ]
    measure(subjects, tmp_path / "log")
    assert (tmp_path / "order").read_text("utf-8") == "aabbaabbaa"
    (tmp_path / "order").unlink()
    costs = measure(subjects, tmp_path / "log", sliced=True)
    assert {name: one.rounds for name, one in costs.items()} == {"a": 3, "b": 2}
    assert sorted((tmp_path / "order").read_text("utf-8")) == [*"aaaaaabbbb"]


def test_what_takes_long_is_run_once_more_and_no_oftener(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopwatch, "LONG", 0.0)
    code = "open('order', 'a').write('a')"
    measure([Subject("a", ((sys.executable, "-c", code),), tmp_path, rounds=3)], tmp_path / "log")
    assert (tmp_path / "order").read_text("utf-8") == "aaaa"


def test_sliced_measurements_go_on_by_turns_and_one_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopwatch, "SLICE", 0.03)
    # As long as both have much to do, each goes on between what the other writes.
    code = (
        "import os, sys, time\n"
        "file = os.open('order', os.O_APPEND | os.O_CREAT | os.O_WRONLY)\n"
        "while time.process_time() < float(sys.argv[2]):\n"
        "    sum(range(2_000)); os.write(file, sys.argv[1].encode())\n"
    )
    subjects = [
        Subject("long", ((sys.executable, "-c", code, "a", "0.6"),), tmp_path, rounds=1),
        Subject("short", ((sys.executable, "-c", code, "b", "0.2"),), tmp_path, rounds=1, times=3),
    ]
    long, short = stopwatch.sample(subjects, tmp_path / "log")
    written = (tmp_path / "order").read_text("utf-8")
    turns = sum(one != following for one, following in pairwise(written))
    assert turns > 12
    # What stands still writes nothing, so that each goes on for long.
    assert len(written) > 20 * turns
    assert long.cpu > 2 * short.cpu


def test_where_one_of_several_falls_over_none_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stopwatch, "SLICE", 0.01)
    waits = "import os, time; open('new', 'w').write(str(os.getpid())); os.rename('new', 'pid'); time.sleep(60)"
    fails = "import os, time\nwhile not os.path.exists('pid'): time.sleep(0.01)\nraise SystemExit(3)"
    subjects = [
        Subject(name, ((sys.executable, "-c", code),), tmp_path) for name, code in (("waits", waits), ("fails", fails))
    ]
    with pytest.raises(Surprise, match=r"(?s)fails: .* ended with 3"):
        stopwatch.sample(subjects, tmp_path / "log")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text("utf-8")), 0)


def test_a_look_up_of_an_owner_is_measured_by_its_slowest_shape() -> None:
    assert set(codeowners.patterns("mixed")) > {"*"}
    assert all(len(set(codeowners.patterns(shape))) == codeowners.RULES for shape in (*codeowners.SHAPES, "mixed"))
    assert (owners(0.5).holds, owners(0.5).stretched, owners(1.01).holds, owners(None).holds) == (
        True,
        True,
        False,
        None,
    )


def test_a_plan_is_measured_as_it_was_kept_and_anew() -> None:
    kept, warm, anew, whole = planned.names(10_000)
    seconds = {kept: 0.2, warm: 0.1, anew: 4.0, whole: 2.0}
    found = planned.told({name: Cost(cpu, 30.0, 5) for name, cpu in seconds.items()}, 10_000)
    assert {name: found[name] for name in ("kept", "whole", "anew")} == {"kept": 2.0, "whole": 2.0, "anew": 40.0}
    assert found["costs"] == {name: {"cpu": cpu, "memory": 30.0, "rounds": 5} for name, cpu in seconds.items()}
