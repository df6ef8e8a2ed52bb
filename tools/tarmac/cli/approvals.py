"""tarmac approvals"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tarmac.cli.options import format_option, now_option, root_option
from tarmac.errors import ExitCode, TarmacError


@click.command()
@root_option
@click.option("--base", required=True, metavar="REV", help="What it is to be merged into; it judges.")
@click.option("--head", default="HEAD", show_default=True, metavar="REV", help="What is to be merged.")
@click.option(
    "--reviews",
    required=True,
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The pull request, its reviews and commits as JSON, as GitHub's REST answers have them.",
)
@now_option
@format_option("text", "json")
def command(root: Path, base: str, head: str, reviews: Path, now: datetime | None, form: str) -> int:
    """Who must agree to a change, who has, and is that enough?

    Judged by what the base holds: rules, teams, owners, prices, budgets. Files and commits are taken from git; an
    approval counts for the content it was given for. Exit code 0 only when everything is approved, 1 while something
    is missing or somebody asked for changes, 2 or more when that cannot be told.
    """
    from tarmac.app import wire
    from tarmac.app.approvals import approvals
    from tarmac.model.facts import State
    from tarmac.reports.approvals import APPROVALS, error_report

    try:
        pull = wire.reviews(reviews)
        ledger = wire.ledger(root)
        states = ledger.states(ledger.head()).values()
        instant = wire.clock(now).now()
        decision = approvals(wire.git(root), wire.reading(), base, head, pull, instant, states).decision
    except TarmacError as fault:
        if form == "json":
            click.echo(error_report(str(fault)), nl=False)
        raise
    click.echo(APPROVALS[form](decision), nl=False)
    if decision.state is State.ERROR:
        return ExitCode.USAGE
    return ExitCode.OK if decision.state is State.APPROVED else ExitCode.VERDICT
