"""tarmac check"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tarmac.cli.options import now_option, rev_option, root_option
from tarmac.cli.outputs import Outputs, ReportingCommand, reporting
from tarmac.errors import ExitCode


@click.command(cls=ReportingCommand)
@root_option
@rev_option
@now_option
@reporting
def command(root: Path, rev: str | None, now: datetime | None, outputs: Outputs) -> int:
    """Is the whole repository right?

    Reads every document, checks its form, its references and the rules that policies/ switches on, and says of each
    fault where it stands and what to write instead. Exit code 1 when there is an error among the findings.
    """
    from tarmac.app import wire
    from tarmac.app.check import check
    from tarmac.app.report import given
    from tarmac.cli.progress import progress

    terminal = wire.terminal()
    tree = wire.source(root, rev)
    with progress(terminal.watched) as seen:
        result = check(tree, seen.counted(wire.reading()), wire.clock(now).now())
    outputs.write(given(result, tree), terminal.colour(outputs.colour))
    return ExitCode.VERDICT if result.failed else ExitCode.OK
