"""Measure Tarmac beside its peers: what `make bench` does.

    python -m bench.run --documents 10000 --page tools/docs/performance.md

Everything is made below .tarmac/bench. The promises are made for 10,000 documents: only then does a broken one make
the exit code 1. A run with fewer shows the shape, in which start-up weighs more.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from bench import figures, generate, peers
from bench.figures import EMPTY, HELP, PEER_HELP, TARMAC, Figure
from bench.measure import Cost, Subject, Surprise, measure
from bench.page import Results, page

SCRATCH = generate.ROOT / ".tarmac" / "bench"
PROGRAM = str(Path(sys.executable).with_name("tarmac"))
PROMISED = 10_000
NOW = "2026-11-02T00:00:00Z"
WIDE = 200  # files that the change to review touches
SMALL_RUNS = 10  # for one measurement of something that takes a tenth of a second
CHANGE_RUNS = 30  # of the check of a change, so that it spans as long as what it is held against
# The machine is quicker in one second than in the next, so one measurement of what takes two seconds spans as many as
# one of what it is held against: of its quickest peer, and of ten times as many documents.
PEER_RUNS, LARGE_RUNS = 5, 10

# The options by which a trusted run keeps what it knows of main, and a pull request's run reads it.
_CACHED = ("--base", "--cache", "--write-cache")

EMPTY_GROUP = """\
import click


@click.group()
def group():
    \"\"\"Nothing.\"\"\"


group()
"""


@dataclass(frozen=True, slots=True)
class Repository:
    """A generated repository, the files that main holds, and the cache of its base."""

    root: Path
    documents: int
    cache: Path

    @property
    def files(self) -> tuple[str, ...]:
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=self.root, capture_output=True, check=True).stdout
        return tuple(listed.decode().rstrip("\0").split("\0"))


def prepare(documents: int) -> Repository:
    """Generate a repository anew, in a process of its own: what this one holds counts as its children's memory."""
    root = SCRATCH / "repositories" / str(documents)
    shutil.rmtree(root, ignore_errors=True)
    command = [sys.executable, "-m", "bench.generate", "--documents", str(documents), "--into", str(root)]
    subprocess.run(command, check=True)
    return Repository(root, documents, SCRATCH / "cache" / str(documents))


@cache
def offered() -> str:
    """What `tarmac check` says that it can do."""
    return subprocess.run([PROGRAM, "check", "--help"], capture_output=True, text=True, check=True).stdout


def check(repository: Repository, *more: str, name: str = TARMAC, rounds: int = 5, times: int = 1) -> Subject:
    """A check whose report is written as JSON; of the working tree, and cold, unless `more` says otherwise."""
    if not more and "--no-cache" in offered():
        more = ("--no-cache",)
    command = (PROGRAM, "check", "--root", str(repository.root), "--now", NOW, "--format", "json", *more)
    return Subject(name, (command,), repository.root, rounds, times)


def run(documents: int, most: int) -> Results:
    """Prepare everything, then measure it, one heavy thing at a time.

    Raises:
        Surprise: a command ended as it must not.
        FileNotFoundError, subprocess.CalledProcessError: something cannot be installed or generated.
    """
    log = SCRATCH / "output.txt"
    compile_own()
    say("installing the peers")
    installed = peers.install(SCRATCH / "peers")
    say("trying every command on 200 documents")
    trial = prepare(200)
    measure(
        [
            dataclasses.replace(one, rounds=1)
            for one in [check(trial), *peers.subjects(installed, trial.root, trial.files)]
        ],
        log,
    )

    small = prepare(documents)
    say(f"{documents:,} documents, beside the peers")
    cold = measure([check(small, times=PEER_RUNS), *peers.subjects(installed, small.root, small.files)], log)
    say("start-up")
    others = dict(measure(starters(), log))
    figured = list(figures.cold(cold, documents))
    large = None
    names = (f"{TARMAC}, {documents:,} documents, in turns with {most:,}", f"{TARMAC}, {most:,} documents")
    if most:
        say(f"{most:,} documents")
        large = prepare(most)
        # The small one once more: minutes after the peers the machine may be another.
        sizes = zip((small, large), names, (LARGE_RUNS, 1), strict=True)
        others |= measure([check(one, name=name, times=times) for one, name, times in sizes], log, sliced=True)
    figured += figures.growth(others.get(names[0]), others.get(names[1]), documents, most or 10 * documents)
    say("policies beside plain callables")
    figured.append(figures.policies(told("bench.policies", "--documents", str(documents))["ratio"], documents))
    say("CODEOWNERS of 3,000 lines")
    figured.append(figures.owners(told("bench.codeowners", "--json")["ratio"]))
    say(f"planning {documents:,} requests")
    planned = told("bench.planning", "--requests", str(documents))
    figured += figures.planning(planned["kept"], planned["whole"], documents)
    others |= {name: Cost(**cost) for name, cost in planned["costs"].items()}
    say(f"{100 * documents:,} lines of ledger")
    figured.append(figures.ledger(told("tests.ledger.long", "--json", str(100 * documents))["ratio"], 100 * documents))
    say("a pull request of five files")
    promised, measured = changes(small, large, peer_help(installed), log)
    figured += [*promised, figures.start(others)]
    return Results(documents, cold, {**others, **measured}, figured, peers.versions())


