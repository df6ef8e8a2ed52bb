"""`python -m tarmac`, and what `tarmac` runs."""

from __future__ import annotations

import gc
from typing import NoReturn


def start() -> NoReturn:
    """Run one command, and end the process with its exit code."""
    # Documents are trees: the collector of cycles walks all of them again and again, and finds nothing. A command does
    # one thing and ends, so what cycles faults leave behind is little. Off before anything is loaded, as what is
    # loaded stays too.
    gc.disable()
    from tarmac.cli.main import main

    main()


if __name__ == "__main__":
    start()
