"""tarmac ruleset main, ledger"""

from __future__ import annotations

import click

from tarmac.cli.declare import option
from tarmac.cli.verbs import Verbs
from tarmac.errors import ExitCode

_ID = click.IntRange(min=1)


@click.group(cls=Verbs)
def command() -> None:
    """The rulesets to set at GitHub, as JSON for its API."""


@command.command("main")
@option("--app", required=True, type=_ID, metavar="ID", help="The id of the App that publishes reviews.")
@option(
    "--queue",
    type=click.Choice(("merge", "squash", "rebase")),
    metavar="METHOD",
    help="Merge through GitHub's merge queue: merge, squash or rebase.",
)
def main_command(app: int, queue: str | None) -> int:
    """What the default branch asks for: a pull request, and Tarmac's check run by the App and nobody else."""
    from tarmac.reports.ruleset import main_ruleset

    click.echo(main_ruleset(app, queue), nl=False)
    return ExitCode.OK


@command.command("ledger")
@option("--team", required=True, type=_ID, metavar="ID", help="The id of the team that may write to it.")
def ledger_command(team: int) -> int:
    """Who may write to the ledger's branch, which nobody may rewrite or remove."""
    from tarmac.reports.ruleset import ledger_ruleset

    click.echo(ledger_ruleset(team), nl=False)
    return ExitCode.OK
