"""tarmac check"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tarmac.cli.options import now_option, report_option, rev_option, root_option
from tarmac.errors import ExitCode


@click.command()
@root_option
@rev_option
@now_option
@report_option
def command(root: Path, rev: str | None, now: datetime | None, form: str) -> int:
    """Is the whole repository right?

    Reads every document, checks its form, its references and the rules that policies/ switches on, and says of each
    fault where it stands and what to write instead. Exit code 1 when there is an error among the findings.
    """
    from tarmac.app import wire
    from tarmac.app.check import check
    from tarmac.reports import REPORTS

    result = check(wire.source(root, rev), wire.reading(), wire.clock(now).now())
    click.echo(REPORTS[form](result.findings, result.summary()), nl=False)
    return ExitCode.VERDICT if result.failed else ExitCode.OK
