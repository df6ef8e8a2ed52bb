"""A ledger as long as one likes, written at once, and what a run that finds nothing to do costs beside it:
`python -m tests.ledger.long 1000000`."""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from tarmac.adapters.ledger import REF, GitLedger, state_path
from tarmac.adapters.ledger_json import hash_of, head_file, line_of, read_head, state_file
from tarmac.model.frozen import replace
from tarmac.model.ledger import Event, LedgerEntry
from tarmac.model.plan import Result, Verb
from tarmac.planning.identity import uid_of
from tarmac.planning.life import fold
from tests.conftest import cut_off
from tests.planning.worlds import NOW, OURS, entry, subject_of, wish
from tests.reconcile.company import Company

LIVE = 200
_BATCH = 100
_RUNS = 5


def lengthen(company: Company, lines: int) -> None:
    """Write so many lines behind the ledger's end: preview environments that came and went, four lines each."""
    ledger = GitLedger.at(company.root)
    head = ledger.head()
    sequence, previous = head.entries, head.hash
    stream = subprocess.Popen(["git", "fast-import", "--quiet"], cwd=company.root, stdin=subprocess.PIPE)
    into = stream.stdin
    assert into is not None

    def put(path: str, content: bytes) -> None:
        into.write(f"M 100644 inline {path}\ndata {len(content)}\n".encode() + content + b"\n")

    into.write(f"commit {REF}\ncommitter T <t@t.invalid> {int(NOW.timestamp())} +0000\n".encode())
    into.write(f"data 4\nlong\nfrom {head.commit}\n".encode())
    for number in range(lines // (4 * _BATCH)):
        entries = [line for at in range(_BATCH) for line in _came_and_went(number * _BATCH + at)]
        written = []
        for one in entries:
            sequence += 1
            line = line_of(one, sequence, previous)
            previous = hash_of(line)
            written.append(line + b"\n")
        put(f"log/{entries[-1].at:%Y/%m/%d}/old-{number}.jsonl", b"".join(written))
        for state in fold({}, entries).values():
            put(state_path(state), state_file(state))
    put("head.json", head_file(sequence, previous))
    into.close()
    assert stream.wait() == 0
    assert read_head(head_file(sequence, previous)) == (sequence, previous)


def _came_and_went(number: int) -> Iterator[LedgerEntry]:
    want = wish(f"preview-{number:06}")
    subject = subject_of(want, uid_of(OURS, want.request, 1))
    day = NOW - timedelta(days=365) + timedelta(minutes=number)
    for verb in (Verb.CREATE, Verb.EXPIRE):
        yield replace(entry(subject, verb, Event.INTENT, day), run="old")
        yield replace(entry(subject, verb, Event.OUTCOME, day, Result.DONE), run="old")


def nothing_to_do(company: Company) -> float:
    """CPU seconds of a run that finds nothing to do, git's included: the median of a few."""
    found = []
    for _ in range(_RUNS):
        before = _cpu()
        result = company.reconcile()
        assert not result.planned.plan.effects
        found.append(_cpu() - before)
    return statistics.median(found)


def _cpu() -> float:
    both = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in both)


def measured(lines: int) -> tuple[float, float]:
    """CPU seconds of a run with nothing to do, with about 1,000 lines of ledger and with so many."""
    with tempfile.TemporaryDirectory() as folder:
        company = Company.found(Path(folder))
        for number in range(LIVE):
            company.ask(f"db-{number:03}", environment="production")
        company.commit()
        company.reconcile()
        lengthen(company, 1000)
        short = nothing_to_do(company)
        lengthen(company, lines)
        assert company.deps().ledger.head().entries >= lines
        return short, nothing_to_do(company)


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests.ledger.long", description="Measure a run beside a long ledger.")
    parser.add_argument("lines", type=int, nargs="?", default=1_000_000)
    parser.add_argument("--json", action="store_true", help="print the ratio for a program")
    arguments = parser.parse_args()
    cut_off()
    short, long = measured(arguments.lines)
    if arguments.json:
        print(json.dumps({"ratio": long / short}))
        return
    print(f"{LIVE} requests, nothing to do: {short:.3f} s of CPU with about 1,000 lines,")
    print(f"{long:.3f} s with {arguments.lines:,} more: {long / short:.2f} times")


if __name__ == "__main__":
    main()