def changes(
    small: Repository, large: Repository | None, beside: Subject, log: Path
) -> tuple[Sequence[Figure], Mapping[str, Cost]]:
    """A pull request of five files, in turns with `beside`: measured when this build of Tarmac keeps a cache of the
    base."""
    most = 10 * small.documents if large is None else large.documents
    if not all(flag in offered() for flag in _CACHED):
        return figures.change(None, None, measure([beside], log)[beside.name], small.documents, most), {}
    subjects = [changed(one) for one in (small, large) if one is not None]
    wide = reviewed(small)
    costs = measure([*subjects, beside, *([wide] if wide else [])], log, sliced=True)
    found = [costs[one.name] for one in subjects]
    promised = figures.change(found[0], found[1] if large else None, costs[beside.name], small.documents, most)
    return (*promised, figures.review(costs[wide.name] if wide else None, found[0], small.documents)), costs


def changed(repository: Repository) -> Subject:
    """The check of the five-file branch against main, whose cache a trusted run has written before."""
    cache = ("--cache", str(repository.cache))
    written = check(repository, "--rev", "main", *cache, "--write-cache", name="cache of main", rounds=1)
    measure([written], SCRATCH / "output.txt")
    name = f"{TARMAC} --base main, 5 of {repository.documents:,} files changed"
    return check(repository, "--rev", "change-5", "--base", "main", *cache, name=name, times=CHANGE_RUNS)


def reviewed(repository: Repository) -> Subject | None:
    """The review of the branch of 200 files, with the reviews of 20 people in a file and by what `changed` keeps of
    main; None where it is too small to have one."""
    asked = ["git", "rev-parse", "--verify", "--quiet", f"refs/heads/change-{WIDE}"]
    head = subprocess.run(asked, cwd=repository.root, capture_output=True, text=True, check=False).stdout.strip()
    if not head:
        return None
    given = {"state": "APPROVED", "commit_id": head, "submitted_at": NOW}
    reviews = [{**given, "user": {"login": f"person-{number}", "type": "User"}} for number in range(20)]
    told = {"pull": {"number": 1, "user": {"login": "author"}, "draft": False}, "reviews": reviews, "commits": []}
    file = SCRATCH / "reviews.json"
    file.write_text(json.dumps(told), "utf-8")
    options = ("--root", str(repository.root), "--base", "main", "--head", head, "--reviews", str(file), "--now", NOW)
    kept = ("--cache", str(repository.cache))
    name = f"tarmac review --base main, {WIDE} of {repository.documents:,} files changed"
    command = (PROGRAM, "review", *options, *kept, "--format", "markdown")
    return Subject(name, (command,), repository.root, times=SMALL_RUNS, accept=(0, 1))


def told(module: str, *arguments: str) -> Mapping[str, Any]:
    """What another part measures, in a process of its own."""
    command = [sys.executable, "-m", module, *arguments]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: Mapping[str, Any] = json.loads(said)
    return found


def starters() -> list[Subject]:
    """What takes a tenth of a second."""
    empty = SCRATCH / "empty.py"
    empty.write_text(EMPTY_GROUP, "utf-8")
    commands = {
        EMPTY: (sys.executable, str(empty), "--help"),
        HELP: (PROGRAM, "--help"),
    }
    return [Subject(name, (command,), SCRATCH, times=SMALL_RUNS) for name, command in commands.items()]


def peer_help(installed: peers.Peers) -> Subject:
    """What a check of a small change is held against."""
    return Subject(PEER_HELP, ((str(installed.programs / "check-jsonschema"), "--help"),), SCRATCH, times=SMALL_RUNS)


def compile_own() -> None:
    """Compile what Tarmac loads, as an installed package and the peers are: an environment may forbid to keep it."""
    site = sysconfig.get_paths()["purelib"]
    command = [
        sys.executable,
        "-m",
        "compileall",
        "-q",
        "-x",
        r"/tests?/",
        site,
        str(generate.ROOT / "tools" / "tarmac"),
    ]
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)


def say(text: str) -> None:
    """Tell who waits what is being done."""
    print(f"bench: {text}", file=sys.stderr, flush=True)


def main() -> int:
    """Read the arguments, measure, and print or write the page."""
    parser = argparse.ArgumentParser(prog="bench.run", description="Measure Tarmac beside its peers.")
    parser.add_argument("--documents", type=int, default=PROMISED, help="of the repository that all tools check")
    parser.add_argument("--large", type=int, help="of the one that only Tarmac checks; 10 times as many, 0 for none")
    parser.add_argument("--page", type=Path, help="where to write the page; without it, it is printed")
    arguments = parser.parse_args()
    most = 10 * arguments.documents if arguments.large is None else arguments.large
    try:
        results = run(arguments.documents, most)
    except (Surprise, FileNotFoundError, subprocess.CalledProcessError) as wrong:
        print(f"bench: {wrong}", file=sys.stderr)
        return 4
    if arguments.page is None:
        print(page(results))
    else:
        arguments.page.write_text(page(results), "utf-8")
        print(f"bench: written to {arguments.page}")
    broken = [figure for figure in results.figures if figure.holds is False]
    for figure in broken:
        print(f"bench: does not hold: {figure.what}", file=sys.stderr)
    return 1 if broken and arguments.documents >= PROMISED else 0


if __name__ == "__main__":
    sys.exit(main())
