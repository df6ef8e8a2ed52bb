"""The main job on the sample company, from a question to its end: what `make run` does.

Everything happens in a scratch clone below .tarmac/demo, made anew each time, at fixed instants, so that two runs
give the same account. Nothing outside that folder is written.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = ROOT / ".tarmac" / "demo"
CLONE = SCRATCH / "repository"
INSTANCES = SCRATCH / "instances"
# What the forge would answer about merged pull requests.
FORGE = SCRATCH / "forge"

FIRST_NIGHT = "2026-12-01T02:00:00Z"
PULL_REQUEST = "2026-12-01T09:00:00Z"
APPROVAL = "2026-12-01T09:30:00Z"
MERGE = "2026-12-01T10:00:00Z"
LATER = "2026-12-03T10:00:00Z"
REQUEST = "sailing-load-test-db"
BRANCH = "ask-for-a-database"


class Surprise(Exception):
    """A step did not end as it has to."""


@dataclass(frozen=True, slots=True)
class Done:
    """One command's end."""

    code: int
    output: str


def run(command: Sequence[str], at: str, *, expect: int = 0) -> Done:
    """Run one command in the clone at an instant (for git's dates).

    Raises:
        Surprise: it ended with another code than `expect`.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_NAME": "Callum Birkett",
        "GIT_AUTHOR_EMAIL": "callum.birkett@northwick.example",
        "GIT_COMMITTER_NAME": "Callum Birkett",
        "GIT_COMMITTER_EMAIL": "callum.birkett@northwick.example",
        "GIT_AUTHOR_DATE": at,
        "GIT_COMMITTER_DATE": at,
        "NO_COLOR": "1",
    }
    done = subprocess.run(
        command, cwd=CLONE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if done.returncode != expect:
        shown = " ".join(command)
        raise Surprise(f"`{shown}` ended with {done.returncode} instead of {expect}:\n{done.stdout}")
    return Done(done.returncode, done.stdout)


def tarmac(at: str, *arguments: str, expect: int = 0) -> Done:
    """Run a verb of the tool that is being demonstrated."""
    return run([str(Path(sys.executable).with_name("tarmac")), *arguments], at, expect=expect)


def git(at: str, *arguments: str) -> Done:
    """Run git in the clone."""
    return run(["git", *arguments], at)


def heading(number: int, text: str) -> None:
    """Announce a step."""
    print(f"\n{number}. {text}\n", flush=True)


def show(done: Done, *, last: int | None = None, holding: str | None = None) -> None:
    """Print a command's output, indented: all of it, its last lines, or the lines that hold a text."""
    lines = done.output.rstrip().splitlines()
    if holding is not None:
        lines = [line for line in lines if holding in line]
    elif last is not None:
        lines = lines[-last:]
    print("\n".join(f"   {line}".rstrip() for line in lines), flush=True)


def must(condition: bool, what: str) -> None:
    """Stop when the account would be untrue."""
    if not condition:
        raise Surprise(what)


def created(done: Done) -> Counter[str]:
    """How many instances of each resource type a run of reconcile made."""
    return Counter(re.findall(r"\(([^\s@()]+)@[^\s()]+\): created$", done.output, re.MULTILINE))


def instances() -> set[str]:
    """The folders of what lives now."""
    return {path.name for path in INSTANCES.iterdir() if path.is_dir() and not path.name.startswith(".")}


