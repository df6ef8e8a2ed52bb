"""Planning many requests with nothing to do, beside checks of the same repository.

    python -m bench.planning --requests 10000

The requests are made by a real run, so that the ledger and the instances are what they are in practice. Then `tarmac
plan` takes turns with a check of everything and with one by the cache that a trusted run has written, and both ratios
are printed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.company import File, asking_team
from bench.generate import ROOT, commit_files, core
from bench.measure import Subject, Surprise, measure, quiet
from bench.shipped import Shipped, shipped

NOW = "2026-11-02T00:00:00Z"
A_TEAM = 20  # the shipped platform allows a team 25
SCRATCH = ROOT / ".tarmac" / "bench"
PROGRAM = str(Path(sys.executable).with_name("tarmac"))
PLAN, WHOLE, WARM = "tarmac plan", "tarmac check of everything", "tarmac check by its cache"
_WHO = {f"GIT_{who}_{what}": "bench@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def documents(requests: int, source: Shipped) -> Iterator[File]:
    """The shipped documents, and teams that ask for so much in all, each for at most `A_TEAM`."""
    yield from core(source)
    for number, start in enumerate(range(0, requests, A_TEAM)):
        yield from asking_team(number, min(A_TEAM, requests - start), source)


def prepare(requests: int, folder: Path) -> tuple[str, ...]:
    """Make the repository with its cache, ledger and instances in a fresh folder; the options that every command
    takes.

    Raises:
        subprocess.CalledProcessError: a command refused.
    """
    shutil.rmtree(folder, ignore_errors=True)
    root = folder / "repository"
    commit_files(dict(documents(requests, shipped(ROOT))), root)
    common = ("--root", str(root), "--now", NOW)
    for command in (
        ("check", *common, "--rev", "main", "--write-cache", "--cache", str(folder / "cache")),
        ("approvals", "genesis", *common, "--rev", "main", "--reason", "made to be measured"),
        ("reconcile", *common, "--apply", "--instances", str(folder / "instances")),
    ):
        subprocess.run([PROGRAM, *command], env=quiet() | _WHO, stdout=subprocess.DEVNULL, check=True)
    return common


def ratios(requests: int, folder: Path, rounds: int) -> dict[str, float]:
    """What a plan of so many requests costs, in CPU time beside both kinds of check.

    Raises:
        Surprise: a command ended as it must not, or there was something to do.
    """
    common = prepare(requests, folder)
    instances = ("--instances", str(folder / "instances"), "--format", "json")
    summary = json.loads(subprocess.run([PROGRAM, "plan", *common, *instances], capture_output=True, check=True).stdout)
    if summary["summary"] != {"none": requests}:
        raise Surprise(f"there was something to do: {summary['summary']}")
    check = ("check", *common, "--rev", "main", "--format", "json")
    commands = {
        PLAN: ("plan", *common, *instances),
        WHOLE: (*check, "--no-cache"),
        WARM: (*check, "--base", "main", "--cache", str(folder / "cache")),
    }
    subjects = [Subject(name, ((PROGRAM, *command),), folder, rounds) for name, command in commands.items()]
    costs = measure(subjects, folder / "output.txt")
    seconds = {name: round(cost.cpu, 3) for name, cost in costs.items()}
    return {
        "ratio": costs[PLAN].cpu / costs[WARM].cpu,
        "whole": costs[PLAN].cpu / costs[WHOLE].cpu,
        **seconds,
    }


def main() -> int:
    """Read the arguments, measure, and print the ratios and the seconds as JSON."""
    parser = argparse.ArgumentParser(prog="bench.planning", description="Plan many requests with nothing to do.")
    parser.add_argument("--requests", type=int, required=True, help="how many the repository asks for")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each command")
    arguments = parser.parse_args()
    os.umask(0o022)
    try:
        print(json.dumps(ratios(arguments.requests, SCRATCH / "planning", arguments.rounds)))
    except (Surprise, subprocess.CalledProcessError) as wrong:
        print(f"bench.planning: {wrong}", file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
