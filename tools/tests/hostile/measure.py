"""Run one command under limits and say how it ended: `measure.py OUT ERR COMMAND...` prints one JSON object.

A process of its own, because the kernel counts the memory of whoever starts a program as the program's until it has
been replaced: from a test run of 200 MB every program seems to need 200 MB.
"""

from __future__ import annotations

import json
import os
import resource
import sys

ADDRESS_SPACE = 2 << 30
CPU_SECONDS = 60


def main(out: str, err: str, command: list[str]) -> None:
    """Print {"code", "signal", "cpu" (seconds, user and system), "peak" (KiB resident)}."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        for name, number in ((out, 1), (err, 2)):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
        os.execv(command[0], command)
    _, status, usage = os.wait4(child, 0)
    code = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    print(json.dumps({"code": code, "signal": max(0, -code), "cpu": cpu, "peak": usage.ru_maxrss}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3:])
