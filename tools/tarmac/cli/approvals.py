"""tarmac approvals, and approvals record, genesis"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tarmac.cli.declare import option
from tarmac.cli.options import commit_option, format_option, named_outright, now_option, remote_option, root_option
from tarmac.cli.verbs import Verbs
from tarmac.errors import ExitCode, TarmacError


@click.group(cls=Verbs, invoke_without_command=True)
@root_option
@option("--base", metavar="REV", help="What it is to be merged into; it judges.  [required]")
@option("--head", default="HEAD", show_default=True, metavar="REV", help="What is to be merged.")
@option(
    "--reviews",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The pull request, its reviews and commits as JSON, as GitHub's REST answers have them.  [required]",
)
@now_option
@format_option("text", "json")
@click.pass_context
def command(
    ctx: click.Context,
    root: Path,
    base: str | None,
    head: str,
    reviews: Path | None,
    now: datetime | None,
    form: str,
) -> int:
    """Who must agree to a change, who has, and is that enough?

    Judged by what the base holds: rules, teams, owners, prices, budgets. Files and commits are taken from git; an
    approval counts for the content it was given for. Exit code 0 only when everything is approved, 1 while something
    is missing or somebody asked for changes, 2 or more when that cannot be told.
    """
    if ctx.invoked_subcommand is not None:
        for name in ctx.params:
            if named_outright(name):
                option = {"form": "format"}.get(name, name)
                said = f"--{option} stands before {ctx.invoked_subcommand}, which does not look there: write it behind"
                raise click.UsageError(said, ctx)
        return ExitCode.OK
    if base is None or reviews is None:
        raise click.UsageError(f"Missing option '{'--base' if base is None else '--reviews'}'.", ctx)
    from tarmac.app import wire
    from tarmac.app.approvals import approvals
    from tarmac.model.facts import State
    from tarmac.reports.approvals import APPROVALS, error_report

    try:
        pull = wire.reviews(reviews)
        states = wire.recorded(root)
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


@command.command("record")
@click.argument("commit", metavar="COMMIT")
@option("--reason", required=True, help="Why it came past its approvals, and why it is to stay.")
@root_option
def record_command(commit: str, reason: str, root: Path) -> int:
    """Ask that a commit which came past its approvals be approved.

    Writes a document that names COMMIT. It counts once it is merged by a pull request that brings nothing but records
    and that members of the platform's owner approved, as the commit before COMMIT knows them: two of them where there
    are three or more, and nobody who made COMMIT. Until then reconcile holds what COMMIT brought.
    """
    from tarmac.app import wire
    from tarmac.app.approval_record import draft
    from tarmac.app.proof import evidence
    from tarmac.model.shown import visible

    made = draft(wire.git(root), commit, reason, evidence(wire.proofs(root)))
    wire.write_new(
        root, made.path, wire.render_request(made.document, {"spec.commit": visible(made.commit.subject, 200)})
    )
    click.echo(f"Written: {visible(made.path)}. It counts when it is merged, with its approvals.")
    return ExitCode.OK


@command.command("genesis")
@commit_option
@option("--reason", required=True, help="Why everything up to there is taken as approved.")
@root_option
@remote_option
@now_option
def genesis_command(rev: str, reason: str, root: Path, remote: str | None, now: datetime | None) -> int:
    """Name the commit at which proving begins, once, in the ledger.

    Whoever may push the ledger's branch vouches for everything up to that commit; whatever comes after it is proved.
    """
    from tarmac.app import wire
    from tarmac.app.proof import genesis

    proof = genesis(wire.proving(root, None, remote), rev, reason, wire.clock(now).now())
    click.echo(f"Proving begins after {proof.commits[-1]}.")
    return ExitCode.OK