def prepare() -> None:
    """A repository that holds this one's last commit as its first, with nothing made yet."""
    shutil.rmtree(SCRATCH, ignore_errors=True)
    FORGE.mkdir(parents=True)
    clone = ["git", "clone", "--quiet", "--no-hardlinks", f"file://{ROOT}", str(CLONE)]
    done = subprocess.run(clone, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Surprise(f"the repository cannot be cloned (is it a git clone with a commit?):\n{done.stdout}")
    # One commit at a fixed date, so that the account does not depend on when this repository was worked on.
    # Whichever branch is checked out here: there the default one is main.
    git(FIRST_NIGHT, "remote", "remove", "origin")
    git(FIRST_NIGHT, "checkout", "--quiet", "--orphan", "demo")
    git(FIRST_NIGHT, "commit", "--quiet", "-m", "The company as it is")
    git(FIRST_NIGHT, "branch", "--quiet", "--force", "--move", "demo", "main")


def tell_of_the_merge() -> None:
    """Write down what the forge would say of the pull request: FinOps approved it, and it was merged."""
    head, merged = (git(MERGE, "rev-parse", revision).output.strip() for revision in (BRANCH, "main"))
    pull = {
        "number": 1,
        "user": {"login": "nw-callum-birkett"},
        "draft": False,
        "head": {"sha": head},
        "base": {"ref": "main"},
        "merge_commit_sha": merged,
        "merged_at": MERGE,
        "merged_by": {"login": "nw-callum-birkett"},
    }
    review = {
        "user": {"login": "nw-elif-karaoglan", "type": "User"},
        "state": "APPROVED",
        "commit_id": head,
        "submitted_at": APPROVAL,
    }
    answer = json.dumps({"pull": pull, "reviews": [review], "commits": []})
    (FORGE / "1.json").write_text(answer, encoding="utf-8")


def story() -> list[str]:
    """Walk the whole way; the lines of the summary."""
    places = ("--instances", str(INSTANCES), "--proofs", str(FORGE))
    plan = ("plan", *places)
    apply = ("reconcile", "--apply", *places)

    heading(1, "tarmac check: is the whole repository right?")
    show(tarmac(FIRST_NIGHT, "check", "--now", FIRST_NIGHT), last=1)

    heading(2, "The first night: reconcile makes everything that the company asks for (embedded provider)")
    reason = ("--reason", "the company as it is")
    show(tarmac(FIRST_NIGHT, "approvals", "genesis", "--rev", "main", *reason, "--now", FIRST_NIGHT))
    first = tarmac(FIRST_NIGHT, *apply, "--now", FIRST_NIGHT)
    for name, number in sorted(created(first).items()):
        print(f"   {number:>3} {name}", flush=True)
    show(first, last=1)

    heading(3, f"A developer asks for a database: tarmac request new, on branch {BRANCH}")
    git(PULL_REQUEST, "checkout", "--quiet", "-b", BRANCH)
    asked = tarmac(
        PULL_REQUEST,
        *("request", "new", "postgres", "--name", REQUEST, "--owner", "group:default/sailings"),
        *("--for", "component:default/schedule-service", "--environment", "development", "--ttl", "2d"),
        *(
            "--set",
            "size=small",
            "--label",
            "data-class=internal",
            "--reason",
            "load test of the spring timetable",
            "--yes",
            "--now",
            PULL_REQUEST,
        ),
    )
    show(asked)
    git(PULL_REQUEST, "add", "requests")
    git(PULL_REQUEST, "commit", "--quiet", "-m", "Ask for a database to load-test the spring timetable")

    heading(4, "tarmac review: what the pull request means")
    review = tarmac(
        PULL_REQUEST, "review", "--base", "main", "--head", BRANCH, "--format", "text", "--now", PULL_REQUEST
    )
    show(review)
    must(REQUEST in review.output, "the review does not name what is asked for")

    heading(5, "FinOps approves, it is merged: reconcile proves that, makes it, and the next plan is empty")
    git(MERGE, "checkout", "--quiet", "main")
    git(MERGE, "merge", "--quiet", "--no-ff", "-m", "Merge the load test's database", BRANCH)
    tell_of_the_merge()
    planned = tarmac(MERGE, *plan, "--now", MERGE)
    show(planned)
    must("1 to create" in planned.output, "the plan after the merge is not one create")
    before = instances()
    show(tarmac(MERGE, *apply, "--now", MERGE), last=3)
    new = instances() - before
    must(len(new) == 1, "reconcile did not make one instance")
    print(f"   Its folder, while it lives: {(INSTANCES / new.pop()).relative_to(ROOT)}", flush=True)
    again = tarmac(MERGE, *plan, "--now", MERGE)
    show(again, last=1)
    must("to create" not in again.output, "the plan after reconcile is not empty")

    heading(6, "Two days later: its time to live is over")
    later = tarmac(LATER, *plan, "--now", LATER)
    show(later)
    must("1 to expire" in later.output, "the plan after the TTL is not one expire")
    show(tarmac(LATER, *apply, "--now", LATER), last=3)
    over = tarmac(LATER, *plan, "--now", LATER)
    show(over, last=1)
    must("to expire" not in over.output, "the plan after the expiry is not empty")

    heading(7, "tarmac ledger: what happened, and when")
    show(tarmac(LATER, "ledger", "show", REQUEST))
    show(tarmac(LATER, "ledger", "verify"))

    command = Path(sys.executable).with_name("tarmac").relative_to(ROOT)
    scratch = SCRATCH.relative_to(ROOT)
    root, folder = f"--root {scratch}/repository", f"--instances {scratch}/instances"
    return [
        "Tarmac checked the sample company, made what it asks for, reviewed a pull request for one more database,",
        "made it when it was merged, and removed it when its two days were over.",
        f"{len(instances())} instances live now.",
        "",
        "To look for yourself (the story's clock is in --now):",
        f"  {command} request list {root} --now {LATER}",
        f"  {command} plan {root} {folder} --now {LATER}",
        f"  {command} ledger log {root}",
        f"  {command} catalog list {root}",
        f"  ls {scratch}/instances   a folder each, with its tags",
        "",
        "README.md has every verb, and what to try next.",
    ]


def main() -> int:
    """0 when every step ended as it has to."""
    try:
        prepare()
        summary = story()
    except Surprise as surprise:
        print(f"\nmake run stopped: {surprise}", file=sys.stderr)
        return 1
    print("\n" + "\n".join(summary))
    return 0


if __name__ == "__main__":
    sys.exit(main())
