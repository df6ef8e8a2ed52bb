"""tarmac scorecard"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tarmac.cli.declare import Command
from tarmac.cli.options import format_option, now_option, rev_option, root_option
from tarmac.errors import ExitCode


@click.command(cls=Command)
@click.argument("ref", required=False)
@root_option
@rev_option
@now_option
@format_option("text", "json")
def command(ref: str | None, root: Path, rev: str | None, now: datetime | None, form: str) -> int:
    """How far are we?

    Measures every service by the scorecards in policies/, and shows the organisation, its teams and its services. REF
    narrows it to a team, to one service with all its rules, or to one scorecard. Any commit can be measured (--rev).
    """
    from tarmac.app import wire
    from tarmac.app.scorecard import show
    from tarmac.reports import scorecard_json, scorecard_text

    view = show(wire.source(root, rev), wire.reading(), wire.clock(now).now(), ref, wire.history(root, rev))
    click.echo({"text": scorecard_text, "json": scorecard_json}[form].report(view), nl=False)
    return ExitCode.OK
