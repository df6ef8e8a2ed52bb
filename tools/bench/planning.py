"""Planning many requests with nothing to do, beside checks of the same repository.

    python -m bench.planning --requests 10000

The requests are made by a real run, so that the ledger and the instances are what they are in practice, and check and
plan are kept as a trusted run keeps them. Then four commands take turns: a plan that is told again of what is kept,
beside a check by what is kept, and a plan that is made anew, beside a check of everything. The two ratios are printed,
and what each costs.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

from bench.company import File, asking_team
from bench.generate import ROOT, commit_files, core
from bench.measure import Cost, Subject, Surprise, measure, quiet
from bench.shipped import Shipped, shipped

NOW = "2026-11-02T00:00:00Z"
A_TEAM = 20  # the shipped platform allows a team 25
SCRATCH = ROOT / ".tarmac" / "bench"
PROGRAM = str(Path(sys.executable).with_name("tarmac"))
# What changed so lately is not vouched for yet (tarmac/planning/kept.py).
SETTLED = 3
_WHO = {f"GIT_{who}_{what}": "bench@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def documents(requests: int, source: Shipped) -> Iterator[File]:
    """The shipped documents, and teams that ask for so much in all, each for at most `A_TEAM`."""
    yield from core(source)
    for number, start in enumerate(range(0, requests, A_TEAM)):
        yield from asking_team(number, min(A_TEAM, requests - start), source)


def names(requests: int) -> tuple[str, str, str, str]:
    """What is measured: a plan and a check by what is kept, a plan and a check of everything."""
    of = f"{requests:,} requests"
    plan, check = f"tarmac plan, {of}, nothing to do", f"tarmac check --base main, {of}, no file changed"
    return f"{plan}, as it was kept", check, f"{plan}, made anew", f"tarmac check, {of}"


def prepare(requests: int, folder: Path) -> Mapping[str, tuple[str, ...]]:
    """Make the repository with what is kept of it, ledger and instances in a fresh folder; the arguments of the
    commands by their names.

    Raises:
        subprocess.CalledProcessError: a command refused.
        Surprise: there was something to do, or the plan cannot be kept.
    """
    shutil.rmtree(folder, ignore_errors=True)
    root = folder / "repository"
    commit_files(dict(documents(requests, shipped(ROOT))), root)
    common = ("--root", str(root), "--now", NOW)
    instances, cache = ("--instances", str(folder / "instances")), ("--cache", str(folder / "cache"))
    for command in (
        ("check", *common, "--rev", "main", "--write-cache", *cache),
        ("approvals", "genesis", *common, "--rev", "main", "--reason", "made to be measured"),
        ("reconcile", *common, "--apply", *instances),
    ):
        _run(*command)
    time.sleep(SETTLED)
    plan, check = ("plan", *common, *instances, "--format", "json"), ("check", *common, "--rev", "main")
    kept = _run(*plan, "--write-cache", *cache)
    if json.loads(kept.stdout)["summary"] != {"none": requests} or not kept.stderr.startswith("Kept: "):
        raise Surprise(f"there was something to do, or it was not kept: {kept.stderr}")
    commands = (
        (*plan, *cache),
        (*check, "--base", "main", *cache, "--format", "json"),
        (*plan, "--no-cache"),
        (*check, "--format", "json"),
    )
    return dict(zip(names(requests), commands, strict=True))


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *arguments], env=quiet() | _WHO, capture_output=True, text=True, check=True)


def costs(requests: int, folder: Path, rounds: int) -> Mapping[str, Cost]:
    """What a plan of so many requests costs, and a check of them.

    Raises:
        Surprise: a command ended as it must not, or there was something to do.
    """
    commands = prepare(requests, folder)
    subjects = [Subject(name, ((PROGRAM, *command),), folder, rounds) for name, command in commands.items()]
    return measure(subjects, folder / "output.txt")


def told(found: Mapping[str, Cost], requests: int) -> Mapping[str, object]:
    """The ratios of CPU time, as they stand in the page of figures, and the costs by name."""
    kept, warm, anew, whole = (found[name].cpu for name in names(requests))
    ratios = {"kept": kept / warm, "whole": anew / whole, "anew": anew / warm}
    return {**ratios, "costs": {name: asdict(cost) for name, cost in found.items()}}


def main() -> int:
    """Read the arguments, measure, and print the ratios and the costs as JSON."""
    parser = argparse.ArgumentParser(prog="bench.planning", description="Plan many requests with nothing to do.")
    parser.add_argument("--requests", type=int, required=True, help="how many the repository asks for")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each command")
    arguments = parser.parse_args()
    os.umask(0o022)
    try:
        found = costs(arguments.requests, SCRATCH / "planning", arguments.rounds)
        print(json.dumps(told(found, arguments.requests)))
    except (Surprise, subprocess.CalledProcessError) as wrong:
        print(f"bench.planning: {wrong}", file=sys.stderr)
        return 4
    return 0


if __name__ == "__main__":
    sys.exit(main())
