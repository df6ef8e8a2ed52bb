"""tarmac check"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tarmac.cli.changes import Changes, changing
from tarmac.cli.fixes import Fixes, fixing
from tarmac.cli.options import now_option, root_option
from tarmac.cli.outputs import Outputs, ReportingCommand, reporting
from tarmac.errors import ExitCode


@click.command(cls=ReportingCommand)
@root_option
@changing
@now_option
@fixing
@reporting
def command(root: Path, now: datetime | None, fix: bool, diff: bool, changes: Changes, outputs: Outputs) -> int:
    """Is the whole repository right?

    Reads every document, checks its form, its references and the rules that policies/ switches on, and says of each
    fault where it stands and what to write instead. Exit code 1 when there is an error among the findings.

    With --base it says, and exits by, only what the change from there brings, and counts the rest. With --fix it first
    mends what needs no judgement; then it says, and exits by, what is left.
    """
    fixes = Fixes.asked(fix, diff, changes.rev)
    changes.look(fix)
    from tarmac.app import wire
    from tarmac.app.report import given
    from tarmac.cli.progress import progress

    terminal = wire.terminal()
    tree, judge = changes.checking(root)
    with progress(terminal.watched) as seen:
        reading, instant = seen.counted(wire.reading()), wire.clock(now).now()
        fixes.mend(root, tree, lambda source: changes.whole(source, reading, instant))
        result = judge(reading, instant)
    fixes.show(outputs)
    outputs.write(given(result, tree), terminal.colour(outputs.colour))
    return ExitCode.VERDICT if result.failed else ExitCode.OK
