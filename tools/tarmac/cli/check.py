"""tarmac check"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tarmac.cli.fixes import Fixes, fixing
from tarmac.cli.options import now_option, rev_option, root_option
from tarmac.cli.outputs import Outputs, ReportingCommand, reporting
from tarmac.errors import ExitCode


@click.command(cls=ReportingCommand)
@root_option
@rev_option
@now_option
@fixing
@reporting
def command(root: Path, rev: str | None, now: datetime | None, fix: bool, diff: bool, outputs: Outputs) -> int:
    """Is the whole repository right?

    Reads every document, checks its form, its references and the rules that policies/ switches on, and says of each
    fault where it stands and what to write instead. Exit code 1 when there is an error among the findings.

    With --fix it first mends what needs no judgement; then it says, and exits by, what is left.
    """
    fixes = Fixes.asked(fix, diff, rev)
    from tarmac.app import wire
    from tarmac.app.check import check
    from tarmac.app.report import given
    from tarmac.cli.progress import progress

    terminal = wire.terminal()
    tree = wire.source(root, rev)
    with progress(terminal.watched) as seen:
        reading, instant = seen.counted(wire.reading()), wire.clock(now).now()
        fixes.mend(root, tree, lambda source: check(source, reading, instant))
        result = check(tree, reading, instant)
    fixes.show(outputs)
    outputs.write(given(result, tree), terminal.colour(outputs.colour))
    return ExitCode.VERDICT if result.failed else ExitCode.OK
