"""The platform's own figures: counted by the ledger, kept with it, and shown to Prometheus."""

from __future__ import annotations

import os
import re
import subprocess
from datetime import datetime
from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from tarmac.adapters.git import GitRepository
from tarmac.adapters.git_merged import merged_at
from tarmac.adapters.ledger_counts import figures_file, read_figures
from tarmac.app import wire
from tarmac.errors import LedgerError
from tarmac.model.figures import BOUNDS, Figures, Gauges, TypeFigures
from tarmac.reports.openmetrics import figures_text, openmetrics
from tests.planning.worlds import DAY, NOW
from tests.reconcile.company import Company


def test_figures_are_read_back_as_written_and_nothing_else_is_read() -> None:
    waits = (1,) * (len(BOUNDS) + 1)
    figures = Figures({"a": TypeFigures({"done": 2}, 1, waits, 9)}, Gauges(1, 2, 3, 4))
    assert read_figures(figures_file(figures)) == figures
    assert read_figures(None) == Figures()
    whole = figures_file(figures).decode()
    for bad in ("", "[]", "{}", whole.replace('"retries":1', '"retries":-1'), whole.replace("[1,", "["), "[" * 99999):
        with pytest.raises(LedgerError, match=re.escape("figures.json")):
            read_figures(bad.encode())


def test_openmetrics_has_types_buckets_that_add_up_and_an_end() -> None:
    waits = (1, 0, 2, *(0,) * (len(BOUNDS) - 3), 4)
    text = openmetrics(Figures({'po"st\\g\nres\x1b': TypeFigures({"done": 7}, 3, waits, 99)}, Gauges(5, 1, 2, 0)))
    lines = text.splitlines()
    assert lines[-1] == "# EOF"
    assert text.endswith("\n")
    label = 'type="po\\"st\\\\g\\nres"'
    assert f'tarmac_steps_total{{{label},result="done"}} 7' in lines
    assert f"tarmac_retries_total{{{label}}} 3" in lines
    buckets = [line for line in lines if line.startswith("tarmac_ready_seconds_bucket")]
    assert [line.rpartition(" ")[2] for line in buckets] == ["1", "1", *["3"] * (len(BOUNDS) - 2), "7"]
    assert f'tarmac_ready_seconds_bucket{{{label},le="10.0"}} 1' == buckets[0]
    assert 'le="+Inf"' in buckets[-1]
    assert f"tarmac_ready_seconds_count{{{label}}} 7" in lines
    assert f"tarmac_ready_seconds_sum{{{label}}} 99" in lines
    assert "tarmac_queue_steps 5" in lines
    assert openmetrics(Figures()).endswith("tarmac_orphaned_instances 0\n# EOF\n")


@pytest.mark.parametrize(
    "figures",
    [
        Figures(),
        Figures(
            {
                'po"st\\g\nres\x1b\u2028': TypeFigures(
                    {"done": 7, 'o"dd': 1}, 3, (1, 0, 2, *(0,) * (len(BOUNDS) - 3), 4), 99
                ),
                "redis": TypeFigures({"failed": 1}),
                "": TypeFigures(),
            },
            Gauges(5, 1, 2, 3),
        ),
    ],
)
def test_prometheus_own_reader_takes_the_exposition(figures: Figures) -> None:
    read = text_string_to_metric_families(openmetrics(figures))  # type: ignore[no-untyped-call]
    families = {family.name: family for family in read}
    assert {name: family.type for name, family in families.items()} == {
        "tarmac_steps": "counter",
        "tarmac_retries": "counter",
        "tarmac_ready_seconds": "histogram",
        "tarmac_queue_steps": "gauge",
        "tarmac_held_requests": "gauge",
        "tarmac_drifted_instances": "gauge",
        "tarmac_orphaned_instances": "gauge",
    }
    steps = sum(sample.value for sample in families["tarmac_steps"].samples)
    assert steps == sum(sum(found.steps.values()) for found in figures.types.values())
    assert {sample.labels["type"] for sample in families["tarmac_retries"].samples} == {
        name.replace("\x1b", "").replace("\u2028", "") for name in figures.types
    }


@pytest.mark.parametrize(
    ("waited", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (92, "1 min 32 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h"),
        (3_600 + 59, "1 h"),
        (3 * 3_600 + 12 * 60 + 5, "3 h 12 min"),
        (86_400, "1 d"),
        (86_400 + 59 * 60, "1 d"),
        (9 * 86_400 + 23 * 3_600, "9 d 23 h"),
    ],
)
def test_people_read_how_long_they_waited_and_not_how_many_seconds(waited: int, said: str) -> None:
    waits = (*[0] * len(BOUNDS), 2)
    figures = Figures({"disk\x1b": TypeFigures({"done": 3, "failed": 1}, 2, waits, 2 * waited + 1)}, Gauges())
    assert figures_text(figures).splitlines()[0] == (
        f"disk\\x1b: 3 done, 1 failed (75% well); 2 tried again; from merge to ready {said} on average (2)"
    )
    assert f'tarmac_ready_seconds_sum{{type="disk"}} {2 * waited + 1}' in openmetrics(figures)


def test_a_run_counts_its_steps_and_says_how_things_stand(tmp_path: Path) -> None:
    company = Company.found(tmp_path)
    company.ask("one")
    company.ask("bad", config="size: enormous")
    company.commit()
    company.reconcile()
    figures = wire.figures(company.root)
    (found,) = figures.types.values()
    assert dict(found.steps) == {"done": 1}
    assert sum(found.waits) == 1
    assert figures.now == Gauges(queue=0, held=1)
    assert figures_text(figures).startswith("postgres: 1 done (100% well); 0 tried again; from merge to ready ")
    assert figures_text(figures).endswith("Now: 0 to do, 1 held, 0 drifted, 0 orphaned.\n")
    head = company.git("rev-parse", "tarmac/ledger")
    company.reconcile()
    assert company.git("rev-parse", "tarmac/ledger") == head


def test_a_file_came_when_its_last_change_was_merged(tmp_path: Path) -> None:
    company = Company.found(tmp_path)
    repository = GitRepository.find(company.root)

    def git(when: datetime, *arguments: str) -> None:
        dates = {f"GIT_{who}_DATE": f"{int(when.timestamp())} +0000" for who in ("AUTHOR", "COMMITTER")}
        subprocess.run(["git", *arguments], cwd=company.root, env=os.environ | dates, capture_output=True, check=True)

    def commit(when: datetime) -> None:
        git(when, "add", "--all", ".")
        git(when, "commit", "-q", "-m", "x")

    company.ask("one")
    company.ask("two")
    commit(NOW)
    company.git("checkout", "-q", "-b", "side")
    company.ask("two", config="size: large")
    commit(NOW + DAY)
    company.git("checkout", "-q", "main")
    git(NOW + 2 * DAY, "merge", "-q", "--no-ff", "-m", "merge", "side")
    paths = [company.path(name) for name in ("one", "two", "nobody")]
    found = merged_at(repository, "HEAD", paths)
    assert found == {paths[0]: NOW, paths[1]: NOW + 2 * DAY}
    assert merged_at(repository, "HEAD", []) == {}
