"""Runs `tarmac check` once for each line on standard input, in a fork of a process that has started already.

So what is measured is what a file costs over start-up, and a run that dies takes nothing else with it. A line is JSON,
{"root", "out", "err"}; the answer is {"code" (negative: the signal that ended it), "cpu" (seconds of user and system
time, git's included), "peak" (KiB resident)}.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys

ADDRESS_SPACE = 2 << 30
CPU_SECONDS = 60
NOW = "2026-12-01T06:00:00Z"


def _check(root: str, out: str, err: str) -> None:
    """Ends the process as `tarmac check` does."""
    for name, number in ((out, 1), (err, 2)):
        file = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(file, number)
        os.close(file)
    code = _run(["check", "--root", root, "--format", "json", "--now", NOW])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _run(arguments: list[str]) -> int:
    from tarmac.cli.main import run

    sys.argv = ["tarmac", *arguments]
    return run()


def _measured(root: str, out: str, err: str) -> dict[str, float]:
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        _check(root, out, err)
    _, status, usage = os.wait4(child, 0)
    cpu = usage.ru_utime + usage.ru_stime
    return {"code": os.waitstatus_to_exitcode(status), "cpu": cpu, "peak": usage.ru_maxrss}


def main(warming: str) -> None:
    """`warming` is a repository that check finds something in: so all that a finding needs is loaded."""
    keep = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    _run(["check", "--root", warming, "--format", "json", "--now", NOW])
    sys.stdout.flush()
    os.dup2(keep, 1)
    gc.freeze()
    for line in sys.stdin:
        print(json.dumps(_measured(**json.loads(line))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
